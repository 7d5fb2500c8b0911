"""MuLAN: adaptive clocks, what they are told, and a bound that is strict."""
import itertools
import json
import math
import re
from pathlib import Path

import pytest
import torch
from helpers import refused
from test_cli import call
from torch import Tensor, nn

from mdm_nb import (
    DDIM,
    GDDIM,
    MALDA,
    VP,
    Ancestral,
    Continuous,
    Diffusion,
    Discretization,
    DPMSolver,
    EulerMaruyama,
    Heun,
    InputError,
    Keyed,
    Linear,
    Mixture,
    MixtureDenoiser,
    ProbabilityFlow,
    Splitting,
    bound,
    denoiser,
    rand,
    randn,
    seeded,
)
from mdm_nb.contexts.adaptive import Adaptive, Fields, Polynomial, Steps
from mdm_nb.contexts.context import Context, GaussianCode, KHot, Labels, Reader
from mdm_nb.contexts.other import released_kl
from mdm_nb.contexts.subset import Subset, log_choices
from mdm_nb.gaussians.errors import known_good
from mdm_nb.gaussians.levels import mean_at_levels
from mdm_nb.gaussians.score import alpha_sigma
from mdm_nb.models.network import UNet
from mdm_nb.processes.schedule import Schedule

F64 = torch.float64
IMAGE = (1, 8, 8)
SMALL = {"shape": IMAGE, "width": 8, "blocks": 1, "frequencies": ()}
CLOCKS = {"polynomial": Polynomial, "steps": Steps}


def awake(clock: Adaptive, seed: int = 0, size: float = 1.0) -> Adaptive:
    """The clock with fields that differ, as if it had been trained."""
    with torch.no_grad():
        for p in clock.fields.parameters():
            p.add_(size * randn(tuple(p.shape), seeded(seed)).to(p.dtype))
    return clock


@pytest.mark.parametrize("kind", CLOCKS)
@pytest.mark.parametrize("straight", [0.0, 0.3])
def test_ends_are_exact_and_the_speed_is_the_derivative(kind: str, straight: float) -> None:
    clock = awake(CLOCKS[kind](shape=(4, 5), straight=straight), size=3.0)
    t = torch.linspace(0, 1, 101, dtype=F64)
    with torch.no_grad():
        gamma, rate = clock.rate(t)
        by_torch = Schedule.rate(clock, t)[1]
        climbed = torch.cumulative_trapezoid(clock.rate(torch.linspace(0, 1, 20_001, dtype=F64))[1],
                                             dx=1 / 20_000, dim=0)[199::200]
    assert gamma.shape == rate.shape == (101, 4, 5)
    assert (gamma[0] + 13.3).abs().max() < 1e-12 and (gamma[-1] - 5).abs().max() < 1e-12
    assert torch.allclose(rate, by_torch, rtol=1e-10, atol=1e-10)
    assert (climbed - (gamma[1:] + 13.3)).abs().max() < 1e-5
    assert rate.min() >= straight * 18.3 - 1e-12


def test_the_polynomial_is_the_integral_of_the_square() -> None:
    """P(t) of the paper, against numbers worked out with fractions."""
    a, b, c = 3.0, -2.0, 0.5
    raw = math.log(math.expm1(c - 1e-3))
    fields = torch.tensor([a, b, raw], dtype=F64).view(3, 1, 1)
    t = torch.tensor([[0.25], [0.6], [1.0]], dtype=F64)
    S, dS = Polynomial(shape=(1,)).curve(fields, t)
    P = [a * a * u**5 / 5 + a * b * u**4 / 2 + (b * b + 2 * a * c) * u**3 / 3 + b * c * u**2
         + c * c * u for u in (0.25, 0.6, 1.0)]
    slope = [(a * u * u + b * u + c) ** 2 for u in (0.25, 0.6, 1.0)]
    assert torch.allclose(S.flatten(), torch.tensor(P, dtype=F64) / P[2], rtol=1e-13)
    assert torch.allclose(dS.flatten(), torch.tensor(slope, dtype=F64) / P[2], rtol=1e-13)


