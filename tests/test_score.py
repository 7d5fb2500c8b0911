"""Scores and denoisers against closed forms, automatic differentiation and each other."""

from itertools import product
from math import exp, log

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy.stats import multivariate_normal
from torch import Tensor

from mdm_nb.gaussians.core import InputError, randn, seeded, sum_dims
from mdm_nb.gaussians.langevin import annealed_langevin, dsm_loss, ism_loss, langevin
from mdm_nb.gaussians.score import (
    KINDS,
    Mixture,
    alpha_sigma,
    convert,
    loss_weight,
    target,
    tweedie,
)

torch.set_num_threads(1)
pairs = pytest.mark.parametrize(("source", "wanted"), list(product(KINDS, KINDS)))
gammas = st.floats(-14, 6)


def three() -> Mixture:
    """Unequal weights, shapes and tilts in the plane."""
    covs = torch.tensor(
        [[[0.04, 0.01], [0.01, 0.01]], [[0.01, 0.0], [0.0, 0.03]], [[0.02, -0.01], [-0.01, 0.02]]],
        dtype=torch.float64,
    )
    return Mixture(
        torch.tensor([0.6, 0.3, 0.1]),
        torch.tensor([[-0.6, -0.36], [0.6, -0.36], [0.0, 0.66]]),
        covs,
    )


