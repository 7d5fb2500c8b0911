"""Written by tools/stubs.py: do not edit."""

__all__ = [
    "InputError"
]
class InputError(ValueError):
    """Bad input: one sentence that names the argument, what was given and what to do."""
