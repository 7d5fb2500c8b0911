"""Endpoints, derivatives, clocks, inverses, ends per dimension, the variance's gradient."""

import math
from collections.abc import Callable
from contextlib import nullcontext

import mpmath
import pytest
import torch
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mdm_nb import CLD
from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.gaussians.score import alpha_sigma
from mdm_nb.processes.scalar import VP, SubVP
from mdm_nb.processes.schedule import (
    Beta,
    Cosine,
    Custom,
    Linear,
    Monotone,
    Schedule,
    least_variance,
    reweight,
)
from mdm_nb.processes.slope import bisect

C2 = 0.3
L_INF = 6.0470067


def grid(n: int = 101) -> Tensor:
    return torch.linspace(0, 1, n, dtype=torch.float64)


def error(gamma: Tensor) -> Tensor:
    """E (ε − ε̂)² of the best ε̂, per dimension."""
    return torch.sigmoid(math.log(C2) - gamma)


MAKERS: dict[str, Callable[[float, float], Schedule]] = {
    "linear": Linear,
    "linear learned": lambda a, b: Linear(a, b, learned=True),
    "cosine": Cosine,
    "monotone": lambda a, b: Monotone(a, b, hidden=32, generator=seeded(0)),
    "custom": lambda a, b: Custom(lambda t: a + (b - a) * (t + t**3) / 2),
}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


@makers
@settings(deadline=None, max_examples=25)
@given(low=st.floats(-20, 0), width=st.floats(0.5, 30))
def test_every_schedule_climbs_between_exact_endpoints(
    make: Callable[[float, float], Schedule], low: float, width: float
) -> None:
    schedule = make(low, low + width)
    with torch.no_grad():
        gamma, speed = schedule.rate(grid())
    assert abs(gamma[0] - low) < 1e-10 and abs(gamma[-1] - low - width) < 1e-10
    assert abs(schedule.gamma_0 - low) < 1e-12 and abs(schedule.gamma_1 - low - width) < 1e-12
    assert (
        (gamma.diff() > 0).all()
        and (speed > 0).all()
        and gamma.dtype == speed.dtype == torch.float64
    )


@makers
def test_rate_is_the_derivative_in_every_mode(make: Callable[[float, float], Schedule]) -> None:
    schedule, t = make(-13.3, 5.0), grid(21)[1:-1]
    gamma, speed = schedule.rate(t)
    h = 1e-5
    assert torch.allclose(speed, (schedule(t + h) - schedule(t - h)) / (2 * h), rtol=1e-6, atol=0)
    assert torch.allclose(gamma, schedule(t), rtol=0, atol=1e-13)
    for context in (torch.no_grad, torch.inference_mode):
        with context():
            assert torch.equal(schedule.eval().rate(t)[1], speed)


@makers
@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3)])
def test_any_shape_of_times(
    make: Callable[[float, float], Schedule], shape: tuple[int, ...]
) -> None:
    t = torch.full(shape, 0.3)  # single precision on purpose
    schedule = make(-13.3, 5.0)
    gamma, speed = schedule.rate(t)
    assert schedule(t).shape == gamma.shape == speed.shape == shape and gamma.dtype == torch.float64


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 30))
def test_monotone_for_random_weights(seed: int, scale: float) -> None:
    net = Monotone(hidden=16, generator=seeded(seed))
    with torch.no_grad():
        for p in (net.slope, net.w_in, net.bias, net.w_out):
            p.copy_(scale * randn(tuple(p.shape), seeded(seed + 1)))
        gamma, speed = net.rate(grid())
    assert (gamma.diff() > 0).all() and (speed > 0).all()
    assert abs(gamma[0] + 13.3) < 1e-10 and abs(gamma[-1] - 5) < 1e-10


def test_monotone_starts_close_to_linear() -> None:
    speeds = torch.stack(
        [Monotone(generator=seeded(i)).rate(grid())[1] for i in range(20)]
    ).detach()
    assert ((speeds / 18.3 - 1).abs() < 0.1).all() and speeds.std() > 0


