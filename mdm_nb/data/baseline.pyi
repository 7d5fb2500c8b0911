"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from torch import Tensor
from .stored import Images

__all__ = [
    "uniform_bits", "histogram_table", "histogram_bits"
]
def uniform_bits(levels: int) -> float:
    """Bits per dimension of the uniform model, log2(L)."""
def _check_images(name: str, x: Images, levels: int) -> None: ...
def _counted(name: str, x: Images, levels: int) -> Iterator[Tensor]: ...
def histogram_table(train: Images, levels: int) -> Tensor:
    """Bits that a histogram of each pixel, with one added to every count, spends on each level."""
def histogram_bits(train: Images, test: Images, levels: int) -> tuple[float, float]:
    """Bits per dimension of independent pixel histograms fitted to the training images."""
