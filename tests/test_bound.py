"""The bound against closed forms, its record and its error bar."""

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, partial

import pytest
import torch
from helpers import coefficients, tail
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mdm_nb.bounds.bound import (
    Bound,
    bound,
    bound_terms,
    gaussian_bound,
    low_discrepancy,
    reconstruction_term,
    spread,
    step_times,
)
from mdm_nb.bounds.denoiser import denoiser
from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.bounds.steps import free_variance_bound, step_ratios
from mdm_nb.gaussians.chain import reverse_transition
from mdm_nb.gaussians.core import InputError, Keyed, randn, seeded
from mdm_nb.gaussians.gaussian import Gaussian, kl
from mdm_nb.gaussians.score import KINDS, Mixture, alpha_sigma, convert
from mdm_nb.processes.learned import LearnedMDM
from mdm_nb.processes.linear import MDM
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VE, VP, SubVP
from mdm_nb.processes.schedule import (
    Beta,
    Cosine,
    Custom,
    Linear,
    Monotone,
    Schedule,
    least_variance,
)
from mdm_nb.processes.zoo import ALDA, CLD, MALDA, PSLD

C2 = 0.3
ORACLE = Mixture.gaussian(torch.zeros(1), torch.tensor([[C2]]))
SCHEDULES = {
    "linear": Linear,
    "cosine": Cosine,
    "custom": lambda: Custom(lambda t: -13.3 + 18.3 * t**1.7),
    "monotone": lambda: Monotone(generator=seeded(0)),
}


def oracle(kind: str, mixture: Mixture = ORACLE) -> Callable[[Tensor, Tensor], Tensor]:
    """The best prediction of a kind, as a model."""
    return partial(mixture.predict, kind=kind)


def legendre(n: int) -> tuple[Tensor, Tensor]:
    """Gauss–Legendre nodes and weights on [0, 1], from the eigenvalues of the Jacobi matrix."""
    k = torch.arange(1, n, dtype=torch.float64)
    nodes, vectors = torch.linalg.eigh(
        torch.diag(k / (4 * k**2 - 1).sqrt(), 1) + torch.diag(k / (4 * k**2 - 1).sqrt(), -1)
    )
    return (nodes + 1) / 2, vectors[0] ** 2


def quadrature(process: VP, kind: str, T: int | None) -> float:
    """The diffusion term for N(0, C2), exact: the integrand is quadratic in x and in ε, so four
    corners give its mean."""
    t, w = (
        legendre(400)
        if T is None
        else ((torch.arange(T).double() + 0.5) / T, torch.full((T,), 1 / T, dtype=torch.float64))
    )
    t4 = t.repeat_interleave(4)
    x, eps = (
        torch.tensor(c, dtype=torch.float64).repeat(len(t))[:, None]
        for c in ((1, 1, -1, -1), (1, -1, 1, -1))
    )
    with torch.no_grad():
        nats = denoiser(process, oracle(kind), kind).path_kl(C2**0.5 * x, t4, eps, T)
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
    b = bound(
        denoiser(VP(), oracle(kind), kind),
        ORACLE.sample(4000, seeded(0)),
        Continuous(),
        T,
        times=2,
        generator=seeded(1),
    )
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


@given(
    variance=st.floats(1e-4, 1e4),
    low=st.floats(-15, -2),
    width=st.floats(0.5, 20),
    T=st.integers(1, 300),
)
@settings(max_examples=60, deadline=None)
def test_gaussian_bound_is_a_bound_and_falls_with_steps(
    variance: float, low: float, width: float, T: int
) -> None:
    """Discrete ≥ twice as many steps ≥ continuous ≥ entropy, for any variance and range."""
    process, entropy = VP(Linear(low, low + width)), 0.5 * math.log(2 * math.pi * math.e * variance)
    coarse, fine, limit = (
        float(gaussian_bound(process, variance, n).total) for n in (T, 2 * T, None)
    )
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
    """One step against the general formula, with means √u apart in units of σ_Q; never below the
    best variance."""
    q = torch.distributions.Normal(torch.zeros(d).double(), 1.0)
    p = torch.distributions.Normal(
        torch.full((d,), u**0.5, dtype=torch.float64),
        torch.tensor(1 + v, dtype=torch.float64).sqrt(),
    )
    ours = float(free_variance_bound(torch.tensor([u], dtype=torch.float64), d, v))
    assert ours == pytest.approx(
        float(torch.distributions.kl_divergence(q, p).sum()), rel=1e-9, abs=1e-9
    )
    assert float(free_variance_bound(torch.tensor([u], dtype=torch.float64), d)) <= ours + 1e-9
    assert float(free_variance_bound(torch.tensor([u], dtype=torch.float64), d)) == pytest.approx(
        d / 2 * math.log1p(u)
    )


def test_fixed_variance_diverges() -> None:
    """w = 0.9 adds 0.0026803 nats per dimension and step."""
    assert float(free_variance_bound(torch.zeros(1000).double(), 2, 1 / 0.9 - 1)) == pytest.approx(
        2 * 1000 * 0.0026803, rel=1e-4
    )


def test_step_ratios_sum_to_the_discrete_bound() -> None:
    """Mean over examples, times d/2, summed over steps; the free variance then reaches the
    continuous bound on a Gaussian."""
    wide = Mixture.gaussian(torch.zeros(3), C2 * torch.eye(3))
    u = step_ratios(
        denoiser(VP(), oracle("x", wide), "x"), wide.sample(4000, seeded(0)), 20, seeded(1)
    )
    assert u.shape == (4000, 20)
    for v, T in ((0.0, 20), (None, None)):
        nats = free_variance_bound(u, 3, v)
        se = float(nats.std()) / 4000**0.5
        assert nats.shape == (4000,)
        assert abs(float(nats.mean()) - 3 * float(gaussian_bound(VP(), C2, T).diffusion)) < 5 * se
    assert float(free_variance_bound(u, 3).mean()) == pytest.approx(
        float(free_variance_bound(u.mean(0), 3))
    )


