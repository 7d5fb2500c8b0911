"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from torch import Tensor
from ..bounds.bound import Bound
from ..bounds.denoiser import Denoiser
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..gaussians.core import Randomness
from .method import Judgement
from .method import Method
from ..processes.process import Moment
from ..processes.process import Process

__all__ = [
    "Weighted"
]
@dataclass(frozen=True, eq=False)
class ChainStep:
    """What a step of the chain needs to know: y_s = f_s x + keep (y_t − f_t x) + new ξ."""
    keep: Tensor
    new: Tensor
    early: Tensor
    late: Tensor
def chain_step(process: Process, s: Moment, t: Moment) -> ChainStep:
    """The step from t to s, from the canonical correlations of both ends."""
def _prior_cost(process: Process, y: Tensor, eps: Tensor, x: Tensor) -> Tensor: ...
def _step_cost(wrong: Tensor, xi: Tensor, log_ratio: Tensor | None) -> Tensor: ...
def descend(
    model: Denoiser,
    x: Tensor,
    walk: Iterable[tuple[Moment, Moment]],
    log_ratio: Tensor | None = None,
    generator: Randomness = None,
    **cond: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Draw y_1, ..., y_0 given x, and log q − log p of what was drawn."""
_COARSE: float
class Weighted(Method):
    """−log p(x) ≤ −E log of the mean weight of K trajectories (Burda et al. 2016)."""
    log_ratio: Tensor | None = None
    K: int
    steps: int | None
    def __init__(self, K: int = 16, *, steps: int | None = None) -> None: ...
    def suited(
        self,
        model: Denoiser,
        discretization: Discretization | Continuous,
        T: int | None = None,
        log_ratio: Tensor | None = None,
    ) -> Self:
        """The method with the steps of the model, and the variances that it learned for them."""
    @property
    def T(self) -> int:
        """Steps of a trajectory."""
    def doubt(self, found: Bound) -> str | None:
        """Of a chain so coarse that a few trajectories decide."""
    def __repr__(self) -> str: ...
    def _draw(
        self,
        model: Denoiser,
        data: Tensor,
        discretization: Discretization | Continuous,
        generator: Randomness,
        **cond: Tensor,
    ) -> dict[str, Tensor]: ...
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
        """The bound for every example, the mean of some independent ones."""
def check_chain(model: Denoiser) -> None:
    """Raise `InputError` if it says too little to come back in steps."""
