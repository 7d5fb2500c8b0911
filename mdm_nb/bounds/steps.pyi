"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from .denoiser import Denoiser
from ..gaussians.core import Randomness

__all__ = [
    "step_ratios", "free_variance_bound"
]
def step_ratios(
    model: Denoiser,
    x: Tensor,
    T: int,
    generator: Randomness = None,
    **cond: Tensor,
) -> Tensor:
    """u = ‖μ_P − μ_Q‖² / (d σ_Q²) for every example at every step, one draw of ε each."""
def free_variance_bound(u: Tensor, dims: int, v: Tensor | float | None = None) -> Tensor:
    """(d/2) Σ [log(1+v) + (u−v)/(1+v)], the path KL if σ_P² = (1+v) σ_Q² (Nielsen et al. 2024)."""
