"""Written by tools/stubs.py: do not edit."""
from accelerate.tracking import GeneralTracker
from .run import Run
from typing import Any

__all__ = [
    "check_tracker", "Writer"
]
def check_tracker(name: str) -> None:
    """Raise `InputError` if a tracker is not installed."""
def _board(run: Run, first: int) -> GeneralTracker: ...
class Writer:
    """Sends a row of numbers to metrics.jsonl, and to a tracker if that was asked for."""
    run: Run
    latest: dict[Any, Any]
    board: None | GeneralTracker
    def __init__(self, run: Run, first: int = 0) -> None: ...
    def log(self, row: dict[str, float]) -> None:
        """Write one row."""
    def close(self) -> None:
        """Let the tracker write what it still holds."""
