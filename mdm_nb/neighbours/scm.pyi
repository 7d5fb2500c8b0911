"""Written by tools/stubs.py: do not edit."""
from collections.abc import Mapping
from collections.abc import Sequence
from torch import Tensor
from torch import nn
from typing import Any

__all__ = [
    "causal_order", "SCM"
]
def causal_order(dag: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The factors, causes first; `InputError` if the graph has a circle or unknown parents."""
class SCM(nn.Module):
    """Vectors that cause one another: z_i = f_i(z_pa(i)) + u_i."""
    order: Any
    names: tuple[Any, ...]
    d: int
    parents: Any
    mechanisms: nn.ModuleDict
    def __init__(self, dag: Mapping[str, Sequence[str]], d: int = 4, width: int = 64) -> None: ...
    def _mean(self, name: str, z: Mapping[str, Tensor]) -> Tensor: ...
    def check(self, values: Tensor) -> None:
        """Raise `InputError` unless the shape is `(n, factors, d)`."""
    def forward(self, u: Tensor, do: Mapping[str, Tensor | float] | None = None) -> Tensor:
        """Let the causes work; what `do` names is set instead."""
    def abduct(self, z: Tensor) -> Tensor:
        """The noise that explains what is the case: u_i = z_i − f_i(z_pa(i))."""
    def descendants(self, name: str) -> tuple[str, ...]:
        """All that it causes, directly or not."""
    def __call__(self, u: Tensor, do: Mapping[str, Tensor | float] | None = None) -> Tensor:
        """Let the causes work; what `do` names is set instead."""
