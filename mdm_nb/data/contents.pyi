"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
import numpy as np
from mdm_nb.data.formats import Labelled
from typing import Any

__all__ = [
    "ARRAYS", "Contents", "read_path"
]
class Contents(NamedTuple):
    """What a path holds."""
    parts: dict[str, Labelled]
    levels: int | None
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()
_PARTS: dict[str, str]
def read_path(path: Path) -> Contents:
    """Read a user's own images."""
def _part_folders(path: Path) -> dict[str, Path]: ...
def _check_nothing_beside(others: list[Path]) -> None: ...
def _check_no_lookalikes(path: Path, others: list[Path]) -> None: ...
def _read_folders(path: Path) -> Contents: ...
_ARRAYS: dict[str, str]
_LABELS: Any
ARRAYS: tuple[str, ...]
def _read_named_arrays(path: Path) -> Contents: ...
def _name_owners(arrays: Iterable[str], path: Path) -> dict[str, str]: ...
def _read_levels(arrays: dict[str, np.ndarray], path: Path) -> int | None: ...
def _read_classes(
    arrays: dict[str, np.ndarray],
    parts: dict[str, Labelled],
    path: Path,
) -> tuple[str, ...]: ...
