"""Written by tools/stubs.py: do not edit."""
import torch
from ..models.model import Diffusion
from .run import Run

__all__ = [
    "PRETRAINED", "pretrained_run", "load_pretrained"
]
PRETRAINED: tuple[str, str]
def pretrained_run(name: str) -> Run:
    """The run folder of a trained model, inside the package: read it, do not write there."""
def load_pretrained(name: str, device: torch.device | str = 'cpu') -> Diffusion:
    """A small trained model, in evaluation mode."""
