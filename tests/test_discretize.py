"""Levels, decoder and dequantisation against closed forms, scipy and invariances."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kstest, truncnorm

from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.gaussians.score import Mixture

GREY = Discretization()
S = math.exp(GREY.gamma_0 / 2)
discretizations = st.builds(
    lambda levels, low, width: Discretization(levels, low, low + width),
    st.integers(2, 300),
    st.floats(-100, 100),
    st.floats(0.01, 1000),
)


def cost(k: int, gamma: float) -> float:
    eps, s = torch.linspace(-9, 9, 8001, dtype=torch.float64), math.exp(gamma / 2)
    nats = -GREY.log_prob(torch.full((8001, 1), k), GREY.centres[k] + s * eps[:, None], s)
    return (
        float(torch.trapezoid(nats * torch.exp(-(eps**2) / 2), eps))
        / math.sqrt(2 * math.pi)
        / math.log(2)
    )


@pytest.mark.parametrize(
    ("k", "gamma", "digits", "value"),
    [
        (128, -11.0, 3, 1.112),
        (128, -12.0, 3, 0.418),
        (128, -13.0, 4, 0.0377),
        (128, -13.3, 6, 0.010453),
        (128, -14.0, 6, 7.9e-5),
        (1, -13.3, 6, 0.010453),
        (0, -13.3, 6, 0.005227),
        (255, -13.3, 6, 0.005227),
    ],
)
def test_reconstruction_cost(k: int, gamma: float, digits: int, value: float) -> None:
    assert round(cost(k, gamma), digits) == value


def test_derived_constants() -> None:
    assert GREY.delta == 1 / 128 and GREY.gamma_0 == -13.3 and GREY.frequencies == (64, 128)
    assert [Discretization(256, *ends).offset for ends in ((-1, 1), (0, 1), (0, 256))] == [7, 8, 0]
    assert GREY.offset == -math.log2(2 / 256)
    tau = GREY.delta / (2 * S)
    law = truncnorm(-tau, tau)
    assert round(tau, 7) == 3.0186888 and round(math.erf(tau / math.sqrt(2)), 7) == 0.9974613
    assert round(float(law.entropy()) - 0.5 * (1 + math.log(2 * math.pi)), 7) == -0.0152209


@settings(deadline=None, max_examples=50)
@given(discretizations, st.floats(-16, 4), st.integers(0, 2**31))
def test_window_is_the_full_softmax(d: Discretization, log_ratio: float, seed: int) -> None:
    s, g = d.delta * math.exp(log_ratio / 2), seeded(seed)
    k = torch.randint(d.levels, (20, 3), generator=g)
    centre = d.encode(k) + s * randn((20, 3), g)
    full = (
        (-0.5 * ((centre[..., None] - d.centres) / s) ** 2)
        .log_softmax(-1)
        .gather(-1, k[..., None])[..., 0]
        .sum(1)
    )
    # positions far from zero carry a rounding error, which the logits magnify by 1/s
    rounding = 1e-13 + 1e-14 * (abs(d.low) + abs(d.high)) / s
    assert torch.allclose(d.log_prob(k, centre, s), full, rtol=1e-12, atol=rounding)


def test_window_is_small_at_the_usual_noise() -> None:
    assert GREY._window(torch.zeros(1, 1), S)[1].shape[-1] == 5
    assert GREY._window(torch.zeros(1, 1), 3.0)[1].shape[-1] == 256


def test_decoder_is_a_distribution_everywhere() -> None:
    d = Discretization(8, 0, 8)
    for position in (-30.0, 0.1, 4.0, 7.99, 50.0):
        for s in (0.05, 0.7, 20.0):
            log_p = d.log_prob(
                torch.arange(8)[:, None], torch.full((8, 1), position, dtype=torch.float64), s
            )
            assert abs(float(log_p.exp().sum()) - 1) < 1e-12 and torch.isfinite(log_p).all()


def test_decoder_takes_one_std_per_entry() -> None:
    k = torch.randint(256, (4, 5), generator=seeded(0))
    s = torch.rand(4, 5, generator=seeded(1), dtype=torch.float64) * 0.02 + 1e-3
    centre = GREY.encode(k) + s * randn((4, 5), seeded(2))
    apart = sum(
        torch.stack(
            [
                GREY.log_prob(k[i : i + 1, j : j + 1], centre[i : i + 1, j : j + 1], s[i, j])[0]
                for i in range(4)
            ]
        )
        for j in range(5)
    )
    assert torch.allclose(GREY.log_prob(k, centre, s), apart, rtol=1e-13)


def test_decoder_gradient_in_std() -> None:
    k = torch.tensor([[0, 100, 255]])
    eps = torch.tensor([[0.4, 2.5, -1.5]], dtype=torch.float64)
    gamma = torch.tensor(-12.5, dtype=torch.float64, requires_grad=True)

    def nll(g: torch.Tensor) -> torch.Tensor:
        s = (g / 2).exp()
        return -GREY.log_prob(k, GREY.encode(k) + s * eps, s)

    assert torch.autograd.gradcheck(nll, (gamma,))


def test_decode_draws_from_the_decoder() -> None:
    n, s = 20_000, math.exp(-11 / 2)
    z = torch.full((n, 1), float(GREY.high) + 0.2 * GREY.delta, dtype=torch.float64)
    counts = torch.bincount(GREY.decode(z, s, seeded(0))[:, 0], minlength=256)[-3:]
    p = GREY.log_prob(torch.arange(253, 256)[:, None], z[:3], s).exp()
    assert ((counts / n - p).abs() < 5 * (p * (1 - p) / n).sqrt() + 1e-4).all()
    assert (GREY.decode(z, s) == 255).all() and GREY.decode(
        z.view(10, 5, 400), s, seeded(1)
    ).shape == (10, 5, 400)


def misfit(counts: torch.Tensor, p: torch.Tensor) -> float:
    """The probability of a chi-square as large, over the cells where ten or more are expected."""
    expected = p * counts.sum()
    often = expected >= 10
    seen = torch.cat([counts[often], counts[~often].sum()[None]]).double()
    wanted = torch.cat([expected[often], expected[~often].sum()[None]])
    cells = wanted > 1
    assert seen[~cells].sum() <= 8
    if cells.sum() < 2:
        return 1.0
    excess = (seen - wanted)[cells].square() / wanted[cells]
    return float(chi2.sf(excess.sum(), int(cells.sum()) - 1))


@pytest.mark.parametrize("ratio", [0.1, 0.5, 2.0, 30.0, 1e4])
@pytest.mark.parametrize("where", [-3.0, 0.3, 127.5, 254.9, 300.0])
def test_draws_have_the_decoders_law(ratio: float, where: float) -> None:
    n, s = 40_000, ratio * GREY.delta
    centre = torch.full((n, 1), GREY.low + where * GREY.delta, dtype=torch.float64)
    counts = torch.bincount(GREY.decode(centre, s, seeded(3))[:, 0], minlength=256)
    p = GREY.log_prob(torch.arange(256)[:, None], centre[:256], s).exp()
    assert len(counts) == 256 and misfit(counts, p) > 1e-4


def test_draws_are_the_inverse_of_the_distribution_function() -> None:
    s, u = 2 * GREY.delta, torch.rand((50, 3), generator=seeded(4), dtype=torch.float64)
    centre = 0.3 * randn((50, 3), seeded(5))
    law = (-0.5 * ((centre[..., None] - GREY.centres) / s).square()).softmax(-1).cumsum(-1)
    assert torch.equal(GREY.decode(centre, s, seeded(4)), (law <= u[..., None]).sum(-1))


def test_draws_use_one_number_for_each_entry() -> None:
    used = []
    for s in (0.1 * GREY.delta, 50 * GREY.delta):
        g = seeded(6)
        GREY.decode(torch.zeros(7, 3, dtype=torch.float64), s, g)
        used.append(torch.rand(1, generator=g))
    g = seeded(6)
    torch.rand(7, 3, generator=g, dtype=torch.float64)
    assert used[0] == used[1] == torch.rand(1, generator=g)


def test_draws_take_one_std_per_entry_and_refuse_nan() -> None:
    s = torch.tensor([[0.01, 5.0]], dtype=torch.float64) * GREY.delta
    drawn = GREY.decode(torch.zeros(2000, 2, dtype=torch.float64) + GREY.centres[10], s, seeded(7))
    assert (drawn[:, 0] == 10).all() and drawn[:, 1].unique().numel() > 10 and drawn.min() >= 0
    with pytest.raises(InputError, match="NaN"):
        GREY.decode(torch.full((2, 2), math.nan, dtype=torch.float64), 0.1, seeded(0))


def test_uniform_and_continuous_draws_have_their_law() -> None:
    x, _ = GREY.dequantise(torch.full((20_000, 1), 40), None, seeded(8))
    assert (
        kstest(((x - GREY.centres[40]) / GREY.delta + 0.5)[:, 0].numpy(), "uniform").pvalue > 1e-4
    )
    z = Continuous().decode(torch.full((20_000, 1), 2.0), 0.5, seeded(9))
    assert z.dtype == torch.float32 and kstest(((z - 2) / 0.5)[:, 0].numpy(), "norm").pvalue > 1e-4


@settings(deadline=None)
@given(discretizations)
def test_levels_survive_the_round_trip(d: Discretization) -> None:
    k = torch.arange(d.levels)
    assert torch.equal(d.nearest(d.encode(k)), k) and torch.allclose(d.encode(k), d.centres)
    assert abs(d.delta / 2 / math.exp(d.gamma_0 / 2) - 3.0186888) < 1e-6


@settings(deadline=None)
@given(discretizations, st.integers(1, 20), st.integers(0, 2**31))
def test_uniform_noise_under_a_uniform_model_costs_log2_levels(
    d: Discretization, dims: int, seed: int
) -> None:
    k = torch.randint(d.levels, (7, dims), generator=seeded(seed))
    _, log_q = d.dequantise(k, generator=seeded(seed))
    log_p = torch.full((7,), -dims * math.log(d.high - d.low), dtype=torch.float64)
    bits = d.bits_per_dim(log_p, log_q, dims)
    assert torch.allclose(bits, torch.full_like(bits, math.log2(d.levels)), rtol=0, atol=1e-11)
    assert torch.allclose(bits, -log_p / (dims * math.log(2)) + d.offset, rtol=0, atol=1e-11)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(0.01, 500),
    st.floats(-50, 50),
    st.sampled_from([None, 0.5, 1.0, 2.0]),
    st.integers(0, 2**31),
)
def test_bits_do_not_depend_on_units(
    scale: float, shift: float, noise: float | None, seed: int
) -> None:
    def bits(a: float, b: float) -> torch.Tensor:
        d = Discretization(256, b - a, b + a)
        means = torch.tensor([[-0.4, 0.1], [0.45, -0.3]], dtype=torch.float64)
        covs = torch.tensor(
            [[[0.04, 0.01], [0.01, 0.02]], [[0.01, 0.0], [0.0, 0.09]]], dtype=torch.float64
        )
        model = Mixture(torch.tensor([0.6, 0.4]), a * means + b, a**2 * covs)
        k = torch.randint(256, (50, 2), generator=seeded(seed))
        x, log_q = d.dequantise(k, None if noise is None else a * noise * S, seeded(seed))
        return d.bits_per_dim(model.log_prob(x), log_q, 2)

    assert torch.allclose(bits(scale, shift), bits(1.0, 0.0), rtol=1e-6)


@pytest.mark.parametrize("ends", [(0, 1), (0, 256)])
def test_decoder_does_not_depend_on_units(ends: tuple[int, int]) -> None:
    d, k, eps = (
        Discretization(256, *ends),
        torch.randint(256, (10, 4), generator=seeded(0)),
        randn((10, 4), seeded(1)),
    )
    own, other = (
        e.log_prob(k, e.encode(k) + 0.3 * e.delta * eps, 0.3 * e.delta) for e in (GREY, d)
    )
    assert torch.allclose(own, other, rtol=1e-9)


@pytest.mark.parametrize("width", [0.2, 1.0, 3.0])
def test_truncated_normal_is_scipys(width: float) -> None:
    s = width * S
    tau = GREY.delta / (2 * s)
    k = torch.randint(256, (20_000, 1), generator=seeded(0))
    x, log_q = GREY.dequantise(k, s, seeded(1))
    u = ((x - GREY.encode(k)) / s)[:, 0].numpy()
    assert np.allclose(
        log_q.numpy(), truncnorm.logpdf(np.clip(u, -tau, tau), -tau, tau) - math.log(s), atol=1e-8
    )
    for power in (1, 2, 4):
        truth, m = truncnorm.moment(power, -tau, tau), u**power
        assert abs(m.mean() - truth) < 5 * m.std() / math.sqrt(len(m))
    assert abs(u).max() <= tau * (1 + 1e-9) and torch.equal(GREY.nearest(x), k)


def test_noise_is_reproducible_and_leaves_the_data_alone() -> None:
    k = torch.randint(256, (5, 3), generator=seeded(0), dtype=torch.uint8)
    before = k.clone()
    first, again = (GREY.dequantise(k, S, seeded(3))[0] for _ in range(2))
    assert torch.equal(first, again) and torch.equal(k, before) and first.dtype == torch.float64


def test_importance_weights_average_ratios_of_one_example() -> None:
    log_p, log_q = randn((6, 4), seeded(0)), randn((6, 4), seeded(1))
    by_hand = -(log_p - log_q).exp().mean(0).log() / (3 * math.log(2))
    weighted = GREY.bits_per_dim(log_p, log_q, 3)
    assert torch.allclose(weighted, by_hand)
    assert (
        weighted <= GREY.bits_per_dim(log_p.flatten(), log_q.flatten(), 3).view(6, 4).mean(0)
    ).all()
    assert torch.allclose(
        GREY.bits_per_dim(log_p[:1], log_q[:1], 3), GREY.bits_per_dim(log_p[0], log_q[0], 3)
    )


def test_price_of_truncated_normal_and_uniform_noise() -> None:
    P = torch.full((32,), 1 / 32, dtype=torch.float64)
    model = Mixture(P, GREY.centres[4::8, None], S**2 * torch.ones(32, 1, 1))
    k = torch.arange(4, 256, 8).repeat(500)[:, None]
    tau = GREY.delta / (2 * S)
    x, log_q = GREY.dequantise(k, S, seeded(0))
    excess = GREY.bits_per_dim(model.log_prob(x), log_q, 1) - 5
    assert torch.allclose(
        excess, torch.full_like(excess, -math.log2(math.erf(tau / math.sqrt(2)))), rtol=0, atol=1e-6
    )
    x, log_q = GREY.dequantise(k, None, seeded(1))
    excess = GREY.bits_per_dim(model.log_prob(x), log_q, 1) - 5
    truth = math.log2(math.sqrt(2 * math.pi) * S / GREY.delta) + tau**2 / 6 * math.log2(math.e)
    assert round(truth, 4) == 0.9229 and abs(float(excess.mean()) - truth) < 5 * float(
        excess.std()
    ) / math.sqrt(len(excess))


def test_continuous_is_the_normal_density() -> None:
    x, z = randn((4, 3), seeded(0)), randn((4, 3), seeded(1))
    truth = torch.distributions.Normal(z, 0.3).log_prob(x).sum(1)
    assert torch.allclose(Continuous().log_prob(x, z, 0.3), truth)
    assert torch.allclose(
        Continuous().log_prob(x, z, torch.tensor(0.3, dtype=torch.float64)), truth
    )
    draws = Continuous().decode(torch.zeros(20_000, 1, dtype=torch.float64), 0.3, seeded(2))
    assert abs(float(draws.std()) - 0.3) < 5 * 0.3 / math.sqrt(40_000) and torch.equal(
        Continuous().decode(z, 0.3), z
    )
    assert Continuous().levels is None and not hasattr(Continuous(), "offset")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Discretization(1), "levels = 1"),
        (lambda: Discretization(256, 1, -1), "low < high"),
        (lambda: Discretization(256, 0, math.inf), "finite"),
        (lambda: GREY.encode(torch.rand(3)), "not whole levels"),
        (lambda: GREY.encode(torch.ones(3, dtype=torch.bool)), "not whole levels"),
        (lambda: GREY.encode(torch.tensor([-1, 3])), "start at 0"),
        (lambda: Discretization(17).encode(torch.tensor([17])), "at least 18"),
        (lambda: GREY.dequantise(torch.tensor([[3]]), 0.0), "positive"),
        (lambda: GREY.dequantise(torch.tensor([[3]]), math.nan), "positive"),
        (lambda: GREY.bits_per_dim(torch.zeros(3), torch.zeros(()), 1), "log_q"),
        (lambda: GREY.bits_per_dim(torch.zeros(2, 3, 4), torch.zeros(2, 3, 4), 1), "(K, B)"),
        (lambda: GREY.bits_per_dim(torch.zeros(3), torch.zeros(3), 0), "dims"),
        (lambda: Continuous().encode(torch.tensor([1, 2])), "Discretization"),
        (lambda: Continuous().encode(torch.tensor([1.0, math.nan])), "NaN"),
    ],
)
def test_bad_input_is_refused(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(").replace(")", r"\)")):
        call()


def test_a_width_for_each_level() -> None:
    """What one width for all gives, dimension by dimension; and shapes that do not fit."""
    k, widths = torch.randint(256, (5, 3), generator=seeded(0)), torch.tensor([[0.2, 1.0, 7.0]]) * S
    x, log_q = GREY.dequantise(k, widths, seeded(1))
    alone = [GREY.dequantise(k, float(w), seeded(1)) for w in widths[0]]
    for j, (column, _) in enumerate(alone): assert torch.allclose(x[:, j], column[:, j], rtol=1e-6)
    assert log_q.shape == (5,)
    zeta, tau = (x - GREY.encode(k)) / widths, GREY.delta / 2 / widths
    truth = torch.tensor(truncnorm.logpdf(zeta, -tau, tau)) - widths.log()
    assert torch.allclose(log_q, truth.sum(1), rtol=1e-5)
    for bad, words in ((torch.ones(2), "does not fit"), (-widths, "positive")):
        with pytest.raises(InputError, match=words): GREY.dequantise(k, bad)
