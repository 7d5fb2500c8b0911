"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
import numpy as np
from torch import Tensor
from typing import Any

__all__ = [
    "Labelled", "PICTURES", "read_bytes", "as_labels", "label_file", "read_idx", "read_cifar",
    "read_arrays", "channels_first", "read_chrabaszcz", "class_folders", "read_folder", "Contents",
    "read_path"
]
def read_bytes(path: Path) -> bytes:
    """The contents of a file."""
def _pixels(raw: bytes, shape: tuple[int, ...]) -> Tensor: ...
Labelled = tuple[Tensor, Tensor | None]
def as_labels(y: np.ndarray, n: int, where: object = 'the array') -> Tensor:
    """Bring the labels of `n` images into the one layout used here."""
def _read_idx(path: Path, axes: int, what: str) -> Tensor: ...
def label_file(path: Path) -> Path | None:
    """The file of labels beside a file of images, if there is one."""
def read_idx(path: Path) -> Labelled:
    """Read images in the format of MNIST (LeCun et al. 1998)."""
def read_cifar(path: Path) -> Labelled:
    """Read records of a class and 3072 bytes (Krizhevsky 2009)."""
def read_arrays(path: Path, keys: Iterable[str]) -> dict[str, np.ndarray]:
    """Read plain NumPy arrays, without ever unpickling anything."""
def channels_first(x: np.ndarray, where: object = 'the array') -> Tensor:
    """Bring an array of images into the one layout used here."""
def read_chrabaszcz(path: Path) -> Labelled:
    """Read a part of the downsampled ImageNet of Chrabaszcz et al. 2017."""
PICTURES: set[str]
def _is_picture(path: Path) -> bool: ...
def _find_pictures(folder: Path) -> list[Path]: ...
def _read_picture(path: Path) -> np.ndarray: ...
def _read_pictures(paths: list[Path], folder: Path) -> Tensor: ...
def class_folders(folder: Path) -> tuple[str, ...]:
    """The sub-folders that hold all pictures of a folder, if there are two or more."""
def read_folder(folder: Path, classes: tuple[str, ...] | None = None) -> Labelled:
    """Read all pictures of a folder, which must have one size and one mode."""
def _folder_labels(paths: list[Path], folder: Path, classes: tuple[str, ...]) -> Tensor: ...
class Contents(NamedTuple):
    """What a path holds."""
    parts: dict[str, Labelled]
    levels: int | None
    classes: tuple[str, ...]
_PARTS: dict[str, str]
_LABELS: Any
def read_path(path: Path) -> Contents:
    """Read a user's own images."""
def _read_folders(path: Path) -> Contents: ...
def _read_named_arrays(path: Path) -> Contents: ...
def _check_no_label_is_lost(arrays: dict[str, np.ndarray], path: Path) -> None: ...
def _read_levels(arrays: dict[str, np.ndarray], path: Path) -> int | None: ...
def _read_classes(
    arrays: dict[str, np.ndarray],
    parts: dict[str, Labelled],
    path: Path,
) -> tuple[str, ...]: ...
