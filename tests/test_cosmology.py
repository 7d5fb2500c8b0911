"""Fields with a known likelihood, and what a bound, its first terms and a chain make of it."""
import re
import sys
from collections.abc import Callable

import pytest
import torch
from helpers import refused
from torch import Tensor, nn

from mdm_nb import (
    COSMOLOGIES,
    FIDUCIAL,
    MLP,
    VE,
    VP,
    Ancestral,
    BoundLikelihood,
    Box,
    Continuous,
    Diffusion,
    FirstTerms,
    Frozen,
    GaussianField,
    GridPosterior,
    Linear,
    LogNormalField,
    NoisyLikelihood,
    Pyramid,
    SpectralNetwork,
    Tabulated,
    Told,
    Wiener,
    band_ratios,
    bbks_power,
    grid_posterior,
    hmc,
    periodic,
    seeded,
    table_levels,
    term_weights,
    zoomed_posterior,
)

HOME = torch.tensor(FIDUCIAL, dtype=torch.float64)
TWO = torch.tensor([[0.3, 0.8], [0.38, 0.77]], dtype=torch.float64)
CLOCK = VP(Linear(-9.0, 7.0))
SMALL = GaussianField(8, 100.0)
BETAS = torch.linspace(1e-4, 0.02, 300, dtype=torch.float64)
STEPS = Wiener(VP(Tabulated(table_levels(BETAS))), SMALL)
MAP = SMALL.sample(1, HOME, seeded(0))


def noised(x: Tensor, std: float, seed: int) -> Tensor:
    """A map that was observed with noise."""
    return x + std * torch.randn(x.shape, dtype=torch.float64, generator=seeded(seed))


@pytest.mark.parametrize("law", [GaussianField, LogNormalField])
def test_the_density_is_that_of_a_dense_normal(law: type[GaussianField]) -> None:
    field = law(8, 100.0)
    x = field.sample(3, TWO[1], seeded(1))
    pixels = torch.eye(64, dtype=torch.float64).view(64, 1, 8, 8)
    covariance = field.filtered(pixels, field.spectrum(TWO[1])).flatten(1)
    shown = noised(field.encode(x), 0.3, 2) if law is GaussianField else field.encode(x)
    std = 0.3 if law is GaussianField else 0.0
    mean = field.mean(TWO[1]).expand(64)
    L = torch.linalg.cholesky(covariance + std**2 * torch.eye(64))
    u = torch.linalg.solve_triangular(L, (shown.flatten(1) - mean).T, upper=False)
    log_det = (2 * torch.pi * L.diagonal().square()).log().sum()
    dense = -0.5 * (u.square().sum(0) + log_det)
    found = field.log_prob(field.decode(shown), TWO[1], std)
    assert torch.allclose(found, dense + field.log_slope(x), atol=1e-6)


def test_the_cramer_rao_bounds_are_those_of_the_sheet() -> None:
    for n, side, sds in ((16, 200.0, (0.0789, 0.0358)), (32, 400.0, (0.0381, 0.0178))):
        cov = torch.linalg.inv(GaussianField(n, side).fisher(HOME))
        assert torch.allclose(cov.diagonal().sqrt(), torch.tensor(sds).double(), atol=6e-5)


@pytest.mark.parametrize("law", [GaussianField, LogNormalField])
def test_two_universes_differ_by_as_much_in_the_bound(law: type[GaussianField]) -> None:
    field = law(16, 200.0)
    x = field.sample(1, HOME, seeded(3))
    shown = field.encode(x)
    found = Wiener(CLOCK, field).expected_bound(shown, TWO)
    assert abs((found + field.log_prob(x, TWO)).diff()) < 0.02
    assert (found >= -field.log_prob(x, TWO) + field.log_slope(x)).all()


def test_frozen_draws_average_to_the_closed_form() -> None:
    wiener = Wiener(CLOCK, SMALL)
    drawn = torch.stack([BoundLikelihood(wiener, MAP, 64, seeded(s))(TWO) for s in range(30)])
    exact, error = -wiener.expected_bound(MAP, TWO), drawn.std(0) / 30**0.5
    assert ((drawn.mean(0) - exact).abs() < 4 * error).all()
    apart = drawn.diff(dim=1)
    assert apart.std() < 0.5 * drawn.std(0).min()
    assert abs(apart.mean() - exact.diff()) < 4 * apart.std() / 30**0.5


