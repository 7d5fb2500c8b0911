"""Written by tools/stubs.py: do not edit."""
from torch import Tensor

__all__ = [
]
def turning_rate(A: Tensor, N: Tensor, L: Tensor) -> Tensor:
    """How fast the probability flow turns standardised noise, e' = Ω e."""
PARTS: int
def turning(
    A: Tensor,
    N: Tensor,
    V0: Tensor,
    ends: tuple[Tensor, Tensor],
    parts: int = ...,
) -> Tensor:
    """The rotation of standardised noise along the probability flow."""
