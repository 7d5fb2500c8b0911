"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
import torch
from torch import Tensor
from torch import nn
from ..gaussians.core import Randomness
from .contextual import Contextual
from typing import Any

__all__ = [
    "Schedule", "Linear", "Cosine", "Monotone", "Beta", "Custom", "reweight", "least_variance"
]
class Schedule(Contextual):
    """γ(t) = γ_0 + (γ_1 − γ_0) S(t), with a shape S from 0 to 1 (Kingma et al. 2021, §3.1)."""
    shape_weight: Tensor | None = None
    gamma_min: float
    gamma_max: float
    ends: nn.Parameter | torch.Tensor
    def __init__(
        self,
        gamma_0: float | Tensor = -13.3,
        gamma_1: float | Tensor = 5.0,
        learned: bool = False,
    ) -> None: ...
    def shape(self, t: Tensor) -> Tensor:
        """The shape S, with S(0) = 0 and S(1) = 1."""
    def check(self) -> None:
        """Raise `InputError` unless S rises from 0 to 1; asked when a process is built."""
    @property
    def gamma_0(self) -> Tensor:
        """The endpoint at t = 0."""
    @property
    def gamma_1(self) -> Tensor:
        """The endpoint at t = 1."""
    def _between(self, S: Tensor) -> Tensor: ...
    def forward(self, t: Tensor) -> Tensor:
        """The noise level γ(t)."""
    def rate(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """The noise level and its time derivative, with or without grad mode."""
    def inverse(self, gamma: Tensor | float) -> Tensor:
        """The time at which a value is reached, to the last digit; no gradient."""
    def shape_inverse(self, S: Tensor) -> Tensor:
        """The time at which the shape has a value; a subclass may know a formula."""
    def times(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Times at which to evaluate an integral over time: evenly spread in γ, where possible."""
    def __call__(self, t: Tensor) -> Tensor:
        """The noise level γ(t)."""
def _endpoints(gamma_0: float | Tensor, gamma_1: float | Tensor) -> tuple[Tensor, Tensor]: ...
class Linear(Schedule):
    """S(t) = t: log SNR falls at a constant rate (Kingma et al. 2021, Appendix H)."""
    def shape(self, t: Tensor) -> Tensor:
        """The identity."""
    def shape_inverse(self, S: Tensor) -> Tensor:
        """The shape is the time."""
    def times(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """As they come: they are even already."""
class Cosine(Schedule):
    """The angle φ with tan φ = σ/α moves at a constant rate (after Nichol & Dhariwal 2021)."""
    def __init__(self, gamma_0: float = -13.3, gamma_1: float = 5.0) -> None: ...
    def shape(self, t: Tensor) -> Tensor:
        """Twice the log tangent of the angle, rescaled to [0, 1]."""
    def _angles(self, sign: int) -> tuple[float, float]: ...
    def _log_sine(self, t: Tensor, sign: int) -> Tensor: ...
    def shape_inverse(self, S: Tensor) -> Tensor:
        """How far the angle has turned."""
class Monotone(Schedule):
    """A monotone network with exact endpoints (Kingma et al. 2021, Appendix H)."""
    slope: nn.Parameter
    w_in: Any
    bias: Any
    w_out: Any
    def __init__(
        self,
        gamma_0: float | Tensor = -13.3,
        gamma_1: float | Tensor = 5.0,
        learned: bool = True,
        hidden: int = 1024,
        generator: Randomness = None,
    ) -> None: ...
    def shape(self, t: Tensor) -> Tensor:
        """The raw network, shifted and scaled so that its ends are exact."""
    def _raw(self, t: Tensor) -> Tensor: ...
    def times(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """As they come: the shape is learned for times that are even."""
class Beta(Schedule):
    """log τ(t) of τ = ∫β, β = β_0 + (β_1 − β_0) s, s from `start` (Song et al. 2021, App. C)."""
    beta_0: float
    slope: Any
    start: float
    def __init__(
        self,
        beta_0: float = 0.1,
        beta_1: float | None = None,
        start: float = 1e-05,
    ) -> None: ...
    def _log_tau(self, s: Tensor) -> Tensor: ...
    def shape(self, t: Tensor) -> Tensor:
        """log τ, rescaled to [0, 1]."""
    def shape_inverse(self, S: Tensor) -> Tensor:
        """The root of a quadratic equation in s."""
class Custom(Schedule):
    """A schedule from any increasing function of time, whose endpoints are read off."""
    fn: Callable[[Tensor], Tensor]
    def __init__(self, fn: Callable[[Tensor], Tensor]) -> None: ...
    def shape(self, t: Tensor) -> Tensor:
        """The function, rescaled to [0, 1]."""
class _Reweight(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, value: Tensor, weight: Tensor) -> Tensor: ...
    @staticmethod
    def backward(ctx: object, grad: Tensor) -> tuple[Tensor, None]: ...
def reweight(value: Tensor, weight: Tensor) -> Tensor:
    """The identity, whose gradient is multiplied by `weight` (Kingma et al. 2021, Appendix I.2)."""
@contextmanager
def least_variance(module: nn.Module, weight: Tensor) -> Iterator[None]:
    """Let the shapes of schedules descend the variance of the loss, and all else its mean."""
