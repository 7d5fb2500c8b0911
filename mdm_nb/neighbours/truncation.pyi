"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..models.adapters import Tabulated
from .posterior import Frozen
from typing import Any

__all__ = [
    "term_weights", "FirstTerms", "NoisyLikelihood"
]
def term_weights(table: Tabulated) -> Tensor:
    """What ‖ε − ε̂‖² counts in L_0, L_1, …, in nats (Mudur et al. 2023)."""
class FirstTerms(Frozen):
    """Minus the first terms of the discrete bound: a stand-in for log p(x | θ), no bound of it."""
    model: Denoiser
    x: Any
    times: Any
    eps: Any
    def __init__(
        self,
        model: Denoiser,
        x: Tensor,
        terms: int = 20,
        generator: Randomness = None,
    ) -> None: ...
    def cost(self, theta: Tensor, k: slice) -> Tensor:
        """‖ε − ε̂‖² at each level."""
class NoisyLikelihood(Frozen):
    """log p(x + noise | θ) up to a constant: the bound, begun at the level of the noise."""
    model: Denoiser
    times: Any
    eps: Any
    z: Any
    ratio: Any
    def __init__(
        self,
        model: Denoiser,
        x: Tensor,
        noise_std: float,
        draws: int = 128,
        generator: Randomness = None,
        antithetic: bool = True,
        skip: float = 0.0,
    ) -> None: ...
    def cost(self, theta: Tensor, k: slice) -> Tensor:
        """½ ‖ε̂‖² − (σ/w) ε̂ᵀε'."""
def _ahead(x: Tensor, eps: Tensor, gamma: Tensor, start: float) -> tuple[Tensor, Tensor]: ...