def test_a_new_clock_is_a_straight_line() -> None:
    t = torch.linspace(0, 1, 11, dtype=F64)
    for clock in (Polynomial(shape=(2,)), Polynomial(Labels(3), shape=(2,)).told(torch.eye(3))):
        gamma = clock(t[:3] if clock.source else t)
        assert torch.allclose(gamma[:, 0], -13.3 + 18.3 * t[: len(gamma)], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("share", "waves", "alike"), [
    ("none", None, ()), ("channels", None, (1,)), ("all", None, (1, 2, 3)), ("channels", 3, (1,)),
    ("none", 2, ()),
])
def test_who_shares_a_clock(share: str, waves: int | None, alike: tuple[int, ...]) -> None:
    clock = Polynomial(Labels(4), shape=(3, 6, 8), share=share, waves=waves, width=8)
    gamma = awake(clock).told(torch.eye(4)).rate(torch.tensor(0.4))[0].detach()
    assert gamma.shape == (4, 3, 6, 8)
    for axis in (1, 2, 3):
        spread = (gamma - gamma.mean(axis, keepdim=True)).abs().max()
        assert (spread < 1e-12) == (axis in alike), (axis, spread)
    if waves: assert clock.fields.rows.shape == (waves, 6)


def test_ends_are_the_same_for_every_code() -> None:
    clock = awake(Polynomial(Labels(4), shape=IMAGE, width=8))
    told = clock.told(torch.eye(4))
    for t, end in ((0.0, -13.3), (1.0, 5.0)):
        for one in (clock, told):
            assert (one(torch.tensor(t)) == end).all() and one(torch.tensor(t)).shape == (1, *IMAGE)
        assert (told.rate(torch.tensor(t))[0] - end).abs().max() < 1e-12
        refused("was not told", clock.rate, torch.tensor(t))  # the speed is nobody's
    both = clock(torch.tensor([0.0, 1.0]))
    assert both.shape == (2, *IMAGE) and both[:, 0, 0, 0].tolist() == [-13.3, 5.0]
    middle = told(torch.tensor(0.5)).detach()
    assert (middle[0] - middle[1]).abs().max() > 0.1


def test_an_end_on_a_device_is_not_looked_at() -> None:
    """Whoever looks waits for the device; the one called meta holds no numbers to look at."""
    clock, end = Polynomial(shape=IMAGE).to("meta"), torch.tensor(1.0, device="meta")
    with known_good(): assert clock(end).shape == (1, *IMAGE)


def test_what_does_not_fit_is_refused() -> None:
    clock = Polynomial(KHot(4, 2, **SMALL), shape=IMAGE)
    told, _ = clock.given(None, 3, seeded(0))
    for call_, words in (
        (lambda: clock(torch.tensor(0.5)), "was not told"),
        (lambda: clock.told(torch.zeros(2, 5)), "4 numbers for each example"),
        (lambda: told(torch.tensor([0.1, 0.9])), "2 times .* told of 3 examples"),
        (lambda: Polynomial(shape=(2,), share="channels"), "only images"),
        (lambda: Polynomial(shape=IMAGE, waves=9), "waves = 9"),
        (lambda: Polynomial(KHot(4, 2), shape=(1, -8, 8)), "^shape = .1, -8, 8.: give a tuple"),
        (lambda: KHot(4, 2, **SMALL)(None, -3), "^n = -3: give"),
        (lambda: KHot(4, 2, **SMALL).read(torch.zeros(2, 9)), "this Reader reads .B, "),
        (lambda: Polynomial(shape=IMAGE, straight=1.5), "straight = 1.5"),
        (lambda: KHot(4, 4), "fewer than m = 4"),
        (lambda: KHot(4, 2, "soft"), "choose one of exact, gumbel, released"),
        (lambda: KHot(4, 2, prior="flat"), "choose one of uniform, learned"),
        (lambda: KHot(4, 2, "gumbel", "learned"), "draws have no known probabilities"),
        (lambda: Reader((2,)), "a network of your own"),
        (lambda: clock.inverse(0.0), "a different time in every dimension"),
        (lambda: KHot(4, 2, network=nn.Flatten())(torch.zeros(2, 3), 2), "give it 4 numbers"),
        (lambda: UNet(1, 8, 1, latent=4)(torch.zeros(2, *IMAGE), torch.zeros(2)), "told no code"),
        (lambda: UNet(1, 8, 1)(torch.zeros(2, *IMAGE), torch.zeros(2), None, torch.ones(2, 4)),
         "build the network with latent = 4"),
        (lambda: Adaptive(KHot(4, 2)), "choose Polynomial or Steps"),
        (lambda: KHot(2000, 2), "m = 2000"),
        (lambda: KHot(4, 2)(torch.zeros(2, *IMAGE), 2), "give it to a clock"),
        (lambda: Polynomial(KHot(4, 2, shape=(1, 4, 4)), shape=IMAGE), "give both the same shape"),
        (lambda: clock.told(torch.full((2, 4), torch.nan)), "c holds NaN"),
        (lambda: KHot(4, 2, width=0), "width = 0"),
    ):
        refused(words, call_)


