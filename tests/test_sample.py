"""Samplers against exact linear-Gaussian algebra, for any number of blocks: unit vectors go through
the real `step`."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from unittest import mock

import pytest
import torch
from helpers import BELL, NAMES, tail, truth, unit, zoo
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from torch import Tensor

from mdm_nb.bounds.denoiser import NOISE_KINDS, Denoiser, denoiser
from mdm_nb.gaussians.chain import posterior as bayes
from mdm_nb.gaussians.core import InputError, Randomness, randn, seeded
from mdm_nb.gaussians.gaussian import Gaussian, Kernel
from mdm_nb.gaussians.score import KINDS, Mixture
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Bridge, Process, Time
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import Beta, Cosine, Linear, Schedule
from mdm_nb.processes.zoo import CLD
from mdm_nb.samplers import sample
from mdm_nb.samplers.sample import DDIM, Ancestral, EulerMaruyama, ProbabilityFlow, Sampler

VARIANCES = torch.tensor([0.5, 0.02], dtype=torch.float64)
TURN = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)
ORACLE = Mixture.gaussian(torch.zeros(2), TURN @ VARIANCES.diag() @ TURN.T)
SAMPLERS = (DDIM, partial(DDIM, eta=0.5), Ancestral, EulerMaruyama, ProbabilityFlow)


def oracle(kind: str, mixture: Mixture = ORACLE) -> Callable[[Tensor, Tensor], Tensor]:
    """The best prediction of a kind, as a model."""
    return partial(mixture.predict, kind=kind)


def best_noise(process: Process, mixture: Mixture = BELL) -> Callable[[Tensor, Tensor], Tensor]:
    """The best prediction of the kind "noise": the last blocks of L⁻¹(y − f x̂), in six steps."""
    grid = Sampler(6).times(process)
    levels = process.gamma(grid)

    def predict(y: Tensor, gamma: Tensor) -> Tensor:
        # the sampler asks at times of its grid only, which saves the search for them
        t = grid[(levels - gamma[:, None]).abs().argmin(1)]
        k, x_hat = process.kernel(t), denoiser(process, oracle("x", mixture), "x")(y, t)
        return tail(process, mix(inverse(k.L), y - mix(k.Phi[..., :1], x_hat)))

    return predict


def step_times(sampler: Sampler, process: Process) -> tuple[Tensor, Tensor]:
    K, times = process.K, sampler.times(process)
    return times[1:].repeat_interleave(K), times[:-1].repeat_interleave(K)


def matrices(
    sampler: Sampler, process: Process, predict: Callable[[Tensor, Tensor], Tensor], kind: str = "v"
) -> tuple[Tensor, Tensor]:
    """M and F of y_s = M y_t + F ξ for every step, shape `(steps, K, K)`."""
    eye, (s, t) = unit(process, sampler.steps), step_times(sampler, process)

    def step(y: Tensor, noise: Tensor) -> Tensor:
        with mock.patch.object(sample, "randn", lambda *_: noise):
            return (
                sampler.step(denoiser(process, predict, kind), y, s, t)
                .view(-1, process.K, process.K)
                .mT
            )

    return step(eye, 0 * eye), step(0 * eye, eye)


def covariance(sampler: Sampler, process: Process, P: Tensor) -> Tensor:
    """The covariance of y_0 from covariance P of y_1, for data of variance 1/4 and the best
    denoiser."""
    for M, F in zip(*matrices(sampler, process, oracle("v", BELL)), strict=True):
        P = M @ P @ M.T + F @ F.T
    return P


def error(sampler: Sampler, process: Process) -> float:
    return float(
        (covariance(sampler, process, truth(process, 1.0)) - truth(process, 0.0)).norm()
        / truth(process, 0.0).norm()
    )


@pytest.mark.parametrize("name", NAMES)
def test_ancestral_step_is_the_posterior_of_all_blocks(name: str) -> None:
    """Mean and covariance of a step, against `Process.posterior` to 1e-12 and against Gaussian
    Bayes, for every kind."""
    process, sampler = zoo(name), Ancestral(12)
    K, (s, t), y = process.K, step_times(sampler, process), unit(process, 12)
    x_hat = denoiser(process, oracle("x", BELL), "x")(y, t)
    k = process.kernel(s)
    link = process.transition(s, t)
    mean, factor = process.posterior(x_hat, y, s, t)
    factor = factor.view(-1, K, K)
    other = bayes(
        Gaussian(k.Phi[..., 0] * x_hat, k.Sigma),
        Kernel.of(link.Phi, link.Sigma),
        y.view(-1, K),
    )
    for kind in KINDS:
        M, F = matrices(sampler, process, oracle(kind, BELL), kind)
        for (m, C), tolerance in (
            ((mean, factor @ factor.mT), 1e-12),
            ((other.mean, other.cov), 1e-9),
        ):
            assert (m.view(M.shape).mT - M).abs().max() < tolerance * M.abs().max()
            assert (C[::K] - F @ F.mT).abs().max() < tolerance * F.square().max()


@pytest.mark.parametrize("name", NAMES)
def test_a_leap_is_exact_for_a_point(name: str) -> None:
    """If x̂ = x then one step of any length has the law of y_0 given x, for every η."""
    process = zoo(name)
    for eta in (0.0, 0.3, 1.0):
        M, F = matrices(DDIM(1, eta=eta), process, lambda z, gamma: 0 * z, "x")
        white = inverse(process.kernel(0.0).L) @ torch.cat([M[0] @ process.kernel(1.0).L, F[0]], 1)
        assert torch.allclose(white @ white.T, torch.eye(process.K).double(), atol=1e-9)
    x = torch.full((1, 1), 0.7, dtype=torch.float64)
    mean, y_1 = (
        process.kernel(u).Phi[:, :1].T.reshape(unit(process)[:1].shape) * 0.7 for u in (0.0, 1.0)
    )
    assert torch.allclose(
        DDIM(1).step(
            denoiser(process, lambda z, gamma: x, "x"), y_1, torch.tensor(0.0), torch.tensor(1.0)
        ),
        mean,
        atol=1e-12,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_sampler_reaches_the_exact_covariance_with_its_order(name: str) -> None:
    """Relative errors and slopes, without random numbers."""
    process = zoo(name)
    for make in SAMPLERS:
        counts = (512, 1024) if make is ProbabilityFlow else (128, 256)
        errors = [error(make(n), process) for n in counts]
        assert errors[-1] < 0.04 and math.log2(errors[0] / errors[1]) > make(1).order - 0.25, make


@pytest.mark.parametrize("name", ["CLD", "learned, 3"])
def test_ddim_without_noise_becomes_the_probability_flow(name: str) -> None:
    """The matrix of the run against the flow's, integrated by scipy: order 1 for DDIM, 2 for Heun's
    rule."""
    process, K = zoo(name), zoo(name).K

    def slope(t: float, y: Tensor) -> Tensor:
        at = process.at(float(t))
        A, N = at.A, at.N
        return (
            (
                (A + 0.5 * N @ torch.linalg.inv(truth(process, float(t))))
                @ torch.tensor(y).view(K, K)
            )
            .flatten()
            .numpy()
        )

    flow = torch.tensor(
        solve_ivp(
            slope,
            (1.0, 0.0),
            torch.eye(K).double().flatten().numpy(),
            "DOP853",
            rtol=1e-7,
            atol=1e-9,
        ).y[:, -1]
    ).view(K, K)
    for make, counts in ((DDIM, (128, 256)), (ProbabilityFlow, (128, 256))):
        gaps = []
        for n in counts:
            run = torch.eye(K).double()
            for M in matrices(make(n), process, oracle("v", BELL))[0]:
                run = M @ run
            gaps.append(float((run - flow).norm() / flow.norm()))
        assert math.log2(gaps[0] / gaps[1]) == pytest.approx(make.order, abs=0.1) and gaps[1] < 0.03


@pytest.mark.parametrize("name", ["CLD", "MALDA", "PSLD", "learned, 3"])
def test_noise_of_the_trailing_blocks_makes_the_same_steps(name: str) -> None:
    """Exact predictions of "noise" and of "v" are one model; DDIM takes the former only if all
    blocks are predicted."""
    process = zoo(name)
    for make in (
        EulerMaruyama,
        ProbabilityFlow,
        *((DDIM, Ancestral) if process.heads == process.K else ()),
    ):
        for a, b in zip(
            matrices(make(6), process, oracle("v", BELL)),
            matrices(make(6), process, best_noise(process), "noise"),
            strict=True,
        ):
            assert torch.allclose(a, b, rtol=1e-8, atol=1e-9 * float(a.abs().max()))


@pytest.mark.parametrize("name", ["CLD", "ALDA", "MALDA"])
@pytest.mark.parametrize("make", [DDIM, Ancestral])
def test_noise_of_some_blocks_is_refused_where_x_is_needed(make: type[DDIM], name: str) -> None:
    process = zoo(name)
    with pytest.raises(InputError, match="'noise' for some blocks only.*use EulerMaruyama"):
        make(3)(denoiser(process, best_noise(process), "noise"), process.prior((2, 1), seeded(0)))


@pytest.mark.parametrize(
    ("process", "grid", "published"),
    [
        (CLD(clock=Beta(4.0, start=1e-3)), "uniform", (1.1e-1, 3.1e-3, 4.9e-4, 6.2e-5)),
        (CLD(clock=Beta(4.0, start=1e-3)), "quadratic", (8.7e-3, 9.6e-4, 2.2e-4, 3.3e-5)),
        (VP.song(start=1e-3), "quadratic", (3.1e-3, 4.5e-4, 1.1e-4, 1.5e-5)),
    ],
)
def test_euler_maruyama_against_numbers_found_elsewhere(
    process: Process, grid: str, published: tuple[float, ...]
) -> None:
    """KL in nats from samples to N(0, 1/4) after 20, 50, 100, 250 steps from the prior and a
    denoising step, to the two digits on record."""
    reader = denoiser(process, oracle("v", BELL))(unit(process), 0.0)[:, 0]
    for n, number in zip((20, 50, 100, 250), published, strict=True):
        ratio = (
            float(
                reader
                @ covariance(
                    EulerMaruyama(n, grid=grid),
                    process,
                    process.prior_factor @ process.prior_factor.T,
                )
                @ reader
            )
            / 0.25
        )
        assert (ratio - 1 - math.log(ratio)) / 2 == pytest.approx(number, rel=0.07)


def test_three_ancestral_steps_are_exact_with_the_denoisers_doubt() -> None:
    """For CLD: P ← M P Mᵀ + F Fᵀ + d dᵀ Var(x|y), with d the part of x in the posterior's mean."""
    process, (M, F) = zoo("CLD"), matrices(Ancestral(3), zoo("CLD"), oracle("v", BELL))
    P = truth(process, 1.0)
    for i, (t, s) in enumerate(pairwise(Sampler(3).times(process))):
        d = process.posterior(torch.ones(1, 1), torch.zeros(1, 2, 1).double(), s, t)[0].view(2, 1)
        P = (
            M[i] @ P @ M[i].T
            + F[i] @ F[i].T
            + 0.25 / (1 + 0.25 * float((-process.gamma(t)).exp())) * d @ d.T
        )
    assert torch.allclose(P, truth(process, 0.0), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        ("VP", DDIM(15, eta=0.5)),
        ("VP", Ancestral(15)),
        ("CLD", Ancestral(15, grid="quadratic")),
        ("MALDA", EulerMaruyama(40)),
    ],
)
def test_sampled_covariance_within_five_standard_errors(name: str, sampler: Sampler) -> None:
    """The real run, noise and all, against the covariance computed from its steps."""
    n, process = 10_000, zoo(name)
    y_0 = sampler(
        denoiser(process, oracle("v", BELL)), process.prior((n, 1), seeded(0)), seeded(1)
    ).view(n, process.K)
    C = covariance(sampler, process, process.prior_factor @ process.prior_factor.T)
    assert (
        (y_0.T @ y_0 / n - C).abs() < 5 * ((torch.outer(C.diag(), C.diag()) + C**2) / n).sqrt()
    ).all()
    assert (y_0.mean(0).abs() < 5 * (C.diag() / n).sqrt()).all()


