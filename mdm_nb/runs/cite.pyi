"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from .papers import Paper
from typing import Any

__all__ = [
    "PAPERS_OF", "KINDS_OF_PART", "sources_of", "cite"
]
PAPERS_OF: dict[type | Callable, tuple[str, ...]]
KINDS_OF_PART: tuple[Any, ...]
_PREDICTIONS: dict[str, tuple[str]]
_COVARIANCES: dict[str, tuple[str]]
_LINKS: dict[str, tuple[str]]
def _settings(part: object) -> Iterator[tuple[str, tuple[str, ...]]]: ...
_PLAIN: tuple[Any, ...]
_CALLED: tuple[Any, Any, Any]
def _inside(part: object) -> list[object]: ...
def _parts(part: object, seen: set[int]) -> Iterator[object]: ...
def sources_of(part: object) -> tuple[str, ...] | None:
    """The papers of one part, without those of what it holds."""
def _claims(part: object) -> Iterator[tuple[str, tuple[str, ...]]]: ...
def _brought(parts: list[object]) -> list[str]: ...
def _opened(thing: object) -> object: ...
def _library() -> Paper: ...
def _unknown(thing: object) -> str: ...
def cite(*things: object) -> str:
    """What to cite: the library, and the papers of everything that is used."""
