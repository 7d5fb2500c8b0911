"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import nn
from ..bounds.discretize import Discretization
from ..models.model import Diffusion
from ..processes.process import Process
from ..processes.schedule import Schedule
from .options import Config
from typing import Any

__all__ = [
    "PROCESSES", "make_schedule", "make_process", "encoded", "make_model"
]
def make_schedule(text: str, low: float, high: float, **more: object) -> Schedule:
    """The schedule that a text describes, between two ends."""
PROCESSES: Any
def _construct_process(config: Config, known: dict[str, object], **more: object) -> Process: ...
def _clocked(process: Process) -> tuple[Schedule, Callable[[float], float]] | None: ...
def _schedule(config: Config, known: dict[str, object], low: float, high: float) -> Schedule: ...
def _known(
    config: Config,
    discretization: Discretization,
    shape: tuple[int, ...] | None,
    classes: int | None,
) -> dict[str, object]: ...
def make_process(
    config: Config,
    discretization: Discretization,
    shape: tuple[int, ...] | None = None,
    classes: int | None = None,
) -> Process:
    """The process of a configuration, from the level at which the decoder tells levels apart."""
def encoded(config: Config, process: Process, shape: tuple[int, ...]) -> Process:
    """The process with the encoder of a configuration, if it has one."""
def _label_options(config: Config, classes: int) -> tuple[int | None, float]: ...
def _network(
    config: Config,
    process: Process,
    discretization: Discretization,
    channels: int,
    classes: int | None,
) -> nn.Module: ...
def make_model(
    config: Config,
    levels: int,
    shape: tuple[int, ...],
    classes: int = 0,
) -> Diffusion:
    """The untrained model of a configuration; its weights follow from the seed alone."""
