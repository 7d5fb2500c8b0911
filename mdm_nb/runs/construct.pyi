"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from types import ModuleType
from typing import TypeGuard
from typing import TypeVar
from .calls import Call
from typing import Any

__all__ = [
    "find_class", "construct", "check_call", "leaves_open"
]
def _import(name: str) -> ModuleType: ...
_M = TypeVar('_M')
def _fits(found: object, base: type[_M]) -> TypeGuard[type[_M]]: ...
def _public_class(name: str) -> type | None: ...
def _home(name: str) -> ModuleType | type: ...
def _near(name: str, home: ModuleType | type, base: type) -> list[str]:
    """Names in a module or class that look like this one, or all that would have been right."""
def _right(name: str, home: ModuleType | type, base: type) -> bool: ...
def _finished(cls: type) -> bool: ...
def _returned(cls: type, name: str, base: type) -> bool: ...
def find_class(name: str, base: type[_M] = ...) -> type[_M]:
    """The class of a name."""
def _parameters(cls: type) -> list[str]:
    """The arguments of a constructor, with those of the base class if it hands on `**kwargs`."""
def _maker(name: str, base: type[_M]) -> tuple[Callable[..., _M], list[str]]:
    """The class or class method of a name, and the arguments that it takes."""
def _open(call: Call, base: type) -> list[str]: ...
_PLAIN: tuple[Any, ...]
def _parts(hint: object) -> list[object]: ...
def _kind(make: Callable, argument: str, value: Call) -> type:
    """The class that an argument is annotated with; any module if that is not said."""
def _placed(call: Call, make: Callable) -> list[tuple[str, object]]:
    """The values of a call, first those by position, with the arguments that they are for."""
def construct(text: str, base: type[_M] = ..., /, **defaults: object) -> _M:
    """The object that a text describes."""
def _build(call: Call, base: type[_M], defaults: dict[str, object]) -> _M: ...
def _calls(call: Call, base: type) -> Iterator[tuple[Call, type]]:
    """The call and all calls inside it, each with the base class that it must have."""
def _imports(name: str) -> bool: ...
def check_call(text: str, base: type = ..., imports: bool = True) -> None:
    """Raise `InputError` if a class of the text is unknown or does not take its arguments."""
def leaves_open(text: str, argument: str, base: type = ...) -> bool:
    """Would a default for this argument be taken anywhere in the text?"""
