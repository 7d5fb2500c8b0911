"""Written by tools/stubs.py: do not edit."""
import torch
from accelerate import Accelerator
from torch import Tensor
from torch import nn
from torch.optim.swa_utils import AveragedModel
from ..models.model import Diffusion
from .run import Run
from .stop import Stop
from .stop import Stopped

__all__ = [
    "pack", "unpack", "check_moments", "restore", "heard", "stopped"
]
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
def check_moments(
    weights: dict[str, Tensor],
    moments: dict[int, dict[str, Tensor]],
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Refuse a checkpoint that lacks moments of a parameter that has moved."""
def restore(
    run: Run,
    model: Diffusion,
    ema: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> tuple[int, float]:
    """Carry on from the last checkpoint."""
def heard(stop: Stop, accelerator: Accelerator, step: int) -> int:
    """Has a signal asked any of the processes to stop?"""
def stopped(signum: int, run: Run, step: int) -> Stopped:
    """What ends a training that was asked to stop."""
