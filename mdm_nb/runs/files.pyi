"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import torch
from torch import Tensor

__all__ = [
    "write_atomic", "locked", "read_tensors", "plain_tensors", "hash_tensors"
]
def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all: into a neighbour first, then renamed over the old one."""
@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder while a file in it is read, changed and written."""
def read_tensors(
    file: Path,
    device: torch.device | str = 'cpu',
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read tensors from safetensors; nothing is ever unpickled."""
def plain_tensors(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same numbers, ready for a file: on the CPU, one after the other, without gradients."""
def hash_tensors(tensors: dict[str, Tensor]) -> str:
    """SHA-256 of names, types, shapes and bytes: what the tensors are, however they were saved."""
