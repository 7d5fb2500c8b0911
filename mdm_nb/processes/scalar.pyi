"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from .lyapunov import Kernel
from .moment import Bridge
from .moment import Moment
from .process import Process
from .process import Time
from .schedule import Beta
from .schedule import Linear
from .schedule import Schedule

__all__ = [
    "Scalar", "VP", "VE", "SubVP"
]
class Scalar(Process):
    """A process of one block, y_t = α_t x + σ_t ε: a schedule γ = log σ²/α² and a rule for α."""
    schedule: Linear | Schedule
    def __init__(self, schedule: Schedule | None = None) -> None: ...
    def scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """The unit of measurement."""
    @property
    def clock(self) -> Schedule:
        """What paces the process: its noise level."""
    @property
    def heads(self) -> int:
        """There is one block to predict."""
    @property
    def gamma_start(self) -> float | None:
        """γ(0) of a schedule with one start for all, which is not learned."""
    def gamma(self, t: Time) -> Tensor:
        """The noise level, straight from the schedule."""
    def paced(self, clock: Schedule) -> Scalar:
        """The clock of one block is its schedule."""
    def time(self, gamma: Tensor | float) -> Tensor:
        """The time of a noise level, as the schedule finds it."""
    def _scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]: ...
    def _kernel(self, gamma: Tensor) -> Kernel: ...
    def kernel(self, t: Time) -> Kernel:
        """The law of y_t given x, N(α_t x, σ_t²)."""
    def moment(self, t: Tensor) -> Moment:
        """The kernel, d log α/dt and σ² γ', for dy = A y dt + G dW, with γ and γ' from the
        schedule."""
    def transition(self, s: Time, t: Time) -> Kernel:
        """The step from s to t, N(α_{t|s} y_s, σ²_{t|s} I) (Kingma et al. 2021, Appendix A.1)."""
    def bridge(self, s: Time, t: Time) -> Bridge:
        """For one block, c = exp((γ_s − γ_t)/2) and no turning (Kingma et al. 2021, Appendix
        A.2)."""
class VP(Scalar):
    """The variance-preserving diffusion, α² + σ² = 1 (Kingma et al. 2021, Section 3.1)."""
    def scale(self, gamma: Tensor) -> tuple[Tensor, Tensor]:
        """α² = sigmoid(−γ)."""
    @classmethod
    def song(cls, beta_0: float = 0.1, beta_1: float = 20.0, start: float = 1e-05) -> VP:
        """The VP process with the rate of forgetting of Song et al. (2021), γ = log(exp τ − 1)."""
class VE(Scalar):
    """The variance-exploding diffusion, α = 1, with a prior as wide as σ(1) (Song et al. 2021)."""
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
def _song_gamma(log_tau: Tensor, n: int) -> Tensor: ...
class _Song(Schedule):
    """γ = τ + n log(1 − exp(−τ)), the noise level where α = exp(−τ/2) and σ² = (1 − exp(−τ))ⁿ."""
    clock: Beta
    n: int
    def __init__(self, clock: Beta, n: int) -> None: ...
    def shape(self, t: Tensor) -> Tensor:
        """γ, rescaled to [0, 1]."""
    def shape_inverse(self, S: Tensor) -> Tensor:
        """The time at which the clock shows τ = −2 log α."""
