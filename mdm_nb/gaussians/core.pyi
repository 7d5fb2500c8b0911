"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
import torch
from torch import Tensor
from torch import nn

__all__ = [
    "InputError", "expand", "sum_dims", "seeded", "randn", "Exact"
]
class InputError(ValueError):
    """Bad input: one sentence that names the argument, what was given and what to do."""
def expand(c: Tensor, x: Tensor) -> Tensor:
    """Lay coefficients along the axes of `x` that they belong to."""
def sum_dims(x: Tensor) -> Tensor:
    """Sum over all but the first axis, in float64."""
def seeded(seed: int, device: torch.device | str = 'cpu') -> torch.Generator:
    """A generator that starts from `seed`."""
def randn(
    shape: tuple[int, ...],
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Standard normal numbers in float64."""
class Exact(nn.Module):
    """A module that moves between devices but keeps its numbers in float64."""
    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module: ...
