"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from .lyapunov import System
from .process import Process
from .process import Time

__all__ = [
    "turn"
]
def turning_rate(A: Tensor, N: Tensor, L: Tensor) -> Tensor:
    """How fast the probability flow turns standardised noise, ε' = Ω ε."""
PARTS: int
def _turns(system: System, first: Tensor, h: Tensor) -> Tensor:
    """The rotation of each interval of length h that begins at `first`, both in log τ."""
def turning(system: System, ends: tuple[Tensor, Tensor], parts: int = ...) -> Tensor:
    """The rotation of standardised noise along the probability flow."""
def turn(process: Process, s: Time, t: Time) -> Tensor:
    """How noise turns from t to s without new noise: y_s = f_s x + L_s O L_t⁻¹ (y_t − f_t x)."""