def test_cosine_turns_the_angle_evenly_and_keeps_its_digits() -> None:
    gamma, speed = Cosine().rate(grid())
    alpha, sigma = alpha_sigma(gamma)
    turn = 0.5 * alpha * sigma * speed
    assert torch.allclose(turn, turn[:1].expand(101), rtol=1e-12, atol=0)
    phi = [math.atan(math.exp(g / 2)) for g in (-13.3, 5.0)]
    assert abs(turn[0] - (phi[1] - phi[0])) < 1e-14
    assert torch.allclose(
        Cosine(-60.0, 60.0)(grid(3)),
        torch.tensor([-60.0, 0.0, 60.0], dtype=torch.float64),
        rtol=0,
        atol=1e-12,
    )


def test_learned_endpoints_stay_in_order() -> None:
    schedule = Linear(learned=True)
    with torch.no_grad():
        schedule.ends[1] = -4.0
    assert schedule.gamma_1 > schedule.gamma_0 and (schedule(grid()).diff() > 0).all()


def test_only_learned_endpoints_are_parameters() -> None:
    assert not list(Linear().parameters()) and not list(Cosine().parameters())
    assert {n for n, _ in Linear(learned=True).named_parameters()} == {"ends"}
    assert {n for n, _ in Monotone(learned=False, hidden=2).named_parameters()} == {
        "slope",
        "w_in",
        "bias",
        "w_out",
    }


@pytest.mark.parametrize(
    "cast",
    [
        lambda m: m.half(),
        lambda m: m.bfloat16(),
        lambda m: m.to(torch.float32),
        lambda m: m.float(),
    ],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda: Monotone(hidden=4, generator=seeded(0)),
        lambda: Beta(0.1, 20.0),
        Linear,
        Cosine,
        lambda: Linear(-13.3, torch.tensor([4.1, 5.2]), learned=True),
    ],
)
def test_a_cast_model_keeps_its_schedule(
    make: Callable[[], Schedule], cast: Callable[[nn.Module], nn.Module]
) -> None:
    model = nn.ModuleDict({"net": nn.Linear(2, 2).double(), "schedule": make()})
    before = [*model["schedule"].rate(grid()), model["schedule"].gamma_0, model["schedule"].gamma_1]
    model = cast(model)
    after = [*model["schedule"].rate(grid()), model["schedule"].gamma_0, model["schedule"].gamma_1]
    assert model["net"].weight.dtype != torch.float64 and all(
        torch.equal(a, b) for a, b in zip(after, before, strict=True)
    )


def test_a_schedule_can_still_move_between_devices() -> None:
    schedule = Monotone(hidden=4)
    assert (
        schedule.to("meta").ends.device.type == "meta"
        and schedule.to_empty(device="cpu").ends.device.type == "cpu"
    )


def test_saved_weights_restore_the_schedule() -> None:
    a, b = Monotone(hidden=8, generator=seeded(0)), Monotone(hidden=8, generator=seeded(1))
    b.load_state_dict(a.state_dict())
    assert torch.equal(a(grid()), b(grid()))


def integral(schedule: Schedule, n: int = 16_385) -> Tensor:
    gamma, speed = schedule.rate(grid(n))
    return torch.trapezoid(0.5 * speed * error(gamma), grid(n))


@pytest.mark.parametrize("name", [n for n in MAKERS if n != "cosine"])
def test_the_shape_does_not_move_the_diffusion_term(name: str) -> None:
    assert abs(integral(MAKERS[name](-13.3, 5.0)).item() - L_INF) < 2e-7


def test_cosine_has_the_same_diffusion_term() -> None:
    assert abs(integral(Cosine(), 400_001).item() - L_INF) < 1e-6


def test_endpoint_gradients_are_the_integrand_at_the_ends() -> None:
    for schedule in (Linear(learned=True), Monotone(hidden=8, generator=seeded(0))):
        integral(schedule).backward()
        d_start, d_width = schedule.ends.grad
        assert abs(d_width - 0.5 * error(schedule.gamma_1)) < 1e-6
        assert abs(d_start - d_width + 0.5 * error(schedule.gamma_0)) < 1e-6


