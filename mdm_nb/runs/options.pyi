"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

__all__ = [
    "GROUPS", "PARTS", "PREDICTED", "LIMITS", "Config", "Rule", "modern"
]
@dataclass(frozen=True, kw_only=True, repr=False)
class Config:
    """Everything needed to run a training again; the options of `mdm_train`."""
    data: str = 'digits'
    root: str | None = None
    levels: int | None = None
    labels: bool = False
    label_dropout: float = 0.1
    flips: bool = False
    seed: int = 0
    steps: int = 1000
    batch_size: int = 64
    accumulate: int = 1
    lr: float = 0.002
    process_lr: float | None = None
    warmup: int = 100
    lr_decay: str = 'constant'
    weight_decay: float = 0.01
    clip: float | None = 1.0
    ema: float = 0.999
    network: str = 'unet'
    width: int = 32
    blocks: int = 2
    dropout: float = 0.0
    process: str = 'vp'
    aux: int | None = None
    noise: str = 'full'
    parameterisation: str = 'v'
    schedule: str = 'linear'
    gamma_0: float | None = None
    gamma_1: float | None = None
    diffusion_steps: int | None = None
    free_variance: bool = False
    encoder: str = 'none'
    encoder_width: int = 16
    encoder_levels: int = 2
    encoder_blocks: int = 1
    ends: float = 1.0
    valid_every: int = 250
    valid_examples: int = 1000
    valid_times: int = 4
    sample_every: int | None = None
    checkpoint_every: int = 250
    keep: int = 2
    precision: str = 'no'
    compile: bool = False
    recompute: bool = False
    track: str = 'none'
    def __post_init__(self) -> None: ...
    def replace(self, **changes: object) -> 'Config':
        """A copy with some options changed."""
    def __repr__(self) -> str: ...
    def written(self, option: str) -> str:
        """The constructor call that an option stands for."""
    def _check(self) -> None: ...
    def check_texts(self, imports: bool = True) -> None:
        """Raise `InputError` if an option of `PARTS` names what does not exist."""
    def refuse_unread(self, why: str, *options: str) -> None:
        """Raise `InputError` if an option was given that nothing would read."""
    def _check_idle(self) -> None: ...
    def check_new(self) -> None:
        """Raise `InputError` for more idle options, which runs that exist may have."""
    def _check_aux(self) -> None: ...
    def _check_size(self) -> None: ...
def _changed(config: Config) -> dict[str, object]:
    """The options that differ from their defaults."""
_made: Any
GROUPS: dict[str, tuple[str, ...]]
PARTS: dict[str, Any]
class Rule(NamedTuple):
    """What an option may be."""
    ok: Callable[[object], bool]
    remedy: str
def _number(v: object) -> bool: ...
def _whole(low: int, high: int) -> Rule: ...
def _between(low: float, high: float) -> Rule: ...
def _one_of(*known: str) -> Rule: ...
_ABOVE_0: Any
_UP_TO_1: Any
_SHARE: Any
_TEXT: Any
_FLAG: Any
_COUNTS: tuple[str, ...]
_PER_EXAMPLE: tuple[str, ...]
PREDICTED: tuple[str, ...]
LIMITS: dict[str, Any]
_OPTIONAL: set[str]
_OWN: dict[str, tuple[str, str] | tuple[str, str, str]]
def modern(written: dict[str, Any]) -> dict[str, Any]:
    """The same options under the names of today."""
