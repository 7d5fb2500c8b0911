"""Written by tools/stubs.py: do not edit."""
from torch import Tensor

__all__ = [
    "uniform_bits", "histogram_table", "histogram_bits"
]
def uniform_bits(levels: int) -> float:
    """Bits per dimension of the uniform model, log2(L)."""
def _check_images(name: str, x: Tensor, levels: int) -> None: ...
def histogram_table(train: Tensor, levels: int) -> Tensor:
    """Bits that a histogram of each pixel, with one added to every count, spends on each level."""
def histogram_bits(train: Tensor, test: Tensor, levels: int) -> tuple[float, float]:
    """Bits per dimension of independent pixel histograms fitted to the training images."""