def test_mixture_bound_lies_above_the_entropy() -> None:
    """Two components; paired with −log p point by point."""
    mixture = Mixture(
        torch.tensor([0.4, 0.6]), torch.tensor([[-1.0], [0.8]]), torch.tensor([[[0.05]], [[0.1]]])
    )
    x, process = mixture.sample(4000, seeded(0)), VP(Linear(-8.0, 5.0))
    for T in (None, 8):
        b = bound(
            denoiser(process, oracle("v", mixture)),
            x,
            Continuous(),
            T,
            times=4,
            generator=seeded(1),
        )
        surplus, se = b.mean_se(b.total + mixture.log_prob(x))
        assert surplus > -5 * se
        if T:
            assert surplus > 5 * se


@given(n=st.integers(1, 2048), seed=st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_low_discrepancy_puts_one_time_in_every_stretch(n: int, seed: int) -> None:
    """Sorted times are 1/n apart, for the sizes where a float grid would have one too many as
    well."""
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


@pytest.mark.parametrize(
    ("t", "end"), [(0.0, 1), (1e-9, 1), (0.25, 1), (0.2500001, 2), (0.99, 4), (1.0, 4)]
)
def test_discrete_times_round_up(t: float, end: int) -> None:
    """i = ⌈tT⌉, at least 1, so that no step starts before 0."""
    seen = []

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        seen.append(gamma)
        return z

    denoiser(VP(), predict, "eps").path_kl(
        torch.zeros(1, 1).double(), torch.tensor([t]).double(), torch.ones(1, 1).double(), 4
    )
    assert float(seen[0]) == float(VP().gamma(end / 4))


def test_error_bar_covers_and_is_conservative() -> None:
    """Over repeats the mean scatters less than reported, and more draws of time make it smaller."""

    def run(i: int, times: int) -> Bound:
        return bound(
            denoiser(VP(), oracle("v")),
            ORACLE.sample(64, seeded(i)),
            Continuous(),
            times=times,
            generator=seeded(1000 + i),
        )

    means, reported = {}, {}
    for times in (1, 4):
        records = [run(i, times) for i in range(100)]
        means[times] = torch.tensor([r.nats for r in records]).std()
        reported[times] = torch.tensor([r.se for r in records]).mean()
        assert means[times] < 1.2 * reported[times]
    assert reported[4] < 0.7 * reported[1]


def record(n: int = 6, levels: int | None = 256, protocol: str = "p") -> Bound:
    """A small record of known numbers."""
    return Bound(
        {
            "reconstruction": torch.arange(n).double(),
            "prior": torch.ones(n).double(),
            "diffusion": 2 * torch.arange(n).double(),
        },
        4,
        levels,
        protocol,
    )


@pytest.mark.parametrize("make", [VP, lambda: VP(Cosine()), VP.song, CLD])
def test_steps_are_taken_evenly_in_gamma_and_paid_back(make: Callable[[], Process]) -> None:
    """Every step counts once in the mean, and is seen as often as it is long in γ."""
    process, T, n = make(), 7, 2**18
    gap = process.gamma(torch.linspace(0, 1, T + 1, dtype=torch.float64)).diff()
    t, weight = step_times(process, (torch.arange(n).double() + 0.5) / n, T)
    step = (t * T).long()
    seen = torch.zeros(T).double().index_add(0, step, torch.ones_like(t)) / n
    paid = torch.zeros(T).double().index_add(0, step, weight) / n
    assert torch.allclose(seen, gap / gap.sum(), atol=2 / n, rtol=0)
    assert torch.allclose(paid, torch.full((T,), 1 / T).double(), rtol=1e-3, atol=0)


def test_steps_are_taken_alike_where_there_is_no_common_gamma() -> None:
    """A level for each dimension has no one way to go evenly."""
    process, u = VP(Linear(torch.tensor([-8.0, -6.0]), 5.0)), torch.rand(9).double()
    t, weight = step_times(process, u, 4)
    assert torch.equal(t, ((4 * u).floor() + 0.5) / 4)
    assert torch.equal(weight, torch.ones(9).double())


@pytest.mark.parametrize("times", [1, 3, 10])
def test_examples_of_the_same_steps_lie_at_one_place(times: int) -> None:
    """To the last bit, however many draws; and in continuous time in the order of the grid."""
    model, x = denoiser(VP(Cosine()), oracle("v")), ORACLE.sample(300, seeded(0))
    u = spread(times, 300, seeded(1))
    few = bound(model, x, Continuous(), 7, times, seeded(1)).place
    steps = step_times(model.process, u, 7)[0].sort(0).values
    assert len(few.unique()) == len(steps.unique(dim=1).T) <= 7
    even = bound(model, x, Continuous(), None, times, seeded(1)).place
    assert torch.equal(even.argsort(), (u[0] * times % 1.0).argsort())


def test_places_are_joined_where_all_are_known() -> None:
    """Joined in parts, a record has the error bar of the whole."""
    model, x = denoiser(VP(), oracle("v")), ORACLE.sample(60, seeded(0))
    whole = bound(model, x, Continuous(), times=3, generator=Keyed(0, range(60), 60))
    rows = [range(25), range(25, 60)]
    parts = [bound(model, x[list(r)], Continuous(), times=3, generator=Keyed(0, r, 60))
             for r in rows]
    assert Bound.cat(parts).se == pytest.approx(whole.se, rel=1e-9)
    assert torch.equal(Bound.cat(parts).place, whole.place) and (whole.place < 1).all()
    unknown = replace(parts[1], place=None)
    assert Bound.cat([parts[0], unknown]).place is None


def test_record_units() -> None:
    """Bits per dimension for levels, nats for a density; the error bar in the same unit."""
    b, density = record(), record(levels=None)
    assert b.nats == density.nats == pytest.approx(8.5)
    assert b.bpd == pytest.approx(8.5 / (4 * math.log(2)))
    assert b.unit == "bits/dim"
    assert density.unit == "nats"
    plain = float((3 * torch.arange(6).double()).std()) / 6**0.5
    student = 2.6487 / 2  # t of five degrees of freedom at two standard deviations, over 2
    assert density.se == pytest.approx(student * plain, rel=1e-3)
    assert b.se == pytest.approx(density.se / (4 * math.log(2)))
    assert list(b.terms()) == ["total", "reconstruction", "prior", "diffusion"]
    assert sum(mean for name, (mean, _) in b.terms().items() if name != "total") == pytest.approx(
        b.terms()["total"][0]
    )


def test_record_prints_value_error_unit_and_protocol() -> None:
    """What a reader sees."""
    assert str(record()).startswith("3.0657 ± ")
    assert "bits/dim" in str(record())
    one = Bound({"diffusion": torch.ones(1).double()}, 4, 8, "one example, which has no error")
    assert str(one).startswith("0.3607 bits/dim (diffusion 0.3607") and "nan" not in str(one)
    assert "n = 6; p" in repr(record())


def test_density_has_no_bits() -> None:
    """The error names the way out."""
    with pytest.raises(InputError, match=r"\.nats"):
        _ = record(levels=None).bpd


def test_one_example_has_no_error_bar() -> None:
    """A single value says nothing about spread."""
    assert math.isnan(record(1).se)


def terms(*arguments: object, **keywords: object) -> tuple[Tensor, Tensor, Tensor]:
    """Reconstruction, prior and diffusion."""
    parts = bound_terms(*arguments, **keywords)
    assert list(parts) == ["reconstruction", "prior", "diffusion"]
    return tuple(parts.values())


def test_cat() -> None:
    """Joined batches are one record; different measurements are refused."""
    whole = Bound.cat([record(2), record(4)])
    assert len(whole.total) == 6 and whole.protocol == "p" and whole.dims == 4
    assert whole.nats == pytest.approx((2 * record(2).nats + 4 * record(4).nats) / 6)
    with pytest.raises(InputError, match="no bounds"):
        Bound.cat([])
    for other in (record(protocol="q"), record(levels=2)):
        with pytest.raises(InputError, match="measured differently"):
            Bound.cat([record(), other])


def test_discrete_levels() -> None:
    """Levels of many pixels: the three terms, in bits, with the tabulated cost of the decoder."""
    k = torch.randint(1, 255, (400, 3, 5), generator=seeded(0))
    b = bound(
        denoiser(VP(), lambda z, g: z), k, Discretization(), generator=seeded(1), protocol="test"
    )
    mean, se = b.terms()["reconstruction"]
    assert b.dims == 15 and b.levels == 256 and abs(mean - 0.010453) < 5 * se
    assert b.protocol == "test, continuous time, 1 draw per example"
    assert (
        "T = 9, 2 draws"
        in bound(denoiser(VP(), lambda z, g: z), k, Discretization(), 9, times=2).protocol
    )


def test_reconstruction_uses_its_own_scale() -> None:
    """For a density the expected term is ½(1 + γ_0 + log 2π) per dimension."""
    process, x = VP(Linear(-6.0, 4.0)), randn((5000, 2), seeded(0))
    nats = reconstruction_term(process, x, randn((5000, 2), seeded(1)), Continuous())
    se = float(nats.std()) / 5000**0.5
    assert abs(float(nats.mean()) - 2 * float(gaussian_bound(process, 1.0).reconstruction)) < 5 * se


def test_seeds_reproduce() -> None:
    """One seed, one number; another seed, another."""
    x = ORACLE.sample(32, seeded(0))
    a, b, c = (
        bound(denoiser(VP(), oracle("v")), x, Continuous(), generator=seeded(s)).total
        for s in (1, 1, 2)
    )
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_arguments_are_not_changed() -> None:
    """Data, times and noise come back as they were."""
    x, t, eps = ORACLE.sample(8, seeded(0)), low_discrepancy(8, seeded(1)), randn((8, 1), seeded(2))
    before = [a.clone() for a in (x, t, eps)]
    denoiser(VP(), oracle("v")).path_kl(x, t, eps, 5)
    assert all(torch.equal(a, b) for a, b in zip((x, t, eps), before, strict=True))


def test_gradient_reaches_model_and_schedule() -> None:
    """The bound carries its graph, while its numbers can be read without a warning."""
    scale = torch.ones((), dtype=torch.float64, requires_grad=True)
    process = VP(Monotone(generator=seeded(0)))
    b = bound(
        denoiser(process, lambda z, g: scale * z),
        ORACLE.sample(16, seeded(0)),
        Continuous(),
        generator=seeded(1),
    )
    b.total.mean().backward()
    assert scale.grad is not None and all(p.grad is not None for p in process.parameters())
    assert math.isfinite(b.nats + b.se) and "nats" in str(b)


def test_some_examples_stand_for_all_at_the_ends() -> None:
    """With `ends`, the first two terms are those of as many examples, each as likely as any, and
    right on average; the third is that of all."""
    x, counts, recs = torch.linspace(-2, 2, 8).double()[:, None], torch.zeros(8), []
    price = VP().prior_kl(x + 3)  # eight different numbers
    for seed in range(400):
        rec, prior, diff = terms(
            denoiser(VP(), oracle("v")), x + 3, Continuous(), generator=seeded(seed), ends=2
        )
        assert rec.shape == prior.shape == (2,) and diff.shape == (8,)
        counts += torch.isin(price, prior)
        recs.append(rec.mean())
    assert counts.sum() == 800 and bool(((counts - 100).abs() < 5 * 75**0.5).all())
    rec = torch.stack(recs)
    assert abs(rec.mean() - 0.5 * (1 - 13.3 + math.log(2 * math.pi))) < 5 * rec.std() / 20
    assert bound_terms(denoiser(VP(), oracle("v")), x, Continuous(), generator=seeded(0), ends=100)[
        "prior"
    ].shape == (8,)


@pytest.mark.parametrize(
    "process",
    [VP(), CLD(clock=Linear(-3.0, 1.0)), MALDA(clock=Linear(-3.0, 1.0))],
    ids=["VP", "CLD", "MALDA"],
)
@pytest.mark.parametrize("ratio", [-0.7, 0.0, 1.3])
def test_a_step_of_another_variance_is_a_gaussian_divergence(
    process: Process, ratio: float
) -> None:
    """One step from t = 1 to 0, x = 1 and x̂ = 0.4, all blocks widened alike: against plain
    conditioning and the general formula."""
    at_s, at_t = (
        k for k in (process.kernel(0.0), process.kernel(1.0))
    )
    unit, y_t = torch.eye(process.K).double()[0], torch.ones(process.K).double()
    truth, model = (reverse_transition(at_s, at_t, value * unit, y_t) for value in (1.0, 0.4))
    exact = float(kl(truth, Gaussian(model.mean, math.exp(ratio) * model.cov)))
    found = bound_terms(
        denoiser(process, lambda z, g: 0.4 * torch.ones_like(z), "x"),
        torch.ones(3, 1).double(),
        Continuous(),
        1,
        log_ratio=torch.tensor([ratio], dtype=torch.float64),
    )["diffusion"]
    assert found.tolist() == pytest.approx([exact] * 3, rel=1e-6)


def test_each_step_has_its_own_variance() -> None:
    """The best ratios make a few steps as good as continuous time, in the estimate as it is used,
    and no other ratios do better."""
    gamma = VP().gamma(torch.linspace(0, 1, 4, dtype=torch.float64))
    best = (gamma.diff().expm1() * (math.log(C2) - gamma[1:]).sigmoid()).log1p().requires_grad_()
    diff = bound_terms(
        denoiser(VP(), oracle("eps"), "eps"),
        ORACLE.sample(6000, seeded(0)),
        Continuous(),
        3,
        generator=seeded(1),
        log_ratio=best,
    )["diffusion"]
    assert abs(diff.mean() - gaussian_bound(VP(), C2).diffusion) < 5 * diff.std() / 6000**0.5
    (slope,) = torch.autograd.grad(diff.mean(), best)
    assert bool((slope.abs() < 0.1).all())  # a step that is 0.2 off has a slope of 0.1
    b = bound(
        denoiser(VP(), oracle("eps"), "eps"),
        ORACLE.sample(6000, seeded(0)),
        Continuous(),
        3,
        generator=seeded(1),
        log_ratio=best,
    )
    assert torch.equal(b.parts["diffusion"], diff)


def test_gradient_of_the_discrete_bound_is_that_of_its_closed_form() -> None:
    """The ends of a learned schedule, against finite differences of the exact bound."""

    def exact(low: float) -> float:
        return float(gaussian_bound(VP(Linear(low, 4.0)), C2, 12).total)

    schedule = Linear(-6.0, 4.0, learned=True)
    t, x, eps = (
        a.flatten()
        for a in torch.meshgrid(
            (torch.arange(12).double() + 0.5) / 12,
            torch.tensor([C2**0.5, -(C2**0.5)]).double(),
            torch.tensor([1.0, -1.0]).double(),
            indexing="ij",
        )
    )

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        return sigma * z / (C2 * alpha**2 + sigma**2)

    nats = (
        denoiser(VP(schedule), predict, "eps").path_kl(x[:, None], t, eps[:, None], 12).mean()
        + 0.5 * schedule.gamma_0
    )
    slope = torch.autograd.grad(nats, schedule.ends)[0]
    # ends holds (γ_0, width): moving γ_0 alone keeps γ_1 if the width shrinks as much
    assert float(slope[0] - slope[1]) == pytest.approx(
        (exact(-6 + 1e-5) - exact(-6 - 1e-5)) / 2e-5, rel=1e-5
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"times": 0}, "times = 0"),
        ({"T": 0}, "T = 0"),
        ({"parameterisation": "epsilon"}, "kind is 'epsilon'"),
        ({"parameterisation": "noise", "T": 5}, "continuous time only"),
        (
            {"process": MALDA(), "parameterisation": "noise"},
            r"\(4, 3, 2\) instead of \(4, 2, 2\): return the 2 trailing blocks",
        ),
        (
            {"process": CLD(), "parameterisation": "noise", "predict": lambda y, g: y[:, :1]},
            r"\(4, 1, 2\) instead of \(4, 2\)",
        ),
        ({"predict": lambda z, g: z[:, :1]}, r"\(4, 1\)"),
        ({"data": torch.zeros(4, 2, dtype=torch.long)}, "Discretization"),
        ({"ends": 0}, "ends = 0"),
        ({"T": 5, "log_ratio": torch.zeros(4).double()}, r"log_ratio has shape \(4,\) with T = 5"),
        ({"log_ratio": torch.zeros(4).double()}, "with T = None"),
    ],
)
def test_bad_input(change: dict[str, object], words: str) -> None:
    """One sentence that names the argument."""
    arguments = {
        "process": VP(),
        "predict": lambda z, g: z,
        "data": torch.zeros(4, 2).double(),
        "discretization": Continuous(),
    } | change
    with pytest.raises(InputError, match=words):
        model = denoiser(
            arguments.pop("process"),
            arguments.pop("predict"),
            arguments.pop("parameterisation", "v"),
        )
        bound_terms(model, **arguments)