@pytest.mark.parametrize("name", ["VP", "CLD", "MALDA"])
@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_shapes_types_inputs_and_seeds(name: str, kind: str) -> None:
    """Images through every sampler: shapes, float64, one level per example, nothing changed, one
    seed one answer."""
    process, shape, seen = zoo(name), (2, 3, 4, 4), []
    noise = kind == "noise" and process.K > 1

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        seen.append((tuple(z.shape), tuple(gamma.shape)))
        return 0.1 * (tail(process, z) if noise else z)

    start = process.prior(shape, seeded(0)).float()
    before, blocks = start.clone(), (process.K,) if process.K > 1 else ()
    for make in SAMPLERS:
        if noise and process.heads < process.K and make not in (EulerMaruyama, ProbabilityFlow):
            continue
        seen.clear()
        path = make(3, grid="quadratic")(
            denoiser(process, predict, kind), start, seeded(1), trajectory=True
        )
        assert path.shape == (4, 2, *blocks, *shape[1:])
        assert path.dtype == torch.float64
        assert path.isfinite().all()
        assert torch.equal(start, before) and torch.equal(path[0], start.double())
        assert seen == [((2, *(blocks if noise else ()), *shape[1:]), (2,))] * (3 * make(1).order)
        again, other = (
            make(3, grid="quadratic")(denoiser(process, predict, kind), start, seeded(seed))
            for seed in (1, 2)
        )
        assert torch.equal(again, path[-1])
        assert torch.equal(again, other) == (make in (DDIM, ProbabilityFlow))


