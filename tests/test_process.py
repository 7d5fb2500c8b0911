"""Processes in one block and in several: every conclusion against a closed form."""

import copy
import math
import pickle
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import torch
from helpers import coefficients, pace_of, tail
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.linalg import solve_triangular

import mdm_nb
from mdm_nb.bounds.bound import bound
from mdm_nb.bounds.denoiser import NOISE_KINDS, Predict, denoiser
from mdm_nb.bounds.discretize import Discretization
from mdm_nb.contexts.adaptive import Adaptive
from mdm_nb.gaussians import chain, gaussian
from mdm_nb.gaussians.core import InputError, expand, randn, seeded
from mdm_nb.gaussians.gaussian import Gaussian, Kernel
from mdm_nb.gaussians.score import KINDS, alpha_sigma, target
from mdm_nb.models.adapters import Tabulated
from mdm_nb.models.encoded import Encoded
from mdm_nb.models.encoder import Encoder
from mdm_nb.models.network import EncoderUNet
from mdm_nb.processes.linear import MDM
from mdm_nb.processes.lyapunov import mix
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VE, VP, Scalar, SubVP
from mdm_nb.processes.schedule import Beta, Cosine, Custom, Linear, Monotone, Schedule
from mdm_nb.processes.zoo import ALDA, CLD, MALDA, PSLD

SCHEDULES = [
    Linear(),
    Cosine(),
    Custom(lambda t: -8 + 6 * t + 6 * t**3),
    Monotone(hidden=8, generator=seeded(0)),
    Linear(-30.0, 30.0),
]
schedules = pytest.mark.parametrize(
    "schedule", SCHEDULES, ids=["linear", "cosine", "custom", "monotone", "extreme"]
)
units = pytest.mark.parametrize("unit", [VP, VE, SubVP])
times = st.lists(st.floats(0, 1), min_size=3, max_size=3, unique=True).map(sorted)
quick = settings(deadline=None, max_examples=10)


def close(a: Tensor, b: Tensor, rtol: float) -> bool:
    return torch.allclose(a, b, rtol=rtol, atol=0)


def plain(k: Kernel) -> tuple[Tensor, Tensor]:
    return k.Phi[..., 0, 0], k.Sigma[..., 0, 0]


def grid(n: int = 11) -> Tensor:
    return torch.linspace(0, 1, n, dtype=torch.float64)


# Weights


def weights(unit: type[Scalar], g: float) -> tuple[float, float]:
    """α and σ at noise level g, with forty digits from the definition of the unit."""
    with mpmath.workdps(60):
        e = mpmath.exp(mpmath.mpf(g))
        alpha = {
            VP: 1 / mpmath.sqrt(1 + e),
            VE: mpmath.mpf(1),
            SubVP: (mpmath.sqrt(e + 4) - mpmath.sqrt(e)) / 2,
        }[unit]
        return float(alpha), float(alpha * mpmath.sqrt(e))


@units
@quick
@given(st.floats(-60, 60))
def test_weights_keep_their_digits(unit: type[Scalar], g: float) -> None:
    k = unit(Linear(g, g + 1)).kernel(0.0)
    for found, exact in zip((k.Phi.item(), k.L.item()), weights(unit, g), strict=True):
        assert abs(found / exact - 1) < 1e-13
    assert abs(k.gamma - g) < 1e-12


def test_the_plain_root_of_sub_vp_is_zero_far_out() -> None:
    u = torch.tensor(0.5 * math.exp(20), dtype=torch.float64)
    assert ((1 + u**2).sqrt() - u).item() == 0 and SubVP(Linear(0.0, 40.0)).kernel(
        1.0
    ).Phi.item() > 2e-9


@units
def test_scale_is_differentiated_rightly(unit: type[Scalar]) -> None:
    g, h = torch.linspace(-20, 20, 41, dtype=torch.float64), 1e-5
    difference = (unit().scale(g + h)[0] - unit().scale(g - h)[0]) / (2 * h)
    assert torch.allclose(unit().scale(g)[1], difference, rtol=1e-7, atol=1e-10)


def test_all_units_share_the_noise_level() -> None:
    found = [pace_of(p(Cosine()), grid()) for p in (VP, VE, SubVP)]
    assert all(
        torch.equal(a, b) for rates in found[1:] for a, b in zip(rates, found[0], strict=True)
    )
    for unit in (VP, VE, SubVP):
        assert torch.allclose(unit(Cosine()).kernel(grid()).gamma, found[0][0], rtol=0, atol=1e-13)


# Transitions and posteriors


@units
@schedules
@quick
@given(times)
@torch.no_grad()
def test_transitions_compose(unit: type[Scalar], schedule: Schedule, rst: list[float]) -> None:
    r, s, t = rst
    (a_rs, v_rs), (a_st, v_st), (a_rt, v_rt) = (
        plain(unit(schedule).transition(*p)) for p in ((r, s), (s, t), (r, t))
    )
    assume(min(s - r, t - s) > 1e-6)
    assert close(a_rs * a_st, a_rt, 1e-13) and close(a_st**2 * v_rs + v_st, v_rt, 1e-9)


@units
@schedules
@quick
@given(times)
@torch.no_grad()
def test_transition_takes_marginal_to_marginal(
    unit: type[Scalar], schedule: Schedule, rst: list[float]
) -> None:
    s, _, t = rst
    process, x = unit(schedule), torch.ones(1, 1)
    (m_s, s_s), (m_t, s_t) = process.marginal(x, s), process.marginal(x, t)
    a, v = plain(process.transition(s, t))
    assert close(a * m_s, m_t, 1e-14) and close(a**2 * s_s**2 + v, s_t**2, 1e-12)


@units
@quick
@given(st.floats(-40, 40), st.floats(1e-9, 20))
def test_transition_variance_keeps_its_digits(unit: type[Scalar], low: float, gap: float) -> None:
    assume(low + gap > low)
    process = unit(Linear(low, low + gap))
    a, v = plain(process.transition(0.0, 1.0))
    g_s, g_t = process.gamma(0.0).item(), process.gamma(1.0).item()
    with mpmath.workdps(60):
        share = float(-mpmath.expm1(mpmath.mpf(g_s) - mpmath.mpf(g_t)))
    (a_s, _), (a_t, s_t) = weights(unit, g_s), weights(unit, g_t)
    assert abs(v.item() / (s_t**2 * share) - 1) < 1e-13 and abs(a.item() / (a_t / a_s) - 1) < 1e-13