def test_draws_in_parts_are_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    guess = BoundLikelihood(Wiener(CLOCK, SMALL), MAP, 50, seeded(4))
    whole = guess(TWO)
    monkeypatch.setattr(Frozen, "together", 16)
    assert torch.allclose(guess(TWO), whole) and guess(TWO[:0]).shape == (0,)
    assert torch.allclose(guess(TWO[0]), whole[0])


def test_all_terms_know_the_posterior_and_few_know_the_prior() -> None:
    table = STEPS.process.clock
    gamma = table(torch.linspace(0, 1, 300, dtype=torch.float64))
    def first(theta: Tensor, terms: int) -> Tensor:
        miss = STEPS.expected_miss(MAP, gamma[:terms], theta)
        return -(term_weights(table)[:terms] * miss).sum(-1)
    truth = grid_posterior(lambda v: SMALL.log_prob(MAP, v), COSMOLOGIES, 15)
    every, few = (grid_posterior(lambda v, n=n: first(v, n), COSMOLOGIES, 15) for n in (300, 3))
    flat = grid_posterior(lambda v: 0 * v[:, 0], COSMOLOGIES, 15)
    assert truth.kl(every) < 0.01 and truth.kl(few) > 20 * truth.kl(every)
    assert abs(flat.kl(few)) < 0.1 < flat.kl(truth)


def test_a_term_is_a_step_of_the_path_kl() -> None:
    guess = FirstTerms(STEPS, MAP, 40, seeded(5))
    cost = guess.weight * guess.cost(HOME, slice(None))
    x, t = MAP.expand(39, -1, -1, -1), guess.times[1:] - 0.5 / 299
    steps = STEPS.path_kl(x, t, guess.eps[1:], 299, theta=HOME) / 299
    assert torch.allclose(cost[1:], steps)
    at = STEPS.process.at(0.0)
    x_hat = STEPS(at.state(MAP, guess.eps[:1]), at, theta=HOME)
    decoder = torch.distributions.Normal(x_hat, BETAS[0].sqrt())
    last = -cost[0] + guess.constant + STEPS.process.prior_kl(MAP)[0]
    assert torch.allclose(last, decoder.log_prob(MAP).sum())


def test_a_bound_that_begins_at_the_noise_knows_the_noise() -> None:
    wiener, seen = Wiener(CLOCK, SMALL), noised(MAP, 0.3, 6)
    clumpy = torch.tensor([[0.3, 0.75], [0.3, 0.85]], dtype=torch.float64)
    truth = SMALL.log_prob(seen, clumpy, 0.3).diff()
    def drawn(antithetic: bool) -> Tensor:
        banks = (NoisyLikelihood(wiener, seen, 0.3, 64, seeded(s), antithetic) for s in range(40))
        return torch.cat([bank(clumpy).diff() for bank in banks])
    pairs, plain = drawn(True), drawn(False)
    assert abs(pairs.mean() - truth) < 4 * pairs.std() / 40**0.5 + 0.02
    assert pairs.std() < plain.std()
    assert abs(SMALL.log_prob(seen, clumpy).diff() - truth) > 2 * pairs.std()


def test_a_chain_in_a_box_has_the_moments_of_a_grid() -> None:
    def peak(theta: Tensor) -> Tensor:  # half of it is outside of the box
        u = (theta - torch.tensor([0.12, 0.85])) / torch.tensor([0.08, 0.05])
        return -0.5 * (u.square().sum(-1) + u[..., 0] * u[..., 1])
    starts = torch.tensor([[0.4, 0.7], [0.2, 0.95]], dtype=torch.float64)
    chains = hmc(peak, starts, COSMOLOGIES, samples=200, warmup=60)
    grid = grid_posterior(peak, COSMOLOGIES, 80)
    assert (chains.r_hat < 1.02).all() and (chains.accepted > 0.7).all()
    assert ((chains.mean - grid.mean).abs() < 4 * grid.sd / chains.ess.sqrt()).all()
    assert (chains.sd / grid.sd - 1).abs().max() < 0.15 and (chains.ess > 100).all()
    again = hmc(peak, starts, COSMOLOGIES, samples=4, warmup=2)
    assert torch.equal(again.samples, hmc(peak, starts, COSMOLOGIES, samples=4, warmup=2).samples)