@pytest.mark.parametrize("make", SAMPLERS)
@pytest.mark.parametrize("name", ["VP", "CLD", "learned, 3"])
def test_times_for_each_example(name: str, make: Callable[..., Sampler]) -> None:
    """A step with a time per example is that step for each."""
    process, y = zoo(name), zoo(name).prior((3, 2), seeded(0))
    s = torch.tensor([0.1, 0.4, 0.0]).double()
    t = torch.tensor([0.2, 1.0, 0.3]).double()
    noise = randn(tuple(y.shape), seeded(1))

    def step(i: slice, s: Tensor, t: Tensor) -> Tensor:
        with mock.patch.object(sample, "randn", lambda *_: noise[i]):
            return make(1).step(denoiser(process, oracle("v")), y[i], s, t)

    alone = [step(slice(i, i + 1), s[i], t[i]) for i in range(3)]
    assert torch.allclose(step(slice(3), s, t), torch.cat(alone), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "make", [*SAMPLERS, lambda steps: Ancestral(steps, log_ratio=torch.linspace(-0.5, 1, steps))]
)
def test_a_clock_per_dimension_is_a_process_per_dimension(make: Callable[..., Sampler]) -> None:
    """Two dimensions with clocks of their own, against two runs of one dimension each with the same
    noise."""
    low, high = torch.tensor([-6.0, -5.0]).double(), torch.tensor([0.5, 1.5]).double()
    both = CLD(clock=Linear(low, high))
    single = [CLD(clock=Linear(float(a), float(b))) for a, b in zip(low, high, strict=True)]
    y, noise = both.prior((3, 2), seeded(0)), randn((3, 2, 2), seeded(1))

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        return torch.tanh(z) * gamma.sigmoid().view(3, -1)

    with mock.patch.object(sample, "randn", lambda *_: noise):
        joint = make(4)(denoiser(both, predict, "x"), y)
    for d in range(2):
        with mock.patch.object(sample, "randn", lambda *_, d=d: noise[..., d : d + 1]):
            assert torch.allclose(
                joint[..., d : d + 1],
                make(4)(denoiser(single[d], predict, "x"), y[..., d : d + 1]),
                rtol=1e-9,
                atol=1e-11,
            )