def test_the_plain_forms_fail_where_ours_does_not() -> None:
    g_s, g_t = VP().gamma(torch.tensor([0.0, 1e-3], dtype=torch.float64))
    exact = VP().transition(0.0, 1e-3).Sigma.item()
    single = 1 - (g_t.neg().sigmoid() / g_s.neg().sigmoid()).float().item()
    assert abs(single / exact - 1) > 0.5
    assert (1 - torch.tensor(20.0).sigmoid()).item() == 0 and torch.tensor(
        -20.0
    ).sigmoid().item() > 2e-9


@schedules
@quick
@given(rst=times, seed=st.integers(0, 1000))
@torch.no_grad()
def test_four_forms_of_the_posterior_mean(schedule: Schedule, rst: list[float], seed: int) -> None:
    s, _, t = rst
    process, x, eps = VP(schedule), randn((3,), seeded(seed)), randn((3,), seeded(seed + 1))
    mean, std = process.marginal(x, t)
    z_t = mean + std * eps
    mu, sd = process.posterior(x, z_t, s, t)
    g_s, g_t = process.gamma(s), process.gamma(t)
    a_s, s_s = alpha_sigma(g_s)
    a_t, s_t = alpha_sigma(g_t)
    a, v = plain(process.transition(s, t))
    forms = [
        a * s_s**2 / s_t**2 * z_t + a_s * v / s_t**2 * x,
        a_s / a_t * (g_s - g_t).exp() * z_t - a_s * torch.expm1(g_s - g_t) * x,
        a_s * x + s_s * ((g_s - g_t) / 2).exp() * eps,
        a_s / a_t * (z_t + s_t * torch.expm1(g_s - g_t) * eps),
    ]
    size = 1 + (a_s / a_t).item()  # the last form subtracts numbers of this size
    for form in forms[:3]:
        assert torch.allclose(form, mu, rtol=0, atol=4e-15)
    assert torch.allclose(forms[3], mu, rtol=0, atol=4e-15 * size)
    assert torch.allclose(sd**2, v * s_s**2 / s_t**2, rtol=1e-13, atol=0)


@units
@pytest.mark.parametrize("schedule", SCHEDULES[:4])
@torch.no_grad()
def test_agreement_with_general_gaussian_conditioning(
    unit: type[Scalar], schedule: Schedule
) -> None:
    process, s, t = (
        unit(schedule),
        torch.tensor([0.1, 0.4, 0.6, 0.9]),
        torch.tensor([0.2, 0.7, 0.65, 1.0]),
    )
    at_s, at_t = process.kernel(s), process.kernel(t)
    links = at_s, at_t
    x, z = randn((4, 1), seeded(0)), randn((4, 1), seeded(1))
    forward, back = chain.transition(*links), chain.reverse_transition(*links, x, z)
    a, v = plain(process.transition(s, t))
    mu, sd = process.posterior(x, z, s, t)
    assert close(forward.Phi.flatten(), a, 1e-12) and close(forward.Sigma.flatten(), v, 1e-9)
    assert torch.allclose(back.mean, mu, rtol=0, atol=1e-11) and close(
        back.cov[..., 0], sd**2, 1e-9
    )


@units
@schedules
@torch.no_grad()
def test_one_block_is_a_case_of_the_general_posterior(
    unit: type[Scalar], schedule: Schedule
) -> None:
    """`Process.bridge` decomposes what `Scalar.bridge` writes down, in steps of any length."""
    process, s = unit(schedule), torch.rand(40, generator=seeded(0), dtype=torch.float64) * 0.9
    t = s + torch.logspace(-8, -1, 40, dtype=torch.float64)
    general, special = Process.bridge(process, s, t), process.bridge(s, t)
    assert close(general.fresh, special.fresh, 1e-12) and close(general.c, special.c, 1e-12)
    assert torch.allclose(general.U * general.V, torch.ones(40, 1, 1).double(), rtol=1e-12)

    class Plain(unit):
        bridge = Process.bridge

    x, y = randn((40, 3), seeded(1)), randn((40, 3), seeded(2))
    for a, b in zip(
        Plain(schedule).posterior(x, y, s, t), process.posterior(x, y, s, t), strict=True
    ):
        assert torch.allclose(a, b, rtol=1e-12, atol=1e-13)


def test_vp_is_the_recipe_with_one_block() -> None:
    """MDM with D = 1/2 knows nothing of γ; its answers are those of `VP` on the same clock."""
    clock = Beta(0.1, 20.0)
    recipe, vp = MDM([[0.0]], [[0.5]], V0=[0.0], clock=clock), VP.song()
    t, s, x, y = grid(9)[1:], grid(9)[:-1], randn((8, 3), seeded(0)), randn((8, 3), seeded(1))
    for a, b in zip(coefficients(recipe, t), coefficients(vp, t), strict=True):
        if isinstance(a, Tensor):
            assert close(a, b, 1e-11)
        else:
            assert close(a.Phi, b.Phi, 1e-12) and close(a.L, b.L, 1e-12)
    assert close(recipe.transition(s, t).Phi, vp.transition(s, t).Phi, 1e-12) and close(
        recipe.transition(s, t).L, vp.transition(s, t).L, 1e-12
    )
    for a, b in zip(recipe.posterior(x, y, s, t), vp.posterior(x, y, s, t), strict=True):
        assert torch.allclose(a, b, rtol=1e-12, atol=1e-14)
    assert torch.allclose(recipe.gamma(t), vp.gamma(t), rtol=0, atol=1e-12) and close(
        recipe.at(t).rate, vp.at(t).rate, 1e-11
    )
    assert torch.allclose(recipe.prior_kl(x), vp.prior_kl(x), rtol=1e-9, atol=1e-13)
    for a, b in zip(recipe.observe(y, t), vp.observe(y, t), strict=True):
        assert torch.allclose(a, b, rtol=1e-11, atol=1e-12)


