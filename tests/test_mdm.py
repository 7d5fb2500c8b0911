"""The zoo: the recipe, closed forms, learned matrices, clocks, and the ancestors' mistakes."""

import copy
import inspect
import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from helpers import coefficients, tail
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import softplus

from mdm_nb.bounds.denoiser import denoiser
from mdm_nb.gaussians import chain, gaussian
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.gaussians.gaussian import Gaussian, Kernel
from mdm_nb.gaussians.score import KINDS, alpha_sigma, target
from mdm_nb.processes import linear as mdm
from mdm_nb.processes import lyapunov, process
from mdm_nb.processes.learned import LearnedMDM, skew_and_noise
from mdm_nb.processes.linear import MDM, drift_and_noise
from mdm_nb.processes.lyapunov import kernel
from mdm_nb.processes.scalar import VP, SubVP
from mdm_nb.processes.schedule import Beta, Linear, Monotone, Schedule
from mdm_nb.processes.zoo import ALDA, CLD, MALDA, PSLD

F64 = torch.float64
TURN, RUB = [[0, -1], [1, 0]], [[0, 0], [0, 1]]
quick = settings(deadline=None, max_examples=15)


def real(*values: float) -> Tensor:
    return torch.tensor(values, dtype=F64)


def eye(K: int) -> Tensor:
    return torch.eye(K, dtype=F64)


def clock() -> Schedule:
    return Linear(-5.0, 1.2)


def random_learned(K: int, noise: str, seed: int, clock: Schedule | None = None) -> LearnedMDM:
    """Parameters from anywhere, not only from where training begins."""
    p = LearnedMDM(K, noise, clock=clock or Linear(-4.0, 1.2), generator=seeded(seed))
    with torch.no_grad():
        p.q.copy_(randn((K, K), seeded(seed + 1))), p.B.copy_(randn((K, K), seeded(seed + 2)))
    return p.requires_grad_(False)


def random_drift(K: int, seed: int) -> tuple[Tensor, Tensor]:
    A, G = randn((K, K), seeded(seed)), randn((K, max(1, K - 1)), seeded(seed + 1))
    shift = 0.3 + torch.linalg.eigvals(A).real.max().clamp(min=0)
    return A - shift * eye(K), G @ G.mT


ZOO: dict[str, Callable[[], MDM]] = {
    "vp": lambda: MDM([[0.0]], [[0.5]], clock=clock()),
    "cld": lambda: CLD(clock=clock()),
    "cld swings": lambda: CLD(M=1, Gamma=0.4, clock=clock()),
    "cld crawls": lambda: CLD(M=0.5, Gamma=6, V0=0.2, clock=clock()),
    "psld": lambda: PSLD(clock=clock()),
    "psld by hand": lambda: PSLD(Gamma=0.25, nu=1.0, M=0.7, clock=clock()),
    "alda": lambda: ALDA(clock=clock()),
    "alda 111": lambda: ALDA(g=1, xi=1, clock=clock()),
    "alda L": lambda: ALDA(L=3, V0=0.1, clock=clock()),
    "malda": lambda: MALDA(clock=clock()),
    "malda 4": lambda: MALDA(4, M=0.5, clock=Linear(-4.0, 1.2)),
    "full S": lambda: MDM.from_drift(
        *random_drift(3, 5), V0=[0, 0.02, 0.3], clock=Linear(-4.0, 1.2)
    ),
    "learned full": lambda: random_learned(3, "full", 0),
    "learned diagonal": lambda: random_learned(4, "diagonal", 10),
    "learned auxiliary": lambda: random_learned(2, "auxiliary", 20),
}


@cache
def make(name: str) -> MDM:
    return ZOO[name]()


zoo = pytest.mark.parametrize("p", [pytest.param(n, id=n) for n in ZOO], indirect=True)


@pytest.fixture
def p(request: pytest.FixtureRequest) -> MDM:
    return make(request.param)


def close(a: Tensor, b: Tensor, tol: float) -> bool:
    """Within tol of the largest entry."""
    return a.shape == b.shape and bool((a - b).abs().max() <= tol * b.abs().max())


def reader(p: MDM, t: float) -> Tensor:
    """The row of numbers that `observe` multiplies the blocks by."""
    return p.observe(eye(p.K) if p.K > 1 else eye(1)[0], t)[0]


# ---------------------------------------------------------------- the recipe


@zoo
def test_the_prior_is_stationary(p: MDM) -> None:
    A, N = p.system()
    assert (A @ p.S + p.S @ A.mT + N).abs().max() < 1e-13 * A.abs().max()
    Q, D = p.matrices()
    assert (
        torch.equal(Q, -Q.mT)
        and torch.linalg.eigvalsh(D)[0] > -1e-14
        and close(p.prior_factor @ p.prior_factor.mT, p.S, 1e-14)
    )
    slowest = -torch.linalg.eigvals(A).real.max()
    late = kernel(A, N, 40 / slowest, p.V0)
    assert (late.Sigma - p.S).abs().max() < 1e-12 and late.Phi.abs().max() < 1e-12


@zoo
def test_moments_obey_their_differential_equations(p: MDM) -> None:
    at = p.at(real(0.35))
    k, A, N = at.kernel, at.A, at.N
    before, after = p.kernel(real(0.35 - 1e-5)), p.kernel(real(0.35 + 1e-5))
    assert close((after.Phi - before.Phi) / 2e-5, A @ k.Phi, 1e-7)
    assert close((after.Sigma - before.Sigma) / 2e-5, A @ k.Sigma + k.Sigma @ A.mT + N, 1e-7)


@quick
@given(st.integers(1, 5), st.integers(0, 10_000))
def test_every_stable_diffusion_has_the_form(K: int, seed: int) -> None:
    A, N = random_drift(K, seed)
    try:
        p = MDM.from_drift(A, N, clock=Linear(-1.0, 1.0))
    except InputError:
        return  # nearly uncontrollable draws
    scale = torch.linalg.cond(p.S) * A.abs().max()
    assert all((a - b).abs().max() < 1e-13 * scale for a, b in zip(p.system(), (A, N), strict=True))
    assert torch.equal(p.Q_0, -p.Q_0.mT) and torch.linalg.eigvalsh(p.S)[0] > 0


def test_from_drift_of_a_named_process_gives_its_own_matrices() -> None:
    for p in map(make, ("cld", "alda 111", "malda", "learned full")):
        back = MDM.from_drift(*p.system(), V0=p.V0, clock=clock())
        assert (
            close(back.Q_0, p.matrices()[0], 1e-12)
            and close(back.D_0, p.matrices()[1], 1e-14)
            and (back.S - p.S).abs().max() < 1e-12
        )
    assert type(CLD.from_drift(*CLD().system())) is MDM


# ---------------------------------------------------------------- constants and closed forms


