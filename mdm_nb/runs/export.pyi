"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
import torch
from torch import Tensor
from torch import nn
from mdm_nb.models.adapters import Foreign
from mdm_nb.models.adapters import Tabulated
from ..models.model import Diffusion
from .construct import Call

__all__ = [
    "ExportedNetwork", "to_diffusers"
]
WEIGHTS: str
MODULE: str
class ModelMixin(nn.Module):
    """By this name in a module, diffusers knows which of its classes it may load."""
class Answer(NamedTuple):
    """What a network of diffusers returns."""
    sample: Tensor
def _homes(call: Call) -> Iterator[str]: ...
def rebuilt(text: str) -> nn.Module:
    """The network of a text, from modules that are imported already."""
class ExportedNetwork(ModelMixin):
    """A network of ours that is called as diffusers calls a UNet2DModel."""
    network: nn.Module
    levels: Tabulated
    text: str
    config: SimpleNamespace
    def __init__(
        self,
        network: nn.Module,
        levels: Tabulated,
        shape: tuple[int, ...],
        text: str,
        classes: int | None = None,
    ) -> None: ...
    @property
    def dtype(self) -> torch.dtype:
        """Type of the weights."""
    @property
    def device(self) -> torch.device:
        """Where the network lives."""
    def forward(
        self,
        sample: Tensor,
        timestep: Tensor | float,
        class_labels: Tensor | None = None,
        return_dict: bool = True,
    ) -> Answer | tuple[Tensor]:
        """The network's prediction at the level of a step."""
    def save_pretrained(self, folder: Path | str, **options: object) -> None:
        """Write settings and weights."""
    def _times(self) -> Tensor: ...
    @classmethod
    def from_pretrained(cls, folder: Path | str, **options: object) -> ExportedNetwork:
        """Read settings and weights; nothing is unpickled, and no module is imported."""
    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor | float,
        class_labels: Tensor | None = None,
        return_dict: bool = True,
    ) -> Answer | tuple[Tensor]:
        """The network's prediction at the level of a step."""
def _fill(network: nn.Module, tensors: dict[str, Tensor], text: str) -> None: ...
@contextmanager
def _whole(folder: Path) -> Iterator[Path]: ...
def _text(network: nn.Module, classes: int | None) -> str: ...
class TableScheduler(NamedTuple):
    """The settings of a DDPMScheduler, which take no diffusers to write."""
    about: dict
    def save_pretrained(self, folder: Path) -> None:
        """Write scheduler_config.json."""
def _check(model: Diffusion) -> None: ...
def _in_their_form(model: Diffusion, text: str | None, steps: int) -> dict[str, Foreign]: ...
def _parts(model: Diffusion, text: str | None, steps: int) -> dict[str, Foreign]: ...
def _named(part: object) -> list[str]: ...
def to_diffusers(
    model: Diffusion,
    folder: Path | str,
    network: str | None = None,
    steps: int = 1000,
) -> Path:
    """Write a model as the folder of a diffusers pipeline."""