def test_signs_of_singular_vectors_do_not_decide_a_sample() -> None:
    """Another machine may return other signs, but must return the same sample."""
    process, y, bridge = zoo("MALDA"), zoo("MALDA").prior((4, 1), seeded(0)), Process.bridge
    sign = torch.tensor([-1.0, 1.0, -1.0]).double()

    def flipped(self: Process, s: Tensor, t: Tensor) -> Bridge:
        b = bridge(self, s, t)
        return replace(b, U=b.U * sign, V=b.V * sign)

    plain = DDIM(4, eta=0.7)(denoiser(process, oracle("v", BELL)), y, generator=seeded(1))
    with mock.patch.object(Process, "bridge", flipped):
        turned = DDIM(4, eta=0.7)(denoiser(process, oracle("v", BELL)), y, generator=seeded(1))
    assert torch.allclose(plain, turned, rtol=1e-12, atol=1e-13)


def recursion(process: VP, steps: int, eta: float, c2: float, variance: float) -> float:
    """Variance of z_0 along one axis for VP, in plain numbers."""
    gamma = [float(process.gamma(i / steps)) for i in range(steps, -1, -1)]
    for g_t, g_s in pairwise(gamma):
        a_t, s_t, a_s, s_s = (math.sqrt(1 / (1 + math.exp(x))) for x in (g_t, -g_t, g_s, -g_s))
        x_hat, eps_hat = (n / (c2 * a_t**2 + s_t**2) for n in (c2 * a_t, s_t))
        sigma_q2 = -(s_s**2) * math.expm1(g_s - g_t)
        variance = (
            a_s * x_hat + math.sqrt(s_s**2 - eta**2 * sigma_q2) * eps_hat
        ) ** 2 * variance + eta**2 * sigma_q2
    return variance


