"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
import torch
from torch import Tensor
from typing import Any

__all__ = [
    "Discretization", "Continuous"
]
@dataclass(frozen=True)
class Discretization:
    """Levels k = 0 … levels−1 placed at the centres x_k = low + Δ(k + ½) of equal bins of width
    Δ."""
    levels: int = 256
    low: float = -1.0
    high: float = 1.0
    def __post_init__(self) -> None: ...
    @property
    def delta(self) -> float:
        """Width of a bin."""
    @property
    def centres(self) -> Tensor:
        """The positions x_k of the levels."""
    def check(self, k: Tensor) -> Tensor:
        """Raise `InputError` unless `k` holds whole numbers between 0 and levels − 1."""
    def encode(self, k: Tensor) -> Tensor:
        """The position x_k of each level."""
    def nearest(self, x: Tensor) -> Tensor:
        """The level whose bin holds x; positions beyond the edges go to the outermost level."""
    def _reach(self, std: float) -> int: ...
    def _window(self, centre: Tensor, std: Tensor | float) -> tuple[Tensor, Tensor]:
        """The levels around each position and their logits, both `(*, 2r+1)`; all levels where the
        window would hold more."""
    def log_prob(self, k: Tensor, centre: Tensor, std: Tensor | float) -> Tensor:
        """Decoder p(k | z_0) ∝ exp(−½ (z_0/α_0 − x_k)²/std²), normalised over the levels (Kingma et
        al. 2021, Section 3.3)."""
    def decode(
        self,
        centre: Tensor,
        std: Tensor | float,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """The data that a latent stands for: the decoder's mode, or a draw from it."""
    @property
    def gamma_0(self) -> float:
        """The γ at which half a bin is 3.0187 standard deviations of the decoder's noise: −13.3 for
        256 levels on [−1, 1]."""
    @property
    def gamma_1(self) -> float:
        """The γ at which the widest level is as faint as ±1 is at γ = 5, and never less than 5."""
    @property
    def frequencies(self) -> tuple[float, float]:
        """Fourier features that tell neighbouring levels apart: periods of two bins and of one."""
    def dequantise(
        self,
        k: Tensor,
        std: float | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Spread each level over its bin."""
    def bits_per_dim(self, log_p: Tensor, log_q: Tensor, dims: int) -> Tensor:
        """(log q − log p) / (d ln 2); K draws are importance weighted, −log (1/K) Σ p/q, which
        tightens the bound (Burda et al. 2016)."""
    @property
    def offset(self) -> float:
        """What a density of uniformly dequantised x must be charged to become bits per dimension:
        −log2 Δ."""
@dataclass(frozen=True)
class Continuous:
    """Real-valued data: the decoder is N(z_0/α_0, σ_0²/α_0²), the bound is on a log-density in
    nats, and there are no bits per dimension."""
    levels: None
    gamma_0: float
    gamma_1: float
    frequencies: tuple[Any, ...]
    def encode(self, x: Tensor) -> Tensor:
        """The data themselves."""
    def log_prob(self, x: Tensor, centre: Tensor, std: Tensor | float) -> Tensor:
        """The normal log-density of x about z_0/α_0."""
    def decode(
        self,
        centre: Tensor,
        std: Tensor | float,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """The decoder's mean, or a draw from it."""
