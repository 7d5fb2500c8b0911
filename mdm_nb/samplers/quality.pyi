"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from typing import NamedTuple
from torch import Tensor
from torch import nn

__all__ = [
    "check_features", "frechet_distance", "Reading", "kernel_distance", "precision_recall",
    "image_features", "quality"
]
class _Given(nn.Module):
    """Hands through features that are already there."""
    num_features: int
    def __init__(self, num_features: int) -> None: ...
    def forward(self, features: Tensor) -> Tensor:
        """Nothing to do."""
    def __call__(self, features: Tensor) -> Tensor:
        """Nothing to do."""
def _check_installed() -> None: ...
def check_features(real: Tensor, fake: Tensor, least: int, why: str) -> None:
    """Raise `InputError` unless both sets are finite, of one width, and large enough."""
def frechet_distance(real: Tensor, fake: Tensor) -> float:
    """‖μ − ν‖² + tr(S + R − 2 (S R)^½) (Heusel et al. 2017, Eq. 6)."""
class Reading(NamedTuple):
    """What a measure says of some samples."""
    value: float
    se: float
def kernel_distance(
    real: Tensor,
    fake: Tensor,
    subsets: int = 50,
    size: int = 1000,
    seed: int = 0,
) -> Reading:
    """The kernel distance without bias (Bińkowski et al. 2018).

    The error is that of two sets as large as the smaller one, and too long if the other is
    larger."""
_CHUNK: int
def _distances(points: Tensor, centres: Tensor) -> Iterator[Tensor]: ...
def _covered(points: Tensor, centres: Tensor, neighbours: int) -> float:
    """The share of points in a ball of one of the centres."""
def precision_recall(real: Tensor, fake: Tensor, neighbours: int = 3) -> tuple[float, float]:
    """Shares of samples among data and of data among samples (Kynkäänniemi et al. 2019, Eq. 2)."""
def image_features(
    name: str,
    images: Tensor,
    extractor: nn.Module,
    batch_size: int = 256,
) -> Tensor:
    """What a network makes of images, in evaluation mode."""
def _three(real: Tensor, fake: Tensor, neighbours: int) -> Tensor: ...
def _readings(
    real: Tensor,
    fake: Tensor,
    neighbours: int,
    halves: int,
    seed: int,
) -> dict[str, Reading]: ...
def quality(
    real: Tensor,
    fake: Tensor,
    extractor: nn.Module,
    neighbours: int = 3,
    halves: int = 20,
    batch_size: int = 256,
    seed: int = 0,
) -> dict[str, Reading]:
    """Fréchet distance, kernel distance, precision and recall of samples, with standard errors."""
