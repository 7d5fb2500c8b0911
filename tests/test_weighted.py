"""Trajectories weighed together, against chains and mixtures whose law is known."""
import itertools
import math
import warnings
from collections.abc import Callable

import pytest
import torch
from helpers import bell, refused, zoo
from torch import Tensor, nn

from mdm_nb import (
    MLP,
    PSLD,
    VP,
    Continuous,
    Denoiser,
    Diffusion,
    Discretization,
    Encoded,
    Encoder,
    GaussianCode,
    Keyed,
    KHot,
    Linear,
    Mixture,
    MixtureDenoiser,
    Polynomial,
    Process,
    Weighted,
    alpha_sigma,
    denoiser,
    seeded,
)
from mdm_nb.bounds.bound import Bound, bound, gaussian_bound
from mdm_nb.gaussians.core import randn
from mdm_nb.models.likelihood import Flow
from mdm_nb.models.method import _WORDS, Method, drawn_context
from mdm_nb.models.weighted import ChainStep, chain_step
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.runs.calls import METHODS
from mdm_nb.runs.work import compared

T = 6
REAL = Continuous()


def chain_law(model: Denoiser, steps: int) -> Mixture:
    """The law of x by a chain of steps, for a denoiser that is linear in the state."""
    process, K = model.process, model.process.K
    unit = torch.eye(K).double().view(K, *[K] * (K > 1), 1)
    C = process.prior_factor @ process.prior_factor.mT
    for t, s in process.walk(torch.linspace(1, 0, steps + 1).double(), chain_step):
        step, x_hat = t.planned(s, ChainStep), model(unit, t)
        M = (s.mean(x_hat) + mix(step.keep, unit - t.mean(x_hat))).view(K, K).mT
        C = M @ C @ M.mT + step.new @ step.new.mT
    read = s.observe(unit).view(1, K) / torch.sigmoid(-s.gamma).sqrt()
    return Mixture.gaussian(torch.zeros(1), read @ C @ read.mT + s.gamma.exp())


def assert_same_mean(a: Tensor, b: Tensor) -> None:
    """Two sets of independent numbers have one mean, by four standard errors."""
    se = math.hypot(float(a.std()) / len(a) ** 0.5, float(b.std()) / len(b) ** 0.5)
    assert abs(float(a.mean() - b.mean())) < 4 * se


def assert_bound_in_steps(model: Denoiser, x: Tensor, steps: int = T) -> None:
    """One trajectory makes the bound in steps."""
    found = Weighted(1, steps=steps)(model, x, REAL, 2, seeded(1))
    assert_same_mean(found.total, bound(model, x, REAL, steps, 8, seeded(2)).total.detach())


@pytest.mark.parametrize("name", ["VP", "VE", "CLD", "MALDA", "learned, 3"])
def test_from_the_bound_in_steps_down_to_the_law_of_the_chain(name: str) -> None:
    model, n, K = bell(zoo(name)), 300, 128
    x = 0.5 * randn((n, 1), seeded(0))
    law = chain_law(model, T)
    log_w = -Weighted(1, steps=T)(model, x.repeat(K, 1), REAL, 1, seeded(3)).total.view(K, n)
    gaps = [(math.log(k) - log_w.view(-1, k, n).logsumexp(1)).mean(0) + law.log_prob(x)
            for k in (1, 4, 16, K)]
    means = [float(gap.mean()) for gap in gaps]
    assert all(later < earlier for earlier, later in itertools.pairwise(means))
    assert -4 * float(gaps[-1].std()) / n**0.5 < means[-1] < 0.05 * means[0]
    # what the bound says of these x alone: it is quadratic in x, and known on the mean
    many = 0.5 * randn((10**5, 1), seeded(4))
    known = float(gaussian_bound(zoo(name), 0.25, T).total + law.log_prob(many).mean())
    assert abs(means[0] - known) < 4 * float(gaps[0].std()) / n**0.5


def test_a_clock_for_every_dimension_and_the_units_of_a_batch() -> None:
    clock = Polynomial(shape=(2,), gamma_0=-6.0, gamma_1=5.0, straight=0.2)
    with torch.no_grad(): clock.fields.numbers.normal_(0, 2, generator=seeded(5))
    law = Mixture.gaussian(torch.zeros(2), torch.eye(2) / 4)
    model, x = MixtureDenoiser(VP(clock), law), 0.5 * randn((400, 2), seeded(0))
    assert_bound_in_steps(model, x)
    blurred = Mixture.gaussian(torch.zeros(2), torch.eye(2) * (0.25 + 2 * math.exp(-6.0)))
    gap = Weighted(32, steps=12)(model, x, REAL, 1, seeded(1)).total + blurred.log_prob(x)
    se = float(gap.std()) / 400**0.5
    assert -4 * se < float(gap.mean()) < 0.5
    whole = Weighted(2, steps=3)(model, x[:5], REAL, 2, Keyed(0, range(5), 5)).total
    some = Weighted(2, steps=3)(model, x[3:5], REAL, 2, Keyed(0, range(3, 5), 5)).total
    assert torch.allclose(whole[3:], some, rtol=1e-12)


