"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass

__all__ = [
    "Restoration"
]
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
