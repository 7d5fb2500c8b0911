"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import torch
from torch import Tensor
from ..gaussians.errors import InputError
from typing import Any

__all__ = [
    "locked", "remedy_of", "write_atomic", "check_writable", "told_apart", "is_left_over", "sweep",
    "plain_name", "plain_tensors", "hash_tensors", "write_tensors", "read_tensors"
]
def _lock(handle: int, wait: bool) -> bool: ...
@contextmanager
def locked(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold a folder or a file for as long as the block lasts, or the process lives."""
_NEW: Any
def remedy_of(e: OSError) -> str:
    """What to do about it."""
@contextmanager
def _beside(path: Path, data: bytes, otherwise: str) -> Iterator[Path]: ...
def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all: into a neighbour first, then renamed over the old one."""
def check_writable(path: Path, otherwise: str = 'choose another --out') -> None:
    """Raise `InputError` unless a file could be written there, or a folder made."""
def told_apart(
    names: list[str],
    taken: Iterable[str] = (),
    number: Callable[[int, str], str] = ...,
) -> list[str]:
    """The same names, with a number where several would be one."""
_OLD_NAME: str
_LEFT: Any
def is_left_over(path: Path) -> bool:
    """Does a file bear the name of one that was never finished? A link does not count."""
def sweep(folder: Path) -> None:
    """Remove what processes that died while writing left behind."""
def plain_name(name: str) -> str:
    """The same name without what `torch.compile` puts into it."""
def plain_tensors(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same numbers, ready for a file: on the CPU, one after the other, without gradients."""
def hash_tensors(tensors: dict[str, Tensor]) -> str:
    """SHA-256 of names, types, shapes and bytes: what the tensors are, however they were saved."""
_OLDER: set[str]
def _digest(tensors: dict[str, Tensor], about: dict[str, str]) -> str: ...
def write_tensors(file: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> None:
    """Write tensors whole or not at all, with a digest by which a reader knows they are whole."""
def read_tensors(
    file: Path,
    device: torch.device | str = 'cpu',
    writer: str | None = None,
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read tensors from safetensors; nothing is ever unpickled, and a changed bit is noticed."""
def _damaged(file: Path, why: str, writer: str | None) -> InputError: ...
