"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
import numpy as np
import torch
from torch import Tensor
from typing import Any

__all__ = [
]
Matrix = Tensor | np.ndarray
def moment_series(A: Matrix, N: Matrix, terms: int) -> tuple[list[Matrix], list[Matrix]]:
    """Derivatives of Phi and of Σ at the start, from the first on."""
def _twice(Phi: Matrix, Sigma: Matrix) -> tuple[Matrix, Matrix]: ...
def doublings(Phi: Matrix, Sigma: Matrix, times: int) -> tuple[tuple[Matrix, ...], ...]:
    """Phi and Σ after 1, 2, 4, ..., 2^(times − 1) steps."""
def check_system(A: np.ndarray, N: np.ndarray) -> None:
    """Raise `InputError` unless both are finite and N is symmetric positive semidefinite."""
@contextmanager
def _digits() -> Iterator[None]: ...
def _decimals(numbers: tuple[float, ...], shape: tuple[int, ...]) -> np.ndarray: ...
def _summed(derivatives: list[np.ndarray]) -> np.ndarray:
    """The Taylor series after one unit of time."""
def _rounded(Phi: np.ndarray, Sigma: np.ndarray) -> np.ndarray: ...
class DecimalTable:
    """Phi and Σ after 1, 2, 4, ... units of time in 38 digits, rounded once, made on demand."""
    longest: tuple[Any, Any]
    entries: list[Any]
    def __init__(
        self,
        A: tuple[float, ...],
        N: tuple[float, ...],
        shape: tuple[int, ...],
        terms: int,
    ) -> None: ...
    def __call__(self, times: int) -> np.ndarray:
        """The first entries of the table."""
decimal_table: Any
def kron(X: Tensor, Y: Tensor) -> Tensor:
    """Kronecker products X ⊗ Y."""
def _rows(A: Tensor, N: Tensor, terms: int) -> Tensor:
    """Taylor terms of Phi − I and of Σ after one unit of time, as rows `(2, ..., terms, K²)`."""
def _learned(M: Tensor) -> bool: ...
def _float_table(rows: Tensor, shape: torch.Size, times: int) -> Tensor:
    """The table in float64, for the sake of its derivatives."""
@lru_cache(maxsize=64)
def _constant_tables(
    A: tuple[float, ...],
    N: tuple[float, ...],
    shape: tuple[int, ...],
    terms: int,
    times: int,
) -> tuple[Tensor, Tensor]:
    """The tables of numbers that nothing learns, which nobody may write into."""
def moment_tables(A: Tensor, N: Tensor, terms: int, times: int) -> tuple[Tensor, Tensor]:
    """Taylor terms of Phi − I and Σ, and both after 1, 2, 4, ... units of time."""