def test_drifts_and_noises_are_the_published_ones() -> None:
    expected = {
        CLD(M=0.3, Gamma=0.8): ([[0, 1 / 0.3], [-1, -0.8 / 0.3]], [0, 1.6]),
        CLD(): ([[0, 4], [-1, -4]], [0, 2]),
        PSLD(Gamma=0.02, nu=3, M=0.3): ([[-0.01, 0.5 / 0.3], [-0.5, -1.5]], [0.02, 0.9]),
        ALDA(L=2, g=0.7, xi=1.5): ([[0, 1, 0], [-0.5, 0, 0.7], [0, -0.7, -1.5]], [0, 0, 1.5]),
        MALDA(): ([[0, 1, 1], [-1, -2, 1], [-1, -1, -2]], [0, 4, 4]),
        MDM([[0]], [[0.5]]): ([[-0.5]], [1]),
    }
    for p, (A, N) in expected.items():
        assert all(
            (a - torch.tensor(b, dtype=F64)).abs().max() < 1e-15
            for a, b in zip(p.system(), (A, np.diag(N)), strict=True)
        )
    assert close(MALDA(2, M=0.25).system()[0], CLD().system()[0], 1e-15) and close(
        PSLD().system()[1], real(0.01, 0.25 * 4.01).diag(), 1e-15
    )


def test_eigenvalues() -> None:
    def modes(p: MDM) -> Tensor:
        return torch.linalg.eigvals(p.system()[0])

    assert (
        modes(ALDA(g=1, xi=1))
        .real.sort()
        .values.sub(real(-0.569840, -0.215080, -0.215080))
        .abs()
        .max()
        < 1e-6
    )
    assert abs(modes(ALDA(g=1, xi=1)).imag.max() - 1.307141) < 1e-6
    assert (
        close(modes(MALDA()).real.sort().values, real(-1.5, -1.5, -1), 1e-12)
        and abs(modes(MALDA()).imag.max() - 7**0.5 / 2) < 1e-12
    )
    for p, a, K in (
        (CLD(M=0.7), 0.7**-0.5, 2),
        (PSLD(Gamma=0.3, M=0.7), (0.6 + 2 * 0.7**-0.5) / 4, 2),
        (ALDA(L=0.6), (3 / 0.6) ** 0.5, 3),
    ):
        A = p.system()[0]
        assert (
            torch.linalg.matrix_power(A + a * eye(K), K).abs().max() < 1e-14 * A.abs().max() ** K
        )  # all K eigenvalues at −a, to rounding


TAU = real(0.1, 0.3, 1, 3, 10)[:, None, None]


def by_cayley_hamilton(A: Tensor) -> Tensor:
    """exp(A τ) for two blocks: swinging, critical or crawling."""
    μ = A.trace() / 2
    δ = torch.sqrt((μ**2 - torch.linalg.det(A)).to(torch.complex128))
    sinh = (δ * TAU).sinh() / δ if δ.abs() > 1e-6 else TAU
    return ((μ * TAU).exp() * ((δ * TAU).cosh() * eye(2) + sinh * (A - μ * eye(2)))).real


@pytest.mark.parametrize(
    "p", [n for n in ZOO if make(n).K == 2 and n != "learned auxiliary"], indirect=True
)
def test_two_blocks_against_cayley_and_hamilton(p: MDM) -> None:
    A, N = p.system()
    assert (kernel(A, N, TAU[:, 0, 0]).Phi - by_cayley_hamilton(A)).abs().max() < 1e-12


@pytest.mark.parametrize("M", [0.25, 0.3, 1.0, 2.0])
def test_critical_closed_forms_of_two_blocks(M: float) -> None:
    b, r, Γ = TAU[:, 0, 0] / M**0.5, M**0.5, 0.05
    cld = (-b).exp() * torch.stack([1 + b, b / r, -b * r, 1 - b])
    assert (kernel(*CLD(M).system(), TAU[:, 0, 0]).Phi.flatten(1).mT - cld).abs().max() < 1e-12
    ν, τ = Γ + 2 / r, TAU[:, 0, 0]
    psld = (-(Γ + ν) / 4 * τ).exp() * torch.stack(
        [1 + τ * (ν - Γ) / 4, τ / (2 * M), -τ / 2, 1 - τ * (ν - Γ) / 4]
    )
    assert (kernel(*PSLD(Γ, M=M).system(), τ).Phi.flatten(1).mT - psld).abs().max() < 1e-12


@pytest.mark.parametrize("L", [0.5, 1.0, 3.0])
def test_critical_closed_form_of_three_blocks(L: float) -> None:
    A, N = ALDA(L).system()
    a = (3 / L) ** 0.5
    B = (A + a * eye(3)) * TAU
    assert (
        kernel(A, N, TAU[:, 0, 0]).Phi - (-a * TAU).exp() * (eye(3) + B + B @ B / 2)
    ).abs().max() < 1e-12


def test_malda_closed_form() -> None:
    (A, N), ω = MALDA().system(), 7**0.5 / 2
    P = (A @ A + 3 * A + 4 * eye(3)) / 2
    slow = (-TAU).exp() * P
    fast = (
        (-1.5 * TAU).exp()
        * ((ω * TAU).cos() * eye(3) + (ω * TAU).sin() / ω * (A + 1.5 * eye(3)))
        @ (eye(3) - P)
    )
    assert (kernel(A, N, TAU[:, 0, 0]).Phi - slow - fast).abs().max() < 1e-12


@zoo
def test_covariance_from_the_stationary_one(p: MDM) -> None:
    A, N = p.system()
    k = kernel(A, N, real(0.5, 1, 3, 10), p.V0)
    assert (
        k.Sigma - (p.S - k.Phi @ (p.S - p.V0.diag()) @ k.Phi.mT)
    ).abs().max() < 1e-12 * p.S.abs().max()


def test_prior_kl_of_the_table() -> None:
    expected = {
        "vp": 3.215e-3,
        "cld": 1.280e-3,
        "alda": 6.280e-5,
        "alda 111": 4.910e-2,
        "malda": 3.960e-5,
    }
    end, x = Linear(-5.0, math.log(5.05)), torch.ones(1, 1)
    made = {
        "vp": MDM([[0]], [[0.5]], clock=end),
        "cld": CLD(M=1, clock=end),
        "alda": ALDA(clock=end),
    }
    made |= {"alda 111": ALDA(g=1, xi=1, clock=end), "malda": MALDA(clock=end)}
    assert all(abs(p.prior_kl(x).item() / expected[n] - 1) < 1e-3 for n, p in made.items())


# ---------------------------------------------------------------- what the whole state knows of x


@zoo
def test_observe_is_all_of_x_and_unit_noise(p: MDM) -> None:
    for t in (0.0, 0.4, 1.0):
        k, a = p.kernel(t), reader(p, t)
        α, σ = alpha_sigma(p.gamma(t))
        f, Σ = k.Phi[:, 0], k.Sigma
        assert abs(a @ f / α - 1) < 1e-12 and abs(a @ Σ @ a / σ**2 - 1) < 1e-9
        # y − (f/α) z has no x in it, and none of z's noise
        assert (α * k.L.mT @ a - σ**2 * k.gain[:, 0]).abs().max() < 1e-9 * (
            σ**2 * k.gain
        ).abs().max()


@zoo
def test_likelihood_ratios_need_only_the_observation(p: MDM) -> None:
    for t in (0.1, 0.5, 1.0):
        k, y = p.kernel(t), randn((5, p.K), seeded(0))
        z, γ = p.observe(y if p.K > 1 else y[:, 0], t)
        α, σ = alpha_sigma(γ)

        def ratio(mean: Tensor, cov: Tensor, value: Tensor) -> Tensor:
            return Gaussian(0.8 * mean, cov).log_prob(value) - Gaussian(-0.3 * mean, cov).log_prob(
                value
            )

        whole = ratio(k.Phi[:, 0], k.Sigma, y)
        single = ratio(α[None], σ.square()[None, None], z[:, None])
        assert (whole - single).abs().max() < 1e-8 * whole.abs().max()


