"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Predictor
from ..gaussians.core import Randomness
from .encoder import Encoder
from ..processes.lyapunov import Kernel
from ..processes.process import Bridge
from ..processes.process import Moment
from ..processes.process import Process
from ..processes.process import Time
from ..processes.schedule import Schedule

__all__ = [
    "Rows", "Encoded", "EncodedPredictor"
]
class Encoded(Process):
    """The mean follows an encoder, y_t = f_t x_φ(λ_t) + L_t ε (Nielsen et al. 2024, Eq. 10)."""
    base: Process
    encoder: Encoder
    def __init__(self, base: Process, encoder: Encoder | None = None) -> None: ...
    @property
    def prior_factor(self) -> Tensor:
        """C with p(y_1) = N(0, C Cᵀ)."""
    @property
    def clock(self) -> Schedule:
        """What paces the process: the clock of the base."""
    @property
    def heads(self) -> int:
        """Those of the base."""
    @property
    def context(self) -> dict[str, Tensor]:
        """That of the base."""
    @property
    def trained(self) -> bool:
        """Is there a network that moves the mean? Then the best x̂ is not a posterior mean."""
    def moment(self, t: Tensor) -> Moment:
        """That of the base, for dy = (A y + f_t dx_φ/dt) dt + G dW given x (Appendix H)."""
    def kernel(self, t: Time) -> Kernel:
        """f_t = Phi[..., :1] and L_t, those of the base."""
    def gamma(self, t: Time) -> Tensor:
        """The noise level, that of the base."""
    def bridge(self, s: Time, t: Time) -> Bridge:
        """How the noise of y_s hangs on the noise of y_t: as in the base."""
    def times(self, u: Tensor, kind: str = 'v') -> tuple[Tensor, Tensor]:
        """Where to evaluate the path KL: where the base would."""
    def readings(self) -> dict[str, float]:
        """What the base has learned."""
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Process, dict[str, Tensor]]:
        """The base that belongs to some examples, with the same encoder."""
    def subset(self, index: Tensor) -> Process:
        """The base of some of the examples, with the same encoder."""
    def transition(self, s: Time, t: Time) -> Kernel:
        """The law of y_t given y_s, whose mean also moves by f_t (x_φ(t) − x_φ(s)) (Eq. 11)."""
    def level(self, x: Tensor, t: Time) -> Tensor:
        """The one noise level that the encoder is asked at: the mean of γ over the dimensions."""
    def signal(self, x: Tensor, t: Time) -> Tensor:
        """The encoded data at time t."""
    def carry(self, x_hat: Tensor, s: Time, t: Time) -> Tensor:
        """x̂ (1 + (λ_s − λ_t) σ_t²), the counter-term in steps (Eq. 17)."""
    @property
    def data_drift(self) -> Tensor:
        """Directions in which f_t moves: x and whatever A makes of it."""
def _of_examples(c: Tensor, x: Tensor) -> Tensor: ...
def share_of_level(at: Moment, x: Tensor) -> Tensor:
    """r = l'/γ', how far the encoder's level moves for a unit of a dimension's own."""
def excess(k: Kernel, N: Tensor) -> Tensor:
    """χ − 1 ≥ 0, where χ = fᵀN⁻¹f · fᵀΣ⁻¹NΣ⁻¹f / (fᵀΣ⁻¹f)²."""
Rows = list[tuple[Tensor, Tensor, Tensor]]
_Terms = tuple[Moment, Tensor, Tensor, Tensor, Rows]
def _continuous(process: Encoded, x: Tensor, t: Tensor) -> _Terms: ...
def _in_steps(process: Encoded, x: Tensor, t: Tensor, T: int) -> _Terms: ...
class EncodedPredictor(Predictor):
    """A network of x, ε, v or the score on a process with an encoder; e = x_φ − x̂."""
    process: Encoded
    def path_kl(
        self,
        x: Tensor,
        t: Tensor,
        eps: Tensor,
        T: int | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """½ γ'e^λ ((e + r m)² + (χ−1) (r m)²), m = x_φ' − σ² x̂, or a step's KL (Eq. 18)."""
    def check_score(self) -> None:
        """Raise `InputError` if the encoder is trained, so that the network does not know the
        score."""
    def check_jump(self, eta: float) -> None:
        """Only with all noise new (η = 1) is nothing kept that x̂ would have to tell."""
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """The model's ∇ log p(y_t), which only an encoder without a network lets it know."""
    def drift(self, y: Tensor, t: Time, noise: float = 1.0, **cond: Tensor) -> Tensor:
        """A y − l' f σ² x̂ + ½(1 + noise²) N Σ⁻¹(y − f x̂): x̂ for x_φ, σ² x̂ for dx_φ/dλ (App.
        H)."""
def moved_drift(at: Moment, y: Tensor, mean: Tensor, move: Tensor, noise: float) -> Tensor:
    """A y − l' f move + ½(1 + noise²) N Σ⁻¹(y − f mean)."""
