"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from ..bounds.denoiser import Denoiser
from .model import Diffusion
from typing import Any

__all__ = [
    "Steered"
]
class Steered(Diffusion):
    """Another model, whose belief is steered."""
    steer: Any
    def __init__(self, model: Diffusion, steer: Callable[[Denoiser], Denoiser]) -> None: ...
    @property
    def denoiser(self) -> Denoiser:
        """What the model believes, steered."""
def refuse_steered(model: Diffusion) -> None:
    """Raise `InputError` for a model whose network does not know all that it believes."""
