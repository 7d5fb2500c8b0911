"""Written by tools/stubs.py: do not edit."""
from collections.abc import Mapping
from typing import NamedTuple
import numpy as np
from torch import Tensor
from ..gaussians.core import Randomness
from .causal import CausalEncoder
from .counterfactual import CausalDiffAE

__all__ = [
    "DCI", "dci_of", "dci", "Effect", "taught_reader", "readings", "pixel_distance",
    "effectiveness", "psnr", "composition", "reversibility"
]
class DCI(NamedTuple):
    """How well the numbers of a code and the factors of a picture belong together."""
    disentanglement: float
    completeness: float
    informativeness: float | None
def _concentrated(weights: np.ndarray) -> np.ndarray: ...
def dci_of(importance: np.ndarray, informativeness: float | None = None) -> DCI:
    """Disentanglement and completeness of a table of importances (Eastwood and Williams 2018)."""
def dci(code: Tensor, labels: Tensor, trees: int = 60, seed: int = 0) -> DCI:
    """Ask gradient-boosted trees what they rely on; half of the pictures train, half test."""
class Effect(NamedTuple):
    """How far what is read off pictures is from what it should be, factor by factor."""
    factors: tuple[float, ...]
    before: tuple[float, ...]
    pixels: float
    pixels_before: float
def taught_reader(
    images: Tensor,
    labels: Tensor,
    steps: int = 1500,
    seed: int = 0,
) -> CausalEncoder:
    """A network that reads labels off pictures, in its means."""
def readings(reader: CausalEncoder, images: Tensor) -> Tensor:
    """The labels that it reads."""
def pixel_distance(a: Tensor, b: Tensor) -> float:
    """Mean absolute difference of pixels, from −1 to 1."""
def effectiveness(
    reader: CausalEncoder,
    answers: Tensor,
    before: Tensor,
    truth: Tensor,
    labels: Tensor,
) -> Effect:
    """How far the answers are from the truth, and how far the pictures were before."""
def psnr(a: Tensor, b: Tensor) -> float:
    """Peak signal-to-noise ratio, 10 log₁₀(255² / mse)."""
def composition(
    model: CausalDiffAE,
    images: Tensor,
    steps: int = 40,
    abduct: str = 'invert',
    generator: Randomness = None,
) -> float:
    """What is left of a picture if nothing is asked: PSNR of the answer to it."""
def reversibility(
    model: CausalDiffAE,
    images: Tensor,
    there: Mapping[str, Tensor | float],
    back: Mapping[str, Tensor | float],
    steps: int = 40,
) -> float:
    """Ask for something, then for what was: PSNR to the picture."""
