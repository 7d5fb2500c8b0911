"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from torch import nn
from ..gaussians.errors import InputError

__all__ = [
    "sinusoid", "checked_frequencies", "fourier", "LabelTable", "check_classes"
]
def sinusoid(g: Tensor, width: int) -> Tensor:
    """Sines and cosines of 1000 g at `width`/2 frequencies from 1 down to 1/10000.

    Kingma et al. 2021, Appendix B."""
def checked_frequencies(frequencies: object) -> tuple[float, ...]:
    """The frequencies; `InputError` unless they are a few numbers."""
def fourier(z: Tensor, frequencies: tuple[float, ...]) -> Tensor:
    """z beside the sine and cosine of 2π f z for each f (Kingma et al. 2021, Appendix C)."""
class LabelTable(nn.Module):
    """One row for each class and one for "not known", added to features; zero at the start."""
    classes: int | None
    rows: nn.Parameter
    def __init__(self, classes: int | None, width: int) -> None: ...
    def forward(self, features: Tensor, label: Tensor | None = None) -> Tensor:
        """Add to each example's features the row of its label."""
    def __call__(self, features: Tensor, label: Tensor | None = None) -> Tensor:
        """Add to each example's features the row of its label."""
def _check_label(label: Tensor, n: int) -> None: ...
def check_classes(network: nn.Module, classes: int | None) -> None:
    """Raise `InputError` if a table of the network was made for another number of classes."""
def _none_of(label: Tensor, classes: int) -> InputError: ...
def beside(features: Tensor, latent: Tensor | None, size: int) -> Tensor:
    """Features with a code beside them."""
