"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
import torch
from torch import Tensor
from torch import nn
from .context import Context
from ..gaussians.core import Randomness
from ..processes.schedule import Schedule
from typing import Any

__all__ = [
    "SHARES", "Fields", "Adaptive", "Polynomial", "Steps"
]
def cosines(size: int, waves: int) -> Tensor:
    """The slowest cosines on a row of pixels (the basis of the DCT-II)."""
SHARES: tuple[str, str, str]
def _cells(shape: tuple[int, ...], share: str, waves: int | None) -> tuple[int, ...]: ...
class Fields(nn.Module):
    """Images of coefficients, a set for each example, made from what a context says."""
    rows: Tensor
    columns: Tensor
    shape: Any
    per: int
    size: int
    cells: Any
    waves: int | None
    network: Any
    numbers: nn.Parameter
    def __init__(
        self,
        per: int,
        size: int,
        shape: Sequence[int],
        width: int = 64,
        share: str = 'none',
        waves: int | None = None,
    ) -> None: ...
    def forward(self, c: Tensor | None = None) -> Tensor:
        """The fields; zeros before training."""
    def _from(self, c: Tensor) -> Tensor: ...
    def __call__(self, c: Tensor | None = None) -> Tensor:
        """The fields; zeros before training."""
def _three_layers(size: int, width: int, out: int) -> nn.Sequential: ...
class Adaptive(Schedule):
    """γ_0 + (γ_1 − γ_0) S_i(t, c), told by a context, ends in common (Sahoo et al. 2024, §3)."""
    per: int
    _told: tuple[Tensor, Tensor] | None = None
    straight_part: torch.Tensor
    source: Context | None
    fields: Fields
    def __init__(
        self,
        context: Context | None = None,
        shape: Sequence[int] = (3, 32, 32),
        gamma_0: float = -13.3,
        gamma_1: float = 5.0,
        width: int = 64,
        share: str = 'none',
        waves: int | None = None,
        straight: float = 0.0,
        learned: bool = False,
    ) -> None: ...
    def begin(self) -> None:
        """Make the parameters that all dimensions have in common: none."""
    def curve(self, fields: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """The shape that coefficients make, from 0 to 1, and its slope, in closed form."""
    @property
    def latent(self) -> int:
        """Numbers that the network is told: those of the context, if they were inferred."""
    @property
    def data_shape(self) -> tuple[int, ...]:
        """Of one example."""
    @property
    def stands(self) -> bool:
        """May a pixel stand still while others travel? Not with a straight part."""
    @property
    def classes(self) -> int:
        """Classes of the labels that the clock is told."""
    def told(self, c: Tensor) -> Adaptive:
        """The clock of examples about which it is told c."""
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Adaptive, dict[str, Tensor]]:
        """The clock of some examples, and what their context costs."""
    @property
    def context(self) -> dict[str, Tensor]:
        """What the network is told: a code that was inferred. Labels reach it by their own way."""
    def charge(self, x: Tensor) -> dict[str, Tensor]:
        """log q(c|x) − log p(c) of the code that it was told."""
    def subset(self, index: Tensor) -> Adaptive:
        """The clock of some of the examples."""
    def _both(self, t: Tensor) -> tuple[Tensor, Tensor]: ...
    def shape(self, t: Tensor) -> Tensor:
        """S, for each example and dimension."""
    def _at_ends(self, t: Tensor) -> bool: ...
    def forward(self, t: Tensor) -> Tensor:
        """γ for each example and dimension; `(1, *shape)` at an end that is known to be one."""
    def rate(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """γ and γ', in closed form."""
    def check(self) -> None:
        """Raise `InputError` unless fields make a curve from 0 to 1."""
    def times(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """As they come: dimensions reach a level at times of their own."""
    def inverse(self, gamma: Tensor | float) -> Tensor:
        """Refused: there is no one time."""
    def __call__(self, t: Tensor) -> Tensor:
        """γ for each example and dimension; `(1, *shape)` at an end that is known to be one."""
def _check_adaptive(clock: Adaptive, context: Context | None, straight: float) -> None: ...
class Polynomial(Adaptive):
    """∂S/∂t ∝ (a t² + b t + c)², MuLAN's clock (Sahoo et al. 2024)."""
    def curve(self, fields: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """P(t) / P(1), and its slope."""
class Steps(Adaptive):
    """A weighted mean of a straight line and soft steps: a monotone network for every dimension."""
    steepness: nn.Parameter
    place: nn.Parameter
    def begin(self) -> None:
        """Seven steps, evenly placed."""
    def curve(self, fields: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Σ π η(t), and its slope."""
