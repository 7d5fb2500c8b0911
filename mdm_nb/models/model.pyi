"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
import torch
from torch import Tensor
from torch import nn
from ..bounds.bound import Bound
from ..bounds.denoiser import Denoiser
from ..bounds.discretize import Continuous
from ..bounds.discretize import Discretization
from ..gaussians.core import Keyed
from ..gaussians.core import Randomness
from ..gaussians.core import Unread
from .constants import Remembering
from .method import Judgement
from ..processes.process import Process
from ..samplers.sample import Sampler
from ..models.coding import Code
from ..models.density import LowerBound
from ..models.nearby import Displacement
from collections.abc import Sequence
from ..models.profile import Profile

__all__ = [
    "Diffusion"
]
class Diffusion(Remembering):
    """A process, a network, what the network predicts, and how the data become numbers."""
    process: Process
    discretization: Discretization | Continuous
    steered: bool
    network: nn.Module
    parameterisation: str
    shape: tuple[int, ...]
    T: int | None
    ends: float
    classes: int | None
    label_dropout: float
    log_ratio: nn.Parameter | None
    _seen: bool
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
        classes: int | None = None,
        label_dropout: float = 0.0,
    ) -> None: ...
    @property
    def denoiser(self) -> Denoiser:
        """What the model believes, as bounds and samplers ask for it."""
    @property
    def dims(self) -> int:
        """Dimensions of one example."""
    @property
    def device(self) -> torch.device:
        """Where the model lives."""
    def compress(
        self,
        data: Tensor,
        T: int | None = None,
        bins: int = 2,
        side: int = 8,
        progress: bool = True,
        label: Tensor | None = None,
    ) -> Code:
        """Write images as bits, without loss; the same machine reads them (Kingma et al. 2021)."""
    def decompress(self, code: Code, progress: bool = True) -> Tensor:
        """Read images from bits; `InputError` if they do not come out as they were."""
    def log_prob(
        self,
        data: Tensor,
        times: int | None = None,
        seed: int = 0,
        batch_size: int = 2048,
        progress: bool = False,
        method: Callable[..., Bound] | str | None = None,
        **cond: Tensor,
    ) -> LowerBound:
        """An estimate of the lower bound on log p(x) for each example, with its standard error.

        Costs of single draws are skewed. Where they are few or skewed the standard error is longer,
        as
        that of `bpd` is. From 64 draws on ±2 of it hold the truth of a point 94 to 96 times in 100
        (four processes, one dimension); with 32 draws 93 to 95 times, with 8 draws 82 to 89. Below
        64
        draws, or 8 of a flow, a warning says so."""
    def predict(self, z: Tensor, gamma: Tensor, **cond: Tensor) -> Tensor:
        """Call the network: the one place where numbers change from float64 to its type and
        back."""
    def _trial(self, n: int, device: torch.device) -> tuple[Process, dict[str, Tensor]]: ...
    def _try_network(self) -> None: ...
    def denoise(self, y: Tensor, t: Tensor | float, to: str = 'x', **cond: Tensor) -> Tensor:
        """The model's x̂, or its ε̂, v̂ or score of z, at y_t; a code is drawn from its prior."""
    def _check(self, data: Tensor | Unread, scale: bool, **cond: Tensor) -> None: ...
    def bound(
        self,
        data: Tensor,
        times: int = 1,
        generator: Randomness = None,
        protocol: str = '',
        method: Callable[..., Bound] | str | None = None,
        **cond: Tensor,
    ) -> Bound:
        """The bound on −log p(x) for one batch, with its graph."""
    def loss(
        self,
        data: Tensor,
        generator: Randomness = None,
        min_variance: bool = False,
        **cond: Tensor,
    ) -> Tensor:
        """The mean bound, ready for `backward`."""
    def forward(
        self,
        data: Tensor,
        generator: Randomness = None,
        min_variance: bool = False,
        **cond: Tensor,
    ) -> Tensor:
        """The loss, as `nn.Module` wrappers expect it."""
    def bpd(
        self,
        data: Tensor | Unread,
        batch_size: int = 256,
        times: int = 1,
        seed: int = 0,
        progress: bool = True,
        split: str = 'data',
        index: Tensor | range | None = None,
        total: int | None = None,
        method: Callable[..., Bound] | str | None = None,
        **cond: Tensor,
    ) -> Judgement:
        """Evaluate the bound on every example, in evaluation mode: it prints `bits/dim ± s.e.`."""
    def default_sampler(self, steps: int | None = None) -> Sampler:
        """How the model is sampled if nothing is said: as it was trained to be, or as it can be."""
    def sample(
        self,
        n: int,
        sampler: Sampler | None = None,
        seed: int = 0,
        denoise: bool = False,
        noisy_decoder: bool = False,
        progress: bool = True,
        batch_size: int = 256,
        index: Tensor | range | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """Draw examples, in evaluation mode; the i-th hangs on the seed, i and, in last digits,
        n."""
    def _sample(
        self,
        run: Sampler,
        source: Keyed,
        denoise: bool,
        noisy: bool,
        progress: bool,
        **cond: Tensor,
    ) -> Tensor: ...
    def boomerang(
        self,
        data: Tensor,
        snr: float = 1.0,
        sampler: Sampler | None = None,
        cascade: int = 1,
        seed: int = 0,
        denoise: bool = False,
        infer: bool = False,
        progress: bool = True,
        batch_size: int = 256,
        index: Tensor | range | None = None,
        **cond: Tensor,
    ) -> Tensor:
        """Draw a neighbour of every example, in evaluation mode (Luzi et al. 2024)."""
    def displacement(
        self,
        data: Tensor,
        snrs: Sequence[float] | float,
        sampler: Sampler | None = None,
        seed: int = 0,
        progress: bool = True,
        batch_size: int = 256,
        **cond: Tensor,
    ) -> list[Displacement]:
        """The move at some turning points, and what the denoiser's error makes of it."""
    def profile(
        self,
        data: Tensor,
        times: int | None = None,
        seed: int = 0,
        batch_size: int = 256,
        **cond: Tensor,
    ) -> Profile:
        """Where in time this model's cost lies, for `bpd(data, method=profile)`."""
    def __call__(
        self,
        data: Tensor,
        generator: Randomness = None,
        min_variance: bool = False,
        **cond: Tensor,
    ) -> Tensor:
        """The loss, as `nn.Module` wrappers expect it."""
