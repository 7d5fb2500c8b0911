"""The networks of other libraries: the same levels, estimates, steps and files as theirs."""
import json
import math
from inspect import unwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import refused
from scipy.integrate import quad
from scipy.stats import norm
from torch import Tensor, nn

from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.gaussians.core import randn, seeded
from mdm_nb.models.adapters import (
    SigmaNetwork,
    Tabulated,
    from_diffusers,
    pixel_levels,
    table_betas,
    table_levels,
)
from mdm_nb.models.azula import from_azula, to_azula
from mdm_nb.models.ddpm import ddpm_bound
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import UNet
from mdm_nb.models.steered import Steered, refuse_steered
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import Cosine, Linear
from mdm_nb.processes.slope import check_climb, value_and_slope
from mdm_nb.runs.export import ExportedNetwork, to_diffusers
from mdm_nb.samplers.inpaint import Inpainting
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
CASES = [(table, kind) for table in TABLES for kind in KINDS]
CASES.remove(("dark", "epsilon"))  # refused


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


# ---------------------------------------------------------------- files


def tiny(**options: object) -> nn.Module:
    """A small UNet2DModel, in evaluation mode as after loading."""
    torch.manual_seed(0)
    sizes = {"in_channels": 1, "out_channels": 1, "sample_size": 8, "norm_num_groups": 4}
    blocks = {"block_out_channels": (8, 8), "layers_per_block": 1,
              "down_block_types": ("DownBlock2D",) * 2, "up_block_types": ("UpBlock2D",) * 2}
    return diffusers.UNet2DModel(**{**sizes, **blocks, **options}).eval()


def digits(n: int, levels: int = 17) -> Tensor:
    return torch.randint(levels, (n, 1, 8, 8), generator=seeded(0))


def bits(model: Diffusion) -> float:
    return model.bpd(digits(6), progress=False).bpd


def test_a_pipeline_of_theirs_comes_and_goes(tmp_path: Path) -> None:
    """Loaded from a folder, from its parts, and from where we wrote it, it is the same model."""
    pipe = diffusers.DDPMPipeline(tiny(), scheduler_of("DDPMScheduler"))
    pipe.save_pretrained(tmp_path / "theirs")
    levels = pixel_levels(17)
    model = from_diffusers(pipe.unet, pipe.scheduler, discretization=levels)
    assert model.shape == (1, 8, 8)
    loaded = from_diffusers(tmp_path / "theirs", discretization=levels)
    to_diffusers(loaded, tmp_path / "ours")
    again = from_diffusers(tmp_path / "ours", discretization=levels)
    assert bits(model) == bits(loaded) == bits(again)
    assert model.sample(2, DDIM(3), progress=False).shape == (2, 1, 8, 8)


def test_a_model_of_ours_in_their_pipeline(tmp_path: Path) -> None:
    """Their pipeline loads it and draws what our DDPM steps draw; it comes back as it was."""
    torch.manual_seed(0)
    network = UNet(1, 8, 1, frequencies=(2.0,))
    with torch.no_grad():
        for p in network.parameters(): p.add_(0.1 * torch.randn_like(p))
    model = Diffusion(network, VP(Cosine(-8.0, 5.0)), "v", pixel_levels(17), (1, 8, 8))
    folder = to_diffusers(model, tmp_path / "ours", steps=50)
    assert {f.suffix for f in folder.rglob("*.*") if f.is_file()} == {".json", ".safetensors"}
    back = from_diffusers(folder)
    assert back.discretization == pixel_levels(17)
    assert isinstance(back.network.unet, ExportedNetwork)
    assert bits(back) == pytest.approx(bits(model), rel=1e-5)
    pipe = diffusers.DDPMPipeline.from_pretrained(folder)
    drawn = pipe(1, seeded(0), 50, output_type="np").images
    assert drawn.shape == (1, 8, 8, 1) and np.isfinite(drawn).all()
    loaded = from_diffusers(pipe.unet, pipe.scheduler, discretization=pixel_levels(17))
    to_diffusers(loaded, tmp_path / "again")
    again = from_diffusers(tmp_path / "again", discretization=pixel_levels(17))
    assert bits(again) == bits(loaded) == bits(back)


