"""Clocks told by a code, on every process, for every kind, with encoders, and in every sampler."""
import math
import sys
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
from mdm_nb.bounds.bound import bound_terms, reconstruction_term
from mdm_nb.bounds.denoiser import Denoiser
from mdm_nb.gaussians.gaussian import condition
from mdm_nb.gaussians.gaussian import kl as gaussian_kl
from mdm_nb.gaussians.levels import mean_at_levels
from mdm_nb.gaussians.score import alpha_sigma, convert
from mdm_nb.models.encoded import EncodedPredictor, excess, share_of_level
from mdm_nb.models.flow import EncodedFlow, mean_move
from mdm_nb.models.network import MLP
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Moment, Process, Time
from mdm_nb.samplers.sample import Sampler

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*")
f64 = torch.float64
C = torch.tensor([[0.5, 0.3], [0.3, 0.4]], dtype=f64)
LAW = Mixture.gaussian(torch.zeros(2), C)


class Indifferent(nn.Module):
    """A reader that says the same of every x, so that a code costs nothing and tells nothing."""
    def forward(self, x: Tensor) -> Tensor:
        """Even logits of three switches."""
        return x.new_zeros(len(x), 3)


def coded(
    low: float, high: float, kind: type[Adaptive] = Polynomial, **options: object
) -> Adaptive:
    """A clock of two numbers, bent by which of three switches is on."""
    clock = kind(KHot(3, 1, network=Indifferent()), (2,), low, high, **options)
    clock.fields.network = nn.Linear(3, clock.per * 2, bias=False, dtype=f64)
    with torch.no_grad(): clock.fields.network.weight.normal_(0, 3, generator=seeded(3))
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
        assert latent.shape[1:] == (3,)
        if kind != "noise": return convert(mean_at_levels(LAW, z, gamma), z, gamma, "x", kind)
        eps = mix(inverse(at.kernel.L), z - at.mean(oracle(z, at)))
        heads = process.heads
        return eps if process.K == heads else eps[:, -1] if heads == 1 else eps[:, -heads:]
    return denoiser(process, predict, kind)


@torch.no_grad()
def collected(name: str, switch: int, kind: str) -> tuple[float, float]:
    """The diffusion term with the exact denoiser, and the information that must be in it."""
    t, w = legendre(120)
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
    """With the exact denoiser the path KL is the information lost, on any road (Guo et al.)."""
    levels = told(PROCESSES[name](), 0, 1).gamma(middles(9))
    assert levels.diff(dim=1).abs().max() > 0.2
    nats, truth = collected(name, 0, "v")
    assert abs(nats - truth) < 2e-4 * truth


@pytest.mark.parametrize("kind", ["x", "eps", "score", "noise"])
@pytest.mark.parametrize("name", ["VP", "CLD", "mdm 2", "ALDA"])
def test_every_kind_collects_the_same(name: str, kind: str) -> None:
    nats, truth = collected(name, 1, kind)
    assert abs(nats - truth) < 2e-4 * truth


@pytest.mark.parametrize("name", ["SubVP", "CLD", "mdm 3"])
@torch.no_grad()
def test_steps_converge_as_one_over_T(name: str) -> None:
    def total(T: int) -> float:
        process = told(PROCESSES[name](), 2, 1)
        model, t = exact(process, "x", torch.zeros(1)), middles(T)
        def path(x: Tensor, eps: Tensor) -> Tensor:
            return model.path_kl(x.expand(T, 2), t, eps.expand(T, 2), T).mean()
        return float(corners(path, torch.linalg.cholesky(C), 2))
    truth = collected(name, 2, "x")[1]
    errors = [T * (total(T) - truth) for T in (200, 800)]
    assert abs(errors[1] / errors[0] - 1) < 0.05 and errors[0] > 0.5


TWO = Mixture(torch.tensor([0.4, 0.6]), torch.tensor([[-1.0, -0.6], [0.8, 0.5]]),
              torch.tensor([[[0.3, 0.2], [0.2, 0.3]], [[0.1, 0.0], [0.0, 0.4]]]))


