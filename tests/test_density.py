"""The density of single examples against closed forms, and data in units of their own."""

import copy
import math
import pickle
import warnings

import pytest
import torch
from torch import Tensor, nn

from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.bounds.units import Standardised
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.gaussians.score import alpha_sigma
from mdm_nb.models.density import LowerBound
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import MLP
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import Linear
from mdm_nb.processes.zoo import CLD
from mdm_nb.samplers.sample import DDIM

C2 = 0.3


class Best(nn.Module):
    """The best prediction of x for N(0, C2 I), with γ recovered from g."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self.low, self.high = process.span

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        alpha, sigma = (c[:, None] for c in alpha_sigma(self.low + (self.high - self.low) * g))
        return C2 * alpha / (C2 * alpha**2 + sigma**2) * z


def best(process: Process, T: int | None = None) -> Diffusion:
    return Diffusion(Best(process), process, "x", Continuous(), (2,), T)


def bound_of(x: Tensor, T: int | None) -> Tensor:
    """The bound of every point under `Best` on VP from −8 to 5: sums over a grid of times, exact
    in the noise."""
    n = 4000 if T is None else T
    edges = torch.linspace(-8.0, 5.0, n + 1, dtype=torch.float64)
    gamma = (edges[1:] + edges[:-1]) / 2 if T is None else edges[1:]
    pace = edges.diff() if T is None else edges.diff().expm1()
    alpha, sigma = alpha_sigma(gamma)
    k = C2 * alpha / (C2 * alpha**2 + sigma**2)
    size, noise = (1 - k * alpha).square(), (k * sigma).square()
    miss = size * x.square().sum(1, keepdim=True) + 2 * noise
    path = 0.5 * (pace * (-gamma).exp() * miss).sum(1)
    prior = VP(Linear(-8.0, 5.0)).prior_kl(x)
    return path + prior + (1 - 8.0 + math.log(2 * math.pi))


@pytest.mark.parametrize(("T", "times"), [(None, 128), (None, 192), (9, 192)])
def test_two_standard_errors_cover_the_truth(T: int | None, times: int) -> None:
    """Of 800 points, near and far, 93 to 97 in a hundred; and the estimate has no bias."""
    x = 0.8 * randn((800, 2), seeded(0))
    found = best(VP(Linear(-8.0, 5.0)), T).log_prob(x, times, batch_size=2**16)
    z = (found.value + bound_of(x, T)) / found.se
    assert found.times == times and found.value.dtype == torch.float64
    assert 0.93 < float((z.abs() < 2).double().mean()) < 0.97
    miss = found.value + bound_of(x, T)
    assert abs(float(miss.mean())) < 5 * float(found.se.square().mean().sqrt()) / 800**0.5


def test_even_times_are_worth_having_and_do_not_flatter_the_error() -> None:
    """Far from the data most of the scatter is that of the times, which even times take away."""
    far = torch.full((40, 2), 4.0, dtype=torch.float64)
    model = best(VP(Linear(-8.0, 5.0)))
    alone, even = (model.log_prob(far, times, batch_size=2**16) for times in (32, 512))
    gain = float((alone.se.square().mean() / even.se.square().mean()).sqrt())
    assert gain > 2 * 16**0.5
    assert float(even.value.std()) == pytest.approx(float(even.se.mean()), rel=0.5)


@pytest.mark.parametrize(("times", "least", "most"), [(4, 0.8, 0.92), (8, 0.85, 0.94)])
def test_fewer_draws_do_not_cover_and_say_so_once(times: int, least: float, most: float) -> None:
    """The bar falls short by what the page says; one warning for all the points."""
    x, model = 0.8 * randn((800, 2), seeded(0)), best(VP(Linear(-8.0, 5.0)))
    with pytest.warns(UserWarning, match=f"{times} draws are few") as told:
        found = model.log_prob(x, times, batch_size=2**16)
    assert len(told) == 1 and "so few" in repr(found)
    z = (found.value + bound_of(x, None)) / found.se
    assert least < float((z.abs() < 2).double().mean()) < most and float((z < -2).sum()) < 8
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "so few" not in repr(model.log_prob(x[:2], 128))


@pytest.mark.parametrize("size", [math.inf, math.nan, 1e200])
def test_a_network_that_overflows_is_refused(size: float) -> None:
    """In the words of `bpd`, for the points that it happens to."""

    class Wild(Best):
        def forward(self, z: Tensor, g: Tensor) -> Tensor:
            return torch.where(g[:, None] > 0.5, z * size, super().forward(z, g))

    process = VP()
    model = Diffusion(Wild(process), process, "x", Continuous(), (2,))
    with pytest.raises(InputError, match="the diffusion term is not finite on 4 of 4 examples"):
        model.log_prob(torch.ones(4, 2), 64)


def test_the_record_has_terms_bits_and_protocol() -> None:
    """They add up, point by point; a density has no bits."""
    torch.manual_seed(0)
    levels = torch.tensor([[0, 3], [1, 2], [2, 2]])
    found = Diffusion(MLP(2), discretization=Discretization(4), shape=(2,)).log_prob(levels, 128)
    assert found.terms is not None and list(found.terms) == ["reconstruction", "prior", "diffusion"]
    assert torch.allclose(torch.stack(list(found.terms.values())).sum(0), found.nats)
    assert torch.equal(found.nats, -found.value)
    assert torch.allclose(found.bits, found.nats / (2 * math.log(2)))
    assert "4 draws per example, 32 independent copies" in found.protocol
    assert "seed 0" in found.protocol
    with pytest.raises(InputError, match="no bits"):
        _ = best(VP()).log_prob(torch.ones(1, 2), 128).bits


def test_a_plan_for_a_standard_error_holds() -> None:
    model, x = best(CLD(clock=Linear(-6.0, 1.6))), 0.5 * randn((3, 2), seeded(1))
    first = model.log_prob(x, 64)
    wanted = float(first.se.max()) / 4
    assert first.times_for(wanted) == 16 * 64
    assert float(model.log_prob(x, first.times_for(wanted)).se.max()) < 1.6 * wanted


def test_the_draws_are_whole_groups_and_the_batch_does_not_matter() -> None:
    model, x = best(VP()), randn((5, 2), seeded(2))
    assert [model.log_prob(x, n).times for n in (2, 31, 32, 33, 37, 96)] == [2, 31, 32, 34, 38, 96]
    a, b = (model.log_prob(x, 40, seed=3, batch_size=size) for size in (7, 2048))
    assert torch.allclose(a.value, b.value, rtol=1e-12) and torch.allclose(a.se, b.se, rtol=1e-9)
    other = model.log_prob(x, 40, seed=4)
    assert not torch.equal(other.value, a.value)
    assert torch.allclose(model.log_prob(x[:2], 40, seed=3).value, a.value[:2], rtol=1e-12)


def test_levels_have_a_log_probability() -> None:
    """In nats for an example, the negative of what `bpd` estimates."""
    torch.manual_seed(0)
    model = Diffusion(MLP(2), discretization=Discretization(4), shape=(2,))
    levels = torch.tensor([[0, 3], [1, 2]])
    found = model.log_prob(levels, 2048)
    b = model.bpd(levels.repeat(600, 1), 1200, 4, progress=False).total.view(-1, 2)
    se = (b.var(0) / 600 + found.se.square()).sqrt()
    assert ((found.value + b.mean(0)).abs() < 5 * se).all() and isinstance(found, LowerBound)


@pytest.mark.parametrize("scale", [1e-3, 250.0])
def test_another_unit_costs_the_logarithm_of_its_size(scale: float) -> None:
    """log p(scale x + shift) = log p(x) − d log scale; samples come in the data's own units."""
    process, x = VP(Linear(-8.0, 5.0)), 0.5 * randn((4, 2), seeded(3))
    plain = best(process)
    own = Diffusion(Best(process), process, "x", Standardised(7.0, scale), (2,))
    here, there = plain.log_prob(x, 64), own.log_prob(7.0 + scale * x, 64)
    assert torch.allclose(there.value, here.value - 2 * math.log(scale), atol=1e-6)
    drawn = [m.sample(5, DDIM(3), progress=False) for m in (plain, own)]
    assert torch.allclose(drawn[1], 7.0 + scale * drawn[0], rtol=1e-9)


