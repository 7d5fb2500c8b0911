"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from torch import Tensor
from .coder import Normals
from .coder import Stack
from .coder import Table
from .model import Diffusion
from ..processes.process import Process
from typing import Any

__all__ = [
    "Swap"
]
_MOST: int
class Swap:
    """The chains of a model in T steps, as laws of whole numbers on grids."""
    model: Diffusion
    T: int
    process: Any
    denoiser: Any
    steps: Any
    first: Any
    forth: list[Any]
    back: list[Any]
    width: Any
    def __init__(
        self,
        model: Diffusion,
        T: int,
        bins: int,
        process: Process | None = None,
    ) -> None: ...
    def _state(self, i: int, k: list[Tensor]) -> _State: ...
    def _law(
        self,
        i: int,
        j: int,
        mean: Tensor,
        L: Tensor,
        noise: list[Tensor],
    ) -> tuple[Tensor, Tensor]: ...
    def _push(
        self,
        stack: Stack,
        i: int,
        state: _State,
        mean: Tensor,
        L: Tensor,
        tails: bool,
        key: int | None = None,
    ) -> None: ...
    def _pop(
        self,
        stack: Stack,
        i: int,
        mean: Tensor,
        L: Tensor,
        tails: bool,
        key: int | None = None,
    ) -> _State: ...
    def _forth(self, i: int, y: Tensor) -> tuple[Tensor, Tensor]: ...
    def _back(self, i: int, y: Tensor, **cond: Tensor) -> tuple[Tensor, Tensor]: ...
    def _data(self, y: Tensor) -> Table: ...
    def push(self, stack: Stack, data: Tensor, key: int | None, **cond: Tensor) -> None:
        """Put images on a stack, from the data up."""
    def pop(self, stack: Stack, n: int, key: int, **cond: Tensor) -> Tensor:
        """Take images off a stack, from the prior down."""
def _width(q: Tensor, p: Tensor, bins: int) -> Tensor: ...
def _stds(L: Tensor) -> Tensor: ...
def _lower(F: Tensor) -> Tensor: ...
class _State(NamedTuple):
    k: list[Tensor]
    y: Tensor
def _normals(mean: Tensor, std: Tensor, tails: bool) -> Normals: ...
