"""Samplers against the linear-Gaussian recursion they obey on Gaussian data."""
import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mdm_nb.core import InputError, randn, seeded
from mdm_nb.process import VP
from mdm_nb.sample import DDIM, Ancestral, Sampler
from mdm_nb.schedule import Cosine, Linear
from mdm_nb.score import KINDS, Mixture

VARIANCES = torch.tensor([0.5, 0.02], dtype=torch.float64)
TURN = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)
ORACLE = Mixture.gaussian(torch.zeros(2), TURN @ VARIANCES.diag() @ TURN.T)


def oracle(kind: str, mixture: Mixture = ORACLE) -> Callable[[Tensor, Tensor], Tensor]:
    """The best prediction of a kind, as a model."""
    return partial(mixture.predict, kind=kind)


def recursion(process: VP, steps: int, eta: float, c2: float, variance: float) -> float:
    """Variance of z_0 along one axis, in plain numbers: the step written with ε̂, as a check on the code's own form."""
    gamma = [float(process.gamma(i / steps)) for i in range(steps, -1, -1)]
    for g_t, g_s in pairwise(gamma):
        a_t, s_t, a_s, s_s = (math.sqrt(1 / (1 + math.exp(x))) for x in (g_t, -g_t, g_s, -g_s))
        x_hat = c2 * a_t / (c2 * a_t**2 + s_t**2)
        eps_hat = s_t / (c2 * a_t**2 + s_t**2)
        sigma_q2 = -(s_s**2) * math.expm1(g_s - g_t)
        variance = (a_s * x_hat + math.sqrt(s_s**2 - eta**2 * sigma_q2) * eps_hat) ** 2 * variance + eta**2 * sigma_q2
    return variance


def covariance(process: VP, steps: int, eta: float) -> Tensor:
    """The recursion on both axes, from z_1 ~ N(0, I), turned to the axes of the data."""
    return TURN @ torch.tensor([recursion(process, steps, eta, float(c), 1.0) for c in VARIANCES], dtype=torch.float64).diag() @ TURN.T


