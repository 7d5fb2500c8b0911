"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import Any
from typing import NamedTuple
import numpy as np
from torch import Tensor

__all__ = [
    "plain_part", "names_differ", "Place", "layouts", "stored", "Bundle", "read_sources",
    "other_names", "checked_places", "file_of"
]
def plain_part(name: str) -> str:
    """A name that every file system takes, and that leads nowhere."""
def names_differ(names: list[str]) -> bool:
    """Can all of them be written, whatever a file system makes of capitals?"""
class Place(NamedTuple):
    """Where images came from, and where they go to."""
    name: str
    kind: str
    n: int
    shapes: dict[str, list[int]]
    others: dict[str, list]
    @property
    def file(self) -> str:
        """The whole name."""
def layouts(shape: tuple[int, ...]) -> list[list[int]]:
    """The shapes that an array of such images may have had."""
def stored(images: Tensor, shape: list[int]) -> np.ndarray:
    """Images in the layout that they had."""
def _kept(array: np.ndarray, what: str) -> list: ...
def _unkept(kind: object, values: object) -> np.ndarray: ...
class Bundle(NamedTuple):
    """The images of one file."""
    place: Place
    images: Tensor
    labels: Tensor | None
    was: str = ''
def read_sources(
    files: list[Path],
    shape: tuple[int, ...],
    levels: int,
    classes: tuple[str, ...] = (),
) -> list[Bundle]:
    """The images of some files; `InputError` for those that the run does not know."""
def _number(i: int, file: str) -> str: ...
def _called(one: Bundle, file: str) -> Bundle: ...
def other_names(sources: list[Bundle]) -> str:
    """What files will be called when they come back."""
def _bundles(
    path: Path,
    shape: tuple[int, ...],
    levels: int,
    classes: tuple[str, ...],
) -> list[Bundle]: ...
def _array(path: Path) -> Bundle: ...
def _pictures(
    path: Path,
    shape: tuple[int, ...],
    levels: int,
    classes: tuple[str, ...],
) -> list[Bundle]: ...
def _check_folders(folders: list[tuple[str, ...]], path: Path) -> None: ...
def _levels_of(file: Path, shape: tuple[int, ...], levels: int) -> Tensor: ...
_LONGEST: int
_KINDS: dict[str, Any]
def checked_places(rows: object, n: int, shape: tuple[int, ...]) -> list[Place]:
    """The places of n images; `InputError` or `ValueError` if that makes no sense."""
def _check_place(place: Place, known: list[list[int]]) -> None: ...
def file_of(place: Place, images: Tensor, levels: int) -> bytes:
    """The content of the file that they came from, or of one that says the same."""