def noised(law: Mixture, gamma: Tensor, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Data, noise and noisy data, one level per example."""
    x, eps = (
        law.sample(len(gamma), seeded(seed)),
        randn((len(gamma), law.means.shape[1]), seeded(seed + 1)),
    )
    alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
    return x, eps, alpha * x + sigma * eps


# The scales --------------------------------------------------------------------------------------


@pytest.mark.parametrize("gamma", [-40.0, -13.3, 0.0, 5.0, 13.3, 20.0, 40.0])
def test_scales_match_forty_digits(gamma: float) -> None:
    with mp.workdps(40):
        alpha, sigma = (float(mp.sqrt(1 / (1 + mp.e ** (s * mpf(gamma))))) for s in (1, -1))
    for given_as in (gamma, torch.tensor(gamma), torch.tensor([gamma], dtype=torch.float64)):
        a, s = alpha_sigma(given_as)
        exact = float(given_as) if isinstance(given_as, Tensor) else gamma
        rounded = abs(exact - gamma)  # a float32 level is another level
        assert a.dtype == s.dtype == torch.float64
        assert float(a) == pytest.approx(alpha, rel=1e-14 + rounded)
        assert float(s) == pytest.approx(sigma, rel=1e-14 + rounded)


def test_the_naive_complement_fails_where_we_do_not() -> None:
    gamma = torch.tensor([13.3, 20.0])
    naive = (1 - gamma.sigmoid()).double() / gamma.double().neg().sigmoid() - 1
    assert abs(float(naive[0])) > 0.002 and float(naive[1]) == -1
    assert float(1 - torch.tensor(13.3).bfloat16().sigmoid()) == 0
    ours = alpha_sigma(gamma)[0] ** 2 / gamma.double().neg().sigmoid() - 1
    assert ours.abs().max() < 1e-15


def test_scales_carry_gradients() -> None:
    gamma = torch.tensor([-13.3, 0.3, 5.0], dtype=torch.float64, requires_grad=True)
    alpha, sigma = alpha_sigma(gamma)
    (d_alpha,) = torch.autograd.grad(alpha.sum(), gamma, retain_graph=True)
    (d_sigma,) = torch.autograd.grad(sigma.sum(), gamma)
    assert torch.allclose(d_alpha, -alpha * sigma**2 / 2, rtol=1e-12)
    assert torch.allclose(d_sigma, sigma * alpha**2 / 2, rtol=1e-12)


# Conversions -------------------------------------------------------------------------------------


@pairs
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_conversion_maps_target_to_target(source: str, wanted: str, data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(3, 2), (2, 3, 4, 4), (5, 1)]))
    levels = data.draw(st.one_of(gammas, st.lists(gammas, min_size=shape[0], max_size=shape[0])))
    gamma = torch.tensor(levels, dtype=torch.float64)
    x, eps = randn(shape, seeded(data.draw(st.integers(0, 99)))), randn(shape, seeded(100))
    view = gamma.view(-1, *[1] * (len(shape) - 1)) if gamma.ndim else gamma
    alpha, sigma = view.neg().sigmoid().sqrt(), view.sigmoid().sqrt()
    z, copies = alpha * x + sigma * eps, (x.clone(), eps.clone())
    truth = {"x": x, "eps": eps, "v": alpha * eps - sigma * x, "score": -eps / sigma}
    assert torch.allclose(target(x, eps, gamma, wanted), truth[wanted], rtol=1e-12, atol=1e-12)
    got = convert(truth[source], z, gamma, source, wanted)
    # each entry divides by at most α, σ or σ²: the roundings of z and of the prediction grow by
    # no more
    growth = 1 / (alpha * sigma**2)
    assert ((got - truth[wanted]).abs() < 2e-15 * growth * (1 + x.abs() + eps.abs())).all()
    assert torch.equal(x, copies[0]) and torch.equal(eps, copies[1])


@pairs
@settings(max_examples=20, deadline=None)
@given(gamma=st.floats(-8, 5))
def test_there_and_back(source: str, wanted: str, gamma: float) -> None:
    z, pred = randn((4, 3), seeded(0)), randn((4, 3), seeded(1))
    back = convert(convert(pred, z, gamma, source, wanted), z, gamma, wanted, source)
    assert torch.allclose(back, pred, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("via", KINDS)
def test_detours_change_nothing(via: str) -> None:
    z, pred, gamma = randn((6, 2), seeded(0)), randn((6, 2), seeded(1)), torch.linspace(-6, 5, 6)
    for a, b in product(KINDS, KINDS):
        detour = convert(convert(pred, z, gamma, a, via), z, gamma, via, b)
        assert torch.allclose(detour, convert(pred, z, gamma, a, b), rtol=1e-9, atol=1e-9)


def test_score_from_v_has_the_stated_form() -> None:
    z, v = randn((5, 2), seeded(0)), randn((5, 2), seeded(1))
    assert torch.allclose(convert(v, z, 1.7, "v", "score"), -z - exp(-1.7 / 2) * v, rtol=1e-12)
    assert torch.allclose(
        convert(v, z, 1.7, "eps", "v"), (1 + exp(1.7)) ** 0.5 * v - exp(1.7 / 2) * z, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("p", "q", "result"),
    [
        (torch.float32, torch.float32, torch.float32),
        (torch.bfloat16, torch.float32, torch.float32),
        (torch.float32, torch.float64, torch.float64),
    ],
)
@pytest.mark.parametrize("gamma", [torch.tensor(0.5), torch.tensor([0.5, 1.0])])
def test_dtype_is_the_wider_and_does_not_depend_on_gamma(
    p: torch.dtype, q: torch.dtype, result: torch.dtype, gamma: Tensor
) -> None:
    pred, z = torch.ones(2, 3, dtype=p), torch.ones(2, 3, dtype=q)
    assert convert(pred, z, gamma, "v", "x").dtype == result
    assert target(pred, z, gamma, "v").dtype == target(pred, z, gamma, "score").dtype == result


def test_v_survives_rounding_where_eps_does_not() -> None:
    gamma = torch.tensor(13.3, dtype=torch.float64)
    x, eps = three().sample(500, seeded(0)), randn((500, 2), seeded(1))
    alpha, sigma = alpha_sigma(gamma)
    z = alpha * x + sigma * eps
    error = {
        k: float((convert(target(x, eps, gamma, k).float(), z, gamma, k, "x") - x).abs().max())
        for k in ("eps", "v")
    }
    assert error["v"] < 1e-6 and error["eps"] > 300 * error["v"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: convert(torch.ones(2, 2), torch.ones(2, 2), 0.0, "noise", "x"),
        lambda: convert(torch.ones(2, 2), torch.ones(2, 2), 0.0, "x", "noise"),
        lambda: convert(torch.ones(2, 2), torch.ones(2, 2), 0.0, "noise", "noise"),
        lambda: target(torch.ones(2, 2), torch.ones(2, 2), 0.0, "noise"),
        lambda: loss_weight(0.0, "noise"),
    ],
)
def test_unknown_kind(call: object) -> None:
    with pytest.raises(InputError, match="'noise'.*x, eps, v, score"):
        call()


def test_levels_must_fit_the_batch() -> None:
    with pytest.raises(InputError, match="coefficient of shape"):
        convert(torch.ones(3, 2), torch.ones(3, 2), torch.zeros(2), "eps", "x")


# Four losses -------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(gamma=gammas, seed=st.integers(0, 99))
def test_four_losses_are_one(gamma: float, seed: int) -> None:
    x, eps, guess = (randn((8, 3), seeded(seed + i)) for i in (0, 100, 200))
    alpha, sigma = alpha_sigma(gamma)
    z, reference = alpha * x + sigma * eps, sum_dims((eps - guess) ** 2)
    for kind in KINDS:
        error = target(x, eps, gamma, kind) - convert(guess, z, gamma, "eps", kind)
        assert torch.allclose(loss_weight(gamma, kind) * sum_dims(error**2), reference, rtol=1e-11)


def test_residual_identities() -> None:
    gamma = torch.linspace(-5, 5, 9, dtype=torch.float64)
    w, (alpha, sigma) = {k: loss_weight(gamma, k) for k in KINDS}, alpha_sigma(gamma)
    assert torch.allclose(w["x"] * sigma**2, w["v"], rtol=1e-13)  # ‖v − v̂‖² = ‖x − x̂‖² / σ²
    assert torch.allclose(w["x"], (alpha / sigma) ** 2, rtol=1e-13)
    assert torch.equal(w["eps"], torch.ones(9).double()) and torch.allclose(
        w["score"], sigma**2, rtol=1e-13
    )


# The oracle --------------------------------------------------------------------------------------


def test_log_prob_matches_scipy() -> None:
    law, x = three(), randn((50, 2), seeded(0))
    for level in (-4.0, 0.0, 3.0):
        noisy = law.at(level)
        parts = zip(law.weights.numpy(), noisy.means.numpy(), noisy.covs.numpy(), strict=True)
        pdf = sum(w * multivariate_normal(m, c).pdf(x) for w, m, c in parts)
        assert torch.allclose(noisy.log_prob(x), torch.as_tensor(pdf).log(), rtol=1e-10)


def test_responsibilities_are_bayes_rule() -> None:
    law, x = three(), randn((50, 2), seeded(0))
    parts = zip(law.means.numpy(), law.covs.numpy(), strict=True)
    densities = [torch.as_tensor(multivariate_normal(m, c).logpdf(x)) for m, c in parts]
    log_joint = law.weights.log() + torch.stack(densities, -1)
    given = law.responsibilities(x)
    assert torch.allclose(given, log_joint.softmax(-1), rtol=1e-10, atol=1e-15)
    assert torch.equal(law.responsibilities(x.view(10, 5, 2)), given.view(10, 5, 3))


def test_points_keep_their_axes() -> None:
    law, x = three(), randn((2, 5, 2), seeded(1))
    flat = law.predict(x.view(10, 2), -1.0, "v")
    assert torch.equal(law.predict(x, -1.0, "v"), flat.view(2, 5, 2))
    assert law.responsibilities(x[:0]).shape == (0, 5, 3)
    with pytest.raises(InputError, match="one noise level"): law.at(torch.zeros(2, 5))


def test_noise_can_be_added_twice() -> None:
    law, (first, second) = three(), (-2.0, 1.0)
    alpha, sigma = alpha_sigma(second)
    once, twice = law.at(first), law.at(first).at(second)
    assert torch.allclose(twice.means, alpha * once.means, rtol=1e-14)
    total = alpha**2 * once.covs + sigma**2 * torch.eye(2).double()
    assert torch.allclose(twice.covs, total, rtol=1e-13, atol=1e-15)


def test_noise_acts_on_means_and_covariances() -> None:
    law, gamma = three(), torch.tensor([-3.0, 2.0], dtype=torch.float64)
    before = law.means.clone(), law.covs.clone()
    alpha, sigma = (c[:, None, None] for c in alpha_sigma(gamma))
    assert torch.allclose(law.at(gamma).means, alpha * law.means, rtol=1e-14)
    assert torch.allclose(
        law.at(gamma).covs,
        alpha[..., None] ** 2 * law.covs + sigma[..., None] ** 2 * torch.eye(2),
        atol=1e-15,
    )
    assert torch.equal(law.means, before[0]) and torch.equal(law.covs, before[1])


def test_score_is_the_derivative_of_log_prob() -> None:
    gamma = torch.linspace(-13.3, 6, 300, dtype=torch.float64)
    z = noised(three(), gamma)[2].requires_grad_()
    noisy = three().at(gamma)
    (by_autograd,) = torch.autograd.grad(noisy.log_prob(z).sum(), z)
    assert torch.allclose(noisy.score(z), by_autograd, rtol=1e-9, atol=1e-9)


def test_a_batch_of_levels_is_each_level_on_its_own() -> None:
    law, gamma = three(), torch.linspace(-10, 6, 5, dtype=torch.float64)
    z = noised(law, gamma)[2]
    for i, g in enumerate(gamma):
        one = z[i : i + 1]
        assert torch.allclose(law.at(gamma).log_prob(z)[i], law.at(g).log_prob(one)[0], rtol=1e-12)
        assert torch.allclose(law.at(gamma).score(z)[i], law.at(g).score(one)[0], rtol=1e-12)
        assert torch.allclose(
            law.posterior_mean(z, gamma)[i], law.posterior_mean(one, float(g))[0], rtol=1e-12
        )
        assert torch.allclose(
            law.predict(z, gamma, "v")[i], law.predict(one, g, "v")[0], rtol=1e-12
        )


def test_far_away_the_score_is_finite_and_points_home() -> None:
    far = torch.tensor([[1e4, 0.0], [-1e4, 1e4]], dtype=torch.float64)
    score = three().score(far)
    assert score.isfinite().all() and ((score * far).sum(1) < 0).all()


def test_samples_have_the_moments() -> None:
    law, n = three(), 100_000
    x = law.sample(n, seeded(0))
    mean = law.weights @ law.means
    spread = law.means - mean
    cov = torch.einsum("m,mij->ij", law.weights, law.covs + spread[:, :, None] * spread[:, None])
    assert ((x.mean(0) - mean).abs() < 5 * (cov.diagonal() / n).sqrt()).all()
    centred = x - mean
    products = centred[:, :, None] * centred[:, None]
    assert ((products.mean(0) - cov).abs() < 5 * products.std(0) / n**0.5).all()
    assert torch.equal(x[:10], law.sample(n, seeded(0))[:10]) and not torch.equal(
        x[:10], law.sample(n, seeded(1))[:10]
    )


def test_gaussian_posterior_mean_by_hand() -> None:
    c2, gamma, z = 0.3, 0.7, randn((20, 4), seeded(0))
    law = Mixture.gaussian(torch.zeros(4), c2 * torch.eye(4, dtype=torch.float64))
    alpha, sigma = alpha_sigma(gamma)
    assert torch.allclose(
        law.posterior_mean(z, gamma), c2 * alpha * z / (c2 * alpha**2 + sigma**2), rtol=1e-12
    )


def test_gaussian_bound_in_closed_form() -> None:
    """∫ ½ γ' E‖ε − ε̂‖² dt for N(0, 0.3 I) between −13.3 and 5 is 6.0470067 nats per dimension."""
    gamma, weights = (
        torch.linspace(-13.3, 5, 4001, dtype=torch.float64),
        torch.ones(4001, dtype=torch.float64),
    )
    weights[1:-1:2], weights[2:-1:2] = 4, 2  # Simpson's rule
    law = Mixture.gaussian(torch.zeros(1), torch.tensor([[0.3]], dtype=torch.float64))
    alpha, sigma = alpha_sigma(gamma)

    # ε − ε̂ is linear in (x, ε) here: one unit of each gives its variance
    def residual(x: float, e: float) -> Tensor:
        return e - law.predict((alpha * x + sigma * e)[:, None], gamma, "eps")[:, 0]

    error = 0.3 * residual(1.0, 0.0) ** 2 + residual(0.0, 1.0) ** 2
    value = float((weights * error).sum() / 2 * (18.3 / 4000) / 3)
    assert value == pytest.approx(6.0470067, abs=1e-6)
    assert value == pytest.approx(0.5 * log((1 + 0.3 * exp(13.3)) / (1 + 0.3 * exp(-5))), abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(gamma=gammas, seed=st.integers(0, 20))
def test_tweedie_is_the_posterior_mean(gamma: float, seed: int) -> None:
    level = torch.full((16,), gamma, dtype=torch.float64)
    law = three()
    z = noised(law, level, seed)[2]
    assert torch.allclose(
        tweedie(z, law.at(level).score(z), level),
        law.posterior_mean(z, level),
        rtol=1e-10,
        atol=1e-12,
    )


def test_predictions_of_all_kinds_are_one() -> None:
    gamma = torch.linspace(-10, 6, 50, dtype=torch.float64)
    law = three()
    z = noised(law, gamma)[2]
    for a, b in product(KINDS, KINDS):
        assert torch.allclose(
            convert(law.predict(z, gamma, a), z, gamma, a, b),
            law.predict(z, gamma, b),
            rtol=1e-8,
            atol=1e-8,
        )
    assert torch.allclose(law.predict(z, gamma, "score"), law.at(gamma).score(z), rtol=1e-12)


def test_ring_and_limits() -> None:
    law = Mixture.ring(6, 0.5, 0.1)
    assert torch.allclose(law.means.norm(dim=1), torch.full((6,), 0.5).double())
    assert torch.allclose(law.covs, 0.01 * torch.eye(2).double().expand(6, 2, 2), rtol=1e-14)
    z = randn((10, 2), seeded(0))
    assert law.posterior_mean(z, 30.0).abs().max() < 1e-5  # no signal: the mean of the data
    assert torch.allclose(law.posterior_mean(z, -30.0), z, atol=1e-6)  # no noise: the point itself
    assert torch.allclose(law.at(40.0).score(z), -z, atol=1e-7)


@pytest.mark.parametrize(
    ("weights", "means", "covs", "words"),
    [
        ([0.5, 0.5], [[0.0, 0.0]], [[[1.0, 0.0], [0.0, 1.0]]], "do not fit"),
        ([1.0], [[0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], "do not fit"),
        ([0.5], [[0.0]], [[[1.0]]], "sum to one"),
        ([1.5, -0.5], [[0.0], [1.0]], [[[1.0]], [[1.0]]], "positive numbers"),
        ([1.0], [[0.0, 0.0]], [[[1.0, 0.5], [0.0, 1.0]]], "symmetric"),
        ([1.0], [[0.0, 0.0]], [[[1.0, 0.0], [0.0, 0.0]]], "positive definite"),
    ],
)
def test_bad_mixtures(weights: list, means: list, covs: list, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Mixture(torch.tensor(weights), torch.tensor(means), torch.tensor(covs))


def test_bad_questions() -> None:
    law = three()
    with pytest.raises(InputError, match="does not fit"):
        law.log_prob(torch.zeros(4, 3))
    with pytest.raises(InputError, match="does not fit"):
        law.at(torch.zeros(5)).score(torch.zeros(4, 2))
    with pytest.raises(InputError, match="single gamma"):
        law.at(torch.zeros(5)).sample(5)


# Score matching ----------------------------------------------------------------------------------


def test_both_objectives_match_the_closed_form() -> None:
    law, gamma, n, c = (
        Mixture.gaussian(torch.tensor([0.3, -0.2]), torch.tensor([[0.3, 0.1], [0.1, 0.2]])),
        -1.0,
        20_000,
        0.5,
    )
    noisy, sigma = law.at(gamma), alpha_sigma(gamma)[1]
    fisher = float(torch.linalg.inv(noisy.covs[0]).trace())
    ism = ism_loss(lambda z: c * noisy.score(z), noisy.sample(n, seeded(0)))
    dsm = dsm_loss(lambda z: c * noisy.score(z), law.sample(n, seeded(1)), gamma, seeded(2))
    exact = (1 - c) ** 2 * fisher / 2
    for value, shift in ((ism, fisher / 2), (dsm, fisher / 2 - float(1 / sigma**2))):
        assert value.shape == (n,) and value.dtype == torch.float64
        assert abs(float(value.mean()) + shift - exact) < 5 * float(value.std()) / n**0.5


def test_the_divergence_is_exact() -> None:
    weight = randn((6, 6), seeded(0))
    z = randn((4, 1, 2, 3), seeded(1))

    def linear(y: Tensor) -> Tensor:
        return (y.flatten(1) @ weight.T).view_as(y)

    assert torch.allclose(
        ism_loss(linear, z), 0.5 * sum_dims(linear(z) ** 2) + weight.trace(), rtol=1e-12
    )


def test_least_denoising_loss_is_the_error_of_the_denoiser() -> None:
    law, gamma = three(), 0.4
    x, (alpha, sigma) = law.sample(200, seeded(0)), alpha_sigma(gamma)
    loss = dsm_loss(law.at(gamma).score, x, gamma, seeded(1))
    z = alpha * x + sigma * randn((200, 2), seeded(1))
    assert torch.allclose(
        loss,
        alpha**2 / (2 * sigma**4) * sum_dims((x - law.posterior_mean(z, gamma)) ** 2),
        rtol=1e-9,
    )


@pytest.mark.parametrize("objective", ["ism", "dsm"])
def test_gradient_vanishes_at_the_truth(objective: str) -> None:
    """Scale the true score by c: both objectives have their minimum at c = 1, within the noise."""
    law, gamma, n = three(), 0.0, 4000
    noisy, c = law.at(gamma), torch.ones(n, dtype=torch.float64, requires_grad=True)
    z = noisy.sample(n, seeded(0))
    if objective == "dsm":  # one c per example, so that each slope arrives on its own
        loss = dsm_loss(
            lambda y: c[:, None] * noisy.score(y), law.sample(n, seeded(1)), gamma, seeded(2)
        ).sum()
        (slope,) = torch.autograd.grad(loss, c)
    else:
        slope = ism_loss(noisy.score, z) + 0.5 * sum_dims(
            noisy.score(z) ** 2
        )  # d/dc of ½c²‖s‖² + c div s, at c = 1
    assert abs(float(slope.mean())) < 5 * float(slope.std()) / n**0.5


def test_objectives_train_a_module() -> None:
    net = torch.nn.Linear(2, 2).double()
    for loss in (
        dsm_loss(net, three().sample(8, seeded(0)), torch.zeros(8), seeded(1)),
        ism_loss(net, three().sample(8, seeded(2))),
    ):
        net.zero_grad()
        loss.mean().backward()
        assert net.weight.grad is not None and net.weight.grad.abs().sum() > 0


# Langevin ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0.1, 1.0, 2.0])
def test_langevin_variance(step: float) -> None:
    n, start = 20_000, torch.zeros(20_000, 1, dtype=torch.float64)
    walk = langevin(lambda z: -z, start, step, 120, seeded(0))
    exact = 1 / (1 - step / 4)
    exact *= 1 - (1 - step / 2) ** 240  # what is still missing after 120 steps from zero
    assert abs(float(walk.var()) - exact) < 5 * exact * (2 / n) ** 0.5
    assert not start.any()


def test_annealing_finds_the_shares_and_plain_langevin_does_not() -> None:
    law = Mixture(
        torch.tensor([0.8, 0.2]),
        torch.tensor([[-0.7], [0.7]]),
        0.01 * torch.ones(2, 1, 1, dtype=torch.float64),
    )
    n, levels = 1000, torch.linspace(5, -7, 40, dtype=torch.float64)
    start = randn((n, 1), seeded(0))
    annealed = annealed_langevin(lambda z, g: law.at(g).score(z), start, levels, 30, 0.2, seeded(1))
    plain = langevin(law.score, start, 2e-3, 600, seeded(2))
    se = (0.8 * 0.2 / n) ** 0.5
    assert abs(float((annealed < 0).double().mean()) - 0.8) < 5 * se
    assert abs(float((plain < 0).double().mean()) - 0.8) > 5 * se


def test_walks_repeat_with_their_seed() -> None:
    start, levels = torch.zeros(3, 2), torch.tensor([1.0, 0.0])
    walks = [
        annealed_langevin(lambda z, g: -z, start, levels, 3, 0.1, seeded(seed))
        for seed in (0, 0, 1)
    ]
    assert torch.equal(walks[0], walks[1]) and not torch.equal(walks[0], walks[2])


def test_bad_walks() -> None:
    with pytest.raises(InputError, match="step = 0"):
        langevin(lambda z: -z, torch.zeros(1, 1), 0.0, 1)
    rising = torch.tensor([0.0, 1.0])
    with pytest.raises(InputError, match="decrease"):
        annealed_langevin(lambda z, g: -z, torch.zeros(1, 1), rising, 1, 0.1)