class Wave(nn.Module):
    """A multiple of x, which swings with the noise level."""
    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """Half of it, more or less."""
        return (0.5 + 0.6 * (3 * g).cos())[:, None] * x


@pytest.mark.parametrize("make", [lambda: VP(Linear(-6.0, 5.0)),
                                  lambda: PSLD(clock=Linear(-3.0, 1.8))])
def test_an_encoder_with_its_counter_term(make: Callable[[], Process]) -> None:
    """Also one block: the mean of the weights' logarithms is what the encoder's bound charges."""
    process = Encoded(make(), Encoder(Wave(), make().span, bounded=False))
    model = denoiser(process, lambda z, gamma: 0.6 * z, "x")
    assert_bound_in_steps(model, 0.5 * randn((1500, 2), seeded(0)))


S, V = 1.5, 0.5
CODES = torch.tensor([[float(j in pair) for j in range(4)]
                      for pair in itertools.combinations(range(4), 2)]).double()
SIX = Mixture(torch.full((6,), 1 / 6), S * CODES, (V * torch.eye(4)).expand(6, 4, 4))


class Logits(nn.Module):
    """Those of the posterior of the code, times a factor."""
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """The true posterior if the factor is one."""
        return self.factor * S * x / V


def of_code(z: Tensor, gamma: Tensor, latent: Tensor) -> Tensor:
    """E[x | z, c]."""
    alpha, sigma = alpha_sigma(gamma)
    mean = S * latent
    return mean + V * alpha / (V * alpha**2 + sigma**2) * (z - alpha * mean)


def coded(factor: float, law: str = "exact") -> Denoiser:
    """Told a code that is read off the data, with clocks that the code bends."""
    clock = Polynomial(KHot(4, 2, law, network=Logits(factor)), (4,), -6.0, 5.0, straight=0.3)
    with torch.no_grad(): clock.fields.network[-1].weight.normal_(0, 1, generator=seeded(2))
    return denoiser(VP(clock), of_code, "x")


@pytest.mark.parametrize("factor", [1.0, 0.4])
def test_a_code_carries_its_own_share_of_the_weight(factor: float) -> None:
    """The mean of p(x|c) p(c)/q(c|x) is p(x), whatever law the code is drawn from."""
    model, x = coded(factor), SIX.sample(8, seeded(0))
    many = x.repeat(2000, 1)
    with torch.no_grad(): here, charge = drawn_context(model, many, seeded(1))
    miss = (many - S * here.process.context["latent"]).square().sum(1) / (2 * V)
    weight = (-miss - 2 * math.log(2 * math.pi * V) - charge["context"]).exp().view(2000, 8)
    se = weight.std(0) / 2000**0.5
    assert ((weight.mean(0) - SIX.log_prob(x).exp()).abs() < 4 * se + 1e-12).all()
    if factor == 1: assert float(se.max()) < 1e-12  # the posterior: all weights are p(x)


def test_codes_of_a_learned_prior_are_weighed_against_it() -> None:
    """Whatever the reader says, the mean of p(c)/q(c|x) over the codes it draws is one."""
    code = KHot(4, 2, prior="learned", network=Logits(0.4))
    with torch.no_grad():
        code.prior.copy_(torch.tensor([1.0, -0.5, 0.0, 0.7]))
        many = SIX.sample(5, seeded(0)).repeat(4000, 1)
        c, _ = code(many, len(many), seeded(1))
        ratio = (-code.charge(many, c)).exp().view(4000, 5)
    assert ((ratio.mean(0) - 1).abs() < 4 * ratio.std(0) / 4000**0.5).all()


def test_codes_and_trajectories_are_weighed_together() -> None:
    """A posterior that is wrong costs on the mean, and ever less the more codes are weighed."""
    model, x = coded(0.4), SIX.sample(100, seeded(0))
    blur = 2 * math.exp(-6.0) * torch.eye(4)
    truth = -Mixture(SIX.weights, SIX.means, SIX.covs + blur).log_prob(x)
    alone, many = (Weighted(K, steps=20)(model, x, REAL, 1, seeded(1)).total for K in (1, 24))
    se = float((many - truth).std()) / 100**0.5
    assert -4 * se < float((many - truth).mean()) < 0.5 * float((alone - truth).mean())
    flow = Flow(1e-2, atol=1e-2, exact=True)(model, x[:5], REAL, 4, seeded(2))
    assert (flow.parts["weighing"] <= 1e-12).all() and "context" in flow.parts