def test_posterior_of_samples() -> None:
    """Draw z_s then z_t; regressing z_s on z_t must give the posterior."""
    process, x, n = SubVP(Linear(-4.0, 3.0)), torch.tensor([[0.6]]), 50_000
    mean, std = process.marginal(x.expand(n, 1), 0.4)
    z_s = mean + std * randn((n, 1), seeded(0))
    a, v = plain(process.transition(0.4, 0.7))
    z_t = a * z_s + v.sqrt() * randn((n, 1), seeded(1))
    mu, sd = process.posterior(x.expand(n, 1), z_t, 0.4, 0.7)
    r = ((z_s - mu) / sd).flatten()
    assert abs(r.mean()) < 5 / n**0.5 and abs(r.square().mean() - 1) < 5 * (2 / n) ** 0.5
    assert abs((r * z_t.flatten()).mean()) < 5 * z_t.std() / n**0.5


@units
def test_no_step_at_all(unit: type[Scalar]) -> None:
    x, z = torch.zeros(2, 3), torch.ones(2, 3)
    step, (mu, sd) = unit().transition(0.5, 0.5), unit().posterior(x, z, 0.5, 0.5)
    assert (
        step.Phi == 1
        and step.L == 0
        and torch.allclose(mu, z.double(), rtol=0, atol=1e-15)
        and sd == 0
    )


# The canonical correlations of K blocks


@torch.no_grad()
def exact_posterior(process: MDM, s: float, t: float) -> mpmath.matrix:
    """The covariance of y_s given y_t and x, with eighty digits, by the block exponential."""
    A, N = (mpmath.matrix(M.tolist()) for M in process.system())
    K = process.K
    tau_s = mpmath.mpf(process.tau(s).item())
    tau_t = mpmath.mpf(process.tau(t).item())

    def law(tau: mpmath.mpf) -> tuple[mpmath.matrix, mpmath.matrix]:
        block = mpmath.zeros(2 * K)
        for i in range(K):
            for j in range(K):
                block[i, j], block[i, K + j], block[K + i, K + j] = (
                    A[i, j] * tau,
                    N[i, j] * tau,
                    -A[j, i] * tau,
                )
        F = mpmath.expm(block, method="taylor")
        return F[:K, :K], F[:K, K:] * F[:K, :K].T

    (Phi_s, S_s), (Phi, S_st) = law(tau_s), law(tau_t - tau_s)
    S_s = S_s + Phi_s * mpmath.diag([mpmath.mpf(v) for v in process.V0.tolist()]) * Phi_s.T
    gain = S_s * Phi.T * (Phi * S_s * Phi.T + S_st) ** -1
    return S_s - gain * Phi * S_s


@pytest.mark.parametrize(
    ("process", "tolerance"),
    [(CLD(), 1e-12), (PSLD(), 1e-12), (ALDA(), 1e-6)],
    ids=["CLD", "PSLD", "ALDA"],
)
@pytest.mark.parametrize(("s", "t"), [(0.5, 0.5001), (0.9, 0.901), (0.0, 1e-3), (0.2, 0.7)])
@torch.no_grad()
def test_posteriors_of_blocks_keep_their_digits_in_short_steps(
    process: MDM, tolerance: float, s: float, t: float
) -> None:
    """In whitened form, where 1 − c² from the correlations themselves has no digit left."""
    _, F = process.posterior(torch.zeros(1, 1), torch.zeros(1, process.K, 1), s, t)
    with mpmath.workdps(80):
        whitened = mpmath.cholesky(exact_posterior(process, s, t)) ** -1 * mpmath.matrix(F.tolist())
        error = whitened * whitened.T - mpmath.eye(process.K)
        assert max(abs(e) for e in error) < tolerance


def test_the_obvious_way_loses_the_smallest_share() -> None:
    process = ALDA()
    b = process.bridge(0.5, 0.5001)
    M = solve_triangular(b.at_t.L, process.transition(0.5, 0.5001).Phi @ b.at_s.L, upper=False)
    obvious = (1 - torch.linalg.svdvals(M).square()).clamp_min(0).sqrt()
    assert abs(obvious.min() / b.fresh.min() - 1) > 0.5


@pytest.mark.parametrize(
    "process", [CLD(), PSLD(), ALDA(), MALDA(), VE()], ids=["CLD", "PSLD", "ALDA", "MALDA", "VE"]
)
@torch.no_grad()
def test_a_bridge_is_a_decomposition_of_the_correlations(process: Process) -> None:
    s, t = (
        torch.tensor([0.0, 0.1, 0.5, 0.2], dtype=torch.float64),
        torch.tensor([1.0, 0.2, 0.51, 0.9], dtype=torch.float64),
    )
    b, eye = process.bridge(s, t), torch.eye(process.K, dtype=torch.float64)
    assert torch.allclose(
        b.U @ b.U.mT, eye.expand(4, -1, -1), rtol=0, atol=1e-13
    ) and torch.allclose(b.V @ b.V.mT, eye.expand(4, -1, -1), rtol=0, atol=1e-9)
    assert (
        torch.allclose(b.c**2 + b.fresh**2, torch.ones(4, process.K).double(), rtol=0, atol=1e-14)
        and (b.c >= 0).all()
    )
    M = solve_triangular(b.at_t.L, process.transition(s, t).Phi @ b.at_s.L, upper=False)
    assert torch.allclose((b.V * b.c[..., None, :]) @ b.U.mT, M, rtol=0, atol=1e-9)


# The equation


@units
@pytest.mark.parametrize("schedule", SCHEDULES[:4])
@torch.no_grad()
def test_sde_and_kernel_belong_together(unit: type[Scalar], schedule: Schedule) -> None:
    """Phi' = A Phi and Σ' = A Σ + Σ Aᵀ + N, by central differences."""
    process, t, h = unit(schedule), grid(21)[1:-1], 1e-5
    k, A, N = coefficients(process, t)
    ahead = process.kernel(t + h)
    behind = process.kernel(t - h)
    assert torch.allclose((ahead.Phi - behind.Phi) / (2 * h), A @ k.Phi, rtol=1e-6, atol=1e-9)
    assert (
        close((ahead.Sigma - behind.Sigma) / (2 * h), A @ k.Sigma + k.Sigma @ A.mT + N, 1e-6)
        and (N > 0).all()
    )


