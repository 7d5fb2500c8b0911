"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import numpy as np
from torch import Tensor
from typing import Any

__all__ = [
    "Matrix", "Kernel", "kernel", "reached", "check_controllable", "check_stable", "mix", "inverse",
    "root"
]
@dataclass(frozen=True, eq=False)
class Kernel:
    """A Gaussian transition `y_t | y_0 ~ N(Phi y_0, L Lᵀ)`, one for every time, in float64."""
    Phi: Tensor
    L: Tensor
    @property
    def Sigma(self) -> Tensor:
        """The covariance."""
    @property
    def logdet(self) -> Tensor:
        """log det Σ."""
    @property
    def gain(self) -> Tensor:
        """L⁻¹f for f = Phi[:, 0]: how far one unit of x moves the state, in standard deviations of
        its noise."""
    @property
    def gamma(self) -> Tensor:
        """−log fᵀΣ⁻¹f, minus the log signal-to-noise ratio of x in the whole state."""
Matrix = Tensor | np.ndarray
def _series(A: Matrix, N: Matrix, terms: int) -> tuple[list[Matrix], list[Matrix]]:
    """Derivatives of Phi and of Σ at the start, from the first on."""
def _doubled(Phi: Matrix, Sigma: Matrix, times: int) -> tuple[tuple[Matrix, ...], ...]:
    """Phi and Σ after 1, 2, 4, ..., 2^(times − 1) steps, from those after one."""
def _twice(Phi: Matrix, Sigma: Matrix) -> tuple[Matrix, Matrix]: ...
def _check_square(**matrices: Tensor) -> None: ...
def _check_shapes(A: Tensor, N: Tensor, tau: Tensor) -> None: ...
def _check_values(A: np.ndarray, N: np.ndarray) -> None: ...
def _check_times(tau: Tensor) -> None: ...
class _Exact:
    """Phi and Σ of a system after 1, 2, 4, ... units of time, computed in 38 digits, each rounded
    once, and made when they are first asked for."""
    last: tuple[Any, Any]
    table: list[Any]
    def __init__(
        self,
        A: tuple[float, ...],
        N: tuple[float, ...],
        shape: tuple[int, ...],
        terms: int,
    ) -> None: ...
    def __call__(self, times: int) -> np.ndarray: ...
def _rounded(*pair: np.ndarray) -> np.ndarray: ...
@contextmanager
def _digits() -> Iterator[None]: ...
_exact: Any
def _kron(X: Tensor, Y: Tensor) -> Tensor: ...
def _rows(A: Tensor, N: Tensor, terms: int) -> Tensor:
    """Taylor terms of Phi − I and of Σ after one unit of time, each a row, shape `(2, ..., terms,
    K²)`."""
def _learned(M: Tensor) -> bool: ...
def _tables(A: Tensor, N: Tensor, terms: int, times: int) -> tuple[Tensor, Tensor]:
    """The terms of both series, and Phi and Σ after 1, 2, 4, ... units of time; on the CPU, where
    small matrices are at home."""
def _step(A: Tensor, tau: Tensor) -> tuple[float, int]:
    """A power of two h with ‖A‖h ≤ 1/4, and how many binary digits, at least one, the longest time
    has in front of the point, in units of h."""
def _powers(u: Tensor, terms: int) -> Tensor:
    """u, u², u³, ... along a new last axis, by doubling their number."""
def _moments(A: Tensor, N: Tensor, tau: Tensor) -> tuple[Tensor, Tensor]:
    """Phi and Σ: the series at the fractional part of tau/h, then one composition for every binary
    digit of the whole part."""
def _factor(Sigma: Tensor) -> Tensor: ...
def _add_initial(L: Tensor, Phi: Tensor, V0: Tensor) -> Tensor: ...
def _initial(V0: Tensor, A: Tensor) -> Tensor | None: ...
def kernel(A: Tensor, N: Tensor, tau: Tensor | float, V0: Tensor | None = None) -> Kernel:
    """The exact kernel of dy = A y dτ + G dW: a Taylor series, compositions for the binary digits
    of tau, and one QR for the initial variance."""
def reached(A: Tensor, N: Tensor) -> Tensor:
    """An orthonormal basis of the directions that noise reaches."""
def check_controllable(A: Tensor, N: Tensor) -> None:
    """Raise `InputError` unless the noise reaches every direction of the state: N, AN, A²N, ...
    together have rank K (Kalman)."""
def check_stable(A: Tensor) -> None:
    """Raise `InputError` unless every eigenvalue of A has a negative real part, so that the state
    forgets where it began."""
def mix(M: Tensor, y: Tensor) -> Tensor:
    """Let small matrices act on the block axis. One block has no block axis."""
def inverse(L: Tensor) -> Tensor:
    """L⁻¹, for applying to blocks with `mix`."""
def root(N: Tensor) -> Tensor:
    """The symmetric square root."""
