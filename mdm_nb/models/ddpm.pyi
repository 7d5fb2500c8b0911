"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..bounds.discretize import Discretization
from ..gaussians.core import Keyed
from .method import Judgement
from .model import Diffusion
from ..processes.moment import Moment

__all__ = [
    "bin_log_prob", "ddpm_bound"
]
VARIANCES: tuple[str, str]
def _step_cost(at: Moment, before: Moment, miss: Tensor, dims: int, variance: str) -> Tensor: ...
def bin_log_prob(levels: Discretization, k: Tensor, centre: Tensor, std: float) -> Tensor:
    """log of the mass of N(x̂, s_0²) on the bins of some levels, open at both ends of the range."""
def _checked(
    model: Diffusion,
    data: Tensor,
    variance: str,
    clip: float | None,
    **cond: Tensor,
) -> tuple[int, Discretization]: ...
def _looks(
    model: Denoiser,
    steps: int,
    times: int | None,
    n: int,
    source: Keyed,
) -> Iterator[tuple[Tensor, Tensor]]: ...
def ddpm_bound(
    model: Diffusion,
    data: Tensor,
    variance: str = 'fixed_large',
    clip: float | None = 1.0,
    times: int | None = None,
    batch_size: int = 256,
    seed: int = 0,
    progress: bool = True,
    split: str = 'data',
    **cond: Tensor,
) -> Judgement:
    """The bound in the model's own steps, with fixed variances (Ho et al. 2020, Eqs. 5 and 13)."""
def _terms(
    model: Diffusion,
    levels: Discretization,
    k: Tensor,
    steps: int,
    variance: str,
    clip: float | None,
    times: int | None,
    source: Keyed,
    **cond: Tensor,
) -> dict[str, Tensor]: ...
