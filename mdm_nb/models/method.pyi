"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from typing import NotRequired
from typing import Self
from typing import TypedDict
from torch import Tensor
from torch import nn
from ..bounds.bound import Bound
from ..bounds.denoiser import Denoiser
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..gaussians.core import Randomness

__all__ = [
    "Method", "Cost", "measured", "Judgement", "JudgementFacts", "judged"
]
class Method:
    """A way from data to −log p(x), other than the bound: a method of `Diffusion.bpd`."""
    name: str
    says: str
    reads: str
    tolerance: float | None = None
    def suited(
        self,
        model: Denoiser,
        discretization: Discretization | Continuous,
        T: int | None = None,
        log_ratio: Tensor | None = None,
    ) -> Self:
        """The method for a model, or `InputError` if the model does not admit it."""
    def __call__(
        self,
        model: Denoiser,
        data: Tensor,
        discretization: Discretization | Continuous,
        times: int = 1,
        generator: Randomness = None,
        protocol: str = '',
        **cond: Tensor,
    ) -> Bound:
        """−log p(x) for every example, as this method finds it."""
    def doubt(self, found: Bound) -> str | None:
        """Why ±2 standard errors may not hold the truth, whatever the values look like."""
    def __repr__(self) -> str: ...
_WORDS: dict[str, tuple[str, str]]
def checked_method(
    method: Callable[..., Any] | str | None,
    model: nn.Module,
) -> Callable[..., Any] | None:
    """The method for a model; `InputError` for a class, a sampler, a network or a bad match."""
def drawn_context(
    model: Denoiser,
    x: Tensor,
    generator: Randomness = None,
    **cond: Tensor,
) -> tuple[Denoiser, dict[str, Tensor]]:
    """The denoiser by a context that is drawn, and what that draw costs, not the mean of all."""
def protocol_of(
    method: Method,
    protocol: str,
    times: int,
    told: Iterable[str] = (),
    clock: str = '',
) -> str:
    """What must be remembered with a number."""
def weighed(rows: list[dict[str, Tensor]], together: bool) -> dict[str, Tensor]:
    """What some draws cost, alone or together (Burda et al. 2016)."""
@dataclass
class Cost:
    """What an evaluation took."""
    calls: int = 0
    seconds: float = 0.0
@contextmanager
def measured(model: nn.Module) -> Iterator[Cost]:
    """Count the network's calls within a block, one for each example, and its seconds."""
_EVERY: float
@contextmanager
def in_batches(
    model: nn.Module,
    n: int,
    size: int,
    what: str,
    progress: bool = True,
    first: int = 0,
) -> Iterator[Iterator[slice]]:
    """The batches of some examples, under one bar that moves within each of them."""
@dataclass(frozen=True, eq=False, repr=False)
class Judgement(Bound):
    """What a method found for every example, what it is, and what it took."""
    method: str = 'elbo'
    says: str = 'upper bound on'
    reads: str = 'discrete decoder'
    tolerance: float | None = None
    seed: int | None = None
    calls: int = 0
    seconds: float = 0.0
    gives_up: bool = False
    @property
    def arrived(self) -> Tensor:
        """For which examples there is a number."""
    @property
    def lost(self) -> int:
        """How many examples have none."""
    @property
    def status(self) -> str:
        """Is this a number about all examples?"""
    @property
    def nats(self) -> float:
        """Mean over the examples that arrived, nats per example; NaN if none did."""
    def mean_se(self, nats: Tensor) -> tuple[float, float]:
        """Mean and standard error over the examples that arrived."""
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    @property
    def record(self) -> JudgementFacts:
        """Everything that must stand beside the number."""
class JudgementFacts(TypedDict):
    """What a judgement comes to."""
    method: str
    quantity: str
    bits: NotRequired[float]
    nats: float
    se: float
    unit: str
    terms: dict[str, tuple[float, float]]
    n: int
    status: str
    protocol: str
    tolerance: float | None
    seed: int | None
    calls: int
    seconds: float
_SHARED: tuple[str, str, str]
def joined(
    bounds: list[Bound],
    seed: int | None,
    cost: Cost,
    method: Callable[..., Any] | None = None,
) -> Judgement:
    """Bounds on batches as one judgement."""
def judged(
    bounds: list[Bound],
    seed: int | None,
    cost: Cost,
    method: Callable[..., Any] | None = None,
    part: bool = False,
) -> Judgement:
    """Them as one, or `InputError` where a term is not finite; a warning if the ± is doubtful."""
