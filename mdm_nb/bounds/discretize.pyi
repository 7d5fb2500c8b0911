"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from torch import Tensor
from ..gaussians.core import Randomness
from typing import Any
from typing import ClassVar

__all__ = [
    "Discretization", "Continuous"
]
@dataclass(frozen=True)
class Discretization:
    """Levels 0 … levels−1 at the centres x_k = low + Δ(k + ½) of equal bins of width Δ."""
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
    def check(self, k: Tensor) -> None:
        """Raise `InputError` unless `k` holds whole numbers between 0 and levels − 1."""
    def encode(self, k: Tensor) -> Tensor:
        """The position x_k of each level."""
    def nearest(self, x: Tensor) -> Tensor:
        """The level whose bin holds x; positions beyond the edges go to the outermost level."""
    def _reach(self, std: float) -> int:
        """Levels on either side with exp(−(r²+r)Δ²/2s²) ≥ 2⁻⁵³, that is r²+r ≤ 74 s²/Δ²."""
    def _near(self, centre: Tensor, std: float) -> Tensor:
        """The levels within reach, `(*, 2r+1)`; all levels, `(levels,)`, where those would be
        more."""
    def _window(self, centre: Tensor, std: Tensor | float) -> tuple[Tensor, Tensor]:
        """The levels around each position and their logits, both `(*, 2r+1)` or `(*, levels)`."""
    def log_prob(self, k: Tensor, centre: Tensor, std: Tensor | float) -> Tensor:
        """p(k | z_0) ∝ exp(−½ (z_0/α_0 − x_k)²/std²) over the levels (Kingma et al. 2021, §3.3)."""
    def decode(
        self,
        centre: Tensor,
        std: Tensor | float,
        generator: Randomness = None,
    ) -> Tensor:
        """The data that a latent stands for: the decoder's mode, or a draw from it."""
    @property
    def gamma_0(self) -> float:
        """The γ at which half a bin is 3.0187 standard deviations of noise: −13.3 if Δ = 1/128."""
    @property
    def gamma_1(self) -> float:
        """The γ at which the widest level is as faint as ±1 is at γ = 5, and never less than 5."""
    @property
    def frequencies(self) -> tuple[float, float]:
        """Fourier features that tell neighbouring levels apart: periods of two bins and of one."""
    def dequantise(
        self,
        k: Tensor,
        std: float | Tensor | None = None,
        generator: Randomness = None,
    ) -> tuple[Tensor, Tensor]:
        """Spread each level over its bin."""
    def bits_per_dim(self, log_p: Tensor, log_q: Tensor, dims: int) -> Tensor:
        """(log q − log p) / (d ln 2), or −log (1/K) Σ p/q for K draws (Burda et al. 2016)."""
    @property
    def offset(self) -> float:
        """What a density of uniformly dequantised x must be charged per dimension: −log2 Δ."""
def _width(centre: Tensor, std: Tensor | float) -> Tensor:
    """The width of a decoder, in float64, or `InputError` if no law about `centre` has it."""
def _check_centre(centre: Tensor, data: Tensor) -> None: ...
def _checked_std(std: float | Tensor, k: Tensor) -> Tensor: ...
@dataclass(frozen=True)
class Continuous:
    """Real-valued data: the decoder is N(z_0/α_0, σ_0²/α_0²), the bound is in nats, not bits."""
    levels: ClassVar[None]
    gamma_0: ClassVar[float]
    gamma_1: ClassVar[float]
    frequencies: ClassVar[tuple[Any, ...]]
    def check(self, x: Tensor) -> None:
        """Raise `InputError` unless `x` holds real numbers, all finite."""
    def encode(self, x: Tensor) -> Tensor:
        """The data themselves."""
    def log_prob(self, x: Tensor, centre: Tensor, std: Tensor | float) -> Tensor:
        """The normal log-density of x about z_0/α_0."""
    def decode(
        self,
        centre: Tensor,
        std: Tensor | float,
        generator: Randomness = None,
    ) -> Tensor:
        """The decoder's mean, or a draw from it."""
