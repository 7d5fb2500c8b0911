"""Likelihoods by the probability flow, against bins of known mass, and in other units."""
import math
from collections.abc import Callable
from functools import cache, partial

import pytest
import torch
from torch import Tensor

from mdm_nb import (
    CLD,
    MALDA,
    MDM,
    PSLD,
    VE,
    VP,
    Continuous,
    Denoiser,
    Discretization,
    Keyed,
    LearnedMDM,
    Linear,
    Measured,
    Mixture,
    MixtureDenoiser,
    denoiser,
    seeded,
)
from mdm_nb.gaussians.errors import InputError
from mdm_nb.models.likelihood import Flow, FlowDensity, draw_start, flow, log_prior
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Process

LEVELS = Discretization(8)
LAW = Mixture(torch.tensor([0.6, 0.4]).double(), torch.tensor([[-0.3], [0.5]]).double(),
              torch.tensor([[[0.04]], [[0.02]]]).double())


def fitted(make: Callable[..., MDM]) -> MDM:
    """The process on a clock that begins with the noise of the levels."""
    first = make()
    return make(clock=Linear(first.log_tau(LEVELS.gamma_0), first.log_tau(10.0)))


MAKERS = {
    "VP": lambda: VP(Linear(LEVELS.gamma_0, 10.0)),
    "CLD": lambda: fitted(partial(CLD, V0=0.25)),
    "MALDA": lambda: fitted(MALDA),
    "learned": lambda: fitted(lambda clock=None: LearnedMDM(
        2, clock=clock, generator=seeded(3)).requires_grad_(False)),
}
PROCESSES = {name: cache(make) for name, make in MAKERS.items()}  # a clock takes long to find


def cdf(x: Tensor, variance: Tensor) -> Tensor:
    """The mass of the data below x, if noise of a variance is added to them."""
    std = (LAW.covs.view(-1) + variance).sqrt()
    return (LAW.weights * torch.special.ndtr((x[..., None] - LAW.means.view(-1)) / std)).sum(-1)


def mass(process: Process, k: Tensor, start: str) -> Tensor:
    """p(k), by the decoder of each start: a bin of the first block, or the usual one."""
    at = process.at(0.0)
    if start != "decoder":
        blur = at.kernel.L[0, 0].square() / at.kernel.Phi[0, 0].square()
        edge = LEVELS.encode(k) - LEVELS.delta / 2
        return cdf(edge + LEVELS.delta, blur) - cdf(edge, blur)
    grid = torch.linspace(-2.5, 2.5, 20001, dtype=torch.float64)
    weight = cdf(grid + 1.25e-4, at.gamma.exp()) - cdf(grid - 1.25e-4, at.gamma.exp())
    std = (at.gamma / 2).exp()
    each = LEVELS.log_prob(k.expand(len(grid))[:, None], grid[:, None], std).exp()
    return (weight * each).sum()


@pytest.mark.parametrize("start", ["decoder", "uniform", "truncated"])
@pytest.mark.parametrize("name", PROCESSES)
def test_weights_have_the_mass_of_a_level_for_their_mean(name: str, start: str) -> None:
    process, k = PROCESSES[name](), torch.full((100, 1), 2)
    method = Flow(1e-3, atol=1e-3, start=start)
    found = method(MixtureDenoiser(process, LAW), k, LEVELS, generator=seeded(2))
    weight, truth = (-found.total).exp(), float(mass(process, k[0], start))
    se = float(weight.std()) / math.sqrt(len(k))
    # the prior is not quite the law of the last state
    assert abs(float(weight.mean()) - truth) < 4 * se + 0.01 * truth
    assert found.levels == 8 and f"start {start}" in found.protocol


@pytest.mark.parametrize("name", PROCESSES)
def test_a_start_is_as_likely_as_it_says(name: str) -> None:
    process, x = PROCESSES[name](), torch.tensor([[0.25]]).expand(50, 1)
    begin = draw_start(process, x, Continuous(), generator=seeded(0))
    k = process.kernel(0.0)
    law = torch.distributions.MultivariateNormal(k.Phi[:, 0] * 0.25, scale_tril=k.L)
    assert torch.allclose(begin.log_q, law.log_prob(begin.y.view(50, -1)))


def test_the_prior_has_the_density_that_it_is_drawn_from() -> None:
    for make in PROCESSES.values():
        process = make()
        y = process.prior((5, 3), seeded(1))
        S = process.prior_factor @ process.prior_factor.mT
        law = torch.distributions.MultivariateNormal(torch.zeros(process.K).double(), S)
        rows = y.view(5, process.K, 3).mT
        assert torch.allclose(log_prior(process, y), law.log_prob(rows).sum(1))


def test_an_example_does_not_depend_on_its_batch() -> None:
    model = MixtureDenoiser(PROCESSES["learned"](), LAW)
    k = torch.tensor([[1], [4], [6]])
    whole = Flow(1e-2, atol=1e-2)(model, k, LEVELS, 2, Keyed(0, range(3), 3))
    for i in range(3):
        one = Flow(1e-2, atol=1e-2)(model, k[i:i + 1], LEVELS, 2, Keyed(0, range(i, i + 1), 3))
        assert torch.allclose(whole.total[i], one.total[0], atol=1e-6)


