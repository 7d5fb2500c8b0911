"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
import numpy as np
from torch import Tensor

__all__ = [
    "PICTURES", "read_bytes", "read_idx", "read_cifar", "read_arrays", "channels_first",
    "read_chrabaszcz", "read_folder", "read_path"
]
def read_bytes(path: Path) -> bytes:
    """The contents of a file."""
def _pixels(raw: bytes, shape: tuple[int, ...]) -> Tensor: ...
def read_idx(path: Path) -> Tensor:
    """Read images in the format of MNIST (LeCun et al. 1998)."""
def read_cifar(path: Path) -> Tensor:
    """Read records of a class and 3072 bytes (Krizhevsky 2009)."""
def read_arrays(path: Path, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Read plain NumPy arrays, without ever unpickling anything."""
def channels_first(x: np.ndarray, where: object = 'the array') -> Tensor:
    """Bring an array of images into the one layout used here."""
def read_chrabaszcz(path: Path) -> Tensor:
    """Read a part of the downsampled ImageNet of Chrabaszcz et al. 2017."""
PICTURES: set[str]
def _picture(path: Path) -> np.ndarray: ...
def read_folder(folder: Path) -> Tensor:
    """Read all pictures of a folder, which must have one size and one mode."""
def read_path(path: Path) -> tuple[dict[str, Tensor], int | None]:
    """Read a user's own images."""
