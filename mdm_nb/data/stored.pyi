"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
import torch
from torch import Tensor
from ..gaussians.core import Unread
from ..gaussians.errors import InputError
from typing import Any

__all__ = [
    "Images", "Stored", "stays", "stamp", "changed", "read_ahead", "pieces", "look_through"
]
class Stored(Unread):
    """Images that stay where they are: those at some places are read when they are asked for."""
    dtype: Any
    device: Any
    ndim: int
    read: Callable[[Tensor], Tensor]
    places: torch.Tensor | Tensor
    def __init__(
        self,
        read: Callable[[Tensor], Tensor],
        shape: tuple[int, ...],
        places: Tensor | None = None,
    ) -> None: ...
    def __len__(self) -> int: ...
    def at(self, index: Tensor | slice) -> 'Stored':
        """A part of them, in this order; nothing is read."""
    def split(self, sizes: list[int]) -> tuple['Stored', ...]:
        """Parts of these sizes, one after the other; nothing is read."""
    def __getitem__(self, index: int | slice | Tensor) -> Tensor:
        """Read the images at these places."""
    def __repr__(self) -> str: ...
Images = Tensor | Stored
def stays(needed: int) -> bool:
    """Are these more than `$MDM_MEMORY` gibibytes (1 if not set), so that they stay on the disk?"""
def stamp(path: Path | str) -> tuple[int, int]:
    """What shows that a file has been changed."""
def changed(path: Path | str) -> InputError:
    """The complaint about a file that changed while it was in use."""
def read_ahead(x: Images, wanted: Iterable[Tensor], workers: int = 1) -> Generator[Tensor]:
    """Read batches in order, the next of them while the present one is in use."""
def _read_ahead(x: Images, wanted: Iterable[Tensor], workers: int) -> Generator[Tensor]: ...
def pieces(x: Images, most: int = 2 ** 22) -> Iterator[Tensor]:
    """All images, a few at a time."""
def look_through(splits: tuple[Images, ...], levels: int) -> tuple[str, list[int]]:
    """Go over all images once, to hash them and to find their highest values."""