@pytest.mark.parametrize("name", ["VP", "VE", "CLD", "MALDA", "mdm 3"])
@torch.no_grad()
def test_never_below_the_truth(name: str) -> None:
    """Every example draws a code of its own, and the bound is that of one straight clock."""
    x, bent = TWO.sample(600, seeded(1)), PROCESSES[name]()
    straight = bent.paced(Linear(float(bent.clock.gamma_0), float(bent.clock.gamma_1)))
    two = [bound(MixtureDenoiser(p, TWO), x, Continuous(), times=6, generator=seeded(2))
           for p in (bent, straight)]
    assert two[0].parts["context"].abs().max() < 1e-12
    above, se = two[0].mean_se(two[0].total + TWO.log_prob(x))
    assert above > -4 * se
    apart, se = two[0].mean_se(two[0].total - two[1].total)
    assert abs(apart) < 4 * se


SAMPLERS = {"Ancestral": Ancestral, "DDIM": DDIM, "EulerMaruyama": EulerMaruyama,
            "ProbabilityFlow": ProbabilityFlow}


def of_blocks(M: Tensor) -> Tensor:
    """Matrices `(1, D, K, K)` of every dimension as one for the flat state `(K, D)`."""
    D, K = M.shape[-3], M.shape[-1]
    eye = torch.eye(D, dtype=f64)
    return torch.einsum("dij,de->idje", M.reshape(D, K, K), eye).reshape(K * D, K * D)


def spread(process: Process, cov: Tensor, t: float) -> Tensor:
    """The covariance of the flat state, if that of the signal is known."""
    k = process.kernel(t)
    f = k.Phi[..., 0][0].mT  # (K, D)
    around = torch.einsum("id,je,de->idje", f, f, cov).reshape(f.numel(), -1)
    return around + of_blocks(k.L @ k.L.mT)


def spread_after(
    model: Denoiser, sampler: Sampler, start: Tensor, monkeypatch: pytest.MonkeyPatch
) -> Tensor:
    """The covariance that a sampler of a linear model makes of another, without drawing."""
    process, P = model.process, start
    shape = process.state_shape((len(P), 2))
    unit, none = torch.eye(len(P), dtype=f64).view(shape), torch.zeros(shape, dtype=f64)
    states, noises = torch.cat([unit, none]), torch.cat([none, unit])
    home = sys.modules[Ancestral.__module__]
    monkeypatch.setattr(home, "randn", lambda *_: noises)
    for t, s in process.walk(sampler.times(process)):
        moved = sampler.step(model, states, s, t).flatten(1)
        M, B = moved.split(len(P))
        P = M.mT @ P @ M + B.mT @ B
    return P