def exact(kind: str, c2: float = 0.25) -> Callable[[Tensor, Tensor], Tensor]:
    """The best predictor for N(0, c²) data."""

    def predict(z: Tensor, γ: Tensor) -> Tensor:
        α, σ = (v.view(-1, *[1] * (z.ndim - 1)) for v in alpha_sigma(γ))
        x = α * c2 * z / (α**2 * c2 + σ**2)
        return target(x, (z - α * x) / σ, γ, kind)

    return predict


@zoo
def test_denoise_is_conditioning_on_the_whole_state(p: MDM) -> None:
    t = real(0.05, 0.3, 0.6, 1)
    k, y = p.kernel(t), randn((4, p.K, 2, 3), seeded(1))
    prior, state = Gaussian(torch.zeros(1), 0.25 * eye(1)), y.flatten(2).movedim(1, -1)
    seen = Kernel.of(k.Phi[..., :1], k.Sigma)
    truth = torch.stack([chain.posterior(prior, seen, state[:, d]).mean for d in range(6)], 1).view(
        4, 2, 3
    )
    for kind in KINDS:
        assert close(denoiser(p, exact(kind), kind)(y if p.K > 1 else y[:, 0], t), truth, 1e-8)


@zoo
def test_path_kl_from_first_principles_is_that_of_one_block(p: MDM) -> None:
    p = copy.deepcopy(p)
    p.clock = Linear(p.log_tau(-8.0), p.log_tau(2.0))
    nodes, weights = (torch.tensor(v, dtype=F64) for v in np.polynomial.legendre.leggauss(80))
    at = p.at((1 + nodes) / 2)
    k, N = at.kernel, at.N
    f = k.Phi[..., :1]
    lost = torch.linalg.inv(k.Sigma) - torch.linalg.inv(k.Sigma + 0.25 * f @ f.mT)
    J = torch.exp(real(8, -2))
    assert (
        abs(
            (weights * (N * lost).sum((-2, -1))).sum()
            / 4
            / (0.5 * torch.log1p(0.25 * J).diff().neg())
            - 1
        )
        < 1e-8
    )


@zoo
def test_knowledge_is_only_lost_and_at_the_computed_rate(p: MDM) -> None:
    t = torch.linspace(0, 1, 200, dtype=F64, requires_grad=True)
    γ = p.gamma(t)
    (slope,) = torch.autograd.grad(γ.sum(), t)
    at = p.at(t)
    level, rate = at.gamma, at.rate
    assert (
        (γ.diff() > 0).all()
        and (rate > 0).all()
        and (rate / slope - 1).abs().max() < 1e-7
        and torch.equal(level, γ)
    )


@zoo
def test_discrete_steps_cost_the_difference_of_fisher_information(p: MDM) -> None:
    s, t = real(0.2, 0.3, 0.4, 0.9), real(0.25, 0.8, 0.45, 1)
    k, first = p.kernel(s), eye(p.K)[0]
    step, nought = p.transition(s, t), torch.zeros(p.K)
    with_x, without = (
        chain.posterior(Gaussian(k.Phi @ v, k.Sigma), step, nought) for v in (first, 0 * first)
    )
    M = (with_x.mean - without.mean)[..., None]
    cost = (M.mT @ torch.linalg.solve(with_x.cov, M)).flatten()
    assert (cost / (p.gamma(s).neg().exp() - p.gamma(t).neg().exp()) - 1).abs().max() < 1e-6


@quick
@given(st.integers(2, 4), st.sampled_from(["full", "diagonal"]), st.integers(0, 10_000))
def test_the_theorem_for_learned_matrices_from_anywhere(K: int, noise: str, seed: int) -> None:
    p = random_learned(K, noise, seed, Linear(-3.0, 1.0))
    t = torch.linspace(0, 1, 30, dtype=F64)
    assert (p.gamma(t).diff() > 0).all()
    k, a = p.kernel(0.5), reader(p, 0.5)
    α, σ = alpha_sigma(p.gamma(0.5))
    assert (k.Sigma @ a * α - σ**2 * k.Phi[:, 0]).abs().max() < 1e-10
    post = chain.posterior(
        Gaussian(torch.zeros(1), eye(1)), Kernel.of(k.Phi[:, :1], k.Sigma), torch.ones(1, K)
    )
    assert (
        abs(denoiser(p, exact("eps", 1.0), "eps")(torch.ones(1, K, 1), 0.5) - post.mean).max()
        < 1e-10
    )


# ---------------------------------------- kernels, transitions, posteriors, priors


@zoo
def test_walking_in_two_steps_is_walking_in_one(p: MDM) -> None:
    r, s, t = real(0.1, 0.3, 0.5), real(0.3, 0.5, 0.9), real(0.7, 0.6, 1)
    a, b, c = p.transition(r, s), p.transition(s, t), p.transition(r, t)
    assert close(b.Phi @ a.Phi, c.Phi, 1e-11) and close(
        b.Phi @ a.Sigma @ b.Phi.mT + b.Sigma, c.Sigma, 1e-11
    )
    at_s, at_t = p.kernel(s), p.kernel(t)
    assert close(b.Phi @ at_s.Phi, at_t.Phi, 1e-11) and close(
        b.Phi @ at_s.Sigma @ b.Phi.mT + b.Sigma, at_t.Sigma, 1e-11
    )


@zoo
def test_the_hybrid_kernel_starts_from_V0(p: MDM) -> None:
    t = real(0.2, 0.7)
    hybrid, sharp = p.kernel(t), kernel(*p.system(), p.tau(t))
    assert torch.equal(hybrid.Phi, sharp.Phi) and close(
        hybrid.Sigma, sharp.Sigma + sharp.Phi @ p.V0.diag() @ sharp.Phi.mT, 1e-13
    )


@zoo
def test_posterior_against_gaussian_algebra(p: MDM) -> None:
    s = real(0.5, 0.6)
    t = real(0.8, 0.9)
    x = randn((2, 1), seeded(0))
    y = randn((2, p.K, 1), seeded(1))
    mean, factor = p.posterior(x, y if p.K > 1 else y[:, 0], s, t)
    start = torch.cat([x, torch.zeros(2, p.K - 1)], 1)
    q = chain.reverse_transition(p.kernel(s), p.kernel(t), start, y[..., 0])
    cov = factor @ factor.mT if p.K > 1 else factor[..., None].square()
    assert close(mean.view(2, p.K), q.mean, 1e-7) and close(cov.view(2, p.K, p.K), q.cov, 1e-7)


@zoo
def test_prior_kl_against_gaussian_kl(p: MDM) -> None:
    x, k = randn((3, 2), seeded(0)), p.kernel(1.0)
    prior = Gaussian(torch.zeros(p.K), p.S)
    truth = sum(
        gaussian.kl(Gaussian(x[:, d, None] * k.Phi[:, 0], k.Sigma), prior) for d in range(2)
    )
    assert close(p.prior_kl(x), truth, 1e-11)


