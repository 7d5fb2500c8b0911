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
from .sample import Sampler

__all__ = [
    "FlowStep", "Exponential", "Multistep", "DPMSolver", "GDDIM", "Heun"
]
@dataclass(frozen=True, eq=False)
class FlowStep:
    """The linear part of the probability flow from t to s, `(..., K, K)` each."""
    white: Tensor
    turned: Tensor
    carried: Tensor
    back: Tensor
    gain: Tensor
class Exponential(Sampler):
    """Rules that solve the linear part of the probability flow exactly."""
    usual: str
    chosen: bool
    def __init__(self, steps: int, *, grid: Grid | None = None) -> None: ...
    def times(self, process: Process, start: Time = 1.0) -> Tensor:
        """The grid; quadratic if none was given and dimensions have no level in common."""
    def plan(self, process: Process, s: Moment, t: Moment) -> FlowStep:
        """The linear part of the flow; `InputError` if an encoder moves the data."""
    def planned(self, process: Process, s: Moment, t: Moment) -> FlowStep:
        """The plan of one step, from the walk if there is one."""
class Multistep(Exponential):
    """Rules that draw a line through the answers of this step and the last."""
    def __init__(self, steps: int = 50, *, order: int = 2, grid: Grid | None = None) -> None: ...
    def look(
        self,
        model: Denoiser,
        y: Tensor,
        t: Moment,
        plan: FlowStep,
        **cond: Tensor,
    ) -> Tensor:
        """The answer that is held still during a step."""
    def move(self, y: Tensor, held: Tensor, s: Moment, t: Moment, plan: FlowStep) -> Tensor:
        """The step that is exact if the answer does not change."""
    def blocks(self, process: Process) -> int:
        """How many blocks an answer has: x̂ has one."""
    def seen_from(self, plan: FlowStep, answer: Tensor) -> Tensor:
        """The answer in the frame of the next step."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """A step that remembers nothing."""
    def along(
        self,
        model: Denoiser,
        y: Tensor,
        walk: Iterator[tuple[Moment, Moment]],
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Iterator[Tensor]:
        """The states along a walk; from its second step on the last answer is remembered."""
class DPMSolver(Multistep):
    """y_s = f_s x̂ + Ψ (y_t − f_t x̂), with x̂ of the middle (DPM-Solver++(2M), Lu et al. 2022)."""
    def look(
        self,
        model: Denoiser,
        y: Tensor,
        t: Moment,
        plan: FlowStep,
        **cond: Tensor,
    ) -> Tensor:
        """x̂."""
    def move(self, y: Tensor, held: Tensor, s: Moment, t: Moment, plan: FlowStep) -> Tensor:
        """x̂ stays, and the rest is carried along."""
class GDDIM(Multistep):
    """y_s = Φ⁻¹ y_t + (L_s O − Φ⁻¹ L_t) ε̂, with ε̂ of the middle (Zhang et al. 2023)."""
    def blocks(self, process: Process) -> int:
        """The noise has as many as the state."""
    def look(
        self,
        model: Denoiser,
        y: Tensor,
        t: Moment,
        plan: FlowStep,
        **cond: Tensor,
    ) -> Tensor:
        """ε̂, the noise of all blocks."""
    def move(self, y: Tensor, held: Tensor, s: Moment, t: Moment, plan: FlowStep) -> Tensor:
        """The drift backwards, and the push of the noise."""
    def seen_from(self, plan: FlowStep, answer: Tensor) -> Tensor:
        """The noise has turned meanwhile."""
class Heun(Exponential):
    """Heun's rule for the noise alone, two calls for each step (Karras et al. 2022, Alg. 1)."""
    def __init__(self, steps: int = 25, *, grid: Grid | None = None) -> None: ...
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """A trial step to s, and a step with the mean of the noises at both ends."""