def test_the_best_schedule_makes_the_loss_constant() -> None:
    a0, a1 = (math.log1p(C2 * math.exp(-g)) for g in (-13.3, 5.0))
    gamma, speed = Custom(lambda t: math.log(C2) - torch.expm1(a0 + (a1 - a0) * t).log()).rate(
        grid()
    )
    exact = 0.5 * (a0 - a1)
    assert abs(exact - L_INF) < 1e-7 and torch.allclose(
        0.5 * speed * error(gamma), torch.full((101,), exact).double(), rtol=1e-6, atol=0
    )


def gradients(square: bool, weighted: bool, seed: int) -> dict[str, Tensor]:
    net, weight = Monotone(hidden=8, generator=seeded(seed)), torch.zeros(64, dtype=torch.float64)
    theta = nn.Parameter(
        torch.tensor(0.7, dtype=torch.float64)
    )  # stands for the network: ε̂ = θ σ z
    gen = seeded(seed + 1)
    t = torch.rand(64, generator=gen, dtype=torch.float64)
    x = randn((64,), gen)
    eps = randn((64,), gen)
    with least_variance(net, weight) if weighted else nullcontext():
        gamma, speed = net.rate(t)
    alpha, sigma = alpha_sigma(gamma)
    loss = 0.5 * speed * (eps - theta * sigma * (alpha * x + sigma * eps)).square()
    weight.copy_(2 * loss.detach())
    (loss**2 if square else loss).mean().backward()
    return {n: p.grad for n, p in net.named_parameters()} | {"theta": theta.grad}


@pytest.mark.parametrize("seed", range(5))
def test_reweight_is_the_gradient_of_the_mean_square_for_the_shape_alone(seed: int) -> None:
    plain = gradients(False, False, seed)
    squared = gradients(True, False, seed)
    both = gradients(False, True, seed)
    for name in ("slope", "w_in", "bias", "w_out"):
        scale = squared[name].abs().max()
        assert scale > 0 and (both[name] - squared[name]).abs().max() < 1e-12 * scale
    for name in ("ends", "theta"):
        assert torch.allclose(both[name], plain[name], rtol=1e-12, atol=0) and not torch.allclose(
            plain[name], squared[name], rtol=1e-2
        )


def test_reweight_changes_no_value_and_checks_its_weight() -> None:
    value = randn((3,), seeded(0))
    assert torch.equal(reweight(value, torch.zeros(3)), value)
    with pytest.raises(InputError, match="weight has shape"):
        reweight(value, torch.zeros(1))


