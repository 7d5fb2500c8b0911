"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
import torch
from torch import Tensor
from ..gaussians.gaussian import Kernel

__all__ = [
    "kernel", "check_controllable", "check_stable", "mix"
]
def _unit(A: Tensor, longest: float) -> tuple[float, int]:
    """A power of two h with ‖A‖h ≤ 1/4, and the binary digits that the longest time / h needs."""
def _powers(u: Tensor, terms: int) -> Tensor:
    """u, u², u³, ... along a new last axis, by doubling their number."""
def _digits(whole: Tensor, times: int) -> tuple[Tensor, ...]:
    """Which binary digits of whole numbers are 1, lowest first, each of shape `(..., 1, 1)`."""
@dataclass(frozen=True, eq=False)
class System:
    """A linear system with its tables: what all its kernels have in common."""
    A: Tensor
    N: Tensor
    V0: Tensor | None
    h: float
    rows: Tensor
    table: Tensor
    starts: tuple[int, ...]
    numbers: tuple[tuple[float, ...], ...]
    @classmethod
    def of(cls, A: Tensor, N: Tensor, readings: Tensor, V0: Tensor | None = None) -> System:
        """Make the tables; the only time that a GPU is waited for."""
    def kernel(self, tau: Tensor, sharp: bool = False) -> Kernel:
        """The kernel at some times, from the tables."""
def _moments(system: System, tau: Tensor) -> tuple[Tensor, Tensor]:
    """Phi and Σ: the series for the fraction of tau / h, then a composition per binary digit."""
def _factor(Sigma: Tensor) -> Tensor: ...
def _add_initial(system: System, L: Tensor, Phi: Tensor) -> Tensor: ...
def _initial_variances(V0: Tensor, A: Tensor) -> Tensor: ...
def _check_square(**matrices: Tensor) -> None: ...
def _fits(batch: torch.Size, tau: Tensor) -> bool: ...
def _check_shapes(A: Tensor, N: Tensor, tau: Tensor) -> None: ...
def _check_times(tau: Tensor) -> None: ...
def kernel(A: Tensor, N: Tensor, tau: Tensor | float, V0: Tensor | None = None) -> Kernel:
    """The exact kernel of dy = A y dτ + G dW: series, compositions, and a QR if V0 is given."""
def reached(A: Tensor, N: Tensor) -> Tensor:
    """A basis of the directions that noise reaches: the range of N, AN, A²N, ... (Kalman)."""
def check_controllable(A: Tensor, N: Tensor) -> None:
    """Raise `InputError` unless the noise reaches every direction of the state (Kalman)."""
def check_stable(A: Tensor) -> None:
    """Raise `InputError` unless all eigenvalues of A have negative real parts: y must forget."""
def _check_blocks(M: Tensor, y: Tensor) -> None: ...
def mix(M: Tensor, y: Tensor) -> Tensor:
    """Let small matrices act on the block axis. One block has no block axis."""
def inverse(L: Tensor) -> Tensor:
    """L⁻¹, for applying to blocks with `mix`."""
def root(N: Tensor) -> Tensor:
    """The symmetric square root."""
