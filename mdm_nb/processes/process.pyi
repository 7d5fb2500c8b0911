"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from typing import NamedTuple
import torch
from torch import Tensor
from ..gaussians.core import Exact
from .lyapunov import Kernel
from .schedule import Custom
from .schedule import Linear
from .schedule import Schedule

__all__ = [
    "NOISE_KINDS", "Predict", "Process", "Scalar", "VP", "VE", "SubVP", "Bridge"
]
NOISE_KINDS: tuple[str, ...]
class Process(Exact):
    """A linear-Gaussian diffusion given x. The state y has K blocks, shape `(B, K, *shape)`, or
    `(B, *shape)` if K = 1."""
    K: int
    heads: int
    span: tuple[float, float]
    prior_factor: Tensor
    kinds: tuple[str, ...] = ...
    tweedie: bool = True
    def kernel(self, t: Tensor | float) -> Kernel:
        """The law of y_t given x: the mean is Phi[..., :1] x; initial auxiliary variables are
        averaged over."""
    def transition(self, s: Tensor | float, t: Tensor | float) -> Kernel:
        """The law of y_t given y_s."""
    def sde(
        self,
        t: Tensor | float,
        weight: Tensor | None = None,
    ) -> tuple[Kernel, Tensor, Tensor]:
        """The kernel, and A and N = G Gᵀ of dy = A y dt + G dW."""
    @property
    def device(self) -> torch.device:
        """Where the process lives."""
    def gamma(self, t: Tensor | float) -> Tensor:
        """The noise level, −log fᵀΣ⁻¹f for y_t = f x + noise of covariance Σ."""
    def signal(self, x: Tensor, t: Tensor | float) -> Tensor:
        """What f_t multiplies in the mean of y_t: the data themselves, unless an encoder moves
        them."""
    def marginal(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The marginal, `q(y_t | x) = N(f_t x, L_t L_tᵀ)`."""
    def bridge(self, s: Tensor | float, t: Tensor | float) -> Bridge:
        """The canonical correlations of y_s and y_t given x (Hotelling 1936), from the cotangents
        of their angles."""
    def posterior(
        self,
        x: Tensor,
        y_t: Tensor,
        s: Tensor | float,
        t: Tensor | float,
    ) -> tuple[Tensor, Tensor]:
        """`q(y_s | y_t, x)`, the reverse transition given the data: the same x, the noise turned,
        scaled down and topped up."""
    def rate(self, t: Tensor | float, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The noise level and its time derivative, fᵀΣ⁻¹NΣ⁻¹f / fᵀΣ⁻¹f."""
    def state_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the states that belong to data of a shape; one block has no block axis."""
    def prior(self, shape: tuple[int, ...], generator: torch.Generator | None = None) -> Tensor:
        """Draw y_1 from p(y_1) = N(0, S)."""
    def prior_kl(self, x: Tensor) -> Tensor:
        """`KL(q(y_1 | x) ‖ N(0, S))`, what the prior does not know of x (Kingma et al. 2021, Eq.
        11, for K = 1)."""
    def observe(self, y: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """Everything that y_t tells about x, in one block of unit scale."""
    def tail(self, y: Tensor) -> Tensor:
        """The trailing blocks, the only ones that enter the bound under the kind "noise"."""
    def denoise(self, predict: Predict, y: Tensor, t: Tensor | float, kind: str) -> Tensor:
        """The model's estimate of x."""
    def _denoised(self, k: Kernel, predict: Predict, y: Tensor, kind: str) -> Tensor: ...
    def score(self, predict: Predict, y: Tensor, t: Tensor | float, kind: str) -> Tensor:
        """The model's ∇ log p(y_t): −Σ⁻¹(y − f x̂), or −L⁻ᵀ ε̂ under "noise"."""
    def reverse(
        self,
        predict: Predict,
        y: Tensor,
        t: Tensor | float,
        kind: str,
        noise: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """The drift of the process run backwards; its marginals do not depend on `noise`."""
    def time(self, gamma: Tensor | float) -> Tensor:
        """The time at which the process has a given noise level, to the last digit; no gradient."""
    def times(self, u: Tensor, kind: str = 'v') -> tuple[Tensor, Tensor]:
        """Where to evaluate the path KL. For a process with a schedule of its own: uniformly."""
    def carry(self, x_hat: Tensor, s: Tensor | float, t: Tensor | float) -> Tensor:
        """What an estimate made at t says about the signal at s: itself."""
    @property
    def data_drift(self) -> Tensor:
        """Directions along which the drift depends on the data in a way that no linear law knows;
        an encoder has some."""
def _checked(t: Tensor | float, device: torch.device) -> Tensor: ...
class Scalar(Process):
    """A process of one block, y_t = α_t x + σ_t ε, made of a schedule γ = log σ²/α² and a rule for
    α."""
    schedule: Linear | Schedule
    def __init__(self, schedule: Schedule | None = None) -> None: ...
    def scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """The unit of measurement."""
    def gamma(self, t: Tensor | float) -> Tensor:
        """The noise level, straight from the schedule."""
    def rate(self, t: Tensor | float, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The noise level and its time derivative, straight from the schedule."""
    def _kernel(self, gamma: Tensor) -> Kernel: ...
    def kernel(self, t: Tensor | float) -> Kernel:
        """The law of y_t given x, N(α_t x, σ_t²)."""
    def transition(self, s: Tensor | float, t: Tensor | float) -> Kernel:
        """The step from s to t, `q(y_t | y_s) = N(α_{t|s} y_s, σ²_{t|s} I)` (Kingma et al. 2021,
        Appendix A.1)."""
    def bridge(self, s: Tensor | float, t: Tensor | float) -> Bridge:
        """For one block, c = exp((γ_s − γ_t)/2) and no turning (Kingma et al. 2021, Appendix
        A.2)."""
    def sde(
        self,
        t: Tensor | float,
        weight: Tensor | None = None,
    ) -> tuple[Kernel, Tensor, Tensor]:
        """The kernel, d log α/dt and σ² γ', for dy = A y dt + G dW."""
class VP(Scalar):
    """The variance-preserving diffusion, α² + σ² = 1 (Kingma et al. 2021, Section 3.1)."""
    def scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """α² = sigmoid(−γ)."""
    @classmethod
    def song(cls, beta_0: float = 0.1, beta_1: float = 20.0, start: float = 1e-05) -> VP:
        """The VP process with the rate of forgetting of Song et al. (2021), γ = log(exp τ − 1)."""
class VE(Scalar):
    """The variance-exploding diffusion, α = 1; the prior is as wide as σ was at t = 1 when the
    process was built (Song et al. 2021)."""
    def __init__(self, schedule: Schedule | None = None) -> None: ...
    def scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """log α = 0."""
    @classmethod
    def song(cls, sigma_0: float = 0.01, sigma_1: float = 50.0) -> VE:
        """The VE process of Song et al. (2021), σ(t) = σ_0 (σ_1/σ_0)^t."""
class SubVP(Scalar):
    """The sub-VP diffusion, σ = 1 − α² (Song et al. 2021, Eq. 29)."""
    def scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """α solves α² + α exp(γ/2) = 1."""
    @classmethod
    def song(cls, beta_0: float = 0.1, beta_1: float = 20.0, start: float = 1e-05) -> SubVP:
        """The sub-VP process of Song et al. (2021), σ = 1 − exp(−τ)."""
def _lay(factor: Tensor, x: Tensor) -> Tensor: ...
def _ordered(earlier: Tensor, later: Tensor) -> None: ...
class Bridge(NamedTuple):
    """How y_s hangs on y_t once x is known: L_s⁻¹(y_s − f_s x) = U c Vᵀ L_t⁻¹(y_t − f_t x) + U √(1
    − c²) ξ."""
    at_s: Kernel
    at_t: Kernel
    U: Tensor
    c: Tensor
    V: Tensor
    fresh: Tensor
def _reader(k: Kernel) -> Tensor: ...
def _clocked(clock: Schedule, gamma: Callable[[Tensor], Tensor]) -> Custom: ...
def _observed(k: Kernel, y: Tensor) -> tuple[Tensor, Tensor]: ...
Predict = Callable[[Tensor, Tensor], Tensor]
def _each(gamma: Tensor, y: Tensor) -> Tensor: ...
