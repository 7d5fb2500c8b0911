"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..bounds.bound import Bound
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from .model import Diffusion
from ..samplers.sample import Sampler
from typing import Any

__all__ = [
    "Steered"
]
def check_rows(belief: Denoiser, n: int) -> int:
    """Raise `InputError` if a wrapper knows of another number of examples."""
def steering_of(belief: Denoiser, within: Denoiser) -> list[str]:
    """The wrappers between the two, the outermost first."""
class Steered(Diffusion):
    """Another model, whose belief is steered."""
    steer: Any
    def __init__(self, model: Diffusion, steer: Callable[[Denoiser], Denoiser]) -> None: ...
    @property
    def denoiser(self) -> Denoiser:
        """What the model believes, steered."""
    @property
    def steering(self) -> str:
        """What steers, in words."""
    def _check(self, data: Tensor, scale: bool, **cond: Tensor) -> None: ...
    def bound(
        self,
        data: Tensor,
        times: int = 1,
        generator: Randomness = None,
        protocol: str = '',
        method: Callable[..., Bound] | str | None = None,
        **cond: Tensor,
    ) -> Bound:
        """The bound on −log p(x) of the steered model, whose protocol names what steers."""
    def sample(
        self,
        n: int,
        sampler: Sampler | None = None,
        seed: int = 0,
        denoise: bool = False,
        noisy_decoder: bool = False,
        progress: bool = True,
        batch_size: int = 256,
        index: Tensor | range | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """Draw examples as any model does, led to where they shall go."""
def refuse_steered(model: Diffusion) -> None:
    """Raise `InputError` for a model whose network does not know all that it believes."""
