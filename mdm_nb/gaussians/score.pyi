"""Written by tools/stubs.py: do not edit."""
import torch
from torch import Tensor
from typing import Any

__all__ = [
    "KINDS", "alpha_sigma", "Mixture", "target", "convert", "loss_weight", "tweedie"
]
def alpha_sigma(gamma: Tensor | float) -> tuple[Tensor, Tensor]:
    """α² = sigmoid(−γ) and σ² = sigmoid(γ), variance preserving (Kingma et al. 2021, Eq. 4)."""
def _check_mixture(weights: Tensor, means: Tensor, covs: Tensor) -> None: ...
class Mixture:
    """A mixture of M Gaussians in D dimensions: density, score and denoiser at every noise.

    Good to about 1e-16 |m| / std: a Gaussian should not be 1e10 times as far out as it is wide."""
    weights: Any
    _means: Any
    _axes: Any
    _along: Any
    _variances: Any
    _alpha: Any
    _sigma: Any
    def __init__(self, weights: Tensor, means: Tensor, covs: Tensor) -> None: ...
    @property
    def means(self) -> Tensor:
        """The means."""
    @property
    def _spreads(self) -> Tensor:
        """Variances along the axes, `(D, M, 1)`; `(D, M, B)` after `at` with B levels."""
    @property
    def covs(self) -> Tensor:
        """The covariance matrices."""
    @classmethod
    def gaussian(cls, mean: Tensor, cov: Tensor) -> Mixture:
        """One Gaussian."""
    @classmethod
    def ring(cls, n: int = 8, radius: float = 0.7, std: float = 0.07) -> Mixture:
        """Equal round Gaussians in the plane, evenly spaced on a circle."""
    def at(self, gamma: Tensor | float) -> Mixture:
        """The same mixture after noise: means α m, covariances α² C + σ² I."""
    def _parts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Per Gaussian: log of weight times density `(M, N)`, and C⁻¹(x − m) along its axes."""
    def _turned(self, u: Tensor) -> Tensor:
        """Σₘ uₘ of vectors `(D, M, N)` along the axes of each Gaussian, as points `(N, D)`."""
    def log_prob(self, x: Tensor) -> Tensor:
        """log Σ wₘ N(x; mₘ, Cₘ)."""
    def responsibilities(self, x: Tensor) -> Tensor:
        """The posterior probability that a point came from each Gaussian."""
    def score(self, x: Tensor) -> Tensor:
        """∇ log p(x): the pulls Cₘ⁻¹(mₘ − x), averaged with the Gaussians' posterior
        probabilities."""
    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Independent draws: pick a Gaussian, then a point from it."""
    def predict(self, z: Tensor, gamma: Tensor | float, kind: str = 'x') -> Tensor:
        """The best prediction of any `kind`: the target, linear in (x, ε), of their means."""
    def posterior_mean(self, z: Tensor, gamma: Tensor | float) -> Tensor:
        """The best denoiser: the average over Gaussians of m + α C (α² C + σ² I)⁻¹ (z − α m)."""
KINDS: tuple[str, ...]
def target(x: Tensor, eps: Tensor, gamma: Tensor | float, kind: str) -> Tensor:
    """What a network of this `kind` should predict: x, ε, v = α ε − σ x, or the score −ε/σ."""
_CONVERSIONS: dict[tuple[str, str], Any]
def convert(pred: Tensor, z: Tensor, gamma: Tensor | float, source: str, target: str) -> Tensor:
    """Turn one kind of prediction into another, exactly."""
def loss_weight(gamma: Tensor | float, kind: str) -> Tensor:
    """The factor w in ‖ε − ε̂‖² = w ‖p − p̂‖² for a prediction p of this `kind`."""
def tweedie(z: Tensor, score: Tensor, gamma: Tensor | float) -> Tensor:
    """Tweedie's formula: the posterior mean (z + σ² ∇ log q(z)) / α."""