class Half(Adaptive):
    """Goes half of the way, so that half of the path would be missing from the bound."""
    def curve(self, fields: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """S = t/2."""
        return 0.5 * t + 0 * fields[0], torch.full_like(fields[0], 0.5)


class Slower(Half):
    """Says that it is half as fast as it is."""
    def curve(self, fields: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """S = t, and another slope."""
        return t + 0 * fields[0], super().curve(fields, t)[1]


class Falls(Half):
    """Turns back on its way."""
    def curve(self, fields: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """S = t + ½ sin 2πt."""
        angle = 2 * math.pi * t
        return t + 0.5 * angle.sin() + 0 * fields[0], 1 + math.pi * angle.cos() + 0 * fields[0]


@pytest.mark.parametrize("kind, words", [(Half, "S is not 1 at t = 1"), (Falls, "S falls"),
                                         (Slower, "not the slope of S")])
def test_a_curve_that_is_none_is_refused(kind: type[Adaptive], words: str) -> None:
    """Before a process is built: the number would not be a bound."""
    refused(f"{kind.__name__}.curve: .*{words}", VP, kind(None, shape=IMAGE))
    for known in (Polynomial, Steps): VP(known(None, shape=IMAGE))


def test_steps_may_be_far_away() -> None:
    """The same mean of steps and a line, where sigmoids would all be one."""
    clock = Steps(None, shape=(2,), gamma_0=0.0, gamma_1=1.0)
    with torch.no_grad(): clock.place.fill_(300.0)
    S, dS = clock.rate(torch.tensor([0.0, 0.25, 0.5, 1.0], dtype=F64))
    u = float(clock.steepness[0].detach()) + 0.01
    t = torch.tensor([0.0, 0.25, 0.5, 1.0], dtype=F64)
    far = torch.expm1(-2 * u * t) / math.expm1(-2 * u)  # the limit of a step whose place is +∞
    assert torch.allclose(S[:, 0], t / 8 + 7 / 8 * far, rtol=0, atol=1e-12)
    assert dS.isfinite().all()


class Free(Context):
    """Reads the data and charges nothing."""
    size, inferred = 2, True

    def forward(
        self, x: Tensor | None, n: int, generator: object = None, **cond: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        return torch.zeros(n, 2) if x is None else x.flatten(1), {}


class Blind(Free):
    """Says that it does not read the data; then it is not shown any."""
    inferred = False


def test_the_data_are_no_context() -> None:
    """c = x is refused, and a context that does not pay never sees the data."""
    refused("charged nothing", Polynomial(Free(), shape=(2,)).given, torch.ones(3, 2))
    law = Mixture.gaussian(torch.zeros(2), torch.eye(2))

    class Wrong(Free):
        """Charges what is no number."""
        def forward(self, *args: object, **cond: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            """Two zeros for each."""
            return torch.zeros(3, 2), {"context": torch.full((3,), torch.nan)}

    model = MixtureDenoiser(VP(Polynomial(Wrong(), shape=(2,))), law)
    refused("'context' below zero or NaN", bound, model, torch.ones(3, 2), Continuous())
    told, nats = Polynomial(Blind(), shape=(2,)).given(torch.ones(3, 2))
    assert nats == {} and not told._told[0].any()


S_CODE, V_CODE = 1.5, 0.5
CODES = torch.tensor([[float(j in chosen) for j in range(4)]
                      for chosen in itertools.combinations(range(4), 2)], dtype=F64)
SIX = Mixture(torch.full((6,), 1 / 6), S_CODE * CODES, (V_CODE * torch.eye(4)).expand(6, 4, 4))


class Posterior(nn.Module):
    """Logits of the posterior of the code, which is a conditional Poisson law, times a factor."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor, dtype=F64))

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * S_CODE * x / V_CODE


def of_code(kind: str) -> object:
    """The exact network, once the code is told, of a kind."""
    def predict(z: Tensor, gamma: Tensor, latent: Tensor) -> Tensor:
        alpha, sigma = alpha_sigma(gamma)
        gap = z - alpha * S_CODE * latent
        x = S_CODE * latent + V_CODE * alpha / (V_CODE * alpha**2 + sigma**2) * gap
        eps = (z - alpha * x) / sigma
        return {"x": x, "eps": eps, "v": alpha * eps - sigma * x, "score": -eps / sigma}[kind]
    return predict


def coded(factor: float, kind: str = "v", law: str = "exact", seed: int = 6) -> object:
    """The exact denoiser on a clock that the code bends."""
    code = KHot(4, 2, law, network=Posterior(factor))
    clock = Polynomial(code, shape=(4,), gamma_0=-6.0, width=16)
    return denoiser(VP(awake(clock, seed, 0.5)), of_code(kind), kind)


@pytest.mark.parametrize("kind", ["x", "eps", "v", "score"])
@pytest.mark.parametrize("T", [None, 60])
@torch.no_grad()
def test_the_bound_is_strict_and_tight(kind: str, T: int | None) -> None:
    """Where q is the posterior it is −log p(x); in steps it is above by what few steps lose."""
    x = SIX.sample(3000, seeded(0))
    b = bound(coded(1.0, kind), x, Continuous(), T, times=6, generator=seeded(1))
    gap, se = b.mean_se(b.total + SIX.log_prob(x))
    assert list(b.parts) == ["reconstruction", "prior", "diffusion", "context"]
    assert gap > -4 * se and (T is not None or abs(gap) < 4 * se + 0.01)
    if T: assert gap > 4 * se


@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0, 6.0])
@pytest.mark.parametrize("law", ["exact", "gumbel", "released"])
@torch.no_grad()
def test_the_bound_never_beats_the_truth(factor: float, law: str) -> None:
    x = SIX.sample(2000, seeded(2))
    b = bound(coded(factor, law=law), x, Continuous(), times=6, generator=seeded(3))
    gap, se = b.mean_se(b.total + SIX.log_prob(x))
    assert gap > -4 * se
    if law != "exact": assert (b.parts["context"] - log_choices(4, 2)).abs().max() < 1e-12


LEANING = torch.tensor([0.8, -0.4, 0.3, -0.7], dtype=F64)  # logits of a prior that is not uniform
LEANS = Mixture((CODES @ LEANING).softmax(0), SIX.means, SIX.covs)


class Leaning(Posterior):
    """The posterior of the code under that prior, once its factor is one."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + LEANING


@pytest.mark.parametrize("moved", [0.0, -1.0, 1.5])
@torch.no_grad()
def test_a_learned_prior_is_strict_and_tight(moved: float) -> None:
    """It is tight where the prior is the truth's, and charges what another one is away from it."""
    code = KHot(4, 2, prior="learned", network=Leaning(1.0))
    clock = awake(Polynomial(code, shape=(4,), gamma_0=-6.0, width=16), 6, 0.5)
    model, x = denoiser(VP(clock), of_code("v"), "v"), LEANS.sample(3000, seeded(0))
    code.prior.copy_(LEANING)
    b = bound(model, x, Continuous(), times=6, generator=seeded(1))
    gap, se = b.mean_se(b.total + LEANS.log_prob(x))
    assert abs(gap) < 4 * se + 0.01
    code.prior.copy_((1 + moved) * LEANING)
    _, nats = code(x, len(x), seeded(1))
    more, se = b.mean_se(nats["context"] - b.parts["context"])
    price = float(Subset(LEANING, 2).kl(code.before()))
    assert abs(more - price) < 4 * se + 1e-6 and (price > 20 * se) == (moved != 0)
    c, nats = code(None, 4000, seeded(2))
    se = (code.before().marginals * (1 - code.before().marginals) / 4000).sqrt()
    assert nats == {} and ((c.mean(0) - code.before().marginals).abs() < 4 * se).all()


@torch.no_grad()
def test_the_published_price_would_beat_the_truth() -> None:
    x = SIX.sample(4000, seeded(4))
    b = bound(coded(1.0), x, Continuous(), times=10, generator=seeded(5))
    theirs = b.total - b.parts["context"] + released_kl(Posterior(1.0)(x))
    gap, se = b.mean_se(theirs + SIX.log_prob(x))
    assert gap < -3 * se


def test_the_released_law_trains_on_the_released_price_and_reports_the_most() -> None:
    context, x = KHot(4, 2, "released", network=Posterior(1.0)), SIX.sample(9, seeded(6))
    _, nats = context(x, 9, seeded(7))
    mine, = torch.autograd.grad(nats["context"].sum(), context.network.factor)
    theirs, = torch.autograd.grad(released_kl(context.network(x)).sum(), context.network.factor)
    assert torch.allclose(mine, theirs)
    assert (nats["context"] - math.log(6)).abs().max() < 1e-12


SAMPLERS = [Ancestral(80), DDIM(80), EulerMaruyama(200), ProbabilityFlow(40), Splitting(120),
            *(make(40, grid="uniform") for make in (DPMSolver, GDDIM, Heun))]


@pytest.mark.parametrize("sampler", SAMPLERS)
@torch.no_grad()
def test_samples_have_the_law_of_the_data(sampler: object) -> None:
    """Codes come from the prior, one for each sample, and bend its clock."""
    model, nats = coded(1.0, seed=8).given(None, 2000, seeded(9))
    y = sampler(model, model.process.prior((2000, 4), seeded(10)), seeded(11), progress=False)
    assert nats == {} and (y.mean(0) - 0.75).abs().max() < 0.08
    within = (y - S_CODE * model.process.context["latent"]).var(0)
    assert (within / (V_CODE + math.exp(-6)) - 1).abs().max() < 0.2


@torch.no_grad()
def test_roads_agree_for_an_exact_denoiser_only() -> None:
    """Sheet 1, 5.3, through the library: the same noise on three roads."""
    law = Mixture.gaussian(torch.zeros(2), torch.tensor([[1.0, 0.8], [0.8, 1.0]]))
    x, found = law.sample(6000, seeded(12)), {}
    for name, numbers in (("straight", [0.0] * 6), ("bent", [-3.0, 3.0, 0.0, 0.0, 3.0, -3.0])):
        clock = Polynomial(shape=(2,), gamma_0=-6.0, gamma_1=5.0)
        clock.fields.numbers.copy_(torch.tensor([numbers]))
        exact = MixtureDenoiser(VP(clock), law)
        def forgets(z: Tensor, gamma: Tensor, exact: object = exact) -> Tensor:
            guess = mean_at_levels(law, z, gamma)
            alpha, sigma = alpha_sigma(gamma)
            guess[:, 0] = (alpha * z / (alpha**2 + sigma**2))[:, 0]  # blind to the second number
            return guess
        for which, model in (("exact", exact), ("wrong", denoiser(VP(clock), forgets, "x"))):
            b = bound(model, x, Continuous(), times=16, generator=seeded(13))
            found[name, which] = b.mean_se(b.parts["diffusion"])
    def apart(which: str) -> tuple[float, float]:
        (a, s), (b, t) = found["straight", which], found["bent", which]
        return abs(a - b), math.hypot(s, t)
    gap, se = apart("exact")
    assert gap < 4 * se
    gap, se = apart("wrong")
    assert gap > 4 * se


@pytest.mark.parametrize("kind", ["x", "eps", "v", "noise"])
def test_a_model_learns_its_code(kind: str) -> None:
    """Gradients reach the reader, the fields and the network, for every prediction."""
    torch.manual_seed(0)
    clock = awake(Polynomial(KHot(6, 2, **SMALL), shape=IMAGE, width=8))
    net = UNet(1, 8, 1, 0.0, (), latent=clock.latent)
    model = Diffusion(net, VP(clock), kind, Discretization(17), IMAGE)
    with torch.no_grad():
        for p in net.parameters(): p.add_(0.1 * randn(tuple(p.shape), seeded(14)).to(p.dtype))
    images = torch.randint(0, 17, (8, *IMAGE), generator=seeded(15))
    model.loss(images, seeded(16)).backward()
    for part in (clock.source.network.leave[-1].weight, clock.fields.network[-1].weight,
                 net.level[0].weight):
        assert part.grad is not None and part.grad.isfinite().all() and part.grad.abs().max() > 0
    assert net.level[0].weight.grad[:, -6:].abs().max() > 0  # the columns that read the code


def test_the_number_does_not_depend_on_the_batch() -> None:
    torch.manual_seed(0)
    clock = awake(Polynomial(KHot(6, 2, **SMALL), shape=IMAGE, width=8))
    model = Diffusion(UNet(1, 8, 1, 0.0, (), latent=6), VP(clock), "v", Discretization(17), IMAGE)
    images = torch.randint(0, 17, (10, *IMAGE), generator=seeded(15))
    one, other = (model.bpd(images, batch_size=size, progress=False) for size in (10, 3))
    for name, nats in one.parts.items():
        assert torch.allclose(nats, other.parts[name], rtol=1e-4, atol=1e-6), name
    drawn = [model.sample(5, Ancestral(4), batch_size=size, progress=False) for size in (5, 2)]
    assert torch.equal(*drawn)


def test_contexts_are_free_until_they_speak_and_keyed_by_example() -> None:
    images = 2 * rand((6, *IMAGE), seeded(0)) - 1
    for context in (KHot(5, 2, **SMALL), KHot(5, 1, **SMALL), GaussianCode(5, **SMALL)):
        assert context(images, 6, seeded(1))[1]["context"].abs().max() < 1e-12
        with torch.no_grad(): context.network.leave[-1].weight.normal_(generator=seeded(2))
        c, nats = context(images, 6, Keyed(3, range(6)))
        part, some = context(images[2:], 4, Keyed(3, range(2, 6)))
        assert (nats["context"] > 0).all() and torch.allclose(c[2:], part, atol=1e-6)
        assert torch.allclose(nats["context"][2:], some["context"], rtol=1e-4)


def test_uniform_logits_have_a_gradient() -> None:
    """A reader that starts at zero logits is where some surrogates are 0/0."""
    for law in ("exact", "gumbel", "released"):
        context = KHot(5, 2, law, **SMALL)
        c, nats = context(torch.zeros(3, *IMAGE, dtype=F64), 3, seeded(0))
        ((c * torch.arange(5)).sum() + nats["context"].sum()).backward()
        grads = [p.grad for p in context.parameters() if p.grad is not None]
        assert all(g.isfinite().all() for g in grads) and (c.sum(1) == 2).all()


def test_published_counts_of_weights() -> None:
    with torch.device("meta"):
        counts = [sum(p.numel() for p in net.parameters()) for net in (
            Reader(width=128, blocks=4), Reader(width=256, blocks=4),
            Fields(3, 50, (3, 32, 32), 3072))]
    assert counts[0] == 2_632_883 and round(counts[1] / 1e6, 1) == 10.3
    assert counts[2] == 37_917_696


@pytest.mark.usefixtures("short_walks")
def test_from_the_command_line(tmp_path: Path) -> None:
    """The price of the code is in the record and on the card, with its error, and it samples."""
    run = tmp_path / "run"
    schedule = "Polynomial(KHot(6, 2, width=8, blocks=1), width=8)"
    call("mdm_train", "--schedule", schedule, "--steps", "3", "--width", "8", "--blocks", "1",
         "--valid-examples", "20", "--out", str(run), "--device", "cpu")
    record = json.loads((run / "record.json").read_text())
    part = record["evaluations"]["test"]["parts"]["context"]
    assert part["mean"] >= 0 and part["se"] >= 0 and "context" in (run / "card.md").read_text()
    assert json.loads((run / "config.json").read_text())["config"]["schedule"] == schedule
    call("mdm_sample", str(run), "--n", "2", "--steps", "2", "--device", "cpu")


def test_a_clock_of_labels_wants_labels() -> None:
    process = VP(Polynomial(Labels(3), shape=IMAGE))
    with pytest.raises(InputError, match="classes = 3"):
        Diffusion(UNet(1, 8, 1), process, "v", Discretization(17), IMAGE)
    with pytest.raises(InputError, match=r"write Labels\(4\)"):
        Diffusion(UNet(1, 8, 1, classes=4), process, "v", Discretization(17), IMAGE, classes=4)
    model = Diffusion(UNet(1, 8, 1, classes=3), process, "v", Discretization(17), IMAGE, classes=3)
    images, label = torch.zeros(2, *IMAGE, dtype=torch.uint8), torch.tensor([0, 2])
    assert "given label" in model.bpd(images, progress=False, label=label).protocol


@torch.no_grad()
def test_a_road_of_three_blocks_changes_nothing_for_an_exact_denoiser() -> None:
    law = Mixture.gaussian(torch.zeros(2), torch.tensor([[1.0, 0.8], [0.8, 1.0]]))
    x, found = law.sample(1500, seeded(17)), []
    bent = awake(Polynomial(shape=(2,), gamma_0=-3.0, gamma_1=1.6), size=2.0)
    for clock in (Linear(-3.0, 1.6), bent):
        b = bound(MixtureDenoiser(MALDA(clock=clock), law), x, Continuous(), times=8,
                  generator=seeded(18))
        gap, se = b.mean_se(b.total + law.log_prob(x))
        assert gap > -4 * se
        found.append((b.nats, b.se))
    (a, s), (b, t) = found
    assert abs(a - b) < 4 * math.hypot(s, t)


def small_model(shape: tuple[int, ...] = IMAGE, k: int = 2, **options: float) -> Diffusion:
    """A model of the digits whose clock is told a code of six switches."""
    code = KHot(6, k, width=8, blocks=1, frequencies=())
    clock = Polynomial(code, shape=shape, width=8, **options)
    net = UNet(1, 8, 1, 0.0, (), latent=6)
    return Diffusion(net, VP(clock), "v", Discretization(17), IMAGE)


def test_a_code_that_is_given_beside_the_one_that_is_paid_for_is_refused() -> None:
    """Else a caller could pass x itself, and the sum would fall below -log p."""
    model, x = small_model(), torch.zeros(3, *IMAGE, dtype=torch.uint8)
    code = torch.ones(3, 6)
    refused("latent was given, .*: leave it out", model.loss, x, latent=code)
    refused("leave it out", model.bpd, x, progress=False, latent=code)
    refused("leave it out", model.sample, 3, Ancestral(2), progress=False, latent=code)
    refused("leave it out", model.denoise, x.double(), 0.5, latent=code)


def test_parts_of_other_shapes_and_contexts_that_need_data_are_refused_when_built() -> None:
    refused("the clock was made for data of shape", small_model, (3, 32, 32))

    class NoPrior(Free):
        """Forgets that samples have no data."""

        def forward(
            self, x: Tensor | None, n: int, generator: object = None, **cond: Tensor
        ) -> tuple[Tensor, dict[str, Tensor]]:
            return x.flatten(1)[:, :2], {"context": torch.zeros(n)}

    process = VP(Polynomial(NoPrior(), shape=IMAGE))
    build = lambda: Diffusion(UNet(1, 8, 1, latent=2), process, "v", Discretization(17), IMAGE)
    refused("let contexts work without data", build)


def test_weights_remember_the_law_of_their_code() -> None:
    saved = small_model().state_dict()
    small_model().load_state_dict(saved)
    refused("k_and_law", small_model(k=3).load_state_dict, saved)
    refused("straight_part", small_model(straight=0.5).load_state_dict, saved)


def test_a_reader_that_is_no_number_gives_a_loss_that_is_none() -> None:
    """No index error in the draw: whoever trains looks at the loss, and says what to do."""
    model, x = small_model(), torch.zeros(3, *IMAGE, dtype=torch.uint8)
    model.loss(x)
    with torch.no_grad(): model.process.schedule.source.network.numbers.bias.fill_(math.nan)
    assert model.loss(x).isnan()


def test_a_network_may_ask_for_its_code() -> None:
    """A `forward` that requires `latent` is told it, whatever else comes by keyword."""

    class Asks(nn.Module):
        """Looks at the code only."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(6))

        def forward(self, z: Tensor, g: Tensor, latent: Tensor) -> Tensor:
            return z * (latent.to(z.dtype) @ self.weight).view(-1, 1, 1, 1)

    clock = Polynomial(KHot(6, 2, width=8, blocks=1, frequencies=()), shape=IMAGE, width=8)
    model = Diffusion(Asks(), VP(clock), "v", Discretization(17), IMAGE)
    assert model.loss(torch.zeros(3, *IMAGE, dtype=torch.uint8)).isfinite()


PAGE = Path(__file__).parents[1] / "nbs" / "train" / "mulan.ipynb"
PAIR = re.compile(r"(\d\.\d+) ± (\d\.\d+)")


def test_the_training_page_says_what_its_records_say() -> None:
    """Its tables are those of the records, and a number that the prose quotes is in a table."""
    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    outputs = [out for cell in cells for out in cell.get("outputs", ())]
    shown = "\n".join("".join(out.get("data", {}).get("text/markdown", ())) for out in outputs)
    others = ("diffenc", "mdm2", "psld", "cld")  # of another page, as the digits without a limit
    for first in sorted((PAGE.parent / "mulan").glob("*/*-0")):
        if first.name.startswith(others): continue
        if first.parent.name == "digits" and "unclipped" in first.name: continue
        records = [first.with_name(f"{first.name[:-1]}{seed}") / "record.json" for seed in range(3)]
        totals = torch.tensor([
            json.loads(file.read_text(encoding="utf-8"))["evaluations"]["test"]["total"]["mean"]
            for file in records
        ], dtype=F64)
        row = f"{totals.mean():.4f} ± {totals.std() / 3**0.5:.4f}"
        assert row in shown, (first.name, row)
    tabled = {(round(float(a), 4), round(float(b), 4)) for a, b in PAIR.findall(shown)}
    for cell in cells:
        if cell["cell_type"] != "markdown": continue
        for mean, se in PAIR.findall("".join(cell["source"])):
            assert (float(mean), float(se)) in tabled, f"{mean} ± {se} stands in no table"
