"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from dataclasses import dataclass
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from .fields import Box
from typing import Any

__all__ = [
    "LogLikelihood", "Frozen", "BoundLikelihood", "GridPosterior", "grid_posterior",
    "zoomed_posterior"
]
LogLikelihood = Callable[[Tensor], Tensor]
class Frozen:
    """A log-likelihood of θ from K draws that are made once: minus their weighted cost, summed."""
    weight: Tensor
    constant: float = 0.0
    together: int
    def cost(self, theta: Tensor, k: slice) -> Tensor:
        """What some draws cost under some parameters."""
    def __call__(self, theta: Tensor) -> Tensor:
        """The estimate of log p(x | θ), with its graph."""
    def _one(self, theta: Tensor) -> Tensor: ...
class BoundLikelihood(Frozen):
    """log p(x | θ) through a model's own bound, with frozen times and noise."""
    model: Denoiser
    x: Any
    times: Any
    eps: Any
    def __init__(
        self,
        model: Denoiser,
        x: Tensor,
        draws: int = 128,
        generator: Randomness = None,
    ) -> None: ...
    def cost(self, theta: Tensor, k: slice) -> Tensor:
        """The path KL at each draw."""
def check_one(model: Denoiser, x: Tensor) -> None:
    """Raise `InputError` unless this is a denoiser without contexts, and one example."""
@dataclass(frozen=True, eq=False)
class GridPosterior:
    """A posterior on a grid of two parameters, with its moments."""
    axes: tuple[Tensor, Tensor]
    mass: Tensor
    @property
    def mean(self) -> Tensor:
        """Posterior means."""
    @property
    def sd(self) -> Tensor:
        """Posterior standard deviations."""
    def marginal(self, j: int) -> Tensor:
        """The probability of each value of one parameter."""
    def below(self, theta: Tensor) -> Tensor:
        """The marginal probability that each parameter is smaller: uniform, if all is right."""
    def _below(self, j: int, value: float) -> Tensor: ...
    def kl(self, other: GridPosterior) -> float:
        """KL(self ‖ other) in nats."""
    def level(self, share: float) -> float:
        """The node mass above which this share of the probability lies: a contour."""
def grid_posterior(log_likelihood: LogLikelihood, box: Box, points: int = 41) -> GridPosterior:
    """The posterior under a uniform prior, in the middles of `points`² cells of a box."""
def zoomed_posterior(
    log_likelihood: LogLikelihood,
    prior: Box,
    points: int = 21,
    coarse: int = 9,
    reach: float = 4.5,
) -> GridPosterior:
    """Looks at the whole prior, and nearer, until the grid can tell; then one finer grid."""
