"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple
import numpy as np
from torch import Tensor
from .coder import Alike
from .coder import OnGrid
from .coder import Stack
from .coder import Switches
from .model import Diffusion
from .swap import Swap

__all__ = [
    "group_sizes", "GroupCoder", "check_codable", "Code", "check_code"
]
def group_sizes(n: int, side: int) -> list[int]:
    """How many images are coded together, from first to last."""
class GroupCoder:
    """Puts groups of images on a stack, with the codes that their clocks are told."""
    model: Diffusion
    T: int
    bins: int
    clock: Any
    source: Any
    stride: Any
    one: None | Swap
    def __init__(self, model: Diffusion, T: int, bins: int) -> None: ...
    def _swap(self, c: np.ndarray | None, n: int, **cond: Tensor) -> Swap: ...
    def _law(self, n: int, data: Tensor | None = None) -> Switches | OnGrid: ...
    def _key(self, group: int) -> int: ...
    def push(self, stack: Stack, data: Tensor, group: int, **cond: Tensor) -> None:
        """Put a group on a stack."""
    def pop(self, stack: Stack, n: int, group: int, **cond: Tensor) -> Tensor:
        """Take a group off a stack."""
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
def check_code(code: object) -> None:
    """Raise `InputError` for anything that `compress` cannot have returned."""
def _classes(model: Diffusion, n: int) -> Alike: ...
@contextmanager
def _same_way(model: Diffusion, threads: int) -> Iterator[None]: ...
