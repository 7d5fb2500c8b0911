"""Written by tools/stubs.py: do not edit."""
import tarfile
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from .formats import Labelled
from typing import Any

__all__ = [
    "Files", "SOURCES", "Layout", "Source", "data_root", "Row", "catalogue", "find_files",
    "read_source", "fetch"
]
Files = tuple[list[Path], list[Path]]
@dataclass(frozen=True)
class Layout:
    """One way in which the files of a data set may lie on a disk."""
    folder: str
    train: str
    test: str
    read: Callable[[Path], Labelled]
    files: int = 1
    note: str = ''
    def find(self, root: Path) -> Files | None:
        """The training and test files, or None unless all are there."""
def _match(folder: Path, pattern: str) -> list[Path]: ...
@dataclass(frozen=True)
class Source:
    """A data set with a name."""
    shape: tuple[int, int, int]
    levels: int
    counts: tuple[int, int, int]
    obtain: str
    classes: tuple[str, ...] = ()
    layouts: tuple[Layout, ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    pickles: str = ''
    fingerprint: str = ''
    label_fingerprint: str = ''
    @property
    def valid_fraction(self) -> float:
        """Validation images among those that are officially for training."""
_FASHION: str
_MNIST: str
_CIFAR: str
_IMAGENET: str
_NEW: str
_OLD: str
_DIGITS: Any
def _idx_layout(folder: str) -> Layout: ...
def _idx_urls(mirror: str, *digests: str) -> tuple[tuple[str, str], ...]: ...
_SMALL: dict[str, Any]
_LARGE: dict[str, Any]
SOURCES: Any
def data_root(root: str | Path | None = None) -> Path:
    """The folder in which data sets are looked for."""
class Row(NamedTuple):
    """One line of the catalogue."""
    name: str
    shape: tuple[int, int, int]
    levels: int
    classes: int
    counts: tuple[int, int, int]
    where: str | None
    obtain: str
    fingerprint: str
    def __str__(self) -> str: ...
    @property
    def missing(self) -> str:
        """What is said of a data set that was not found."""
def catalogue(root: str | Path | None = None) -> list[Row]:
    """The data sets with names, and where they were found."""
def _row(name: str, source: Source, root: Path) -> Row: ...
def _where(name: str, source: Source, root: Path) -> str | None: ...
def find_files(source: Source, root: Path) -> list[tuple[Layout, Files]]:
    """The layouts of a data set whose files are all there."""
def read_source(
    name: str,
    root: Path,
    download: bool = True,
) -> tuple[dict[str, Labelled], Layout]:
    """Read the files of a data set."""
def _join(pieces: Iterable[Labelled], where: Path) -> Labelled: ...
def _locate(name: str, root: Path, download: bool) -> tuple[Layout, Files]: ...
def _missing(name: str, root: Path, failure: str) -> str: ...
_MOST: Any
def fetch(source: Source, root: Path) -> str:
    """Download the files of a data set, check them and put them into their place."""
def _download(url: str, digest: str, file: Path) -> None: ...
def _unpacked(tar: tarfile.TarFile, where: Path, folder: str) -> list[Path]: ...
def _place(file: Path, folder: Path) -> None: ...
