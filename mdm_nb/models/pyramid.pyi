"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from torch import nn
from .features import LabelTable
from .network import Attention
from .network import ResBlock
from typing import Any

__all__ = [
    "Rescaled", "Pyramid"
]
def blur(h: Tensor) -> Tensor:
    """The weights 1, 2, 1 over 4, along and across; at the border the last pixel is repeated."""
def halve(h: Tensor, smooth: bool = True) -> Tensor:
    """Half the resolution, by means of 2×2 pixels."""
def double(h: Tensor, smooth: bool = True) -> Tensor:
    """Twice the resolution, every pixel four times."""
class Rescaled(ResBlock):
    """A residual block over √2 that may change the resolution (Song et al. 2021, Appendix H)."""
    resize: nn.Identity | Callable[[Tensor], Tensor]
    attention: Attention | nn.Identity
    def __init__(
        self,
        c_in: int,
        c_out: int,
        cond: int,
        dropout: float,
        resize: Callable[[Tensor], Tensor] | None = None,
        attends: bool = False,
    ) -> None: ...
    def forward(self, h: Tensor, cond: Tensor) -> Tensor:
        """Shortcut and what the block has learned, over √2; then attention, if there is any."""
    def __call__(self, h: Tensor, cond: Tensor) -> Tensor:
        """Shortcut and what the block has learned, over √2; then attention, if there is any."""
class Waves(nn.Module):
    """Sines and cosines of g at random frequencies (Tancik et al. 2020)."""
    cycles: Tensor
    def __init__(self, width: int, scale: float = 16.0) -> None: ...
    def forward(self, g: Tensor) -> Tensor:
        """Features of a noise level."""
    def __call__(self, g: Tensor) -> Tensor:
        """Features of a noise level."""
def floor_of(
    widths: list[int],
    more: list[int],
    attends: list[bool],
    cond: int,
    dropout: float,
) -> nn.ModuleList:
    """The residual blocks of a floor."""
class Pyramid(nn.Module):
    """NCSN++, a U-Net over several resolutions (Song et al. 2021, Appendix H)."""
    frequencies: Any
    latent: int
    mult: tuple[int, ...]
    smooth: bool
    features: Any
    level: nn.Sequential
    labels: LabelTable
    enter: Any
    mid_1: Rescaled
    mid_2: Rescaled
    last_norm: Any
    leave: Any
    down: nn.ModuleList
    halves: nn.ModuleList
    shows: nn.ModuleList
    up: nn.ModuleList
    doubles: nn.ModuleList
    def __init__(
        self,
        channels: int = 3,
        width: int = 128,
        mult: tuple[int, ...] = (2, 2, 2),
        blocks: int = 8,
        attention: tuple[int, ...] = (1,),
        dropout: float = 0.15,
        frequencies: tuple[float, ...] = (),
        out: int | None = None,
        classes: int | None = None,
        latent: int = 0,
        residual: bool = True,
        smooth: bool = True,
        waves: bool = True,
    ) -> None: ...
    def _floors_down(
        self,
        width: int,
        blocks: int,
        attention: tuple[int, ...],
        dropout: float,
        shown: int,
    ) -> list[int]: ...
    def _floors_up(
        self,
        width: int,
        blocks: int,
        attention: tuple[int, ...],
        dropout: float,
        kept: list[int],
    ) -> None: ...
    def _descend(self, h: Tensor, z: Tensor, level: Tensor) -> list[Tensor]: ...
    def forward(
        self,
        z: Tensor,
        g: Tensor,
        label: Tensor | None = None,
        latent: Tensor | None = None,
    ) -> Tensor:
        """Predict from a noisy image, its noise level, perhaps its class or code."""
    def _check_image(self, z: Tensor) -> None: ...
    def __call__(
        self,
        z: Tensor,
        g: Tensor,
        label: Tensor | None = None,
        latent: Tensor | None = None,
    ) -> Tensor:
        """Predict from a noisy image, its noise level, perhaps its class or code."""
def _check(
    width: int,
    mult: tuple[int, ...],
    attention: tuple[int, ...],
    **counts: int,
) -> None: ...