@zoo
def test_prior_draws_have_the_prior_covariance(p: MDM) -> None:
    y = p.prior((20_000, 1), seeded(0))
    assert y.shape == ((20_000, p.K, 1) if p.K > 1 else (20_000, 1)) and y.dtype == F64
    y = y.view(20_000, p.K)
    se = ((p.S.diagonal()[:, None] * p.S.diagonal() + p.S**2) / 20_000).sqrt()
    assert ((y.mT @ y / 20_000 - p.S).abs() < 5 * se).all()


def test_heads_are_the_blocks_that_noise_enters() -> None:
    heads = {n: make(n).heads for n in ZOO}
    assert heads == {
        "vp": 1,
        "cld": 1,
        "cld swings": 1,
        "cld crawls": 1,
        "psld": 2,
        "psld by hand": 2,
        "alda": 1,
        "alda 111": 1,
        "alda L": 1,
        "malda": 2,
        "malda 4": 3,
        "full S": 3,
        "learned full": 3,
        "learned diagonal": 4,
        "learned auxiliary": 1,
    }
    assert PSLD(Gamma=0).heads == 1 and LearnedMDM(4, "auxiliary", generator=seeded(0)).heads == 3


@zoo
def test_span_is_gamma_at_the_ends_and_log_tau_finds_it(p: MDM) -> None:
    fresh = copy.deepcopy(p)
    if isinstance(fresh, LearnedMDM):
        fresh._store(p.matrices()[0].clone(), p.matrices()[1], p.S, p.V0), fresh._place(p.clock)
    assert all(
        abs(a - p.gamma(t).item()) < 1e-6 * abs(a)
        for a, t in zip(fresh.span, (0.0, 1.0), strict=True)
    )
    assert abs(kernel(*p.system(), math.exp(p.log_tau(-7.0)), p.V0).gamma.item() + 7) < 1e-9


@pytest.mark.parametrize("γ", [-1e3, 1e9, math.nan, math.inf, -math.inf])
def test_log_tau_refuses_levels_that_no_clock_reaches(γ: float) -> None:
    with pytest.raises(InputError, match="gamma = .*no such noise level"):
        CLD().log_tau(γ)


# ---------------------------------------------------------------- importance times


CLOCKS = {
    "beta": lambda: Beta(0.1, 10.0, 1e-3),
    "linear": clock,
    "monotone": lambda: Monotone(-5.0, 1.2, hidden=8, generator=seeded(0)),
}


@pytest.mark.parametrize("name", ["vp", "cld", "alda 111", "full S"])
@pytest.mark.parametrize("ticks", CLOCKS)
@torch.no_grad()
def test_importance_times_are_exactly_unbiased(name: str, ticks: str) -> None:
    p = copy.deepcopy(make(name))
    p.clock = CLOCKS[ticks]()
    for kind in ("noise", "v"):
        u = (torch.arange(4000, dtype=F64) + 0.5) / 4000
        t, share = p.times(u, kind)
        assert (t.diff() >= 0).all() and t[0] >= 0 and t[-1] <= 1 and (share > 0).all()
        # without chance: midpoint sums of what each kind makes nearly constant
        known, truth = (
            (share, 1.0)
            if kind == "noise"
            else (share * p.at(t).rate, float(p.gamma(1.0) - p.gamma(0.0)))
        )
        assert abs(known.mean() / truth - 1) < 1e-2
        t, share = p.times(torch.rand(4000, generator=seeded(1), dtype=F64), kind)
        for value, truth in ((share, 1.0), (share * t**2, 1 / 3)):
            assert abs(value.mean() - truth) < 5 * value.std() / 4000**0.5


def test_importance_times_follow_the_matrices_and_the_clock() -> None:
    u = (torch.arange(50, dtype=F64) + 0.5) / 50
    p = LearnedMDM(2, clock=Linear(-3.0, 1.0, learned=True), generator=seeded(0))
    mdm._integral.cache_clear()
    first = p.times(u)
    assert torch.equal(p.times(u)[0], first[0]) and mdm._integral.cache_info().misses == 1
    other = LearnedMDM(2, clock=Linear(-4.0, 1.0, learned=True), generator=seeded(1))
    p.load_state_dict(other.state_dict())
    assert all(
        torch.equal(a, b) for a, b in zip(p.times(u), other.times(u), strict=True)
    ) and not torch.equal(p.times(u)[0], first[0])


# ---------------------------------------------------------------- learned matrices


@pytest.mark.parametrize("noise", ["full", "diagonal", "auxiliary"])
@pytest.mark.parametrize("K", [2, 4])
def test_gradients_of_everything_learned(K: int, noise: str) -> None:
    p = LearnedMDM(K, noise, clock=Linear(-3.0, 1.0, learned=True), generator=seeded(0))

    def of(q: Tensor, B: Tensor, ends: Tensor) -> Tensor:
        k = kernel(
            *drift_and_noise(*skew_and_noise(q, B, noise, 1e-3), p.prior_factor),
            (ends[0] + torch.stack([real(0)[0], ends[1]])).exp(),
            p.V0,
        )
        return torch.cat([k.Phi.flatten(), k.L.flatten(), k.gamma])

    assert torch.autograd.gradcheck(
        of,
        tuple(v.detach().clone().requires_grad_() for v in (p.q, p.B, p.clock.ends)),
        fast_mode=True,
    )
    (p.gamma(0.3) + p.prior_kl(torch.ones(1, 1)).sum()).backward()
    assert {
        n for n, v in p.named_parameters() if v.grad is not None and v.grad.abs().max() > 0
    } == {"q", "B", "clock.ends"}


def test_the_shape_of_a_learned_clock_is_reached_too() -> None:
    p = LearnedMDM(2, clock=Monotone(-5.0, 1.0, hidden=4, generator=seeded(0)), generator=seeded(1))
    p.at(real(0.2, 0.6)).rate.sum().backward()
    assert all(v.grad is not None and v.grad.abs().max() > 0 for v in p.clock.parameters())


@pytest.mark.parametrize(
    "noise, degrees", [("full", (3, 7)), ("diagonal", (2, 5)), ("auxiliary", (1, 4))]
)
@pytest.mark.parametrize("K", [2, 3])
def test_degrees_of_freedom(K: int, noise: str, degrees: tuple[int, int]) -> None:
    p, grid = LearnedMDM(K, noise, generator=seeded(3)), torch.logspace(-2.5, 1.2, 40, dtype=F64)

    def γ(q: Tensor, B: Tensor) -> Tensor:
        return kernel(
            *drift_and_noise(*skew_and_noise(q, B, noise, 1e-3), p.prior_factor), grid, p.V0
        ).gamma

    J = torch.cat(
        [j.flatten(1) for j in torch.autograd.functional.jacobian(γ, (p.q.detach(), p.B.detach()))],
        1,
    )
    values = torch.linalg.svdvals(J)
    assert int((values > 1e-10 * values[0]).sum()) == degrees[K - 2]


@pytest.mark.parametrize("noise", ["full", "diagonal", "auxiliary"])
@pytest.mark.parametrize("K", [2, 3, 4])
def test_a_learned_process_starts_where_vp_would_end(K: int, noise: str) -> None:
    spans = torch.tensor([LearnedMDM(K, noise, generator=seeded(s)).span for s in range(6)])
    assert spans[:, 1].min() > 3.5 and spans[:, 1].max() < 6  # VP on this clock ends at 5.04


