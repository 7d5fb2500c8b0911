"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path
from typing import Any
import torch
from torch import Tensor
from ..models.method import Judgement

__all__ = [
    "Partial"
]
class Partial:
    """What a process has measured so far, in a file of a run folder."""
    folder: Path
    facts: Any
    digest: Any
    file: Any
    held: ExitStack
    done: int
    def __init__(
        self,
        folder: Path,
        facts: dict[str, Any],
        rank: int = 0,
        world: int = 1,
    ) -> None: ...
    def save(self, found: Judgement) -> None:
        """Write what there is, whole or not at all."""
    def _hold(self) -> None: ...
    def load(self, device: torch.device | str = 'cpu') -> list[Judgement]:
        """Read what was written by an evaluation of the same facts; what is damaged counts not."""
    def sweep(self) -> None:
        """Remove the files of all processes, once their numbers are in a record, and left ones."""
    def _is_left(self, file: Path) -> bool: ...
    def beginning(self, n: int) -> str:
        """Where this evaluation begins, in words."""
    @contextmanager
    def telling(self, n: int) -> Iterator[None]:
        """Inside, a signal to stop says what is saved."""
_LONG: Any
_ABOUT: tuple[str, ...]
def _restored(tensors: dict[str, Tensor], about: dict[str, Any]) -> Judgement: ...
