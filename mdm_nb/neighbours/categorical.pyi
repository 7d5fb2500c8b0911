"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from pathlib import Path
import torch
from torch import Tensor
from ..gaussians.core import Randomness
from mdm_nb.neighbours.binary import BinaryPosterior
from typing import Any

__all__ = [
    "CB_ANSWERS", "CBModel", "log_score", "tau_scores", "entropy"
]
class CBModel:
    """A Bayesian classifier: closed-form answers of yes or no, turned into one class."""
    posterior: BinaryPosterior | None
    link: str
    tau: Any
    standardise: Any
    sweeps: int
    tol: float
    elbo: dict[Any, Any]
    error: Any
    shift: torch.Tensor
    scale: torch.Tensor
    def __init__(
        self,
        link: str = 'probit',
        tau: float = 1.0,
        standardise: bool = True,
        sweeps: int = 300,
        tol: float = 1e-05,
    ) -> None: ...
    def fitted(self) -> BinaryPosterior:
        """The law of the weights; `InputError` if there is none yet."""
    @property
    def weight(self) -> float:
        """The probability of CBC against CBM, from their bounds on the evidence."""
    @property
    def weight_error(self) -> float:
        """The standard error of `weight` over the draws of the bounds; NaN if it was not kept."""
    def fit(self, X: Tensor, y: Tensor, classes: int, seed: int = 0) -> CBModel:
        """Learn the weights, in closed form, and weigh the two ways back."""
    def _scores(self, X: Tensor, samples: int, source: Randomness) -> Iterator[Tensor]: ...
    def _answer(self, eta: Tensor, kind: str) -> Tensor: ...
    def predict_log_proba(
        self,
        X: Tensor,
        kind: str = 'bma',
        samples: int = 32,
        generator: Randomness = None,
    ) -> Tensor:
        """log p(class | x), averaged over the doubt about the weights."""
    def predict_proba(
        self,
        X: Tensor,
        kind: str = 'bma',
        samples: int = 32,
        generator: Randomness = None,
    ) -> Tensor:
        """p(class | x), averaged over the doubt about the weights."""
    def predict(
        self,
        X: Tensor,
        kind: str = 'bma',
        samples: int = 32,
        generator: Randomness = None,
    ) -> Tensor:
        """The most probable class."""
    def save(self, path: Path | str) -> None:
        """Write the model whole or not at all."""
    @classmethod
    def load(cls, path: Path | str) -> CBModel:
        """The model in a file."""
    def doubt(
        self,
        X: Tensor,
        kind: str = 'bma',
        samples: int = 32,
        generator: Randomness = None,
    ) -> tuple[Tensor, Tensor]:
        """How unsure an answer is, and how much of that is doubt about the weights."""
def _units(X: Tensor) -> tuple[Tensor, Tensor]: ...
def _rows(X: Tensor, shift: Tensor, scale: Tensor) -> Tensor: ...
CB_ANSWERS: tuple[str, ...]
def log_score(log_probs: Tensor, y: Tensor) -> float:
    """The mean log probability of what was true."""
def tau_scores(
    X: Tensor,
    y: Tensor,
    classes: int,
    link: str = 'probit',
    kind: str = 'cbc',
    taus: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0),
    standardise: bool = True,
    folds: int = 5,
    seed: int = 0,
) -> dict[float, float]:
    """What every prior variance predicts of rows that it has not seen."""
def entropy(log_probs: Tensor) -> Tensor:
    """−Σ p log p."""
