"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
import numpy as np
from torch import Tensor
from ..models.model import Diffusion
from .restoration import Drawing
from ..samplers.sample import Sampler

__all__ = [
    "read_thrown", "make_return", "boomerang_run"
]
def read_thrown(path: Path, shape: tuple[int, ...], levels: int) -> tuple[Tensor, list[str]]:
    """Pictures as a run knows them; `InputError` for one of another size or mode."""
def _levels_of(file: Path, shape: tuple[int, ...], levels: int) -> np.ndarray: ...
def make_return(
    model: Diffusion,
    text: str | None = None,
    steps: int | None = None,
    eta: float | None = None,
    grid: str | None = None,
) -> Sampler:
    """The model's own way back, or the sampler of a text; learned variances are left out."""
def boomerang_run(
    path: Path,
    images: Path,
    out: Path,
    snr: float,
    asked: Drawing,
    cascade: int = 1,
    device: str = 'auto',
) -> None:
    """Do what `mdm_boomerang` was asked for."""
def _write(
    out: Path,
    new: Tensor,
    names: list[str],
    levels: int,
    how: dict[str, object],
) -> None: ...
