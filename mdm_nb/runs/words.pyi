"""Written by tools/stubs.py: do not edit."""
from argparse import ArgumentParser
from argparse import _ActionsContainer
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple
from typing import NoReturn
from typing import ParamSpec

__all__ = [
    "CommandParser", "parser_of", "world", "say", "doing", "check_device", "one_sentence", "command"
]
class CommandParser(ArgumentParser):
    """A parser that complains in one sentence."""
    def error(self, message: str) -> NoReturn:
        """Say it, and where to find what would be right."""
class _Kind(NamedTuple):
    metavar: str
    said: str
_KINDS: dict[Any, Any]
def _reader(kind: type, optional: bool) -> Callable[[str], object]: ...
def _add(
    parser: _ActionsContainer,
    name: str,
    kind: object,
    default: object,
    note: str,
) -> None: ...
def parser_of(
    func: Callable[..., object],
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> CommandParser:
    """The parser of a command; what is not typed is not in its result."""
def world() -> tuple[int, int]:
    """Which of how many processes this is, as `torchrun` tells it."""
def _write(text: str) -> None: ...
def say(what: str) -> None:
    """One line on the error stream, from the first of several processes."""
@contextmanager
def doing(what: str, every: float = 0.5) -> Iterator[None]:
    """One line on the error stream that grows, from the first of several processes."""
def check_device(name: str) -> None:
    """Raise `InputError` unless the name may be that of a device."""
@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn bad input into one line on the error stream and a non-zero exit status; say warnings."""
def _tolerant(*streams: object) -> None: ...
@contextmanager
def _printed() -> Iterator[None]: ...
def _wait_for_all() -> None: ...
_P = ParamSpec('_P')
def command(
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    """Make a function a command as well."""
