"""The bound against closed forms, its record and its error bar."""
import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mdm_nb.bound import (
    Bound,
    bound,
    diffusion_term,
    free_variance_bound,
    gaussian_bound,
    low_discrepancy,
    reconstruction_term,
    step_ratios,
)
from mdm_nb.core import InputError, randn, seeded
from mdm_nb.discretize import Continuous, Discretization
from mdm_nb.process import VP
from mdm_nb.schedule import Cosine, Custom, Linear, Monotone
from mdm_nb.score import KINDS, Mixture, alpha_sigma

C2 = 0.3
ORACLE = Mixture.gaussian(torch.zeros(1), torch.tensor([[C2]]))
SCHEDULES = {"linear": Linear, "cosine": Cosine, "custom": lambda: Custom(lambda t: -13.3 + 18.3 * t**1.7),
             "monotone": lambda: Monotone(generator=seeded(0))}


def oracle(kind: str, mixture: Mixture = ORACLE) -> Callable[[Tensor, Tensor], Tensor]:
    """The best prediction of a kind, as a model."""
    return partial(mixture.predict, kind=kind)


def legendre(n: int) -> tuple[Tensor, Tensor]:
    """Gauss–Legendre nodes and weights on [0, 1], from the eigenvalues of the Jacobi matrix."""
    k = torch.arange(1, n, dtype=torch.float64)
    nodes, vectors = torch.linalg.eigh(torch.diag(k / (4 * k**2 - 1).sqrt(), 1) + torch.diag(k / (4 * k**2 - 1).sqrt(), -1))
    return (nodes + 1) / 2, vectors[0] ** 2


def quadrature(process: VP, kind: str, T: int | None) -> float:
    """The diffusion term for N(0, C2), exact: the integrand is quadratic in x and in ε, so four corners give its mean."""
    t, w = legendre(400) if T is None else ((torch.arange(T).double() + 0.5) / T, torch.full((T,), 1 / T, dtype=torch.float64))
    t4 = t.repeat_interleave(4)
    x, eps = (torch.tensor(c, dtype=torch.float64).repeat(len(t))[:, None] for c in ((1, 1, -1, -1), (1, -1, 1, -1)))
    with torch.no_grad(): nats = diffusion_term(process, oracle(kind), C2**0.5 * x, t4, eps, kind, T)
    return float(nats.view(-1, 4).mean(1) @ w)


