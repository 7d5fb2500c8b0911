"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
import torch
from torch import Tensor
from ..data.data import ImageData
from ..models.model import Diffusion
from .evaluation import Evaluation
from .options import Config
from mdm_nb.runs.record import Record
from typing import Any

__all__ = [
    "Run", "create_run", "check_present"
]
class Run:
    """A run folder: configuration, metrics, checkpoints, weights, pictures and a record."""
    path: Path
    config: Config
    data: Any
    def __init__(self, path: Path | str) -> None: ...
    def load_data(self) -> ImageData:
        """The data of the run, refused if they are not the data it was trained on."""
    def check_data(self, data: ImageData) -> None:
        """Refuse data that are not those of the run; labels count if the model is told them."""
    def log(self, row: dict) -> None:
        """Append one line to metrics.jsonl."""
    def metrics(self) -> list[dict]:
        """The rows of metrics.jsonl that are whole; a crash may have cut the last one short."""
    def rewind(self, step: int) -> None:
        """Forget metrics after `step`: they will be measured again."""
    def checkpoints(self) -> list[Path]:
        """The checkpoints, oldest first."""
    def save_checkpoint(self, step: int, tensors: dict[str, Tensor], seconds: float) -> None:
        """Write a checkpoint, then delete all but the last `keep`."""
    def _prune(self) -> None: ...
    def _origin(self) -> str: ...
    def load_checkpoint(self) -> tuple[int, float, dict[str, Tensor]]:
        """The last checkpoint: its step, the seconds of training so far and its tensors."""
    def save_weights(self, model: Diffusion, step: int, seconds: float) -> None:
        """Write weights.safetensors, which every evaluation uses, and retire what others left."""
    def load_model(self, device: torch.device | str = 'cpu') -> Diffusion:
        """The trained model, in evaluation mode."""
    def add_evaluation(
        self,
        evaluation: Evaluation,
        model: Diffusion,
        data: ImageData,
        name: str | None = None,
    ) -> Record:
        """Add an evaluation to record.json, beside one of more draws, and write card.md from it."""
    def record(self) -> tuple[Record, bool | None]:
        """The record, and whether it is of the weights in the folder; None if nobody can tell."""
def create_run(path: Path | str | None, config: Config, data: ImageData) -> Run:
    """Make a new run folder, or say why that cannot be."""
def _device(device: torch.device | str) -> torch.device: ...
def check_present(device: torch.device, said: str, option: str) -> None:
    """Raise `InputError` for a CUDA device that torch does not see."""
def _beside(run: Run, weights: str, name: str, evaluation: Evaluation) -> str: ...
