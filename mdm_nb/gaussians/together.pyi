"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
import torch
from torch import Tensor

__all__ = [
    "equal_calls"
]
_ROWS: ContextVar[int | None]
@contextmanager
def equal_calls(rows: int) -> Iterator[None]:
    """Inside, what a network says of an example does not depend on those beside it."""
Said = Any
def answer(network: Callable[..., Said], *seen: Tensor, **cond: object) -> Said:
    """What a network says, asked in one call, or in equal ones inside `equal_calls`."""
_NUMBERS: dict[str, Any]
_MANY: Any
_FEWEST: int
_LEAST: int
def rows_of_call(n: int, dims: int, device: torch.device) -> int:
    """How many examples a call has, if n are cut into equal ones."""
def batches(n: int, size: int) -> Iterator[slice]:
    """The batches of some examples, whole calls each."""