def test_a_grid_knows_its_moments_and_ranks() -> None:
    box = Box([0.0, 0.0], [2.0, 4.0])
    p = grid_posterior(lambda v: -0.5 * ((v - 1) / 0.2).square().sum(-1), box, 60)
    assert torch.allclose(p.mean, torch.ones(2).double(), atol=1e-6)
    assert torch.allclose(p.sd, torch.full((2,), 0.2).double(), atol=1e-4)
    normal = torch.distributions.Normal(1.0, 0.2)
    theta = torch.tensor([0.9, 1.3], dtype=torch.float64)
    assert torch.allclose(p.below(theta), normal.cdf(theta), atol=5e-3)
    assert abs(float(p.mass[p.mass >= p.level(0.68)].sum()) - 0.68) < 0.03
    near = zoomed_posterior(lambda v: -0.5 * ((v - 1) / 0.02).square().sum(-1), box, 31)
    assert torch.allclose(near.sd, torch.full((2,), 0.02).double(), rtol=0.2)


def test_a_network_is_told_real_numbers_and_has_no_edges() -> None:
    torch.manual_seed(0)
    bare = Pyramid(1, 8, (1, 2), 1, (), 0.0, latent=2, residual=False, smooth=False)
    loose = periodic(bare)
    for p in loose.parameters(): nn.init.normal_(p, std=0.2)
    model = Diffusion(Told(loose, COSMOLOGIES), CLOCK, "v", Continuous(), SMALL.shape).double()
    z, gamma = MAP.repeat(2, 1, 1, 1), torch.zeros(2, dtype=torch.float64)
    said = model.predict(z, gamma, theta=TWO)
    moved = model.predict(z.roll((2, 4), (2, 3)), gamma, theta=TWO)
    assert torch.allclose(moved, said.roll((2, 4), (2, 3)), atol=1e-8)
    assert (said[0] - said[1]).abs().max() > 1e-3
    assert all(c.padding_mode == "zeros" for c in bare.modules() if isinstance(c, nn.Conv2d))
    q = HOME.clone().requires_grad_()
    slope, = torch.autograd.grad(BoundLikelihood(model.denoiser, MAP, 8, seeded(7))(q), q)
    assert slope.isfinite().all() and (slope != 0).all()
    assert model.sample(2, Ancestral(2), progress=False, theta=TWO).shape == (2, 1, 8, 8)


def test_the_control_model_can_be_the_perfect_one() -> None:
    """With log λ in the place of its perceptron, on lognormal maps with a mean."""
    field = LogNormalField(8, 100.0)
    network = SpectralNetwork(field)
    class Known(nn.Module):
        def forward(self, rows: Tensor) -> Tensor:
            return field.spectrum(HOME).log().expand(len(rows), -1)[..., None]
    class Mean(nn.Module):
        def forward(self, told: Tensor) -> Tensor: return field.mean(HOME).expand(len(told), 1)
    network.spectrum, network.mean = Known(), Mean()
    model = Diffusion(network, CLOCK, "eps", Continuous(), field.shape)
    y = field.encode(field.sample(4, HOME, seeded(8)))
    wiener = Wiener(CLOCK, field)(y, 0.5, theta=HOME)
    assert torch.allclose(model.denoise(y, 0.5, theta=HOME.expand(4, 2)), wiener, atol=1e-6)


def test_drawn_maps_have_the_power_of_the_field() -> None:
    y = Ancestral(150)(Wiener(CLOCK, SMALL), CLOCK.prior((300, 1, 8, 8), seeded(9)), seeded(10),
                      theta=HOME)
    edges = torch.tensor([0.05, 0.15, 0.25, 0.4])
    assert (band_ratios(SMALL, y, HOME, edges) - 1).abs().max() < 0.12


