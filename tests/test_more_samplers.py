"""The splitting, corrections and the flow to a tolerance, against independent arithmetic."""
import math
from collections.abc import Iterator
from functools import partial

import pytest
import torch
from helpers import bell, refused, truth, unit, zoo
from torch import Tensor
from torchdiffeq import odeint

from mdm_nb import (
    CLD,
    DDIM,
    GDDIM,
    VE,
    VP,
    AdaptiveFlow,
    Ancestral,
    Denoiser,
    DPMSolver,
    Encoded,
    Encoder,
    EulerMaruyama,
    Heun,
    Keyed,
    Linear,
    Mixture,
    MixtureDenoiser,
    NoisePredictor,
    PredictorCorrector,
    ProbabilityFlow,
    Process,
    Sampler,
    Splitting,
    SubVP,
    Time,
    denoiser,
    dual,
    load_pretrained,
    mix,
    seeded,
)
from mdm_nb.processes.lyapunov import inverse
from mdm_nb.runs.construct import construct
from mdm_nb.samplers.corrector import corrected

PLANE = Mixture.gaussian(torch.zeros(2), torch.tensor([[0.3, 0.1], [0.1, 0.2]]))
NAMES = ("VP", "CLD", "PSLD", "MALDA", "learned, 3")


class Given(Keyed):
    """A source of randomness that gives out the noise it was given, draw after draw."""
    def __init__(self, *noises: Tensor) -> None:
        self.noises: Iterator[Tensor] = iter(noises)
    def draw(self, sampler: object, shape: tuple[int, ...]) -> Tensor:
        """The next of them."""
        return next(self.noises)


def steps_of(
    sampler: Sampler, model: Denoiser, draws: int
) -> tuple[Tensor, Tensor]:
    """M and F of every step, from unit vectors; F has a block of columns for every draw."""
    K, n, times = model.process.K, sampler.steps, sampler.times(model.process)
    eye = unit(model.process, n)
    parts = range(draws + 1)
    s, t = (end.repeat_interleave(K).repeat(draws + 1) for end in (times[1:], times[:-1]))
    rows = [torch.cat([eye if i == j else 0 * eye for j in parts]) for i in parts]
    made = sampler.step(model, rows[0], s, t, Given(*rows[1:])).view(-1, n, K, K).mT
    return made[0], torch.cat(list(made[1:]), -1)


def spread(sampler: Sampler, model: Denoiser, P: Tensor, draws: int) -> Tensor:
    """The covariance after a run from covariance P."""
    for M, F in zip(*steps_of(sampler, model, draws), strict=True): P = M @ P @ M.T + F @ F.T
    return P


class Prior(Denoiser):
    """Believes that the data have the law of the prior."""
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """−S⁻¹ y."""
        return -mix(torch.cholesky_inverse(self.process.prior_factor), y)


@pytest.mark.parametrize("name", NAMES)
def test_the_splitting_leaves_the_prior_alone(name: str) -> None:
    """To 1e-13, with any grid; and the dual is the stationary process backwards."""
    process = zoo(name)
    S = process.prior_factor @ process.prior_factor.T
    for grid in ("uniform", "snr"):
        assert torch.allclose(spread(Splitting(15, grid=grid), Prior(process), S, 2), S, atol=1e-13)
    k = process.transition(0.3, 0.8)
    back = dual(process, 0.3, 0.8)
    assert torch.allclose(back.move.Phi, S @ k.Phi.mT @ torch.linalg.inv(S), atol=1e-13)
    twice = dual(process, 0.3, 0.8, 0.5)
    assert torch.allclose(twice.move.Phi @ twice.move.Phi, back.move.Phi, atol=1e-13)
    assert torch.allclose(2 * twice.noise, back.noise)


@pytest.mark.parametrize("name", [*NAMES, "ALDA"])
def test_the_order_of_the_splitting(name: str) -> None:
    """As declared."""
    process = zoo(name)
    model, true = bell(process), truth(process, 0.0)[0, 0]
    def error(n: int) -> float:
        made = spread(Splitting(n, grid="quadratic"), model, truth(process, 1.0), 2)
        return float(made[0, 0] / true)
    rate = math.log2((error(150) - 1) / (error(300) - 1))
    assert abs(rate - Splitting.order) < 0.15, rate


