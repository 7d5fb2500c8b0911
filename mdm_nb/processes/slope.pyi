"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
import torch
from torch import Tensor

__all__ = [
]
def _value_and_slope(function: Callable[[Tensor], Tensor], t: Tensor) -> tuple[Tensor, Tensor]: ...
def value_and_slope(function: Callable[[Tensor], Tensor], t: Tensor) -> tuple[Tensor, Tensor]:
    """Values and time derivatives in one pass: backward if one for each time, else forward."""
def bisect(climb: Callable[[Tensor], Tensor], value: Tensor) -> Tensor:
    """The time in [0, 1] at which an increasing function of time reaches a value."""
def newton(
    climb: Callable[[Tensor], tuple[Tensor, Tensor]],
    value: Tensor,
    t: Tensor,
) -> Tensor:
    """What `bisect` finds, in a few calls if the guesses are good."""
def share_of_way(value: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """How far along from low to high a value lies; `InputError` if it is not between them."""
def as_times(t: Tensor | float, device: torch.device | None = None) -> Tensor:
    """Times, as they are; `InputError` if one lies outside [0, 1]."""
def check_pair(s: Tensor, t: Tensor) -> None:
    """Raise `InputError` unless two times fit each other."""
def check_climb(
    name: str,
    shape: Callable[[Tensor], tuple[Tensor, Tensor]],
    like: Tensor,
) -> None:
    """Raise `InputError` unless S rises from 0 to 1, at the speed that is said."""
def check_order(s: Tensor, t: Tensor) -> None:
    """Raise `InputError` unless two times fit each other, the earlier one first."""
