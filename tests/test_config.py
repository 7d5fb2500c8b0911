"""Configurations: every process that can be named is built, trained from, read back and reported on."""
import json

import pytest
import torch

from mdm_nb.bounds.discretize import Discretization
from mdm_nb.gaussians.core import InputError, seeded
from mdm_nb.models.encoder import Encoded
from mdm_nb.processes.learned import LearnedMDM
from mdm_nb.processes.linear import ALDA
from mdm_nb.runs.config import PRESETS, PROCESSES, Config, encoded, make_model, make_process, make_schedule, preset
from mdm_nb.runs.plot import moves
from mdm_nb.runs.train import readings

LEVELS = Discretization(17)
BLOCKS = {"vp": 1, "ve": 1, "subvp": 1, "cld": 2, "psld": 2, "alda": 3, "alda_unit": 3, "malda": 3, "mdm": 2}


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("schedule", ["linear", "learned", "monotone"])
def test_every_process_starts_where_the_decoder_tells_levels_apart(name: str, schedule: str) -> None:
    process = make_process(Config(process=name, schedule=schedule), LEVELS)
    assert process.K == BLOCKS[name] and abs(process.gamma(0.0).item() - LEVELS.gamma_0) < 1e-6
    assert (next(process.parameters(), None) is None) == (schedule == "linear" and name != "mdm")


