"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

__all__ = [
    "InputError"
]
class InputError(ValueError):
    """Bad input: one sentence that names the argument, what was given and what to do."""
def is_count(value: object, least: int = 1, most: int = 10 ** 8) -> bool:
    """Is this a whole number between two others?"""
def wanted_count(least: int = 1, most: int = 10 ** 8) -> str:
    """What to do about a number of things that is none."""
def check_count(
    name: str,
    value: object,
    least: int = 1,
    most: int = 10 ** 8,
    otherwise: str = '',
) -> None:
    """Raise `InputError` unless a number of things is whole, large enough and not absurd."""
def _said(value: object) -> str: ...
def check_shape(name: str, value: object, least: int = 1) -> tuple[int, ...]:
    """The shape; `InputError` unless it is a whole number for each axis."""
def check_even(name: str, value: object) -> None:
    """Raise `InputError` unless a number of things is even and at least 4."""
def checked_seed(seed: object) -> int:
    """The seed, as generators take it; `InputError` for anything but a whole number."""
def check_positive(name: str, value: object) -> None:
    """Raise `InputError` unless a number is finite and above zero."""
def check_at_least_zero(name: str, value: object) -> None:
    """Raise `InputError` unless a number is finite and not below zero."""
def checked_flag(name: str, value: object) -> bool:
    """The truth value; `InputError` for anything that only passes for one."""
_KNOWN_GOOD: Any
@contextmanager
def known_good(seen: bool = True) -> Iterator[None]:
    """Inside, values have been seen: checks look at types and shapes only."""
def may_look() -> bool:
    """Shall a check look at the values of a tensor, and wait for them?"""
def library(name: str, extra: str = 'peers') -> ModuleType:
    """An optional package, or `InputError` that says how to install it."""
