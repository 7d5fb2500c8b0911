"""Written by tools/stubs.py: do not edit."""
from functools import cache
from torch import Tensor
from torch import nn
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from .adapters import Foreign
from .model import Diffusion
from ..processes.schedule import Custom
from typing import Any

__all__ = [
    "from_azula", "to_azula"
]
class AzulaLevels(nn.Module):
    """γ(t) = 2 log(σ/α) of a schedule of azula's."""
    schedule: Foreign
    def __init__(self, schedule: Foreign) -> None: ...
    def forward(self, t: Tensor) -> Tensor:
        """The noise level."""
    def __call__(self, t: Tensor) -> Tensor:
        """The noise level."""
class AzulaNetwork(nn.Module):
    """A denoiser of azula's, told a noise level and shown z."""
    denoiser: nn.Module
    levels: AzulaLevels
    clock: Custom
    def __init__(self, denoiser: nn.Module, levels: AzulaLevels) -> None: ...
    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """The mean of the denoiser's law of x."""
    def __call__(self, z: Tensor, g: Tensor) -> Tensor:
        """The mean of the denoiser's law of x."""
def from_azula(
    denoiser: nn.Module,
    shape: tuple[int, ...] = (3, 32, 32),
    discretization: Discretization | Continuous | None = None,
) -> Diffusion:
    """A denoiser of azula's as a model in continuous time."""
class AzulaSchedule(nn.Module):
    """α and σ of z, as azula asks for them."""
    process: Any
    def __init__(self, model: Diffusion) -> None: ...
    def forward(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """α_t and σ_t in the type of t."""
    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """α_t and σ_t in the type of t."""
@cache
def _denoiser_class() -> type[nn.Module]: ...
def to_azula(model: Diffusion) -> nn.Module:
    """A model as a denoiser of azula's, for its samplers and its guidance."""
