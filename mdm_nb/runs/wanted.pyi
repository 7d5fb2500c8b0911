"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import NamedTuple
import torch
from ..models.classifier import AtLevel
from ..models.classifier import Classifier
from ..models.model import Diffusion
from .restoration import Drawing
from .run import Run

__all__ = [
    "free_place", "save_classifier", "accuracy_table", "what_to_change", "classify_run",
    "load_classifier", "Steering", "steering"
]
def free_place(folder: Run) -> Path:
    """Raise `InputError` unless the run has images with labels, and no classifier yet."""
def save_classifier(
    file: Path,
    classifier: Classifier,
    found: list[AtLevel],
    **training: object,
) -> None:
    """Write a classifier with its settings, and beside it the same in words."""
def accuracy_table(found: list[AtLevel], name: str) -> str:
    """How often a classifier is right, against the noise level."""
def _facts(folder: Run) -> dict[str, str]: ...
def what_to_change(losses: list[float], lr: float, chance: float) -> str:
    """Options for another try: was it too short, or did it end worse than a guess?"""
def classify_run(
    path: Path,
    steps: int,
    batch_size: int,
    lr: float,
    width: int,
    seed: int | None,
    device: str = 'auto',
) -> None:
    """Do what `mdm_classifier` was asked for."""
def load_classifier(folder: Run, device: torch.device | str = 'cpu') -> Classifier:
    """The classifier of a run, in evaluation mode."""
class Steering(NamedTuple):
    """How samples are led to a class."""
    model: Diffusion
    note: dict[str, object]
def steering(folder: Run, model: Diffusion, asked: Drawing) -> Steering:
    """Classifier-free guidance for a model of classes, else by the classifier in the folder."""
