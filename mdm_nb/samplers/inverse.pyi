"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..processes.process import Time
from typing import Any

__all__ = [
    "LinearMap", "COVARIANCES", "Measured", "mean_pool", "gaussian_blur", "masked"
]
LinearMap = Callable[[Tensor], Tensor]
def solve(times: LinearMap, b: Tensor, iterations: int, tolerance: float = 1e-09) -> Tensor:
    """Conjugate residuals, for every example by itself (Eisenstat, Elman and Schultz 1983)."""
def at_most_fitting(step: Tensor, seen: Tensor, miss: Tensor) -> Tensor:
    """A step, cut where it fits best: λ ≤ 1 times it, with the least ‖miss − λ seen‖."""
COVARIANCES: tuple[str, ...]
class Measured(Denoiser):
    """x̂ + C Hᵀ V⁻¹ (m − H x̂), V = ρ² I + H Ĉ Hᵀ: another denoiser that is told m = H x +
    noise."""
    per_example: tuple[str]
    base: Denoiser
    H: LinearMap
    std: float
    m: Any
    covariance: str
    variance: float
    iterations: int
    def __init__(
        self,
        base: Denoiser,
        m: Tensor,
        H: LinearMap,
        std: float = 0.0,
        covariance: str = 'identity',
        variance: float = 1.0,
        iterations: int = 5,
    ) -> None: ...
    def _check_map(self, x: Tensor, seen: Tensor) -> None: ...
    def _back(self, x: Tensor) -> LinearMap: ...
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """x̂ after a Kalman step."""
def mean_pool(factor: int) -> LinearMap:
    """The mean of every square block: (B, C, H, W) to (B, C, H / factor, W / factor)."""
def gaussian_blur(std: float) -> LinearMap:
    """The Gaussian mean of the pixels around each, up to three standard deviations away."""
def masked(mask: Tensor) -> LinearMap:
    """What is measured, in a row: `(B, *shape)` to `(B, n)`."""
