"""Written by tools/stubs.py: do not edit."""
from functools import lru_cache
from typing import TypeVar
from torch import Tensor
from .stored import Images

__all__ = [
    "order", "subset", "part_of", "divide"
]
@lru_cache(maxsize=8)
def order(n: int, *seed: int) -> Tensor:
    """A random order of `n` items that is the same on every machine and in every release."""
def subset(n: int, most: int) -> Tensor:
    """A part of `n` items that is like the whole, always the same one."""
_I = TypeVar('_I', bound=Images)
def part_of(x: _I, index: Tensor) -> _I:
    """Those at some places, in this order; what is stored on a disk stays there."""
def divide(
    parts: dict[str, _I],
    valid_fraction: float = 0.1,
    shuffle: bool = True,
    where: object = 'the data',
) -> tuple[_I, _I, _I]:
    """Fill in a missing validation or test part, always in the same way."""
