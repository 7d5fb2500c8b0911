"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

__all__ = [
    "Picture", "image_grid", "png", "curves", "moves"
]
class Picture(Figure):
    """A matplotlib figure that a notebook shows by itself, `pyplot` or not."""
    def _repr_png_(self) -> bytes: ...
def _canvas(images: Tensor, levels: int, cols: int) -> np.ndarray: ...
def image_grid(
    images: Tensor,
    levels: int = 256,
    columns: int | None = None,
    title: str = '',
) -> Picture:
    """Show images side by side, without interpolation."""
def png(figure: Figure, dpi: int = 110) -> bytes:
    """Render a figure without touching the disk."""
def _train(rows: Sequence[dict]) -> list[tuple]: ...
def _valid(rows: Sequence[dict]) -> list[tuple]: ...
def curves(rows: Sequence[dict], baseline: float | None = None) -> Picture:
    """The training loss and the validation bound against the step."""
_PANELS: dict[str, tuple[str, str] | tuple[str]]
def moves(rows: Sequence[dict]) -> Picture:
    """How a learned process moved during training: its ends, Q, D and the eigenvalues of its drift
    against the step."""
