"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ..gaussians.errors import InputError
from .options import Config
from typing import Any

__all__ = [
    "FORMAT", "FREE", "save_config", "read_config", "is_new", "make_folder", "free_folder",
    "claimed", "origin", "check_origin", "row_text", "read_rows"
]
FORMAT: int
_ABOUT: dict[str, Any]
def save_config(path: Path, config: Config, data: dict) -> None:
    """Write config.json: everything needed to run it again."""
def read_config(path: Path) -> dict:
    """Read and check the configuration of a run."""
def _damaged(file: Path, why: object) -> InputError: ...
def _check_data_facts(file: Path, data: object) -> None: ...
def is_new(path: Path) -> bool:
    """Does nothing lie there but what a start that failed may leave?"""
def _taken(path: Path) -> InputError: ...
def make_folder(path: Path) -> None:
    """Make a folder for a run, or say why that cannot be."""
def free_folder(name: str) -> Path:
    """Make the first run folder of that name which does not exist yet; nobody else gets it."""
@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Hold a run for one training; refuse if another has it."""
FREE: tuple[str, ...]
_FACTS: tuple[str, ...]
def origin(config: Config, data: dict) -> str:
    """The options and the data that weights are made with."""
def check_origin(path: Path, file: Path, then: str | None, now: str) -> None:
    """Refuse weights that were made with other options or data than config.json has."""
def _parts_of(text: str) -> tuple[dict, dict]: ...
def row_text(row: dict) -> str:
    """A row of metrics as it is written."""
def _read_row(line: bytes) -> dict | None: ...
def read_rows(file: Path) -> list[dict]:
    """The rows that are whole; a damaged one is named in a warning, unless it was cut short."""
