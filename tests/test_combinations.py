"""Clocks told by a code, on every process, for every kind, with encoders, and in every sampler."""
from collections.abc import Callable

import pytest
import torch
from helpers import refused
from torch import Tensor, nn

from mdm_nb import (
    ALDA,
    CLD,
    DDIM,
    MALDA,
    PSLD,
    VE,
    VP,
    Adaptive,
    Ancestral,
    Continuous,
    Diffusion,
    Encoded,
    Encoder,
    EulerMaruyama,
    Gaussian,
    KHot,
    Kernel,
    Labels,
    LearnedMDM,
    Linear,
    Mixture,
    MixtureDenoiser,
    Polynomial,
    ProbabilityFlow,
    Steps,
    SubVP,
    bound,
    denoiser,
    randn,
    seeded,
)
from mdm_nb.bounds.denoiser import Denoiser
from mdm_nb.gaussians.chain import posterior
from mdm_nb.gaussians.gaussian import condition
from mdm_nb.gaussians.gaussian import kl as gaussian_kl
from mdm_nb.gaussians.levels import mean_at_levels
from mdm_nb.gaussians.score import alpha_sigma, convert
from mdm_nb.models.encoded import share_of_level
from mdm_nb.models.flow import EncodedFlow
from mdm_nb.models.network import MLP
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Process

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*")
f64 = torch.float64
C = torch.tensor([[0.5, 0.3], [0.3, 0.4]], dtype=f64)
LAW = Mixture.gaussian(torch.zeros(2), C)


class Indifferent(nn.Module):
    """A reader that says the same of every x, so that a code costs nothing and tells nothing."""
    def forward(self, x: Tensor) -> Tensor:
        """Even logits of three switches."""
        return x.new_zeros(len(x), 3)


def coded(low: float, high: float, kind: type[Adaptive] = Polynomial, **options: object) -> Adaptive:
    """A clock of two numbers, bent by which of three switches is on."""
    clock = kind(KHot(3, 1, network=Indifferent()), (2,), low, high, width=8, **options)
    with torch.no_grad(): clock.fields.network[-1].weight.normal_(0, 4, generator=seeded(0))
    return clock


def learned(K: int, low: float = -3.0, high: float = 1.2) -> Callable[..., LearnedMDM]:
    """A learned diffusion of K blocks by a coded clock."""
    def make(**options: object) -> LearnedMDM:
        return LearnedMDM(K, clock=coded(low, high, **options), generator=seeded(5))
    return make


PROCESSES = {
    "VP": lambda **o: VP(coded(-5.0, 4.0, **o)),
    "VE": lambda **o: VE(coded(-5.0, 4.0, **o)),
    "SubVP": lambda **o: SubVP(coded(-5.0, 4.0, Steps, **o)),
    "CLD": lambda **o: CLD(clock=coded(-3.0, 1.4, **o)),
    "PSLD": lambda **o: PSLD(Gamma=0.2, clock=coded(-3.0, 1.4, **o)),
    "ALDA": lambda **o: ALDA(clock=coded(-1.5, 1.4, **o)),
    "MALDA": lambda **o: MALDA(clock=coded(-1.5, 1.4, Steps, **o)),
    "mdm 1": learned(1), "mdm 2": learned(2), "mdm 3": learned(3),
}
ENCODED = {name: PROCESSES[name] for name in ("VP", "PSLD", "mdm 2", "mdm 3")}


def told(process: Process, switch: int, n: int) -> Process:
    """By the clock of n examples with one of the three switches on."""
    one = torch.eye(3, dtype=f64)[switch].expand(n, 3)
    with torch.no_grad(): return process.paced(process.clock.told(one))


def legendre(n: int) -> tuple[Tensor, Tensor]:
    """Gauss–Legendre nodes and weights on [0, 1], from the eigenvalues of the Jacobi matrix."""
    k = torch.arange(1, n, dtype=f64)
    off = k / (4 * k**2 - 1).sqrt()
    nodes, vectors = torch.linalg.eigh(torch.diag(off, 1) + torch.diag(off, -1))
    return (nodes + 1) / 2, vectors[0] ** 2


def middles(T: int) -> Tensor:
    """A time inside each of T steps."""
    return (torch.arange(T).double() + 0.5) / T


def hadamard() -> Tensor:
    """Eight rows of ±1 whose columns are orthogonal."""
    one = torch.tensor([[1.0, 1.0], [1.0, -1.0]], dtype=f64)
    return torch.kron(one, torch.kron(one, one))


def corners(path: Callable[[Tensor, Tensor], Tensor], root: Tensor, noises: int) -> Tensor:
    """The mean of a quadratic form over x ~ N(0, root rootᵀ) and standard noise, exactly."""
    D = len(root)
    return sum(path(root @ s[:D], s[D:D + noises]) for s in hadamard()) / 8


# Every process and every kind, by a clock that was told a code


def exact(process: Process, kind: str, t: Tensor) -> Denoiser:
    """The exact denoiser of the law, as a network of some kind; asked at the times t only."""
    at = process.at(t)
    oracle = MixtureDenoiser(process, LAW)
    def predict(z: Tensor, gamma: Tensor, latent: Tensor) -> Tensor:
        assert latent.shape == (len(z), 3)
        if kind != "noise": return convert(mean_at_levels(LAW, z, gamma), z, gamma, "x", kind)
        eps = mix(inverse(at.kernel.L), z - at.mean(oracle(z, at)))
        heads = process.heads
        return eps if process.K == heads else eps[:, -1] if heads == 1 else eps[:, -heads:]
    return denoiser(process, predict, kind)


@torch.no_grad()
def collected(name: str, switch: int, kind: str) -> tuple[float, float]:
    """The diffusion term with the exact denoiser, and the information that must be in it."""
    t, w = legendre(160)
    process = told(PROCESSES[name](), switch, len(t))
    model = exact(process, kind, t)
    shape = torch.Size(model.noise_shape((len(t), 2)))
    def path(x: Tensor, eps: Tensor) -> Tensor:
        return model.path_kl(x.expand(len(t), 2), t, eps.view(shape[1:]).expand(shape)) @ w
    nats = corners(path, torch.linalg.cholesky(C), shape[1:].numel())
    ends = [(-process.gamma(end)).exp()[0] for end in (0.0, 1.0)]
    known = [0.5 * torch.logdet(torch.eye(2) + r[:, None] * C) for r in ends]
    return float(nats), float(known[0] - known[1])


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_collects_the_same(name: str) -> None:
    """With the exact denoiser the path KL is the information lost, on any road (Guo et al. 2005)."""
    bent = told(PROCESSES[name](), 0, 1).gamma(0.5)
    assert (bent[0, 0] - bent[0, 1]).abs() > 0.2
    nats, truth = collected(name, 0, "v")
    assert abs(nats - truth) < 2e-4 * truth


@pytest.mark.parametrize("kind", ["x", "eps", "score", "noise"])
@pytest.mark.parametrize("name", ["VP", "CLD", "mdm 2", "ALDA"])
def test_every_kind_collects_the_same(name: str, kind: str) -> None:
    nats, truth = collected(name, 1, kind)
    assert abs(nats - truth) < 2e-4 * truth
