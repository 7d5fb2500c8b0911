"""Written by tools/stubs.py: do not edit."""
import torch
from torch import Tensor
from ..processes.process import Predict
from ..processes.process import Process

__all__ = [
    "Sampler", "DDIM", "Ancestral", "EulerMaruyama", "ProbabilityFlow"
]
class Sampler:
    """Owns the loop from t = 1 to t = 0; a sampler is one `step`."""
    order: int
    steps: int
    grid: str
    def __init__(self, steps: int = 250, grid: str = 'uniform') -> None: ...
    def times(self) -> Tensor:
        """The grid of times."""
    def step(
        self,
        process: Process,
        predict: Predict,
        z_t: Tensor,
        s: Tensor,
        t: Tensor,
        kind: str,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Go from z_t to z_s."""
    def __call__(
        self,
        process: Process,
        predict: Predict,
        z: Tensor,
        kind: str = 'v',
        generator: torch.Generator | None = None,
        progress: bool = False,
        trajectory: bool = False,
    ) -> Tensor:
        """Run the sampler."""
class DDIM(Sampler):
    """y_s = f_s x̂ + L_s U (√(1 − η²(1 − c²)) Vᵀ ε̂ + η √(1 − c²) ξ): η = 0 is deterministic, η = 1
    ancestral (for K = 1: Song et al. 2021, Eq. 12)."""
    log_ratio: Tensor | None = None
    eta: float
    clip: float | None
    def __init__(
        self,
        steps: int = 250,
        eta: float = 0.0,
        clip: float | None = None,
        grid: str = 'uniform',
    ) -> None: ...
    def _check(self, process: Process, kind: str) -> None: ...
    def _spread(self, fresh: Tensor, t: Tensor) -> Tensor: ...
    def step(
        self,
        process: Process,
        predict: Predict,
        z_t: Tensor,
        s: Tensor,
        t: Tensor,
        kind: str,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """One step of the formula above."""
class Ancestral(DDIM):
    """Draw each y_s from p(y_s | y_t), the posterior with x̂ in place of x (Kingma et al. 2021,
    Section 3.2)."""
    def __init__(
        self,
        steps: int = 250,
        clip: float | None = None,
        grid: str = 'uniform',
        log_ratio: Tensor | None = None,
    ) -> None: ...
class EulerMaruyama(Sampler):
    """y_s = y_t − h (A y − N ŝ) + √h G ξ: the reverse stochastic differential equation in straight
    steps (Song et al. 2021, Eq. 6)."""
    def step(
        self,
        process: Process,
        predict: Predict,
        z_t: Tensor,
        s: Tensor,
        t: Tensor,
        kind: str,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """One straight step with fresh noise."""
class ProbabilityFlow(Sampler):
    """dy/dt = A y − ½ N ŝ by Heun's rule, two calls of the network per step: no noise, the same
    marginals (Song et al. 2021, Eq. 13)."""
    def slope(
        self,
        process: Process,
        predict: Predict,
        y: Tensor,
        t: Tensor,
        kind: str,
    ) -> Tensor:
        """dy/dt at time t."""
    def step(
        self,
        process: Process,
        predict: Predict,
        z_t: Tensor,
        s: Tensor,
        t: Tensor,
        kind: str,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """A trial step to s, and the mean of the slopes at both ends."""