def test_a_folder_tells_where_the_grey_levels_lie(tmp_path: Path) -> None:
    """Also if it holds what came from their library, or data that are no pictures."""
    for i, data in enumerate((Discretization(17), pixel_levels(5), Continuous())):
        model = Diffusion(UNet(1, 8, 1), VP(Linear(-6.0, 5.0)), "v", data, (1, 8, 8))
        back = from_diffusers(to_diffusers(model, tmp_path / f"{i}"))
        again = from_diffusers(to_diffusers(back, tmp_path / f"again-{i}"))
        assert back.discretization == again.discretization == data
        assert from_azula(to_azula(model), (1, 8, 8)).discretization == data
    (tmp_path / "0" / "grey_levels.json").write_text('{"level": 17}')
    refused("tells no grey levels", from_diffusers, tmp_path / "0")
    refused("model is a NoneType", unwrap(refuse_steered), None)
    refused("network is a int", unwrap(to_diffusers), model, tmp_path / "new", 1)


def test_a_model_of_classes_leaves_and_comes_back(tmp_path: Path) -> None:
    """It hears the label as before; their pipeline draws without one."""
    network = UNet(1, 8, 1, frequencies=(2.0,), classes=3)
    source = seeded(0)
    for p in network.parameters(): nn.init.normal_(p, 0, 0.1, source)
    nn.init.normal_(network.labels.rows, 0, 3.0, source)
    model = Diffusion(network, VP(Linear(-8.0, 5.0)), "v", pixel_levels(17), (1, 8, 8), classes=3)
    model.eval()
    back = from_diffusers(to_diffusers(model, tmp_path / "ours", steps=50))
    assert back.classes == 3
    y, t = torch.randn(4, 1, 8, 8).double(), torch.tensor(20 / 49).double()
    for label in (torch.tensor([0, 1, 2, 3]), torch.full((4,), 3)):
        assert torch.allclose(back.denoise(y, t, label=label), model.denoise(y, t, label=label),
                              atol=1e-5)
    heard = back.denoise(y[:1].expand(3, -1, -1, -1), t, label=torch.arange(3))
    assert heard.var(0).mean() > 1e-8  # ten times what may differ above
    pipe = diffusers.DDPMPipeline.from_pretrained(tmp_path / "ours")
    assert np.isfinite(pipe(2, seeded(0), 50, output_type="np").images).all()
    z, step = torch.randn(2, 1, 8, 8), torch.tensor(5)
    free = pipe.unet(z, step).sample
    assert torch.equal(free, pipe.unet(z, step, class_labels=torch.tensor([3, 3])).sample)


def test_what_a_network_says_of_itself() -> None:
    """Learned embeddings know whole steps; a second half of channels holds variances."""
    short = {"beta_end": 0.3, "num_train_timesteps": 20}
    rows = tiny(time_embedding_type="learned", num_train_timesteps=20)
    model = from_diffusers(rows, scheduler_of("DDPMScheduler", **short))
    step = model.network.step(torch.linspace(0, 1, 50))
    assert torch.equal(step, step.round()) and len(step.unique()) == 20
    assert math.isfinite(model.bpd(digits(2), progress=False).bpd)
    wide = scheduler_of("DDPMScheduler", variance_type="learned_range", **short)
    two = from_diffusers(tiny(out_channels=2), wide)
    assert two.denoise(torch.zeros(1, 1, 8, 8), 0.5).shape == (1, 1, 8, 8)
    refused("predicts the variances", ddpm_bound, two, digits(1))
    edm = from_diffusers(tiny(), diffusers.EDMEulerScheduler())
    assert isinstance(edm.network, SigmaNetwork) and edm.process.span[0] == 2 * math.log(0.002)
    named = from_diffusers(tiny(num_class_embeds=4), scheduler_of("DDIMScheduler"), classes=3)
    bound = named.bpd(digits(2), label=torch.tensor([0, 2]), progress=False)
    assert math.isfinite(bound.bpd) and "label" in bound.protocol


