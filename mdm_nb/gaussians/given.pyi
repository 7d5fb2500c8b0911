"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from .score import Mixture

__all__ = [
    "mixture_given", "energy_distance"
]
def mixture_given(mixture: Mixture, H: Tensor, y: Tensor, std: float = 1e-06) -> Mixture:
    """The law of x given y = H x + noise."""
def _apart(a: Tensor, b: Tensor) -> Tensor: ...
def energy_distance(a: Tensor, b: Tensor) -> float:
    """2 E‖a − b‖ − E‖a − a'‖ − E‖b − b'‖, without bias (Székely and Rizzo 2013)."""
