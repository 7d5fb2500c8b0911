"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.process import Time
from .grid import Grid
from .sample import ProbabilityFlow
from typing import Any

__all__ = [
    "Arrival", "AdaptiveFlow"
]
_ROWS: tuple[tuple[Any] | tuple[Any, Any] | tuple[Any, Any, Any] | tuple[Any, ...], ...]
_PLACES: tuple[Any, ...]
_FOURTH: tuple[Any, ...]
_DOUBT: Any
_FIRST: float
_LONGEST: float
_SHORTEST: float
@dataclass(frozen=True, eq=False)
class Arrival:
    """Where a flow has led, and what it cost."""
    y: Tensor
    calls: Tensor
    arrived: Tensor
@dataclass(frozen=True, eq=False)
class _Travel:
    """Examples under way, each at a time of its own."""
    index: Tensor
    y: Tensor
    slope: Tensor
    t: Tensor
    end: Tensor
    h: Tensor
def _some(model: Denoiser, index: Tensor) -> Denoiser:
    """The denoiser of some of the examples; itself unless it differs between them."""
class AdaptiveFlow(ProbabilityFlow):
    """The probability flow by Dormand and Prince's pair, with a step length for every example."""
    rtol: float
    atol: float
    most: int
    def __init__(
        self,
        rtol: float = 1e-05,
        *,
        atol: float = 1e-05,
        stops: int = 1,
        grid: Grid | None = None,
        most: int = 6000,
    ) -> None: ...
    def _trial(
        self,
        model: Denoiser,
        at: _Travel,
        **cond: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]: ...
    def _next(self, model: Denoiser, at: _Travel, **cond: Tensor) -> _Travel: ...
    def _begin(
        self,
        model: Denoiser,
        y: Tensor,
        t: Tensor,
        end: Tensor,
        **cond: Tensor,
    ) -> _Travel: ...
    def solve(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time = 0.0,
        t: Time = 1.0,
        **cond: Tensor,
    ) -> Arrival:
        """Follow the flow from t to s, and count the network's calls; who gives up is told
        apart."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """The whole way from t to s, in steps of its own."""
def _norm(error: Tensor, scale: Tensor) -> Tensor: ...
def _mean(weights: tuple[float, ...], slopes: list[Tensor]) -> Tensor: ...
def _no_further(h: Tensor, t: Tensor, end: Tensor) -> Tensor: ...