def test_bad_oracles() -> None:
    """Variances must be positive and steps at least one."""
    with pytest.raises(InputError, match="variance"):
        gaussian_bound(VP(), -1.0)
    with pytest.raises(InputError, match="v holds"):
        free_variance_bound(torch.zeros(3).double(), 1, -1.0)
    with pytest.raises(InputError, match="T = 0"):
        step_ratios(denoiser(VP(), oracle("v")), torch.zeros(2, 1).double(), 0)
    with pytest.raises(InputError, match="3 blocks"):
        step_ratios(denoiser(ALDA(), oracle("v")), torch.zeros(2, 1).double(), 4)
    with pytest.raises(InputError, match="per dimension"):
        gaussian_bound(VP(Linear(torch.tensor([-6.0, -7.0]), 5.0)), 1.0)
    with pytest.raises(InputError, match="no 2 blocks"):
        denoiser(CLD(), lambda y, g: y, "noise").path_kl(
            torch.zeros(2, 1).double(), torch.full((2,), 0.5).double(), torch.zeros(2, 1).double()
        )


def test_the_error_bar_holds_on_sorted_data() -> None:
    """Easy examples first, hard ones last: the scatter of the mean must not exceed what the record
    reports."""
    x = torch.cat([torch.zeros(32, 1), torch.full((32, 1), 3.0)]).double()
    process = VP(Linear(-3.0, 5.0))

    def predict(z: torch.Tensor, gamma: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(z)

    runs = [
        bound(denoiser(process, predict, "x"), x, Continuous(), generator=seeded(s))
        for s in range(150)
    ]
    means, reported = torch.tensor([b.nats for b in runs]), sum(b.se for b in runs) / len(runs)
    assert float(means.std()) < 1.2 * reported


def test_reconstruction_is_in_units_of_the_data() -> None:
    """At γ_0 = 0 the decoder's standard deviation is σ_0/α_0 = 1, and σ_0 is not."""
    eps = torch.tensor([[0.3, -1.2]], dtype=torch.float64)
    got = reconstruction_term(
        VP(Linear(0.0, 5.0)), torch.zeros(1, 2, dtype=torch.float64), eps, Continuous()
    )
    assert float(got) == pytest.approx(
        float(0.5 * eps.square().sum()) + math.log(2 * math.pi), rel=1e-14
    )


# Every process of the zoo, from a noise level of choice to its classical end. The clocks of several
# blocks tick evenly in log τ.
BLOCKS = {
    "CLD": (CLD, 4.0),
    "CLD, M = 1": (partial(CLD, 1.0), 5.05),
    "PSLD": (PSLD, 8.0),
    "ALDA (1,1,1)": (partial(ALDA, g=1.0, xi=1.0), 5.05),
    "ALDA": (ALDA, 5.05),
    "MALDA": (MALDA, 5.05),
    "MALDA, K = 4": (partial(MALDA, 4), 5.05),
    "learned": (lambda clock: LearnedMDM(3, clock=clock, generator=seeded(0)), 5.05),
}
ONE = {"VP": (VP, VP.song), "VE": (VE, VE.song), "sub-VP": (SubVP, SubVP.song)}
ZOO = (*ONE, *BLOCKS)
POINT = torch.tensor([[0.7]], dtype=torch.float64)  # log N(0.7; 0, 0.25) = −1.205791
TOY = Mixture.gaussian(torch.zeros(1), torch.tensor([[0.25]]))


@cache
def member(name: str, gamma_0: float) -> Process:
    """A process by name."""
    if name in ONE:
        make, classical = ONE[name]
        return make(Linear(gamma_0, classical().span[1]))
    make, tau = BLOCKS[name]
    return make(clock=Linear(make(clock=None).log_tau(gamma_0), math.log(tau)))


def exact_noise(
    process: Process, best: Callable[[Tensor, Tensor], Tensor], t: Tensor | None = None
) -> Callable[[Tensor, Tensor], Tensor]:
    """A perfect network of the kind "noise", from E[x|z]; it may be told the times."""

    def predict(y: Tensor, gamma: Tensor) -> Tensor:
        at = process.time(gamma) if t is None else t
        (z, level), k = process.observe(y, at), process.kernel(at)
        return tail(process, mix(inverse(k.L), y - mix(k.Phi[..., :1], best(z, level))))

    return predict


def path_at(process: Process, kind: str, T: int | None = None, n: int = 120) -> float:
    """The path KL at x = 0.7 without random numbers: the integrand is quadratic in ε, so 2K points
    give its mean."""
    K = process.K if kind == "noise" else 1
    t, w = (
        legendre(n)
        if T is None
        else ((torch.arange(T).double() + 0.5) / T, torch.full((T,), 1 / T, dtype=torch.float64))
    )
    many = t.repeat_interleave(2 * K)
    eps = (math.sqrt(K) * torch.cat([torch.eye(K), -torch.eye(K)]).double()).repeat(len(t), 1)
    predict = (
        exact_noise(process, partial(TOY.predict, kind="x"), many)
        if kind == "noise"
        else oracle(kind, TOY)
    )
    with torch.no_grad():
        nats = denoiser(process, predict, kind).path_kl(
            POINT.expand(len(eps), 1), many, eps if K == 1 else eps[..., None], T
        )
    return float(nats.view(len(t), 2 * K).mean(1) @ w)


def path_exact(process: Process) -> float:
    """The same in closed form: what y_0 says about x, minus what y_1 says."""
    r = process.gamma(torch.tensor([0.0, 1.0])).detach().neg().exp()
    h = 0.5 * ((0.25 * r).log1p() + (1 + r * 0.49) / (1 + 0.25 * r) - 1)
    return float(h[0] - h[1])


@pytest.mark.parametrize("name", ZOO)
def test_every_process_to_all_digits(name: str) -> None:
    """Both parameterisations at one point, by quadrature, against the closed form; and the
    log-density itself unless the prior fails."""
    process = member(name, -20.0)
    kinds = (*KINDS, "noise") if name in ("VE", "CLD") else ("v", "noise")
    assert [path_at(process, kind) for kind in kinds] == pytest.approx(
        [path_exact(process)] * len(kinds), abs=2e-9
    )
    value = -(
        0.5 * (1 - 20 + math.log(2 * math.pi))
        + float(process.prior_kl(POINT).detach())
        + path_at(process, "noise")
    )
    if name != "learned":
        assert value == pytest.approx(
            {"ALDA (1,1,1)": -1.215395, "CLD, M = 1": -1.205794}.get(name, -1.205791), abs=6e-7
        )


@pytest.mark.parametrize("name", ZOO)
def test_the_gap_is_what_the_ends_lack(name: str) -> None:
    """Bound minus entropy = KL(q(y_1) ‖ prior) + KL of the decoder, for any K: never negative."""
    process = member(name, -8.0)
    k, C, zero = process.kernel(1.0), process.prior_factor, torch.zeros(process.K)
    end = float(
        kl(
            Gaussian(zero, (k.Sigma + 0.25 * k.Phi[:, :1] @ k.Phi[:, :1].mT).detach()),
            Gaussian(zero, C @ C.mT),
        )
    )
    gap = float(gaussian_bound(process, 0.25).total) - 0.5 * math.log(2 * math.pi * math.e * 0.25)
    assert gap == pytest.approx(end + 0.5 * math.log1p(math.exp(-8.0) / 0.25), abs=1e-10)
    assert gap > 0
    if name in ("CLD, M = 1", "ALDA (1,1,1)"):
        assert end == pytest.approx(
            {"CLD, M = 1": 3.28e-6, "ALDA (1,1,1)": 1.0475e-2}[name], rel=1e-3
        )


@pytest.mark.parametrize("name", ZOO)
def test_entropies_cancel(name: str) -> None:
    """∫ tr(NΣ⁻¹) dt is a difference of log-determinants."""
    process, (t, w) = member(name, -13.3), legendre(120)
    with torch.no_grad():
        (k, _, N), ends = coefficients(process, t), [process.kernel(end) for end in (0.0, 1.0)]
    total = float((inverse(k.L) @ N @ inverse(k.L).mT).diagonal(dim1=-2, dim2=-1).sum(-1) @ w)
    change = [float(e.logdet - 2 * torch.linalg.slogdet(e.Phi).logabsdet) for e in ends]
    assert total == pytest.approx(change[1] - change[0], abs=1e-9)


GREY, MASSES = Discretization(4), torch.tensor([0.1, 0.4, 0.2, 0.3], dtype=torch.float64)
XI = torch.linspace(-8.5, 8.5, 121, dtype=torch.float64)
XI_W = (-0.5 * XI**2).exp() / (-0.5 * XI**2).exp().sum()


def grey_mean(z: Tensor, gamma: Tensor) -> Tensor:
    """E[x|z] for the four levels."""
    alpha, sigma = (c.view(-1, 1, 1) for c in alpha_sigma(gamma))
    return (MASSES.log() - 0.5 * ((z[..., None] - alpha * GREY.centres) / sigma) ** 2).softmax(
        -1
    ) @ GREY.centres


def grey_bound(process: Process, kind: str) -> Tensor:
    """The bound for each level, by quadrature along the one direction of ε that speaks of x."""
    (nodes, w), levels = legendre(64), torch.arange(4)[:, None]
    t, xi = (a.flatten() for a in torch.meshgrid(nodes, XI, indexing="ij"))
    eps, predict = xi[:, None], lambda z, g: convert(grey_mean(z, g), z, g, "x", "v")
    if kind == "noise":
        along = process.kernel(t).gain[..., 0]
        eps, predict = (
            (along / along.norm(dim=-1, keepdim=True) * eps)[..., None],
            exact_noise(process, grey_mean, t),
        )
    with torch.no_grad():
        path = [
            denoiser(process, predict, kind).path_kl(x.expand(len(t), 1), t, eps).view(64, -1)
            for x in GREY.encode(levels)
        ]
    rec = [
        reconstruction_term(process, k.expand(len(XI), 1), XI[:, None], GREY) @ XI_W for k in levels
    ]
    return (
        torch.stack([r + w @ p @ XI_W for r, p in zip(rec, path, strict=True)])
        + process.prior_kl(GREY.encode(levels))
    ).detach()


def grey_information(process: Process) -> float:
    """What y_1 says about the level, nats."""
    mean = (-process.gamma(1.0).detach() / 2).exp() * GREY.centres
    log_joint = MASSES.log() - 0.5 * (mean[:, None, None] + XI[:, None] - mean) ** 2
    return float(MASSES @ ((-0.5 * XI**2 - log_joint.logsumexp(-1)) @ XI_W))


@pytest.mark.parametrize("name", ZOO)
def test_four_grey_levels(name: str) -> None:
    """The bound on levels is the entropy, 1.279854 nats, plus the KL of the prior and nothing
    else."""
    process = member(name, -8.0)
    truth = -float(MASSES @ MASSES.log())
    value = float(MASSES @ grey_bound(process, "v"))
    gap = float(
        MASSES @ process.prior_kl(GREY.encode(torch.arange(4)[:, None])).detach()
    ) - grey_information(process)
    assert truth == pytest.approx(1.279854, abs=5e-7) and value >= truth
    assert value == pytest.approx(truth + gap, abs=1e-8)
    if name == "CLD":
        assert value == pytest.approx(1.279854, abs=5e-7)
        assert float(MASSES @ grey_bound(process, "noise")) == pytest.approx(value, abs=1e-10)
    if name == "CLD, M = 1":
        assert value == pytest.approx(1.279870, abs=5e-7)


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize(("s", "t"), [(0.3, 0.5), (0.6, 0.62), (0.05, 1.0)])
def test_a_step_of_k_blocks_is_its_posterior(name: str, s: float, t: float) -> None:
    """½ (SNR_s − SNR_t) (x − x̂)² against plain conditioning of Gaussians, and against the code in
    one of T steps."""
    process, unit = member(name, -6.0), torch.eye(member(name, -6.0).K).double()[0]
    with torch.no_grad():
        at_s, at_t = (
            k for k in (process.kernel(s), process.kernel(t))
        )
    y_t = torch.arange(1.0, process.K + 1).double()
    by_blocks = float(
        kl(*(reverse_transition(at_s, at_t, value * unit, y_t) for value in (0.2, 0.5)))
    )
    snr = process.gamma(torch.tensor([s, t], dtype=torch.float64)).detach().neg().exp()
    assert by_blocks == pytest.approx(float(0.5 * (snr[0] - snr[1])) * 0.3**2, rel=1e-6)
    if (s, t) == (0.6, 0.62):
        step = denoiser(process, lambda z, g: 0.5 * torch.ones_like(z), "x").path_kl(
            torch.full((1, 1), 0.2, dtype=torch.float64),
            torch.tensor([0.61]).double(),
            torch.zeros(1, 1).double(),
            50,
        )
        assert float(step.detach()) == pytest.approx(50 * by_blocks, rel=1e-6)


@pytest.mark.parametrize("T", [1, 12])
@pytest.mark.parametrize("name", ["VE", "CLD", "ALDA", "MALDA, K = 4"])
def test_the_bound_in_steps_for_k_blocks(name: str, T: int) -> None:
    """The sum over steps, in closed form for one x, and `gaussian_bound` for its mean."""
    process = member(name, -8.0)
    gamma = process.gamma(torch.linspace(0, 1, T + 1, dtype=torch.float64))
    v = torch.sigmoid(math.log(0.25) - gamma[1:])  # ξ − ξ̂ = v ξ − (1 − v) √SNR x
    miss = v.square() + (1 - v).square() * (-gamma[1:]).exp() * 0.49
    assert [path_at(process, kind, T) for kind in ("eps", "x")] == pytest.approx(
        [float((0.5 * gamma.diff().expm1() * miss).sum())] * 2, rel=1e-10
    )
    assert float(gaussian_bound(process, 0.25, T).diffusion) == pytest.approx(
        float((0.5 * gamma.diff().expm1() * v).sum()), rel=1e-10
    )


@pytest.mark.parametrize("name", ZOO)
def test_bounds_of_a_mixture_hold_in_every_process(name: str) -> None:
    """As it is used, with chance: within five standard errors of the entropy, for z and for the
    noise of the blocks."""
    mixture = Mixture(
        torch.tensor([0.3, 0.7]),
        torch.tensor([[-0.6, 0.2], [0.5, -0.1]]),
        torch.tensor([[[0.05, 0.02], [0.02, 0.03]], [[0.02, 0.0], [0.0, 0.08]]]),
    )
    process, x = member(name, -8.0), mixture.sample(300, seeded(0))
    for kind, times in (
        (("v", 20), ("noise", 1)) if name in ("VE", "PSLD", "MALDA") else (("v", 20),)
    ):
        predict = (
            exact_noise(process, mixture.predict) if kind == "noise" else oracle(kind, mixture)
        )
        with torch.no_grad():
            b = bound(
                denoiser(process, predict, kind), x, Continuous(), times=times, generator=seeded(1)
            )
        surplus, se = b.mean_se(b.total + mixture.log_prob(x))
        assert -5 * se < surplus < 5 * se + 0.03 and se < 1.2


CLASSICAL = {
    "CLD": CLD,
    "PSLD": PSLD,
    "ALDA": lambda: ALDA(clock=Beta(0.1, 10.0)),
    "MALDA": lambda: MALDA(clock=Beta(0.1, 10.0)),
    "monotone": lambda: CLD(clock=Monotone(-9.0, 1.5, hidden=16, generator=seeded(0))),
}


@pytest.mark.parametrize("kind", ["eps", "noise"])
@pytest.mark.parametrize("name", CLASSICAL)
def test_importance_weights_have_mean_one(name: str, kind: str) -> None:
    """They cover [0, 1] in order and integrate any function of t: no factor such as 1 − t_min is
    left over."""
    process, n = CLASSICAL[name](), 20_000 if name == "monotone" else 200_000
    with torch.no_grad():
        t, share = process.times((torch.arange(n).double() + 0.5) / n, kind)
    ends = process.times(torch.tensor([0.0, 1.0], dtype=torch.float64), kind)[0]
    assert ends.tolist() == pytest.approx([0, 1], abs=1e-9)
    assert bool((t.diff() > 0).all())
    assert bool((share > 0).all())
    for power in (0, 1, 3):
        assert float((share * t**power).mean()) == pytest.approx(1 / (power + 1), abs=1 / n)


@pytest.mark.parametrize("kind", ["eps", "noise"])
@pytest.mark.parametrize("name", ["CLD", "PSLD", "ALDA", "MALDA"])
def test_importance_times_save_draws(name: str, kind: str) -> None:
    """From the classical start one draw scatters at least ten times less than at a uniform time;
    second moments from the same draws."""
    process, at, draws = CLASSICAL[name](), 60, 60
    t, share = process.times((torch.arange(at).double() + 0.5) / at, kind)
    t, share, x = (
        t.repeat_interleave(draws),
        share.repeat_interleave(draws),
        TOY.sample(at * draws, seeded(0)),
    )
    predict = (
        exact_noise(process, partial(TOY.predict, kind="x"), t)
        if kind == "noise"
        else oracle(kind, TOY)
    )
    with torch.no_grad():
        nats = denoiser(process, predict, kind).path_kl(
            x, t, randn((at * draws, *((process.K,) if kind == "noise" else ()), 1), seeded(1))
        )
    mean, uniform, proposed = (
        float(v.mean()) for v in (share * nats, share * nats**2, (share * nats) ** 2)
    )
    assert math.sqrt(uniform - mean**2) > 10 * math.sqrt(proposed - mean**2)


def test_an_ignorant_network_costs_the_range_of_gamma() -> None:
    """With ε̂ = 0 the integrand is ½γ'ξ², so that weighted draws are nearly constant but for ξ²:
    the sharpest look at a stray factor."""
    process, n = CLD(), 20_000
    b = bound(
        denoiser(process, lambda z, g: torch.zeros_like(z), "eps"),
        torch.zeros(n, 1).double(),
        Continuous(),
        generator=seeded(0),
    )
    mean, se = b.mean_se(b.parts["diffusion"])
    assert abs(mean - 0.5 * (process.span[1] - process.span[0])) < 5 * se and se < 0.01 * mean


@pytest.mark.parametrize("kind", ["eps", "noise"])
def test_gradients_pass_by_the_proposal(kind: str) -> None:
    """Q, D and the ends of the clock learn from the integrand alone, and rightly: the gradient is
    that of the closed form."""
    process, n = LearnedMDM(2, clock=Linear(-6.0, 1.0, learned=True), generator=seeded(0)), 3000
    t, share = process.times((torch.arange(n).double() + 0.5) / n, kind)
    assert not t.requires_grad and not share.requires_grad
    K = 2 if kind == "noise" else 1
    eps = (
        (math.sqrt(K) * torch.cat([torch.eye(K), -torch.eye(K)]).double())
        .repeat(n, 1)[..., None]
        .squeeze(2 if K == 1 else ())
    )
    many, weight = t.repeat_interleave(2 * K), share.repeat_interleave(2 * K)
    predict = (
        exact_noise(process, partial(TOY.predict, kind="x"), many)
        if kind == "noise"
        else oracle(kind, TOY)
    )
    nats = (
        weight * denoiser(process, predict, kind).path_kl(POINT.expand(len(eps), 1), many, eps)
    ).mean()
    r = process.gamma(torch.tensor([0.0, 1.0])).neg().exp()
    h = 0.5 * ((0.25 * r).log1p() + (1 + r * 0.49) / (1 + 0.25 * r) - 1)
    ours, truth = (
        torch.autograd.grad(value, list(process.parameters())) for value in (nats, h[0] - h[1])
    )
    for a, b in zip(ours, truth, strict=True):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-5)  # of gradients up to 0.45


