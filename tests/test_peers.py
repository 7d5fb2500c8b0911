"""The samplers of another library, with its own tables, draw what ours draw."""
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from mdm_nb import DDIM, VP, DPMSolver, Linear, Sampler, denoiser, seeded

diffusers = pytest.importorskip("diffusers", reason="pip install 'mdm_nb[peers]'")

SAME = {  # down to the first entry of their tables, and not to σ = 0
    "DDIMScheduler": {"set_alpha_to_one": False, "clip_sample": False},
    "DPMSolverMultistepScheduler": {"final_sigmas_type": "sigma_min", "lower_order_final": False},
}


def network(z: Tensor) -> Tensor:
    """The noise that a made-up network sees at every level."""
    return torch.tanh(1.3 * z) - 0.2 * z.flip(1)


def theirs(times: Tensor, step: Callable[..., tuple[Tensor, ...]], y: Tensor) -> Tensor:
    """Their loop, in which a step takes a prediction, its time and its state."""
    for t in times: y, = step(network(y), t, y, return_dict=False)[:1]
    return y


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # between them and numpy
@pytest.mark.parametrize("beta", ["linear", "scaled_linear", "squaredcos_cap_v2"])
@pytest.mark.parametrize("steps", [4, 25])
@pytest.mark.parametrize(("rule", "name"), [
    (DDIM, "DDIMScheduler"), (DPMSolver, "DPMSolverMultistepScheduler")])
def test_same_samples(rule: type[Sampler], name: str, steps: int, beta: str) -> None:
    """Their levels are times of a clock that runs straight from the last to the first."""
    scheduler = getattr(diffusers, name)(
        beta_schedule=beta, timestep_spacing="trailing", **SAME[name])
    scheduler.set_timesteps(steps)
    levels = torch.cat([scheduler.timesteps, torch.zeros(1, dtype=torch.int64)])
    gamma = -scheduler.alphas_cumprod.double()[levels].logit()
    high, low = float(gamma[0]), float(gamma[-1])
    grid = (gamma - low) / (high - low)
    model = denoiser(VP(Linear(low, high)), lambda z, g: network(z), "eps")
    y = torch.randn(5, 3, generator=seeded(0), dtype=torch.float64)
    ours = rule(steps, grid=grid)(model, y)
    assert (ours - theirs(scheduler.timesteps, scheduler.step, y)).norm() < 1e-5 * ours.norm()
