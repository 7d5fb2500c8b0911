"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.moment import Moment
from ..processes.process import Time

__all__ = [
    "Classify", "Guidance", "checked_label", "logits_of", "Guided", "ClassifierFree"
]
def told_by_x(model: Denoiser) -> bool:
    """Is the score that of x̂, here or in all that it wraps? That of blocks of noise says more."""
def path_kl_of_score(
    model: Denoiser,
    x: Tensor,
    t: Tensor,
    eps: Tensor,
    T: int | None = None,
    **cond: Tensor,
) -> Tensor:
    """½ (s − ŝ)ᵀ N (s − ŝ), for a score that x̂ does not tell."""
class Guidance(Denoiser):
    """A denoiser that is told a label and leans on another one."""
    base: Denoiser
    weight: float
    def __init__(self, base: Denoiser, weight: float) -> None: ...
    def path_kl(
        self,
        x: Tensor,
        t: Tensor,
        eps: Tensor,
        T: int | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """What the bound on −log p(x | label) of the steered model pays."""
def checked_label(label: Tensor | None, n: int, classes: int | None = None) -> Tensor:
    """The label of each example; `InputError` unless it is a class."""
Classify = Callable[[Tensor, Tensor], Tensor]
def logits_of(classifier: Classify, z: Tensor, gamma: Tensor) -> Tensor:
    """What a classifier says, which must be a row for each example."""
class Guided(Guidance):
    """x̂ + w (σ²/α) ∇_z log p(label | z), by a classifier of z (Dhariwal and Nichol 2021)."""
    classifier: Classify
    def __init__(self, base: Denoiser, classifier: Classify, weight: float = 1.0) -> None: ...
    def pull(self, z: Tensor, gamma: Tensor, label: Tensor) -> Tensor:
        """Where the classifier sees more of the class."""
    def lift(self, y: Tensor, at: Moment, label: Tensor | None) -> Tensor:
        """How far the label moves x̂."""
    def __call__(
        self,
        y: Tensor,
        t: Time,
        label: Tensor | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """The estimate of x, moved."""
    def score(self, y: Tensor, t: Time, label: Tensor | None = None, **cond: Tensor) -> Tensor:
        """The base's score, and Σ⁻¹ f times the move of x̂: the gradient over all blocks."""
    def drift(self, y: Tensor, t: Time, noise: float = 1.0, **cond: Tensor) -> Tensor:
        """That of the score; of x̂ where an encoder without a network moves the data."""
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Denoiser, dict[str, Tensor]]:
        """As of the base, which is not told the label."""
class ClassifierFree(Guidance):
    """(1 − w) x̂ without the label + w x̂ with it (Ho and Salimans 2022)."""
    classes: int
    def __init__(self, base: Denoiser, classes: int, weight: float = 1.0) -> None: ...
    def _blend(self, ask: Callable[..., Tensor], n: int, **cond: Tensor) -> Tensor: ...
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The estimate of x, from two calls of the base."""
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The same blend of the base's scores."""
    def drift(self, y: Tensor, t: Time, noise: float = 1.0, **cond: Tensor) -> Tensor:
        """The same blend of its drifts, which a trained encoder's base knows too."""
def _check_told(base: Denoiser, classes: int) -> None: ...
