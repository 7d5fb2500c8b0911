"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
import numpy as np
from torch import Tensor
from .coder import Alike
from .coder import Normals
from .coder import Stack
from .coder import Table
from .model import Diffusion
from typing import Any

__all__ = [
    "Swap", "group_sizes", "check_codable", "Code"
]
class Swap:
    """The chains of a model in T steps, as laws of whole numbers on grids."""
    model: Diffusion
    T: int
    process: Any
    steps: Any
    first: Any
    forth: list[Any]
    back: list[Any]
    width: Any
    def __init__(self, model: Diffusion, T: int, bins: int) -> None: ...
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
def _stds(L: Tensor) -> Tensor: ...
def _lower(F: Tensor) -> Tensor: ...
class _State(NamedTuple):
    k: list[Tensor]
    y: Tensor
def _normals(mean: Tensor, std: Tensor, tails: bool) -> Normals: ...
def group_sizes(n: int, side: int) -> list[int]:
    """How many images are coded together, from first to last."""
def check_codable(model: Diffusion, T: int) -> None:
    """Raise `InputError` for a model that cannot code images in T steps, with the reason."""
class Code(NamedTuple):
    """Images as bits, and what it takes to read them."""
    words: np.ndarray
    n: int
    T: int
    bins: int
    side: int
    lent: int
    told: bool = False
    threads: int = 1
    @property
    def bits(self) -> int:
        """How many bits there are in all, those lent included."""
def _classes(model: Diffusion, n: int) -> Alike: ...
@contextmanager
def _same_way(model: Diffusion, threads: int) -> Iterator[None]: ...