@pytest.mark.parametrize(
    ("low", "high"), [(5.0, -13.3), (1.0, 1.0), (math.nan, 1.0), (-math.inf, 1.0)]
)
@pytest.mark.parametrize("kind", [Linear, Cosine, Monotone])
def test_bad_endpoints(kind: type[Schedule], low: float, high: float) -> None:
    with pytest.raises(InputError, match="gamma_0 < gamma_1"):
        kind(low, high)


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (lambda t: torch.sin(6 * t), r"near t = 0\.262"),
        (lambda t: torch.log(t), r"near t = 0\.0"),
        (lambda t: torch.logit(t), "finite"),
        (lambda t: torch.where(t > 0.5, torch.nan, t), r"near t = 0\.5"),
        (lambda t: 0 * t, "increase"),
        (lambda t: 5.0, "one γ for each time"),
        (lambda t: t.sum(), "one γ for each time"),
    ],
)
def test_custom_is_checked(fn: Callable[[Tensor], Tensor], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Custom(fn)


def test_custom_accepts_a_function_with_parameters() -> None:
    scale = nn.Parameter(torch.tensor(3.0, dtype=torch.float64))
    schedule = Custom(lambda t: scale * t)
    schedule.rate(torch.tensor([0.5]))[1].sum().backward()
    assert scale.grad.item() == 1.0


def test_other_errors() -> None:
    with pytest.raises(InputError, match="hidden = 0: give a whole number from 1"):
        Monotone(hidden=0)
    with pytest.raises(NotImplementedError, match="defines shape"):
        Schedule()(grid())


# Inverses


@makers
@settings(deadline=None, max_examples=8)
@given(low=st.floats(-20, 0), width=st.floats(0.5, 30))
def test_inverse_of_every_schedule(
    make: Callable[[float, float], Schedule], low: float, width: float
) -> None:
    schedule = make(low, low + width)
    gamma, speed = (v.detach() for v in schedule.rate(grid()))
    # a value is known to its last digit, which is worth some time where γ climbs slowly
    slack = 1e-14 + 4e-16 * (abs(low) + width) / speed
    t = schedule.inverse(gamma)
    assert t.dtype == torch.float64 and not t.requires_grad and ((t - grid()).abs() <= slack).all()
    assert (
        torch.allclose(schedule.inverse(gamma.view(1, 101, 1)).flatten(), t)
        and schedule.inverse(float(gamma[40])).shape == ()
    )


@makers
@pytest.mark.parametrize("value", [5.1, -13.4, math.nan, math.inf, torch.tensor([0.0, -20.0])])
def test_values_that_are_never_reached(
    make: Callable[[float, float], Schedule], value: float | Tensor
) -> None:
    with pytest.raises(InputError, match="never reached: give values between -13.3 and 5"):
        make(-13.3, 5.0).inverse(value)


def test_the_ends_forgive_rounding() -> None:
    schedule = Linear(-13.3, 5.0)
    assert schedule.inverse(5.0 + 1e-14).item() == 1 and schedule.inverse(-13.3 - 1e-14).item() == 0


# Clocks

RATES = [(4.0, None), (0.1, 20.0), (0.0, 8.0), (20.0, 0.1), (0.1, 10.0)]
rates = pytest.mark.parametrize(("beta_0", "beta_1"), RATES)


def exact_tau(beta_0: float, beta_1: float | None, start: float, t: float) -> mpmath.mpf:
    b0, b1 = mpmath.mpf(beta_0), mpmath.mpf(beta_0 if beta_1 is None else beta_1)
    s = mpmath.mpf(start) + (1 - mpmath.mpf(start)) * mpmath.mpf(t)
    return mpmath.quad(
        lambda r: b0 + (b1 - b0) * r, [0, s]
    )  # Gauss-Legendre, exact for a straight line


@rates
@pytest.mark.parametrize("start", [1e-9, 1e-5, 1e-2])
def test_a_clock_is_the_integral_of_its_rate(
    beta_0: float, beta_1: float | None, start: float
) -> None:
    clock, t = Beta(beta_0, beta_1, start), grid(13)
    log_tau, speed = clock.rate(t)
    with mpmath.workdps(30):
        exact = torch.tensor(
            [float(exact_tau(beta_0, beta_1, start, u)) for u in t.tolist()], dtype=torch.float64
        )
    beta = beta_0 + ((beta_0 if beta_1 is None else beta_1) - beta_0) * (start + (1 - start) * t)
    assert torch.allclose(log_tau.exp(), exact, rtol=2e-14, atol=0)
    assert torch.allclose(log_tau.exp() * speed, beta * (1 - start), rtol=1e-12, atol=0)


@rates
@pytest.mark.parametrize("start", [1e-9, 1e-5, 1e-2])
def test_the_inverse_of_a_clock_is_exact(beta_0: float, beta_1: float | None, start: float) -> None:
    clock = Beta(beta_0, beta_1, start)
    t = torch.cat([grid(), torch.logspace(-9, -2, 15, dtype=torch.float64)])
    by_bisection = Schedule.shape_inverse(
        clock, (clock(t) - clock.gamma_0) / (clock.gamma_1 - clock.gamma_0)
    )
    assert (clock.inverse(clock(t)) - t).abs().max() < 1e-12 and (
        clock.inverse(clock(t)) - by_bisection
    ).abs().max() < 1e-12


def test_a_clock_of_which_slope_is_given_reads_the_same() -> None:
    """The CLD code writes β = β_0 + β_1 s with β_1 a slope."""
    s = 1e-5 + (1 - 1e-5) * grid()
    assert torch.allclose(
        Beta(0.1, 7.0)(grid()), (0.1 * s + 6.9 * s**2 / 2).log(), rtol=0, atol=1e-13
    )


@pytest.mark.parametrize(
    ("beta_0", "beta_1", "start"),
    [
        (-1.0, 2.0, 1e-5),
        (0.0, None, 1e-5),
        (1.0, 0.0, 1e-5),
        (1.0, -1.0, 1e-5),
        (math.nan, 1.0, 1e-5),
        (1.0, math.nan, 1e-5),
        (math.inf, None, 1e-5),
        (1.0, math.inf, 1e-5),
        (1.0, 2.0, 0.0),
        (1.0, 2.0, 1.0),
        (1.0, 2.0, -0.1),
        (1.0, 2.0, math.nan),
    ],
)
def test_bad_clocks(beta_0: float, beta_1: float | None, start: float) -> None:
    with pytest.raises(InputError, match="finite rates"):
        Beta(beta_0, beta_1, start)


def test_learned_clocks_are_schedules_of_log_tau() -> None:
    low, high = math.log(1e-6), math.log(10.0)
    for clock in (
        Linear(low, high, learned=True),
        Monotone(low, high, hidden=8, generator=seeded(0)),
    ):
        clock(torch.tensor([0.3])).exp().sum().backward()
        assert clock.ends.grad.abs().min() > 0
        assert torch.allclose(
            clock(grid(2)).exp(),
            torch.tensor([1e-6, 10.0], dtype=torch.float64),
            rtol=1e-12,
            atol=0,
        )


# Endpoints per dimension

STARTS = torch.tensor([[-13.3, -9.0, -5.0], [-1.0, -20.0, 0.0]])
ENDS = torch.tensor([[5.0, 4.0, 3.0], [2.0, 11.0, 1.0]])


@pytest.mark.parametrize(
    "make",
    [Linear, lambda a, b: Monotone(a, b, hidden=8, generator=seeded(0))],
    ids=["linear", "monotone"],
)
@pytest.mark.parametrize(
    "t", [torch.tensor(0.3), torch.tensor([0.0, 0.25, 1.0])], ids=["one time", "three times"]
)
def test_every_dimension_follows_its_own_schedule(make: Callable[..., Schedule], t: Tensor) -> None:
    gamma, speed = make(STARTS, ENDS).rate(t)
    assert gamma.shape == speed.shape == (t.numel(), 2, 3) and torch.equal(
        make(STARTS, ENDS)(t), gamma
    )
    for i in range(2):
        for j in range(3):
            alone = make(float(STARTS[i, j]), float(ENDS[i, j])).rate(t)
            assert torch.allclose(
                gamma[:, i, j], alone[0].reshape(-1), rtol=0, atol=1e-13
            ) and torch.allclose(speed[:, i, j], alone[1].reshape(-1), rtol=1e-13)


def test_one_endpoint_may_be_shared() -> None:
    schedule = Linear(-13.3, ENDS, learned=True)
    assert schedule.ends.shape == (2, 2, 3) and torch.equal(
        schedule.gamma_0, torch.full((2, 3), -13.3, dtype=torch.float64)
    )
    assert abs(schedule.gamma_max - 26 / 6) < 1e-14 and abs(schedule.gamma_min + 13.3) < 1e-14
    schedule(torch.tensor([0.25])).sum().backward()
    assert torch.equal(
        schedule.ends.grad,
        torch.tensor([1.0, 0.25], dtype=torch.float64)[:, None, None].expand(2, 2, 3),
    )


def test_the_weight_of_the_shape_is_per_example() -> None:
    """ℓ is a sum over dimensions, so its gradient reaches S(t_i) with one weight per example."""

    def gradient(square: bool) -> Tensor:
        net = Monotone(STARTS, ENDS, hidden=4, generator=seeded(0))
        weight = torch.zeros(5).double()
        t = grid(5)
        with nullcontext() if square else least_variance(net, weight):
            gamma, speed = net.rate(t)
        loss = (speed * error(gamma)).flatten(1).sum(1)
        weight.copy_(2 * loss.detach())
        (loss**2 if square else loss).mean().backward()
        return net.w_out.grad

    assert torch.allclose(gradient(True), gradient(False), rtol=1e-11, atol=1e-14)


def test_bad_endpoints_per_dimension() -> None:
    with pytest.raises(InputError, match="gamma_0 = 6 and gamma_1 = 5 do not increase"):
        Linear(torch.tensor([-3.0, 6.0]), 5.0)
    with pytest.raises(InputError, match="gamma_0 = nan"):
        Linear(torch.tensor([-3.0, math.nan]), 5.0)
    with pytest.raises(InputError, match=r"shape \(2,\) and gamma_1 of shape \(3,\) do not fit"):
        Linear(torch.zeros(2), torch.ones(3))
    with pytest.raises(InputError, match="every dimension has its own endpoints"):
        Linear(STARTS, ENDS).inverse(0.0)


CLOSED = {
    "cosine": Cosine(),
    "cosine, far": Cosine(-60.0, 60.0),
    "VP.song": VP.song().schedule,
    "VP.song, early": VP.song(0.0, 5.0, 1e-6).schedule,
    "SubVP.song": SubVP.song().schedule,
    "SubVP.song, fast": SubVP.song(0.01, 700.0, 1e-7).schedule,
    "beta": Beta(0.1, 20.0),
    "beta, falling": Beta(20.0, 0.1),
}


@pytest.mark.parametrize("schedule", CLOSED.values(), ids=CLOSED.keys())
def test_inverses_in_closed_form_are_those_of_bisection(schedule: Schedule) -> None:
    near = torch.logspace(-12, 0, 200, dtype=torch.float64)
    S = torch.cat([grid(401), near, 1 - near])
    t = schedule.shape_inverse(S)
    assert (t - bisect(schedule.shape, S)).abs().max() < 1e-12
    assert (schedule.inverse(schedule(t)) - t).abs().max() < 1e-12
    assert type(schedule).shape_inverse is not Schedule.shape_inverse


@makers
@pytest.mark.parametrize("t", [-0.5, 1.5, math.nan, math.inf])
def test_times_outside_are_refused(make: Callable[[float, float], Schedule], t: float) -> None:
    schedule = make(-13.3, 5.0)
    for ask in (schedule, schedule.rate):
        for times in (torch.tensor(t), torch.tensor([0.5, t])):
            with pytest.raises(InputError, match=f"t = {t:g} lies outside"): ask(times)


class Shaped(Schedule):
    """A schedule of any shape."""
    def __init__(self, fn: Callable[[Tensor], Tensor]) -> None:
        super().__init__(-7.0, 5.0)
        self.fn = fn
    def shape(self, t: Tensor) -> Tensor:
        """As it was given."""
        return self.fn(t)


@pytest.mark.parametrize("fn, words", [
    (lambda t: t + 1, "S is not 0 at t = 0"),
    (lambda t: 2 * t, "S is not 1 at t = 1"),
    (lambda t: t + 0.5 * (2 * math.pi * t).sin(), "S falls"),
    (lambda t: t * math.nan, "NaN"),
    (lambda t: t.detach(), "not the slope of S"),
])
def test_a_shape_that_is_none_is_refused(fn: Callable[[Tensor], Tensor], words: str) -> None:
    """When a process is built: with a path that misses its ends, the bound would be none."""
    refused(f"Shaped.shape: .*{words}", VP, Shaped(fn))
    refused(f"Shaped.shape: .*{words}", CLD, clock=Shaped(fn))


def test_a_shape_may_have_a_bend() -> None:
    """Two straight pieces are a shape."""
    process = VP(Shaped(lambda t: torch.where(t < 0.5, 0.5 * t, 1.5 * t - 0.5)))
    assert torch.allclose(process.gamma(0.5), torch.tensor(-4.0).double(), rtol=0, atol=1e-12)