def test_the_units_of_velocities_do_not_matter() -> None:
    """States (x, c v) with R = diag(1, c) for every block's unit: the same bits."""
    Q, D = torch.tensor([[0.0, -1.0], [1.0, 0.0]]), torch.tensor([[0.1, 0.0], [0.0, 1.0]])
    found = []
    for c in (1.0, 7.0):
        R = torch.diag(torch.tensor([1.0, c]))
        process = MDM(R @ Q @ R, R @ D @ R, S=[1.0, c**2], V0=[0.0, 0.25 * c**2])
        model = MixtureDenoiser(process, LAW)
        method, k = Flow(1e-5, atol=1e-5), torch.tensor([[2], [4]])
        found.append(method(model, k, LEVELS, 1, seeded(0)).total)
    assert torch.allclose(*found, atol=1e-4)


def test_units_of_the_data_shift_a_density_by_their_logarithm() -> None:
    found = []
    for scale in (1.0, 3.0):
        law = Mixture(LAW.weights, scale * LAW.means, scale**2 * LAW.covs)
        low, high = (g + 2 * math.log(scale) for g in (-8.0, 14.0))
        model = MixtureDenoiser(VE(Linear(low, high)), law)
        x = scale * torch.tensor([[0.1], [0.6]]).double()
        method = Flow(1e-6, atol=1e-6, start="point")
        found.append(method(model, x, Continuous(), 1, seeded(0)).total)
    assert torch.allclose(found[0] + math.log(3), found[1], atol=1e-4)


def test_who_does_not_arrive_leaves_the_others_alone() -> None:
    def broken(z: Tensor, gamma: Tensor) -> Tensor:
        still = torch.sigmoid(-gamma).sqrt()[:, None] * z  # of data of variance 1: nothing moves
        return torch.where((z > 1.5) & (gamma[:, None] > -3), torch.nan, still)
    model = denoiser(VP(), broken, "x")
    y = torch.tensor([[0.1], [-0.2], [1.9]])
    found = FlowDensity(1e-4, atol=1e-4).log_prob(model, y.double(), generator=seeded(0))
    assert found.arrived.tolist() == found.log_p.isfinite().tolist() == [True, True, False]


def test_what_is_refused() -> None:
    model = MixtureDenoiser(VP(), LAW)
    with pytest.raises(InputError, match="start is 'noise'"): Flow(start="noise")
    with pytest.raises(InputError, match="start = 'point' with levels"):
        Flow(start="point")(model, torch.zeros(2, 1, dtype=torch.int64), LEVELS)
    with pytest.raises(InputError, match="times"):
        Flow()(model, torch.zeros(2, 1, dtype=torch.int64), LEVELS, 0)
    told = Measured(model, torch.zeros(1, 1), lambda x: x)
    with pytest.raises(InputError, match="has no slope"):
        Flow()(told, torch.zeros(2, 1), Continuous())


def test_random_signs_are_never_weighed_together() -> None:
    """E exp(noise) > 1: a mean of noisy weights lies above the density that it estimates."""
    law = Mixture.gaussian(torch.zeros(2), torch.tensor([[1.0, 0.9], [0.9, 1.0]]) / 2)
    model, x = MixtureDenoiser(VP(Linear(-6.0, 8.0)), law), torch.tensor([[0.3, -0.2]]).expand(8, 2)
    for exact in (False, True):
        found = Flow(1e-2, exact=exact, atol=1e-2)(model, x, Continuous(), 6, seeded(4))
        assert ("weighing" in found.parts) is exact
    signs = Flow(1e-3, atol=1e-3)(model, x.repeat(20, 1), Continuous(), 1, seeded(5)).total
    exact = Flow(1e-3, exact=True, atol=1e-3)(model, x.repeat(20, 1), Continuous(), 1, seeded(5))
    se = float((signs - exact.total).std()) / math.sqrt(len(signs))
    assert abs(float((signs - exact.total).mean())) < 4 * se
    assert float((exact.total - signs).exp().mean()) > 1 + 4 * se


@pytest.mark.parametrize("make", [CLD, PSLD, MALDA])
def test_networks_of_noise_have_the_density_of_their_own_flow(make: Callable[[], MDM]) -> None:
    """The exact noise has the law's density; a wrong one that of the flow that samplers walk."""
    process = make()
    law = MixtureDenoiser(process, LAW)
    def noise(y: Tensor, gamma: Tensor) -> Tensor:
        at = process.at(process.time(gamma))
        eps = mix(inverse(at.kernel.L), y - at.mean(law(y, at)))
        return eps[:, -process.heads:] if process.heads > 1 else eps[:, -1]
    y = process.at(0.2).state(torch.tensor([[0.3]]).double(), torch.ones(1, process.K, 1).double())
    for model in (law, denoiser(process, noise, "noise")):
        slope, spread = flow(model, y, 0.2, torch.ones(1, 1, 1).double())
        def moved(row: Tensor, model: Denoiser = model) -> Tensor:
            return model.drift(row.view_as(y), 0.2, 0.0).flatten()
        whole = torch.autograd.functional.jacobian(moved, y.flatten()).trace()
        assert torch.allclose(slope, model.drift(y, 0.2, 0.0), atol=1e-9)
        assert torch.allclose(spread[0], whole, rtol=1e-7)
