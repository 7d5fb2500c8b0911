"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from dataclasses import dataclass
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.moment import Moment
from ..processes.process import Process
from ..processes.process import Time
from .grid import Grid
from typing import Any

__all__ = [
    "Sampler", "Jump", "DDIM", "Ancestral", "EulerMaruyama", "ProbabilityFlow"
]
class Sampler:
    """Owns the loop from a start, t = 1 if no other is given, to t = 0; a sampler is one `step`."""
    order: int = 1
    calls: int
    steps: int
    grid: Any
    def __init__(self, steps: int = 250, *, grid: Grid = 'uniform') -> None: ...
    def times(self, process: Process, start: Time = 1.0) -> Tensor:
        """The grid of times."""
    def plan(self, process: Process, s: Moment, t: Moment) -> object:
        """What these steps need to know besides both of their ends."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """Go from y_t to y_s."""
    def along(
        self,
        model: Denoiser,
        y: Tensor,
        walk: Iterator[tuple[Moment, Moment]],
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Iterator[Tensor]:
        """The states along a walk, one after every step."""
    def __repr__(self) -> str: ...
    def __call__(
        self,
        model: Denoiser,
        y: Tensor,
        generator: Randomness = None,
        progress: bool = False,
        trajectory: bool = False,
        start: Time = 1.0,
        **cond: Tensor,
    ) -> Tensor:
        """Run the sampler; the coefficients of all steps are computed before the first."""
def check_denoiser(name: str, model: object) -> None:
    """Raise `InputError` for a model that has a denoiser, or anything else that is none."""
def check_numbers(name: str, x: object) -> None:
    """Raise `InputError` for grey levels, which have to be encoded, and for what is no tensor."""
def _check_arrived(sampler: Sampler, y: Tensor) -> None: ...
@dataclass(frozen=True, eq=False)
class Jump:
    """What a step does to the noise: matrices of shape `(..., K, K)`."""
    keep: Tensor
    new: Tensor
    rule: 'DDIM'
class DDIM(Sampler):
    """y_s = f_s x̂ + L_s U (√(1 − η²(1 − c²)) Vᵀ ε̂ + η √(1 − c²) ξ) (Song et al. 2021, Eq. 12)."""
    log_ratio: Tensor | None = None
    eta: float
    clip: float | None
    def __init__(
        self,
        steps: int = 250,
        *,
        eta: float = 0.0,
        clip: float | None = None,
        grid: Grid = 'uniform',
    ) -> None: ...
    def times(self, process: Process, start: Time = 1.0) -> Tensor:
        """The grid; variances that were learned belong to the steps of the whole way."""
    def plan(self, process: Process, s: Moment, t: Moment) -> Jump:
        """What becomes of the noise, old and new."""
    def _fresh(self, fresh: Tensor, t: Tensor) -> Tensor: ...
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """One step of the formula above."""
class Ancestral(DDIM):
    """Draw y_s from p(y_s | y_t), the posterior with x̂ for x (Kingma et al. 2021, Sec. 3.2)."""
    def __init__(
        self,
        steps: int = 250,
        *,
        clip: float | None = None,
        grid: Grid = 'uniform',
        log_ratio: Tensor | None = None,
    ) -> None: ...
def _length(s: Moment, t: Moment, y: Tensor) -> Tensor: ...
class EulerMaruyama(Sampler):
    """y_s = y_t − h (A y − N ŝ) + √h G ξ, backwards in straight steps (Song et al. 2021)."""
    def plan(self, process: Process, s: Moment, t: Moment) -> Tensor:
        """G, a root of the noise."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """One straight step with fresh noise."""
class ProbabilityFlow(Sampler):
    """dy/dt = A y − ½ N ŝ by Heun's rule, two calls for each step (Song et al. 2021, Eq. 13)."""
    def slope(self, model: Denoiser, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """dy/dt at time t."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """A trial step to s, and the mean of the slopes at both ends."""
