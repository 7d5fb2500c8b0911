"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.moment import Moment
from ..processes.process import Process
from ..processes.process import Time
from .grid import Grid
from .sample import Sampler
from typing import Any

__all__ = [
    "PREDICTORS", "PredictorCorrector"
]
def scored(model: Denoiser) -> int:
    """Trailing blocks of the score that a denoiser tells: all, or the heads of a noise network."""
def corrected(
    model: Denoiser,
    y: Tensor,
    t: Time,
    h: float,
    generator: Randomness = None,
    **cond: Tensor,
) -> Tensor:
    """One step of Langevin's equation at a fixed time, P = L Lᵀ on the blocks that are known."""
PREDICTORS: dict[str, type[Sampler]]
class PredictorCorrector(Sampler):
    """A step of another sampler, then y ← y − h L ε̂ + √(2h) L ξ, h = 2 snr² (Song et al. 2021)."""
    corrections: int
    snr: float
    rule: Sampler
    predictor: Any
    def __init__(
        self,
        steps: int = 250,
        *,
        grid: Grid = 'uniform',
        predictor: str | Callable[..., Sampler] = ...,
        corrections: int = 1,
        snr: float = 0.16,
    ) -> None: ...
    def times(self, process: Process, start: Time = 1.0) -> Tensor:
        """Those of the predictor, which may refuse some."""
    def plan(self, process: Process, s: Moment, t: Moment) -> object:
        """What the predictor needs to know."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """The predictor's step to s, and corrections there."""
def _made(predictor: str | Callable[..., Sampler], steps: int, grid: str | Tensor) -> Sampler: ...
