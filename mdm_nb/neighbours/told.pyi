"""Written by tools/stubs.py: do not edit."""
import torch
from torch import Tensor
from torch import nn
from .fields import Box
from .fields import GaussianField

__all__ = [
    "Told", "periodic", "SpectralNetwork"
]
class Told(nn.Module):
    """A network whose code is θ, scaled to [−1, 1] by its prior."""
    network: nn.Module
    prior: Box
    def __init__(self, network: nn.Module, prior: Box) -> None: ...
    def forward(self, z: Tensor, g: Tensor, theta: Tensor | None = None) -> Tensor:
        """Ask the network, telling it θ."""
    def __call__(self, z: Tensor, g: Tensor, theta: Tensor | None = None) -> Tensor:
        """Ask the network, telling it θ."""
def scaled(theta: Tensor | None, prior: Box, n: int) -> Tensor:
    """θ for every example, from the prior's scale to one around zero."""
def periodic(network: nn.Module) -> nn.Module:
    """The same network, whose convolutions take maps to go on at their opposite side."""
class SpectralNetwork(nn.Module):
    """ε̂ of a field whose spectrum and mean, as functions of θ, are learned: a control model."""
    field: GaussianField
    gamma: tuple[float, float]
    log_k: torch.Tensor
    spectrum: nn.Sequential
    mean: nn.Sequential
    def __init__(
        self,
        field: GaussianField,
        gamma: tuple[float, float] = (-9.0, 7.0),
        width: int = 64,
    ) -> None: ...
    def forward(self, z: Tensor, g: Tensor, theta: Tensor | None = None) -> Tensor:
        """Filter every wave by what was learned of its strength."""
    def __call__(self, z: Tensor, g: Tensor, theta: Tensor | None = None) -> Tensor:
        """Filter every wave by what was learned of its strength."""
