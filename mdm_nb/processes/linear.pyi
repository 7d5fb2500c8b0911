"""Written by tools/stubs.py: do not edit."""
from functools import lru_cache
from torch import Tensor
from ..gaussians.core import Randomness
from .lyapunov import Kernel
from .lyapunov import System
from .process import Process
from .process import Time
from .schedule import Schedule
from typing import Any

__all__ = [
    "MDM"
]
def _square(name: str, value: object, K: int | None = None) -> Tensor: ...
def _skew(Q: object) -> Tensor: ...
def _semidefinite(name: str, value: object, K: int, definite: bool = False) -> Tensor: ...
def _start(V0: object, K: int) -> Tensor: ...
class MDM(Process):
    """The complete recipe, dy = −(D + Q) S⁻¹ y dτ + √(2D) dW, τ = τ(t) (Singhal et al. 2023)."""
    Q_0: Tensor
    D_0: Tensor
    S: Tensor
    V0: Tensor
    known: System | None = None
    rates: tuple[float, float]
    _heads: Any
    def __init__(
        self,
        Q: object,
        D: object,
        S: object = None,
        V0: object = None,
        clock: Schedule | None = None,
    ) -> None: ...
    def _store(self, Q: Tensor, D: object, S: object, V0: object) -> None: ...
    def matrices(self) -> tuple[Tensor, Tensor]:
        """Q and D; a subclass that learns them computes them here."""
    def system(self) -> tuple[Tensor, Tensor]:
        """A = −(D + Q) S⁻¹ and N = 2D, per unit of τ."""
    def _place(self, clock: Schedule | None) -> None: ...
    @property
    def heads(self) -> int:
        """Trailing blocks from the first that has noise of its own."""
    @classmethod
    def from_drift(
        cls,
        A: object,
        N: object,
        V0: object = None,
        clock: Schedule | None = None,
    ) -> MDM:
        """Completeness: S solves A S + S Aᵀ + N = 0, D = N/2 and Q = −(A S + D)."""
    def tau(self, t: Time) -> Tensor:
        """Elapsed time on the process's own clock."""
    def tables(self) -> System:
        """Tables for all times of the clock."""
    def kernel(self, t: Time) -> Kernel:
        """The hybrid kernel, y_t given x with the auxiliary blocks averaged over."""
    def gamma(self, t: Time) -> Tensor:
        """The noise level of the whole state."""
    def sharp(self, t: Time) -> Kernel:
        """The law of y_t given the whole of y_0."""
    def transition(self, s: Time, t: Time) -> Kernel:
        """The law of y_t given the whole of y_s."""
    def law(self, t: Tensor) -> tuple[Kernel, Tensor, Tensor]:
        """The kernel, and A and N per unit of t: the clock's speed times A and N."""
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[MDM, dict[str, Tensor]]:
        """The process by the clock of some examples, with its tables; and what the clock costs."""
    def log_tau(self, gamma: float) -> float:
        """The reading of the clock at which γ is reached, by bisection: an endpoint for a new
        clock."""
    def times(self, u: Tensor, kind: str = 'v') -> tuple[Tensor, Tensor]:
        """Times in proportion to an untrained network's integrand: even in F for "noise", else in
        γ."""
    def readings(self) -> dict[str, float]:
        """γ and log τ at both ends, the entries of Q and D, and the eigenvalues of A."""
def drift_and_noise(Q: Tensor, D: Tensor, factor: Tensor) -> tuple[Tensor, Tensor]:
    """A = −(D + Q) S⁻¹ and N = 2D."""
@lru_cache(maxsize=64)
def _integral(numbers: tuple[tuple[float, ...], ...], noise: bool) -> tuple[Tensor, Tensor]:
    """Readings of the clock from end to end, and F there, scaled to run from 0 to 1."""
