"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from torch import nn
from ..gaussians.errors import InputError
from typing import Any

__all__ = [
    "Encoder"
]
class Encoder(nn.Module):
    """x_φ = α² x + σ² y, y = tanh(network(x, g)), or 0 (Nielsen et al. 2024, Eqs. 15, 16)."""
    network: nn.Module | None
    span: tuple[float, float]
    bounded: Any
    def __init__(
        self,
        network: nn.Module | None = None,
        span: tuple[float, float] = (-13.3, 5.0),
        bounded: bool = True,
    ) -> None: ...
    def forward(self, x: Tensor, gamma: Tensor) -> Tensor:
        """The encoded data."""
    def _y(self, network: nn.Module, x: Tensor, gamma: Tensor) -> Tensor: ...
    def tangent(self, x: Tensor, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """The encoded data and how they move as the noise falls, by one pass with one dropout
        mask."""
    def between(self, x: Tensor, gamma_s: Tensor, gamma_t: Tensor) -> tuple[Tensor, Tensor]:
        """The encoded data at both ends of a step, with one dropout mask."""
    def __call__(self, x: Tensor, gamma: Tensor) -> Tensor:
        """The encoded data."""
def _unfit(shape: tuple[int, ...], e: RuntimeError) -> InputError: ...