@pytest.mark.parametrize("schedule", [Linear(), Cosine(), Linear(-8.0, 3.0)])
@pytest.mark.parametrize("kind", KINDS)
def test_one_block_is_the_recursion_by_hand(kind: str, schedule: Schedule) -> None:
    """The deterministic run on a tilted Gaussian is a matrix; from the rows of the identity the
    code returns it."""
    process = VP(schedule)
    Phi = DDIM(17)(denoiser(process, oracle(kind), kind), torch.eye(2)).T
    hand = (
        TURN
        @ torch.tensor(
            [recursion(process, 17, 0.0, float(c), 1.0) for c in VARIANCES], dtype=torch.float64
        ).diag()
        @ TURN.T
    )
    assert torch.allclose(Phi @ Phi.T, hand, rtol=1e-11, atol=1e-13)
    for eta in (0.5, 1.0):
        found = covariance(DDIM(9, eta=eta), process, torch.ones(1, 1).double())
        assert float(found) == pytest.approx(recursion(process, 9, eta, 0.25, 1.0), rel=1e-12)


@given(
    s=st.floats(0, 0.99),
    gap=st.floats(1e-6, 1),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 1000),
)
@settings(max_examples=15, deadline=None)
def test_ancestral_step_of_one_block_is_the_posterior(
    s: float, gap: float, kind: str, seed: int
) -> None:
    """η = 1 is the posterior's mean plus std · ξ with x̂ for x, between any two times."""
    process, s, t = VP(), torch.tensor(s).double(), torch.tensor(min(1.0, s + gap)).double()
    z_t = randn((20, 2), seeded(seed))
    mean, std = process.posterior(ORACLE.posterior_mean(z_t, process.gamma(t)), z_t, s, t)
    z_s = Ancestral(1).step(denoiser(process, oracle(kind), kind), z_t, s, t, seeded(seed + 1))
    assert torch.allclose(
        z_s, mean + std * randn((20, 2), seeded(seed + 1)), rtol=1e-12, atol=1e-13
    )


