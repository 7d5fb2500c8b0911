"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..processes.process import Time
from ..samplers.guide import Guidance

__all__ = [
    "ABDUCTIONS", "ddim_invert", "Strengthened"
]
def ddim_invert(model: Denoiser, x: Tensor, steps: int = 40, **cond: Tensor) -> Tensor:
    """DDIM (Song et al. 2021) from the data to the noise: y_t = f_t x̂ + L_t L_s⁻¹ (y_s − f_s
    x̂)."""
class Strengthened(Guidance):
    """x̂ without the code, and w times what the code changes (Ho and Salimans 2022)."""
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The estimate of x, from two calls of the base."""
ABDUCTIONS: tuple[str, str, str]
