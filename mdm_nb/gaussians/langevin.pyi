"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
import torch
from torch import Tensor

__all__ = [
    "ism_loss", "dsm_loss", "langevin", "annealed_langevin"
]
def ism_loss(score: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """Implicit score matching, ½‖ŝ(z)‖² + div ŝ(z), with the exact divergence (Hyvärinen 2005)."""
def dsm_loss(
    score: Callable[[Tensor], Tensor],
    x: Tensor,
    gamma: Tensor | float,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Denoising score matching, ½‖ŝ(z) + ε/σ‖² at z = α x + σ ε (Vincent 2011)."""
def langevin(
    score: Callable[[Tensor], Tensor],
    z: Tensor,
    step: float,
    n_steps: int,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Repeat z ← z + (δ/2) ∇ log q(z) + √δ ξ (Makin, Eq. 8.44)."""
def annealed_langevin(
    score: Callable[[Tensor, Tensor], Tensor],
    z: Tensor,
    gammas: Tensor,
    n_steps: int,
    scale: float,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Langevin steps under a density that sharpens, δ in proportion to σ² (Song and Ermon 2019)."""