def test_a_clock_trained_for_variance_gets_uniform_times() -> None:
    """With a weight the shape of the clock is the proposal; without one, times are spread over
    γ."""
    process, seen = CLD(clock=Monotone(-9.0, 1.5, hidden=16, generator=seeded(0))), []

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        seen.append(gamma.detach())
        return z

    for context in (least_variance(process, torch.zeros(50).double()), nullcontext()):
        with context:
            bound_terms(
                denoiser(process, predict, "eps"),
                torch.zeros(50, 1).double(),
                Continuous(),
                generator=seeded(0),
            )
    with torch.no_grad():
        evenly = process.time(seen[0]).sort().values.diff()
    assert torch.allclose(evenly, torch.full((49,), 0.02).double(), atol=1e-6)
    assert seen[1].sort().values.diff().std() < 0.2 * seen[0].sort().values.diff().std()


@pytest.mark.parametrize("kind", [*KINDS, "noise"])
def test_no_constant_is_sampled(kind: str) -> None:
    """A network that knows x costs nothing at any draw, and the prior term has no chance in it:
    nothing large is left to cancel on average."""
    process, x = MALDA(), torch.full((64, 1), 0.7, dtype=torch.float64)
    known = Mixture.gaussian(POINT[0], torch.full((1, 1), 1e-30, dtype=torch.float64))
    predict = (
        exact_noise(process, lambda z, g: 0.7 * torch.ones_like(z))
        if kind == "noise"
        else oracle(kind, known)
    )
    with torch.no_grad():
        b = bound(denoiser(process, predict, kind), x, Continuous(), generator=seeded(0))
    assert float(b.parts["diffusion"].max()) < 1e-9 and float(b.parts["prior"].std()) < 1e-15


