"""Written by tools/stubs.py: do not edit."""
import ast
from collections.abc import Callable
from collections.abc import Iterator
from functools import cache
from inspect import Signature
from typing import NamedTuple
from typing import Any

__all__ = [
    "METHODS", "SAMPLERS", "METHOD", "SAMPLER", "Call", "read_call", "Known", "known_class", "Part",
    "check_text", "may_take", "check_read"
]
class Call(NamedTuple):
    """The name of a class or of one of its class methods, and what to call it with."""
    name: str
    args: tuple[object, ...]
    options: dict[str, object]
_NAME: Any
def _name(node: ast.expr) -> str: ...
def _argument(node: ast.expr) -> object: ...
def _call(node: ast.expr) -> Call: ...
_MODULE: Any
def read_call(text: str, example: str = 'MALDA(K=3)') -> Call:
    """The call that a text spells, from its syntax tree; nothing is run."""
class Known(NamedTuple):
    """What the source says of a class."""
    bases: tuple[str, ...]
    takes: Signature | None
    names: tuple[str, ...] = ()
@cache
def _body(module: str) -> list[ast.stmt]: ...
@cache
def known_class(name: str, module: str = '') -> Known | None:
    """What a class of the package is, without loading it."""
def _taken(
    init: ast.FunctionDef | None,
    above: list[Known],
) -> tuple[Signature | None, tuple[str, ...]]: ...
class Part(NamedTuple):
    """What an option that takes a constructor call may hold."""
    base: str
    example: str
    short: dict[str, str]
    beyond: tuple[tuple[str, str], ...] = ()
METHODS: dict[str, str]
SAMPLERS: dict[str, str]
METHOD: Any
SAMPLER: Any
def _inside(call: Call) -> Iterator[Call]: ...
def _check_known(call: Call, base: str | None, example: str) -> None: ...
def _check_taken(call: Call, takes: Signature, names: tuple[str, ...]) -> None: ...
def _near(name: str, base: str | None) -> list[str]: ...
def check_text(said: str, text: str, part: Part) -> None:
    """Raise `InputError` for a text that is known to name nothing of the kind."""
def may_take(text: str, argument: str) -> bool:
    """Could a default for this argument be taken in the text, as far as its source tells?"""
def _takes(call: Call, argument: str) -> bool: ...
def check_read(text: str, takes: Callable[[str, str], bool], **options: object) -> None:
    """Raise `InputError` for an option beside `--sampler` that nothing would read."""
