"""Written by tools/stubs.py: do not edit."""
from functools import lru_cache
from torch import Tensor
from torch import nn
from .schedule import Beta
from typing import Any

__all__ = [
]
Matrix = tuple[tuple[float, ...], ...]
def _listed(M: Tensor) -> Matrix: ...
def _pace(A: Tensor, N: Tensor, V0: Tensor, log_tau: Tensor) -> tuple[Tensor, Tensor]: ...
def reading_of(gamma: float, A: Tensor, N: Tensor, V0: Tensor) -> float:
    """The reading of a clock at which a noise level is reached."""
@lru_cache(maxsize=256)
def _reading(gamma: float, A: Matrix, N: Matrix, V0: tuple[float, ...]) -> float: ...
_LEAST: Any
_DECODER: float
@lru_cache(maxsize=64)
def _start(A: Matrix, N: Matrix, V0: tuple[float, ...], beta_0: float, beta_1: float) -> float: ...
def default_clock(A: Tensor, N: Tensor, V0: Tensor, beta_0: float, beta_1: float) -> Beta:
    """The clock of these rates, from 1e-5 on, or from γ = −13.3 if float32 sees no noise there."""
def check_seen(gamma: float, network: nn.Module) -> None:
    """Raise `InputError` if a network cannot tell the first noise levels apart."""
