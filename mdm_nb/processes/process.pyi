"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
import torch
from torch import Tensor
from ..gaussians.core import Randomness
from .contextual import Contextual
from .lyapunov import Kernel
from .moment import Bridge
from .moment import Moment
from .schedule import Schedule

__all__ = [
    "Time", "Plan", "Process"
]
Time = Tensor | float | Moment
class Process(Contextual):
    """A linear diffusion given x; its state y is `(B, K, *shape)`, or `(B, *shape)` if K = 1."""
    K: int
    span: tuple[float, float]
    prior_factor: Tensor
    clock: Schedule
    gamma_start: float | None = None
    def law(self, t: Tensor) -> tuple[Kernel, Tensor, Tensor]:
        """Where y_t is given x (averaged over initial auxiliary variables), and where it goes."""
    def transition(self, s: Time, t: Time) -> Kernel:
        """The law of y_t given y_s."""
    @property
    def device(self) -> torch.device:
        """Where the process lives."""
    def checked(self, t: Time) -> Tensor:
        """A time as a tensor; `InputError` if it lies outside [0, 1]."""
    def at(self, t: Time) -> Moment:
        """All that the process knows at a time."""
    def moment(self, t: Tensor) -> Moment:
        """The moment at a time, with γ = −log fᵀΣ⁻¹f and γ' = fᵀΣ⁻¹NΣ⁻¹f / fᵀΣ⁻¹f."""
    def kernel(self, t: Time) -> Kernel:
        """The law of y_t given x: the mean is Phi[..., :1] x."""
    def gamma(self, t: Time) -> Tensor:
        """The noise level, −log fᵀΣ⁻¹f for y_t = f x + noise of covariance Σ."""
    def signal(self, x: Tensor, t: Time) -> Tensor:
        """What f_t multiplies in the mean of y_t: the data themselves, unless an encoder moves
        them."""
    def marginal(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        """The marginal, `q(y_t | x) = N(f_t x, L_t L_tᵀ)`, in float64."""
    def bridge(self, s: Time, t: Time) -> Bridge:
        """The canonical correlations of y_s and y_t given x; those of a grid are known already."""
    def posterior(self, x: Tensor, y_t: Tensor, s: Time, t: Time) -> tuple[Tensor, Tensor]:
        """`q(y_s | y_t, x)`: the same x, the noise turned, scaled down and topped up."""
    def walk(self, grid: Tensor, plan: Plan | None = None) -> Iterator[tuple[Moment, Moment]]:
        """The moments at the later and the earlier end of every step down a grid."""
    def state_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the states that belong to data of a shape; one block has no block axis."""
    def prior(self, shape: tuple[int, ...], generator: Randomness = None) -> Tensor:
        """Draw y_1 from p(y_1) = N(0, S)."""
    def prior_kl(self, x: Tensor) -> Tensor:
        """`KL(q(y_1 | x) ‖ N(0, S))`, what the prior does not know (Kingma et al. 2021, Eq. 11)."""
    def observe(self, y: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        """Everything that y_t tells about x, in one block of unit scale, and its noise level."""
    def time(self, gamma: Tensor | float) -> Tensor:
        """The time at which the process has a given noise level, to the last digit; no gradient."""
    def times(self, u: Tensor, kind: str = 'v') -> tuple[Tensor, Tensor]:
        """Where to evaluate the path KL: evenly in what the clock shows."""
    def readings(self) -> dict[str, float]:
        """What the process has learned so far: its noise levels at both ends."""
    @property
    def heads(self) -> int:
        """Trailing blocks of ε that enter the bound if the noise of the whole state is
        predicted."""
    def paced(self, clock: Schedule) -> Process:
        """The same process by another clock."""
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Process, dict[str, Tensor]]:
        """The process by the clock of some examples, and what that clock's context costs."""
    @property
    def context(self) -> dict[str, Tensor]:
        """What the clock was told."""
    def subset(self, index: Tensor) -> Process:
        """By the clock of some of the examples."""
    def carry(self, x_hat: Tensor, s: Time, t: Time) -> Tensor:
        """What an estimate made at t says about the signal at s: itself."""
    @property
    def data_drift(self) -> Tensor:
        """Directions along which the drift depends on the data in a way that no linear law
        knows."""
    def sharp(self, t: Time) -> Kernel:
        """The law of y_t given the whole of y_0, auxiliary blocks included."""
Plan = Callable[[Process, Moment, Moment], object]