@pytest.mark.parametrize("name", PROCESSES)
def test_both_ends_can_be_asked_for(name: str) -> None:
    process = make_process(Config(process=name, gamma_0=-7.0, gamma_1=3.0), LEVELS)
    ends = process.gamma(torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert torch.allclose(ends, torch.tensor([-7.0, 3.0], dtype=torch.float64), rtol=0, atol=1e-6)
    assert process.span == pytest.approx((-7.0, 3.0), abs=1e-6)


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("kind", ["v", "noise"])
def test_every_model_has_a_loss_with_a_gradient(name: str, kind: str) -> None:
    config = Config(process=name, parameterisation=kind, schedule="learned", width=8, blocks=1)
    model = make_model(config, 17, (1, 8, 8))
    loss = model(torch.randint(17, (8, 1, 8, 8), generator=seeded(0)), seeded(1))
    loss.backward()
    touched = [p.grad is not None and bool(p.grad.isfinite().all()) and bool(p.grad.any()) for p in model.process.parameters()]
    assert loss.isfinite() and touched and all(touched)


def test_the_same_seed_gives_the_same_diffusion() -> None:
    one, two, other = (make_process(Config(process="mdm", aux=2, seed=s), LEVELS) for s in (3, 3, 4))
    assert isinstance(one, LearnedMDM) and one.K == 3 and torch.equal(one.q, two.q) and not torch.equal(one.q, other.q)
    assert isinstance(make_process(Config(process="alda_unit"), LEVELS), ALDA)


@pytest.mark.parametrize("noise", ["full", "diagonal", "auxiliary"])
def test_readings_tell_everything_that_is_learned(noise: str) -> None:
    process = make_process(Config(process="mdm", aux=2, noise=noise, schedule="learned"), LEVELS)
    row = readings(process)
    Q, D = process.matrices()
    A, _ = process.system()
    assert json.loads(json.dumps(row)) == row
    assert all(row[f"Q_{i}{j}"] == Q[i, j] for i in range(3) for j in range(i)) and all(row[f"D_{i}{j}"] == D[i, j] for i in range(3) for j in range(i + 1))
    assert abs(sum(row[f"eigenvalue_{i}_real"] for i in range(3)) - float(A.detach().trace())) < 1e-12
    assert abs(row["log_tau_0"] - process.clock.gamma_0.item()) < 1e-12 and abs(row["gamma_0"] - LEVELS.gamma_0) < 1e-6
    assert readings(make_process(Config(process="cld"), LEVELS)) == {}
    assert set(readings(make_process(Config(schedule="monotone"), LEVELS))) == {"gamma_0", "gamma_1"}


def test_the_moves_of_a_process_are_drawn_from_its_rows() -> None:
    rows = [{"step": i, "loss": 1.0, **readings(make_process(Config(process="mdm", seed=i), LEVELS))} for i in (1, 2)]
    panels = moves(rows).axes
    assert [len(p.lines) for p in panels] == [4, 4, 4]
    assert list(panels[1].lines[0].get_ydata()) == [r["Q_10"] for r in rows]
    with pytest.raises(InputError, match="--process mdm"): moves([{"step": 1, "loss": 1.0}])


@pytest.mark.parametrize(("options", "said"), [
    ({"process": "brownian"}, "choose one of vp, ve"), ({"process": "cld", "aux": 2}, "which has 1"), ({"process": "vp", "aux": 1}, "which has 0"),
    ({"encoder": "vae"}, "choose one of none, fixed, unet"), ({"encoder_levels": 0}, "encoder_levels = 0"), ({"ends": 0.0}, "ends = 0.0"), ({"ends": 1.1}, "at most 1"),
    ({"clip": 0.0}, "clip = 0.0"), ({"aux": -1}, "aux = -1"), ({"noise": "pink"}, "choose one of full"), ({"process_lr": 0.0}, "process_lr = 0.0"), ({"parameterisation": "epsilon"}, "noise"),
], ids=str)
def test_what_makes_no_sense_is_refused(options: dict, said: str) -> None:
    with pytest.raises(InputError, match=said): Config(**options)


@pytest.mark.parametrize(("options", "said"), [({"process": "malda", "aux": 0}, "K = 1"), ({"process": "mdm", "aux": 0, "noise": "auxiliary"}, "K = 1"),
                                               ({"parameterisation": "noise", "diffusion_steps": 10}, "continuous time"),
                                               ({"free_variance": True}, "free_variance with T = None"), ({"process": "cld", "encoder": "fixed"}, "along block 0"),
                                               ({"encoder": "fixed", "parameterisation": "noise"}, "choose one of x")], ids=str)
def test_combinations_that_make_no_sense_are_refused_before_any_work(options: dict, said: str) -> None:
    with pytest.raises(InputError, match=said): make_model(Config(width=8, blocks=1, **options), 17, (1, 8, 8))


@pytest.mark.parametrize("name", ["linear", "cosine", "learned", "monotone"])
def test_schedules_have_the_ends_that_were_asked_for(name: str) -> None:
    ends = make_schedule(name, -9.0, 2.0)(torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert torch.allclose(ends.detach(), torch.tensor([-9.0, 2.0], dtype=torch.float64), rtol=0, atol=1e-12)


# Encoders and presets

@pytest.mark.parametrize("name", ["vp", "ve", "subvp", "psld", "mdm"])
def test_an_encoder_moves_the_mean_of_any_process_with_noise_on_x(name: str) -> None:
    config = Config(process=name, encoder="unet", encoder_width=8, width=8, blocks=1, ends=0.5, diffusion_steps=4, free_variance=True, schedule="learned")
    model, plain = (make_model(c, 17, (1, 8, 8)) for c in (config, config.replace(encoder="none")))
    assert isinstance(model.process, Encoded) and not model.process.tweedie and model.process.K == plain.process.K and (model.T, model.ends) == (4, 0.5)
    assert all(torch.equal(a, b) for a, b in zip(model.network.parameters(), plain.network.parameters(), strict=True))
    assert set(readings(model.process)) == set(readings(plain.process)) != set()
    model(torch.randint(17, (8, 1, 8, 8), generator=seeded(0)), seeded(1)).backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in model.parameters())


def test_no_encoder_and_one_without_parameters() -> None:
    process = make_process(Config(), LEVELS)
    fixed = encoded(Config(encoder="fixed"), process, (1, 8, 8))
    assert encoded(Config(), process, (1, 8, 8)) is process and fixed.tweedie and not list(fixed.parameters())


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_configurations(name: str) -> None:
    config = Config(**preset(name))
    assert Config(**json.loads(json.dumps(vars(config)))).__dict__ == vars(config) and (config.clip is None) == ("small" not in name)
    assert (config.encoder != "none") == name.startswith("diffenc") and (config.encoder == "fixed") == name.endswith("nt")
    if "small" in name:
        model = make_model(config, 17, (1, 8, 8))
        assert model(torch.randint(17, (4, 1, 8, 8), generator=seeded(0)), seeded(1)).isfinite() and sum(p.numel() for p in model.parameters()) < 200_000


def test_options_beside_a_preset_win() -> None:
    options = preset("diffenc-32-4")
    assert Config(**options | {"width": 64, "clip": 1.0}).width == 64
    options["width"] = 1
    assert preset("diffenc-32-4")["width"] == 128
    with pytest.raises(InputError, match=r"^preset = 'vdm-16': choose one of vdm-8, vdm-32, [^.]*$"): preset("vdm-16")


def test_nothing_to_clip_with() -> None:
    assert Config(clip=None).clip is None and "clip=None" in repr(Config(clip=None))