@units
@torch.no_grad()
def test_small_steps_follow_the_sde(unit: type[Scalar]) -> None:
    """Phi_{t|s} = 1 + A h and σ²_{t|s} = N h up to O(h²)."""
    for schedule in SCHEDULES[:4]:
        process = unit(schedule)
        at = process.at(0.6)
        A, N = at.A, at.N
        errors = []
        for h in (2e-3, 1e-3):
            a, v = plain(process.transition(0.6, 0.6 + h))
            errors.append((abs(a - 1 - A * h).item(), abs(v - N * h).item()))
        for coarse, fine in zip(*errors, strict=True):
            assert coarse == fine == 0 or 3.5 < coarse / fine < 4.5


class OnlyLaw(Process):
    """A process that brings its law and nothing else, so that the rest is computed in general."""

    K = 1

    def __init__(self, like: Scalar) -> None:
        super().__init__()
        self.like, self.prior_factor = like, torch.ones(1, 1).double()

    def law(self, t: Tensor) -> tuple[Kernel, Tensor, Tensor]:
        """That of another."""
        return coefficients(self.like, t)


@units
@schedules
@torch.no_grad()
def test_the_general_rate_is_that_of_the_schedule(unit: type[Scalar], schedule: Schedule) -> None:
    at, general = unit(schedule).at(grid()), OnlyLaw(unit(schedule)).at(grid())
    assert torch.allclose(general.gamma, at.gamma, rtol=1e-12, atol=1e-13)
    assert torch.allclose(general.rate, at.rate, rtol=1e-12, atol=1e-13)


def test_the_drift_cannot_touch_what_is_known() -> None:
    """Given the same law of the state, information is lost at a rate that N alone sets."""
    process = CLD()
    at = process.at(0.3)
    k, A, N = at.kernel, at.A, at.N
    h = 1e-6
    snr = lambda t: process.gamma(t).neg().exp()
    loss = (
        solve_triangular(k.L.mT, k.gain, upper=True).mT
        @ N
        @ solve_triangular(k.L.mT, k.gain, upper=True)
    ).item()
    assert abs((snr(0.3 + h) - snr(0.3 - h)).item() / (2 * h) / -loss - 1) < 1e-6
    assert (
        abs(process.at(0.3).rate.item() - loss * process.gamma(0.3).exp().item()) < 1e-10 * loss
        and A.abs().max() > 1
    )


# The classical constants


def paper_time(beta_0: float, beta_1: float, start: float) -> tuple[Tensor, Tensor, float]:
    s = start + (1 - start) * grid()
    return beta_0 + (beta_1 - beta_0) * s, beta_0 * s + (beta_1 - beta_0) * s**2 / 2, 1 - start


@pytest.mark.parametrize(
    ("beta_0", "beta_1", "start"), [(0.1, 20.0, 1e-5), (0.1, 10.0, 1e-3), (8.0, 8.0, 1e-4)]
)
def test_song_vp_and_sub_vp(beta_0: float, beta_1: float, start: float) -> None:
    beta, tau, pace = paper_time(beta_0, beta_1, start)
    keep, lost = (-tau / 2).exp(), -(-tau).expm1()
    expected = {
        VP: (keep, lost.sqrt(), -beta / 2, beta),
        SubVP: (keep, lost, -beta / 2, -beta * (-2 * tau).expm1()),
    }  # σ of sub-VP is no square root
    for unit, closed in expected.items():
        at = unit.song(beta_0, beta_1, start).at(grid())
        k, A, N = at.kernel, at.A, at.N
        for found, exact in zip((k.Phi, k.L, A / pace, N / pace), closed, strict=True):
            assert close(found.flatten(), exact, 1e-11)


def test_song_ve() -> None:
    process, sigma = VE.song(0.01, 50.0), 0.01 * 5000 ** grid()
    at = process.at(grid())
    k, A, N = at.kernel, at.A, at.N
    assert (
        (k.Phi == 1).all()
        and (A == 0).all()
        and close(k.L.flatten(), sigma, 1e-13)
        and close(N.flatten(), 2 * math.log(5000) * sigma**2, 1e-12)
    )
    a, v = plain(process.transition(torch.zeros(10), grid()[1:]))
    assert (a == 1).all() and close(
        v, sigma[1:] ** 2 - 1e-4, 1e-12
    )  # what is added to z_0, not the variance given x
    assert abs(process.prior_factor.item() - 50) < 1e-12


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (1.0, 1.0), (math.nan, 1.0), (1.0, math.inf)],
)
def test_bad_constants(low: float, high: float) -> None:
    with pytest.raises(InputError, match="positive numbers that increase"):
        VE.song(low, high)


def test_default_constants() -> None:
    assert (
        abs(VP.song().span[0] + 13.8145) < 1e-3
        and abs(SubVP.song().span[0] + 27.629) < 1e-3
        and abs(VE.song().span[1] - 2 * math.log(50)) < 1e-12
    )


# The prior


def test_numbers_of_the_prior_term() -> None:
    x = torch.tensor([0.0, 0.25, 0.9], dtype=torch.float64).sqrt()[:, None].expand(3, 11)
    bits = VP().prior_kl(x) / (11 * math.log(2))
    assert (
        abs(bits[0] - 1.6229e-5) < 1e-9
        and abs(bits[1] - 1.22320e-3) < 1e-8
        and abs(bits[2] - 4.36e-3) < 1e-5
    )


@units
@quick
@given(st.floats(-30, 30), st.floats(-2, 2))
def test_prior_kl_is_the_gaussian_kl(unit: type[Scalar], gamma_1: float, x: float) -> None:
    process = unit(Linear(-40.0, gamma_1))
    value = process.prior_kl(torch.tensor([[x]], dtype=torch.float64)).item()
    alpha, variance = (v[None] for v in plain(process.kernel(1.0)))
    exact = gaussian.kl(
        Gaussian(alpha * x, variance[None]), Gaussian(torch.zeros(1), process.prior_factor**2)
    ).item()
    assert math.isclose(value, exact, rel_tol=1e-6, abs_tol=1e-12)


