"""Written by tools/stubs.py: do not edit."""
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "CLASSIFIER", "Drawing", "drawn_name", "Restoration"
]
CLASSIFIER: str
_GRIDS: tuple[str, ...]
@dataclass(frozen=True)
class Drawing:
    """How something is to be drawn, as the commands are asked for it."""
    sampler: str | None = None
    steps: int | None = None
    grid: str | None = None
    eta: float | None = None
    label: int | None = None
    guidance: float | None = None
    denoise: bool = False
    seed: int = 0
    secret: bool = False
    def __post_init__(self) -> None: ...
    @property
    def options(self) -> dict[str, Any]:
        """Those that a sampler reads, by name."""
    def check_class(
        self,
        folder: Path,
        config: Mapping[str, Any],
        data: Mapping[str, Any],
    ) -> None:
        """Raise `InputError` if the run does not know the class, or cannot be led to it."""
def _word(name: str, value: object) -> str: ...
def drawn_name(asked: Drawing, *first: str, **more: object) -> str:
    """A name for what is drawn, which says what was asked for."""
@dataclass(frozen=True)
class Restoration:
    """What a command was asked to restore: one of three tasks, or none."""
    inpaint: str | None = None
    mask: str | None = None
    resample: int = 1
    upscale: str | None = None
    deblur: str | None = None
    blur: float | None = None
    noise: float | None = None
    def __post_init__(self) -> None: ...
    @property
    def task(self) -> str | None:
        """inpaint, upscale or deblur; None for plain samples."""
    @property
    def words(self) -> dict[str, object]:
        """What a name says of it."""
    def check_files(self) -> None:
        """Raise `InputError` unless the pictures are files that are there."""
