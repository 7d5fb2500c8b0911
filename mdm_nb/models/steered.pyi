"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..bounds.denoiser import Denoiser
from .model import Diffusion
from ..samplers.sample import Sampler
from typing import Any

__all__ = [
    "Steered"
]
def check_rows(belief: Denoiser, n: int) -> int:
    """Raise `InputError` if a wrapper knows of another number of examples."""
class Steered(Diffusion):
    """Another model, whose belief is steered."""
    steer: Any
    def __init__(self, model: Diffusion, steer: Callable[[Denoiser], Denoiser]) -> None: ...
    @property
    def denoiser(self) -> Denoiser:
        """What the model believes, steered."""
    def _check(self, data: Tensor, scale: bool, **cond: Tensor) -> None: ...
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