def test_round_trip_at_the_clean_end() -> None:
    """At γ near −13.3, and far beyond, a step from ε̂ equals a step from x̂."""
    for low in (-13.3, -30.0):
        process, z = VP(Linear(low, 5.0)), ORACLE.sample(50, seeded(0))
        s, t = torch.tensor(0.0), torch.tensor(0.001)
        steps = [
            DDIM().step(denoiser(process, oracle(kind), kind), z, s, t, None)
            for kind in ("x", "eps")
        ]
        assert torch.allclose(*steps, rtol=1e-12, atol=1e-12)


def test_equal_times_stay_put() -> None:
    """A step of length zero changes nothing and is not NaN."""
    z, t = randn((4, 2), seeded(0)), torch.tensor(0.5)
    for sampler in (Ancestral(), EulerMaruyama(), ProbabilityFlow()):
        assert torch.allclose(
            sampler.step(denoiser(VP(), oracle("v")), z, t, t, seeded(1)), z, atol=1e-14
        )


@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        ("VP", DDIM(60)),
        ("VP", EulerMaruyama(60)),
        ("CLD", Ancestral(50)),
        ("MALDA", ProbabilityFlow(40)),
    ],
)
def test_one_denoiser_visits_the_modes_in_proportion_under_every_process(
    name: str, sampler: Sampler
) -> None:
    weights = torch.tensor([0.2, 0.3, 0.5])
    mixture = Mixture(
        weights,
        torch.tensor([[-0.7, -0.4], [0.7, -0.5], [0.0, 0.7]]),
        0.006 * torch.eye(2).expand(3, 2, 2),
    )
    process = zoo(name)
    z_0, gamma = process.observe(
        sampler(
            denoiser(process, oracle("v", mixture)),
            process.prior((1500, 2), seeded(0)),
            generator=seeded(1),
        ),
        0.0,
    )
    share = (
        torch.cdist(z_0 / torch.sigmoid(-gamma).sqrt(), mixture.means)
        .argmin(1)
        .bincount(minlength=3)
        / 1500
    )
    assert ((share - weights).abs() < 5 * (weights * (1 - weights) / 1500).sqrt()).all()


def test_grids() -> None:
    """From 1 to 0 in float64, evenly or as squares."""
    uniform, quadratic = (Sampler(4, grid=grid).times(VP()) for grid in ("uniform", "quadratic"))
    assert uniform.dtype == torch.float64
    assert torch.equal(uniform, torch.tensor([1, 0.75, 0.5, 0.25, 0]).double())
    assert torch.equal(quadratic, uniform**2)
    assert Ancestral(4, grid="quadratic").grid == DDIM(4, grid="quadratic").grid == "quadratic"


def test_no_graph_and_the_global_generator_rests() -> None:
    scale, state = torch.ones((), requires_grad=True), torch.get_rng_state()
    for make in SAMPLERS:
        assert not make(2)(
            denoiser(VP(), lambda z, gamma: scale * z), torch.ones(2, 3), generator=seeded(0)
        ).requires_grad
    assert torch.equal(state, torch.get_rng_state())


def test_clip_bounds_the_prediction() -> None:
    """With x̂ = 10 clipped to 1, the last step lands at about 1; without, at about 10; with
    auxiliary variables too."""

    def predict(z: Tensor, gamma: Tensor) -> Tensor:
        return torch.full_like(z, 10.0)

    for process in (VP(), CLD()):
        for clip, expected in ((1.0, 1.0), (None, 10.0)):
            x = process.observe(
                Ancestral(40, clip=clip)(
                    denoiser(process, predict, "x"), process.prior((10, 1), seeded(0)), seeded(1)
                ),
                0.0,
            )[0]
            assert torch.allclose(x, torch.full_like(x, expected), atol=0.05)


