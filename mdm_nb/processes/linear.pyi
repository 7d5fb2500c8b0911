"""Written by tools/stubs.py: do not edit."""
from functools import lru_cache
import torch
from torch import Tensor
from torch import nn
from .lyapunov import Kernel
from .process import Process
from .schedule import Beta
from .schedule import Schedule

__all__ = [
    "MDM", "CLD", "PSLD", "ALDA", "MALDA", "LearnedMDM"
]
def _numbers(name: str, value: object) -> Tensor: ...
def _square(name: str, value: object, K: int | None = None) -> Tensor: ...
def _skew(Q: object) -> Tensor: ...
def _semidefinite(name: str, value: object, K: int, definite: bool = False) -> Tensor: ...
def _start(V0: object, K: int) -> Tensor: ...
class MDM(Process):
    """The complete recipe, dy = −(D + Q) S⁻¹ y dτ + √(2D) dW, run by a clock τ(t) (Ma et al. 2015;
    Singhal et al. 2023)."""
    clock: Beta | Schedule
    def __init__(
        self,
        Q: object,
        D: object,
        S: object = None,
        V0: object = None,
        clock: Schedule | None = None,
    ) -> None: ...
    def _store(self, Q: Tensor, D: object, S: object, V0: object) -> None: ...
    def matrices(self) -> tuple[Tensor, Tensor]:
        """Q and D; a subclass that learns them computes them here."""
    def system(self) -> tuple[Tensor, Tensor]:
        """A = −(D + Q) S⁻¹ and N = 2D, per unit of τ."""
    def _place(self) -> None: ...
    @classmethod
    def from_drift(
        cls,
        A: object,
        N: object,
        V0: object = None,
        clock: Schedule | None = None,
    ) -> MDM:
        """Completeness: any stable linear diffusion has S from A S + S Aᵀ + N = 0, D = N/2 and Q =
        −(A S + D)."""
    def tau(self, t: Tensor | float) -> Tensor:
        """Elapsed time on the process's own clock."""
    def kernel(self, t: Tensor | float) -> Kernel:
        """The hybrid kernel, y_t given x with the auxiliary blocks averaged over."""
    def transition(self, s: Tensor | float, t: Tensor | float) -> Kernel:
        """The law of y_t given the whole of y_s."""
    def sde(
        self,
        t: Tensor | float,
        weight: Tensor | None = None,
    ) -> tuple[Kernel, Tensor, Tensor]:
        """The kernel, and A and N per unit of t: the clock's speed times A and N."""
    def _level(self, log_tau: float) -> float: ...
    def log_tau(self, gamma: float) -> float:
        """The reading of the clock at which γ is reached, by bisection: an endpoint for a new
        clock."""
    def times(self, u: Tensor, kind: str = 'v') -> tuple[Tensor, Tensor]:
        """Draw times in proportion to the integrand of an untrained network: uniform in log det Σ −
        2 tr(A) τ for "noise", in γ for the others."""
def _system(Q: Tensor, D: Tensor, factor: Tensor) -> tuple[Tensor, Tensor]: ...
def _positive(name: str, value: float) -> float: ...
class CLD(MDM):
    """Langevin diffusion: noise and the friction Gamma, critical by default, act on a velocity of
    mass M alone (Dockhorn et al. 2022)."""
    def __init__(
        self,
        M: float = 0.25,
        Gamma: float | None = None,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
class PSLD(MDM):
    """Phase-space Langevin diffusion: as CLD, with friction Gamma on x too; nu, that on v, is
    critical by default (Pandey & Mandt 2023)."""
    def __init__(
        self,
        Gamma: float = 0.01,
        nu: float | None = None,
        M: float = 0.25,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
class ALDA(MDM):
    """Third-order Langevin diffusion: noise reaches x through two integrations; g and xi are
    critical by default (Mou et al. 2021)."""
    def __init__(
        self,
        L: float = 1.0,
        g: float | None = None,
        xi: float | None = None,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
class MALDA(MDM):
    """All pairs of K blocks coupled, noise on all but x, whose companions have mass M (Singhal et
    al. 2023); K = 2 is CLD."""
    def __init__(
        self,
        K: int = 3,
        M: float = 1.0,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
@lru_cache(maxsize=64)
def _integral(
    A: tuple[float, ...],
    N: tuple[float, ...],
    V0: tuple[float, ...],
    ends: tuple[float, float],
    noise: bool,
) -> tuple[Tensor, Tensor]:
    """Readings of the clock from end to end, and F there, scaled to run from 0 to 1."""
def _learned(q: Tensor, B: Tensor, noise: str, floor: float) -> tuple[Tensor, Tensor]: ...
def _initial(K: int, noise: str, generator: torch.Generator | None) -> tuple[Tensor, Tensor]: ...
class LearnedMDM(MDM):
    """Q = q − qᵀ and D, learned together; their common scale is fixed by tr D = K/2, for the clock
    sets the pace (Singhal et al. 2023)."""
    q: nn.Parameter
    B: nn.Parameter
    noise: str
    floor: float
    def __init__(
        self,
        K: int = 2,
        noise: str = 'full',
        floor: float = 0.001,
        V0: object = None,
        clock: Schedule | None = None,
        generator: torch.Generator | None = None,
    ) -> None: ...
    def matrices(self) -> tuple[Tensor, Tensor]:
        """Q and D from the parameters q and B."""