def test_planned_or_by_hand() -> None:
    """Plain times and the moments of a walk lead to the same states."""
    process = zoo("MALDA")
    model, y = MixtureDenoiser(process, PLANE), process.prior((3, 2), seeded(0))
    for sampler in (Splitting(4), PredictorCorrector(4, predictor="Splitting")):
        for t, s in process.walk(sampler.times(process), sampler.plan):
            ours = sampler.step(model, y, s, t, seeded(1))
            plain = sampler.step(model, y, s.t, t.t, seeded(1))
            assert torch.allclose(ours, plain, rtol=1e-12, atol=1e-12)


STEPPING = (Ancestral, DDIM, EulerMaruyama, ProbabilityFlow, DPMSolver, GDDIM, Heun, Splitting,
            PredictorCorrector)


@pytest.mark.parametrize("name", ["VP", "CLD"])
def test_no_step_leads_away_from_the_data(name: str) -> None:
    """By hand as in a walk: the earlier time is the one to go to, for every example."""
    process = zoo(name)
    model, y = bell(process), process.prior((2, 1), seeded(0))
    some = torch.tensor([0.1, 0.6]), torch.tensor([0.3, 0.4])
    for make in (*STEPPING, partial(PredictorCorrector, predictor="DDIM")):
        for s, t in ((0.7, 0.2), some):
            refused("s (comes after|does not come before) t", make(2).step, model, y, s, t)


@pytest.mark.parametrize("make", STEPPING)
def test_what_follows_the_steps_is_named(make: type[Sampler]) -> None:
    """Or the second number would mean something else for each."""
    with pytest.raises(TypeError): make(3, "quadratic")
    assert make(3, grid="quadratic").grid == "quadratic"


def test_clocks_per_dimension() -> None:
    """Each dimension goes where it goes alone, in both samplers that take steps."""
    ends = torch.tensor([-3.0, -4.0]), torch.tensor([1.5, 1.0])
    law = Mixture.gaussian(torch.zeros(2), torch.eye(2) / 4)
    noises = [torch.randn(3, 2, 2, generator=seeded(i)).double() for i in range(40)]
    adaptive = partial(AdaptiveFlow, rtol=1e-5, atol=1e-5)
    makers = {Splitting: None, PredictorCorrector: None, adaptive: 1e-4}
    for make, tolerance in makers.items():
        together = CLD(clock=Linear(*ends))
        y = together.prior((3, 2), seeded(0))
        sampler = make() if tolerance else make(8)
        both = sampler(MixtureDenoiser(together, law), y, Given(*noises))
        for i in range(2):
            alone = CLD(clock=Linear(float(ends[0][i]), float(ends[1][i])))
            one = sampler(bell(alone), y[..., [i]], Given(*(xi[..., [i]] for xi in noises)))
            assert torch.allclose(both[..., [i]], one, rtol=0, atol=tolerance or 1e-9)


def noise_network(process: Process, exact: Denoiser) -> Denoiser:
    """A perfect network of the noise of the trailing blocks."""
    def predict(y: Tensor, gamma: Tensor) -> Tensor:
        at = process.at(process.time(gamma))
        return model.tail(mix(inverse(at.kernel.L), y - at.mean(exact(y, at))))
    model = NoisePredictor(process, predict)
    return model