@pytest.mark.parametrize(("call", "said"), [
    (lambda: SMALL.spectrum(torch.tensor([0.6, 0.8])), "leaves the prior"),
    (lambda: SMALL.spectrum(torch.tensor([torch.nan, 0.8])), "leaves the prior"),
    (lambda: SMALL.spectrum(HOME[:1]), "give (2,)"),
    (lambda: SMALL.sample(3, TWO), "2 rows for n = 3"),
    (lambda: SMALL.log_prob(MAP[..., :4], HOME), "8 × 8 pixels"),
    (lambda: SMALL.log_prob(MAP, HOME, -1.0), "noise_std"),
    (lambda: GaussianField(7), "even number"),
    (lambda: GaussianField(8, -1.0), "positive number"),
    (lambda: Box([1.0], [0.0]), "each low one below"),
    (lambda: LogNormalField(8).encode(MAP - 9), "-1 or less"),
    (lambda: bbks_power(torch.zeros(2), HOME), "positive and finite"),
    (lambda: Wiener(CLOCK, SMALL)(MAP, 0.5), "theta is missing"),
    (lambda: BoundLikelihood(Wiener(CLOCK, SMALL), MAP, 0), "draws = 0"),
    (lambda: BoundLikelihood(Wiener(CLOCK, SMALL), MAP.repeat(2, 1, 1, 1)), "give one example"),
    (lambda: FirstTerms(Wiener(CLOCK, SMALL), MAP), "no steps of its own"),
    (lambda: FirstTerms(STEPS, MAP, 301), "from 1 to 300"),
    (lambda: NoisyLikelihood(Wiener(VE(), SMALL), MAP, 0.3), "no VP"),
    (lambda: NoisyLikelihood(Wiener(CLOCK, SMALL), MAP, 100.0), "a level from -9 to 7"),
    (lambda: Told(MLP(2), COSMOLOGIES), "latent = 2"),
    (lambda: SpectralNetwork(SMALL, (7.0, -9.0)), "least noise level"),
    (lambda: grid_posterior(lambda v: v, COSMOLOGIES, 3), "one number for each"),
    (lambda: hmc(lambda v: v.sum(), HOME[None]), "two chains"),
    (lambda: hmc(lambda v: v, TWO), "one finite number"),
    (lambda: hmc(lambda v: v.sum(), TWO * 2, COSMOLOGIES), "leaves the prior"),
    (lambda: Wiener(CLOCK, SMALL).expected_miss(MAP.repeat(2, 1, 1, 1), HOME, HOME), "one map"),
])
def test_what_cannot_be_used_is_refused(call: Callable[[], object], said: str) -> None:
    refused(re.escape(said), call)


def test_without_pyro_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyro", "pyro.infer", "pyro.ops.stats"):
        monkeypatch.setitem(sys.modules, name, None)
    refused("inference", hmc, lambda v: v.sum(), TWO, COSMOLOGIES)


def test_posteriors_on_different_grids_are_not_compared() -> None:
    a, b = (GridPosterior((axis, axis), torch.full((2, 2), 0.25).double())
            for axis in torch.tensor([[0.0, 1.0], [0.0, 2.0]]).double())
    refused("one box", a.kl, b)


def test_a_cell_spreads_its_mass_and_the_ends_are_nothing_and_all() -> None:
    """Also on a coarse grid the probability below is that of the Gaussian."""
    centre, sd = torch.tensor([0.31, 0.803]), torch.tensor([0.038, 0.018])
    found = zoomed_posterior(lambda q: -0.5 * ((q - centre) / sd).square().sum(-1),
                             COSMOLOGIES, 15, 9)
    for z in (-2.0, -1.0, -0.3, 0.4, 1.0, 2.0):
        below = found.below(centre + z * sd)
        assert (below - torch.special.ndtr(torch.tensor(z))).abs().max() < 0.01
    ends = [found.below(end) for end in (COSMOLOGIES.low, COSMOLOGIES.high)]
    assert ends[0].abs().max() < 1e-6 and (ends[1] - 1).abs().max() < 1e-6


def test_a_narrow_posterior_is_looked_at_until_it_is_seen() -> None:
    centre, sd = torch.tensor([0.31, 0.803]), torch.tensor([0.001, 0.0002])
    found = zoomed_posterior(lambda q: -0.5 * ((q - centre) / sd).square().sum(-1), COSMOLOGIES)
    assert ((found.sd - sd) / sd).abs().max() < 0.01
    assert ((found.mean - centre) / sd).abs().max() < 0.01


def test_a_likelihood_that_is_nowhere_finite_is_refused() -> None:
    refused("finite number for some", grid_posterior,
            lambda q: torch.full((len(q),), -torch.inf), COSMOLOGIES, 3)


def test_every_condition_has_a_row_for_each_example() -> None:
    network = Told(MLP(3, 8, 1, latent=2).double(), COSMOLOGIES)
    model = Diffusion(network, VP(Linear(-7.0, 6.0)), "v", Continuous(), (3,))
    x, theta = torch.zeros(4, 3), COSMOLOGIES.sample(6, seeded(0))
    for rows in (theta, theta[0]):
        refused("theta is not a tensor of 4 rows", model.bpd, x, theta=rows, progress=False)
        refused("theta is not a tensor of 4 rows", model.sample, 4, theta=rows, progress=False)
        refused("theta is not a tensor of 4 rows", model.log_prob, x, theta=rows)
    model.bpd(x, times=1, theta=theta[:4], progress=False)
