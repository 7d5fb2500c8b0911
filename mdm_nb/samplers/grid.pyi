"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..processes.process import Process
from ..processes.process import Time
from typing import Any

__all__ = [
    "TIMES", "LEVELS", "GRIDS", "check_grid", "grid_times"
]
_ROOT: int
def _root_of_sigma(u: Tensor, low: Tensor, high: Tensor) -> Tensor: ...
TIMES: dict[str, Any]
LEVELS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]]
GRIDS: tuple[Any, ...]
def check_grid(grid: str | Tensor, steps: int) -> None:
    """Raise `InputError` unless a grid has a known name, or the right number of times in order."""
def grid_times(grid: str | Tensor, steps: int, process: Process, start: Time = 1.0) -> Tensor:
    """The times of a walk; `InputError` if levels are asked for that dimensions do not share."""
def _checked_start(process: Process, start: Time) -> Tensor: ...