PER_DIMENSION = {
    "VP": lambda ends: VP(Linear(*ends)),
    "VE": lambda ends: VE(Linear(*ends)),
    "CLD": lambda ends: CLD(clock=Linear(*ends)),
    "ALDA": lambda ends: ALDA(clock=Linear(*ends)),
}


@pytest.mark.parametrize("name", ["VP", "CLD", "ALDA"])
@pytest.mark.parametrize(("kind", "T"), [("eps", None), ("noise", None), ("v", 6)])
def test_a_clock_per_dimension(name: str, kind: str, T: int | None) -> None:
    """The bound is the sum of the bounds of its dimensions, term by term."""
    lows, highs, c2 = (
        ([-7.0, -6.0, -5.0], [4.0, 5.0, 4.5], [0.3, 1.0, 0.04])
        if name == "VP"
        else ([-4.0, -3.0, -2.0], [0.5, 1.0, 1.5], [0.3, 1.0, 0.04])
    )
    make, variance = PER_DIMENSION[name], torch.tensor(c2, dtype=torch.float64)
    process = make((torch.tensor(lows), torch.tensor(highs)))
    truth = [
        gaussian_bound(make((low, high)), c, T)
        for low, high, c in zip(lows, highs, c2, strict=True)
    ]
    K = process.K if kind == "noise" else 1
    t, w = (
        legendre(100)
        if T is None
        else ((torch.arange(T).double() + 0.5) / T, torch.full((T,), 1 / T, dtype=torch.float64))
    )
    corners = (math.sqrt(K) * torch.cat([torch.eye(K), -torch.eye(K)]).double()).repeat(
        2 * len(t), 1
    )
    signs = torch.tensor([1.0, -1.0]).double().repeat_interleave(2 * K).repeat(len(t))[:, None]
    x, many = signs * variance.sqrt(), t.repeat_interleave(4 * K)

    def best(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = alpha_sigma(gamma)
        return variance * alpha * z / (variance * alpha**2 + sigma**2)

    predict = (
        exact_noise(process, best, many)
        if kind == "noise"
        else lambda z, g: convert(best(z, g), z, g, "x", kind)
    )
    eps = corners[..., None].expand(-1, K, 3) if K > 1 else corners.expand(-1, 3)
    with torch.no_grad():
        nats = (
            denoiser(process, predict, kind).path_kl(x, many, eps, T).view(len(t), -1).mean(1) @ w
        )
    assert float(nats) == pytest.approx(sum(float(b.diffusion) for b in truth), rel=1e-9)
    assert float(process.prior_kl(variance.sqrt()[None])) == pytest.approx(
        sum(float(b.prior) for b in truth), rel=1e-9
    )
    noise = torch.tensor([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]]).double()
    rec = reconstruction_term(process, variance.sqrt().expand(2, 3), noise, Continuous()).mean()
    assert float(rec) == pytest.approx(sum(float(b.reconstruction) for b in truth), rel=1e-9)