def test_units_of_every_dimension_are_those_of_the_data() -> None:
    scale = torch.tensor([1e4, 2e-3]).double()
    x = 5 * scale + scale * randn((400, 2), seeded(4))
    units = Standardised.of(x)
    u = units.encode(x)
    assert u.mean(0).abs().max() < 1e-8 and (u.std(0) - 1).abs().max() < 1e-8
    wide = torch.distributions.Normal(units.decode(u, 0.1), 0.1 * units.scale)
    assert torch.allclose(units.log_prob(x, u, 0.1), wide.log_prob(x).sum(1), rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Standardised(0.0, 0.0), "scale = 0.0: give positive"),
        (lambda: Standardised(math.nan), "shift = nan"),
        (lambda: Standardised.of(torch.zeros(1, 2)), "at least two"),
        (lambda: Standardised.of(torch.ones(5, 2)), "never changes has no density"),
        (lambda: best(VP()).log_prob(torch.zeros(1, 2), 1), "times = 1"),
        (lambda: best(VP()).log_prob(torch.zeros(1, 2), 10**12), "times = 1000000000000"),
        (lambda: best(VP()).log_prob(torch.zeros(1, 3)), "shape"),
        (lambda: best(VP()).log_prob(torch.zeros(1, 2), 2).times_for(0.0), "se = 0.0"),
    ],
)
def test_bad_input(make: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.parametrize(
    ("factor", "shift", "told"),
    [(1.0, 0.0, False), (100.0, 0.0, True), (1.0, 100.0, True), (1e-3, 0.0, True), (5, 1.0, False)],
)
def test_data_far_from_unit_scale_are_noticed_once(factor: float, shift: float, told: bool) -> None:
    """And not any more if they are standardised."""
    x = shift + factor * randn((100, 2), seeded(5))
    model = Diffusion(MLP(2), discretization=Continuous(), shape=(2,))
    own = Diffusion(MLP(2), discretization=Standardised.of(x), shape=(2,))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for m in (model, model, own):
            m.loss(x)
    assert [("Standardised.of(data)" in str(w.message)) for w in caught] == [True] * told


@pytest.mark.parametrize("process", [VP(), CLD()])
def test_a_model_can_be_copied_and_pickled(process: Process) -> None:
    model = Diffusion(MLP(2, 8, 1), process, "v", Standardised(0.0, 2.0), (2,))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        drawn = [m.sample(2, DDIM(2), progress=False) for m in (model, twin)]
        assert torch.equal(*drawn)
