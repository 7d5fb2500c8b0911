"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from ..models.model import Diffusion
from .evaluation import Evaluation
from ..samplers.sample import Sampler

__all__ = [
    "one_sentence", "given", "quiet_unless_main", "mdm_train", "check_evaluation", "report",
    "mdm_bpd", "make_sampler", "labels_for", "mdm_sample", "mdm_data"
]
@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn bad input into one line on the error stream and a non-zero exit status."""
def given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were typed on the command line; all of them if there was none."""
def quiet_unless_main() -> Callable[[str], None]:
    """`print` in the first of several processes, nothing in the others."""
def mdm_train(
    out: str | None = None,
    resume: bool = False,
    device: str = 'auto',
    preset: str | None = None,
    *,
    data: str = 'digits',
    root: str | None = None,
    levels: int | None = None,
    labels: bool = False,
    label_dropout: float = 0.1,
    seed: int = 0,
    steps: int = 1000,
    batch_size: int = 64,
    lr: float = 0.002,
    process_lr: float | None = None,
    warmup: int = 100,
    weight_decay: float = 0.01,
    clip: float | None = 1.0,
    ema: float = 0.999,
    width: int = 32,
    blocks: int = 2,
    dropout: float = 0.0,
    process: str = 'vp',
    aux: int | None = None,
    noise: str = 'full',
    parameterisation: str = 'v',
    schedule: str = 'linear',
    gamma_0: float | None = None,
    gamma_1: float | None = None,
    diffusion_steps: int | None = None,
    free_variance: bool = False,
    encoder: str = 'none',
    encoder_width: int = 16,
    encoder_levels: int = 2,
    encoder_blocks: int = 1,
    ends: float = 1.0,
    valid_every: int = 250,
    valid_examples: int = 1000,
    valid_times: int = 4,
    checkpoint_every: int = 250,
    keep: int = 2,
    precision: str = 'no',
    tensorboard: bool = False,
) -> None:
    """Train a model by likelihood, evaluate it on the test split, and leave a run folder."""
def check_evaluation(split: str, **counts: int | None) -> None:
    """Raise `InputError` if an evaluation was asked for that cannot be."""
def report(evaluation: Evaluation) -> str:
    """What `mdm_bpd` prints."""
def mdm_bpd(
    run: str,
    split: str = 'test',
    times: int | None = None,
    batch_size: int = 256,
    seed: int | None = None,
    device: str = 'auto',
) -> None:
    """Print the bound of a trained run in bits per dimension, and add it to the run's record."""
def make_sampler(model: Diffusion, name: str | None, steps: int | None, eta: float) -> Sampler:
    """The model's own sampler, or the one of a name."""
def labels_for(model: Diffusion, label: int | None, n: int) -> dict[str, Any]:
    """The condition of n samples of one class; empty if no class was asked for."""
def mdm_sample(
    run: str,
    n: int = 64,
    sampler: str | None = None,
    steps: int | None = None,
    eta: float = 1.0,
    label: int | None = None,
    denoise: bool = False,
    seed: int = 0,
    device: str = 'auto',
    out: str | None = None,
) -> None:
    """Draw samples from a trained run, as a picture and as an array of levels."""
def mdm_data(
    name: str = '',
    root: str | None = None,
    levels: int | None = None,
    download: bool = False,
) -> None:
    """List the data sets and where they lie; with --name, check one and print its fingerprint."""
