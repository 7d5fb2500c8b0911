"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from torch import Tensor
from .lyapunov import Kernel

__all__ = [
    "Bridge", "Link", "Moment"
]
def reader(k: Kernel) -> Tensor:
    """Σ⁻¹f: how the blocks are weighted to read x off the state."""
@dataclass(frozen=True, eq=False)
class Bridge:
    """How y_s hangs on y_t given x: ε_s = U c Vᵀ ε_t + U √(1 − c²) ξ, for y = f x + L ε."""
    at_s: Kernel
    at_t: Kernel
    U: Tensor
    c: Tensor
    V: Tensor
    fresh: Tensor
    def keep(self, noise: Tensor, share: Tensor | None = None) -> Tensor:
        """L_s U diag(share) Vᵀ L_t⁻¹ (y_t − f_t x): the old noise, turned and scaled down."""
    def renew(self, share: Tensor | None = None) -> Tensor:
        """L_s U diag(share), a factor of the covariance of what is drawn afresh."""
    @classmethod
    def between(cls, at_s: Kernel, step: Kernel, at_t: Kernel) -> Bridge:
        """The canonical correlations of y_s and y_t given x (Hotelling 1936), from cotangents."""
@dataclass(frozen=True, eq=False)
class Link:
    """A step of a walk, planned before the walk began."""
    to: Kernel
    plan: object
@dataclass(frozen=True, eq=False)
class Moment:
    """What a process knows at a time: the law of y_t given x, its drift, and how noisy it is."""
    t: Tensor
    kernel: Kernel
    A: Tensor
    N: Tensor
    gamma: Tensor
    rate: Tensor
    back: Link | None = None
    weights: Tensor | None = None
    @property
    def pace(self) -> tuple[Tensor, Tensor]:
        """γ and γ'."""
    def mean(self, x: Tensor) -> Tensor:
        """The mean of the state."""
    def state(self, x: Tensor, eps: Tensor) -> Tensor:
        """A draw of the state."""
    def residual(self, y: Tensor, x: Tensor) -> Tensor:
        """What of the state is noise, L ε."""
    def observe(self, y: Tensor) -> Tensor:
        """Everything that y_t tells about x, in one block of unit scale."""
    def aux_noise(self, y: Tensor, heads: int) -> Tensor:
        """The noise that the score −Σ⁻¹a of the auxiliary blocks alone stands for."""
    def for_times(self, n: int) -> Moment:
        """The same moments, a matrix for every time, and the weights with which to observe."""
    def planned(self, s: Moment, kind: type[_Part]) -> _Part | None:
        """What a walk has planned for the step from here to s."""
def _observing(k: Kernel) -> Tensor:
    """α e^γ fᵀΣ⁻¹, which reads off the state what is shown to a network."""
def as_factor(factor: Tensor, x: Tensor) -> Tensor:
    """A factor of a covariance, or the number that multiplies noise if there is one block."""
_Part = TypeVar('_Part')
def _picked(part: object, i: int | slice) -> object: ...
def pick(part: _Part, i: int | slice) -> _Part:
    """The i-th, or some, of a batch of kernels, moments or plans."""
def apart(part: _Part, n: int) -> list[_Part]:
    """All of a batch of kernels, moments or plans."""
def linked(whole: Moment, plans: object) -> Iterator[tuple[Moment, Moment]]:
    """The moments at the later and the earlier end of every step, with the plan of that step."""
