"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import torch
from torch import Tensor

__all__ = [
    "Gaussian", "LinearGaussian", "transition", "joint", "condition", "reverse", "posterior",
    "reverse_transition", "kl"
]
def _array(name: str, a: Tensor | float, ndim: int) -> Tensor: ...
def _sym(a: Tensor) -> Tensor: ...
def _covariance(name: str, cov: Tensor) -> Tensor: ...
def _factor(name: str, cov: Tensor) -> Tensor: ...
def _batch(names: str, *shapes: torch.Size) -> torch.Size: ...
def _mv(A: Tensor, x: Tensor) -> Tensor: ...
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
def _semidefinite(name: str, cov: Tensor) -> None: ...
@dataclass(frozen=True, eq=False)
class LinearGaussian:
    """The conditional distribution y|x ~ N(Phi x + shift, cov); an `InputError` names what is not
    one."""
    Phi: Tensor
    cov: Tensor
    shift: Tensor | float = 0.0
    def __post_init__(self) -> None: ...
    def __call__(self, x: Gaussian | Tensor) -> Gaussian:
        """Push `x` through the link by total expectation and total covariance (Makin, Eqs.
        8.36-8.37)."""
    def __matmul__(self, first: LinearGaussian) -> LinearGaussian:
        """Compose two links."""
def _fresh_share(kernel_t: LinearGaussian, cov: Tensor) -> Tensor: ...
def transition(kernel_s: LinearGaussian, kernel_t: LinearGaussian) -> LinearGaussian:
    """The link between any two times of one chain (Makin, Eq. 8.37); `InputError` if t does not add
    noise to s."""
def joint(prior: Gaussian, link: LinearGaussian) -> Gaussian:
    """The joint distribution of both ends of a link."""
def condition(joint: Gaussian, index: Sequence[int] | slice, value: Tensor) -> Gaussian:
    """Condition a Gaussian on some of its components (Schur complement); `InputError` if `index`
    does not fit."""
def reverse(prior: Gaussian, link: LinearGaussian) -> LinearGaussian:
    """Turn a link around by Gaussian Bayes (Makin, Eqs. 2.13-2.14); `InputError` if the link has a
    noiseless direction."""
def posterior(prior: Gaussian, link: LinearGaussian, y: Tensor) -> Gaussian:
    """Gaussian Bayes at one observation."""
def reverse_transition(
    kernel_s: LinearGaussian,
    kernel_t: LinearGaussian,
    x: Tensor,
    z_t: Tensor,
) -> Gaussian:
    """Where the chain was at s, given where it started and where it is at t (Makin, Eq. 8.38)."""
def kl(q: Gaussian, p: Gaussian) -> Tensor:
    """Relative entropy KL(q || p); `InputError` if the two do not fit."""
