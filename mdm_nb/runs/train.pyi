"""Written by tools/stubs.py: do not edit."""
import torch
from accelerate import Accelerator
from torch import Tensor
from torch import nn
from ..bounds.bound import Bound
from ..data.data import ImageData
from ..data.stored import Images
from ..models.model import Diffusion
from .config import Config
from .run import Run
from .stop import Stop

__all__ = [
    "step_seed", "part_of_batch", "places_at", "descends_variance", "mirrored", "train_step", "fit",
    "due", "draws_at", "validate", "check_finite", "train"
]
def step_seed(seed: int, step: int, rank: int = 0) -> int:
    """The seed of a step's noise, so that a resumed run draws what an uninterrupted one would."""
def part_of_batch(total: int, rank: int, world: int) -> tuple[Tensor, float]:
    """What a process sees of a batch: the average over processes is the mean over the batch."""
def places_at(n: int, step: int, config: Config, rank: int = 0, world: int = 1) -> Tensor:
    """The images that a process sees in a step."""
def descends_variance(model: Diffusion) -> bool:
    """Does a schedule's shape follow the variance of the loss? In steps, the mean depends on it."""
def mirrored(images: Tensor, seed: int, places: Tensor, total: int) -> Tensor:
    """Each image left to right with probability a half, which depends on its place alone."""
def _loss(
    accelerator: Accelerator,
    model: nn.Module,
    images: Tensor,
    part: Tensor,
    total: int,
    step: int,
    config: Config,
    labels: Tensor | None,
) -> Tensor: ...
def train_step(
    accelerator: Accelerator,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Images,
    step: int,
    config: Config,
    labels: Tensor | None = None,
    images: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw, bound, differentiate, clip, move."""
def fit(
    run: Run,
    data: ImageData,
    accelerator: Accelerator,
    progress: bool = True,
    workers: int = 1,
) -> tuple[Diffusion, float]:
    """Train from the last checkpoint, or from the start if there is none, to `config.steps`."""
def _fit(
    run: Run,
    data: ImageData,
    accelerator: Accelerator,
    progress: bool,
    workers: int,
    stop: Stop,
) -> tuple[Diffusion, float]: ...
def due(step: int, every: int, config: Config) -> bool:
    """Is it time for what happens every so many steps, and at the end?"""
def draws_at(step: int, config: Config) -> bool:
    """Is it time for a picture of samples? The one at the end comes with the evaluation."""
def validate(model: Diffusion, data: ImageData, config: Config) -> dict[str, float]:
    """The bound on the validation split, with the same noise every time."""
def check_finite(run: Run, row: dict[str, float]) -> None:
    """Raise `InputError` if the loss or the gradient is no longer a number."""
def train(
    run: Run,
    data: ImageData,
    device: str = 'auto',
    progress: bool = True,
    evaluation: bool = True,
    samples: bool = True,
    workers: int = 1,
) -> Bound | None:
    """Train, evaluate on the test split, and leave weights, pictures and a card."""