def test_a_bound_with_a_clock_per_dimension() -> None:
    """`bound` itself, with chance."""
    lows = torch.tensor([-4.0, -3.0])
    process = CLD(clock=Linear(lows, 1.0))
    cloud = Mixture.gaussian(torch.zeros(2), 0.3 * torch.eye(2))
    truth = sum(
        float(gaussian_bound(CLD(clock=Linear(float(low), 1.0)), 0.3).total) for low in lows
    )

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = alpha_sigma(gamma)
        return sigma * z / (0.3 * alpha**2 + sigma**2)

    b = bound(
        denoiser(process, predict, "eps"),
        cloud.sample(500, seeded(0)),
        Continuous(),
        times=4,
        generator=seeded(1),
    )
    assert abs(b.nats - truth) < 5 * b.se


def test_a_fourth_order_process_from_its_drift() -> None:
    """A process that has no name: a chain of three velocities, noise in the last; any kind, the
    same closed form."""
    A = torch.tensor(
        [[0.0, 1, 0, 0], [-1, 0, 2, 0], [0, -2, 0, 3], [0, 0, -3, -6]], dtype=torch.float64
    )

    def make(clock: Schedule) -> MDM:
        return MDM.from_drift(A, torch.diag(torch.tensor([0.0, 0, 0, 12])), clock=clock)

    process = make(Linear(make(Beta(1.0)).log_tau(-6.0), 2.0))
    assert process.heads == 1
    assert [path_at(process, k) for k in ("eps", "noise")] == pytest.approx(
        [path_exact(process)] * 2, abs=1e-8
    )
