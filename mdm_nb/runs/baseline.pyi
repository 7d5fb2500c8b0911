"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from torch import Tensor

__all__ = [
    "uniform_bits", "histogram_table", "histogram_bits", "Baseline", "measure_baseline"
]
def uniform_bits(levels: int) -> float:
    """Bits per dimension of the uniform model, log2(L)."""
def histogram_table(train: Tensor, levels: int) -> Tensor:
    """Bits that a histogram of each pixel, with one added to every count, spends on each level."""
def histogram_bits(train: Tensor, test: Tensor, levels: int) -> tuple[float, float]:
    """Bits per dimension of independent pixel histograms fitted to the training images."""
class Baseline(NamedTuple):
    """What two models without any learning score on the same images, in bits per dimension."""
    uniform: float
    histogram: float
    se: float
    images: int
def measure_baseline(train: Tensor, images: Tensor, levels: int) -> Baseline:
    """Score images by the uniform and the histogram model."""
