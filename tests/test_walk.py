"""The coefficients of a grid are computed before its loop: what a step asks of a process."""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import pytest
import torch
from torch import Tensor

from mdm_nb import (
    CLD,
    DDIM,
    MALDA,
    VP,
    Ancestral,
    Cosine,
    EulerMaruyama,
    Mixture,
    MixtureDenoiser,
    Moment,
    ProbabilityFlow,
    Process,
    Sampler,
    Time,
    seeded,
)
from mdm_nb.processes import linear, schedule
from mdm_nb.processes.slope import bisect

SAMPLERS = {"DDIM": DDIM, "Ancestral": Ancestral, "EM": EulerMaruyama, "flow": ProbabilityFlow}


@contextmanager
def counted(owner: object, name: str) -> Iterator[list[object]]:
    """The calls of a function, while they are made."""
    real, calls = getattr(owner, name), []
    def spy(*arguments: object, **keywords: object) -> object:
        calls.append(arguments)
        return real(*arguments, **keywords)
    with mock.patch.object(owner, name, spy): yield calls


def run(make: type[Sampler], process: Process, steps: int) -> Tensor:
    """One sample."""
    model = MixtureDenoiser(process, Mixture.gaussian(torch.zeros(2), torch.eye(2)))
    return make(steps)(model, process.prior((1, 2), seeded(0)), seeded(1))


@pytest.mark.parametrize("name", SAMPLERS)
def test_kernels_do_not_grow_with_the_steps(name: str) -> None:
    """A few for the whole grid, however many steps it has: none in a step."""
    seen = []
    for steps in (5, 50):
        with counted(linear, "kernel") as calls: run(SAMPLERS[name], MALDA(), steps)
        seen.append(len(calls))
    assert seen[0] == seen[1] <= 5, seen


@pytest.mark.parametrize("name", SAMPLERS)
def test_schedules_are_not_asked_in_a_step(name: str) -> None:
    """Nor are the times checked again: both would wait for a graphics card."""
    seen = []
    for steps in (5, 50):
        with (
            counted(schedule.Schedule, "forward") as levels,
            counted(schedule.Schedule, "rate") as rates,
            counted(Process, "checked") as checks,
        ):
            run(SAMPLERS[name], VP(), steps)
        checked = [c for c in checks if not hasattr(c[1], "kernel")]
        seen.append((len(levels), len(rates), len(checked)))
    assert seen[0] == seen[1], seen


def test_a_step_by_hand_is_the_step_of_the_walk() -> None:
    """Plain times and moments of a walk lead to the same numbers."""
    process = MALDA()
    model = MixtureDenoiser(process, Mixture.gaussian(torch.zeros(2), torch.eye(2)))
    y = process.prior((3, 2), seeded(2))
    for make in SAMPLERS.values():
        for t, s in process.walk(make(6).times(process)):
            ours = make(6).step(model, y, s, t, seeded(3))
            plain = make(6).step(model, y, s.t, t.t, seeded(3))
            assert torch.allclose(ours, plain, rtol=1e-12, atol=1e-13)


def test_a_plan_serves_the_sampler_that_made_it() -> None:
    """Its η is in it, so another one plans anew."""
    process = MALDA()
    model = MixtureDenoiser(process, Mixture.gaussian(torch.zeros(2), torch.eye(2)))
    y, others = process.prior((3, 2), seeded(2)), DDIM(2).plan
    for t, s in process.walk(DDIM(2).times(process), others):
        ours = Ancestral(2).step(model, y, s, t, seeded(3))
        assert torch.allclose(ours, Ancestral(2).step(model, y, s.t, t.t, seeded(3)))


@pytest.mark.parametrize("make", [CLD, MALDA, lambda: CLD(clock=Cosine(-10.0, 1.5))])
def test_a_grid_of_levels_takes_a_few_looks(make: Callable[[], Process]) -> None:
    """Sixty halvings would ask for sixty kernels; the slope leads to the same times in a few."""
    process = make()
    low, high = (float(process.gamma(t)) for t in (0.0, 1.0))
    levels = torch.linspace(low, high, 30, dtype=torch.float64)
    with counted(type(process), "moment") as calls: found = process.time(levels)
    assert len(calls) <= 6
    assert (found - bisect(process.gamma, levels)).abs().max() < 1e-14
    assert (process.gamma(found) - levels).abs().max() < 1e-13


class Still(MALDA):
    """A process whose drift and noise are one matrix for all times."""
    def at(self, t: Time) -> Moment:
        """The moments, with the matrices of t = ½."""
        there, half = super().at(t), super().at(0.5)
        return replace(there, A=half.A, N=half.N)


def test_a_matrix_for_all_times_is_one_for_each() -> None:
    """Steps of a walk get whole matrices, not their rows."""
    process = Still()
    for later, earlier in process.walk(torch.linspace(1, 0, 4).double()):
        for moment in (later, earlier):
            assert moment.A.shape == moment.N.shape == moment.kernel.L.shape == (3, 3)
            assert torch.equal(moment.A, process.at(0.5).A)