def test_learned_processes_repeat_and_travel() -> None:
    a, b, c = (LearnedMDM(3, generator=seeded(s)) for s in (0, 0, 1))
    assert torch.equal(a.q, b.q) and not torch.equal(a.q, c.q)
    c.load_state_dict(a.state_dict())
    assert torch.equal(c.gamma(0.3), a.gamma(0.3)) and torch.equal(
        copy.deepcopy(a).gamma(0.3), a.gamma(0.3)
    )
    assert set(a.state_dict()) == {"q", "B"} and set(CLD().state_dict()) == set()


# ---------------------------------------------------------------- a clock for every dimension


LOW = torch.linspace(-4, -3, 6, dtype=F64).view(2, 3)
HIGH = torch.linspace(0, 1, 6, dtype=F64).view(2, 3)


@pytest.mark.parametrize(
    "cls",
    [lambda clock: MDM([[0.0]], [[0.5]], clock=clock), CLD, MALDA],
    ids=["vp", "cld", "malda"],
)
def test_each_dimension_runs_on_its_own_clock(cls: Callable[..., MDM]) -> None:
    many, x, t = (
        cls(clock=Linear(LOW, HIGH)),
        randn((4, 2, 3), seeded(0)),
        real(0.1, 0.4, 0.6, 0.95),
    )
    blocks = (many.K,) if many.K > 1 else ()
    y, ε = randn((4, *blocks, 2, 3), seeded(1)), randn((4, *blocks, 2, 3), seeded(2))

    def noise(p: MDM) -> Callable[[Tensor, Tensor], Tensor]:
        return lambda y, γ: 0.3 * tail(p, y)

    def everything(p: MDM, pick: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
        xs, ys, es = pick(x), pick(y), pick(ε)
        m, F = p.posterior(xs, ys, t / 2, t)
        out = {
            "kernel": p.kernel(t).L,
            "transition": p.transition(t / 2, t).L,
            "mean": p.marginal(xs, t)[0],
            "posterior": m,
            "factor": F,
            "z": p.observe(ys, t)[0],
            "x": denoiser(p, lambda z, γ: -z)(ys, t),
            "score": denoiser(p, noise(p), "noise").score(ys, t),
        }
        bounds = {
            "prior": p.prior_kl(xs),
            "noise": denoiser(p, noise(p), "noise").path_kl(xs, t, es),
        }
        return (
            out
            | bounds
            | {"v": denoiser(p, lambda z, γ: -z).path_kl(xs, t, es[:, 0] if p.K > 1 else es)}
        )

    together = everything(many, lambda v: v)
    total = dict.fromkeys(("prior", "noise", "v"), 0.0)
    for i, j in np.ndindex(2, 3):
        alone = everything(
            cls(clock=Linear(float(LOW[i, j]), float(HIGH[i, j]))),
            lambda v, i=i, j=j: v[..., i : i + 1, j : j + 1],
        )
        for name in ("mean", "posterior", "z", "x", "score"):
            assert close(alone[name], together[name][..., i : i + 1, j : j + 1], 1e-11), name
        for name in ("kernel", "transition"):
            assert close(alone[name], together[name][:, i, j], 1e-12), name
        total = {name: value + alone[name] for name, value in total.items()}
    for name, value in total.items():
        assert close(together[name], value, 1e-12), name
    assert many.gamma(t).shape == (4, 2, 3) and many.span == pytest.approx(
        [many.gamma(u).mean().item() for u in (0.0, 1.0)]
    )
    u = torch.rand(4, dtype=F64)
    assert torch.equal(many.times(u)[0], u) and torch.equal(
        many.times(u)[1], torch.ones(4, dtype=F64)
    )


# ---------------------------------------------------------------- bad input


upper = randn((4, 4), seeded(0)).triu(1)
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: MDM([[0, 1], [1, 0]], RUB), "Q = .* is not skew-symmetric"),
    (lambda: MDM([[0.1, -1], [1, 0]], RUB), "Q = .* is not skew-symmetric"),
    (lambda: MDM([[0, -1, 0], [1, 0, 0]], RUB), r"Q has shape \(2, 3\)"),
    (lambda: MDM([], RUB), r"Q has shape \(0,\)"),
    (lambda: MDM(torch.zeros(0, 0), RUB), r"Q has shape \(0, 0\)"),
    (lambda: MDM([[0, -1], [1]], RUB), "Q = .*: give a number"),
    (lambda: MDM("turn", RUB), "Q = 'turn': give a number"),
    (lambda: MDM([[0, math.nan], [1, 0]], RUB), "Q holds NaN"),
    (lambda: MDM(TURN, [[0, 0], [0, math.inf]]), "D holds NaN or infinite"),
    (lambda: MDM(TURN, [[0, 0], [0, -1]]), "D = .* is not symmetric positive semidefinite"),
    (lambda: MDM(TURN, [[0, 1], [1, 1]]), "D = .* is not symmetric positive semidefinite"),
    (lambda: MDM(TURN, [[0, 0.5], [0, 1]]), "D = .* is not symmetric positive semidefinite"),
    (lambda: MDM(TURN, np.eye(3)), r"D has shape \(3, 3\): give a square matrix of 2 rows"),
    (lambda: MDM(TURN, RUB, [1, 0]), "S = .* is not symmetric positive definite"),
    (lambda: MDM(TURN, RUB, [1, -1]), "S = .* is not symmetric positive definite"),
    (lambda: MDM(TURN, RUB, [[1, 2], [2, 1]]), "S = .* is not symmetric positive definite"),
    (lambda: MDM(TURN, RUB, [[1, 0.1], [0, 1]]), "S = .* is not symmetric positive definite"),
    (lambda: MDM(TURN, RUB, [1, 1, 1]), r"S has shape \(3, 3\): give a square matrix of 2 rows"),
    (lambda: MDM(TURN, RUB, [1, math.nan]), "S holds NaN"),
    (lambda: MDM(TURN, RUB, None, 0.01), "V0 = 0.01: give 2 variances"),
    (lambda: MDM(TURN, RUB, None, [0, 0.01, 0.01]), "V0 = .*: give 2 variances"),
    (lambda: MDM(TURN, RUB, None, [0.01, 0.01]), "V0 = .*zero for x itself"),
    (lambda: MDM(TURN, RUB, None, [0, -0.01]), "V0 = .*none below zero"),
    (lambda: MDM(TURN, RUB, None, [0, math.inf]), "V0 holds NaN or infinite"),
    (lambda: MDM([[0, 0], [0, 0]], RUB), "noise never reaches"),
    (lambda: MDM(TURN, [[0, 0], [0, 0]]), "noise never reaches"),
    (lambda: MDM([[0]], [[0]]), "noise never reaches"),
    (lambda: MDM.from_drift([[0, 1], [-1, 1]], RUB), "never forgets"),
    (lambda: MDM.from_drift([[-1, 0], [1, -1]], RUB), "noise never reaches"),
    (
        lambda: MDM.from_drift([[-1, 0], [0, -1]], [[1, 0], [0, -1]]),
        "N = .* is not symmetric positive semidefinite",
    ),
    (lambda: MDM.from_drift([[-1, 0], [0, -1]], [[1]]), r"N has shape \(1, 1\)"),
    (lambda: MDM.from_drift([[-1, math.nan], [0, -1]], RUB), "A holds NaN"),
    (
        lambda: MDM(upper - upper.mT, real(0, 0, 0, 1).diag(), clock=Linear(-20.0, 1.0)),
        "clock starts at τ = 2.06115e-09, too early for float64",
    ),
    (
        lambda: CLD(clock=Linear(-5.0, 8.0)),
        "clock ends at log τ = 8, when float64 holds nothing of x",
    ),
    (lambda: MALDA(clock=Linear()), "clock ends at log τ = 5, .*: end it earlier"),
    (lambda: CLD(M=0), "M = 0: give a positive number"),
    (lambda: CLD(M=-1, Gamma=1), "M = -1: give a positive number"),
    (lambda: CLD(Gamma=0), "Gamma = 0: give a positive number"),
    (lambda: CLD(V0=-1), "V0 = -1: give 0 or more"),
    (lambda: MALDA(V0=math.nan), "V0 = nan: give 0 or more"),
    (lambda: PSLD(Gamma=-0.1), "Gamma = -0.1: give 0 or more"),
    (lambda: PSLD(nu=math.nan), "nu = nan: give a positive number"),
    (lambda: PSLD(M=math.inf), "M = inf: give a positive number"),
    (lambda: ALDA(L=0, g=1, xi=1), "L = 0: give a positive number"),
    (lambda: ALDA(xi=-1), "xi = -1: give a positive number"),
    (lambda: ALDA(g=0), "g = 0: give a finite number other than 0"),
    (lambda: ALDA(g=math.nan), "g = nan: give a finite number"),
    (lambda: MALDA(1), "K = 1: .*MALDA needs auxiliary variables"),
    (lambda: MALDA(M=-1), "M = -1: give a positive number"),
    (lambda: LearnedMDM(0), "K = 0: give a whole number from 1"),
    (lambda: LearnedMDM(1, "auxiliary"), "K = 1: give a whole number from 2"),
    (lambda: LearnedMDM(2, "half"), "noise = 'half': choose full, diagonal or auxiliary"),
    (lambda: LearnedMDM(2, floor=0.0), "floor = 0.0: give a positive number"),
    (lambda: CLD().kernel(1.5), r"t = 1.5 lies outside \[0, 1\]"),
    (lambda: CLD().kernel(math.nan), r"t = nan lies outside \[0, 1\]"),
    (lambda: CLD().transition(0.5, 0.5), "s does not come before t in 1 of 1 pairs"),
    (
        lambda: CLD().transition(real(0.2, 0.6), real(0.3, 0.5)),
        "s does not come before t in 1 of 2 pairs",
    ),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_bad_input_is_refused_with_the_reason(case: int) -> None:
    make, message = BAD[case]
    with pytest.raises(InputError, match=message) as seen:
        make()
    assert "\n" not in str(seen.value)