@pytest.mark.parametrize("schedule", [Linear(), Cosine(), Linear(-8.0, 3.0)])
@pytest.mark.parametrize("kind", KINDS)
def test_ddim_is_the_recursion_exactly(kind: str, schedule: Linear | Cosine) -> None:
    """The deterministic run is a matrix; from the rows of the identity the code returns it."""
    Phi = DDIM(17)(VP(schedule), oracle(kind), torch.eye(2), kind).T
    assert torch.allclose(Phi @ Phi.T, covariance(VP(schedule), 17, 0.0), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_sampled_covariance_within_five_standard_errors(eta: float) -> None:
    """The real run, noise and all."""
    n, process = 20_000, VP()
    z_0 = DDIM(15, eta)(process, oracle("v"), process.prior((n, 2), seeded(0)), "v", seeded(1))
    cov = covariance(process, 15, eta)
    se = ((torch.outer(cov.diag(), cov.diag()) + cov**2) / n).sqrt()
    assert ((z_0.T @ z_0 / n - cov).abs() < 5 * se).all()
    assert (z_0.mean(0).abs() < 5 * (cov.diag() / n).sqrt()).all()


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_order_is_as_declared(eta: float) -> None:
    """The variance error falls with the declared slope, from the true variance at t = 1."""
    process = VP()
    def truth(t: float, c2: float) -> float: return float(process.gamma(t).sigmoid() + process.gamma(t).neg().sigmoid() * c2)
    errors = [sum((recursion(process, n, eta, float(c), truth(1.0, float(c))) - truth(0.0, float(c))) ** 2 for c in VARIANCES) ** 0.5
              for n in (400, 1600)]
    assert math.log(errors[0] / errors[1], 4) == pytest.approx(DDIM.order, abs=0.05)


def test_order_of_the_real_code() -> None:
    """The same slope from running the sampler itself."""
    truth = (ORACLE.covs[0] - torch.eye(2)) * torch.sigmoid(-VP().gamma(0.0)) + torch.eye(2)
    start = torch.linalg.cholesky((ORACLE.covs[0] - torch.eye(2)) * torch.sigmoid(-VP().gamma(1.0)) + torch.eye(2)).T
    runs = [DDIM(n)(VP(), oracle("x"), start, "x") for n in (200, 400)]
    errors = [float((z.T @ z - truth).norm()) for z in runs]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(DDIM.order, abs=0.1)


@given(s=st.floats(0, 0.99), gap=st.floats(1e-6, 1), kind=st.sampled_from(KINDS), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_ancestral_step_is_the_posterior(s: float, gap: float, kind: str, seed: int) -> None:
    """η = 1 is the posterior's mean plus std · ξ with x̂ for x, between any two times."""
    process, s, t = VP(), torch.tensor(s).double(), torch.tensor(min(1.0, s + gap)).double()
    z_t = randn((20, 2), seeded(seed))
    mean, std = process.posterior(ORACLE.posterior_mean(z_t, process.gamma(t)), z_t, s, t)
    z_s = Ancestral(1).step(process, oracle(kind), z_t, s, t, kind, seeded(seed + 1))
    assert torch.allclose(z_s, mean + std * randn((20, 2), seeded(seed + 1)), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
def test_step_with_perfect_knowledge_keeps_the_marginal(eta: float) -> None:
    """If x̂ = x, then z_s ~ N(α_s x, σ_s²) for every η, within five standard errors."""
    process, n, x = VP(), 20_000, torch.full((20_000, 1), 0.4, dtype=torch.float64)
    mean, std = process.marginal(x, 0.6)
    z_t, s, t = mean + std * randn((n, 1), seeded(0)), torch.tensor(0.5), torch.tensor(0.6)
    z_s = DDIM(1, eta).step(process, lambda z, g: x, z_t, s, t, "x", seeded(1))
    mean, std = process.marginal(x, 0.5)
    u = (z_s - mean) / std
    assert abs(float(u.mean())) < 5 / n**0.5 and abs(float(u.var()) - 1) < 5 * (2 / n) ** 0.5


def test_round_trip_at_the_clean_end() -> None:
    """At γ near −13.3, and far beyond, a step from ε̂ equals a step from x̂."""
    for low in (-13.3, -30.0):
        process, z = VP(Linear(low, 5.0)), ORACLE.sample(50, seeded(0))
        s, t = torch.tensor(0.0), torch.tensor(0.001)
        steps = [DDIM().step(process, oracle(kind), z, s, t, kind, None) for kind in ("x", "eps")]
        assert torch.allclose(*steps, rtol=1e-12, atol=1e-12)


def test_one_step_returns_the_denoised_mean() -> None:
    """From t = 1 to t = 0 in one deterministic step: almost x̂ itself."""
    z = randn((5, 2), seeded(0))
    z_0 = DDIM(1)(VP(), oracle("x"), z, "x")
    assert torch.allclose(z_0, ORACLE.posterior_mean(z, VP().gamma(1.0)), atol=1e-2)


def test_equal_times_stay_put() -> None:
    """A step of length zero changes nothing and is not NaN."""
    z, t = randn((4, 2), seeded(0)), torch.tensor(0.5)
    assert torch.allclose(Ancestral().step(VP(), oracle("v"), z, t, t, "v", seeded(1)), z, atol=1e-14)


@pytest.mark.parametrize("sampler", [DDIM(60), DDIM(60, 0.5), Ancestral(60)])
def test_mixture_weights_are_respected(sampler: Sampler) -> None:
    """Unequal modes are visited in proportion."""
    weights = torch.tensor([0.2, 0.3, 0.5])
    mixture = Mixture(weights, torch.tensor([[-0.7, -0.4], [0.7, -0.5], [0.0, 0.7]]), 0.006 * torch.eye(2).expand(3, 2, 2))
    process = VP(Linear(-8.0, 6.0))
    z_0 = sampler(process, oracle("v", mixture), process.prior((2000, 2), seeded(0)), generator=seeded(1))
    share = torch.cdist(z_0, mixture.means).argmin(1).bincount(minlength=3) / 2000
    assert ((share - weights).abs() < 5 * (weights * (1 - weights) / 2000).sqrt()).all()


def test_trajectory_and_grid() -> None:
    """All latents from z_1 to z_0; the last is what a plain run returns; the grid runs from 1 to 0."""
    z, sampler = randn((3, 2), seeded(0)), Ancestral(7)
    path = sampler(VP(), oracle("v"), z, generator=seeded(1), trajectory=True)
    assert path.shape == (8, 3, 2) and torch.equal(path[0], z)
    assert torch.equal(path[-1], sampler(VP(), oracle("v"), z, generator=seeded(1)))
    grid = sampler.times()
    assert float(grid[0]) == 1 and float(grid[-1]) == 0 and grid.dtype == torch.float64 and len(grid) == 8


def test_seeds_reproduce() -> None:
    """One seed, one answer; and η = 0 asks for no randomness at all."""
    z = randn((4, 2), seeded(0))
    a, b, c = (Ancestral(5)(VP(), oracle("v"), z, generator=seeded(s)) for s in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)
    assert torch.equal(*(DDIM(5)(VP(), oracle("v"), z, generator=seeded(s)) for s in (1, 2)))


def test_start_is_neither_changed_nor_kept_in_single_precision() -> None:
    """float32 in, float64 out, and the caller's tensor as it was."""
    z = torch.ones(2, 2)
    assert DDIM(3)(VP(), oracle("v"), z).dtype == Ancestral(3)(VP(), oracle("v"), z).dtype == torch.float64
    assert torch.equal(z, torch.ones(2, 2))


def test_images_and_calls() -> None:
    """Any data shape, one call of the model per step, one noise level per example, no graph."""
    levels, scale = [], torch.ones((), requires_grad=True)
    def predict(z: Tensor, gamma: Tensor) -> Tensor: levels.append(gamma); return scale * z
    out = Ancestral(4)(VP(), predict, randn((2, 3, 4, 4), seeded(0)))
    assert out.shape == (2, 3, 4, 4) and not out.requires_grad and torch.isfinite(out).all()
    assert [tuple(g.shape) for g in levels] == [(2,)] * 4 and float(levels[0][0]) == 5.0


def test_clip_bounds_the_prediction() -> None:
    """With x̂ = 10 clipped to 1, the last step lands at about 1; without, at about 10."""
    def predict(z: Tensor, gamma: Tensor) -> Tensor: return torch.full_like(z, 10.0)
    for clip, expected in ((1.0, 1.0), (None, 10.0)):
        z_0 = Ancestral(50, clip=clip)(VP(), predict, randn((10, 1), seeded(0)), "x", seeded(1))
        assert torch.allclose(z_0, torch.full_like(z_0, expected), atol=0.05)


def test_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Shown when asked for, silent otherwise."""
    DDIM(3)(VP(), oracle("v"), torch.ones(1, 2))
    assert not capsys.readouterr().err
    DDIM(3)(VP(), oracle("v"), torch.ones(1, 2), progress=True)
    assert "3/3" in capsys.readouterr().err


@pytest.mark.parametrize(("make", "words"), [
    (lambda: DDIM(0), "steps = 0"), (lambda: DDIM(eta=1.5), "eta = 1.5"), (lambda: DDIM(eta=math.nan), "eta = nan"),
    (lambda: Ancestral(-3), "steps = -3"), (lambda: Ancestral(clip=0.0), "clip = 0.0"),
    (lambda: DDIM(3)(VP(), oracle("v"), torch.ones(1, 2), "noise"), "kind is 'noise'"),
])
def test_bad_input(make: Callable[[], object], words: str) -> None:
    """One sentence that names the argument, before any work."""
    with pytest.raises(InputError, match=words): make()


def test_own_sampler_needs_only_a_step() -> None:
    """The loop belongs to the base class."""
    class Halve(Sampler):
        """Not a sampler of anything."""
        def step(self, process: VP, predict: Callable[[Tensor, Tensor], Tensor], z_t: Tensor, s: Tensor, t: Tensor, kind: str,
                 generator: torch.Generator | None = None) -> Tensor:
            """Half of z."""
            return z_t / 2
    assert torch.equal(Halve(3)(VP(), oracle("v"), torch.full((1, 2), 8.0)), torch.ones(1, 2).double())
    with pytest.raises(NotImplementedError, match="defines step"): Sampler(1)(VP(), oracle("v"), torch.ones(1, 2))
