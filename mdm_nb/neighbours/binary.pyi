"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from typing import NamedTuple
from torch import Tensor
from ..gaussians.core import Randomness

__all__ = [
    "cb_log_probs", "ib_log_prob", "BinaryPosterior", "ib_elbo", "fit_binary", "cb_elbo", "cb_elbos"
]
LINKS: tuple[str, str]
CB_KINDS: tuple[str, str]
def log_yes(eta: Tensor, link: str) -> Tensor:
    """The log probability of a yes, exact in both tails."""
def cb_log_probs(eta: Tensor, kind: str = 'cbc', link: str = 'probit') -> Tensor:
    """log p(k | η), one class of K, from the scores of K questions."""
def _check_scores(eta: Tensor) -> None: ...
def ib_log_prob(eta: Tensor, y: Tensor, link: str = 'probit') -> Tensor:
    """log of the probability that all K independent answers are those of the class."""
def _signs(y: Tensor, classes: int) -> Tensor: ...
def check_classes(y: Tensor, n: int, classes: int) -> None:
    """Raise `InputError` unless every row has a class, counted from 0."""
def check_answers(log_probs: Tensor, y: Tensor) -> None:
    """Raise `InputError` unless there is a row of probabilities for every class that was true."""
class BinaryPosterior(NamedTuple):
    """A normal law of the weights of every class."""
    mean: Tensor
    cov: Tensor
    def law(self, X: Tensor) -> tuple[Tensor, Tensor]:
        """The law of each score xᵀβ_k."""
    def kl(self, tau: float) -> float:
        """Σ_k KL(N(m_k, V_k) ‖ N(0, τ I))."""
def _kl_of_spread(cov: Tensor, tau: float) -> float: ...
def checked_tau(tau: float) -> float:
    """The variance; `InputError` unless it is one that arithmetic stands."""
def checked_rows(X: Tensor, width: int | None = None) -> Tensor:
    """The features; `InputError` unless they are finite rows of the right length."""
def checked_labelled(X: Tensor, y: Tensor, classes: int) -> Tensor:
    """The features; `InputError` unless every row has a class, and there is a row."""
def _mills(eta: Tensor, log_phi: Tensor) -> Tensor: ...
def _inverse(gram: Tensor, tau: float) -> Tensor: ...
_Climb = Iterator[tuple[BinaryPosterior, float]]
def _probit(X: Tensor, signs: Tensor, tau: float) -> _Climb: ...
def _expected_weight(c: Tensor) -> Tensor: ...
def _explained(signed: Tensor, c: Tensor) -> float: ...
def _logit(X: Tensor, signs: Tensor, tau: float) -> _Climb: ...
def ib_elbo(
    X: Tensor,
    y: Tensor,
    posterior: BinaryPosterior,
    link: str = 'probit',
    tau: float = 1.0,
) -> float:
    """A lower bound on log p(y) of the independent model, and so of CBC and CBM."""
def fit_binary(
    X: Tensor,
    y: Tensor,
    classes: int,
    link: str = 'probit',
    tau: float = 1.0,
    sweeps: int = 300,
    tol: float = 1e-05,
) -> tuple[BinaryPosterior, list[float]]:
    """Climb the bound, all classes side by side (Wojnowicz et al. 2022)."""
def cb_elbo(
    X: Tensor,
    y: Tensor,
    posterior: BinaryPosterior,
    kind: str = 'cbc',
    link: str = 'probit',
    tau: float = 1.0,
    samples: int = 10,
    generator: Randomness = None,
) -> tuple[float, float]:
    """An estimate of a lower bound on log p(y) of a CB model."""
def cb_elbos(
    X: Tensor,
    y: Tensor,
    posterior: BinaryPosterior,
    link: str = 'probit',
    tau: float = 1.0,
    error: float = 0.04,
    most: int = 1000,
    generator: Randomness = None,
) -> tuple[dict[str, float], float]:
    """Estimates of the bounds of CBC and CBM from the same draws of the scores."""
def _lead(found: list[list[float]]) -> tuple[float, float]: ...
_SURE: float
def _of_pair(mean: Tensor, away: Tensor, y: Tensor, kind: str, link: str) -> float: ...
