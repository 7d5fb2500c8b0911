"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
import torch
from torch import Tensor
from torch import nn
from .other import Normal
from .subset import Subset
from ..gaussians.core import Randomness
from ..models.coder import OnGrid
from ..models.coder import Switches
from ..models.network import Attention
from typing import Any

__all__ = [
    "LAWS", "PRIORS", "Context", "Labels", "Reader", "KHot", "GaussianCode"
]
class Context(nn.Module):
    """What a clock is told about each example."""
    size: int
    inferred: bool
    def fit(self, shape: tuple[int, ...]) -> None:
        """Get ready for data of a shape; a clock asks for it."""
    def forward(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The numbers, and what they cost."""
    def charge(self, x: Tensor, c: Tensor) -> Tensor:
        """log q(c|x) − log p(c), what these numbers cost; its mean over q is the divergence."""
    def coder(self, x: Tensor | None, n: int) -> Switches | OnGrid:
        """q(c|x) or p(c), as what pushes codes on a stack of bits and pops them."""
    def __call__(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The numbers, and what they cost."""
class Labels(Context):
    """The class that comes with an example, as a one among zeros; all zeros if it is not known."""
    def __init__(self, classes: int = 10) -> None: ...
    def forward(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The label, which costs nothing: the bound is one on −log p(x | label)."""
    def __call__(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The label, which costs nothing: the bound is one on −log p(x | label)."""
class Reader(nn.Module):
    """Numbers read off a clean image by residual blocks and attention (Sahoo et al. 2024)."""
    shape: Any
    width: int
    frequencies: tuple[Any, ...]
    level: Any
    enter: Any
    down: nn.ModuleList
    mid: nn.ModuleList
    attention: Attention
    leave: nn.Sequential
    numbers: Any
    def __init__(
        self,
        shape: Sequence[int] = (3, 32, 32),
        out: int = 50,
        width: int = 32,
        blocks: int = 2,
        dropout: float = 0.0,
        frequencies: Sequence[float] = (64.0, 128.0),
    ) -> None: ...
    def forward(self, x: Tensor) -> Tensor:
        """What the network reads; zeros before training."""
    def __call__(self, x: Tensor) -> Tensor:
        """What the network reads; zeros before training."""
class _Code(Context):
    """Numbers that a network reads off the data."""
    per_number: int
    numbers: Any
    network: nn.Module | None
    reader: dict[str, Any]
    def __init__(
        self,
        m: int = 50,
        network: nn.Module | None = None,
        shape: Sequence[int] | None = None,
        width: int = 32,
        blocks: int = 2,
        dropout: float = 0.0,
        frequencies: Sequence[float] = (64.0, 128.0),
    ) -> None: ...
    def fit(self, shape: tuple[int, ...]) -> None:
        """Make a `Reader` for data of this shape, if there is no network yet."""
    @property
    def device(self) -> torch.device:
        """Where the network lives."""
    def read(self, x: Tensor) -> Tensor:
        """What the network reads, in float64."""
    def check_code(self, x: Tensor, c: Tensor) -> None:
        """Raise `InputError` unless there is a code for each example."""
LAWS: tuple[str, str, str]
PRIORS: tuple[str, str]
class KHot(_Code):
    """k of m switches, by a law that a network reads off the data (Sahoo et al. 2024, Sec. 3)."""
    k: int
    law: str
    prior: nn.Parameter | None
    k_and_law: torch.Tensor
    def __init__(
        self,
        m: int = 50,
        k: int = 15,
        law: str = 'exact',
        prior: str = 'uniform',
        network: nn.Module | None = None,
        shape: Sequence[int] | None = None,
        width: int = 32,
        blocks: int = 2,
        dropout: float = 0.0,
        frequencies: Sequence[float] = (64.0, 128.0),
    ) -> None: ...
    def forward(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A draw of the code, and KL(q(c|x) ‖ p(c)): exact, or the most that it can be."""
    def before(self) -> Subset:
        """p(c), the law of a code before any picture is seen."""
    def charge(self, x: Tensor, c: Tensor) -> Tensor:
        """Of a subset; a perturbed law has no probabilities that anyone could tell."""
    def coder(self, x: Tensor | None, n: int) -> Switches | OnGrid:
        """Of subsets; a perturbed law cannot be told."""
    def _perturbed(
        self,
        logits: Tensor,
        generator: Randomness,
    ) -> tuple[Tensor, dict[str, Tensor]]: ...
    def __call__(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A draw of the code, and KL(q(c|x) ‖ p(c)): exact, or the most that it can be."""
class GaussianCode(_Code):
    """m normal numbers, whose means and variances a network reads off the data."""
    def forward(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A draw of the code, and KL(q(c|x) ‖ N(0, I))."""
    def charge(self, x: Tensor, c: Tensor) -> Tensor:
        """log q(c|x) − log N(c; 0, I)."""
    def coder(self, x: Tensor | None, n: int) -> Switches | OnGrid:
        """Of normal numbers on a grid."""
    def _law(self, x: Tensor) -> Normal: ...
    def __call__(
        self,
        x: Tensor | None,
        n: int,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A draw of the code, and KL(q(c|x) ‖ N(0, I))."""
