"""Written by tools/stubs.py: do not edit."""
from collections.abc import Mapping
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from .causal import CausalModel
from ..processes.process import Time
from ..samplers.guide import Guidance

__all__ = [
    "ABDUCTIONS", "ddim_invert", "Strengthened", "CausalDiffAE"
]
def ddim_invert(model: Denoiser, x: Tensor, steps: int = 40, **cond: Tensor) -> Tensor:
    """DDIM (Song et al. 2021) from the data to the noise: y_t = f_t x̂ + L_t L_s⁻¹ (y_s − f_s
    x̂)."""
class Strengthened(Guidance):
    """x̂ without the code, and w times what the code changes (Ho and Salimans 2022)."""
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The estimate of x, from two calls of the base."""
ABDUCTIONS: tuple[str, str, str]
class CausalDiffAE(CausalModel):
    """A model of causes that answers what would have been (Komanduri et al. 2024)."""
    def invert(self, images: Tensor, z: Tensor, steps: int = 40) -> Tensor:
        """The noise from which the diffusion, told z, paints these pictures."""
    def decode(
        self,
        noise: Tensor,
        z: Tensor,
        steps: int = 40,
        strength: float = 1.0,
    ) -> Tensor:
        """Paint the pictures of some noise and some factors."""
    def counterfactual(
        self,
        images: Tensor,
        do: Mapping[str, Tensor | float],
        steps: int = 40,
        strength: float = 1.0,
        abduct: str = 'invert',
        generator: Randomness = None,
    ) -> Tensor:
        """The pictures as they would have been: abduct, act, predict."""
