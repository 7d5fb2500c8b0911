"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from .restoration import Drawing

__all__ = [
    "mdm_train", "mdm_bpd", "mdm_sample", "mdm_classifier", "mdm_boomerang", "mdm_compress",
    "mdm_decompress", "mdm_data", "run_command"
]
_TRAINING: dict[str, tuple[str, ...]]
def mdm_train(
    out: str | None = None,
    resume: bool = False,
    preset: str | None = None,
    config: str | None = None,
    device: str = 'auto',
    workers: int = 1,
    evaluate: bool = True,
    samples: bool = True,
    *,
    data: str = 'digits',
    root: str | None = None,
    levels: int | None = None,
    labels: bool = False,
    label_dropout: float = 0.1,
    flips: bool = False,
    seed: int = 0,
    steps: int = 1000,
    batch_size: int = 64,
    accumulate: int = 1,
    lr: float = 0.002,
    process_lr: float | None = None,
    warmup: int = 100,
    lr_decay: str = 'constant',
    weight_decay: float = 0.01,
    clip: float | None = 1.0,
    ema: float = 0.999,
    network: str = 'unet',
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
    sample_every: int | None = None,
    checkpoint_every: int = 250,
    keep: int = 2,
    precision: str = 'no',
    compile: bool = False,
    recompute: bool = False,
    track: str = 'none',
) -> None:
    """Train a model by likelihood, evaluate it on the test split, and leave a run folder."""
def _folder(name: str | Path) -> Path: ...
def mdm_bpd(
    run: str,
    split: str = 'test',
    method: str = 'elbo',
    times: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    device: str = 'auto',
) -> None:
    """Print the bits per dimension of a trained run, and add them to the run's record."""
def _for_drawing(run: str, asked: Drawing, device: str) -> Path: ...
def _picture(run: Path, out: str | None, name: str) -> Path: ...
def mdm_sample(
    run: str,
    n: int = 64,
    sampler: str | None = None,
    steps: int | None = None,
    grid: str | None = None,
    eta: float | None = None,
    label: int | None = None,
    guidance: float | None = None,
    denoise: bool = False,
    inpaint: str | None = None,
    mask: str | None = None,
    upscale: str | None = None,
    deblur: str | None = None,
    blur: float | None = None,
    noise: float | None = None,
    resample: int = 1,
    seed: int = 0,
    device: str = 'auto',
    out: str | None = None,
) -> None:
    """Draw samples: a picture, an array of levels, and a note of how they were drawn."""
def mdm_classifier(
    run: str,
    steps: int = 1000,
    batch_size: int = 64,
    lr: float = 0.003,
    width: int = 32,
    seed: int | None = None,
    device: str = 'auto',
) -> None:
    """Train a classifier of noisy images for a run, so that mdm_sample --label can draw a class."""
def _free_folder(run: Path, out: str | None, name: str) -> Path: ...
def mdm_boomerang(
    run: str,
    images: str,
    snr: float = 1.0,
    cascade: int = 1,
    sampler: str | None = None,
    steps: int | None = None,
    grid: str | None = None,
    eta: float | None = None,
    label: int | None = None,
    denoise: bool = False,
    seed: int | None = None,
    device: str = 'auto',
    out: str | None = None,
) -> None:
    """Throw pictures into the noise and back: a neighbour of each, an array and a note."""
def mdm_compress(
    files: list[str],
    run: str | None = None,
    out: str | None = None,
    steps: int | None = None,
    bins: int = 2,
    side: int = 8,
    label: int | None = None,
    check: bool = True,
    device: str = 'auto',
) -> None:
    """Write images into one file, without loss, in about as many bits as the model's bound."""
def mdm_decompress(
    file: str,
    out: str | None = None,
    run: str | None = None,
    device: str = 'auto',
) -> None:
    """Read the images of a file that mdm_compress wrote, every pixel as it was."""
def mdm_data(
    name: str = '',
    root: str | None = None,
    levels: int | None = None,
    download: bool = False,
) -> None:
    """List the data sets and where they lie; with --name, check one and print its fingerprint."""
def run_command(*words: str) -> None:
    """Run a command by name, or say which there are."""
