"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from torch import nn
from ..gaussians.core import Randomness
from .linear import MDM
from .schedule import Schedule

__all__ = [
    "LearnedMDM"
]
def skew_and_noise(q: Tensor, B: Tensor, noise: str, floor: float) -> tuple[Tensor, Tensor]:
    """Q = q − qᵀ and D = B Bᵀ + δI, on the blocks that may have noise, at a common scale."""
def _initial(K: int, noise: str, generator: Randomness) -> tuple[Tensor, Tensor]: ...
class LearnedMDM(MDM):
    """Q = q − qᵀ and D, learned at a fixed common scale, tr D = K/2 (Singhal et al. 2023)."""
    q: nn.Parameter
    B: nn.Parameter
    noise: str
    floor: float
    def __init__(
        self,
        K: int = 2,
        noise: str = 'full',
        floor: float = 0.001,
        V0: object = None,
        clock: Schedule | None = None,
        generator: Randomness = None,
    ) -> None: ...
    def matrices(self) -> tuple[Tensor, Tensor]:
        """Q and D from the parameters q and B."""