def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in one sentence."""
    plain = scheduler_of("DDPMScheduler")
    flow = SimpleNamespace(betas=plain.betas, config=SimpleNamespace(prediction_type="flow"))
    dark = scheduler_of("DDPMScheduler", **TABLES["dark"])
    named = tiny(num_class_embeds=4)
    refused("prediction_type = 'flow'", from_diffusers, Toy(), flow, (3,))
    refused("ends at zero signal", from_diffusers, Toy(), dark, (3,))
    refused("scheduler is a FlowMatch", from_diffusers, Toy(),
            diffusers.FlowMatchEulerDiscreteScheduler(), (3,))
    refused("does not say for which images", from_diffusers, Toy(), plain)
    refused("cannot be called as unet", from_diffusers, nn.Identity(), plain, (2,))
    refused("one of 4 labels", from_diffusers, named, plain)
    refused("does not take labels like these", from_diffusers, tiny(), plain, classes=3)
    refused("does not take no label", from_diffusers, tiny(class_embed_type="timestep"), plain)
    refused("the network returned", from_diffusers, tiny(out_channels=2), plain)
    refused("does not accept", from_diffusers, tiny(), plain, (3, 8, 8))
    refused("no model_index.json", from_diffusers, tmp_path)
    model = from_diffusers(Toy(), plain, (3,))
    refused("which has no save_pretrained", to_diffusers, model, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "model_index.json").write_text(json.dumps({"unet": ["os", "Evil"]}))
    refused("of neither diffusers nor mdm_nb", from_diffusers, tmp_path)
    (tmp_path / "model_index.json").write_text("[]")
    refused("the unet in .* is None", from_diffusers, tmp_path)
    (tmp_path / "model_index.json").write_text(json.dumps({"unet": ["mdm_nb", "seeded"]}))
    refused("can load no seeded", from_diffusers, tmp_path)
    (tmp_path / "model_index.json").write_text(json.dumps({"unet": ["diffusers", "UNet2DModel"]}))
    refused("cannot read the unet", from_diffusers, tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "diffusers", None)
    refused("diffusers is not installed: pip install", from_diffusers, tmp_path)


# ---------------------------------------------------------------- azula


class Backbone(nn.Module):
    """A network as azula's denoisers call it, in single precision."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(3, 3)

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return torch.tanh(self.line(z) + c[:, None])


@pytest.mark.parametrize("name", ["VESchedule", "VPSchedule", "CosineSchedule", "DecaySchedule"])
@pytest.mark.parametrize("kind", ["KarrasDenoiser", "SimpleDenoiser"])
def test_a_denoiser_of_azula(kind: str, name: str) -> None:
    """Its mean at its own scale is our x̂, and their DDIM step is ours; there and back."""
    denoise = pytest.importorskip("azula.denoise", reason="pip install 'mdm_nb[peers]'")
    sample, noise = pytest.importorskip("azula.sample"), pytest.importorskip("azula.noise")
    torch.manual_seed(0)
    theirs = getattr(denoise, kind)(Backbone(), getattr(noise, name)())
    model = from_azula(theirs, (3,), Continuous())
    t, s = (torch.tensor(v, dtype=torch.float64) for v in (0.6, 0.5))
    alpha, sigma = theirs.schedule(t)
    size = (alpha**2 + sigma**2).sqrt()
    y = size * randn((4, 3), seeded(1))
    with torch.no_grad():
        x_hat = theirs(y, t.expand(4)).mean
        assert (model.denoise(y / size, t) - x_hat).norm() < 1e-5 * x_hat.norm()
        step = sample.DDIMSampler(theirs).step(y, t.expand(4)[:, None], s.expand(4)[:, None])
        alpha, sigma = theirs.schedule(s)
        ours = DDIM(1).step(model.denoiser, y / size, s, t) * (alpha**2 + sigma**2).sqrt()
    assert (ours - step).norm() < 1e-5 * step.norm()
    back = from_azula(to_azula(model), (3,), Continuous())
    assert (back.denoise(y / size, t) - x_hat).norm() < 1e-5 * x_hat.norm()
    refused("azula knows one level for all", to_azula,
            Diffusion(Backbone(), VP(Linear(torch.tensor([-8.0, -7, -6]), 5.0)), shape=(3,)))


