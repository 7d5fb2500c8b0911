"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from torch import Tensor
from torch import nn
from mdm_nb.gaussians.core import Randomness
from mdm_nb.gaussians.core import Unread
from .model import Diffusion
from ..processes.process import Process
from ..processes.process import Time
from typing import Any

__all__ = [
    "Classifier", "noised", "classifier_loss", "train_classifier", "check_pictures", "AtLevel",
    "accuracy"
]
_SPAN: tuple[float, float]
class Classifier(nn.Module):
    """Logits of the classes of noisy images: the way down of a U-Net, told the noise level."""
    settings: Any
    width: int
    level: Any
    enter: Any
    down: nn.ModuleList
    last: Any
    leave: Any
    def __init__(
        self,
        channels: int = 1,
        classes: int = 10,
        width: int = 32,
        levels: int = 2,
        blocks: int = 1,
        dropout: float = 0.1,
    ) -> None: ...
    def forward(self, z: Tensor, gamma: Tensor) -> Tensor:
        """Logits of p(label | z)."""
    def __call__(self, z: Tensor, gamma: Tensor) -> Tensor:
        """Logits of p(label | z)."""
def noised(
    process: Process,
    x: Tensor,
    t: Time,
    generator: Randomness = None,
) -> tuple[Tensor, Tensor]:
    """What a state at time t tells about x: z = α x + σ ε."""
def classifier_loss(
    classifier: nn.Module,
    process: Process,
    x: Tensor,
    label: Tensor,
    generator: Randomness = None,
) -> Tensor:
    """−log p(label | z), each example at a time of its own, all of the clock alike."""
def _check_seen(process: object, x: object) -> None: ...
def train_classifier(
    classifier: nn.Module,
    model: Diffusion,
    images: Tensor | Unread,
    labels: Tensor,
    steps: int = 1000,
    batch_size: int = 64,
    lr: float = 0.003,
    seed: int = 0,
    progress: bool = True,
) -> list[float]:
    """Teach a classifier to see through the noise of a model's process."""
def check_pictures(
    classifier: nn.Module,
    model: Diffusion,
    images: Tensor | Unread,
    labels: Tensor,
) -> None:
    """Raise `InputError` unless these are examples for both, each with a class that is known."""
class AtLevel(NamedTuple):
    """How a classifier does at one noise level."""
    gamma: float
    accuracy: float
    se: float
def accuracy(
    classifier: nn.Module,
    model: Diffusion,
    images: Tensor | Unread,
    labels: Tensor,
    levels: int = 9,
    seed: int = 0,
    batch_size: int = 256,
) -> list[AtLevel]:
    """How often a classifier is right, against the noise level."""
def _right(
    classifier: nn.Module,
    model: Diffusion,
    images: Tensor | Unread,
    labels: Tensor,
    t: float,
    seed: int,
    i: int,
    batch_size: int,
) -> Tensor: ...
