"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
from typing import Any
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from ..contexts.adaptive import Adaptive

__all__ = [
    "Metrics", "Picture", "image_grid", "png", "curves", "moves", "paces"
]
class Picture(Figure):
    """A matplotlib figure that a notebook shows by itself, `pyplot` or not."""
    def _repr_png_(self) -> bytes: ...
def _canvas(images: Tensor, levels: int, columns: int) -> np.ndarray: ...
def image_grid(
    images: Tensor,
    levels: int = 256,
    columns: int | None = None,
    title: str = '',
) -> Picture:
    """Show images side by side, without interpolation."""
def png(figure: Figure, dpi: int = 110) -> bytes:
    """Render a figure without touching the disk."""
Metrics = Sequence[dict[str, Any]]
def _columns(rows: Metrics, *names: str) -> list[tuple[float, ...]]: ...
def curves(rows: Metrics, baseline: float | None = None) -> Picture:
    """The training loss and the validation bound against the step."""
def _draw_loss(axis: Axes, rows: Metrics) -> None: ...
def _draw_bound(axis: Axes, rows: Metrics) -> None: ...
_PANELS: dict[str, tuple[str, tuple[str, str]] | tuple[str, tuple[str]]]
def moves(rows: Metrics) -> Picture:
    """How a learned process moved: its ends, Q, D and the eigenvalues of its drift, by step."""
def _starting_with(row: dict[str, Any], starts: tuple[str, ...]) -> list[str]: ...
def _draw_move(axis: Axes, rows: Metrics, name: str) -> None: ...
_LETTERS: dict[str, str]
def _symbol(name: str) -> str:
    """How the text writes the name of a column: `log_tau_0` is log τ₀."""
def paces(clock: Adaptive, n: int = 20) -> Picture:
    """The levels of all dimensions over time, and when each passes the middle one."""
def _draw_spread(axis: Axes, t: Tensor, gamma: Tensor) -> None: ...
