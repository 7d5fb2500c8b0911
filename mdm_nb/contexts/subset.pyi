"""Written by tools/stubs.py: do not edit."""
from dataclasses import dataclass
from dataclasses import field
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import BackwardCFunction
from ..gaussians.core import Randomness

__all__ = [
    "log_choices", "Subset", "log_elementary"
]
def check_subset(m: int, k: int) -> None:
    """Raise `InputError` unless k of m switches can be on, and their table can be kept."""
def log_choices(m: int, k: int) -> float:
    """ln C(m, k): the number of k-subsets of m switches, and the most that telling one can cost."""
def check_logits(logits: Tensor, k: int) -> Tensor: ...
def _threshold(logits: Tensor, k: int) -> Tensor: ...
def _sliding(table: Tensor, other: Tensor) -> Tensor: ...
def _longer(table: Tensor, before: int, after: int) -> Tensor: ...
def _pairs(table: Tensor) -> Tensor: ...
class _Correlate(Function):
    """Σ_b table[a + b] other[b], for tables of shape `(..., counts, B)`; one may serve several."""
    @staticmethod
    def forward(ctx: BackwardCFunction, table: Tensor, other: Tensor) -> Tensor: ...
    @staticmethod
    def backward(ctx: BackwardCFunction, slope: Tensor) -> tuple[Tensor, Tensor]: ...
class _Convolve(Function):
    """Σ_a left[a] right[n − a] for n < size, for tables of shape `(..., counts, B)`."""
    @staticmethod
    def forward(ctx: BackwardCFunction, left: Tensor, right: Tensor, size: int) -> Tensor: ...
    @staticmethod
    def backward(ctx: BackwardCFunction, slope: Tensor) -> tuple[Tensor, Tensor, None]: ...
def _rounds(likely: Tensor, distance: Tensor, k: int) -> list[Tensor]:
    """Weights of the number of heads up to k, in groups of 1, 2, 4, ... coins."""
def _whole(tables: list[Tensor]) -> Tensor: ...
def _inclusion(tables: list[Tensor]) -> Tensor:
    """The probability that each switch is on."""
@dataclass(frozen=True, eq=False)
class Subset:
    """The laws p(c) ∝ exp(w·c) of k-hot c, one or a batch (conditional Poisson, Hájek 1964)."""
    logits: Tensor
    k: int
    likely: Tensor = field(init=False, repr=False)
    distance: Tensor = field(init=False, repr=False)
    tables: list[Tensor] = field(init=False, repr=False)
    log_total: Tensor = field(init=False, repr=False)
    marginals: Tensor = field(init=False, repr=False)
    def __post_init__(self) -> None: ...
    def information(self, c: Tensor) -> Tensor:
        """−log p(c), or its mean over a law of which `c` are the marginals."""
    def log_prob(self, c: Tensor) -> Tensor:
        """The log-probability of subsets."""
    def entropy(self) -> Tensor:
        """−E log p(c)."""
    def kl_uniform(self) -> Tensor:
        """KL from this law to the uniform law of k-subsets: ln C(m, k) less the entropy."""
    def kl(self, other: Subset) -> Tensor:
        """KL from this law to another one."""
    def sample(self, shape: tuple[int, ...] = (), generator: Randomness = None) -> Tensor:
        """Draw subsets, exactly."""
    def mode(self) -> Tensor:
        """A most probable subset."""
    def rsample(self, shape: tuple[int, ...] = (), generator: Randomness = None) -> Tensor:
        """Exact draws, whose gradient is that of the marginals (straight through)."""
def log_elementary(logits: Tensor, k: int) -> Tensor:
    """ln e_k(exp w), the logarithm of the elementary symmetric polynomial of degree k."""
def _left_count(left: Tensor, right: Tensor, count: Tensor, uniform: Tensor) -> Tensor:
    """Draw a with probability proportional to left[a] right[count − a]."""
def k_hot(scores: Tensor, k: int) -> Tensor: ...
