"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import Any
from torch import Tensor
from torch import nn
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from .model import Diffusion
from ..processes.scalar import VE
from ..processes.scalar import VP
from ..processes.schedule import Schedule

__all__ = [
    "GREY_LEVELS", "PREDICTIONS", "table_levels", "table_betas", "Tabulated", "StepNetwork",
    "SigmaNetwork", "pixel_levels", "from_diffusers"
]
Foreign = Any
NO_SIGNAL: float
def level_of(tau: Tensor) -> Tensor:
    """γ = log(exp τ − 1)."""
def forgotten(gamma: Tensor) -> Tensor:
    """τ = log(1 + exp γ)."""
def table_levels(betas: Tensor) -> Tensor:
    """The noise levels of a chain of steps (Ho et al. 2020, Eq. 4)."""
def table_betas(gamma: Tensor) -> Tensor:
    """The steps of a chain with these noise levels: the inverse of `table_levels`."""
def _check_levels(gamma: Tensor) -> None: ...
class Tabulated(Schedule):
    """Noise levels from a table, at even times; between them τ = log(1 + exp γ) is linear."""
    tau: Tensor
    def __init__(self, gamma: Tensor) -> None: ...
    @property
    def steps(self) -> int:
        """Steps from the first entry to the last."""
    def shape(self, t: Tensor) -> Tensor:
        """γ at a place between two entries, rescaled to [0, 1]."""
    def shape_inverse(self, S: Tensor) -> Tensor:
        """The time of a level: find its neighbours in the table, and the place between them."""
def asked(unet: nn.Module, z: Tensor, step: Tensor, label: Tensor | None) -> Tensor:
    """A network's answer, out of whatever it comes wrapped in."""
class StepNetwork(nn.Module):
    """A network that is called as `unet(z, step)`, told the noise level instead."""
    unet: nn.Module
    levels: Tabulated
    whole: bool
    scheduler: Foreign
    variances: bool
    def __init__(self, unet: nn.Module, levels: Tabulated, whole: bool = False) -> None: ...
    def step(self, g: Tensor) -> Tensor:
        """Which step of the table has this level; perhaps a fraction."""
    def forward(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        """Ask about the step of this level, and leave out predicted variances."""
    def __call__(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        """Ask about the step of this level, and leave out predicted variances."""
class SigmaNetwork(nn.Module):
    """A network F with the preconditioning of Karras et al. (2022, Table 1), told γ = 2 log σ."""
    unet: nn.Module
    span: tuple[float, float]
    sigma_data: float
    sign: int
    scheduler: Foreign
    def __init__(
        self,
        unet: nn.Module,
        span: tuple[float, float],
        sigma_data: float = 0.5,
        sign: int = 1,
    ) -> None: ...
    def forward(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        """c_skip y + c_out F(c_in y, ¼ log σ)."""
    def __call__(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        """c_skip y + c_out F(c_in y, ¼ log σ)."""
def pixel_levels(levels: int = 256) -> Discretization:
    """Levels 0 … levels−1 at x = 2k/(levels−1) − 1, from −1 to 1."""
GREY_LEVELS: str
PREDICTIONS: dict[str, str]
def _predicted(scheduler: Foreign) -> str: ...
def _shape(unet: nn.Module, shape: tuple[int, ...] | None) -> tuple[int, ...]: ...
def _by_steps(unet: nn.Module, scheduler: Foreign) -> tuple[StepNetwork, VP, str]: ...
def _by_sigma(unet: nn.Module, scheduler: Foreign) -> tuple[SigmaNetwork, VE, str]: ...
def from_diffusers(
    unet: nn.Module | Path | str,
    scheduler: Foreign = None,
    shape: tuple[int, ...] | None = None,
    discretization: Discretization | Continuous | None = None,
    classes: int | None = None,
) -> Diffusion:
    """A network of diffusers and its scheduler as a model in continuous time."""
def _check_called(unet: nn.Module, classes: int | None) -> None: ...
def _part(folder: Path, name: str, index: object) -> Foreign: ...
def _read(folder: Path, name: str) -> Foreign: ...
def levels_in(folder: Path) -> Discretization | Continuous:
    """Where the grey levels lie, as `to_diffusers` wrote down; `pixel_levels` if nobody did."""
def load_folder(folder: Path) -> tuple[Foreign, Foreign]:
    """The network and the scheduler of a pipeline's folder; nothing is unpickled."""
