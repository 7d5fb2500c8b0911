"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import torch
from torch import Tensor

__all__ = [
    "Gaussian", "Kernel", "joint", "condition", "kl"
]
def _array(name: str, a: Tensor | float, ndim: int) -> Tensor: ...
def _symmetric(a: Tensor) -> Tensor: ...
def _covariance(name: str, cov: Tensor) -> Tensor: ...
def _factor(name: str, cov: Tensor) -> Tensor: ...
def _batch(names: str, *shapes: torch.Size) -> torch.Size: ...
def _times(A: Tensor, x: Tensor | float) -> Tensor:
    """Matrices times vectors; a number stands for a vector of equal components."""
def _store(obj: object, **fields: Tensor) -> None: ...
@dataclass(frozen=True, eq=False)
class Gaussian:
    """A batch of normal distributions N(mean, cov); an `InputError` names what is not one."""
    mean: Tensor
    cov: Tensor
    L: Tensor = field(init=False, repr=False)
    def __post_init__(self) -> None: ...
    def log_prob(self, x: Tensor) -> Tensor:
        """Log-density at `x`."""
    def sample(
        self,
        shape: tuple[int, ...] = (),
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Draw `mean + L eps`."""
@dataclass(frozen=True, eq=False)
class Kernel:
    """The law of y given x, N(Phi x + shift, L Lᵀ), one or a batch of them, in float64."""
    Phi: Tensor
    L: Tensor
    shift: Tensor | float = 0.0
    @property
    def Sigma(self) -> Tensor:
        """The covariance L Lᵀ."""
    @property
    def logdet(self) -> Tensor:
        """log det Σ."""
    @property
    def gain(self) -> Tensor:
        """L⁻¹f for f = Phi[:, 0]: how far one unit of data moves y, in standard deviations."""
    @property
    def gamma(self) -> Tensor:
        """−log fᵀΣ⁻¹f, minus the log signal-to-noise ratio of the data in the whole of y."""
    @classmethod
    def of(cls, Phi: Tensor, cov: Tensor, shift: Tensor | float = 0.0) -> Kernel:
        """The kernel with a given covariance; an `InputError` names what is not one."""
    def mean_at(self, x: Tensor | float) -> Tensor:
        """E[y | x] = Phi x + shift."""
    def __call__(self, x: Gaussian | Tensor) -> Gaussian:
        """Push `x` through: total expectation and total covariance (Makin, Eqs. 8.36-8.37)."""
    def __matmul__(self, first: Kernel) -> Kernel:
        """Compose two links."""
def lower_factor(root: Tensor) -> Tensor:
    """The triangular L with L Lᵀ = W Wᵀ, by a QR decomposition that never forms the product."""
def _semidefinite_factor(name: str, cov: Tensor) -> Tensor: ...
def joint(prior: Gaussian, link: Kernel) -> Gaussian:
    """The joint distribution of both ends of a link."""
def _split(index: Sequence[int] | slice, size: int, given: int) -> tuple[Tensor, Tensor]:
    """The observed components and the others, as positions in 0 ... size − 1."""
def condition(joint: Gaussian, index: Sequence[int] | slice, value: Tensor) -> Gaussian:
    """Condition a Gaussian on some of its components, each observed once (Schur complement)."""
def kl(q: Gaussian, p: Gaussian) -> Tensor:
    """Relative entropy KL(q || p), a sum of terms of which none is negative."""