@pytest.mark.parametrize(
    "process",
    [
        CLD(clock=Beta(1.0)),
        PSLD(clock=Beta(2.0)),
        ALDA(L=0.5, clock=Beta(2.0)),
        MDM([[0, -1], [1, 0]], [[0.3, 0.1], [0.1, 0.9]], [[1, 0.3], [0.3, 2]]),
    ],
    ids=["CLD", "PSLD", "ALDA", "full S"],
)
def test_prior_kl_of_blocks_is_the_gaussian_kl(process: MDM) -> None:
    x, k = randn((3, 2), seeded(0)), process.kernel(1.0)
    prior = Gaussian(torch.zeros(process.K, dtype=torch.float64), process.S)
    exact = sum(
        gaussian.kl(Gaussian(x[:, i, None] * k.Phi[:, 0], k.Sigma), prior) for i in range(2)
    )
    assert close(process.prior_kl(x), exact, 1e-9) and (process.prior_kl(x) > 0).all()


def test_prior_kl_far_out() -> None:
    x = torch.zeros(1, 1)
    assert math.isclose(VP(Linear(-90.0, -80.0)).prior_kl(x).item(), 0.5 * (80 - 1), rel_tol=1e-12)


def test_the_prior_of_ve_is_as_wide_as_its_state() -> None:
    x = randn((4, 3), seeded(0))
    assert close(VE().prior_kl(x), 0.5 * math.exp(-5) * x.square().sum(1), 1e-12)
    learned = VE(Linear(-5.0, 3.0, learned=True))
    with torch.no_grad():
        learned.schedule.ends[1] += 2.0
    assert (
        abs(learned.prior_factor.item() - math.exp(1.5)) < 1e-12
        and not learned.prior_factor.requires_grad
    )  # fixed when it was built
    wide = math.exp(2.0)  # σ²/S
    assert close(
        learned.prior_kl(x), 0.5 * (math.exp(-3) * x.square() + wide - 1 - 2.0).sum(1), 1e-12
    )


@units
def test_priors_are_normal_and_repeat(unit: type[Scalar]) -> None:
    process = unit(Linear(-5.0, 4.0))
    y, width = process.prior((20_000, 2), seeded(0)), process.prior_factor.item()
    assert (
        width == (1.0 if unit is not VE else math.exp(2.0))
        and y.dtype == torch.float64
        and torch.equal(y, process.prior((20_000, 2), seeded(0)))
    )
    assert (y.mean(0).abs() < 5 * width / 20_000**0.5).all() and (
        (y.square().mean(0) / width**2 - 1).abs() < 5 * (2 / 20_000) ** 0.5
    ).all()


# One bound in three units


def step_cost(
    process: Process, x: Tensor, x_hat: Tensor, y: Tensor, s: Tensor, t: Tensor
) -> Tensor:
    (mu, std), (mu_hat, _) = (process.posterior(guess, y, s, t) for guess in (x, x_hat))
    return ((mu - mu_hat) / std).square().sum(1) / 2


@units
@quick
@given(st.integers(0, 10_000))
def test_a_step_costs_half_the_difference_of_snr(unit: type[Scalar], seed: int) -> None:
    g = seeded(seed)
    x = randn((5, 3), g)
    x_hat = randn((5, 3), g)
    y = randn((5, 3), g)
    t = torch.rand(5, generator=g, dtype=torch.float64) * 0.9 + 0.05
    s = t * torch.rand(5, generator=g, dtype=torch.float64) * 0.9
    process = unit()
    expected = (
        0.5
        * (process.gamma(s).neg().exp() - process.gamma(t).neg().exp())
        * (x - x_hat).square().sum(1)
    )
    assert close(step_cost(process, x, x_hat, y, s, t), expected, 1e-8)


@pytest.mark.parametrize("T", [None, 7])
def test_bounds_differ_in_the_prior_alone(T: int | None) -> None:
    data = torch.randint(0, 8, (16, 4), generator=seeded(0))
    schedule, levels = Cosine(-6.0, 4.0), Discretization(8)

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        return 0.3 * z + 0.1 * gamma[:, None].sin()

    bounds = [
        bound(denoiser(unit(schedule), predict), data, levels, T=T, generator=seeded(1))
        for unit in (VP, VE, SubVP)
    ]
    for b in bounds[1:]:
        assert torch.allclose(
            b.parts["diffusion"], bounds[0].parts["diffusion"], rtol=1e-12
        ) and torch.allclose(
            b.parts["reconstruction"], bounds[0].parts["reconstruction"], rtol=1e-12
        )
        assert (b.parts["prior"] != bounds[0].parts["prior"]).all()


# What the state says about x

ZOO = {
    "VP": VP(),
    "VE": VE(),
    "SubVP": SubVP(),
    "VE.song": VE.song(),
    "CLD": CLD(),
    "PSLD": PSLD(),
    "ALDA": ALDA(),
    "MALDA": MALDA(),
}
zoo = pytest.mark.parametrize("process", ZOO.values(), ids=ZOO.keys())


@zoo
def test_observation_is_the_best_one_block_statistic(process: Process) -> None:
    """z = α x + σ ξ: the reader passes α of x, and noise of variance σ²."""
    t, K = grid(6)[1:], process.K
    one = torch.eye(K, dtype=torch.float64)
    state = lambda block: (one[block].view(1, K, 1) if K > 1 else one[block].view(1, 1)).expand(
        5, *([K] if K > 1 else []), 1
    )
    reader = torch.stack([process.observe(state(j), t)[0][:, 0] for j in range(K)], 1)[:, None]
    k, (alpha, sigma) = process.kernel(t), alpha_sigma(process.gamma(t))
    assert close((reader @ k.Phi[..., :1]).flatten(), alpha, 1e-9) and close(
        (reader @ k.Sigma @ reader.mT).flatten(), sigma**2, 1e-9
    )


