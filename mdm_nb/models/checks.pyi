"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
import torch
from torch import Tensor
from torch import nn
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..gaussians.core import Unread
from ..processes.process import Process

__all__ = [
    "evaluating"
]
def _asked(process: Process, x: Tensor | None, n: int, why: str, **told: Tensor) -> Process: ...
def told_nothing(process: Process, n: int = 1, **told: Tensor) -> Process:
    """The process by a clock that was told a context from its prior, if it must be told one."""
def check_range(process: Process) -> None:
    """Raise `InputError` if drifts could differ outside the range of G: an infinite path KL."""
def check_parts(
    network: nn.Module,
    process: Process,
    discretization: Discretization | Continuous,
    shape: tuple[int, ...],
    classes: int | None = None,
) -> None:
    """Raise `InputError` unless every part of a model is what its name says."""
def _check_clock(process: Process, shape: tuple[int, ...], classes: int | None) -> None: ...
def check_options(
    kind: str,
    T: int | None,
    free_variance: bool,
    ends: float,
    classes: int | None = None,
    label_dropout: float = 0.0,
) -> None:
    """Raise `InputError` for what no process and no network could mend."""
def check_told(network: nn.Module, names: Iterable[str], whole: bool = True) -> None:
    """Raise `InputError` unless `network(z, g, name=...)` fits its `forward`."""
def try_network(
    network: nn.Module,
    names: Iterable[str],
    call: Callable[[int], object],
    where: torch.device,
    shape: tuple[int, ...],
    kind: str,
    process: Process,
) -> None:
    """Ask once, about nothing, and leave training flags and random numbers as they were."""
def check_data(
    data: Tensor | Unread,
    shape: tuple[int, ...],
    discretization: Discretization | Continuous,
) -> None:
    """Raise `InputError` unless these are examples of that shape and sort, one at least."""
def check_state(y: Tensor, batch: tuple[int, ...], *shapes: tuple[int, ...]) -> None:
    """Raise `InputError` unless this is a state of B examples."""
def check_labels(label: Tensor | None, n: int, classes: int | None) -> None:
    """Raise `InputError` unless the labels are classes of so many examples."""
def check_given(
    network: nn.Module,
    cond: dict[str, Tensor],
    n: int,
    classes: int | None,
    steered: bool = False,
) -> None:
    """Raise `InputError` unless the network can be told all of it, about so many examples."""
def _check_rows(cond: dict[str, Tensor], n: int) -> None: ...
def checked_index(index: Tensor | range | None, n: int) -> Tensor:
    """The indices of n examples, or `InputError` if there are more or fewer."""
def check_scale(
    process: Process,
    discretization: Discretization | Continuous,
    data: Tensor,
) -> None:
    """Warn if the noise levels of the process do not suit the scale of real-valued data."""
def warn_caller(text: str) -> None:
    """Warn about the last line that is neither this package's, nor torch's, nor a wrapper's."""
@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """In evaluation mode inside; every module in its own mode again afterwards."""
