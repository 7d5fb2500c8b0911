"""Written by tools/stubs.py: do not edit."""
import torch
from torch import Tensor
from torch import nn
from torch.autograd.function import FunctionCtx
from typing import Any

__all__ = [
    "Conv", "ConvTranspose", "Dropout", "swish", "attend"
]
def _split(layer: nn.Module, h: Tensor) -> tuple[Tensor, Tensor | None]: ...
class _Affine(nn.Module):
    bias: Tensor
    def forward(self, h: Tensor) -> Tensor: ...
    def __call__(self, h: Tensor) -> Tensor: ...
class Conv(_Affine, nn.Conv2d):
    """A convolution with a bias, whose slope costs one convolution more."""
class ConvTranspose(_Affine, nn.ConvTranspose2d):
    """A transposed convolution with a bias, whose slope costs one more."""
class Dropout(nn.Dropout):
    """Dropout that drops the same features from a value and from its slope."""
    def __init__(self, p: float = 0.5) -> None: ...
    def forward(self, h: Tensor) -> Tensor:
        """Drop features while training."""
    def __call__(self, h: Tensor) -> Tensor:
        """Drop features while training."""
_normalise: Any
_J: Any
def _push(
    h: Tensor,
    dh: Tensor,
    w: Tensor,
    b: Tensor,
    groups: int,
    eps: float,
) -> tuple[Tensor, ...]: ...
def _pull(
    A: Tensor | None,
    D: Tensor | None,
    h: Tensor,
    w: Tensor,
    mean: Tensor,
    rate: Tensor,
    J_dh: Tensor,
    along: Tensor,
    first: Tensor,
    half: Tensor,
) -> tuple[Tensor, ...]: ...
def _bracket(
    J_wN: Tensor,
    J_v: Tensor,
    J_dh: Tensor,
    h: Tensor,
    mean: Tensor,
    rate: Tensor,
    h_dh: Tensor,
    h_v: Tensor,
    v_J_dh: Tensor,
) -> Tensor: ...
class _Swish(torch.autograd.Function):
    @staticmethod
    def forward(
        h: Tensor,
        dh: Tensor,
        w: Tensor,
        b: Tensor,
        groups: int,
        eps: float,
    ) -> tuple[Tensor, ...]: ...
    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple, output: tuple[Tensor, ...]) -> None: ...
    @staticmethod
    def backward(
        ctx: FunctionCtx,
        A: Tensor | None,
        D: Tensor | None,
        *_: None,
    ) -> tuple[Tensor | None, ...]: ...
    @staticmethod
    def vmap(
        info: object,
        in_dims: tuple,
        *args: Tensor | float,
    ) -> tuple[tuple[Tensor, ...], tuple]: ...
def swish(layer: nn.GroupNorm, h: Tensor) -> Tensor:
    """swish(layer(h)); where h has a slope, the value and the slope in one operation."""
def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scaled dot-product attention, by a kernel that carries a slope where there is one."""
