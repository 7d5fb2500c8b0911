"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Sequence
import torch
from torch import Tensor
from torch import nn
from ..models.model import Diffusion
from .options import Config

__all__ = [
    "ema_with_warmup", "PlainAdamW", "make_optimizer", "rate", "set_rates", "recompute"
]
def ema_with_warmup(
    decay: float,
) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """An average that starts short: its decay after n updates is min(decay, (1 + n)/(10 + n))."""
class PlainAdamW(torch.optim.AdamW):
    """AdamW whose steps are never compiled."""
def make_optimizer(model: Diffusion, config: Config) -> torch.optim.AdamW:
    """AdamW(0.9, 0.99); only matrices of networks decay (after Kingma et al. 2021, Appendix B)."""
def rate(step: int, config: Config) -> float:
    """The learning rate of a step as a share of its peak."""
def set_rates(optimizer: torch.optim.Optimizer, step: int, config: Config) -> None:
    """Give every group its learning rate in this step."""
def _block_again(forward: Callable[..., Tensor], *inputs: Tensor, **named: Tensor) -> Tensor: ...
def _blocks(module: nn.Module) -> list[nn.Module]: ...
def recompute(network: nn.Module) -> nn.Module:
    """Keep only what goes into a block, and compute its inside again on the way back.

    Chen et al. 2016."""
