"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..bounds.denoiser import Denoiser
from ..gaussians.core import Randomness
from ..processes.moment import Moment
from ..processes.process import Process
from .sample import Sampler

__all__ = [
    "RETURN_STEPS", "turning_time", "throw", "boomerang", "expected_move"
]
def _level(process: Process, t: Tensor) -> Tensor: ...
def turning_time(process: Process, snr: float, n: int = 1) -> Tensor:
    """The time at which the state has a ratio of signal to noise, in the mean over dimensions."""
def _check_batch(x: Tensor) -> None: ...
def throw(
    process: Process,
    x: Tensor,
    snr: float = 1.0,
    generator: Randomness = None,
) -> tuple[Tensor, Moment]:
    """Draw y_t from q(y_t | x) at the turning point."""
RETURN_STEPS: int
def _check_model(model: Denoiser) -> None: ...
def _returned(
    model: Denoiser,
    y: Tensor,
    at: Moment,
    sampler: Sampler,
    denoise: bool,
    generator: Randomness,
    progress: bool,
    **cond: Tensor,
) -> Tensor: ...
def boomerang(
    model: Denoiser,
    x: Tensor,
    snr: float = 1.0,
    sampler: Sampler | None = None,
    cascade: int = 1,
    denoise: bool = False,
    infer: bool = False,
    generator: Randomness = None,
    progress: bool = False,
    **cond: Tensor,
) -> Tensor:
    """Draw x' near x, from p(x' | y_t) with y_t from q(y_t | x) (Luzi et al. 2024)."""
def expected_move(
    model: Denoiser,
    x: Tensor,
    snr: float = 1.0,
    generator: Randomness = None,
    **cond: Tensor,
) -> Tensor:
    """2 ‖x − x̂(y_t)‖² at the turning point, which is ‖x' − x‖² in the mean."""
