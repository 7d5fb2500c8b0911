"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Denoiser
from .fields import GaussianField
from ..processes.process import Process
from ..processes.process import Time

__all__ = [
    "Wiener", "band_ratios"
]
class Wiener(Denoiser):
    """The exact denoiser of a Gaussian field, told θ; of what is shown of a lognormal one."""
    field: GaussianField
    def __init__(self, process: Process, field: GaussianField) -> None: ...
    def __call__(self, y: Tensor, t: Time, theta: Tensor | None = None) -> Tensor:
        """E[x | y_t, θ]."""
    def expected_miss(self, x: Tensor, gamma: Tensor, theta: Tensor) -> Tensor:
        """E ‖ε − ε̂‖² at some levels, averaged over the noise."""
    def _away(self, x: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]: ...
    def expected_bound(self, x: Tensor, theta: Tensor) -> Tensor:
        """The bound on −log p(x | θ) in continuous time, averaged over the noise."""
def band_ratios(field: GaussianField, x: Tensor, theta: Tensor, edges: Tensor) -> Tensor:
    """Power of maps over the expected one, in each band of wave numbers, averaged over maps."""
