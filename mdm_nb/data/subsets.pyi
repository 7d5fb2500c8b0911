"""Written by tools/stubs.py: do not edit."""
from functools import lru_cache
from torch import Tensor

__all__ = [
    "order", "subset", "divide"
]
@lru_cache(maxsize=8)
def order(n: int, *seed: int) -> Tensor:
    """A random order of `n` items that is the same on every machine and in every release."""
def subset(n: int, most: int) -> Tensor:
    """A part of `n` items that is like the whole, always the same one."""
def divide(
    parts: dict[str, Tensor],
    valid_fraction: float = 0.1,
    shuffle: bool = True,
    where: object = 'the data',
) -> tuple[Tensor, Tensor, Tensor]:
    """Fill in a missing validation or test part, always in the same way."""
