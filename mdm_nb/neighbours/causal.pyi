"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
from torch import Tensor
from torch import nn
from ..bounds.bound import Bound
from ..bounds.discretize import Discretization
from mdm_nb.gaussians.core import Randomness
from ..models.model import Diffusion
from ..models.pyramid import Pyramid
from .scm import SCM
from ..processes.process import Process
from typing import Any

__all__ = [
    "OBJECTIVES", "READS", "TARGETS", "UNTOLD", "CausalEncoder", "CodedUNet", "noise_kl",
    "label_nats", "CausalModel"
]
def with_places(x: Tensor) -> Tensor:
    """The images, and on two more channels where each pixel lies, from −1 to 1."""
class CausalEncoder(nn.Module):
    """Reads factors off a picture: a mean and a variance of every number."""
    shape: Any
    factors: int
    d: int
    features: nn.Sequential
    numbers: Any
    def __init__(
        self,
        factors: int = 4,
        d: int = 4,
        shape: Sequence[int] = (3, 32, 32),
        width: int = 16,
    ) -> None: ...
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of every number."""
    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of every number."""
def code_of(z: Tensor, known: Tensor | None = None) -> Tensor:
    """What the network is told: the factors and a one, or zeros."""
def _sketcher(code: int, drawn: int) -> nn.Sequential:
    """Draws a sketch from a code: three layers at a quarter of 16 pixels, then twice as many."""
class CodedUNet(nn.Module):
    """A `Pyramid` at half the resolution, shown where pixels lie, and told a code or none."""
    code: int
    network: Pyramid
    sketch: Any
    def __init__(
        self,
        code: int = 17,
        channels: int = 3,
        width: int = 24,
        mult: tuple[int, ...] = (1, 2),
        blocks: int = 1,
        drawn: int = 0,
    ) -> None: ...
    def forward(self, z: Tensor, g: Tensor, latent: Tensor | None = None) -> Tensor:
        """Predict from a noisy image, its noise level and perhaps its code."""
    def __call__(self, z: Tensor, g: Tensor, latent: Tensor | None = None) -> Tensor:
        """Predict from a noisy image, its noise level and perhaps its code."""
def noise_kl(mu: Tensor, v: Tensor) -> Tensor:
    """KL(N(μ, diag v) ‖ N(0, I))."""
def label_nats(z: Tensor, y: Tensor, std: float = 0.1) -> Tensor:
    """Σ_i ‖z_i − y_i 1‖² / 2ς² + ½ log(2πς²/d), which is at least −log p(y|z)."""
OBJECTIVES: tuple[str, str]
READS: tuple[str, str]
TARGETS: tuple[str, str]
UNTOLD: tuple[str, str]
class CausalModel(nn.Module):
    """An encoder of causes and a diffusion that paints them (after Komanduri et al. 2024)."""
    encoder: CausalEncoder
    scm: SCM
    diffusion: Diffusion
    objective: str
    reads: str
    share: float
    std: float
    weight: float
    hidden: float
    target: str
    untold: str
    def __init__(
        self,
        encoder: CausalEncoder,
        scm: SCM,
        network: nn.Module,
        process: Process | None = None,
        objective: str = 'paper',
        reads: str = 'causes',
        std: float = 0.1,
        weight: float = 0.001,
        hidden: float = 0.1,
        share: float = 0.001,
        levels: Discretization | None = None,
        target: str = 'eps',
        untold: str = 'hidden',
    ) -> None: ...
    def _numbers(self, images: Tensor) -> Tensor: ...
    def read(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """What the picture says about its causes."""
    def draw(
        self,
        images: Tensor,
        labels: Tensor | None = None,
        generator: Randomness = None,
        share: float = 1.0,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A draw of z from q, and what that draw and the labels cost."""
    def noise_error(self, images: Tensor, code: Tensor, generator: Randomness = None) -> Tensor:
        """‖ε − ε̂‖² over pixels at a uniform time, or ‖v − v̂‖² if that is the target."""
    def terms(
        self,
        images: Tensor,
        labels: Tensor | None = None,
        known: Tensor | None = None,
        generator: Randomness = None,
        hidden: float | None = None,
    ) -> dict[str, Tensor]:
        """What the objective is made of, for each picture: zero for what is not known of it."""
    def loss(
        self,
        images: Tensor,
        labels: Tensor | None = None,
        known: Tensor | None = None,
        generator: Randomness = None,
    ) -> Tensor:
        """The objective, ready for `backward`; `bound` in nats per number of the picture."""
    def bound(
        self,
        images: Tensor,
        labels: Tensor | None = None,
        times: int = 1,
        generator: Randomness = None,
    ) -> Bound:
        """The diffusion's bound given a draw of z, and what the draw and the labels cost."""
