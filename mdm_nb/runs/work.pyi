"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import Any
import torch
from ..data.data import ImageData
from ..models.method import Method
from ..models.model import Diffusion
from .evaluation import Evaluation
from .restoration import Drawing
from .restoration import Restoration
from .run import Run
from ..samplers.sample import Sampler

__all__ = [
    "train_run", "report", "compared", "make_method", "evaluate_run", "check_sampler",
    "make_sampler", "check_fits", "how_drawn", "led_model", "told_class", "sample_run", "list_data"
]
def train_run(
    out: Path | None,
    resume: bool,
    options: dict[str, Any],
    device: str = 'auto',
    evaluation: bool = True,
    samples: bool = True,
    workers: int = 1,
) -> None:
    """Do what `mdm_train` was asked for."""
def report(evaluation: Evaluation) -> str:
    """What `mdm_bpd` prints."""
def compared(evaluation: Evaluation, known: Evaluation | None) -> str:
    """A sentence about a weighted bound that is looser than the one in the record."""
def make_method(text: str | None) -> Method | None:
    """The method that a text names."""
def evaluate_run(
    path: Path,
    split: str,
    times: int | None,
    batch_size: int | None,
    seed: int | None,
    device: str = 'auto',
    text: str | None = None,
) -> None:
    """Do what `mdm_bpd` was asked for."""
def _facts(
    model: Diffusion,
    data: ImageData,
    split: str,
    times: int | None,
    batch_size: int,
    seed: int,
    method: Method | None,
) -> dict[str, object]: ...
_SHRINKING: dict[str, str]
_USUAL: dict[str, Any]
def check_sampler(text: str | None, **options: float | str | None) -> None:
    """Raise `InputError` unless the text names a sampler that reads the options."""
def make_sampler(
    model: Diffusion,
    text: str | None = None,
    steps: int | None = None,
    eta: float | None = None,
    grid: str | None = None,
) -> Sampler:
    """The model's own sampler, or the one of a text."""
_ROOM: Any
def check_fits(n: int, shape: list[int]) -> None:
    """Raise `InputError` unless so many samples fit into memory."""
def how_drawn(
    folder: Run,
    model: Diffusion,
    sampler: Sampler,
    **options: object,
) -> dict[str, object]:
    """What it takes to draw the same samples again."""
def led_model(
    folder: Run,
    asked: Drawing,
    device: torch.device,
) -> tuple[Diffusion, dict[str, object]]:
    """What draws what was asked for; `InputError` before the weights are read if nothing can."""
def told_class(asked: Drawing, n: int, device: torch.device | None = None) -> dict[str, Any]:
    """The class of each example, if one was asked for."""
def sample_run(
    path: Path,
    picture: Path,
    n: int,
    asked: Drawing,
    device: str = 'auto',
    mending: Restoration | None = None,
) -> None:
    """Do what `mdm_sample` was asked for."""
def list_data(
    name: str,
    root: str | None,
    levels: int | None = None,
    download: bool = False,
) -> None:
    """Do what `mdm_data` was asked for."""
