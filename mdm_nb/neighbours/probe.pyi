"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from typing import NamedTuple
from torch import Tensor
from torch import nn
from ..models.model import Diffusion

__all__ = [
    "probe_layers", "diffusion_features", "Components", "principal", "answered"
]
def probe_layers(model: Diffusion) -> list[str]:
    """The names of the network's blocks, in its own order."""
def _kept(
    network: nn.Module,
    layers: tuple[str, ...],
    call: Callable[[], Tensor],
) -> list[Tensor]: ...
def _check_layers(layers: object, known: list[str]) -> None: ...
def _pooled(h: Tensor, cells: int) -> Tensor: ...
def diffusion_features(
    model: Diffusion,
    images: Tensor,
    gamma: float,
    layers: tuple[str, ...],
    cells: int = 4,
    batch_size: int = 256,
) -> dict[str, Tensor]:
    """What a diffusion's network makes of pictures without noise, scaled as at a noise level."""
class Components(NamedTuple):
    """The directions in which features vary most, in one common scale."""
    mean: Tensor
    axes: Tensor
    def __call__(self, X: Tensor) -> Tensor:
        """The features along the directions."""
def principal(X: Tensor, dims: int = 64) -> Components:
    """The principal components of features, with a mean variance of 1 along them."""
def answered(log_probs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """How often the answers are right if only the surest are given."""
