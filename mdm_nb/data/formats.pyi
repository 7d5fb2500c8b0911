"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import IO
import numpy as np
from torch import Tensor

__all__ = [
    "Labelled", "opened", "check_room", "as_labels", "label_file", "read_idx", "read_cifar",
    "read_arrays", "channels_first", "read_chrabaszcz"
]
@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """A file to read from, with one sentence for all that may go wrong with it."""
def _memory() -> int: ...
def check_room(needed: int, what: object) -> None:
    """Raise `InputError` for more bytes than half the memory of this machine."""
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
def _check_header(file: IO[bytes] | BufferedIOBase, size: int, what: object) -> None: ...
def read_arrays(path: Path, keys: Iterable[str], strict: bool = False) -> dict[str, np.ndarray]:
    """Read plain NumPy arrays, without ever unpickling anything."""
def _read_npz(
    file: BufferedIOBase,
    path: Path,
    keys: list[str],
    strict: bool,
) -> dict[str, np.ndarray]: ...
def _read_array(file: IO[bytes] | BufferedIOBase, size: int, what: object) -> np.ndarray: ...
def channels_first(x: np.ndarray, where: object = 'the array') -> Tensor:
    """Bring an array of images into the one layout used here."""
def _to_bytes(x: np.ndarray) -> str: ...
def read_chrabaszcz(path: Path) -> Labelled:
    """Read a part of the downsampled ImageNet of Chrabaszcz et al. 2017."""
