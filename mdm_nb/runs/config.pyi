"""Written by tools/stubs.py: do not edit."""
from ..models.model import Diffusion
from ..bounds.discretize import Discretization
from ..processes.linear import MDM
from ..processes.process import Process
from ..processes.schedule import Schedule
from typing import Any

__all__ = [
    "PROCESSES", "LIMITS", "PRESETS", "Config", "make_schedule", "make_process", "encoded",
    "make_model", "preset"
]
class Config:
    """Everything needed to run a training again; the options of `mdm_train`."""
    def __init__(
        self,
        data: str = 'digits',
        root: str | None = None,
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
    ) -> None: ...
    def replace(self, **changes: object) -> Config:
        """A copy with some options changed."""
    def __repr__(self) -> str: ...
    def _check(self) -> None: ...
def _number(v: object) -> bool: ...
def _whole(least: int) -> tuple: ...
def _from(low: float) -> tuple: ...
def _between(low: float, high: float) -> tuple: ...
def _one_of(*known: str) -> tuple: ...
_ABOVE_0: tuple[Any, str]
_SHARE: tuple[Any, str]
_TEXT: tuple[Any, str]
PROCESSES: tuple[str, ...]
_AUX: dict[str, int]
_COUNTS: tuple[str, ...]
LIMITS: dict[str, Any]
_OPTIONAL: set[str]
def make_schedule(name: str, low: float, high: float) -> Schedule:
    """The schedule of a name, between two ends."""
def _multivariate(config: Config, clock: Schedule | None = None) -> MDM: ...
def make_process(config: Config, discretization: Discretization) -> Process:
    """The process that a configuration names, from the noise level at which the decoder tells
    levels apart."""
def encoded(config: Config, process: Process, shape: tuple[int, ...]) -> Process:
    """The process with the encoder that a configuration names, if it names one."""
def make_model(config: Config, levels: int, shape: tuple[int, ...]) -> Diffusion:
    """The untrained model of a configuration; its weights follow from the seed alone."""
_PAPER: dict[str, float | int | None]
_EIGHT: dict[str, int]
_MANY: dict[str, int]
_UNET: dict[str, str | int | float]
_SMALL: dict[str, int]
PRESETS: dict[str, Any]
def preset(name: str) -> dict[str, object]:
    """The options of a preset."""
