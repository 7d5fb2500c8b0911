"""Written by tools/stubs.py: do not edit."""
from collections.abc import Mapping
from typing import ClassVar
from torch import Tensor
from ..gaussians.core import Randomness
from typing import Any

__all__ = [
    "RANGES", "optics", "Pendulum"
]
def optics(angle: Tensor, light: Tensor) -> tuple[Tensor, Tensor]:
    """The shadow that light throws on the ground."""
RANGES: dict[str, tuple[float, Any] | tuple[Any, Any] | tuple[float, float]]
_LEAST: float
class Pendulum:
    """A pendulum, its sun and its shadow: pictures of known causes (after Yang et al. 2021)."""
    names: Any
    dag: ClassVar[dict[str, tuple[str, ...]]] = ...
    size: int
    noise: float
    broken: float
    low: Any
    width: Any
    def __init__(self, size: int = 32, noise: float = 0.5, broken: float = 0.0) -> None: ...
    def labels(self, factors: Tensor) -> Tensor:
        """The factors from −1 to 1."""
    def factors(self, labels: Tensor) -> Tensor:
        """The factors of labels."""
    def check(self, name: str, rows: Tensor) -> None:
        """Raise `InputError` unless there are four numbers for each picture."""
    def draw(self, n: int, generator: Randomness = None) -> Tensor:
        """Draw labels."""
    def render(self, labels: Tensor) -> Tensor:
        """Paint the pictures."""
    def counterfactual(self, labels: Tensor, do: Mapping[str, Tensor | float]) -> Tensor:
        """The labels as they would have been, with the noise that the pictures have."""
def _shadowed(roots: Tensor, noise: Tensor) -> Tensor: ...
def _capsule(points: Tensor, a: Tensor, b: Tensor, radius: float) -> Tensor: ...
def _shapes(factors: Tensor, points: Tensor) -> list[tuple[Tensor, tuple[int, int, int]]]: ...
def checked_do(
    do: Mapping[str, Tensor | float] | None,
    names: tuple[str, ...],
    n: int,
) -> dict[str, Tensor]:
    """The values of an intervention; `InputError` unless they are known factors in [−1, 1]."""
