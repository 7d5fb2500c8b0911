"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..bounds.denoiser import Predict
from ..processes.process import Time
from ..samplers.sample import ProbabilityFlow

__all__ = [
    "EncodedFlow"
]
class EncodedFlow(ProbabilityFlow):
    """The probability flow of a trained encoder, from a second network of the mean of x_φ."""
    mean: Predict
    mean_kind: str
    def __init__(
        self,
        mean: Predict,
        steps: int = 250,
        grid: str = 'uniform',
        mean_kind: str = 'v',
    ) -> None: ...
    def slope(self, model: Denoiser, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """A y − l' f E[dx_φ/dλ|y] + ½ N Σ⁻¹(y − f E[x_φ|y])."""
