"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from typing import Self
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..gaussians.core import Randomness
from .method import Judgement
from .method import Method
from ..processes.process import Moment
from ..processes.process import Process
from ..processes.process import Time
from ..samplers.adaptive_flow import AdaptiveFlow
from typing import Any

__all__ = [
    "STARTS", "Density", "FlowDensity", "log_prior", "Start", "log_decoded", "draw_start", "Flow"
]
def over_dims(number: Tensor, x: Tensor) -> Tensor: ...
def _trace(M: Tensor) -> Tensor: ...
def flow(
    model: Denoiser,
    y: Tensor,
    t: Time,
    probes: Tensor,
    **cond: Tensor,
) -> tuple[Tensor, Tensor]:
    """The probability flow and how it spreads, the trace summed over the probes."""
def _with_slope(value: Tensor, model: Denoiser) -> Tensor: ...
def _flow_of_score(
    model: Denoiser,
    y: Tensor,
    at: Moment,
    probes: Tensor,
    **cond: Tensor,
) -> tuple[Tensor, Tensor]: ...
@dataclass(frozen=True, eq=False)
class Density:
    """What a flow says of some states, and what it cost."""
    log_p: Tensor
    calls: Tensor
    arrived: Tensor
class _Spreading(AdaptiveFlow):
    def slope(self, model: Denoiser, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """dy/dt and div F, side by side; `cond` holds the probes."""
class FlowDensity:
    """The density that the probability flow gives to states."""
    solver: Any
    def __init__(self, rtol: float = 1e-05, *, atol: float = 1e-05, most: int = 6000) -> None: ...
    def log_prob(
        self,
        model: Denoiser,
        y: Tensor,
        exact: bool = False,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Density:
        """log p_0(y_0) = log π(y_1) + ∫ div F dt (Chen et al. 2018; Song et al. 2021, Eq. 39)."""
def log_prior(process: Process, y: Tensor) -> Tensor:
    """The log-density of N(0, S)."""
_READS: dict[str, str]
STARTS: Any
@dataclass(frozen=True, eq=False)
class Start:
    """A draw of y_0 given data, and its share of the weight."""
    y: Tensor
    log_q: Tensor
    decoded: Tensor
def log_decoded(
    at: Moment,
    y: Tensor,
    data: Tensor,
    discretization: Discretization | Continuous,
) -> Tensor:
    """How likely the decoder makes the data."""
def draw_start(
    process: Process,
    data: Tensor,
    discretization: Discretization | Continuous,
    start: str = 'decoder',
    generator: Randomness = None,
) -> Start:
    """Draw y_0 and say how likely that was."""
def _normal(eps: Tensor) -> Tensor: ...
def _dequantised(
    data: Tensor,
    discretization: Discretization | Continuous,
    start: str,
    std: Tensor,
    generator: Randomness,
) -> tuple[Tensor, Tensor]: ...
class Flow(Method):
    """−log p(x) by the probability flow: a method of `Diffusion.bpd`."""
    density: FlowDensity
    start: str
    exact: Any
    def __init__(
        self,
        rtol: float = 1e-05,
        *,
        atol: float = 1e-05,
        start: str = 'decoder',
        exact: bool = False,
        most: int = 6000,
    ) -> None: ...
    def check(self, discretization: Discretization | Continuous) -> None:
        """Raise `InputError` if data of this sort cannot begin like that."""
    def suited(
        self,
        model: Denoiser,
        discretization: Discretization | Continuous,
        T: int | None = None,
        log_ratio: Tensor | None = None,
    ) -> Self:
        """The method itself, if the model has a score and data of such a sort."""
    def __repr__(self) -> str: ...
    def __call__(
        self,
        model: Denoiser,
        data: Tensor,
        discretization: Discretization | Continuous,
        times: int = 1,
        generator: Randomness = None,
        protocol: str = '',
        **cond: Tensor,
    ) -> Judgement:
        """−log of the mean weight of some draws; with random signs the mean of −log w."""
