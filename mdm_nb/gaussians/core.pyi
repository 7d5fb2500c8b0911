"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
import torch
from torch import Tensor
from torch import nn
from typing import Any

__all__ = [
    "Randomness", "Unread", "expand", "sum_dims", "seeded", "Keyed", "source_device", "randn",
    "rand", "low_discrepancy", "Exact", "replaced"
]
def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise `InputError` unless a text is one of several."""
def check_finite(name: str, value: Tensor | float) -> None:
    """Raise `InputError` if a plain number is NaN or infinite."""
def as_numbers(name: str, value: object, device: torch.device | str | None = None) -> Tensor:
    """The numbers as a tensor; `InputError` for anything that is none."""
def as_finite(name: str, value: object, device: torch.device | str | None = None) -> Tensor:
    """The numbers as a tensor; `InputError` if one is NaN or infinite."""
def check_tensor(name: str, value: object) -> None:
    """Raise `InputError` for an array, a list or anything else that is no tensor."""
def check_alike(**two: Tensor) -> None:
    """Raise `InputError` unless tensors, given by name, have one shape."""
class Unread:
    """Examples that lie elsewhere and are read when they are asked for by their places."""
    shape: torch.Size
    def __len__(self) -> int: ...
    def __getitem__(self, index: int | slice | Tensor) -> Tensor:
        """Read the examples at these places."""
def expand(c: Tensor, x: Tensor) -> Tensor:
    """Lay coefficients along the axes of `x` that they belong to."""
def sum_dims(x: Tensor) -> Tensor:
    """Sum over all but the first axis, in float64."""
def seeded(seed: int, device: torch.device | str = 'cpu') -> torch.Generator:
    """A generator that starts from `seed`."""
class Keyed:
    """Random numbers of examples: those of example i depend on (seed, i), not on its batch."""
    BLOCK: int
    index: Any
    total: Any
    seed: Any
    device: Any
    calls: int
    def __init__(
        self,
        seed: int,
        index: Tensor | range,
        total: int | None = None,
        device: torch.device | str = 'cpu',
    ) -> None: ...
    def draw(self, sampler: Callable[..., Tensor], shape: tuple[int, ...]) -> Tensor:
        """The next numbers of every example."""
    def _block(
        self,
        sampler: Callable[..., Tensor],
        block: int,
        shape: tuple[int, ...],
    ) -> Tensor: ...
    def spread(self, times: int) -> Tensor:
        """Uniform numbers that are stratified over the whole, and over those of an example."""
@lru_cache(maxsize=4)
def _order(seed: int, total: int) -> tuple[Tensor, float]: ...
Randomness = torch.Generator | Keyed | None
def source_device(
    generator: object,
    device: torch.device | str | None = None,
) -> torch.device | str | None:
    """Where a source draws its numbers; `InputError` for anything that is no source."""
def _draw(
    sampler: Callable[..., Tensor],
    shape: tuple[int, ...],
    generator: Randomness,
    device: torch.device | str | None,
) -> Tensor: ...
def randn(
    shape: tuple[int, ...],
    generator: Randomness = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Standard normal numbers in float64."""
def rand(
    shape: tuple[int, ...],
    generator: Randomness = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Uniform numbers in [0, 1), in float64."""
def low_discrepancy(
    n: int,
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """t_i = (u + i/n) mod 1: each is uniform, all are even (Kingma et al. 2021, App. I.1)."""
class Exact(nn.Module):
    """A module that moves between devices but keeps its numbers in float64."""
    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module: ...
_M = TypeVar('_M', bound=nn.Module)
def replaced(module: _M, **parts: nn.Module) -> _M:
    """A shallow copy of a module with some of its submodules replaced."""
