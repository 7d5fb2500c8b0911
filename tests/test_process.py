"""Marginals, transitions, posteriors and the prior, against closed forms and general Gaussian algebra."""
import math

import mpmath
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from mdm_nb import gaussian
from mdm_nb.core import InputError, randn, seeded
from mdm_nb.gaussian import Gaussian, LinearGaussian
from mdm_nb.process import VP
from mdm_nb.schedule import Cosine, Custom, Linear, Monotone, Schedule
from mdm_nb.score import alpha_sigma

SCHEDULES = [Linear(), Cosine(), Custom(lambda t: -8 + 6 * t + 6 * t**3), Monotone(hidden=8, generator=seeded(0)), Linear(-30.0, 30.0)]
schedules = pytest.mark.parametrize("schedule", SCHEDULES, ids=["linear", "cosine", "custom", "monotone", "extreme"])
times = st.lists(st.floats(0, 1), min_size=3, max_size=3, unique=True).map(sorted)
quick = settings(deadline=None, max_examples=40)

def close(a: Tensor, b: Tensor, rtol: float) -> bool: return torch.allclose(a, b, rtol=rtol, atol=0)

@schedules
@quick
@given(times)
@torch.no_grad()
def test_transitions_compose(schedule: Schedule, rst: list[float]) -> None:
    r, s, t = rst
    (a_rs, v_rs), (a_st, v_st), (a_rt, v_rt) = (VP(schedule).transition(*p) for p in ((r, s), (s, t), (r, t)))
    assume(min(s - r, t - s) > 1e-6)
    assert close(a_rs * a_st, a_rt, 1e-13) and close(a_st**2 * v_rs + v_st, v_rt, 1e-9)

@schedules
@quick
@given(times)
@torch.no_grad()
def test_transition_takes_marginal_to_marginal(schedule: Schedule, rst: list[float]) -> None:
    s, _, t = rst
    process, x = VP(schedule), torch.ones(1, 1)
    (m_s, s_s), (m_t, s_t) = process.marginal(x, s), process.marginal(x, t)
    a, v = process.transition(s, t)
    assert close(a * m_s, m_t, 1e-14) and close(a**2 * s_s**2 + v, s_t**2, 1e-12)

@quick
@given(st.floats(-40, 40), st.floats(1e-9, 20))
def test_transition_variance_keeps_its_digits(low: float, gap: float) -> None:
    assume(low + gap > low)
    process = VP(Linear(low, low + gap))
    a, v = process.transition(0.0, 1.0)
    g_s, g_t = process.gamma(0.0).item(), process.gamma(1.0).item()
    with mpmath.workdps(60):
        s, t = mpmath.mpf(g_s), mpmath.mpf(g_t)
        share = 1 / (1 + mpmath.exp(-t))
        variance, alpha = float(-mpmath.expm1(s - t) * share), float(mpmath.sqrt((1 + mpmath.exp(s)) / (1 + mpmath.exp(t))))
    assert abs(v.item() / variance - 1) < 3e-15 and abs(a.item() / alpha - 1) < 3e-15

def test_the_plain_forms_fail_where_ours_does_not() -> None:
    g_s, g_t = VP().gamma(torch.tensor([0.0, 1e-3], dtype=torch.float64))
    exact = VP().transition(0.0, 1e-3)[1].item()
    single = 1 - (g_t.neg().sigmoid() / g_s.neg().sigmoid()).float().item()
    assert abs(single / exact - 1) > 0.5
    assert (1 - torch.tensor(20.0).sigmoid()).item() == 0 and torch.tensor(-20.0).sigmoid().item() > 2e-9

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
    (a_s, s_s), (a_t, s_t), (a, v) = alpha_sigma(g_s), alpha_sigma(g_t), process.transition(s, t)
    forms = [a * s_s**2 / s_t**2 * z_t + a_s * v / s_t**2 * x,
             a_s / a_t * (z_t + s_t * torch.expm1(g_s - g_t) * eps),
             a_s * x + s_s * ((g_s - g_t) / 2).exp() * eps]
    size = 1 + (a_s / a_t).item()  # the third form subtracts numbers of this size
    assert torch.allclose(forms[0], mu, rtol=0, atol=4e-15) and torch.allclose(forms[2], mu, rtol=0, atol=4e-15)
    assert torch.allclose(forms[1], mu, rtol=0, atol=4e-15 * size)
    assert torch.allclose(sd**2, v * s_s**2 / s_t**2, rtol=1e-13, atol=0)

@pytest.mark.parametrize("schedule", SCHEDULES[:4])
@torch.no_grad()
def test_agreement_with_general_gaussian_conditioning(schedule: Schedule) -> None:
    process, s, t = VP(schedule), torch.tensor([0.1, 0.4, 0.6, 0.9]), torch.tensor([0.2, 0.7, 0.65, 1.0])
    link = lambda u: LinearGaussian(*(c[:, None, None] for c in (alpha_sigma(process.gamma(u))[0], process.gamma(u).sigmoid())))
    x, z = randn((4, 1), seeded(0)), randn((4, 1), seeded(1))
    forward, back = gaussian.transition(link(s), link(t)), gaussian.reverse_transition(link(s), link(t), x, z)
    a, v = process.transition(s, t)
    mu, sd = process.posterior(x, z, s, t)
    assert close(forward.Phi.flatten(), a, 1e-12) and close(forward.cov.flatten(), v, 1e-9)
    assert torch.allclose(back.mean, mu, rtol=0, atol=1e-11) and close(back.cov[..., 0], sd**2, 1e-9)

