"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.moment import Moment
from ..processes.process import Process
from ..processes.process import Time
from .sample import Sampler
from typing import Any

__all__ = [
    "Inpainting", "Resampling"
]
def checked_mask(mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A mask; `InputError` unless it fits and holds nothing but zeros and ones."""
def refuse_moved(process: Process, name: str) -> None:
    """Raise `InputError` if an encoder moves the data, so that x̂ is not about x."""
def warn_scale(process: Process, x: Tensor, mask: Tensor) -> None:
    """Warn of grey levels that were not encoded: whole numbers that no noise hides."""
class Inpainting(Denoiser):
    """Another denoiser, but where x is known it says so."""
    per_example: tuple[str, str]
    exact: bool
    base: Denoiser
    mask: Any
    x: Any
    def __init__(self, base: Denoiser, x: Tensor, mask: Tensor) -> None: ...
    def known(self, y: Tensor) -> Tensor:
        """The mask for these states, which must be those of x."""
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """x where it is known."""
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """−Σ⁻¹(y − f x) where x is known."""
    def path_kl(
        self,
        x: Tensor,
        t: Tensor,
        eps: Tensor,
        T: int | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """As of any denoiser; by the score, where x̂ does not tell it."""
class Resampling(Sampler):
    """Stretches of another sampler, each walked several times (Lugmayr et al. 2022)."""
    rule: Sampler
    repeats: int
    jump: int
    def __init__(self, rule: Sampler, repeats: int = 5, jump: int = 1) -> None: ...
    def times(self, process: Process, start: Time = 1.0) -> Tensor:
        """The grid of the other sampler."""
    def plan(self, process: Process, s: Moment, t: Moment) -> object:
        """What the other sampler needs to know."""
    def along(
        self,
        model: Denoiser,
        y: Tensor,
        walk: Iterator[tuple[Moment, Moment]],
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Iterator[Tensor]:
        """Each stretch down, up again by the transition of the process, and down."""
    def step(
        self,
        model: Denoiser,
        y: Tensor,
        s: Time,
        t: Time,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> Tensor:
        """A stretch of one step."""
