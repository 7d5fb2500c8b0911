"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from torch import nn
from ..processes.lyapunov import Kernel
from ..processes.process import Bridge
from ..processes.process import Predict
from ..processes.process import Process
from ..samplers.sample import ProbabilityFlow

__all__ = [
    "Rows", "Encoder", "Encoded", "EncodedFlow"
]
class Encoder(nn.Module):
    """x_φ = α² x + σ² y with y = tanh(network(x, g)), or y = 0 if there is no network (Nielsen et
    al. 2024, Eqs. 15 and 16)."""
    network: nn.Module | None
    span: tuple[float, float]
    bounded: bool
    def __init__(
        self,
        network: nn.Module | None = None,
        span: tuple[float, float] = (-13.3, 5.0),
        bounded: bool = True,
    ) -> None: ...
    def forward(self, x: Tensor, gamma: Tensor) -> Tensor:
        """The encoded data."""
    def _y(self, x: Tensor, gamma: Tensor) -> Tensor: ...
    def tangent(self, x: Tensor, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """The encoded data and how they move as the noise falls, by one forward-mode pass with one
        dropout mask."""
    def between(self, x: Tensor, gamma_s: Tensor, gamma_t: Tensor) -> tuple[Tensor, Tensor]:
        """The encoded data at both ends of a step, with one dropout mask."""
    def __call__(self, x: Tensor, gamma: Tensor) -> Tensor:
        """The encoded data."""
class Encoded(Process):
    """A process whose mean follows an encoder, y_t = f_t x_φ(λ_t) + L_t ε (Nielsen et al. 2024, Eq.
    10, for any number of blocks)."""
    base: Process
    encoder: Encoder
    def __init__(self, base: Process, encoder: Encoder | None = None) -> None: ...
    @property
    def prior_factor(self) -> Tensor:
        """C with p(y_1) = N(0, C Cᵀ)."""
    @property
    def tweedie(self) -> bool:
        """Is the best x̂ the posterior mean of the encoded data? With a trained encoder it is
        not."""
    def kernel(self, t: Tensor | float) -> Kernel:
        """f_t = Phi[..., :1] and L_t, those of the base."""
    def sde(
        self,
        t: Tensor | float,
        weight: Tensor | None = None,
    ) -> tuple[Kernel, Tensor, Tensor]:
        """The kernel, A and N of the base, for dy = (A y + f_t dx_φ/dt) dt + G dW given x (Appendix
        H)."""
    def gamma(self, t: Tensor | float) -> Tensor:
        """The noise level, that of the base."""
    def rate(self, t: Tensor | float, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The noise level and its time derivative, those of the base."""
    def bridge(self, s: Tensor | float, t: Tensor | float) -> Bridge:
        """How the noise of y_s hangs on the noise of y_t: as in the base."""
    def times(self, u: Tensor, kind: str = 'v') -> tuple[Tensor, Tensor]:
        """Where to evaluate the path KL: where the base would."""
    def transition(self, s: Tensor | float, t: Tensor | float) -> Kernel:
        """The law of y_t given y_s, up to its mean, which also moves by f_t (x_φ(t) − x_φ(s)) (Eq.
        11)."""
    def _level(self, x: Tensor, t: Tensor | float) -> Tensor: ...
    def signal(self, x: Tensor, t: Tensor | float) -> Tensor:
        """The encoded data at time t."""
    def carry(self, x_hat: Tensor, s: Tensor | float, t: Tensor | float) -> Tensor:
        """x̂ (1 + (λ_s − λ_t) σ_t²), the counter-term in steps (Eq. 17)."""
    @property
    def data_drift(self) -> Tensor:
        """Directions in which f_t moves: x and whatever A makes of it."""
    def check_tweedie(self) -> None:
        """Raise `InputError` if the encoder is trained, so that the network does not know the
        score."""
    def score(self, predict: Predict, y: Tensor, t: Tensor | float, kind: str) -> Tensor:
        """The model's ∇ log p(y_t), which only an encoder without a network lets it know."""
    def reverse(
        self,
        predict: Predict,
        y: Tensor,
        t: Tensor | float,
        kind: str,
        noise: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """A y − γ' f σ² x̂ + ½(1 + noise²) N Σ⁻¹(y − f x̂), and N (Appendix H): x̂ for x_φ, and σ²
        x̂ for dx_φ/dλ."""
    def mean_move(self, x_hat: Tensor, mean: Tensor, t: Tensor | float) -> Tensor:
        """How fast x_φ moves, given y_t: solves ((1 + σ²)² + (χ − 1) σ⁴) x̂ = (1 + σ²) E[x_φ] + (1
        + χ σ²) E[dx_φ/dλ]."""
def _excess(k: Kernel, N: Tensor) -> Tensor: ...
Rows = list[tuple[Tensor, Tensor, Tensor]]
def _continuous(
    process: Encoded,
    x: Tensor,
    t: Tensor,
    weight: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Rows]: ...
def _in_steps(
    process: Encoded,
    x: Tensor,
    s: Tensor,
    t: Tensor,
    T: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Rows]: ...
def _drift(
    process: Encoded,
    t: Tensor | float,
    y: Tensor,
    mean: Tensor,
    move: Tensor,
    noise: float,
) -> tuple[Tensor, Tensor]: ...
class EncodedFlow(ProbabilityFlow):
    """The probability flow of a trained encoder, from a second network that predicts the posterior
    mean of x_φ."""
    mean: Predict
    mean_kind: str
    def __init__(
        self,
        mean: Predict,
        steps: int = 250,
        grid: str = 'uniform',
        mean_kind: str = 'v',
    ) -> None: ...
    def slope(
        self,
        process: Process,
        predict: Predict,
        y: Tensor,
        t: Tensor,
        kind: str,
    ) -> Tensor:
        """A y − γ' f E[dx_φ/dλ|y] + ½ N Σ⁻¹(y − f E[x_φ|y])."""