def test_posterior_of_samples() -> None:
    """Draw z_s then z_t; regressing z_s on z_t must give the posterior."""
    process, x, n = VP(Linear(-4.0, 3.0)), torch.tensor([[0.6]]), 50_000
    mean, std = process.marginal(x.expand(n, 1), 0.4)
    z_s = mean + std * randn((n, 1), seeded(0))
    a, v = process.transition(0.4, 0.7)
    z_t = a * z_s + v.sqrt() * randn((n, 1), seeded(1))
    mu, sd = process.posterior(x.expand(n, 1), z_t, 0.4, 0.7)
    r = ((z_s - mu) / sd).flatten()
    assert abs(r.mean()) < 5 / n**0.5 and abs(r.square().mean() - 1) < 5 * (2 / n) ** 0.5
    assert abs((r * z_t.flatten()).mean()) < 5 * z_t.std() / n**0.5

def test_no_step_at_all() -> None:
    x, z = torch.zeros(2, 3), torch.ones(2, 3)
    a, v = VP().transition(0.5, 0.5)
    mu, sd = VP().posterior(x, z, 0.5, 0.5)
    assert a == 1 and v == 0 and torch.equal(mu, z.double()) and sd == 0

@torch.no_grad()
def test_small_steps_follow_the_sde() -> None:
    """α_{t|s} = 1 − ½βh and σ²_{t|s} = βh up to O(h²), with β = σ²γ'."""
    for schedule in SCHEDULES[:4]:
        process = VP(schedule)
        gamma, speed = process.rate(0.6)
        beta = (gamma.sigmoid() * speed).item()
        errors = []
        for h in (2e-3, 1e-3):
            a, v = process.transition(0.6, 0.6 + h)
            errors.append((abs(a.item() - 1 + beta * h / 2), abs(v.item() - beta * h)))
        for coarse, fine in zip(*errors, strict=True): assert 3.5 < coarse / fine < 4.5

def test_numbers_of_the_prior_term() -> None:
    x = torch.tensor([0.0, 0.25, 0.9], dtype=torch.float64).sqrt()[:, None].expand(3, 11)
    bits = VP().prior_kl(x) / (11 * math.log(2))
    assert abs(bits[0] - 1.6229e-5) < 1e-9 and abs(bits[1] - 1.22320e-3) < 1e-8 and abs(bits[2] - 4.36e-3) < 1e-5

@quick
@given(st.floats(-30, 30), st.floats(-2, 2))
def test_prior_kl_is_the_gaussian_kl(gamma_1: float, x: float) -> None:
    value = VP(Linear(-40.0, gamma_1)).prior_kl(torch.tensor([[x]], dtype=torch.float64)).item()
    alpha, sigma = alpha_sigma(gamma_1)
    exact = gaussian.kl(Gaussian((alpha * x)[None], sigma[None, None] ** 2), Gaussian(torch.zeros(1), torch.eye(1))).item()
    assert math.isclose(value, exact, rel_tol=1e-6, abs_tol=1e-12)

def test_prior_kl_far_out() -> None:
    x = torch.zeros(1, 1)
    assert math.isclose(VP(Linear(-90.0, -80.0)).prior_kl(x).item(), 0.5 * (80 - 1), rel_tol=1e-12)

def test_prior_is_standard_normal_and_repeats() -> None:
    z = VP().prior((20_000, 2), seeded(0))
    assert z.dtype == torch.float64 and torch.equal(z, VP().prior((20_000, 2), seeded(0)))
    assert (z.mean(0).abs() < 5 / 20_000**0.5).all() and ((z.square().mean(0) - 1).abs() < 5 * (2 / 20_000) ** 0.5).all()

@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_coefficients_are_float64_and_inputs_stay_as_they_were(dtype: torch.dtype) -> None:
    x, z = torch.ones(2, 3, 4, dtype=dtype), torch.ones(2, 3, 4, dtype=dtype)
    outputs = (*VP().marginal(x, torch.tensor([0.1, 0.9])), *VP().posterior(x, z, 0.2, 0.3), VP().prior_kl(x))
    assert all(o.dtype == torch.float64 for o in outputs) and (x == 1).all() and (z == 1).all()

def test_one_time_or_one_per_example() -> None:
    x, z = randn((3, 2), seeded(0)), randn((3, 2), seeded(1))
    one, many = VP().posterior(x, z, 0.2, 0.5), VP().posterior(x, z, torch.full((3,), 0.2, dtype=torch.float64), torch.full((3,), 0.5))
    assert torch.equal(one[0], many[0]) and one[1].shape == () and many[1].shape == (3, 1)

@pytest.mark.parametrize("t", [-0.1, 1.5, math.nan, torch.tensor([0.5, 2.0])])
def test_times_outside_are_refused(t: float | Tensor) -> None:
    with pytest.raises(InputError, match=r"outside \[0, 1\]"): VP().gamma(t)

def test_the_wrong_order_is_refused() -> None:
    with pytest.raises(InputError, match="in 1 of 2 pairs"): VP().transition(torch.tensor([0.1, 0.9]), 0.5)
    with pytest.raises(InputError, match="earlier time first"): VP().posterior(torch.zeros(1, 2), torch.zeros(1, 2), 0.9, 0.5)

def test_wrong_shapes_are_refused() -> None:  # what is no Schedule is refused on the page: here the annotations would speak first
    with pytest.raises(InputError, match="one per example"): VP().marginal(torch.zeros(3, 2), torch.tensor([0.1, 0.2]))

def test_one_block_until_there_are_auxiliary_variables() -> None: assert VP.K == 1
