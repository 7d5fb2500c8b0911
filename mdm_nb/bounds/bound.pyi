"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from typing import NamedTuple
import torch
from torch import Tensor
from .discretize import Continuous
from .discretize import Discretization
from ..processes.process import Predict
from ..processes.process import Process

__all__ = [
    "step_ends", "diffusion_term", "reconstruction_term", "Bound", "low_discrepancy", "bound_terms",
    "bound", "GaussianBound", "gaussian_bound", "step_ratios", "free_variance_bound"
]
def step_ends(t: Tensor, T: int) -> tuple[Tensor, Tensor]:
    """The two ends of the step, of T in all, that a time falls into."""
def _rate(
    process: Process,
    t: Tensor,
    T: int | None,
    weight: Tensor | None,
) -> tuple[Tensor, Tensor]: ...
def _noise_term(
    process: Process,
    predict: Predict,
    x: Tensor,
    t: Tensor,
    eps: Tensor,
    T: int | None,
    weight: Tensor | None,
) -> Tensor: ...
def _asked(predict: Predict, z: Tensor, gamma: Tensor) -> Tensor: ...
def diffusion_term(
    process: Process,
    predict: Predict,
    x: Tensor,
    t: Tensor,
    eps: Tensor,
    parameterisation: str = 'v',
    T: int | None = None,
    weight: Tensor | None = None,
) -> Tensor:
    """½ γ' ‖ε − ε̂‖², or T · ½ expm1(γ_t − γ_s) ‖ε − ε̂‖² in T steps (Kingma et al. 2021, Eqs. 17
    and 14); ½ ‖L⁻ᵀ(ε − ε̂)‖²_N for "noise"."""
def reconstruction_term(
    process: Process,
    data: Tensor,
    eps: Tensor,
    discretization: Discretization | Continuous,
) -> Tensor:
    """−log p(x | z_0) at one draw of z_0 (Kingma et al. 2021, Section 3.3)."""
@dataclass(frozen=True, eq=False, repr=False)
class Bound:
    """An upper bound on −log p(x), one value per example, with its three terms and how they were
    measured."""
    reconstruction: Tensor
    prior: Tensor
    diffusion: Tensor
    dims: int
    levels: int | None
    protocol: str
    @property
    def total(self) -> Tensor:
        """The bound for each example."""
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
        """The bound and its three terms."""
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    @classmethod
    def cat(cls, parts: list[Bound]) -> Bound:
        """Join bounds on different examples into one."""
def low_discrepancy(
    n: int,
    generator: torch.Generator | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """t_i = (u + i/n) mod 1 with one shared u: each is uniform, together they are evenly spread
    (Kingma et al. 2021, Appendix I.1)."""
def _when(
    process: Process,
    x: Tensor,
    times: int,
    kind: str,
    even: bool,
    generator: torch.Generator | None,
) -> tuple[Tensor, Tensor, Tensor]: ...
def _freed(nats: Tensor, t: Tensor, log_ratio: Tensor, dims: int) -> Tensor: ...
def _check(T: int | None, times: int, log_ratio: Tensor | None, ends: int | None) -> None: ...
def bound_terms(
    process: Process,
    predict: Predict,
    data: Tensor,
    discretization: Discretization | Continuous,
    parameterisation: str = 'v',
    T: int | None = None,
    times: int = 1,
    generator: torch.Generator | None = None,
    weight: Tensor | None = None,
    log_ratio: Tensor | None = None,
    ends: int | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Estimates of the three terms of the bound, each with its graph."""
def bound(
    process: Process,
    predict: Predict,
    data: Tensor,
    discretization: Discretization | Continuous,
    parameterisation: str = 'v',
    T: int | None = None,
    times: int = 1,
    generator: torch.Generator | None = None,
    protocol: str = '',
    log_ratio: Tensor | None = None,
) -> Bound:
    """Estimate the bound −log p(x) ≤ reconstruction + prior + diffusion for every example."""
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
def step_ratios(
    process: Process,
    predict: Predict,
    x: Tensor,
    T: int,
    parameterisation: str = 'v',
    generator: torch.Generator | None = None,
) -> Tensor:
    """u = ‖μ_P − μ_Q‖² / (d σ_Q²) for every example at every one of the T steps, one draw of ε
    each."""
def free_variance_bound(u: Tensor, dims: int, v: Tensor | float | None = None) -> Tensor:
    """(d/2) Σ [log(1+v) + (u−v)/(1+v)]: the path KL when σ_P² = (1+v) σ_Q² (after Nielsen et al.
    2024, Eq. 9)."""