# ---------------------------------------------------------------- DDPM's own bound


def by_hand(
    k: np.ndarray, betas: np.ndarray, levels: int, slope: np.ndarray, large: bool,
) -> tuple[float, float, float]:
    """The three terms of one example for x̂ = slope_i y_i, from β alone: exact in every ε.

    A linear estimate is wrong by a normal number of known mean and variance. The KL of a step is
    that of two normal laws with the means and variances of Ho et al.; the decoder is integrated.
    """
    x, bar = 2 * k / (levels - 1) - 1, np.cumprod(1 - betas)
    before = np.append(1.0, bar[:-1])
    tilde = (1 - before) / (1 - bar) * betas
    prior = 0.5 * np.sum(bar[-1] * x**2 + (1 - bar[-1]) - 1 - np.log(1 - bar[-1]))
    steps = 0.0
    for i in range(1, len(betas)):
        s2 = betas[i] if large else tilde[i]
        wrong = (x - slope[i] * np.sqrt(bar[i]) * x) ** 2 + slope[i]**2 * (1 - bar[i])
        pull = np.sqrt(before[i]) * betas[i] / (1 - bar[i])
        each = np.log(s2 / tilde[i]) / 2 + (tilde[i] + pull**2 * wrong) / (2 * s2) - 0.5
        steps += np.sum(each)
    half, s0, end = 1 / (levels - 1), np.sqrt(tilde[1]), 0.0
    for x_k, k_k in zip(x.ravel(), k.ravel(), strict=True):
        def cost(e: float, x_k: float = x_k, k_k: int = k_k) -> float:
            x_hat = slope[0] * (np.sqrt(bar[0]) * x_k + np.sqrt(1 - bar[0]) * e)
            high = 1.0 if k_k == levels - 1 else norm.cdf((x_k + half - x_hat) / s0)
            low = 0.0 if k_k == 0 else norm.cdf((x_k - half - x_hat) / s0)
            return -np.log(high - low) * norm.pdf(e)
        end += quad(cost, -8, 8, limit=200)[0]
    return float(end), float(prior), float(steps)


class Line(nn.Module):
    """x̂ = slope_i z."""

    def __init__(self, slope: np.ndarray) -> None:
        super().__init__()
        self.slope = torch.tensor(slope)

    def forward(self, z: Tensor, step: Tensor) -> Tensor:
        return self.slope[step.long()].view(-1, *[1] * (z.ndim - 1)) * z


