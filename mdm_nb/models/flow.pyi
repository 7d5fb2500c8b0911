"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..bounds.denoiser import Predict
from .encoded import Encoded
from ..processes.process import Time
from ..samplers.grid import Grid
from ..samplers.sample import ProbabilityFlow

__all__ = [
    "mean_move", "EncodedFlow"
]
def mean_move(process: Encoded, x_hat: Tensor, mean: Tensor, t: Time) -> Tensor:
    """Solves ((1 + rσ²)² + (χ − 1) r²σ⁴) x̂ = (1 + rσ²) E[x_φ] + r (1 + χrσ²) E[dx_φ/dλ]."""
class EncodedFlow(ProbabilityFlow):
    """The probability flow of a trained encoder, from a second network of the mean of x_φ."""
    mean: Predict
    mean_kind: str
    def __init__(
        self,
        mean: Predict,
        steps: int = 250,
        *,
        grid: Grid = 'uniform',
        mean_kind: str = 'v',
    ) -> None: ...
    def slope(self, model: Denoiser, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """A y − l' f E[dx_φ/dλ|y] + ½ N Σ⁻¹(y − f E[x_φ|y])."""
