"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from torch import Tensor
from .discretize import Continuous
from ..gaussians.core import Randomness

__all__ = [
    "Standardised"
]
@dataclass(frozen=True, eq=False)
class Standardised(Continuous):
    """Real-valued data x of any scale: the process sees u = (x − shift) / scale."""
    shift: float | Tensor = 0.0
    scale: float | Tensor = 1.0
    def __post_init__(self) -> None: ...
    def _like(self, c: float | Tensor, x: Tensor) -> Tensor: ...
    def encode(self, x: Tensor) -> Tensor:
        """u = (x − shift) / scale, float64."""
    def log_prob(self, x: Tensor, centre: Tensor, std: Tensor | float) -> Tensor:
        """log N(u; centre, std²) − Σ log scale, nats of a density of x, shape `(B,)`."""
    def decode(
        self,
        centre: Tensor,
        std: Tensor | float,
        generator: Randomness = None,
    ) -> Tensor:
        """The decoder's mean, or a draw from it, in units of the data."""
    @classmethod
    def of(cls, data: Tensor) -> Standardised:
        """In units of the data's own mean and standard deviation, for every dimension."""
