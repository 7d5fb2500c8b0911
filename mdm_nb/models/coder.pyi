"""Written by tools/stubs.py: do not edit."""
from types import ModuleType
from typing import Any
from typing import NamedTuple
import numpy as np

__all__ = [
    "lent_words", "Stack", "Mask", "Alike", "Table", "Normals", "Switches", "OnGrid"
]
_HEAD: int
_STRANGE: str
def _stream() -> ModuleType: ...
def _random(n: int, *key: int) -> np.ndarray: ...
def lent_words(n: int) -> np.ndarray:
    """The words that a stack begins with."""
class Stack:
    """A stack of bits that numbers are pushed on and popped from."""
    coder: Any
    lends: bool
    lent: Any
    def __init__(self, words: np.ndarray | None = None) -> None: ...
    @property
    def words(self) -> np.ndarray:
        """All bits, those lent included."""
    @property
    def bits(self) -> int:
        """How many there are, in whole words."""
    def _masked(self, mask: Mask | None) -> object: ...
    def push(
        self,
        k: np.ndarray,
        family: object,
        *parameters: np.ndarray,
        mask: Mask | None = None,
    ) -> None:
        """Put numbers on top, at the cost of their laws; the first will be the first to come
        off."""
    def pop(
        self,
        n: int,
        family: object,
        *parameters: np.ndarray,
        mask: Mask | None = None,
    ) -> np.ndarray:
        """Take numbers off the top, or draw them from the bits there; a new stack lends what
        lacks."""
    def _lend(self, n: int) -> None: ...
class Mask(NamedTuple):
    """What to add to the words at the top."""
    key: int
    n: int
class Alike:
    """Whole numbers from 0 to m − 1, each as likely as the others."""
    n: int
    m: int
    def __init__(self, n: int, m: int) -> None: ...
    def push(self, stack: Stack, k: np.ndarray) -> None:
        """Put them on a stack, at log₂ m bits each."""
    def pop(self, stack: Stack) -> np.ndarray:
        """Take them off."""
class Table:
    """Whole numbers from 0 to m − 1, each with probabilities of its own."""
    p: np.ndarray
    def __init__(self, p: np.ndarray) -> None: ...
    def push(self, stack: Stack, k: np.ndarray, mask: Mask | None = None) -> None:
        """Put them on a stack."""
    def pop(self, stack: Stack, mask: Mask | None = None) -> np.ndarray:
        """Take them off."""
_NEAR: float
_FAR: float
_HALF: int
class Normals:
    """Whole numbers under normal laws, each with a mean and a standard deviation of its own."""
    centre: Any
    tails: bool
    law: tuple[Any, np.ndarray]
    reach: int
    family: Any
    room: Any
    def __init__(self, mean: np.ndarray, std: np.ndarray, tails: bool = False) -> None: ...
    def push(self, stack: Stack, k: np.ndarray, key: int | None = None) -> None:
        """Put numbers on a stack; with a key, as if they had been drawn from masked bits."""
    def pop(self, stack: Stack, key: int | None = None) -> np.ndarray:
        """Take numbers off, or draw them from bits that the key masks."""
    def _mask(self, key: int | None) -> Mask | None: ...
def _push_far(stack: Stack, far: np.ndarray) -> None: ...
def _pop_far(stack: Stack, n: int) -> np.ndarray: ...
class Switches:
    """Which k of m switches are on, by laws p(c) ∝ exp(w·c)."""
    logits: np.ndarray
    k: int
    tables: Any
    room: Any
    def __init__(self, logits: np.ndarray, k: int) -> None: ...
    def _open(self, j: int, left: np.ndarray) -> tuple[np.ndarray, Table]: ...
    def _mask(self, j: int, key: int | None) -> Mask | None: ...
    def push(self, stack: Stack, c: np.ndarray, key: int | None = None) -> None:
        """Put choices on a stack, shape `(n, m)`; with a key, as if drawn from masked bits."""
    def pop(self, stack: Stack, key: int | None = None) -> np.ndarray:
        """Take choices off, or draw them from bits that the key masks."""
class OnGrid:
    """Numbers on a grid under normal laws."""
    width: Any
    most: float
    shape: Any
    law: Normals
    def __init__(self, mean: np.ndarray, std: np.ndarray, tails: bool = False) -> None: ...
    def push(self, stack: Stack, c: np.ndarray, key: int | None = None) -> None:
        """Put numbers of the grid on a stack, shape `(n, m)`."""
    def pop(self, stack: Stack, key: int | None = None) -> np.ndarray:
        """Take them off, or draw them from bits that the key masks."""
