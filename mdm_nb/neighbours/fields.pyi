"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
from functools import cache
from torch import Tensor
from ..gaussians.core import Randomness
from typing import Any

__all__ = [
    "COSMOLOGIES", "FIDUCIAL", "Box", "bbks_power", "GaussianField", "LogNormalField"
]
class Box:
    """The uniform law on a box, and the map of all space onto it."""
    low: Any
    high: Any
    def __init__(self, low: Sequence[float], high: Sequence[float]) -> None: ...
    def check(self, theta: Tensor) -> Tensor:
        """The parameters; `InputError` unless they lie in the box."""
    def sample(self, n: int, generator: Randomness = None) -> Tensor:
        """Independent draws."""
    def from_free(self, q: Tensor) -> tuple[Tensor, Tensor]:
        """θ = a + (b − a) sigmoid(q), and log of the uniform law as a density of q."""
    def to_free(self, theta: Tensor) -> Tensor:
        """The numbers that `from_free` takes to θ."""
    def near(self, centre: Tensor, reach: Tensor) -> Box:
        """The part of the box that is within reach."""
COSMOLOGIES: Any
FIDUCIAL: tuple[float, float]
def _transfer(q: Tensor) -> Tensor: ...
@cache
def _ball() -> tuple[Tensor, Tensor]: ...
def _shape(k: Tensor, theta: Tensor, n_s: float, h: float) -> Tensor: ...
def bbks_power(k: Tensor, theta: Tensor, n_s: float = 0.96, h: float = 0.7) -> Tensor:
    """The power spectrum of cold dark matter (Bardeen et al. 1986)."""
class GaussianField:
    """Periodic Gaussian maps of N × N pixels with the spectrum of cold dark matter."""
    n: int
    side: float
    prior: Box
    shape: tuple[int, int, int]
    shell: Any
    count: Any
    k: Any
    scale: float
    def __init__(self, n: int = 32, side: float = 400.0, prior: Box = ...) -> None: ...
    def spectrum(self, theta: Tensor) -> Tensor:
        """The variance of a wave in each of the U shells."""
    def mean(self, theta: Tensor) -> Tensor:
        """The expected value of a pixel, as a network is shown it: zero."""
    def filtered(self, x: Tensor, gain: Tensor) -> Tensor:
        """A map with every wave made stronger or weaker."""
    def power(self, x: Tensor) -> Tensor:
        """The sum of |x̃|² over the waves of each shell."""
    def _check(self, x: Tensor) -> None: ...
    def encode(self, x: Tensor) -> Tensor:
        """What a network is shown of a map: the map."""
    def decode(self, g: Tensor) -> Tensor:
        """The map that is shown as g."""
    def log_slope(self, x: Tensor) -> Tensor:
        """log of the Jacobian of `encode`."""
    def sample(self, n: int, theta: Tensor, generator: Randomness = None) -> Tensor:
        """Draw maps: white noise, whose waves are given their strength."""
    def log_prob(self, x: Tensor, theta: Tensor, noise_std: float = 0.0) -> Tensor:
        """The exact log-density of maps."""
    def fisher(self, theta: Tensor) -> Tensor:
        """The Fisher information that one map has about θ."""
def _per_map(c: Tensor) -> Tensor: ...
class LogNormalField(GaussianField):
    """Density contrasts δ = exp(g − v/2) − 1 of a Gaussian field g of pixel variance v."""
    def mean(self, theta: Tensor) -> Tensor:
        """−v/2, where v is the mean of λ over waves."""
    def encode(self, x: Tensor) -> Tensor:
        """log(1 + δ); `InputError` for contrasts of −1 and less."""
    def decode(self, g: Tensor) -> Tensor:
        """exp(g) − 1."""
    def log_slope(self, x: Tensor) -> Tensor:
        """−Σ log(1 + δ)."""