@pytest.mark.parametrize("name", ["VP", "CLD", "mdm 2"])
@pytest.mark.parametrize("kind", SAMPLERS)
@torch.no_grad()
def test_samplers_arrive(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comes back to the right covariance, with the order that it declares."""
    process = told(PROCESSES[name](), 0, 1)
    model = MixtureDenoiser(process, LAW)
    start, truth = (spread(process, C, t) for t in (1.0, 0.0))
    arrived = [spread_after(model, SAMPLERS[kind](n), start, monkeypatch) for n in (40, 80)]
    errors = [float((found - truth).norm()) for found in arrived]
    assert errors[1] < 0.12 and math.log2(errors[0] / errors[1]) > SAMPLERS[kind].order - 0.35


def test_every_example_comes_back_by_its_own_clock() -> None:
    model, nats = MixtureDenoiser(PROCESSES["VP"](), LAW).given(None, 1500, seeded(3))
    process = model.process
    levels = process.gamma(0.5).detach()
    wanted = C + levels.new_full((2,), -5.0).exp().diag()
    assert nats == {} and len(levels.unique(dim=0)) == 3
    y = Ancestral(60)(model, process.prior((1500, 2), seeded(4)), seeded(5)).detach()
    for level in levels.unique(dim=0):
        some = y[(levels == level).all(1)]
        found = some.T.cov() * (1 + math.exp(-5.0))
        assert (found - wanted).abs().max() < 5 * 0.5 * (2 / len(some)) ** 0.5


# With an encoder


class Toy(nn.Module):
    """A smooth network in float64."""
    def __init__(self, dims: int = 2) -> None:
        super().__init__()
        self.turn, self.push = (nn.Parameter(randn(size, seeded(i)))
                                for i, size in enumerate(((dims, dims), (dims,))))
    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """One number per entry of x."""
        return (3 * g).cos()[:, None] * (x @ self.turn) + (4 * g).sin()[:, None] * self.push


class Turn(nn.Module):
    """A matrix that swings with the noise level."""
    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """Linear in x."""
        mixed = x + 0.5 * x.flip(-1)
        return (0.5 + 0.6 * (3 * g).cos())[:, None] * mixed


def encoded(base: Process, network: nn.Module | None = None) -> Encoded:
    """A base with an encoder."""
    return Encoded(base, Encoder(network or Toy(), base.span, bounded=network is None))


def guess(z: Tensor, gamma: Tensor, latent: Tensor | None = None) -> Tensor:
    """A denoiser that knows nothing."""
    return torch.tanh(1.3 * z.flip(-1) + gamma.sin())


@pytest.mark.parametrize("name", ENCODED)
@torch.no_grad()
def test_the_integrand_is_that_of_the_drifts(name: str) -> None:
    """½ ‖b_q − b_θ‖² in N⁻¹: the first by automatic differentiation, the second from `drift`."""
    p = told_encoded(name, 0)
    x, t = randn((5, 2), seeded(6)), torch.tensor([0.02, 0.3, 0.5, 0.8, 0.97], dtype=f64)
    at, y = p.at(t), randn(p.state_shape((5, 2)), seeded(7))
    mean, velocity = torch.func.jvp(lambda t: p.marginal(x, t)[0], (t,), (torch.ones_like(t),))
    whiten = inverse(at.kernel.L)
    forth = velocity + mix(at.A, y - mean)
    back = forth + mix(at.N @ whiten.mT @ whiten, y - mean)
    apart = (back - denoiser(p, guess, "x").drift(y, t)).view(5, p.K, 2)
    apart = apart.movedim(1, 2)[..., None]
    wanted = 0.5 * (apart * torch.linalg.solve(at.N, apart)).sum((1, 2, 3))
    gamma, (alpha, sigma) = at.gamma, alpha_sigma(at.gamma)
    eps = (at.observe(y) - alpha * p.signal(x, at)) / sigma
    found = denoiser(p, guess, "x").path_kl(x, t, eps)
    torch.testing.assert_close(found, wanted, rtol=1e-7, atol=0)
    assert (share_of_level(at, x) - 1).abs().max() > 0.1 and gamma.shape == (5, 2)


def told_encoded(name: str, switch: int, network: nn.Module | None = None) -> Encoded:
    """A process with an encoder, by the clock of one switch, the same for all examples."""
    return encoded(told(ENCODED[name](straight=0.1), switch, 1), network).requires_grad_(False)


@pytest.mark.parametrize("name", ENCODED)
def test_encoded_steps_converge_as_one_over_T(name: str) -> None:
    p, (x, eps) = told_encoded(name, 1), randn((2, 1, 2), seeded(8))
    def total(t: Tensor, T: int | None) -> Tensor:
        n = len(t)
        return denoiser(p, guess, "x").path_kl(x.expand(n, 2), t, eps.expand(n, 2), T)
    t, w = legendre(200)
    limit = total(t, None) @ w
    errors = [T * float(total(middles(T), T).mean() - limit) for T in (400, 1600)]
    assert abs(errors[1] / errors[0] - 1) < 0.04 and abs(errors[1]) > 0.1


@pytest.mark.parametrize("K", [1, 2])
def test_equal_clocks_are_one_clock(K: int) -> None:
    """Clocks that agree give the numbers of a single one."""
    low, high = torch.full((2, 2), -3.0), torch.full((2,), 1.0)
    def both(make: Callable[[Linear], Process]) -> list[Encoded]:
        return [encoded(make(Linear(*ends))).requires_grad_(False)
                for ends in ((-3.0, 1.0), (low[0], high))]
    one, many = both(VP if K == 1 else
                     lambda clock: LearnedMDM(2, clock=clock, generator=seeded(5)))
    x, eps = randn((2, 4, 2), seeded(9))
    t = torch.tensor([0.1, 0.4, 0.7, 0.9], dtype=f64)
    y = randn(one.state_shape((4, 2)), seeded(10))
    for T in (None, 7):
        a, b = (denoiser(p, guess_of_mean, "x").path_kl(x, t, eps, T) for p in (one, many))
        torch.testing.assert_close(a, b, rtol=1e-11, atol=0)
    for ask in (lambda p: denoiser(p, guess_of_mean, "x").drift(y, t), lambda p: p.prior_kl(x),
                lambda p: p.carry(x, t - 0.1, t), lambda p: mean_move(p, x, eps, t)):
        torch.testing.assert_close(ask(one), ask(many), rtol=1e-9, atol=1e-12)


def guess_of_mean(z: Tensor, gamma: Tensor) -> Tensor:
    """A denoiser that takes one level, or one for each dimension."""
    return torch.tanh(1.3 * z.flip(-1) + gamma.view(len(z), -1).mean(1, keepdim=True).sin())


# The bound of a linear model against its likelihood


def affine(f: Callable[[Tensor], Tensor], p: Process) -> tuple[Tensor, Tensor]:
    """Matrix and shift of an affine map of one state."""
    units = torch.cat([torch.zeros(1, 2 * p.K), torch.eye(2 * p.K)]).double()
    out = f(units.view(-1, *p.state_shape((1, 2))[1:])).flatten(1)
    return (out[1:] - out[0]).mT, out[0]


def chained(first: Gaussian, links: list[tuple[Tensor, Tensor, Tensor]]) -> Gaussian:
    """All variables of a chain of (matrix, shift, covariance) as one."""
    cuts = [0, len(first.mean)]
    for _, shift, _ in links: cuts.append(cuts[-1] + len(shift))
    back = torch.eye(cuts[-1], dtype=f64)
    for i, (M, _, _) in enumerate(links): back[cuts[i + 1]:cuts[i + 2], cuts[i]:cuts[i + 1]] = -M
    inv = torch.linalg.inv(back)
    shift = torch.cat([first.mean, *(s for _, s, _ in links)])
    cov = torch.block_diag(first.cov, *(c for *_, c in links))
    return Gaussian(inv @ shift, inv @ cov @ inv.mT)


def linear_guess(z: Tensor, gamma: Tensor, latent: Tensor | None = None) -> Tensor:
    """A linear network that depends on the levels."""
    alpha, sigma = alpha_sigma(gamma)
    return 0.4 * alpha * z + 0.3 * sigma * z.flip(-1)


@pytest.mark.parametrize("name", ENCODED)
@torch.no_grad()
def test_the_gap_of_a_linear_model_is_the_divergence_of_two_paths(name: str) -> None:
    """The bound minus the exact −log p(x) is KL(q(path|x) ‖ p(path|x)), for every K."""
    T, x, p = 3, torch.tensor([[0.7, -0.4]], dtype=f64), told_encoded(name, 2, Turn())
    model, zero = denoiser(p, linear_guess, "x"), torch.zeros(p.state_shape((1, 2))).double()
    def factor(L: Tensor) -> Tensor:
        return of_blocks(L.view(1, 2, p.K, p.K))
    grid, down, given = torch.linspace(0, 1, T + 1, dtype=f64), [], []
    for i in range(T, 0, -1):
        s, t = grid[i - 1], grid[i]
        F = factor(p.posterior(x, zero, s, t)[1])
        M, _ = affine(lambda y, s=s, t=t: one_step(model, y, s, t, T), p)
        down.append((M, torch.zeros(len(M)).double(), F @ F.mT))
        given.append((*affine(lambda y, s=s, t=t: p.posterior(x, y, s, t)[0], p), F @ F.mT))
    gamma_0 = p.gamma(0.0)
    M, shift = affine(lambda y: p.observe(y, 0.0)[0] / alpha_sigma(gamma_0)[0], p)
    down.append((M, shift, gamma_0[0].exp().diag()))
    S = p.prior_factor @ p.prior_factor.mT
    start = of_blocks(S.expand(1, 2, p.K, p.K))
    whole = chained(Gaussian(torch.zeros(2 * p.K).double(), start), down)
    mean, L = p.marginal(x, 1.0)
    path = chained(Gaussian(mean.flatten(), factor(L) @ factor(L).mT), given)
    last = [len(whole.mean) - 2, len(whole.mean) - 1]
    divergence = gaussian_kl(path, condition(whole, last, x[0]))
    nll = -Gaussian(whole.mean[last], whole.cov[last][:, last]).log_prob(x[0])
    steps = [model.path_kl(x.expand(T, 2), middles(T), e.expand(T, 2), T).mean()
             for e in hadamard()[:, 1:3]]
    miss = (x - p.signal(x, 0.0)).square() / gamma_0.exp()
    read = 0.5 * (gamma_0 + torch.log(2 * torch.tensor(torch.pi)) + 1 + miss).sum()
    total = read + p.prior_kl(x)[0] + sum(steps) / 8
    torch.testing.assert_close(total - nll, divergence, rtol=1e-8, atol=1e-8)
    assert divergence > 0


def one_step(model: Denoiser, y: Tensor, s: Tensor, t: Tensor, T: int) -> Tensor:
    """The mean of an ancestral step."""
    process = model.process
    at_s, at_t = process.at(s), process.at(t)
    x_hat, bridge = model(y, at_t), process.bridge(at_s, at_t)
    return at_s.mean(process.carry(x_hat, at_s, at_t)) + bridge.keep(y - at_t.mean(x_hat))


# The best that a network can say


def maps(p: Encoded, at: Moment) -> tuple[Tensor, Tensor]:
    """A linear encoder and its derivative by λ as matrices, for every level."""
    n = len(at.gamma)
    units = torch.eye(2, dtype=f64).repeat(n, 1)
    level = p.level(units[:n], at).repeat_interleave(2)
    return tuple(v.view(n, 2, 2).mT for v in p.encoder.tangent(units, level))


def best(p: Encoded, at: Moment, z: Tensor) -> Tensor:
    """argmin of (x_φ − x̂ + r (x_φ' − σ² x̂))² given z, in every dimension, for data N(0, C)."""
    E, dE = maps(p, at)
    alpha, sigma = alpha_sigma(at.gamma)
    A = alpha[..., None] * E
    gain = C @ A.mT @ torch.linalg.inv(A @ C @ A.mT + torch.diag_embed(sigma.square()))
    x, r = (gain @ z[..., None]), share_of_level(at, z)
    speed = r * p.level(z[:len(r)], at).sigmoid()[:, None]
    return ((E @ x)[..., 0] + r * (dE @ x)[..., 0]) / (1 + speed)


class Best(EncodedPredictor):
    """A network that says it, at any time."""
    def __init__(self, process: Encoded) -> None:
        super().__init__(process, guess, "x")
    def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """By the time, not by the level."""
        at = self.process.at(t)
        return best(self.process, at, at.observe(y))


def shifted(p: Encoded, t: float) -> Tensor:
    """The covariance of the encoded data."""
    E = maps(p, p.at(t))[0][0]
    return E @ C @ E.mT


WAYS = [("Ancestral", True), ("EulerMaruyama", True), ("DDIM", False), ("ProbabilityFlow", False)]


@pytest.mark.parametrize(("kind", "trained"), WAYS)
@torch.no_grad()
def test_samplers_arrive_with_an_encoder(
    kind: str, trained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = told(ENCODED["VP"](straight=0.3), 1, 1)
    p = encoded(base, Turn()) if trained else Encoded(base)
    start, truth = (spread(p, shifted(p, t), t) for t in (1.0, 0.0))
    arrived = [spread_after(Best(p), SAMPLERS[kind](n), start, monkeypatch) for n in (50, 100)]
    errors = [float((found - truth).norm()) for found in arrived]
    assert errors[1] < 0.1 and math.log2(errors[0] / errors[1]) > SAMPLERS[kind].order - 0.7
    if trained: refused("no probability flow", ProbabilityFlow(2), Best(p), p.prior((1, 2)))


@pytest.mark.parametrize("name", ENCODED)
@torch.no_grad()
def test_an_encoder_is_never_below_the_truth(name: str) -> None:
    """Averaged over N(0, C) the bound lies above the entropy, and is least at the best answer."""
    p, (t, w) = told_encoded(name, 0, Turn()), legendre(300)
    at, root = p.at(t), torch.linalg.cholesky(C)
    def total(scale: float) -> float:
        model = denoiser(p, lambda z, gamma, latent: scale * best(p, at, z), "x")
        def path(x: Tensor, eps: Tensor) -> Tensor:
            return model.path_kl(x.expand(300, 2), t, eps.expand(300, 2)) @ w
        def ends(x: Tensor, eps: Tensor) -> Tensor:
            one = [v[None] for v in (x, eps)]
            return p.prior_kl(one[0])[0] + reconstruction_term(p, *one, Continuous())[0]
        return float(corners(lambda x, eps: path(x, eps) + ends(x, eps), root, 2))
    entropy = -float(Mixture.gaussian(torch.zeros(2), C).log_prob(torch.zeros(1, 2))) + 1
    totals = [total(scale) for scale in (0.98, 1.0, 1.02)]
    assert entropy < totals[1] < min(totals[0], totals[2])


def test_gradients_reach_clock_encoder_and_network() -> None:
    """Of the whole bound, against finite differences."""
    process = encoded(ENCODED["VP"](straight=0.2))
    scale, data = nn.Parameter(torch.ones(2, dtype=f64)), randn((4, 2), seeded(11)).tanh()
    def loss() -> Tensor:
        model = denoiser(process, lambda z, gamma, latent: scale * guess(z, gamma))
        parts = bound_terms(model, data, Continuous(), generator=seeded(1))
        return sum(nats.mean() for nats in parts.values())
    weights = [process.clock.fields.network.weight, process.encoder.network.push, scale]
    grads = torch.autograd.grad(loss(), weights)
    for weight, grad, entry in zip(weights, grads, ((0, 1), (1,), (0,)), strict=True):
        values = []
        for shift in (1e-5, -2e-5, 1e-5):
            with torch.no_grad(): weight[entry] += shift
            values.append(float(loss().detach()))
        slope = (values[0] - values[1]) / 2e-5
        assert abs(slope - float(grad[entry])) < 1e-6 * (1 + abs(slope)) and abs(slope) > 1e-4


def test_a_clock_that_may_stand_still_is_refused() -> None:
    """Where a dimension stands and the mean moves, the path KL is infinite."""
    for clock in (Polynomial(shape=(2,)), Steps(Labels(3), (2,))):
        refused("give it a least speed, such as straight = 0.1", Encoded, VP(clock))
    for clock in (coded(-1.5, 1.4), Polynomial(shape=(2,), gamma_0=-1.5, gamma_1=1.4)):
        refused("give it a least speed", encoded, LearnedMDM(2, clock=clock))
    # all dimensions stand together: nothing moves either
    Encoded(VP(Polynomial(shape=(2,), share="all")))
    Encoded(VP(Linear(torch.tensor([-5.0, -4.0]), torch.tensor([3.0, 3.0]))))
    for make in (CLD, ALDA):
        base = make(clock=coded(-1.5, 1.4, straight=0.1))
        refused("the bound would be infinite", Diffusion, MLP(2, 8), Encoded(base), "v",
                Continuous(), (2,))


# The flow


class Atoms:
    """All there is to know when the data are three points in the plane."""
    def __init__(self, process: Encoded) -> None:
        self.process = process
        self.x = torch.tensor([[-0.8, 0.3], [0.1, -0.6], [0.9, 0.5]], dtype=f64)
        self.log_w = torch.tensor([0.3, 0.5, 0.2], dtype=f64).log()
    def means(self, z: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """E[x_φ|z] and E[dx_φ/dλ|z]."""
        both = self.process.encoder.tangent(self.x, self.process.level(self.x, t))
        share = self.share(z, t)
        return tuple(share @ v for v in both)
    def share(self, z: Tensor, t: Tensor) -> Tensor:
        """The probabilities of the points."""
        alpha, sigma = alpha_sigma(self.process.gamma(t))
        away = (z[:, None] - alpha * self.process.signal(self.x, t)) / sigma
        return (self.log_w - 0.5 * away.square().sum(-1)).softmax(-1)
    def best(self, z: Tensor, t: Tensor) -> Tensor:
        """The minimum over x̂ of the loss, which is a parabola in every dimension."""
        return torch.stack([self._best(*one, t) for one in zip(z, self.share(z, t), strict=True)])
    def _best(self, z: Tensor, share: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = alpha_sigma(self.process.gamma(t))
        noise = (z - alpha * self.process.signal(self.x, t)) / sigma
        def loss(c: Tensor) -> Tensor:
            model = denoiser(self.process, lambda z, g, latent: c.expand_as(z), "x")
            return share @ model.path_kl(self.x, t.expand(3), noise)
        none, units = loss(torch.zeros(2, dtype=f64)), torch.eye(2, dtype=f64)
        down, up = (torch.stack([loss(sign * unit) for unit in units]) for sign in (-1, 1))
        return (down - up) / (2 * (up + down - 2 * none))
    def log_density(self, y: Tensor, t: Tensor) -> Tensor:
        """log p(y_t), up to a constant."""
        k = self.process.kernel(t)
        mean = mix(k.Phi[..., :1], self.process.signal(self.x, t))
        away = mix(inverse(k.L), (y[:, None] - mean).flatten(0, 1)).view(len(y), 3, -1)
        return (self.log_w - 0.5 * away.square().sum(-1)).logsumexp(-1) - 0.5 * k.logdet.sum()


@pytest.mark.parametrize("name", ["VP", "PSLD", "mdm 2"])
def test_the_flow_with_a_second_head(name: str) -> None:
    """The best x̂ and E[x_φ|z] give E[dx_φ/dλ|z], and a velocity that keeps continuity."""
    p = told_encoded(name, 2)
    atoms, t = Atoms(p), torch.tensor(0.45, dtype=f64)
    y = randn(p.state_shape((3, 2)), seeded(3))
    z = p.observe(y, t)[0]
    mean, move = atoms.means(z, t)
    x_hat = atoms.best(z, t)
    torch.testing.assert_close(mean_move(p, x_hat, mean, t), move, rtol=1e-6, atol=1e-7)
    chi = 1 + excess(p.kernel(t), p.at(t).N)
    r, s2 = share_of_level(p.at(t), z), p.level(z, t).sigmoid()[:, None]
    def best_at(z: Tensor) -> Tensor:
        m, dm = atoms.means(z, t)
        whole = (1 + r * s2) ** 2 + (chi - 1) * (r * s2) ** 2
        return ((1 + r * s2) * m + r * (1 + chi * r * s2) * dm) / whole
    torch.testing.assert_close(best_at(z), x_hat, rtol=1e-6, atol=1e-7)
    model = denoiser(p, lambda z, g, latent: best_at(z), "x")
    flow = EncodedFlow(lambda z, g, latent: atoms.means(z, t)[0], mean_kind="x")
    def velocity(y: Tensor) -> Tensor:
        return flow.slope(model, y, t)
    v, J = velocity(y), torch.func.jacrev(velocity)(y)
    n = y[0].numel()
    J = J.view(3, n, 3, n)
    div = torch.stack([J[i, :, i].trace() for i in range(3)])
    grad = torch.func.grad(lambda y: atoms.log_density(y, t).sum())(y)
    rate = torch.func.jacrev(lambda t: atoms.log_density(y, t))(t)
    residue = rate + div + (v * grad).flatten(1).sum(1)
    assert residue.abs().max() < 1e-7 * (1 + rate.abs().max() + div.abs().max())
