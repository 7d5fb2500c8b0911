"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Sequence
import numpy as np
from torch import Tensor
from ..processes.process import Process
from ..processes.process import Time
from typing import Any

__all__ = [
    "TIMES", "LEVELS", "GRIDS", "Grid", "check_grid", "grid_times"
]
_ROOT: int
def _root_of_sigma(u: Tensor, low: Tensor, high: Tensor) -> Tensor: ...
TIMES: dict[str, Any]
LEVELS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]]
GRIDS: tuple[Any, ...]
Grid = str | Tensor | np.ndarray | Sequence[float]
def _numbers(grid: object) -> Tensor: ...
def check_grid(grid: Grid, steps: int) -> str | Tensor:
    """Raise `InputError` unless a grid has a known name, or the right number of times in order."""
def grid_times(grid: Grid, steps: int, process: Process, start: Time = 1.0) -> Tensor:
    """The times of a walk; `InputError` if levels are asked for that dimensions do not share."""
def _checked_start(process: Process, start: Time) -> Tensor: ...