class Wrapped(Denoiser):
    """Another denoiser, unchanged."""
    def __init__(self, base: Denoiser) -> None:
        super().__init__(base.process)
        self.base = base
    def score(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
        """That of the other."""
        return self.base.score(y, t, **cond)


def test_trailing_blocks() -> None:
    """The splitting takes the same steps; a correction moves the blocks whose score is known."""
    process = zoo("CLD")
    model = noise_network(process, bell(process))
    for a, b in zip(steps_of(Splitting(4), model, 2), steps_of(Splitting(4), bell(process), 2),
                    strict=True):
        assert torch.allclose(a, b, atol=1e-10)
    y, xi = process.prior((4, 1), seeded(0)), torch.randn(4, 2, 1, generator=seeded(1)).double()
    for told in (model, Wrapped(model)):
        moved = corrected(told, y, 0.5, 0.05, Given(xi)) - y
        assert (moved[:, 0] == 0).all() and (moved[:, 1] != 0).all()
    at, L = process.at(0.5), process.kernel(0.5).L
    whole = bell(process)
    by_hand = y + 0.05 * mix(L @ L.T, whole.score(y, at)) + math.sqrt(0.1) * mix(L, xi)
    assert torch.allclose(corrected(whole, y, 0.5, 0.05, Given(xi)), by_hand, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_correction_leaves_the_law_alone(name: str) -> None:
    """The change of the true covariance falls as h², and a coarse predictor is mended."""
    process = zoo(name)
    model, C, K = bell(process), truth(process, 0.4), process.K
    eye = unit(process)
    def change(h: float) -> float:
        still, noise = torch.cat([eye, 0 * eye]), torch.cat([0 * eye, eye])
        M, F = corrected(model, still, 0.4, h, Given(noise)).view(2, K, K).mT
        return float((M @ C @ M.T + F @ F.T - C).norm())
    assert math.isclose(change(0.02) / change(0.01), 4, rel_tol=1e-6)
    def error(corrections: int) -> float:
        rule = PredictorCorrector(10, grid="quadratic", predictor="Ancestral",
                                  corrections=corrections)
        made = spread(rule, model, truth(process, 1.0), 1 + corrections)
        return abs(float(made[0, 0] / truth(process, 0.0)[0, 0]) - 1)
    assert error(3) < error(1) < error(0)


def test_samplers_from_text() -> None:
    """As `mdm_sample --sampler` reads them."""
    made = construct('PredictorCorrector(50, snr=0.1, predictor="DDIM")', Sampler)
    assert isinstance(made, PredictorCorrector)
    assert (made.steps, made.snr, made.predictor, made.calls) == (50, 0.1, "DDIM", 2)
    assert PredictorCorrector(5, predictor=partial(DDIM, eta=0.5)).rule.eta == 0.5
    assert isinstance(construct("Splitting(20)", Sampler), Splitting)
    assert construct("AdaptiveFlow(rtol=1e-3)", Sampler).steps == 1


@pytest.mark.parametrize("name", ["VP", "MALDA"])
def test_the_flow_against_another_solver(name: str) -> None:
    """The same end as torchdiffeq's, which integrates in t with one step length for all."""
    process = zoo(name)
    modes = Mixture(torch.tensor([0.4, 0.6]), torch.tensor([[-0.7, 0.1], [0.6, 0.3]]),
                    0.02 * torch.eye(2).expand(2, 2, 2))
    model, y = MixtureDenoiser(process, modes), process.prior((3, 2), seeded(0))
    def drift(t: Tensor, y: Tensor) -> Tensor:
        return model.drift(y, t.clamp(0, 1), 0.0)
    theirs = odeint(drift, y, torch.tensor([1.0, 0.0]).double(), rtol=1e-7, atol=1e-7)[-1]
    ours = AdaptiveFlow(1e-7, atol=1e-7).solve(model, y)
    assert torch.allclose(ours.y, theirs, rtol=0, atol=2e-5)
    assert (ours.calls % 6 == 1).all() and len(ours.calls.unique()) > 1


def test_a_sample_of_the_flow_does_not_depend_on_its_batch() -> None:
    """Nor on the labels, the contexts or the order of the others."""
    process, seen = zoo("CLD"), []
    def predict(z: Tensor, gamma: Tensor, label: Tensor) -> Tensor:
        seen.append(len(z))
        return PLANE.predict(z, gamma, "x") + 0.1 * label[:, None]
    model, flow = denoiser(process, predict, "x"), AdaptiveFlow(1e-4, atol=1e-4)
    y = process.prior((5, 2), seeded(1)) * torch.linspace(0.1, 3, 5).view(-1, 1, 1)
    label = torch.arange(5)
    whole = flow.solve(model, y, label=label)
    assert sum(seen) == whole.calls.sum() and seen[-1] < 5
    for i in (0, 4):
        one = flow.solve(model, y[i:i + 1], label=label[i:i + 1])
        assert torch.allclose(one.y, whole.y[i:i + 1], rtol=0, atol=1e-9)
        assert one.calls == whole.calls[i]
    assert torch.equal(flow(model, y, label=label), whole.y)
    path = flow(model, y, trajectory=True, label=label)
    assert torch.equal(path, torch.stack([y, whole.y]))


def test_what_is_refused() -> None:
    """One sentence, before work where it can be known."""
    for process in (VE(), SubVP()):
        refused("not known to leave", Splitting(3), bell(process), process.prior((2, 1)))
    moved = Encoded(VP(), Encoder())
    told = denoiser(moved, lambda z, gamma: z, "x")
    refused("moves the data", Splitting(3), told, moved.prior((2, 1)))
    refused("does not come before", dual, CLD(), 0.7, 0.2)
    refused("snr = 1.5", PredictorCorrector, 3, snr=1.5)
    refused("corrections = -1", PredictorCorrector, 3, corrections=-1)
    refused("predictor is 'Euler'", PredictorCorrector, 3, predictor="Euler")
    refused("goes its own way", PredictorCorrector, 3, predictor=lambda **_: DDIM(5))
    refused("name one of", PredictorCorrector, 3, predictor=lambda **_: None)
    refused("rtol = 0.0", AdaptiveFlow, 0.0)
    refused("most = 6", AdaptiveFlow, most=6)
    refused("grid = 'snr' with stops = 1", AdaptiveFlow, grid="snr")
    class First(DDIM):
        """Loses all but one."""
        def step(self, *args: object, **cond: torch.Tensor) -> torch.Tensor:
            """The first."""
            return super().step(*args, **cond)[:1]

    refused("First.step made .1, 1. of", First(3), bell(VP()), torch.ones(2, 1))
    cld = CLD()
    y = cld.prior((2, 1), seeded(0))
    refused("state .1, 2. and mean .1, 2, 2.", cld.posterior, torch.ones(2, 2), torch.ones(2, 2),
            0.1, 0.2)
    refused("in 20 calls", AdaptiveFlow(most=20), bell(cld), y)
    broken = denoiser(VP(), lambda z, gamma: z * torch.where(gamma < -1, torch.nan, 1.0)[:, None])
    refused("did not come from t to s", AdaptiveFlow(), broken, torch.ones(2, 1))
    refused("where it starts", AdaptiveFlow(), broken, torch.full((2, 1), torch.nan))


def test_in_float64_samples_are_the_same_in_batches_of_any_size() -> None:
    """A trained network makes the rounding of float32 larger with every call."""
    model = load_pretrained("digits").eval()
    model.network.double()
    for sampler in (DPMSolver(20), Ancestral(20)):
        together, alone = (model.sample(6, sampler, 5, progress=False, batch_size=size)
                           for size in (6, 1))
        assert torch.equal(together, alone)


def test_a_predictor_sees_to_its_own_times() -> None:
    """Variances that were learned belong to the steps of the whole way, with corrections too."""
    learned = partial(Ancestral, log_ratio=torch.tensor([0.0, 0.0, 6.0]))
    rule = PredictorCorrector(3, predictor=learned, corrections=0)
    model = MixtureDenoiser(VP(), Mixture.gaussian(torch.zeros(2), torch.eye(2)))
    refused("variances that were learned", rule, model, torch.zeros(4, 2), start=0.5)


def test_corrections_of_one_length_leave_an_error_of_first_order() -> None:
    """Even after a predictor of second order: as declared."""
    make = partial(PredictorCorrector, 4, predictor="ProbabilityFlow")
    assert make().order == 1 and make(corrections=0).order == 2
    process, h = VP(Linear(-8.0, 3.0)), 2 * 0.16**2
    model, true = bell(process), truth(process, 0.0)

    def variance(steps: int) -> float:
        """Of y_0, against the true one."""
        rule = PredictorCorrector(steps, predictor="ProbabilityFlow")
        return float(spread(rule, model, truth(process, 1.0), 1) / true)
    floor = 1 / (1 - h * float(torch.sigmoid(process.gamma(0.0)) / true) / 2)
    rough, fine = (abs(variance(n) - floor) for n in (512, 1024))
    assert 0.7 < math.log2(rough / fine) < 1.1