def test_a_clock_is_a_schedule() -> None:
    init = inspect.unwrap(
        MDM.__init__
    )  # past the check of annotations, which tests switch on and users do not
    with pytest.raises(InputError, match="clock is a float: give a Schedule"):
        init(MDM.__new__(MDM), TURN, RUB, clock=4.0)


# ---------------------------------------- mistakes of the ancestors, one test each


@pytest.mark.parametrize("name", ["vp", "cld", "malda", "learned full"])
def test_ancestor_hybrid_kernel_zeroed_the_callers_state(name: str) -> None:
    p, shape = make(name), ((3, make(name).K, 2) if make(name).K > 1 else (3, 2))
    mine = {
        "x": randn((3, 2), seeded(0)),
        "y": randn(shape, seeded(1)),
        "s": real(0.1, 0.2, 0.3),
        "t": real(0.4, 0.5, 0.6),
    }
    kept = {n: v.clone() for n, v in mine.items()}
    x, y, s, t = mine.values()
    (
        p.marginal(x, t),
        p.posterior(x, y, s, t),
        p.prior_kl(x),
        p.observe(y, t),
        p.transition(s, t),
        coefficients(p, t),
        tail(p, y),
    )
    p.times(t), p.times(t, "noise")
    (
        denoiser(p, lambda z, γ: z)(y, 0.5),
        denoiser(p, lambda z, γ: z).score(y, 0.5),
        denoiser(p, lambda z, γ: tail(p, z), "noise").score(y, 0.5),
    )
    assert all(torch.equal(kept[n], v) for n, v in mine.items())


@pytest.mark.parametrize(
    "wrap", [lambda v: torch.tensor(v, dtype=F64), np.array], ids=["tensor", "array"]
)
def test_arguments_are_copied(wrap: Callable) -> None:
    mine = [
        wrap(v)
        for v in ([[0.0, -1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]], [1.0, 0.25], [0.0, 0.01])
    ]
    p = MDM(*mine)
    before = p.kernel(0.5).L.clone()
    for v in mine:
        v *= 0
    assert torch.equal(p.kernel(0.5).L, before)


def test_ancestor_weights_carried_one_minus_t_min() -> None:
    # 1 − t_min was 0.999: a bias of 1e-3, which exact times and a fine grid of u see
    t, share = MDM([[0.0]], [[0.5]], clock=Beta(0.1, 10.0, 1e-3)).times(
        (torch.arange(200_000, dtype=F64) + 0.5) / 200_000, "noise"
    )
    assert abs(share.mean() - 1) < 1e-4 and abs((share * t).mean() - 0.5) < 1e-4


@pytest.mark.parametrize("name", ["cld", "alda 111", "malda"])
def test_ancestor_proposal_was_that_of_vp_for_every_process(name: str) -> None:
    p, u = copy.deepcopy(make(name)), torch.rand(2000, generator=seeded(0), dtype=F64)
    p.clock = Beta(0.1, 10.0, 1e-3)

    def spread(q: MDM) -> tuple[float, float]:
        t, share = q.times(u, "noise")
        at = p.at(t)
        k, N = at.kernel, at.N
        value = share * (torch.linalg.inv(k.L) @ N @ torch.linalg.inv(k.L).mT).diagonal(
            dim1=-2, dim2=-1
        ).sum(-1)
        return value.mean().item(), value.std().item()

    mean, own = spread(p)
    _, foreign = spread(MDM([[0.0]], [[0.5]], clock=Beta(0.1, 10.0, 1e-3)))
    assert own < 0.02 * mean and own < 0.1 * foreign


def test_ancestor_time_density_must_include_the_clock() -> None:
    for p in (CLD(clock=Beta(0.1, 10.0, 1e-3)), MALDA(clock=Beta(0.1, 10.0, 1e-3))):
        t, share = p.times(torch.rand(50, generator=seeded(0), dtype=F64), "noise")
        t.requires_grad_()

        def F(t: Tensor, p: MDM = p) -> Tensor:
            return p.kernel(t).logdet - 2 * p.system()[0].trace() * p.tau(t)

        (density,) = torch.autograd.grad(F(t).sum(), t)
        assert (share * density / F(real(0, 1)).diff() - 1).abs().max() < 0.05


