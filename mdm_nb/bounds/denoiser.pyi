"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from torch import Tensor
from ..gaussians.core import Randomness
from ..gaussians.score import Mixture
from ..processes.process import Moment
from ..processes.process import Process
from ..processes.process import Time
from typing import Any

__all__ = [
    "Predict", "NOISE_KINDS", "ALL_KINDS", "for_each", "step_ends", "Denoiser", "MixtureDenoiser",
    "Predictor", "NoisePredictor", "denoiser"
]
Predict = Callable[..., Tensor]
def for_each(gamma: Tensor, y: Tensor) -> Tensor:
    """One noise level per example, as a network expects it."""
def step_ends(t: Tensor, T: int) -> tuple[Tensor, Tensor]:
    """The two ends of the step, of T in all, that a time falls into."""
def freed(nats: Tensor, log_ratio: Tensor, dims: int) -> Tensor:
    """A step's cost if the model's variance is σ_Q² exp(log_ratio) (Nielsen et al. 2024, Eq. 9)."""
class Denoiser:
    """What a model believes about x when it sees a state: x̂, and all that follows from it."""
    kind: str
    knows_encoders: bool
    process: Process
    def __init__(self, process: Process) -> None: ...
    @property
    def inner(self) -> dict[str, 'Denoiser']:
        """The denoisers that it wraps."""
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The estimate of x."""
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The model's ∇ log p(y_t) = −Σ⁻¹(y − f x̂)."""
    def drift(self, y: Tensor, t: Time, noise: float = 1.0, **cond: Tensor) -> Tensor:
        """The drift of the process run backwards; its marginals do not depend on `noise`."""
    def path_kl(
        self,
        x: Tensor,
        t: Tensor,
        eps: Tensor,
        T: int | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """½ γ' e^(−γ) ‖x − x̂‖², or the same of a step, T times (Kingma et al. 2021, Eq. 13)."""
    def noise_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the noise that `path_kl` takes: that of the state."""
    def _told(self, cond: dict[str, Tensor]) -> dict[str, Tensor]: ...
    def pace(self, t: Tensor, T: int | None) -> tuple[Moment, Tensor]:
        """The moment at which a time is looked at, and the factor on ½‖ε − ε̂‖²."""
    def times(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Where a bound in continuous time should look, from uniform numbers of shape `(B,)`."""
    def check_score(self) -> None:
        """Raise `InputError` if x̂ does not tell the score; what it wraps is asked."""
    def check_jump(self, eta: float) -> None:
        """Raise `InputError` if x̂ does not tell what a jump with the share η of new noise
        keeps."""
    def on(self, process: Process) -> Denoiser:
        """The same belief on another process; what it wraps comes along."""
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Denoiser, dict[str, Tensor]]:
        """The denoiser on the process that belongs to some examples, and what its context costs."""
class MixtureDenoiser(Denoiser):
    """The exact denoiser of data from a mixture of Gaussians, for any process."""
    mixture: Mixture
    def __init__(self, process: Process, mixture: Mixture) -> None: ...
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """E[x | y_t]."""
NOISE_KINDS: tuple[str, ...]
ALL_KINDS: tuple[str, ...]
class Predictor(Denoiser):
    """A network of x, ε, v or the score, asked about z, the one block that tells all about x."""
    predict: Predict
    def __init__(self, process: Process, predict: Predict, kind: str = 'v') -> None: ...
    def ask(self, z: Tensor, gamma: Tensor, **cond: Tensor) -> Tensor:
        """The network's answer, which must have the shape of z."""
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """Observe, ask, and convert."""
    def noise_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """That of the data: the noise of z."""
    def path_kl(
        self,
        x: Tensor,
        t: Tensor,
        eps: Tensor,
        T: int | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """½ γ' ‖ε − ε̂‖², or ½ T expm1(γ_t − γ_s) ‖ε − ε̂‖² (Kingma et al. 2021, Eqs. 17, 14)."""
class NoisePredictor(Denoiser):
    """A network of the state's standardised noise, in the trailing blocks that noise enters."""
    predict: Predict
    heads: Any
    mixed: bool
    def __init__(self, process: Process, predict: Predict, mixed: bool = False) -> None: ...
    def tail(self, y: Tensor) -> Tensor:
        """The trailing blocks, the only ones that enter the bound."""
    def ask(self, y: Tensor, at: Moment, **cond: Tensor) -> Tensor:
        """The network's answer, which must have the shape of the trailing blocks."""
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """Least squares, gᵀh / gᵀg."""
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """−L⁻ᵀ ε̂; only the rows that N reads mean anything."""
    def path_kl(
        self,
        x: Tensor,
        t: Tensor,
        eps: Tensor,
        T: int | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """½ (ε − ε̂)ᵀ L⁻¹ N L⁻ᵀ (ε − ε̂) over the trailing blocks (Singhal et al. 2023)."""
    def check_jump(self, eta: float) -> None:
        """The noise of some blocks does not tell x at every time."""
def denoiser(process: Process, predict: Predict, kind: str = 'v') -> Denoiser:
    """The denoiser that a prediction of some kind makes for a process."""
