"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from torch import nn
from .features import LabelTable
from .tangent import ConvTranspose
from .tangent import Dropout
from typing import Any

__all__ = [
    "zero_init", "lecun", "norm", "conv3", "MLP", "ResBlock", "Attention", "UNet", "EncoderUNet"
]
def zero_init(layer: nn.Module) -> nn.Module:
    """Set every parameter of a new layer to zero, so that what it adds starts as nothing."""
def lecun(layer: nn.Linear | nn.Conv2d) -> nn.Linear | nn.Conv2d:
    """Lecun-normal weights (variance 1/fan-in) and zero biases (Kingma et al. 2021)."""
def norm(width: int) -> nn.GroupNorm:
    """GroupNorm in at most 32 groups of at least 4 channels, with an epsilon of 1e-6."""
def conv3(c_in: int, c_out: int) -> nn.Module:
    """A 3×3 convolution that keeps the size of the image."""
class MLP(nn.Module):
    """A residual multilayer perceptron for vectors; the output starts at zero."""
    frequencies: Any
    features: int
    latent: int
    enter: nn.Linear
    level: Any
    hidden: nn.ModuleList
    leave: Any
    labels: LabelTable
    def __init__(
        self,
        dims: int = 2,
        width: int = 128,
        layers: int = 3,
        frequencies: tuple[float, ...] = (),
        features: int = 32,
        out: int | None = None,
        classes: int | None = None,
        latent: int = 0,
    ) -> None: ...
    def forward(
        self,
        z: Tensor,
        g: Tensor,
        label: Tensor | None = None,
        latent: Tensor | None = None,
    ) -> Tensor:
        """Predict from a noisy point, its noise level and perhaps its class or code."""
    def __call__(
        self,
        z: Tensor,
        g: Tensor,
        label: Tensor | None = None,
        latent: Tensor | None = None,
    ) -> Tensor:
        """Predict from a noisy point, its noise level and perhaps its class or code."""
def _two_layers(c_in: int, width: int) -> nn.Sequential: ...
class ResBlock(nn.Module):
    """GroupNorm, swish and convolution, twice; the noise level between, a shortcut around."""
    norm_1: Any
    conv_1: Any
    level: Any
    norm_2: Any
    conv_2: Any
    dropout: Dropout
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
def level_layers(width: int) -> nn.Sequential:
    """`width` features and one spare number become `4 width` numbers."""
def _widened(weight: Tensor, more: int) -> nn.Linear: ...
class UNet(nn.Module):
    """The VDM score network: one resolution and width (Kingma et al. 2021, Appendix B)."""
    width: int
    latent: int
    frequencies: Any
    level: Any
    enter: Any
    down: nn.ModuleList
    mid_1: Any
    attention: Any
    mid_2: Any
    up: nn.ModuleList
    leave: nn.Sequential
    labels: LabelTable
    def __init__(
        self,
        channels: int = 3,
        width: int = 128,
        blocks: int = 8,
        dropout: float = 0.1,
        frequencies: tuple[float, ...] = (64.0, 128.0),
        out: int | None = None,
        classes: int | None = None,
        latent: int = 0,
    ) -> None: ...
    def forward(
        self,
        z: Tensor,
        g: Tensor,
        label: Tensor | None = None,
        latent: Tensor | None = None,
    ) -> Tensor:
        """Predict from a noisy image, its noise level, perhaps its class or code; add the image."""
    def __call__(
        self,
        z: Tensor,
        g: Tensor,
        label: Tensor | None = None,
        latent: Tensor | None = None,
    ) -> Tensor:
        """Predict from a noisy image, its noise level, perhaps its class or code; add the image."""
def _middle(width: int, cond: int, dropout: float) -> tuple[ResBlock, Attention, ResBlock]: ...
def _doubler(c_in: int, c_out: int) -> ConvTranspose: ...
class EncoderUNet(nn.Module):
    """The encoder's network: ever half the resolution and twice the width, and back.

    Nielsen et al. 2024, Appendix."""
    width: int
    levels: int
    level: Any
    enter: Any
    down: nn.ModuleList
    mid_1: Any
    attention: Any
    mid_2: Any
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