def test_ancestor_softplus_of_bbt_is_not_semidefinite() -> None:
    b = real(0, -3, -1)[:, None]
    assert torch.linalg.eigvalsh(softplus(b @ b.mT))[0] < -0.03
    for K in (3, 4, 6):
        raw = 2 * randn((20_000, K, K), seeded(K))
        assert (
            3e-4 < (torch.linalg.eigvalsh(softplus(raw @ raw.mT))[:, 0] < 0).double().mean() < 2e-2
        )
        for noise in ("full", "diagonal", "auxiliary"):
            ours = torch.stack([skew_and_noise(B, 20 * B, noise, 1e-3)[1] for B in raw[:50]])
            assert (torch.linalg.eigvalsh(ours)[:, 0] >= 0).all() and close(ours, ours.mT, 1e-15)


def test_ancestor_matrices_were_checked_at_the_start_only() -> None:
    for noise in ("full", "diagonal", "auxiliary"):
        p = LearnedMDM(3, noise, clock=clock(), generator=seeded(0))
        optimiser = torch.optim.SGD(p.parameters(), lr=2.0)
        for _ in range(5):
            optimiser.zero_grad()
            p.gamma(0.5).backward()
            optimiser.step()
        Q, D = p.matrices()
        assert (
            not torch.equal(Q, p.Q_0)
            and torch.linalg.eigvalsh(D)[0] > -1e-15
            and torch.equal(Q, -Q.mT)
            and abs(D.trace() - 1.5) < 1e-12
        )
        lyapunov.check_controllable(*p.system()), lyapunov.check_stable(p.system()[0])


def test_ancestor_scale_of_Q_and_D_drifted_with_the_clock() -> None:
    q, B = randn((2, 3, 3), seeded(0))
    for noise in ("full", "diagonal", "auxiliary"):
        Q, D = skew_and_noise(q, B, noise, 1e-3)
        assert abs(D.trace() - 1.5) < 1e-14
        one = kernel(*drift_and_noise(Q, D, eye(3)), real(0.1, 2))
        other = kernel(*drift_and_noise(9 * Q, 9 * D, eye(3)), real(0.1, 2) / 9)
        assert close(one.L, other.L, 1e-11) and close(
            one.Phi, other.Phi, 1e-12
        )  # what the gauge removes


def test_ancestor_kernels_were_single_precision() -> None:
    for p in (ALDA(), LearnedMDM(3, generator=seeded(0))):
        before = p.kernel(real(0.001, 0.5))
        for cast in (p.float(), p.half(), p.to(torch.bfloat16)):
            assert torch.equal(cast.kernel(real(0.001, 0.5)).L, before.L) and all(
                v.dtype == F64 for v in (*cast.parameters(), *cast.buffers())
            )


def test_ancestor_jitter_of_1e_4_replaced_the_kernel_of_alda() -> None:
    p = ALDA(
        g=1, xi=1, clock=Beta(0.1, 10.0, 1e-3)
    )  # the ancestor's Cholesky failed for a tenth of the times below 0.018
    k = p.kernel(torch.linspace(0, 0.018, 50, dtype=F64))
    assert (k.L.diagonal(dim1=-2, dim2=-1) > 0).all()
    τ = real(1e-4, 1e-3)
    sharp = kernel(*p.system(), τ).Sigma
    assert (
        sharp[:, 0, 0] / (2 * τ**5 / 20) - 1
    ).abs().max() < 1e-3  # noise integrated twice: variance 2 ∫ (s²/2)² ds, below any jitter


def test_ancestor_stabiliser_of_1e_9_was_the_noise_of_cld() -> None:
    p, τ = CLD(), 4 * real(1e-6, 1e-5, 1e-4, 1e-3)
    hybrid, sharp = kernel(*p.system(), τ, p.V0), kernel(*p.system(), τ)
    assert (
        abs(hybrid.Sigma[1, 0, 0] / 2.56e-10 - 1) < 0.01
        and abs(sharp.Sigma[1, 0, 0] / 6.83e-13 - 1) < 0.01
    )
    assert (1 / hybrid.L[:, 1, 1] / real(612, 193.7, 61.4, 19.94) - 1).abs().max() < 2e-3


def test_ancestor_hybrid_kernel_was_thought_to_bound_the_loss() -> None:
    cases = {
        MDM([[0]], [[0.5]]): (1, 1),
        CLD(): (4, 3),
        PSLD(0.25): (2, 1),
        MALDA(): (5, 3),
        ALDA(g=1, xi=1, clock=clock()): (9, 5),
    }
    for p, (sharp, hybrid) in cases.items():
        (A, N), τ = p.system(), real(1e-5)
        whiten = [torch.linalg.inv(k.L[0]) for k in (kernel(A, N, τ), kernel(A, N, τ, p.V0))]
        powers = [(τ * (M @ N @ M.mT).trace()).item() for M in whiten]
        assert abs(powers[0] - sharp) < 0.02 and abs(powers[1] - hybrid) < 0.02


def test_ancestor_start_used_the_stationary_variance() -> None:
    early = MALDA(M=2, V0=0.03, clock=Beta(0.1, 10.0))
    for p, V0 in ((CLD(M=2, V0=0.03), [0.03]), (early, [0.03, 0.03])):
        assert close(p.kernel(0.0).Sigma.diagonal()[1:], real(*V0), 5e-2)


def test_ancestor_prior_was_assumed_diagonal_and_of_unit_variance() -> None:
    y = CLD(M=0.25).prior((40_000, 1), seeded(0))[..., 0]
    assert (y.var(0) / real(1, 0.25) - 1).abs().max() < 5 * (2 / 40_000) ** 0.5
    tilted = MDM(TURN, RUB, [[1, 0.3], [0.3, 0.5]])
    late = kernel(*tilted.system(), 200.0, tilted.V0)
    assert close(late.Sigma, tilted.S, 1e-13)


def test_ancestor_prior_term_was_missing_or_sampled() -> None:
    p, x = PSLD(), randn((4, 3), seeded(0))
    k = p.kernel(1.0)
    M = p.S.diagonal()
    closed = 0.5 * (
        (k.Phi[:, 0] ** 2 / M).sum() * x**2
        + (k.Sigma.diagonal() / M).sum()
        - 2
        - k.logdet
        + M.log().sum()
    )
    assert close(p.prior_kl(x), closed.sum(1), 1e-9) and torch.equal(p.prior_kl(x), p.prior_kl(x))
    assert close(
        p.prior_kl(x), sum(p.prior_kl(x[:, d : d + 1]) for d in range(3)), 1e-12
    )  # grows with dimensions of the data, not with blocks


@pytest.mark.parametrize("name", ["cld", "psld", "alda", "malda", "full S"])
def test_ancestor_score_of_quiet_blocks_was_missing(name: str) -> None:
    p, y = make(name), randn((4, make(name).K, 1), seeded(0))
    k = p.kernel(0.6)
    truth = -torch.linalg.solve(k.Sigma + 0.25 * k.Phi[:, :1] @ k.Phi[:, :1].mT, y)
    assert close(denoiser(p, exact("v")).score(y, 0.6), truth, 1e-9)


