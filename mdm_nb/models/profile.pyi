"""Written by tools/stubs.py: do not edit."""
import torch
from torch import Tensor
from ..bounds.bound import Bound
from ..bounds.denoiser import Denoiser
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..gaussians.core import Randomness
from ..processes.process import Process

__all__ = [
    "Profile"
]
_FLOOR: float
class Profile:
    """Where in time a model's cost lies: a method of `Diffusion.bpd` that looks there."""
    density: Tensor
    edges: Tensor
    T: int | None
    log_ratio: Tensor | None
    def __init__(
        self,
        scatter: Tensor,
        T: int | None = None,
        log_ratio: Tensor | None = None,
        edges: Tensor | None = None,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def move(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Move uniform numbers to where the cost lies."""
    def __call__(
        self,
        model: Denoiser,
        data: Tensor,
        discretization: Discretization | Continuous,
        times: int = 1,
        generator: Randomness = None,
        protocol: str = '',
        **cond: Tensor,
    ) -> Bound:
        """The bound of `bound`, looked at where the cost lies, and no less unbiased."""
    @classmethod
    def fit(
        cls,
        model: Denoiser,
        data: Tensor,
        discretization: Discretization | Continuous,
        T: int | None = None,
        times: int | None = None,
        generator: torch.Generator | None = None,
        log_ratio: Tensor | None = None,
        batch_size: int = 256,
        **cond: Tensor,
    ) -> Profile:
        """Look evenly, and remember how what is found scatters in every stretch of time."""
def stretches(process: Process, T: int | None, J: int) -> Tensor:
    """Even stretches of [0, 1], or about as many steps in each, as `step_times` lays them."""
_STRETCHES: int
_EACH: int
