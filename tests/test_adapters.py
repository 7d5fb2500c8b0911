"""The networks of other libraries: the same levels, estimates, steps and files as theirs."""
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from helpers import refused
from torch import Tensor, nn

from mdm_nb.gaussians.core import randn, seeded
from mdm_nb.gaussians.score import alpha_sigma, convert
from mdm_nb.models.adapters import (
    StepNetwork,
    Tabulated,
    from_diffusers,
    pixel_levels,
    table_betas,
    table_levels,
)
from mdm_nb.models.model import Diffusion
from mdm_nb.samplers.sample import DDIM

diffusers = pytest.importorskip("diffusers", reason="pip install 'mdm_nb[peers]'")
pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")

TABLES = {  # every schedule of theirs; twenty steps of any size are a table too
    "linear": {"beta_schedule": "linear"},
    "scaled_linear": {"beta_schedule": "scaled_linear"},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
    "trained": {"trained_betas": torch.linspace(0.01, 0.4, 20).tolist(),
                "num_train_timesteps": 20},
    "dark": {"beta_schedule": "scaled_linear", "rescale_betas_zero_snr": True},
}
KINDS = {"epsilon": "eps", "v_prediction": "v", "sample": "x"}
CASES = [(table, kind) for table in TABLES for kind in KINDS if (table, kind) != ("dark", "epsilon")]


class Toy(nn.Module):
    """A network whose answer depends on the step; it remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.steps = nn.Parameter(torch.tensor(0.7)), []

    def forward(self, z: Tensor, step: Tensor) -> Tensor:
        self.steps.append(step)
        return torch.tanh(self.weight * z + (step / 300)[:, None]) - 0.2 * z.flip(1)


def scheduler_of(name: str, **options: object) -> object:
    return getattr(diffusers, name)(clip_sample=False, **options)


def at_step(model: Diffusion, i: int, n: int) -> Tensor:
    """The time of a step, for n examples."""
    return torch.full((n,), i / model.network.levels.steps, dtype=torch.float64)


@pytest.mark.parametrize("name", ["DDPMScheduler", "DDIMScheduler"])
@pytest.mark.parametrize(("table", "kind"), CASES)
def test_the_map_both_ways(name: str, table: str, kind: str) -> None:
    """Their noise is our z, their estimate of x our x̂, and the network is asked their step."""
    scheduler = scheduler_of(name, prediction_type=kind, **TABLES[table])
    model, n = from_diffusers(Toy(), scheduler, (3,)), len(scheduler.betas)
    assert model.parameterisation == KINDS[kind]
    x, eps = (randn((4, 3), seeded(i)).float() for i in range(2))
    for i in (0, 1, n // 3, n - 2, n - 1):
        at = model.process.at(at_step(model, i, 4))
        z = scheduler.add_noise(x, eps, torch.tensor([i]))
        assert torch.allclose(at.state(x.double(), eps.double()).float(), z, atol=2e-5)
        model.network.unet.steps.clear()
        x_hat = model.denoise(z, at.t)
        assert torch.equal(model.network.unet.steps[0], torch.full((4,), float(i)))
        answer = model.network.unet(z, torch.full((4,), float(i)))
        alpha_bar = scheduler.alphas_cumprod[i].double()
        theirs = {  # the estimate of x that the two share, from the answer
            "epsilon": (z - (1 - alpha_bar).sqrt() * answer) / alpha_bar.sqrt(),
            "v_prediction": alpha_bar.sqrt() * z - (1 - alpha_bar).sqrt() * answer,
            "sample": answer,
        }[kind]
        assert (x_hat - theirs).norm() < 1e-4 * theirs.norm().clamp(min=1)


@pytest.mark.parametrize(("table", "kind"), CASES)
def test_a_step_of_ddim(table: str, kind: str) -> None:
    """With their own table in double precision, a step of theirs is a step of ours."""
    scheduler = scheduler_of("DDIMScheduler", prediction_type=kind, **TABLES[table])
    scheduler.alphas_cumprod = (1 - scheduler.betas.double()).cumprod(0)
    model, n = from_diffusers(Toy(), scheduler, (3,)).double(), len(scheduler.betas)
    scheduler.set_timesteps(n)
    z = randn((4, 3), seeded(2))
    for i in (1, n // 3, n - 2, n - 1):
        answer = model.network.unet(z, torch.full((4,), float(i)))
        theirs = scheduler.step(answer, i, z).prev_sample
        t, s = at_step(model, i, 4), at_step(model, i - 1, 4)
        ours = DDIM(1).step(model.denoiser, z, s, t)
        assert (ours - theirs).norm() < 1e-6 * theirs.norm(), (table, kind, i)


@pytest.mark.parametrize(("kind", "sign"), [("epsilon", 1), ("v_prediction", -1)])
def test_the_map_of_edm(kind: str, sign: int) -> None:
    """Their preconditioning is our x̂, and their Euler step our DDIM."""
    scheduler = diffusers.EDMEulerScheduler(prediction_type=kind, final_sigmas_type="sigma_min")
    scheduler.set_timesteps(12)
    model, y = from_diffusers(Toy(), scheduler, (3,)).double(), 3 * randn((4, 3), seeded(0))
    sigmas = scheduler.sigmas.double()
    times = model.process.time(2 * sigmas.log().clamp(*(g / 2 for g in model.process.span)))
    for i in (0, 5, 10):
        t, s = times[i].expand(4), times[i + 1].expand(4)
        c_in = scheduler.precondition_inputs(y, sigmas[i])
        answer = model.network.unet(c_in, scheduler.precondition_noise(sigmas[i]).expand(4))
        x_hat = scheduler.precondition_outputs(y, answer, sigmas[i])
        assert (model.denoise(y, t) - x_hat).norm() < 1e-6 * x_hat.norm()
        scheduler._step_index, scheduler.is_scale_input_called = i, True
        theirs = scheduler.step(answer, scheduler.timesteps[i], y).prev_sample
        assert (DDIM(1).step(model.denoiser, y, s, t) - theirs).norm() < 1e-6 * theirs.norm()
    assert model.network.sign == sign and model.parameterisation == "x"
