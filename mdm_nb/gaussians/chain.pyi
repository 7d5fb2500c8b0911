"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from .gaussian import Gaussian
from .gaussian import Kernel

__all__ = [
    "transition", "reverse", "posterior", "reverse_transition"
]
def _check_noisy(name: str, kernel: Kernel) -> None: ...
def _fresh_share(L_t: Tensor, stale: Tensor) -> Tensor:
    """F = I − m mᵀ for m = L_t⁻¹ stale, where `stale` is the factor of what was there at s."""
def transition(kernel_s: Kernel, kernel_t: Kernel) -> Kernel:
    """The link between two times of one chain, if t adds noise to s (Makin, Eq. 8.37)."""
def reverse(prior: Gaussian, link: Kernel) -> Kernel:
    """Turn a link with noise in every direction around by Bayes (Makin, Eqs. 2.13-2.14)."""
def posterior(prior: Gaussian, link: Kernel, y: Tensor) -> Gaussian:
    """Gaussian Bayes at one observation."""
def reverse_transition(kernel_s: Kernel, kernel_t: Kernel, x: Tensor, z_t: Tensor) -> Gaussian:
    """Where the chain was at s, given where it started and where it is (Makin, Eq. 8.38)."""
