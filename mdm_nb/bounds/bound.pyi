"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from typing import NamedTuple
import torch
from torch import Tensor
from .denoiser import Denoiser
from .discretize import Continuous
from .discretize import Discretization
from ..gaussians.core import Randomness
from ..processes.process import Process

__all__ = [
    "Bound", "step_times", "spread", "bound_terms", "bound", "GaussianBound", "gaussian_bound"
]
def reconstruction_term(
    process: Process,
    data: Tensor,
    eps: Tensor,
    discretization: Discretization | Continuous,
) -> Tensor:
    """−log p(x | z_0) at one draw of z_0 (Kingma et al. 2021, Section 3.3)."""
@dataclass(frozen=True, eq=False, repr=False)
class Bound:
    """An upper bound on −log p(x) for every example, in named parts, and how it was measured."""
    parts: dict[str, Tensor]
    dims: int
    levels: int | None
    protocol: str
    place: Tensor | None = None
    @property
    def total(self) -> Tensor:
        """The bound for each example: the sum of its parts."""
    @property
    def nats(self) -> float:
        """Mean of the bound on −log p(x), nats per example."""
    @property
    def unit(self) -> str:
        """What `mean_se` counts in."""
    @property
    def bpd(self) -> float:
        """Mean bits per dimension; a density has none."""
    def mean_se(self, nats: Tensor) -> tuple[float, float]:
        """Mean and standard error over examples, in bits/dim for levels and in nats for a
        density."""
    @property
    def se(self) -> float:
        """Standard error of the mean over examples."""
    def terms(self) -> dict[str, tuple[float, float]]:
        """The bound and its parts."""
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    @classmethod
    def cat(cls, bounds: list[Bound]) -> Bound:
        """Join bounds on different examples into one."""
def step_times(process: Process, u: Tensor, T: int) -> tuple[Tensor, Tensor]:
    """Which of T steps to look at: evenly in γ, or each alike if γ differs between dimensions."""
def spread(
    times: int,
    n: int,
    generator: Randomness = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Even times, dealt to the examples at random: over a `Keyed` whole, or over these examples."""
def _check(
    model: Denoiser,
    data: Tensor,
    discretization: Discretization | Continuous,
    T: int | None,
    log_ratio: Tensor | None,
    ends: int | None,
) -> None: ...
def _path(
    model: Denoiser,
    x: Tensor,
    t: Tensor,
    T: int | None,
    eps: Tensor,
    log_ratio: Tensor | None,
    **cond: Tensor,
) -> Tensor: ...
def _priced(nats: dict[str, Tensor], n: int) -> dict[str, Tensor]: ...
def bound_terms(
    model: Denoiser,
    data: Tensor,
    discretization: Discretization | Continuous,
    T: int | None = None,
    times: int = 1,
    generator: Randomness = None,
    log_ratio: Tensor | None = None,
    ends: int | None = None,
    **cond: Tensor,
) -> dict[str, Tensor]:
    """Estimates of the parts of the bound, each with its graph."""
def _terms(
    model: Denoiser,
    data: Tensor,
    discretization: Discretization | Continuous,
    u: Tensor,
    T: int | None,
    generator: Randomness,
    log_ratio: Tensor | None,
    ends: int | None,
    **cond: Tensor,
) -> tuple[dict[str, Tensor], Tensor]: ...
def bound(
    model: Denoiser,
    data: Tensor,
    discretization: Discretization | Continuous,
    T: int | None = None,
    times: int = 1,
    generator: Randomness = None,
    protocol: str = '',
    log_ratio: Tensor | None = None,
    **cond: Tensor,
) -> Bound:
    """Estimate −log p(x) ≤ reconstruction + prior + diffusion (+ context) for every example."""
class GaussianBound(NamedTuple):
    """The exact bound for N(0, c²) data and its best denoiser, nats per dimension."""
    reconstruction: Tensor
    prior: Tensor
    diffusion: Tensor
    @property
    def total(self) -> Tensor:
        """The sum of the three terms."""
def gaussian_bound(
    process: Process,
    variance: float | Tensor,
    T: int | None = None,
) -> GaussianBound:
    """The bound in closed form when every dimension is N(0, c²) and the denoiser is exact."""
