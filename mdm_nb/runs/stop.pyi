"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = [
    "SIGNALS", "Stopped", "Stop", "hearing"
]
class Stopped(KeyboardInterrupt):
    """A signal asked the program to stop."""
    signum: int
    status: Any
    def __init__(self, signum: int, said: str = 'no file is half written') -> None: ...
class Stop:
    """Hears signals: raises `Stopped` at once or, if patient, remembers the first of them."""
    patient: bool
    signum: int
    def __init__(self, patient: bool = False) -> None: ...
    def __call__(self, signum: int, _: FrameType | None = None) -> None:
        """What the system calls."""
SIGNALS: Any
@contextmanager
def hearing(patient: bool = False) -> Iterator[Stop]:
    """Let signals that end a program be heard while the block lasts."""