def test_codes_that_do_not_say_how_likely_they_are() -> None:
    model, x = coded(1.0, "gumbel"), SIX.sample(20, seeded(0))
    assert Weighted(1, steps=3)(model, x, REAL, 1, seeded(1)).total.isfinite().all()
    refused("does not say how likely its draws are", Weighted(2, steps=3), model, x, REAL)
    refused("does not say", Flow(1e-2, atol=1e-2, exact=True), model, x, REAL, 2)
    code = GaussianCode(3, nn.Linear(4, 6, dtype=torch.float64))
    many = x[:1].expand(4000, 4)
    with torch.no_grad():
        c, nats = code(many, 4000, seeded(3))
        assert_same_mean(code.charge(many, c), nats["context"] + 1e-6 * c[:, 0])


def test_variances_that_were_learned() -> None:
    class Scaled(nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor: return 0.5 * z
    model = Diffusion(Scaled(), VP(Linear(-6.0, 5.0)), "x", REAL, (3,), 5, True)
    with torch.no_grad(): model.log_ratio.normal_(0, 0.4, generator=seeded(0))
    x = 0.5 * randn((3000, 3), seeded(1))
    found = model.bpd(x, 1000, 2, method=Weighted(1), progress=False)
    assert_same_mean(found.total, model.bpd(x, 1000, 4, 1, progress=False).total)
    assert "T = 5" in found.protocol and found.calls == 2 * 3000 * 5
    other = Weighted(1, steps=4)
    refused("leave steps out", model.bpd, x, method=other, progress=False)


def test_the_noise_of_the_whole_state_is_as_good_as_x() -> None:
    process = zoo("learned, 2")
    assert process.heads == process.K
    law = bell(process)
    def noise(y: Tensor, gamma: Tensor) -> Tensor:
        at = process.at(process.time(gamma[:1])[0])
        return mix(inverse(at.kernel.L), y - at.mean(law(y, at)))
    x = 0.5 * randn((5, 1), seeded(0))
    found = [Weighted(2, steps=3)(model, x, REAL, 1, seeded(1)).total
             for model in (law, denoiser(process, noise, "noise"))]
    assert torch.allclose(*found, rtol=1e-6)


def test_one_record_whatever_the_method() -> None:
    class Net(nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor: return 0.1 * z
    model = Diffusion(Net(), discretization=Discretization(8), shape=(2,))
    k = torch.randint(8, (6, 2), generator=seeded(0))
    methods = {"elbo": None, "iw": Weighted(2, steps=3), "ode": Flow(1e-2, atol=1e-2)}
    found = {name: model.bpd(k, 4, method=m, progress=False, seed=3) for name, m in methods.items()}
    for name, judged in found.items():
        record = judged.record
        assert record.keys() == found["elbo"].record.keys()
        assert record["method"] == name and record["seed"] == 3 and record["status"] == "complete"
        assert record["bits"] == judged.bpd and record["calls"] > 0 and record["n"] == 6
    assert found["iw"].calls == 6 * 2 * 3 and found["elbo"].calls == 6
    assert found["ode"].record["tolerance"] == 1e-2 and found["iw"].record["tolerance"] is None
    assert "estimate" in found["ode"].says and "bound" not in found["ode"].record["quantity"]
    exact = Flow(1e-2, atol=1e-2, exact=True)
    assert "upper bound" in exact.says and "bound" in found["iw"].says
    class Own(Method):
        name, says = "own way", "guess at"
        def __call__(self, *what: object, **cond: Tensor) -> Bound:
            return Bound({"guess": torch.ones(len(what[1])).double()}, 2, 8, "guessed")
    guessed = model.bpd(k, method=Own(), progress=False)
    assert guessed.method == "own way" and repr(guessed).startswith("Estimate(")
    assert guessed.record["quantity"] == "guess at −log p(x)" and guessed.nats == 1
    points = model.log_prob(k, 3, method=methods["ode"])
    assert points.method == "ode" and repr(points).startswith("Estimate(")
    assert points.calls > 0 and points.tolerance == 1e-2 and points.status == "complete"


@pytest.mark.parametrize("start", ["truncated", "uniform"])
def test_levels_with_a_clock_for_each_dimension(start: str) -> None:
    """The weights come down to the mass of a bin under the law of the first block."""
    variance = torch.tensor([0.25, 0.5], dtype=torch.float64)
    bell_of_two, levels = Mixture.gaussian(torch.zeros(2), variance.diag()), Discretization(8)
    process = VP(Linear(torch.tensor([-6.0, -5.0]), torch.tensor([12.0, 13.0])))
    k, at = levels.nearest(bell_of_two.sample(40, seeded(0))), process.at(0.0).kernel
    scale = (variance + (at.L[..., 0, 0] / at.Phi[..., 0, 0]).square()).sqrt().view(1, 2)
    low, high = (torch.special.ndtr((levels.encode(k) + side * levels.delta / 2) / scale)
                 for side in (-1, 1))
    truth, model = -(high - low).log().sum(1), MixtureDenoiser(process, bell_of_two)
    method = Flow(1e-3, atol=1e-3, start=start, exact=True)
    above = [method(model, k, levels, K, seeded(1)).total - truth for K in (1, 32)]
    assert -4 * float(above[1].std()) / 40**0.5 < float(above[1].mean()) < 0.15
    assert float(above[1].mean()) < float(above[0].mean())


def test_who_does_not_arrive_is_counted_and_left_out() -> None:
    """A flow that gives up costs its own example, and no other."""
    class Stiff(nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor:
            return torch.where(z > 0.8, (500 * z).sin(), 0.0)
    model = Diffusion(Stiff(), VP(Linear(-6.0, 5.0)), "x", REAL, (1,))
    x = torch.tensor([[-0.5], [-0.6], [-0.4], [0.9]], dtype=torch.float64)
    found = model.bpd(x, method=Flow(1e-5, start="point", most=151), progress=False)
    assert found.arrived.tolist() == [True, True, True, False] and found.lost == 1
    assert found.total.isnan().tolist() == [False, False, False, True]
    assert math.isfinite(found.nats) and math.isfinite(found.se) and "1 of 4" in str(found)
    assert found.record["status"] == "1 of 4 examples did not arrive and are left out"
    with pytest.warns(UserWarning, match="1 of 4 examples did not arrive at every draw"):
        few = model.log_prob(x, 2, method=Flow(1e-5, start="point", most=151))
    assert few.value.isnan().tolist() == found.total.isnan().tolist() and "1 of 4" in few.status


def test_a_coarse_chain_is_warned_of_whatever_its_values() -> None:
    """A hundred equal examples have no tail, and cost thousands of nats."""
    class Perfect(nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor:
            return torch.zeros_like(z)
    x = torch.full((100, 1), 0.5, dtype=torch.float64)
    for process, coarse in ((VP.song(), True), (VP(Linear(-4.0, 5.0)), False)):
        model = Diffusion(Perfect(), process, "x", REAL, (1,))
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            model.bpd(x, method=Weighted(2, steps=6), progress=False)
        assert any("so coarse are 6 steps" in str(w.message) for w in heard) == coarse


def test_what_is_refused() -> None:
    x = torch.zeros(2, 1).double()
    refused("K = 0", Weighted, 0)
    refused("steps = 0", Weighted, 2, steps=0)
    refused("times = 0", Weighted(2), bell(zoo("VP")), x, REAL, 0)
    blocks = denoiser(zoo("CLD"), lambda y, gamma: y[:, -1], "noise")
    refused("no chain of steps", Weighted(2), blocks, x, REAL)
    broken = denoiser(zoo("VP"), lambda z, gamma: z * torch.nan, "x")
    refused("weights of 2 of 2 examples are NaN", Weighted(2, steps=2), broken, x, REAL)


def test_words_stand_for_methods_as_at_the_command() -> None:
    """And the text of a call is refused, with what to give."""
    assert {word: name for word, (_, name) in _WORDS.items()} == METHODS
    model = Diffusion(MLP(2, 8, 1), shape=(2,), discretization=REAL)
    x = torch.zeros(2, 2)
    for word, method in {"elbo": None, "iw": Weighted(), "ode": Flow()}.items():
        by_word, by_call = (model.bpd(x, progress=False, method=m) for m in (word, method))
        assert by_word.record["method"] == word and by_word.protocol == by_call.protocol
        assert torch.equal(by_word.total, by_call.total)
    refused(r"method = Weighted\(4\): give elbo, ode or iw, or a method", model.bpd, x,
            method="Weighted(4)")


def test_a_looser_bound_says_so() -> None:
    """Where the record holds a tighter one of the same split, and nowhere else."""
    def measured(mean: float, method: str) -> dict:
        return {"method": method, "total": {"mean": mean, "se": 0.01}, "unit": "bits/dim"}
    elbo = measured(2.0, "elbo")
    for looser in (2.0, 2.1): assert "tighter bound of this split, 2.0000" in compared(
        measured(looser, "iw"), elbo)
    for one, known in ((measured(1.9, "iw"), elbo), (measured(2.1, "iw"), None),
                       (measured(2.1, "ode"), elbo), (measured(2.1, "iw"), measured(2.0, "iw"))):
        assert compared(one, known) == ""
