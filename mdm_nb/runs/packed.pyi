"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import Any
from torch import Tensor
from ..models.coding import Code
from ..models.model import Diffusion
from mdm_nb.runs.bundles import Bundle
from mdm_nb.runs.bundles import Place
from .run import Run

__all__ = [
    "code_file", "read_code", "circumstances", "check_circumstances", "shares", "worthless",
    "known_bound", "compress_run", "decompress_run"
]
_MAGIC: bytes
_DIGEST: int
_MOST: Any
def _check_work(code: Code) -> None: ...
def code_file(code: Code, about: dict[str, Any]) -> bytes:
    """The content of a file."""
def read_code(content: bytes, name: object) -> tuple[Code, dict[str, Any]]:
    """What `code_file` was given; `InputError` for anything else."""
def circumstances(folder: Run, model: Diffusion) -> dict[str, Any]:
    """What the numbers that a network says depend on."""
def check_circumstances(name: object, then: dict[str, Any], now: dict[str, Any]) -> None:
    """Raise `InputError` that names the first thing which is not as it was."""
def _check_label(sources: list[Bundle], label: int) -> None: ...
def _labels(model: Diffusion, sources: list[Bundle], label: int | None) -> Tensor | None: ...
def shares(code: Code, size: int, numbers: int) -> str:
    """How the bytes of a file divide."""
def worthless(size: int, numbers: int, levels: int) -> str:
    """A remark on a file that is larger than what it holds."""
def known_bound(folder: Run) -> str:
    """What the record of a run says of its bound; nothing if it says nothing of these weights."""
def compress_run(
    files: list[Path],
    path: Path,
    out: Path,
    T: int | None = None,
    bins: int = 2,
    side: int = 8,
    label: int | None = None,
    check: bool = True,
    device: str = 'auto',
) -> None:
    """Do what `mdm_compress` was asked for."""
def decompress_run(
    file: Path,
    out: Path,
    path: Path | None = None,
    device: str = 'auto',
) -> None:
    """Do what `mdm_decompress` was asked for."""
def _checked_sources(about: dict[str, Any], n: int, file: Path) -> list[Place]: ...
