"""Written by tools/stubs.py: do not edit."""
from torch import Tensor

__all__ = [
    "standard_error", "doubt"
]
NEIGHBOURS: int
def groups(place: Tensor) -> tuple[Tensor, bool]:
    """All at one place if the places are few, and else neighbours."""
def summed(each: Tensor, group: Tensor) -> Tensor:
    """The sum over every group."""
def sum_moments(values: Tensor, place: Tensor | None = None) -> tuple[float, float, float]:
    """The law of a sum over examples, from what differs within groups of equal times."""
def standard_error(values: Tensor, place: Tensor | None = None) -> float:
    """Standard error of a mean, longer where few or skew values decide, so that ±2 of it hold."""
_HEAVY: float
def doubt(values: Tensor, place: Tensor | None = None) -> str | None:
    """Why ±2 standard errors may not hold the truth; None where nothing says so."""
