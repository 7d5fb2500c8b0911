"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple
from torch import Tensor

__all__ = [
    "information_bound", "attack_bound", "renyi_bound", "Anonymity", "anonymity"
]
def _points(name: str, x: Tensor) -> Tensor: ...
def information_bound(x: Tensor, snr: float) -> float:
    """½ Σ log(1 + snr λ), which I(x; x') does not exceed, for data of this covariance."""
def attack_bound(distance: Tensor | float, snr: float) -> Tensor:
    """Φ(Δ √snr / 2): nobody finds which of two candidates it was more often."""
def renyi_bound(distance: float, snr: float, order: float = 2.0) -> float:
    """½ α Δ² snr, the Rényi differential privacy of a throw (Mironov 2017, Prop. 7)."""
class Anonymity(NamedTuple):
    """Who is found again after a Boomerang, and who cannot be."""
    snr: float
    candidates: int
    found: float
    rank: float
    information: float
    nearest: float
    attack: float
    widest: float
    epsilon: float
    seen: bool | None
    def __str__(self) -> str:
        """A report of six lines."""
def _distances(a: Tensor, b: Tensor) -> Iterator[tuple[int, Tensor]]: ...
def _ranks(new: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]: ...
def _spacing(points: Tensor, group: Tensor) -> tuple[Tensor, float]: ...
def _told(x: Tensor, group: Tensor, snr: float) -> float: ...
def anonymity(
    x: Tensor,
    new: Tensor,
    snr: float,
    embed: Callable[[Tensor], Tensor] | None = None,
    seen: bool | None = None,
    label: Tensor | None = None,
) -> Anonymity:
    """Count who is found again by the nearest candidate, and say what the throw cannot betray.

    A label that was told is betrayed: `information` counts it, and `nearest`, `attack`, `widest`
    and `epsilon` are about candidates of the same label."""