@zoo
def test_ancestor_only_trailing_noise_enters_if_x_comes_first(p: MDM) -> None:
    at = p.at(0.5)
    k, N = at.kernel, at.N
    W = torch.linalg.solve_triangular(
        k.L, torch.linalg.solve_triangular(k.L, N, upper=False).mT, upper=False
    )
    quiet = p.K - p.heads
    assert (
        torch.equal(k.L, k.L.tril())
        and not W[:quiet].any()
        and not W[:, :quiet].any()
        and W[quiet, quiet] > 0
    )
    y = randn((2, p.K, 3) if p.K > 1 else (2, 3), seeded(0))
    assert torch.equal(tail(p, y), y if not quiet else y[:, -1] if p.heads == 1 else y[:, quiet:])


def test_ancestor_beta_had_four_meanings() -> None:
    t = torch.linspace(0, 1, 7, dtype=F64)
    slope = CLD(clock=Beta(0.1, 0.1 + 6.9))  # CLD's code: β_0 + β_1 t
    s = 1e-5 + (1 - 1e-5) * t
    assert close(slope.tau(t), 0.1 * s + 6.9 * s**2 / 2, 1e-12)
    cld = CLD(M=0.3, Gamma=0.7, clock=Beta(4.0))
    psld = PSLD(Gamma=0, nu=0.7 / 0.3, M=0.3, clock=Beta(8.0))
    assert close(cld.kernel(t).Phi, psld.kernel(t).Phi, 1e-13) and close(
        cld.kernel(t).L, psld.kernel(t).L, 1e-12
    )
    assert close(
        MDM([[0]], [[0.5]], clock=Beta(0.1, 20.0)).gamma(t), VP.song().gamma(t), 1e-12
    )  # VP: D = ½
    assert [p.tau(1.0).item() for p in (CLD(), PSLD(), MALDA(), ALDA())] == pytest.approx(
        [4, 8, 5.05, 5.05]
    )


def test_ancestor_mass_was_computed_from_the_friction() -> None:
    p = PSLD(
        Gamma=0.01, nu=1.0, M=0.7, clock=clock()
    )  # far from critical: their closed form would not hold
    A, _ = p.system()
    critical = torch.linalg.matrix_exp(A * 2)
    assert (
        p.S[1, 1] == 0.7
        and (kernel(*p.system(), 2.0).Phi - by_cayley_hamilton(A)[0]).abs().max() > 0.1
    )
    assert (kernel(*p.system(), 2.0).Phi - critical).abs().max() < 1e-13


def test_ancestor_alda_coupled_in_other_units() -> None:
    L, g, ξ = 2.0, 0.8, 3.0
    theirs = torch.tensor([[0, 1, 0], [-1 / L, 0, g * L], [0, -g * L, -ξ]], dtype=F64)
    assert close(ALDA(L, g=g * L, xi=ξ).system()[0], theirs, 1e-15)


def test_ancestor_matrix_exponentials_and_eigenvectors_are_not_used() -> None:
    for module in (mdm, lyapunov, process):
        source = inspect.getsource(module)
        assert (
            "matrix_exp" not in source
            and "linalg.eig(" not in source
            and "qr(" not in source.replace("linalg.qr(torch.cat", "")
        )
    p = ALDA(clock=clock())  # one Jordan block: there are no eigenvectors to use
    assert torch.linalg.cond(torch.linalg.eig(p.system()[0]).eigenvectors) > 1e6
    batch = p.kernel(real(0.2, 0.7)).L
    assert torch.allclose(
        batch, torch.stack([p.kernel(0.2).L, p.kernel(0.7).L]), rtol=1e-11, atol=1e-15
    )  # alone or in a batch


def test_ancestor_times_were_single_precision() -> None:
    for t in (1e-5, 1e-3, 0.3):
        single = torch.tensor(t, dtype=torch.float32)
        assert (
            torch.equal(CLD().kernel(single).L, CLD().kernel(single.double()).L)
            and CLD().tau(single).dtype == F64
        )


def test_ancestor_two_clocks_do_not_commute() -> None:
    Q, D, Sinv = torch.tensor(TURN, dtype=F64), torch.tensor(RUB, dtype=F64), real(1, 4).diag()
    one, two = (kernel(-(b * D + (2 - b) * Q) @ Sinv, 2 * b * D, 0.5) for b in (0.5, 1.5))
    both = kernel(-(D + Q) @ Sinv, 2 * D, 1.0)
    assert (two.Phi @ one.Phi - both.Phi).abs().max() > 0.5
    with torch.no_grad():
        p = CLD(
            clock=Monotone(-5.0, 1.0, hidden=8, generator=seeded(0))
        )  # one clock, of any shape, does
    assert close(p.transition(0.3, 0.8).Phi @ p.kernel(0.3).Phi, p.kernel(0.8).Phi, 1e-12)


def test_ancestor_signal_variance_was_taken_for_its_root() -> None:
    for p in (VP(), SubVP(), make("vp"), make("cld")):
        y = randn((3, p.K, 1), seeded(0)) if p.K > 1 else randn((3, 1), seeded(0))
        k = p.kernel(0.4)
        f, Σ = k.Phi[:, :1], k.Sigma
        truth = 0.25 * f.mT @ torch.linalg.solve(Σ + 0.25 * f @ f.mT, y.view(3, p.K, 1))
        assert close(denoiser(p, exact("eps"), "eps")(y, 0.4), truth[..., 0], 1e-9)


# What it starts from if it is given no clock


@pytest.mark.parametrize(("make", "rates"), [
    (ALDA, (0.1, 10.0)),
    (lambda: ALDA(g=1, xi=1), (0.1, 10.0)),
    (MALDA, (0.1, 10.0)),
    (lambda: MALDA(5, M=0.5, V0=0.1), (0.1, 10.0)),
    (lambda: LearnedMDM(4, "auxiliary", generator=seeded(0)), (0.1, 10.0)),
    (lambda: MDM(ALDA().Q_0, ALDA().D_0), (4.0, 4.0)),  # one of one's own
])
def test_a_clock_starts_where_a_network_in_single_precision_sees_the_noise(
    make: Callable[[], MDM], rates: tuple[float, float]
) -> None:
    p, whole = make(), Beta(*rates)
    assert abs(p.span[0] + 13.3) < 1e-6 and type(p.clock) is Beta
    assert (p.clock.beta_0, p.clock.beta_0 + p.clock.slope) == pytest.approx(rates)
    # the same pace, of which the start is left out: γ at the end, and the clock at a time of both
    assert abs(p.clock.gamma_max - whole.gamma_max) < 1e-12
    s = p.clock.start + (1 - p.clock.start) * 0.5
    t = real((s - whole.start) / (1 - whole.start))
    assert abs(whole(t) - p.clock(real(0.5))) < 1e-12
    early = copy.deepcopy(p)
    early._place(whole)
    assert early.span[0] < 2 * math.log(2.0**-23)


@pytest.mark.parametrize("p", [CLD(), PSLD(), MDM([[0]], [[0.5]]), LearnedMDM(generator=seeded(0))])
def test_a_clock_that_starts_late_enough_is_left_alone(p: MDM) -> None:
    assert p.clock.start == 1e-5 and p.span[0] > 2 * math.log(2.0**-23)


def test_a_process_that_never_forgets_so_much_keeps_its_clock() -> None:
    p = MDM(1e-4 * ALDA().Q_0, 1e-4 * ALDA().D_0)
    assert p.clock.start == 1e-5 and p.span[1] < -13.3
