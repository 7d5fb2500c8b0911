"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
import torch
from accelerate import Accelerator
from ..data.data import ImageData
from .config import Config
from .run import Run

__all__ = [
    "pick_device", "make_accelerator", "several", "join", "main_first", "begin", "check_unchanged",
    "carry_on"
]
def pick_device(name: str) -> torch.device:
    """The device to compute on."""
@cache
def _leave_at_exit() -> None: ...
def _leave() -> None: ...
def make_accelerator(device: torch.device, precision: str = 'no') -> Accelerator:
    """What a loop needs to know of devices, processes and mixed precision."""
def several() -> bool:
    """Was this program started as one of several processes?"""
def join(name: str) -> torch.device:
    """The device of this process, after it has found the others if there are several."""
@contextmanager
def main_first() -> Iterator[bool]:
    """Let the main of several processes through first; tells each whether it is the main one."""
def begin(config: Config, out: Path | str | None) -> tuple[Run, ImageData]:
    """Open a new run."""
def check_unchanged(config: Config, changes: dict) -> None:
    """Raise `InputError` if an option would change the weights that a step leads to."""
def carry_on(out: Path | str, changes: dict | None = None) -> tuple[Run, ImageData]:
    """Open an old run to carry on with it, perhaps for more steps."""
