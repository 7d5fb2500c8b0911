"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Sequence
import torch
from accelerate import Accelerator
from torch import Tensor
from torch import nn
from ..bounds.bound import Bound
from ..models.model import Diffusion
from .config import Config
from .data import ImageData
from .run import Run
from .stop import Stop
from typing import Any

__all__ = [
    "ema_with_warmup", "make_optimizer", "step_seed", "part_of_batch", "set_rates",
    "descends_variance", "train_step", "fit", "due", "Writer", "validate", "check_finite", "train"
]
def ema_with_warmup(
    decay: float,
) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """An average that starts short: its decay after n updates is min(decay, (1 + n)/(10 + n))."""
def make_optimizer(model: Diffusion, config: Config) -> torch.optim.AdamW:
    """AdamW(0.9, 0.99); only matrices of networks decay (after Kingma et al. 2021, Appendix B)."""
def step_seed(seed: int, step: int, rank: int = 0) -> int:
    """The seed of a step's noise, so that a resumed run draws what an uninterrupted one would."""
def part_of_batch(total: int, rank: int, world: int) -> tuple[Tensor, float]:
    """What a process sees of a batch: the average over processes is the mean over the batch."""
def set_rates(optimizer: torch.optim.Optimizer, step: int, config: Config) -> None:
    """Let the learning rates climb to their peaks, and stay there."""
def descends_variance(model: Diffusion) -> bool:
    """Does a schedule's shape follow the variance of the loss? In steps, the mean depends on it."""
def train_step(
    accelerator: Accelerator,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Tensor,
    step: int,
    config: Config,
    labels: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw, bound, differentiate, clip, move."""
def fit(
    run: Run,
    data: ImageData,
    accelerator: Accelerator,
    progress: bool = True,
) -> tuple[Diffusion, float]:
    """Train from the last checkpoint, or from the start if there is none, to `config.steps`."""
def _fit(
    run: Run,
    data: ImageData,
    accelerator: Accelerator,
    progress: bool,
    stop: Stop,
) -> tuple[Diffusion, float]: ...
def due(step: int, every: int, config: Config) -> bool:
    """Is it time for what happens every so many steps, and at the end?"""
class Writer:
    """Sends a row of numbers to metrics.jsonl, and to TensorBoard if that was asked for."""
    run: Run
    latest: dict[Any, Any]
    board: None
    def __init__(self, run: Run, first: int = 0) -> None: ...
    def log(self, row: dict[str, float]) -> None:
        """Write one row."""
def validate(model: Diffusion, data: ImageData, config: Config) -> dict[str, float]:
    """The bound on the validation split, with the same noise every time."""
def check_finite(run: Run, row: dict[str, float]) -> None:
    """Raise `InputError` if the loss or the gradient is no longer a number."""
def train(run: Run, data: ImageData, device: str = 'auto', progress: bool = True) -> Bound:
    """Train, evaluate on the test split, and leave weights, pictures and a card."""
