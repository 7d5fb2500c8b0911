"""What several test files need: processes and a Gaussian by name, a refusal in one sentence."""
from collections.abc import Callable
from functools import cache

import pytest
import torch
from accelerate.state import AcceleratorState, GradientState
from torch import Tensor

from mdm_nb import (
    ALDA,
    CLD,
    MALDA,
    MDM,
    PSLD,
    VE,
    VP,
    Cosine,
    Denoiser,
    InputError,
    Kernel,
    LearnedMDM,
    Linear,
    Mixture,
    MixtureDenoiser,
    Process,
    Schedule,
    SubVP,
    seeded,
)

NAMES = ("VP", "VE", "SubVP", "CLD", "PSLD", "ALDA", "MALDA", "learned, 2", "learned, 3")
BELL = Mixture.gaussian(torch.zeros(1), torch.tensor([[0.25]]))


@cache
def zoo(name: str) -> Process:
    """Every process between γ = −8 and γ = 3, those with auxiliary variables evenly in log τ."""
    if name == "VE": return VE(Cosine(-8.0, 3.0))
    if name in ("VP", "SubVP"): return {"VP": VP, "SubVP": SubVP}[name](Linear(-8.0, 3.0))
    def make(clock: Schedule | None = None) -> MDM:
        if name not in NAMES[-2:]:
            return {"CLD": CLD, "PSLD": PSLD, "ALDA": ALDA, "MALDA": MALDA}[name](clock=clock)
        K = int(name[-1])
        return LearnedMDM(K, clock=clock, generator=seeded(K)).requires_grad_(False)
    return make(Linear(*(make().log_tau(gamma) for gamma in (-8.0, 3.0))))


def unit(process: Process, n: int = 1) -> Tensor:
    """The K unit vectors as states of one dimension, n times over."""
    K = process.K
    return torch.eye(K, dtype=torch.float64).repeat(n, 1).view(-1, *[K] * (K > 1), 1)


def bell(process: Process) -> Denoiser:
    """The best denoiser of N(0, 1/4)."""
    return MixtureDenoiser(process, BELL)


def truth(process: Process, t: float) -> Tensor:
    """The covariance of y_t for data of variance 1/4, shape `(K, K)`."""
    k = process.kernel(t)
    return k.Sigma + 0.25 * k.Phi[:, :1] @ k.Phi[:, :1].T


def coefficients(process: Process, t: Tensor | float) -> tuple[Kernel, Tensor, Tensor]:
    """The kernel, A and N at a time."""
    at = process.at(t)
    return at.kernel, at.A, at.N


def pace_of(process: Process, t: Tensor | float) -> tuple[Tensor, Tensor]:
    """The noise level and its rate at a time."""
    at = process.at(t)
    return at.gamma, at.rate


def tail(process: Process, y: Tensor) -> Tensor:
    """The trailing blocks, which a network of the state's noise predicts."""
    if process.heads == process.K: return y
    return y[:, -1] if process.heads == 1 else y[:, -process.heads:]


def refused(message: str, call: Callable[..., object], *args: object, **options: object) -> None:
    """One sentence with a colon, after which it says what to do."""
    with pytest.raises(InputError, match=message) as e:
        call(*args, **options)
    said = str(e.value)
    assert "\n" not in said and not said.endswith(".") and ": " in said


def forget_devices() -> None:
    """Let accelerate choose a device and a precision anew, as it does in a new process."""
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
