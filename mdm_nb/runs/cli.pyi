"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ..bounds.bound import Bound
from .data import ImageData
from ..samplers.sample import Sampler

__all__ = [
    "one_sentence", "free_folder", "given", "mdm_train", "mdm_bpd", "make_sampler", "mdm_sample",
    "mdm_data"
]
@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn bad input into one line on the error stream and a non-zero exit status."""
def free_folder(name: str) -> Path:
    """The first run folder of that name which does not exist yet."""
def given(options: dict) -> dict:
    """The options that were typed on the command line; all of them if there was none."""
def mdm_train(
    out: str | None = None,
    resume: bool = False,
    device: str = 'auto',
    preset: str | None = None,
    *,
    data: str = 'digits',
    root: str | None = None,
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
    """Train a diffusion model by likelihood, evaluate it on the test split, and leave a run
    folder."""
def _record(result: Bound, data: ImageData) -> str: ...
def mdm_bpd(
    run: str,
    split: str = 'test',
    times: int | None = None,
    batch_size: int = 256,
    seed: int = 0,
    device: str = 'auto',
) -> None:
    """Print the bound of a trained run in bits per dimension, with its standard error, and record
    it in RUN/bpd_SPLIT.json."""
def make_sampler(name: str, steps: int | None, eta: float) -> Sampler:
    """The sampler of a name."""
def mdm_sample(
    run: str,
    n: int = 64,
    sampler: str | None = None,
    steps: int | None = None,
    eta: float = 1.0,
    denoise: bool = False,
    seed: int = 0,
    device: str = 'auto',
    out: str | None = None,
) -> None:
    """Draw samples from a trained run, as a picture and as an array of levels."""
def mdm_data(name: str = '', root: str | None = None) -> None:
    """List the data sets, where they were found and how to get them; with --name, check one and
    print its fingerprint."""
