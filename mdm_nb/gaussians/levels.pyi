"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from .score import Mixture

__all__ = [
    "mean_at_levels"
]
def mean_at_levels(mixture: Mixture, z: Tensor, gamma: Tensor) -> Tensor:
    """The best denoiser, where each dimension has a noise level of its own."""
