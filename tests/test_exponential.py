"""Exponential integrators against the flow itself, on grids of any kind and clocks of any shape."""
from collections.abc import Callable
from functools import cache
from inspect import unwrap

import numpy as np
import pytest
import torch
from helpers import bell, truth, unit, zoo
from scipy.integrate import solve_ivp
from torch import Tensor

from mdm_nb import (
    CLD,
    DDIM,
    GDDIM,
    MLP,
    VP,
    Denoiser,
    Diffusion,
    DPMSolver,
    Heun,
    InputError,
    Linear,
    Process,
    Sampler,
    Time,
    denoiser,
    seeded,
)
from mdm_nb.samplers.grid import GRIDS, check_grid, grid_times

RULES = (DPMSolver, GDDIM, Heun)
NAMES = ("VP", "CLD", "learned, 3")


@cache
def flow(name: str) -> Tensor:
    """What the probability flow makes of the unit vectors: a matrix, by an adaptive integrator."""
    process = zoo(name)
    K, model = process.K, bell(process)
    def slope(t: float, y: np.ndarray) -> np.ndarray:
        state = torch.from_numpy(y).view(unit(process).shape)
        return model.drift(state, t, 0.0).flatten().numpy()
    done = solve_ivp(slope, (1, 0), unit(process).flatten().numpy(), "LSODA",
                     rtol=1e-8, atol=1e-11)
    return torch.from_numpy(done.y[:, -1]).view(K, K)


def miss(sampler: Sampler, name: str) -> float:
    """How far a run's matrix is from the flow's, relative."""
    end = sampler(bell(zoo(name)), unit(zoo(name))).view_as(flow(name))
    return float((end - flow(name)).norm() / flow(name).norm())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rule", RULES)
def test_order(rule: type[Sampler], name: str) -> None:
    """Half the step, a quarter of the error."""
    coarse, fine = (miss(rule(n, grid="snr"), name) for n in (40, 80))
    assert abs(np.log2(coarse / fine) - rule(1).order) < 0.35, (coarse, fine)


@pytest.mark.parametrize("name", ["VE", "SubVP", "PSLD", "ALDA", "MALDA"])
def test_order_of_the_covariance(name: str) -> None:
    """At least the stated one, from the law at t = 1 to that at t = 0."""
    process = zoo(name)
    def error(sampler: Sampler) -> float:
        M = sampler(bell(process), unit(process)).view(process.K, process.K).mT
        return float((M @ truth(process, 1.0) @ M.mT - truth(process, 0.0)).norm())
    for rule in RULES:
        coarse, fine = (error(rule(n, grid="uniform")) for n in (32, 64))
        assert np.log2(coarse / fine) > rule(1).order - 0.35, (rule, coarse, fine)


@pytest.mark.parametrize("name", ["VP", "CLD"])
@pytest.mark.parametrize("grid", GRIDS)
def test_every_grid_arrives(grid: str, name: str) -> None:
    for rule in RULES: assert miss(rule(120, grid=grid), name) < 0.02, rule


@pytest.mark.parametrize("rule", [DPMSolver, GDDIM])
@pytest.mark.parametrize("name", NAMES)
def test_few_steps_beat_ddim(rule: type[Sampler], name: str) -> None:
    """Twelve calls with memory against twelve without."""
    ours, plain = miss(rule(12, grid="snr"), name), miss(DDIM(12, grid="snr"), name)
    assert ours < plain / 2, (ours, plain)


