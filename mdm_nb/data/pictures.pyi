"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from pathlib import Path
import numpy as np
from PIL import Image
from PIL import ImageFile
from torch import Tensor
from .formats import Labelled
from .stored import Images
from typing import Any

__all__ = [
    "PICTURES", "find_pictures", "read_picture", "Album", "class_folders", "read_folder"
]
PICTURES: set[str]
_OTHERS: set[str]
def find_pictures(folder: Path) -> list[Path]:
    """All pictures of a folder that do not lie hidden."""
def _walk(folder: Path) -> Iterator[tuple[str, list[str]]]: ...
_PLAIN: tuple[str, ...]
def _check_picture(image: ImageFile.ImageFile, path: Path, convert: bool) -> None: ...
def _converted(image: Image.Image, path: Path) -> Image.Image: ...
_TURNED: int
def read_picture(path: Path, convert: bool = False) -> np.ndarray:
    """The pixels of a picture, turned the way in which it is meant to be seen."""
class Album:
    """Picture files of one size and one mode, decoded when they are asked for."""
    paths: Any
    shape: Any
    stamps: Any
    def __init__(self, paths: list[Path]) -> None: ...
    def __call__(self, places: Tensor) -> Tensor:
        """Decode the pictures at these places."""
def _read_pictures(paths: list[Path], folder: Path) -> Images: ...
def class_folders(folder: Path) -> tuple[str, ...]:
    """The sub-folders that hold all pictures of a folder, if there are two or more."""
def _classes_of(paths: list[Path], folder: Path) -> tuple[str, ...]: ...
def read_folder(folder: Path, classes: tuple[str, ...] | None = None) -> Labelled:
    """Read all pictures of a folder, which must have one size and one mode."""
def _folder_labels(paths: list[Path], folder: Path, classes: tuple[str, ...]) -> Tensor: ...
