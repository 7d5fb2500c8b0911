"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterator
from contextlib import contextmanager
import torch
from torch import Tensor
from torch import nn
from ..bounds.bound import Bound
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..processes.process import VP
from ..processes.process import Process
from ..samplers.sample import Sampler

__all__ = [
    "Diffusion", "check_range"
]
def _refuse(kind: str, T: int | None, free_variance: bool, ends: float) -> None: ...
class Diffusion(nn.Module):
    """A process, a network, what the network predicts, and how the data become numbers."""
    network: nn.Module
    discretization: Discretization | Continuous
    process: VP | Process
    parameterisation: str
    shape: tuple[int, ...]
    T: int | None
    ends: float
    log_ratio: nn.Parameter | None
    def __init__(
        self,
        network: nn.Module,
        process: Process | None = None,
        parameterisation: str = 'v',
        discretization: Discretization | Continuous | None = None,
        shape: tuple[int, ...] = (3, 32, 32),
        T: int | None = None,
        free_variance: bool = False,
        ends: float = 1.0,
    ) -> None: ...
    @property
    def dims(self) -> int:
        """Dimensions of one example."""
    @property
    def device(self) -> torch.device:
        """Where the model lives."""
    def predict(self, z: Tensor, gamma: Tensor) -> Tensor:
        """Call the network: the one place where numbers change from float64 to the network's own
        type and back."""
    def _try_network(self) -> None: ...
    def denoise(self, y: Tensor, t: Tensor | float, to: str = 'x') -> Tensor:
        """The model's x̂, or its ε̂, v̂ or score of z, at y_t."""
    def _check(self, data: Tensor) -> None: ...
    def bound(
        self,
        data: Tensor,
        times: int = 1,
        generator: torch.Generator | None = None,
        protocol: str = '',
    ) -> Bound:
        """The bound on −log p(x) for one batch, with its graph."""
    def loss(
        self,
        data: Tensor,
        generator: torch.Generator | None = None,
        min_variance: bool = False,
    ) -> Tensor:
        """The mean bound, ready for `backward`."""
    def forward(
        self,
        data: Tensor,
        generator: torch.Generator | None = None,
        min_variance: bool = False,
    ) -> Tensor:
        """The loss, as `nn.Module` wrappers expect it."""
    def bpd(
        self,
        data: Tensor,
        batch_size: int = 256,
        times: int = 1,
        seed: int = 0,
        progress: bool = True,
        split: str = 'data',
    ) -> Bound:
        """Evaluate the bound on every example, in evaluation mode: the record prints `bits/dim ±
        s.e.`."""
    def sample(
        self,
        n: int,
        sampler: Sampler | None = None,
        seed: int = 0,
        denoise: bool = False,
        noisy_decoder: bool = False,
        progress: bool = True,
    ) -> Tensor:
        """Draw examples from the model, in evaluation mode."""
    def __call__(
        self,
        data: Tensor,
        generator: torch.Generator | None = None,
        min_variance: bool = False,
    ) -> Tensor:
        """The loss, as `nn.Module` wrappers expect it."""
@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]: ...
def check_range(process: Process) -> None:
    """Raise `InputError` if the two drifts could differ outside the range of G, where no noise
    hides the difference and the path KL is infinite."""