def test_all_units_show_the_network_the_same() -> None:
    x, eps = randn((6, 2, 3), seeded(0)), randn((6, 2, 3), seeded(1))
    seen = []
    for unit in (VP, VE, SubVP):
        mean, std = unit().marginal(x, grid(6))
        z, gamma = unit().observe(mean + std * eps, grid(6))
        assert torch.allclose(gamma, unit().gamma(grid(6)), rtol=0, atol=1e-13)
        seen.append(z)
    alpha, sigma = (expand(c, x) for c in alpha_sigma(VP().gamma(grid(6))))
    for z in seen:
        assert torch.allclose(z, alpha * x + sigma * eps, rtol=1e-12, atol=1e-13)


C2 = 0.3


def best(kind: str) -> Predict:
    """The best prediction for data N(0, 0.3), of one block of unit scale."""

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        assert gamma.shape == z.shape[:1]
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        x_hat = C2 * alpha * z / (C2 * alpha**2 + sigma**2)
        return target(x_hat, (z - alpha * x_hat) / sigma, gamma, kind)

    return predict


def truth(process: Process, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """E[x|y], the score of y and E[ε|y], from the law of (x, y) by plain inversion."""
    k = process.kernel(t)
    f, states = k.Phi[..., :1], y if process.K > 1 else y[:, None]
    inverse = torch.linalg.inv(C2 * f @ f.mT + k.Sigma)
    x_hat = C2 * (f.mT @ inverse @ states)[:, 0]
    noise = torch.linalg.inv(k.L) @ (states - f * x_hat[:, None])
    shape = (lambda v: v) if process.K > 1 else (lambda v: v[:, 0])
    return x_hat, shape(-inverse @ states), shape(noise)


@zoo
@pytest.mark.parametrize("kind", NOISE_KINDS)
@pytest.mark.parametrize("one_time", [False, True])
@torch.no_grad()
def test_every_kind_leads_to_the_true_score(process: Process, kind: str, one_time: bool) -> None:
    t = torch.tensor(0.4).double() if one_time else torch.tensor([0.2, 0.5, 0.8, 1.0]).double()
    y = randn((4, process.K, 3) if process.K > 1 else (4, 3), seeded(0))
    y = mix(process.kernel(t).L, y)
    x_hat, score, noise = truth(process, y, t.expand(4))
    predict = (lambda y, gamma: tail(process, noise)) if kind == "noise" else best(kind)
    found = denoiser(process, predict, kind).score(y, t)
    reads = (
        coefficients(process, 0.5)[2].diagonal() > 0
        if kind == "noise"
        else torch.ones(process.K, dtype=torch.bool)
    )
    if process.K > 1:
        found, score = found[:, reads], score[:, reads]
    assert torch.allclose(found, score, rtol=1e-6, atol=1e-7 * score.abs().max())
    if kind != "noise" or process.heads == process.K:
        assert torch.allclose(denoiser(process, predict, kind)(y, t), x_hat, rtol=1e-7, atol=1e-8)


@zoo
@torch.no_grad()
def test_backwards_the_marginals_do_not_depend_on_the_noise(process: Process) -> None:
    """Backwards C changes by BC + CBᵀ − r²N, which must be AC + CAᵀ + N, as forwards."""
    t, K = torch.tensor([0.3, 0.6, 0.9]).double(), process.K
    at = process.at(t)
    k, A, N = at.kernel, at.A, at.N
    C = C2 * k.Phi[..., :1] @ k.Phi[..., :1].mT + k.Sigma
    y = torch.eye(K, dtype=torch.float64).repeat(3, 1).view(3 * K, *[K] * (K > 1), 1)
    forwards = A @ C + C @ A.mT + N
    for noise in (0.0, 0.5, 1.0, 2.0):
        drift = denoiser(process, best("v")).drift(y, t.repeat_interleave(K), noise)
        B = drift.view(3, K, K).mT
        assert torch.allclose(
            B @ C + C @ B.mT - noise**2 * N, forwards, rtol=1e-7, atol=1e-8 * float(N.abs().max())
        )
        if noise == 1:
            assert torch.equal(drift, denoiser(process, best("v")).drift(y, t.repeat_interleave(K)))


@zoo
def test_what_no_encoder_moves(process: Process) -> None:
    x, block = torch.ones(2, 3), [process.K] if process.K > 1 else []
    assert process.signal(x, 0.3).dtype == torch.float64 and torch.equal(
        process.signal(x, 0.3), x.double()
    )
    assert torch.equal(process.carry(x, 0.1, 0.7), x)
    assert process.state_shape((2, 3)) == (2, *block, 3) == tuple(process.prior((2, 3)).shape)


def test_tails() -> None:
    y = randn((2, 3, 5), seeded(0))
    assert (
        torch.equal(tail(ALDA(), y), y[:, 2])
        and torch.equal(tail(MALDA(), y), y[:, 1:])
        and torch.equal(tail(VP(), y), y)
    )
    assert (
        torch.equal(tail(PSLD(), y[:, :2]), y[:, :2])
        and NOISE_KINDS == (*KINDS, "noise")
        and VP.K == VP().heads == 1
    )


def test_a_kind_that_is_none() -> None:
    with pytest.raises(InputError, match="velocity"):
        denoiser(VE(), best("v"), "velocity")(torch.zeros(2, 3), 0.5)


# Which time


@zoo
@torch.no_grad()
def test_time_is_the_inverse_of_gamma(process: Process) -> None:
    at = process.at(grid(9))
    gamma, speed = at.gamma, at.rate
    back = process.time(gamma)
    assert back.shape == gamma.shape and ((back - grid(9)).abs() <= 1e-13 + 1e-12 / speed).all()
    assert abs(process.time(float(gamma[4])) - 0.5) < 1e-9


def test_time_of_every_schedule() -> None:
    for schedule in SCHEDULES[:4]:
        assert (VE(schedule).time(schedule(grid())) - grid()).abs().max() < 1e-13


@pytest.mark.parametrize("process", [VP(), VE.song(), CLD()], ids=["VP", "VE", "CLD"])
@pytest.mark.parametrize("gamma", [math.nan, 80.0, -80.0, torch.tensor([0.0, -50.0])])
def test_levels_that_are_never_reached(process: Process, gamma: float | Tensor) -> None:
    with pytest.raises(InputError, match="never reached"):
        process.time(gamma)


def test_scalar_processes_look_everywhere_alike() -> None:
    u = torch.rand(5, generator=seeded(0), dtype=torch.float64)
    for kind in NOISE_KINDS:
        t, share = VE().times(u, kind)
        assert torch.equal(t, u) and torch.equal(share, torch.ones(5).double())
    assert VP().data_drift.shape == (1, 0) and CLD().data_drift.shape == (2, 0)


# Endpoints per dimension

LOW, HIGH = torch.tensor([[-13.3, -9.0, -5.0]]), torch.tensor([[5.0, 3.0, 4.0]])


@units
@torch.no_grad()
def test_every_dimension_is_a_process_of_its_own(unit: type[Scalar]) -> None:
    process = unit(Linear(LOW, HIGH))
    x = randn((4, 1, 3), seeded(0))
    y = randn((4, 1, 3), seeded(1))
    s, t = torch.tensor([0.0, 0.2, 0.5, 0.9]).double(), torch.tensor([0.1, 0.7, 0.51, 1.0]).double()
    z, gamma = process.observe(y, t)
    found = {"gamma": gamma, "rate": process.at(t).rate, "z": z, "kl": process.prior_kl(x)}
    found |= dict(
        zip(
            ("mean", "std", "mu", "sd"),
            (*process.marginal(x, t), *process.posterior(x, y, s, t)),
            strict=True,
        )
    )
    total = 0
    for i in range(3):
        alone, xi, yi = unit(Linear(float(LOW[0, i]), float(HIGH[0, i]))), x[:, 0, i], y[:, 0, i]
        (mean, std), (mu, sd) = alone.marginal(xi, t), alone.posterior(xi, yi, s, t)
        expected = {
            "gamma": alone.gamma(t),
            "rate": alone.at(t).rate,
            "z": alone.observe(yi, t)[0],
            "mean": mean,
            "std": std,
            "mu": mu,
            "sd": sd,
        }
        for name, value in expected.items():
            assert torch.allclose(found[name][:, 0, i], value, rtol=1e-12, atol=1e-14), name
        total = total + alone.prior_kl(xi[:, None])
    assert close(found["kl"], total, 1e-12)


@units
def test_methods_take_endpoints_per_dimension(unit: type[Scalar]) -> None:
    process = unit(Linear(LOW, HIGH))
    y, predict = process.prior((5, 1, 3), seeded(0)), lambda z, gamma: 0 * z + gamma
    width = (HIGH / 2).double().exp() if unit is VE else torch.ones_like(HIGH).double()
    assert torch.allclose(y, width * VP().prior((5, 1, 3), seeded(0)), rtol=1e-13)
    for kind in NOISE_KINDS:
        for t in (0.5, torch.linspace(0.1, 0.9, 5)):
            assert (
                denoiser(process, predict, kind).score(y, t).shape
                == denoiser(process, predict, kind)(y, t).shape
                == (5, 1, 3)
            )
    assert abs(process.span[1] - 4.0) < 1e-12
    with pytest.raises(InputError, match="every dimension"):
        process.time(0.0)
    with pytest.raises(InputError, match="does not fit|one per dimension"):
        process.marginal(torch.zeros(4, 1, 2, 3), torch.linspace(0, 1, 4))


@pytest.mark.parametrize("T", [None, 5])
@torch.no_grad()
def test_the_path_term_of_independent_dimensions(T: int | None) -> None:
    """Normal data of two variances on two roads: each dimension pays its own closed form."""
    process = VE(Linear(torch.tensor([-6.0, -3.0]), torch.tensor([2.0, 4.0])))
    c2 = torch.tensor([0.3, 2.0]).double()

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = alpha_sigma(gamma)
        return sigma * z / (c2 * alpha**2 + sigma**2)

    def mean(t: Tensor) -> float:  # over x = ±c and ε = ±1, exact for what is quadratic in them
        signs = [torch.tensor(v).double() for v in ((1, 1), (-1, -1))]
        return (
            sum(
                denoiser(process, predict, "eps").path_kl(c2.sqrt()[None], t, e[None], T).item()
                for e in signs
            )
            / 2
        )

    if T is None:
        nodes, masses = np.polynomial.legendre.leggauss(40)
        value = sum(
            m / 2 * mean(torch.tensor([(n + 1) / 2])) for n, m in zip(nodes, masses, strict=True)
        )
        expected = (
            0.5
            * torch.log(
                (1 + c2 * process.gamma(0.0).neg().exp())
                / (1 + c2 * process.gamma(1.0).neg().exp())
            )
            .sum()
            .item()
        )
    else:
        value = sum(mean(torch.tensor([(i + 0.5) / T]).double()) for i in range(T)) / T
        gamma = process.gamma(grid(T + 1))
        expected = (
            0.5 * (torch.expm1(gamma.diff(dim=0)) * (c2.log() - gamma[1:]).sigmoid()).sum().item()
        )
    assert abs(value - expected) < 1e-10 * expected


# Numbers, shapes and refusals

CASTS: dict[str, Callable[[nn.Module], nn.Module]] = {
    "float": lambda m: m.float(),
    "bfloat16": lambda m: m.bfloat16(),
    "half": lambda m: m.to(torch.float16),
}


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS.keys())
@pytest.mark.parametrize(
    "make",
    [
        VP.song,
        VE.song,
        SubVP.song,
        lambda: VP(Monotone(hidden=4, generator=seeded(0))),
        lambda: VE(Linear(LOW, HIGH, learned=True)),
    ],
    ids=["VP", "VE", "SubVP", "learned", "per dimension"],
)
@torch.no_grad()
def test_casts_leave_the_numbers_alone(
    make: Callable[[], Scalar], cast: Callable[[nn.Module], nn.Module]
) -> None:
    def numbers(p: Scalar) -> list[Tensor]:
        at = p.at(grid())
        k, A, N = at.kernel, at.A, at.N
        return [k.Phi, k.L, A, N, *pace_of(p, grid()), p.prior_factor, p.transition(0.1, 0.2).L]

    model = nn.ModuleDict({"network": nn.Linear(2, 2, dtype=torch.float64), "process": make()})
    before = numbers(model["process"])
    after = numbers(cast(model)["process"])
    assert model["network"].weight.dtype != torch.float64 and all(
        torch.equal(a, b) and a.dtype == torch.float64 for a, b in zip(after, before, strict=True)
    )