def test_a_rule_of_order_one_forgets() -> None:
    """Both hold the same at first order, and memory changes both."""
    model, y = bell(zoo("CLD")), unit(zoo("CLD"))
    first = [rule(9, order=1)(model, y) for rule in (DPMSolver, GDDIM)]
    second = [rule(9)(model, y) for rule in (DPMSolver, GDDIM)]
    assert torch.allclose(*first, rtol=1e-9, atol=1e-12)
    assert not torch.allclose(*second, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("make", [VP, lambda clock: CLD(clock=clock)])
def test_a_clock_per_dimension_is_a_process_per_dimension(
    make: Callable[[Linear], Process], rule: type[Sampler],
) -> None:
    """Two dimensions with clocks of their own against two runs of one dimension."""
    low, high = torch.tensor([-6.0, -5.0]).double(), torch.tensor([0.5, 1.5]).double()
    both, sampler = make(Linear(low, high)), rule(5, grid="uniform")
    def predict(z: Tensor, gamma: Tensor) -> Tensor: return torch.tanh(z) * gamma.sigmoid()
    def shared(z: Tensor, gamma: Tensor) -> Tensor: return predict(z, gamma.view(3, -1))
    y = both.prior((3, 2), seeded(0))
    joint = sampler(denoiser(both, shared, "x"), y)
    for d in range(2):
        single = make(Linear(float(low[d]), float(high[d])))
        alone = sampler(denoiser(single, shared, "x"), y[..., d:d + 1])
        assert torch.allclose(joint[..., d:d + 1], alone, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_a_sample_is_its_own(rule: type[Sampler]) -> None:
    """Neither the batch nor another run of the same sampler changes it."""
    model, sampler = Diffusion(MLP(1, width=8), CLD(), shape=(1,)), rule(4)
    whole = model.sample(6, sampler, 1, progress=False)
    parts = model.sample(6, sampler, 1, progress=False, batch_size=4)
    assert torch.equal(whole, parts) or torch.allclose(whole, parts, atol=1e-5)
    assert torch.equal(model.sample(2, sampler, 1, progress=False), whole[:2])


@pytest.mark.parametrize("rule", RULES)
def test_conditions_are_passed_on(rule: type[Sampler]) -> None:
    class Told(Denoiser):
        """Data at a value that it is told."""
        def __call__(self, y: Tensor, t: Time, **cond: Tensor) -> Tensor:
            """x̂."""
            return cond["where"][:, None].double().expand(-1, 2)
    process, where = zoo("CLD"), torch.tensor([-3.0, 5.0])
    y = rule(6)(Told(process), process.prior((2, 2), seeded(1)), where=where)
    sigma = float(process.gamma(0.0).exp().sqrt())
    gain = float(process.kernel(0.0).Phi[0, 0])
    assert ((y[:, 0] / gain - where[:, None]).abs() < 8 * sigma).all()


def test_grids_of_ones_own() -> None:
    """A tensor of times is walked as it is."""
    times = torch.tensor([1.0, 0.6, 0.1, 0.0])
    assert torch.equal(DDIM(3, grid=times).times(VP()), times.double())
    assert torch.equal(DPMSolver(3, grid=times).times(CLD()), times.double())
    for same in (times.tolist(), times.double().numpy(), [1, 0.6, 0.1, 0]):
        for rule in (DDIM, DPMSolver):
            assert torch.allclose(rule(3, grid=same).times(VP()), times.double())
    for bad in ("cosine", None, {1: 2}, ["a", "b"], [1, 0.5j]):
        with pytest.raises(InputError, match="choose one of uniform, quadratic, snr, karras"):
            unwrap(check_grid)(bad, 3)
    for bad in (times.flip(0), times[:-1], torch.tensor([1.0, 0.6, 0.6, 0.0])):
        with pytest.raises(InputError, match="grid"): DDIM(3, grid=bad)
    for name in NAMES:
        for grid in GRIDS:
            found = grid_times(grid, 9, zoo(name))
            assert found.dtype == torch.float64 and (found.diff() < 0).all()
            assert (found[0], found[-1]) == (1, 0)


def test_a_run_that_is_lost_says_so() -> None:
    """No picture is ever made of NaN."""
    model = denoiser(VP(), lambda z, gamma: z * torch.nan, "v")
    for rule in (DDIM, *RULES):
        with pytest.raises(InputError, match=r"3 of 3 examples to NaN or infinite states"):
            rule(2)(model, torch.ones(3, 1))
