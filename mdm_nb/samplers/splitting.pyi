"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.lyapunov import Kernel
from ..processes.moment import Moment
from ..processes.process import Process
from ..processes.process import Time
from .sample import Sampler

__all__ = [
    "Dual", "dual", "Splitting"
]
@dataclass(frozen=True, eq=False)
class Dual:
    """A stretch of the stationary process run backwards, or a batch of them."""
    move: Kernel
    noise: Tensor
def dual(process: Process, s: Time, t: Time, part: float = 1.0) -> Dual:
    """What takes y_t to y_s once the process has forgotten the data."""
def _passed(tau_s: Tensor, tau_t: Tensor) -> Tensor: ...
class Splitting(Sampler):
    """Half a step of the dual, the kick ∫N dt (ŝ + S⁻¹y), half a step (Dockhorn et al. 2022)."""
    def plan(self, process: Process, s: Moment, t: Moment) -> Dual:
        """Half a step of the dual."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """One call of the network, between two exact halves."""
