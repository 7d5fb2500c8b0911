"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import Any

__all__ = [
    "PRESETS", "preset", "config_file", "read_options", "options_from"
]
_LONG: dict[str, int]
_PAPER: Any
_EIGHT: dict[str, int]
_MANY: dict[str, int]
_UNET: dict[str, str | int | float]
_MULAN: dict[str, int | str]
_SMALL: dict[str, int]
_PSLD: dict[str, str]
PRESETS: dict[str, Any]
def preset(name: str) -> dict[str, Any]:
    """The options of a preset."""
def config_file(folder: Path) -> Path:
    """The file that makes a folder a run folder."""
def read_options(file: Path | str) -> dict[str, Any]:
    """The options in a file."""
def options_from(
    typed: dict[str, Any],
    name: str | None = None,
    file: str | None = None,
) -> dict[str, Any]:
    """Options of a preset or a file, and those beside it, which win."""