@pytest.mark.parametrize("variance", ["fixed_small", "fixed_large"])
@pytest.mark.parametrize("times", [None, 3])
def test_the_bound_of_ddpm(variance: str, times: int | None) -> None:
    """Every part against a sum from scratch, which knows nothing of γ."""
    betas = np.linspace(0.004, 0.3, 8)
    slope, k = np.linspace(0.97, 0.4, 8), np.array([[[0, 4], [7, 2]]])
    table = SimpleNamespace(betas=torch.tensor(betas),
                            config=SimpleNamespace(prediction_type="sample"))
    model = from_diffusers(Line(slope), table, (1, 2, 2), pixel_levels(8))
    data = torch.tensor(k)[None].expand(3000, 1, 2, 2)
    found = ddpm_bound(model, data, variance, clip=None, times=times, progress=False)
    wanted = by_hand(k, betas, 8, slope, variance == "fixed_large")
    for (name, nats), truth in zip(found.parts.items(), wanted, strict=True):
        se = float(nats.std()) / math.sqrt(len(nats))
        assert abs(float(nats.mean()) - truth) < 4.5 * se + 1e-6, name
    assert "T = 8 steps" in found.protocol and variance in found.protocol
    assert found.record["method"] == "ddpm" and found.seed == 0
    assert found.calls == 3000 * (8 if times is None else 4)


def test_batches_do_not_change_the_bound_of_ddpm() -> None:
    """Neither for every step nor for some; clipping is part of the model."""
    table = SimpleNamespace(betas=torch.linspace(0.01, 0.5, 6),
                            config=SimpleNamespace(prediction_type="sample"))
    model = from_diffusers(Line(np.linspace(2, 1, 6)), table, (3,), pixel_levels(8))
    data = torch.randint(8, (7, 3), generator=seeded(0))
    def total(times: int | None, **options: object) -> Tensor:
        return ddpm_bound(model, data, times=times, progress=False, **options).total
    for times in (None, 4):
        assert torch.allclose(total(times), total(times, batch_size=2), rtol=1e-12)
    assert (total(None, clip=1.0) - total(None, clip=None)).abs().max() > 0.1
    known = Steered(model, lambda base: Inpainting(base, torch.zeros(1, 3), torch.eye(3)[:1]))
    assert "steered by Inpainting()" in ddpm_bound(known, data, times=1, progress=False).protocol
    refused("variance is 'huge'", ddpm_bound, model, data, "huge")
    density = from_diffusers(Line(np.ones(6)), table, (3,), Continuous())
    refused("are real numbers", ddpm_bound, density, data.double())


@pytest.mark.parametrize("beta_end", [0.004, 0.02])
def test_tables_of_any_length_are_taken(beta_end: float) -> None:
    """Wherever a bend of the table falls, and beyond the level that stands for no signal."""
    for N in (*range(2, 400), 600, 750, 1000, 1024, 2000, 3001, 4000):
        gamma = table_levels(torch.linspace(1e-4, beta_end, N))
        t = torch.arange(N, dtype=torch.float64) / (N - 1)
        assert torch.allclose(VP(Tabulated(gamma)).gamma(t), gamma, rtol=1e-9, atol=1e-9)
        assert torch.allclose(table_betas(gamma), torch.linspace(1e-4, beta_end, N).double(), 1e-4)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("N", [200, 4000])
def test_schedulers_of_any_length_are_taken(kind: str, N: int) -> None:
    theirs = scheduler_of("DDPMScheduler", num_train_timesteps=N, prediction_type=kind)
    model = from_diffusers(tiny(), theirs)
    x = torch.randint(0, 256, (2, *model.shape), generator=seeded(0))
    assert math.isfinite(model.bpd(x, progress=False).bpd)
    # the last level is the table's own, and no stand-in
    end = 1 / theirs.alphas_cumprod[-1].double()
    assert abs(float(model.process.gamma(1.0)) - math.log(end - 1)) < 1e-2


def test_a_derivative_that_is_wrong_is_seen_at_bends_too() -> None:
    clock = Tabulated(table_levels(torch.linspace(1e-4, 0.02, 200)))
    def climb(t: Tensor, factor: float) -> tuple[Tensor, Tensor]:
        S, dS = value_and_slope(clock.shape, t)
        return S, factor * dS
    check_climb("a table", lambda t: climb(t, 1.0), torch.zeros(1))
    for factor in (0.99, 1.01):
        refused("is not the slope of S", check_climb, "a table",
                lambda t, factor=factor: climb(t, factor), torch.zeros(1))
