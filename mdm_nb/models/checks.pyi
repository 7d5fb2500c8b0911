"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from torch import Tensor
from torch import nn
from ..processes.process import Process

__all__ = [
    "check_options", "check_range", "check_labels", "checked_index", "evaluating"
]
def check_options(kind: str, T: int | None, free_variance: bool, ends: float) -> None:
    """Raise `InputError` for what no process and no network could mend."""
def check_range(process: Process) -> None:
    """Raise `InputError` if drifts could differ outside the range of G: an infinite path KL."""
def check_labels(label: Tensor | None, n: int, classes: int | None) -> None:
    """Raise `InputError` unless the labels are classes of so many examples."""
def checked_index(index: Tensor | range | None, n: int) -> Tensor:
    """The indices of n examples, or `InputError` if there are more or fewer."""
@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """In evaluation mode inside; every module in its own mode again afterwards."""
