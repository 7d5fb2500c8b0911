"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from pathlib import Path
import numpy as np
from torch import Tensor
from ..bounds.discretize import Discretization
from ..models.model import Diffusion
from .restoration import Restoration
from ..samplers.sample import Sampler

__all__ = [
    "read_planes", "as_channels", "check_shape", "read_levels", "rounding", "read_mask", "Restorer",
    "make_restorer", "picture_file", "restored_name", "check_free"
]
def nearest_levels(pixels: np.ndarray, levels: int) -> np.ndarray:
    """The level that each pixel is closest to."""
def read_planes(
    file: Path,
    shape: tuple[int, ...],
    what: str,
    remedy: str,
    convert: bool = False,
) -> np.ndarray:
    """A picture with its channels first; `InputError` for one of another shape."""
def as_channels(planes: np.ndarray, channels: int) -> np.ndarray:
    """Grey as colour, and colour as grey where it is grey everywhere."""
def check_shape(
    what: str,
    found: tuple[int, ...],
    wanted: tuple[int, ...],
    remedy: str,
) -> None:
    """Raise `InputError` unless an image has the shape that a run knows."""
def read_levels(option: str, path: str, channels: int, levels: int = 256) -> Tensor:
    """The levels of a picture, in grey or colour as it is wanted."""
def rounding(levels: int) -> str:
    """What a command says of the pictures that it was given."""
def read_mask(path: str, size: tuple[int, ...]) -> Tensor:
    """A mask from a picture of two numbers, 0 and 1 or 0 and 255."""
def _said(size: tuple[int, ...]) -> str: ...
@dataclass(frozen=True)
class Restorer:
    """How to restore one picture with a model."""
    asked: Restoration
    given: Tensor
    known: Tensor | None
    levels: Discretization
    factor: int = 1
    def steer(self, model: Diffusion) -> Diffusion:
        """The model, told what the picture shows."""
    def sampler(self, rule: Sampler) -> Sampler:
        """The sampler, each of whose steps is walked as often as was asked for."""
    def shown(self, shape: tuple[int, ...]) -> Tensor:
        """What was given, at the model's size, and the mask."""
    def about(self) -> dict[str, object]:
        """What a note has to say: the task, its files and numbers, and what the files held."""
def make_restorer(asked: Restoration, model: Diffusion) -> Restorer:
    """Read the files; `InputError` if they do not fit the model."""
def picture_file(image: Tensor, levels: int) -> bytes:
    """A picture of one image, a pixel for a pixel."""
def restored_name(picture: Path, i: int) -> Path:
    """The file of one restored picture, counted from 1."""
def check_free(picture: Path, restored: int = 0) -> None:
    """Raise `InputError` if one of the files is there already, or cannot be written."""
