"""Written by tools/stubs.py: do not edit."""
import torch
from torch import Tensor
from torch import nn
from typing import Any

__all__ = [
    "sinusoid", "fourier", "zero_init", "lecun", "norm", "Conv", "conv3", "swish", "MLP",
    "ResBlock", "Attention", "UNet", "EncoderUNet"
]
def sinusoid(g: Tensor, width: int) -> Tensor:
    """Sines and cosines of 1000 g at `width`/2 frequencies from 1 down to 1/10000 (Kingma et al.
    2021, Appendix B)."""
def fourier(z: Tensor, frequencies: tuple[float, ...]) -> Tensor:
    """z beside the sine and cosine of 2π f z for each frequency f (Kingma et al. 2021, Appendix
    C)."""
def zero_init(layer: nn.Module) -> nn.Module:
    """Set every parameter of a new layer to zero, so that what it adds starts as nothing."""
def lecun(layer: nn.Module) -> nn.Module:
    """Lecun-normal weights (variance 1/fan-in) and zero biases, the initialisation of Kingma et al.
    2021."""
def norm(width: int) -> nn.GroupNorm:
    """GroupNorm in at most 32 groups of at least 4 channels, with an epsilon of 1e-6."""
def _dual(layer: nn.Module, h: Tensor) -> tuple[Tensor, Tensor | None]: ...
class _Affine(nn.Module):
    def forward(self, h: Tensor) -> Tensor: ...
    def __call__(self, h: Tensor) -> Tensor: ...
class Conv(_Affine, nn.Conv2d):
    """A convolution with a bias, whose tangent costs one convolution more."""
class _Doubler(_Affine, nn.ConvTranspose2d): ...
class _Dropout(nn.Dropout):
    def forward(self, h: Tensor) -> Tensor: ...
    def __call__(self, h: Tensor) -> Tensor: ...
def conv3(c_in: int, c_out: int) -> nn.Module:
    """A 3×3 convolution that keeps the size of the image."""
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
    move: Tensor,
    along: Tensor,
    first: Tensor,
    half: Tensor,
) -> tuple[Tensor, ...]: ...
class _Swish(torch.autograd.Function):
    @staticmethod
    def forward(*args: Tensor | float) -> tuple[Tensor, ...]: ...
    @staticmethod
    def setup_context(ctx: object, inputs: tuple, output: tuple[Tensor, ...]) -> None: ...
    @staticmethod
    def backward(
        ctx: object,
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
    """swish(layer(h)); where h has a tangent, the value and the tangent in one operation."""
class MLP(nn.Module):
    """A residual multilayer perceptron for vectors; the output starts at zero."""
    frequencies: tuple[float, ...]
    features: int
    enter: nn.Linear
    level: nn.Sequential
    hidden: nn.ModuleList
    leave: Any
    def __init__(
        self,
        dims: int = 2,
        width: int = 128,
        layers: int = 3,
        frequencies: tuple[float, ...] = (),
        features: int = 32,
        out: int | None = None,
    ) -> None: ...
    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """Predict from a noisy point and its noise level."""
    def __call__(self, z: Tensor, g: Tensor) -> Tensor:
        """Predict from a noisy point and its noise level."""
class ResBlock(nn.Module):
    """GroupNorm, swish and convolution, twice, with the noise level added between and a shortcut
    around."""
    norm_1: Any
    conv_1: Any
    level: Any
    norm_2: Any
    conv_2: Any
    dropout: Any
    shortcut: Any
    def __init__(self, c_in: int, c_out: int, cond: int, dropout: float) -> None: ...
    def forward(self, h: Tensor, cond: Tensor) -> Tensor:
        """Add to the shortcut what the block has learned."""
    def __call__(self, h: Tensor, cond: Tensor) -> Tensor:
        """Add to the shortcut what the block has learned."""
class Attention(nn.Module):
    """Single-head self-attention over all pixels, with a residual."""
    norm: Any
    qkv: Any
    out: Any
    def __init__(self, width: int) -> None: ...
    def forward(self, h: Tensor) -> Tensor:
        """Add to every pixel what it gathers from all the others."""
    def __call__(self, h: Tensor) -> Tensor:
        """Add to every pixel what it gathers from all the others."""
def _level(width: int) -> nn.Sequential: ...
class UNet(nn.Module):
    """The VDM score network: constant resolution and width, `blocks` residual blocks in and one
    more out (Kingma et al. 2021, Appendix B)."""
    width: int
    frequencies: tuple[float, ...]
    level: Any
    enter: Any
    down: nn.ModuleList
    mid_1: Any
    attention: Attention
    mid_2: Any
    up: nn.ModuleList
    leave: nn.Sequential
    def __init__(
        self,
        channels: int = 3,
        width: int = 128,
        blocks: int = 8,
        dropout: float = 0.1,
        frequencies: tuple[float, ...] = (64.0, 128.0),
        out: int | None = None,
    ) -> None: ...
    def forward(self, z: Tensor, g: Tensor, cond: Tensor | None = None) -> Tensor:
        """Predict from a noisy image and its noise level; the last `out` channels of the image
        itself are added at the end."""
    def __call__(self, z: Tensor, g: Tensor, cond: Tensor | None = None) -> Tensor:
        """Predict from a noisy image and its noise level; the last `out` channels of the image
        itself are added at the end."""
def _doubler(c_in: int, c_out: int) -> nn.ConvTranspose2d: ...
class EncoderUNet(nn.Module):
    """The encoder's network: residual blocks at ever half the resolution and twice the width, and
    back (Nielsen et al. 2024, Appendix)."""
    width: int
    levels: int
    level: Any
    enter: Any
    down: nn.ModuleList
    mid_1: ResBlock
    attention: Attention
    mid_2: ResBlock
    grow: nn.ModuleList
    up: nn.ModuleList
    leave: nn.Sequential
    def __init__(
        self,
        channels: int = 3,
        width: int = 64,
        levels: int = 2,
        blocks: int = 1,
        dropout: float = 0.1,
    ) -> None: ...
    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """What the image should become at a noise level, before the final tanh of `Encoder`."""
    def __call__(self, x: Tensor, g: Tensor) -> Tensor:
        """What the image should become at a noise level, before the final tanh of `Encoder`."""