@pytest.mark.parametrize("T", [None, 1, 7, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_quadrature_of_the_code_is_the_closed_form(kind: str, T: int | None) -> None:
    """Every parameterisation, discrete and continuous, without random numbers."""
    truth = float(gaussian_bound(VP(), C2, T).diffusion)
    assert quadrature(VP(), kind, T) == pytest.approx(truth, abs=1e-6, rel=1e-9)


@pytest.mark.parametrize("T", [None, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_monte_carlo_within_five_standard_errors(kind: str, T: int | None) -> None:
    """The estimate as it is used."""
    b = bound(VP(), oracle(kind), ORACLE.sample(4000, seeded(0)), Continuous(), kind, T, times=2, generator=seeded(1))
    assert abs(b.nats - float(gaussian_bound(VP(), C2, T).total)) < 5 * b.se
    for name, (mean, se) in b.terms().items():
        assert abs(mean - float(getattr(gaussian_bound(VP(), C2, T), name))) < 5 * se + 1e-12


def test_known_constant() -> None:
    """6.0470067 nats for c² = 0.3 between γ = −13.3 and 5."""
    assert float(gaussian_bound(VP(), C2).diffusion) == pytest.approx(6.0470067, abs=1e-7)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule_invariance(name: str) -> None:
    """One number from every shape between the same ends."""
    assert quadrature(VP(SCHEDULES[name]()), "eps", None) == pytest.approx(6.0470067167, abs=1e-6)


@given(variance=st.floats(1e-4, 1e4), low=st.floats(-15, -2), width=st.floats(0.5, 20), T=st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_gaussian_bound_is_a_bound_and_falls_with_steps(variance: float, low: float, width: float, T: int) -> None:
    """Discrete ≥ twice as many steps ≥ continuous ≥ entropy, for any variance and range."""
    process, entropy = VP(Linear(low, low + width)), 0.5 * math.log(2 * math.pi * math.e * variance)
    coarse, fine, limit = (float(gaussian_bound(process, variance, n).total) for n in (T, 2 * T, None))
    slack = 1e-12 * (1 + abs(coarse))
    assert coarse >= fine - slack and fine >= limit - slack and limit >= entropy - 1e-9


def test_gaussian_bound_takes_many_variances() -> None:
    """One call per axis or one call for all."""
    variances = torch.tensor([[0.3, 0.01], [1.0, 5.0]])
    for T in (None, 13):
        together = gaussian_bound(VP(), variances, T)
        assert together.total.shape == (2, 2)
        assert torch.allclose(together.total[1, 1], gaussian_bound(VP(), 5.0, T).total)


def test_discrete_excess_is_first_order() -> None:
    """L_T − L_∞ falls with slope −1."""
    limit = float(gaussian_bound(VP(), C2).diffusion)
    excess = [float(gaussian_bound(VP(), C2, T).diffusion) - limit for T in (1000, 10_000)]
    assert math.log10(excess[0] / excess[1]) == pytest.approx(1, abs=0.01)


@given(v=st.floats(-0.9, 50), u=st.floats(0, 50), d=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_free_variance_is_a_gaussian_divergence(v: float, u: float, d: int) -> None:
    """One step against the general formula, with means √u apart in units of σ_Q; never below the best variance."""
    q = torch.distributions.Normal(torch.zeros(d).double(), 1.0)
    p = torch.distributions.Normal(torch.full((d,), u**0.5, dtype=torch.float64), torch.tensor(1 + v, dtype=torch.float64).sqrt())
    ours = float(free_variance_bound(torch.tensor([u], dtype=torch.float64), d, v))
    assert ours == pytest.approx(float(torch.distributions.kl_divergence(q, p).sum()), rel=1e-9, abs=1e-9)
    assert float(free_variance_bound(torch.tensor([u], dtype=torch.float64), d)) <= ours + 1e-9
    assert float(free_variance_bound(torch.tensor([u], dtype=torch.float64), d)) == pytest.approx(d / 2 * math.log1p(u))


def test_fixed_variance_diverges() -> None:
    """w = 0.9 adds 0.0026803 nats per dimension and step."""
    assert float(free_variance_bound(torch.zeros(1000).double(), 2, 1 / 0.9 - 1)) == pytest.approx(2 * 1000 * 0.0026803, rel=1e-4)


def test_step_ratios_sum_to_the_discrete_bound() -> None:
    """Mean over examples, times d/2, summed over steps; the free variance then reaches the continuous bound on a Gaussian."""
    wide = Mixture.gaussian(torch.zeros(3), C2 * torch.eye(3))
    u = step_ratios(VP(), oracle("x", wide), wide.sample(4000, seeded(0)), 20, "x", seeded(1))
    assert u.shape == (4000, 20)
    for v, T in ((0.0, 20), (None, None)):
        nats = free_variance_bound(u, 3, v)
        se = float(nats.std()) / 4000**0.5
        assert nats.shape == (4000,) and abs(float(nats.mean()) - 3 * float(gaussian_bound(VP(), C2, T).diffusion)) < 5 * se
    assert float(free_variance_bound(u, 3).mean()) == pytest.approx(float(free_variance_bound(u.mean(0), 3)))


def test_mixture_bound_lies_above_the_entropy() -> None:
    """Two components; paired with −log p point by point."""
    mixture = Mixture(torch.tensor([0.4, 0.6]), torch.tensor([[-1.0], [0.8]]), torch.tensor([[[0.05]], [[0.1]]]))
    x, process = mixture.sample(4000, seeded(0)), VP(Linear(-8.0, 5.0))
    for T in (None, 8):
        b = bound(process, oracle("v", mixture), x, Continuous(), "v", T, times=4, generator=seeded(1))
        surplus, se = b.mean_se(b.total + mixture.log_prob(x))
        assert surplus > -5 * se
        if T: assert surplus > 5 * se


@given(n=st.integers(1, 2048), seed=st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_low_discrepancy_puts_one_time_in_every_stretch(n: int, seed: int) -> None:
    """Sorted times are 1/n apart, for the sizes where a float grid would have one too many as well."""
    t = low_discrepancy(n, seeded(seed)).sort().values
    assert t.shape == (n,) and t.dtype == torch.float64 and bool(((t >= 0) & (t < 1)).all())
    assert torch.allclose(t.diff(), torch.full((n - 1,), 1 / n, dtype=torch.float64), atol=1e-12)


@pytest.mark.parametrize("n", [49, 98, 103, 107])
def test_low_discrepancy_at_the_pitfall(n: int) -> None:
    """Lengths at which arange(0, 1, 1/n) fails."""
    assert len(torch.arange(0, 1, 1 / n)) == n + 1 and len(low_discrepancy(n)) == n


def test_low_discrepancy_times_are_uniform() -> None:
    """The mean of each time over many draws is one half, within five standard errors."""
    t = torch.stack([low_discrepancy(5, seeded(i)) for i in range(2000)])
    assert ((t.mean(0) - 0.5).abs() < 5 * (1 / 12 / 2000) ** 0.5).all()


@pytest.mark.parametrize(("t", "end"), [(0.0, 1), (1e-9, 1), (0.25, 1), (0.2500001, 2), (0.99, 4), (1.0, 4)])
def test_discrete_times_round_up(t: float, end: int) -> None:
    """i = ⌈tT⌉, at least 1, so that no step starts before 0."""
    seen = []
    def predict(z: Tensor, gamma: Tensor) -> Tensor: seen.append(gamma); return z
    diffusion_term(VP(), predict, torch.zeros(1, 1).double(), torch.tensor([t]).double(), torch.ones(1, 1).double(), "eps", 4)
    assert float(seen[0]) == float(VP().gamma(end / 4))


def test_error_bar_covers_and_is_conservative() -> None:
    """Over repeats the mean scatters less than reported, and more draws of time make it smaller."""
    def run(i: int, times: int) -> Bound:
        return bound(VP(), oracle("v"), ORACLE.sample(64, seeded(i)), Continuous(), "v", times=times, generator=seeded(1000 + i))
    means, reported = {}, {}
    for times in (1, 4):
        records = [run(i, times) for i in range(150)]
        means[times], reported[times] = torch.tensor([r.nats for r in records]).std(), torch.tensor([r.se for r in records]).mean()
        assert means[times] < 1.2 * reported[times]
    assert reported[4] < 0.7 * reported[1]


def record(n: int = 6, levels: int | None = 256, protocol: str = "p") -> Bound:
    """A small record of known numbers."""
    return Bound(torch.arange(n).double(), torch.ones(n).double(), 2 * torch.arange(n).double(), 4, levels, protocol)


def test_record_units() -> None:
    """Bits per dimension for levels, nats for a density; the error bar in the same unit."""
    b, density = record(), record(levels=None)
    assert b.nats == density.nats == pytest.approx(8.5)
    assert b.bpd == pytest.approx(8.5 / (4 * math.log(2))) and b.unit == "bits/dim" and density.unit == "nats"
    assert density.se == pytest.approx(float((3 * torch.arange(6).double()).std()) / 6**0.5)
    assert b.se == pytest.approx(density.se / (4 * math.log(2)))
    assert list(b.terms()) == ["total", "reconstruction", "prior", "diffusion"]
    assert sum(mean for name, (mean, _) in b.terms().items() if name != "total") == pytest.approx(b.terms()["total"][0])


def test_record_prints_value_error_unit_and_protocol() -> None:
    """What a reader sees."""
    assert str(record()).startswith("3.0657 ± ") and "bits/dim" in str(record()) and "n = 6; p" in repr(record())


def test_density_has_no_bits() -> None:
    """The error names the way out."""
    with pytest.raises(InputError, match=r"\.nats"): _ = record(levels=None).bpd


def test_one_example_has_no_error_bar() -> None:
    """A single value says nothing about spread."""
    assert math.isnan(record(1).se)


def test_cat() -> None:
    """Joined batches are one record; different measurements are refused."""
    whole = Bound.cat([record(2), record(4)])
    assert len(whole.total) == 6 and whole.protocol == "p" and whole.dims == 4
    assert whole.nats == pytest.approx((2 * record(2).nats + 4 * record(4).nats) / 6)
    with pytest.raises(InputError, match="no bounds"): Bound.cat([])
    for other in (record(protocol="q"), record(levels=2)):
        with pytest.raises(InputError, match="measured differently"): Bound.cat([record(), other])


def test_discrete_levels() -> None:
    """Levels of many pixels: the three terms, in bits, with the tabulated cost of the decoder."""
    k = torch.randint(1, 255, (400, 3, 5), generator=seeded(0))
    b = bound(VP(), lambda z, g: z, k, Discretization(), "v", generator=seeded(1), protocol="test")
    mean, se = b.terms()["reconstruction"]
    assert b.dims == 15 and b.levels == 256 and abs(mean - 0.010453) < 5 * se
    assert b.protocol == "test, continuous time, 1 draw per example"
    assert "T = 9, 2 draws" in bound(VP(), lambda z, g: z, k, Discretization(), "v", 9, times=2).protocol


def test_reconstruction_uses_its_own_scale() -> None:
    """For a density the expected term is ½(1 + γ_0 + log 2π) per dimension."""
    process, x = VP(Linear(-6.0, 4.0)), randn((5000, 2), seeded(0))
    nats = reconstruction_term(process, x, randn((5000, 2), seeded(1)), Continuous())
    se = float(nats.std()) / 5000**0.5
    assert abs(float(nats.mean()) - 2 * float(gaussian_bound(process, 1.0).reconstruction)) < 5 * se


def test_seeds_reproduce() -> None:
    """One seed, one number; another seed, another."""
    x = ORACLE.sample(32, seeded(0))
    a, b, c = (bound(VP(), oracle("v"), x, Continuous(), generator=seeded(s)).total for s in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_arguments_are_not_changed() -> None:
    """Data, times and noise come back as they were."""
    x, t, eps = ORACLE.sample(8, seeded(0)), low_discrepancy(8, seeded(1)), randn((8, 1), seeded(2))
    before = [a.clone() for a in (x, t, eps)]
    diffusion_term(VP(), oracle("v"), x, t, eps, "v", 5)
    assert all(torch.equal(a, b) for a, b in zip((x, t, eps), before, strict=True))


def test_gradient_reaches_model_and_schedule() -> None:
    """The bound carries its graph, while its numbers can be read without a warning."""
    scale, process = torch.ones((), dtype=torch.float64, requires_grad=True), VP(Monotone(generator=seeded(0)))
    b = bound(process, lambda z, g: scale * z, ORACLE.sample(16, seeded(0)), Continuous(), "v", generator=seeded(1))
    b.total.mean().backward()
    assert scale.grad is not None and all(p.grad is not None for p in process.parameters())
    assert math.isfinite(b.nats + b.se) and "nats" in str(b)


def test_gradient_of_the_discrete_bound_is_that_of_its_closed_form() -> None:
    """The ends of a learned schedule, against finite differences of the exact bound."""
    def exact(low: float) -> float: return float(gaussian_bound(VP(Linear(low, 4.0)), C2, 12).total)
    schedule = Linear(-6.0, 4.0, learned=True)
    t, x, eps = (a.flatten() for a in torch.meshgrid((torch.arange(12).double() + 0.5) / 12, torch.tensor([C2**0.5, -(C2**0.5)]).double(),
                                                   torch.tensor([1.0, -1.0]).double(), indexing="ij"))
    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        return sigma * z / (C2 * alpha**2 + sigma**2)
    nats = diffusion_term(VP(schedule), predict, x[:, None], t, eps[:, None], "eps", 12).mean() + 0.5 * schedule.gamma_0
    slope = torch.autograd.grad(nats, schedule.ends)[0]
    # ends holds (γ_0, width): moving γ_0 alone keeps γ_1 if the width shrinks as much
    assert float(slope[0] - slope[1]) == pytest.approx((exact(-6 + 1e-5) - exact(-6 - 1e-5)) / 2e-5, rel=1e-5)


@pytest.mark.parametrize(("change", "words"), [
    ({"times": 0}, "times = 0"), ({"T": 0}, "T = 0"), ({"parameterisation": "noise"}, "kind is 'noise'"),
    ({"T": 5, "weight": torch.zeros(4).double()}, "weight"), ({"predict": lambda z, g: z[:, :1]}, r"\(4, 1\)"),
    ({"data": torch.zeros(4, 2, dtype=torch.long)}, "Discretization"),
])
def test_bad_input(change: dict[str, object], words: str) -> None:
    """One sentence that names the argument."""
    arguments = {"process": VP(), "predict": lambda z, g: z, "data": torch.zeros(4, 2).double(), "discretization": Continuous()} | change
    with pytest.raises(InputError, match=words): bound(**arguments)


def test_bad_oracles() -> None:
    """Variances must be positive and steps at least one."""
    with pytest.raises(InputError, match="variance"): gaussian_bound(VP(), -1.0)
    with pytest.raises(InputError, match="v holds"): free_variance_bound(torch.zeros(3).double(), 1, -1.0)
    with pytest.raises(InputError, match="T = 0"): step_ratios(VP(), oracle("v"), torch.zeros(2, 1).double(), 0)


def test_the_error_bar_holds_on_sorted_data() -> None:
    """Easy examples first, hard ones last: the scatter of the mean must not exceed what the record reports."""
    x = torch.cat([torch.zeros(32, 1), torch.full((32, 1), 3.0)]).double()
    process = VP(Linear(-3.0, 5.0))
    def predict(z: torch.Tensor, gamma: torch.Tensor) -> torch.Tensor: return torch.zeros_like(z)
    runs = [bound(process, predict, x, Continuous(), "x", generator=seeded(s)) for s in range(300)]
    means, reported = torch.tensor([b.nats for b in runs]), sum(b.se for b in runs) / len(runs)
    assert float(means.std()) < 1.2 * reported


def test_reconstruction_is_in_units_of_the_data() -> None:
    """At γ_0 = 0 the decoder's standard deviation is σ_0/α_0 = 1, and σ_0 is not."""
    eps = torch.tensor([[0.3, -1.2]], dtype=torch.float64)
    got = reconstruction_term(VP(Linear(0.0, 5.0)), torch.zeros(1, 2, dtype=torch.float64), eps, Continuous())
    assert float(got) == pytest.approx(float(0.5 * eps.square().sum()) + math.log(2 * math.pi), rel=1e-14)
