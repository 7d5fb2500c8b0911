"""Written by tools/stubs.py: do not edit."""
import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import IO
from typing import NamedTuple
import numpy as np
from torch import Tensor
from .stored import Images
from .stored import Stored
from typing import Any

__all__ = [
    "Labelled", "opened", "check_room", "as_labels", "label_file", "read_idx", "read_cifar",
    "FileRows", "read_arrays", "open_arrays", "channels_first", "stored_rows", "read_chrabaszcz"
]
@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """A file to read from, with one sentence for all that may go wrong with it."""
def _memory() -> int: ...
def check_room(needed: int, what: object) -> None:
    """Raise `InputError` for more bytes than half the memory of this machine."""
def _pixels(raw: bytes, shape: tuple[int, ...]) -> Tensor: ...
Labelled = tuple[Images, Tensor | None]
def as_labels(y: np.ndarray, n: int, where: object = 'the array') -> Tensor:
    """Bring the labels of `n` images into the one layout used here."""
def _read_idx(path: Path, axes: int, what: str) -> Tensor: ...
def label_file(path: Path) -> Path | None:
    """The file of labels beside a file of images, if there is one."""
def read_idx(path: Path) -> Labelled:
    """Read images in the format of MNIST (LeCun et al. 1998)."""
def read_cifar(path: Path) -> Labelled:
    """Read records of a class and 3072 bytes (Krizhevsky 2009)."""
class _Header(NamedTuple):
    shape: tuple[int, ...]
    reverse: bool
    kind: np.dtype
    start: int
    claim: int
def _read_header(file: IO[bytes] | BufferedIOBase, what: object) -> _Header: ...
class FileRows:
    """The rows of an array of bytes that stays in its file."""
    path: Any
    start: int
    shape: tuple[int, ...]
    seen: Any
    def __init__(self, path: Path, start: int, shape: tuple[int, ...]) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        """Read the rows at these places."""
def read_arrays(path: Path, keys: Iterable[str], strict: bool = False) -> dict[str, np.ndarray]:
    """Read plain NumPy arrays, without ever unpickling anything."""
def open_arrays(
    path: Path,
    keys: Iterable[str],
    large: Iterable[str],
) -> dict[str, np.ndarray | FileRows]:
    """Read plain NumPy arrays, but leave large ones of bytes where they are, if they can be."""
def _read_file(
    path: Path,
    keys: tuple[str, ...],
    strict: bool,
    large: tuple[str, ...],
) -> dict[str, np.ndarray | FileRows]: ...
def _read_npz(
    file: BufferedIOBase,
    path: Path,
    keys: tuple[str, ...],
    strict: bool,
    large: tuple[str, ...],
) -> dict[str, np.ndarray | FileRows]: ...
def _begins(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int | None: ...
def _read_array(
    file: IO[bytes] | BufferedIOBase,
    size: int,
    what: object,
    path: Path,
    begins: int | None,
) -> np.ndarray | FileRows: ...
def channels_first(x: np.ndarray, where: object = 'the array') -> Tensor:
    """Bring an array of images into the one layout used here."""
def _to_bytes(x: np.ndarray) -> str: ...
def stored_rows(rows: FileRows, where: object = 'the array') -> Stored:
    """Images in a file of bytes, which are read and brought into the one layout when asked for."""
def read_chrabaszcz(path: Path) -> Labelled:
    """Read a part of the downsampled ImageNet of Chrabaszcz et al. 2017."""