def test_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Shown when asked for, silent otherwise."""
    DDIM(3)(denoiser(VP(), oracle("v")), torch.ones(1, 2))
    assert not capsys.readouterr().err
    DDIM(3)(denoiser(VP(), oracle("v")), torch.ones(1, 2), progress=True)
    assert "3/3" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["VP", "VE", "SubVP"])
@pytest.mark.parametrize("T", [1, 2, 4])
def test_few_steps_are_exact_with_their_best_variances(name: str, T: int) -> None:
    """log(1 + E u) for Gaussian data; the plain variance is far off."""
    gamma = zoo(name).gamma(torch.linspace(0, 1, T + 1, dtype=torch.float64))
    best = (gamma.diff().expm1() * (math.log(0.25) - gamma[1:]).sigmoid()).log1p()
    assert error(Ancestral(T, log_ratio=best), zoo(name)) < 1e-12
    assert error(Ancestral(T), zoo(name)) > 0.5


def test_a_ratio_widens_the_noise_of_its_own_step() -> None:
    """All blocks alike; the mean stays where it was."""
    ratio = torch.tensor([0.3, -1.0, 2.0])
    (M, F), (plain_M, plain_F) = (
        matrices(s, zoo("MALDA"), oracle("v", BELL))
        for s in (Ancestral(3, log_ratio=ratio), Ancestral(3))
    )
    wide = ratio.flip(0).double().exp()[:, None, None]  # the sampler begins with the last step
    assert torch.equal(M, plain_M)
    assert torch.allclose(F @ F.mT, wide * plain_F @ plain_F.mT, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Ancestral(3, log_ratio=torch.zeros(2)), r"log_ratio has shape \(2,\) for 3 steps"),
        (lambda: Ancestral(2, grid="quadratic", log_ratio=torch.zeros(2)), "on the grid quadratic"),
        (lambda: DDIM(0), "steps = 0"),
        (lambda: DDIM(eta=1.5), "eta = 1.5"),
        (lambda: DDIM(eta=math.nan), "eta = nan"),
        (lambda: Ancestral(-3), "steps = -3"),
        (lambda: Ancestral(clip=0.0), "clip = 0.0"),
        (lambda: EulerMaruyama(grid="cubic"), "grid = 'cubic'"),
        (lambda: Ancestral(grid=""), "grid = ''"),
        (
            lambda: DDIM(3)(denoiser(VP(), oracle("v"), "velocity"), torch.ones(1, 2)),
            "kind is 'velocity'",
        ),
        (
            lambda: DDIM(3)(denoiser(CLD(), oracle("v")), torch.ones(4, 3, 2)),
            r"y of shape \(4, 3, 2\) has no 2 blocks",
        ),
    ],
)
def test_bad_input(make: Callable[[], object], words: str) -> None:
    """One sentence that names the argument, before any work."""
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.parametrize("steps", [2.5, math.nan, math.inf])
def test_steps_are_whole(steps: float) -> None:
    """As a program without type checks would pass them."""
    with pytest.raises(InputError, match=f"steps = {steps}"):
        Sampler.__init__.__wrapped__(Sampler(), steps)


def test_own_sampler_needs_only_a_step() -> None:
    """The loop belongs to the base class."""

    class Halve(Sampler):
        """Not a sampler of anything."""

        def step(
            self,
            model: Denoiser,
            y: Tensor,
            s: Time,
            t: Time,
            generator: Randomness = None,
            **cond: Tensor,
        ) -> Tensor:
            """Half of y."""
            return y / 2

    out = Halve(3)(denoiser(VP(), oracle("v")), torch.full((1, 2), 8.0))
    assert out.dtype == torch.float64 and torch.equal(out, torch.ones(1, 2).double())
    with pytest.raises(NotImplementedError, match="defines step"):
        Sampler(1)(denoiser(VP(), oracle("v")), torch.ones(1, 2))