@units
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_coefficients_are_float64_and_inputs_stay_as_they_were(
    unit: type[Scalar], dtype: torch.dtype
) -> None:
    x, z, process = torch.ones(2, 3, 4, dtype=dtype), torch.ones(2, 3, 4, dtype=dtype), unit()
    outputs = (
        *process.marginal(x, torch.tensor([0.1, 0.9])),
        *process.posterior(x, z, 0.2, 0.3),
        process.prior_kl(x),
        *process.observe(z, 0.5),
        denoiser(process, lambda z, g: z)(z, 0.5),
        denoiser(process, lambda z, g: z).score(z, 0.5),
    )
    assert all(o.dtype == torch.float64 for o in outputs) and (x == 1).all() and (z == 1).all()


def test_one_time_or_one_per_example() -> None:
    x, z = randn((3, 2), seeded(0)), randn((3, 2), seeded(1))
    one = VP().posterior(x, z, 0.2, 0.5)
    many = VP().posterior(x, z, torch.full((3,), 0.2, dtype=torch.float64), torch.full((3,), 0.5))
    assert torch.equal(one[0], many[0]) and one[1].shape == () and many[1].shape == (3, 1)


@pytest.mark.parametrize(
    "t", [-0.1, 1.5, math.nan, math.inf, torch.tensor([0.5, 2.0]), torch.tensor([math.nan, 0.1])]
)
@pytest.mark.parametrize(
    "process", [VP(), VE.song(), SubVP(), CLD()], ids=["VP", "VE", "SubVP", "CLD"]
)
def test_times_outside_are_refused(process: Process, t: float | Tensor) -> None:
    y = torch.zeros(2, 2, 3) if process.K == 2 else torch.zeros(2, 3)
    for ask in (
        process.gamma,
        process.at,
        process.kernel,
        lambda t: process.transition(t, 1.0),
        lambda t: process.bridge(0.0, t),
        lambda t: process.marginal(torch.zeros(2, 3), t),
        lambda t: process.posterior(torch.zeros(2, 3), y, 0.0, t),
        lambda t: process.observe(y, t),
        lambda t: denoiser(process, lambda z, g: z).score(y, t),
    ):
        with pytest.raises(InputError, match=r"outside \[0, 1\]"):
            ask(t)


