"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import torch
from accelerate import Accelerator
from torch import Tensor
from torch import nn
from torch.optim.swa_utils import AveragedModel
from ..bounds.bound import Bound
from ..models.model import Diffusion
from ..processes.process import Process
from .config import Config
from .data import ImageData
from .run import Run
from typing import Any

__all__ = [
    "FREE", "ema_with_warmup", "make_optimizer", "pack", "unpack", "step_seed", "train_step",
    "readings", "fit", "restore", "Writer", "validate", "diverged", "main_first", "begin",
    "carry_on", "pick_device", "make_accelerator", "draws", "train"
]
def ema_with_warmup(decay: float) -> Callable[[list[Tensor], list[Tensor], Tensor], None]:
    """An exponential moving average that starts short: after n updates its decay is min(decay, (1 +
    n)/(10 + n))."""
def make_optimizer(model: Diffusion, config: Config) -> torch.optim.AdamW:
    """AdamW(0.9, 0.99); only matrices and kernels of the network decay (Kingma et al. 2021,
    Appendix B, but for norms and process)."""
def pack(
    model: nn.Module,
    ema: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> dict[str, Tensor]:
    """Everything training needs to carry on, as tensors."""
def unpack(
    tensors: dict[str, Tensor],
    model: nn.Module,
    ema: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Put a checkpoint back where it came from."""
def step_seed(seed: int, step: int, rank: int = 0) -> int:
    """The seed of all the noise of one step, so that a resumed run draws what an uninterrupted one
    would."""
def train_step(
    accelerator: Accelerator,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Tensor,
    step: int,
    config: Config,
) -> tuple[Tensor, Tensor]:
    """Draw, bound, differentiate, clip, move."""
def readings(process: Process) -> dict[str, float]:
    """What a process has learned so far: γ at both ends, and for an MDM the entries of Q and D, the
    ends of the clock and the eigenvalues of A."""
def fit(
    run: Run,
    data: ImageData,
    accelerator: Accelerator,
    progress: bool = True,
) -> tuple[Diffusion, float]:
    """Train from the last checkpoint, or from the start if there is none, to `config.steps`."""
def restore(
    run: Run,
    model: Diffusion,
    ema: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> tuple[int, float]:
    """Carry on from the last checkpoint."""
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
def diverged(run: Run, step: int, loss: float, norm: float) -> str:
    """What to say when the loss or the gradient is no longer a number."""
@contextmanager
def main_first() -> Iterator[bool]:
    """Let the main of several processes through before the others; tells each whether it is the
    main one."""
def begin(config: Config, out: Path | str) -> tuple[Run, ImageData]:
    """Open a new run."""
FREE: tuple[str, ...]
def carry_on(out: Path | str, changes: dict | None = None) -> tuple[Run, ImageData]:
    """Open an old run to carry on with it, perhaps for more steps."""
def pick_device(name: str) -> torch.device:
    """The device to train on."""
def make_accelerator(device: torch.device, precision: str) -> Accelerator:
    """What `fit` needs to know of devices, processes and mixed precision."""
def draws(n: int) -> int:
    """Ten draws an image, or as many as make 10,000 in all if that is fewer, and never none."""
def train(run: Run, data: ImageData, device: str = 'auto', progress: bool = True) -> Bound:
    """Train, evaluate on the test split, and leave weights, pictures and a card."""
def _draw(run: Run, model: Diffusion, data: ImageData, progress: bool) -> None: ...
