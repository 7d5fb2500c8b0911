"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
import torch
from torch import Tensor
from ..bounds.bound import Bound
from ..models.model import Diffusion
from .config import Config
from .data import ImageData
from typing import Any

__all__ = [
    "FORMAT", "write_atomic", "Run", "read_config", "create_run", "save_config", "read_tensors",
    "results_table"
]
def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all: into a neighbour first, then renamed over the old one."""
FORMAT: int
_ABOUT: dict[str, Any]
class Run:
    """A run folder: configuration, metrics, checkpoints, weights, pictures and a card."""
    path: Path
    config: Config
    data: Any
    def __init__(self, path: Path | str) -> None: ...
    def load_data(self) -> ImageData:
        """The data of the run, refused if they are not the data it was trained on."""
    def log(self, row: dict) -> None:
        """Append one line to metrics.jsonl."""
    def metrics(self) -> list[dict]:
        """The rows of metrics.jsonl; a last line cut short by a crash is left out."""
    def rewind(self, step: int) -> None:
        """Forget metrics after `step`: they will be measured again."""
    def checkpoints(self) -> list[Path]:
        """The checkpoints, oldest first."""
    def save_checkpoint(self, step: int, tensors: dict[str, Tensor], seconds: float) -> None:
        """Write a checkpoint, then delete all but the last `keep`."""
    def load_checkpoint(self) -> tuple[int, float, dict[str, Tensor]]:
        """The last checkpoint: its step, the seconds of training so far and its tensors."""
    def save_weights(self, model: Diffusion) -> None:
        """Write weights.safetensors, the weights that every evaluation uses."""
    def load_model(self, device: torch.device | str = 'cpu') -> Diffusion:
        """The trained model, in evaluation mode."""
    def write_card(
        self,
        bound: Bound,
        data: ImageData,
        seconds: float,
        device: torch.device,
        images: Tensor | None = None,
    ) -> None:
        """Write card.md: what was done, with what, on what, and what came of it."""
def read_config(path: Path) -> dict:
    """Read and check the configuration of a run."""
def _damaged(file: Path, why: object) -> str: ...
def create_run(path: Path | str, config: Config, data: ImageData) -> Run:
    """Make a new run folder, or say why that cannot be."""
def save_config(path: Path, config: Config, data: dict) -> None:
    """Write config.json: everything needed to run it again."""
def read_tensors(
    file: Path,
    device: torch.device | str = 'cpu',
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read tensors from safetensors; nothing is ever unpickled."""
def results_table(
    bound: Bound,
    data: ImageData,
    split: str = 'test',
    images: Tensor | None = None,
) -> str:
    """The bound and its terms beside two baselines on the same images."""
def _model(c: Config) -> str: ...
def _facts(
    run: Run,
    bound: Bound,
    data: ImageData,
    seconds: float,
    device: torch.device,
) -> dict[str, object]: ...
