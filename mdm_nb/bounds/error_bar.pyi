"""Written by tools/stubs.py: do not edit."""
from torch import Tensor

__all__ = [
    "standard_error", "doubt"
]
NEIGHBOURS: int
SKEW: int
def groups(place: Tensor) -> tuple[Tensor, bool]:
    """All at one place if the places are few, and else neighbours."""
def summed(each: Tensor, group: Tensor) -> Tensor:
    """The sum over every group."""
def sum_moments(values: Tensor, place: Tensor | None = None) -> tuple[float, float, float]:
    """The law of a sum over examples, from what differs within groups of equal times."""
def student(spare: float) -> float:
    """By how much ±2 s.e. of few normal values are too short: half Student's t, less one."""
def row_errors(values: Tensor) -> Tensor:
    """The standard error of the mean of every row, by the same rule."""
def check_terms(parts: dict[str, Tensor], some: Tensor, protocol: str) -> None:
    """`InputError` where a term is not finite."""
_WHOLE: int
def standard_error(values: Tensor, place: Tensor | None = None) -> float:
    """Standard error of a mean, longer where few or skew values decide, so that ±2 of it hold.

    Of normal values ±2 of it hold the mean 95 to 98 times in 100 from three on: it has the factor
    t / 2 with Student's t at the level of two standard deviations, which tends to 1. Of fewer than
    64 skewed values it may fall short, see `doubt`."""
_HEAVY: float
_ENOUGH: int
def doubt(values: Tensor, place: Tensor | None = None, remedy: str = '') -> str | None:
    """Why ±2 standard errors may not hold the truth; None where nothing says so."""
