"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
import torch
from torch import Tensor
from ..gaussians.core import Randomness

__all__ = [
    "relaxed", "sum_of_gamma", "released_kl", "Normal"
]
def relaxed(logits: Tensor, noise: Tensor | float, k: int, eps: float = 0.001) -> Tensor:
    """The top k of perturbed logits; backwards, these centred and divided by their length."""
def sum_of_gamma(
    shape: tuple[int, ...],
    k: int,
    tau: float = 10.0,
    terms: int = 10,
    released: bool = False,
    generator: Randomness = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Noise of which k copies add up to nearly a Gumbel variable (Niepert et al. 2021)."""
def _gamma(shape: tuple[int, ...], order: float, generator: Randomness) -> Tensor: ...
def released_kl(logits: Tensor) -> Tensor:
    """Σ q (ln q + ln m) for q = softmax: KL of one-hot choices, as MuLAN's released code has it."""
@dataclass(frozen=True, eq=False)
class Normal:
    """Normal laws with independent components, one or a batch."""
    mean: Tensor
    raw: Tensor
    def __post_init__(self) -> None: ...
    @property
    def variance(self) -> Tensor:
        """softplus(raw)."""
    def kl_standard(self) -> Tensor:
        """KL from this law to the standard normal one."""
    def rsample(self, shape: tuple[int, ...] = (), generator: Randomness = None) -> Tensor:
        """Draw μ + √v ε, with the exact gradient of a draw."""