@units
def test_the_wrong_order_is_refused(unit: type[Scalar]) -> None:
    with pytest.raises(InputError, match="in 1 of 2 pairs"):
        unit().transition(torch.tensor([0.1, 0.9]), 0.5)
    for ask in (
        unit().bridge,
        lambda s, t: unit().posterior(torch.zeros(1, 2), torch.zeros(1, 2), s, t),
    ):
        with pytest.raises(InputError, match="earlier time first"):
            ask(0.9, 0.5)


def test_wrong_shapes_are_refused() -> (
    None
):  # what is no Schedule is refused on the page: here the annotations would speak first
    with pytest.raises(InputError, match="one per example"):
        VP().marginal(torch.zeros(3, 2), torch.tensor([0.1, 0.2]))


def test_a_process_must_say_what_it_is() -> None:
    for ask in (
        lambda: Process().transition(0.1, 0.5),
        lambda: Process().law(torch.zeros(()).double()),
    ):
        with pytest.raises(NotImplementedError, match="a process is a subclass"):
            ask()
    with pytest.raises(NotImplementedError, match="has no scale"):
        Scalar().kernel(0.5)


def test_processes_move() -> None:
    process = VP(Linear(learned=True))
    assert (
        process.device.type == "cpu"
        and process.to("meta").device.type == "meta"
        and process.schedule.ends.device.type == "meta"
    )


def _third(t: Tensor) -> Tensor:
    return -8 + 6 * t + 6 * t**3


PUBLIC = {name: getattr(mdm_nb, name) for name in mdm_nb.__all__}
NEEDS = {  # what cannot be built without arguments
    Custom: lambda: Custom(_third), Encoded: lambda: Encoded(VP.song(), Encoder(EncoderUNet(1, 8))),
    MDM: lambda: MDM([[0.0]], [[1.0]]), Monotone: lambda: Monotone(hidden=4),
    Tabulated: lambda: Tabulated(torch.tensor([-6.0, -1.0, 0.5, 4.0])),
    "VP.song": VP.song, "VE.song": VE.song, "SubVP.song": SubVP.song,
}
MOVED = NEEDS | {
    c: c for c in PUBLIC.values()
    if isinstance(c, type) and issubclass(c, Process | Schedule)
    and c not in NEEDS and c not in (Process, Scalar, Schedule, Adaptive)
}


@pytest.mark.parametrize("make", MOVED.values(), ids=map(str, MOVED))
def test_every_process_and_schedule_can_be_copied_and_sent_elsewhere(
    make: Callable[[], nn.Module],
) -> None:
    module, t = make(), torch.tensor([0.0, 0.3, 1.0])
    for twin in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module)):
        if isinstance(module, Schedule): assert torch.equal(twin(t), module(t))
        else: assert torch.equal(twin.gamma(t), module.gamma(t))
        assert all(a is not b for a, b in zip(twin.buffers(), module.buffers(), strict=True))


def test_what_a_scale_must_be() -> None:
    class Half(Scalar):
        def scale(self, gamma: torch.Tensor) -> object: return 0 * gamma
    class Bare(Scalar):
        """It forgot to say."""
    with pytest.raises(InputError, match="Half.scale returned Tensor: return two tensors"):
        Half().at(0.5)
    with pytest.raises(NotImplementedError, match="Bare has no scale"): Bare().at(0.5)
