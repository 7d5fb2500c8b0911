"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from torch import Tensor
from typing import Any

__all__ = [
    "SOURCES", "digest", "ImageData", "order", "divide", "Layout", "Source", "Row", "data_root",
    "catalogue", "load", "read_digits", "fetch", "batch_at"
]
def digest(splits: tuple[Tensor, ...], levels: int) -> str:
    """SHA-256 over the levels, then the shape and the bytes of every split in order."""
def _check_images(name: str, split: str, x: Tensor, levels: int) -> None: ...
@dataclass(frozen=True, eq=False, repr=False)
class ImageData:
    """Images in three disjoint parts, with their number of levels, where they came from and their
    fingerprint."""
    name: str
    train: Tensor
    valid: Tensor
    test: Tensor
    levels: int
    where: str
    note: str = ''
    fingerprint: str = field(init=False)
    def __post_init__(self) -> None: ...
    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
    @property
    def counts(self) -> tuple[int, int, int]:
        """Number of training, validation and test images."""
    def __repr__(self) -> str: ...
@lru_cache(maxsize=8)
def order(n: int, *seed: int) -> Tensor:
    """A random order of `n` items that is the same on every machine and in every release."""
def divide(
    parts: dict[str, Tensor],
    valid_fraction: float = 0.1,
    shuffle: bool = True,
    where: object = 'the data',
) -> tuple[Tensor, Tensor, Tensor]:
    """Fill in a missing validation or test part, always in the same way."""
@dataclass(frozen=True)
class Layout:
    """One way in which the files of a data set may lie on a disk."""
    folder: str
    train: str
    test: str
    read: Callable[[Path], Tensor]
    files: int = 1
    note: str = ''
    def find(self, root: Path) -> tuple[list[Path], list[Path]] | None:
        """The training and test files, or None unless all are there."""
def _files(folder: Path, pattern: str) -> list[Path]: ...
@dataclass(frozen=True)
class Source:
    """A data set with a name."""
    shape: tuple[int, int, int]
    levels: int
    counts: tuple[int, int, int]
    obtain: str
    layouts: tuple[Layout, ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    pickles: str = ''
    fingerprint: str = ''
    @property
    def valid_fraction(self) -> float:
        """Validation images among those that are officially for training."""
def _idx(folder: str) -> Layout: ...
_FASHION: str
_MNIST: str
_NEW: str
_OLD: str
_DOWN: str
SOURCES: dict[str, Any]
class Row(NamedTuple):
    """One line of the catalogue."""
    name: str
    shape: tuple[int, int, int]
    levels: int
    counts: tuple[int, int, int]
    where: str | None
    obtain: str
    fingerprint: str
    def __str__(self) -> str: ...
def data_root(root: str | Path | None = None) -> Path:
    """The folder in which data sets are looked for."""
def catalogue(root: str | Path | None = None) -> list[Row]:
    """The data sets with names, and where they were found."""
def _where(name: str, root: Path) -> str | None: ...
def load(
    name: str | Path,
    root: str | Path | None = None,
    download: bool = True,
    valid_fraction: float | None = None,
    levels: int | None = None,
) -> ImageData:
    """Load images by name or from a path, with their fingerprint."""
def _load_path(
    path: Path,
    name: str,
    fraction: float | None,
    levels: int | None,
    note: str = '',
) -> ImageData: ...
def _load_named(
    name: str,
    root: Path,
    download: bool,
    fraction: float | None,
    levels: int | None,
) -> ImageData: ...
def read_digits() -> dict[str, Tensor]:
    """Read the digits that come with scikit-learn (Alpaydin and Kaynak 1998), shuffled once and for
    all."""
def fetch(source: Source, root: Path) -> str:
    """Download the files of a data set, check them and put them into their place."""
def _place(scratch: Path, file: Path, folder: Path) -> None: ...
def _found(source: Source, root: Path) -> list[tuple[Layout, tuple[list[Path], list[Path]]]]: ...
def _missing(name: str, source: Source, root: Path, failure: str) -> str: ...
def batch_at(x: Tensor, batch_size: int, step: int, seed: int = 0) -> Tensor:
    """The training batch of a step, a pure function of the seed and the step: each epoch takes each
    image at most once."""
