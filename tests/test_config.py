"""Configurations: all that can be named is built, trained from, read back and reported on."""
import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import torch
from accelerate import init_empty_weights
from torch import nn

from mdm_nb.bounds.discretize import Discretization
from mdm_nb.gaussians.core import InputError, seeded
from mdm_nb.models.encoded import Encoded
from mdm_nb.models.features import LabelTable
from mdm_nb.processes.learned import LearnedMDM
from mdm_nb.processes.process import Process
from mdm_nb.processes.zoo import ALDA
from mdm_nb.runs.cli import mdm_train
from mdm_nb.runs.config import PROCESSES, encoded, make_model, make_process, make_schedule
from mdm_nb.runs.options import PARTS, Config, modern
from mdm_nb.runs.plot import moves
from mdm_nb.runs.presets import PRESETS, preset
from mdm_nb.runs.words import parser_of

ROOT = Path(__file__).parent.parent
LEVELS = Discretization(17)
IMAGE = (1, 8, 8)
SMALL = {"width": 8, "blocks": 1}
BLOCKS = {"vp": 1, "ve": 1, "subvp": 1, "cld": 2, "psld": 2, "alda": 3, "alda_unit": 3, "malda": 3,
          "mdm": 2}
f64 = torch.float64


@cache
def process_of(**options: object) -> Process:
    """The process of some options, for tests that only look at it."""
    return make_process(Config(**options), LEVELS)


def images(n: int) -> torch.Tensor:
    """Random images of 17 levels."""
    return torch.randint(17, (n, *IMAGE), generator=seeded(0))


# A configuration is a value

def test_a_configuration_cannot_be_changed() -> None:
    config = Config(width=8)
    with pytest.raises(dataclasses.FrozenInstanceError): config.width = 16
    with pytest.raises(dataclasses.FrozenInstanceError): del config.width
    with pytest.raises(dataclasses.FrozenInstanceError): config.new = 1
    with pytest.raises(TypeError): Config("digits")
    assert config.width == 8 and set(vars(config)) == {f.name for f in dataclasses.fields(Config)}


def test_equal_options_make_equal_configurations() -> None:
    one, two = Config(width=8, clip=None), Config(clip=None, width=8)
    assert one == two and hash(one) == hash(two) and len({one, two, Config()}) == 2
    assert one != Config(width=8) and one != vars(one)
    changed = one.replace(width=32, clip=1.0)
    assert changed == Config() and one.width == 8
    with pytest.raises(TypeError, match="learning_rate"): one.replace(learning_rate=1.0)
    with pytest.raises(InputError, match="width = 0"): one.replace(width=0)


def test_only_what_differs_is_printed() -> None:
    config = Config(clip=None, process="MALDA(K=3)")
    assert repr(config) == "Config(clip=None, process='MALDA(K=3)')"
    assert repr(Config()) == "Config()"


def test_every_option_is_explained_on_the_command_line() -> None:
    parser = parser_of(mdm_train.__wrapped__)
    helps = {a.dest: a.help.split(" [")[0] for a in parser._actions}
    assert set(vars(Config())) <= set(helps)
    assert all(len(helps[name]) > 10 for name in vars(Config()))
    assert helps["width"] == "channels inside the network, a U-Net"
    assert "MALDA(K=3)" in helps["process"] and "vp, ve, subvp" in helps["process"]
    whole = {a.dest: a.help for a in parser._actions}
    for name, default in vars(Config()).items():
        shown = default not in (None, "") and default is not False
        assert not shown or whole[name].endswith(f"[{default}]")


# What was written before constructor calls could be: the same models, to the last number

BEFORE = json.loads((ROOT / "tests/made_by_options.json").read_text())
LATER = {"adaptive", "mulan", "mulan-v", "mulan-small", "psld", "psld-small"}  # came later


def told(module: nn.Module, process: Process) -> list[object]:
    """Names, shapes and types of what a module learns, the sum of its sizes, and three levels."""
    state = module.state_dict()
    names = "\n".join(f"{k} {tuple(v.shape)} {v.dtype}" for k, v in state.items())
    held = [v.double() for v in state.values() if v.device.type != "meta"]
    size = sum(float(v.abs().sum()) for v in held)
    levels = process.gamma(torch.tensor([0.0, 0.3, 1.0], dtype=f64)).tolist()
    return [hashlib.sha256(names.encode()).hexdigest()[:12], size, *levels]


@pytest.mark.parametrize(("options", "before"), BEFORE["processes"], ids=str)
def test_short_forms_make_the_processes_they_always_made(options: dict, before: list) -> None:
    config = Config(**options)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        process = make_process(config, LEVELS)
    now = told(process, process)
    assert now[0] == before[0] and now[1:] == pytest.approx(before[1:], rel=1e-9)


@pytest.mark.parametrize(("options", "before"), BEFORE["models"], ids=str)
def test_options_make_the_models_they_always_made(options: dict, before: list) -> None:
    named = preset(options["preset"]) if "preset" in options else options
    config = Config(**named)
    if config.width > 16:
        with init_empty_weights(): model = make_model(config, 256, (3, 32, 32))
    else:
        model = make_model(config, 17, IMAGE)
    now = told(model, model.process)
    assert now[0] == before[0] and now[1:] == pytest.approx(before[1:], rel=1e-6)


def test_the_record_covers_every_short_form_and_preset() -> None:
    seen = [options for options, _ in BEFORE["processes"]]
    schedules = PARTS["schedule"].short.keys() - LATER
    every = [{"process": p, "schedule": s} for p in PROCESSES for s in schedules]
    assert all(pair in seen for pair in every)
    models = [options for options, _ in BEFORE["models"]]
    assert {o["preset"] for o in models if "preset" in o} == PRESETS.keys() - LATER
    assert {o.get("encoder", "none") for o in models} == set(PARTS["encoder"].short)


RUNS = sorted(ROOT.glob("nbs/train/**/config.json"))


def test_configurations_of_old_runs_can_be_read() -> None:
    assert len(RUNS) > 20
    for file in RUNS:
        written = modern(json.loads(file.read_text())["config"])
        assert written.items() <= vars(Config(**written)).items()
    assert modern({"tensorboard": True, "width": 8}) == {"track": "tensorboard", "width": 8}
    assert modern({"tensorboard": False}) == {}


# A text for a class

SAME = [
    ({"process": "alda_unit"}, {"process": "ALDA(g=1.0, xi=1.0)"}),
    ({"process": "malda", "aux": 1}, {"process": "MALDA(K=2)"}),
    ({"process": "mdm", "aux": 2, "noise": "diagonal", "seed": 3},
     {"process": "LearnedMDM(3, 'diagonal')", "seed": 3}),
    ({"schedule": "learned"}, {"schedule": "Linear(learned=True)"}),
    ({"schedule": "monotone", "process": "psld"}, {"schedule": "Monotone()", "process": "PSLD()"}),
    ({"encoder": "fixed"}, {"encoder": "Encoder()"}),
    ({"encoder": "unet", "encoder_width": 8, "dropout": 0.2},
     {"encoder": "EncoderUNet(width=8)", "dropout": 0.2}),
    ({"encoder": "unet", "encoder_width": 8, "encoder_levels": 1, "process": "mdm"},
     {"encoder": "Encoder(EncoderUNet(width=8, levels=1))", "process": "LearnedMDM"}),
]


@pytest.mark.parametrize(("short", "call"), SAME, ids=str)
def test_a_short_form_is_a_constructor_call(short: dict, call: dict) -> None:
    one, two = (make_model(Config(**SMALL, **o), 17, IMAGE) for o in (short, call))
    assert [*one.state_dict()] == [*two.state_dict()] and one.process.span == two.process.span
    pairs = zip(one.state_dict().values(), two.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert all(torch.equal(a, b) for a, b in zip(one.buffers(), two.buffers(), strict=True))
    rates = [[m.p for m in model.modules() if hasattr(m, "p")] for model in (one, two)]
    assert rates[0] == rates[1] != []


def test_what_a_text_gives_itself_is_kept() -> None:
    assert process_of(process="VP(Linear(-6, 4))").span == (-6.0, 4.0)
    half = process_of(process="ve", schedule="Linear(gamma_1=4)")
    assert half.span == pytest.approx((LEVELS.gamma_0, 4.0))
    late = process_of(process="cld", schedule="Linear(gamma_1=1.0)")
    assert float(late.clock.gamma_1) == pytest.approx(1.0, abs=1e-12)
    assert late.gamma(0.0).item() == pytest.approx(LEVELS.gamma_0, abs=1e-6)
    own = process_of(process="CLD(clock=Linear(-12, 1))")
    assert own.clock.gamma_min == -12.0


def test_a_process_inside_an_encoder_starts_where_the_decoder_needs_it() -> None:
    for inside in ("VP()", "PSLD()"):
        config = Config(process=f"Encoded({inside})", schedule="learned")
        process = make_process(config, LEVELS, (1, 8, 8))
        assert process.gamma(0.0).item() == pytest.approx(LEVELS.gamma_0, abs=1e-6)
        assert any(p.requires_grad for p in process.parameters())
    text = "Encoded(VP(), Encoder(EncoderUNet(width=8)))"
    model = make_model(Config(**SMALL, process=text, dropout=0.2), 17, IMAGE)
    net = model.process.encoder.network
    assert net.enter.in_channels == 1 and net.mid_1.dropout.p == 0.2
    assert model(images(4), seeded(1)).isfinite()


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module of one's own in the current directory, which draws when it is imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_of_config.py").write_text("""
import torch
from mdm_nb import MALDA, VE, Linear, Process, Schedule

torch.manual_seed(123)

class Half(VE):
    def __init__(self, schedule, k=0.5):
        super().__init__(schedule)
        self.k = k

class Fixed(VE):
    def __init__(self):
        super().__init__(Linear(-7.0, 3.0))

class Heavy(MALDA):
    def __init__(self, **kwargs):
        super().__init__(K=2, M=2.0, **kwargs)

class Square(Schedule):
    def shape(self, t):
        return t.square()

class Plain(torch.nn.Module):
    def __init__(self, channels, k=3):
        super().__init__()
        self.conv = torch.nn.Conv2d(channels, channels, k, padding="same")
    def forward(self, x, g):
        return self.conv(x) * g[:, None, None, None]
""")
    yield
    sys.modules.pop("mine_of_config", None)


@pytest.mark.usefixtures("own_module")
def test_classes_of_ones_own_make_a_model() -> None:
    own = {k: f"mine_of_config:{v}" for k, v in
           {"process": "Half(k=0.25)", "schedule": "Square()", "encoder": "Plain(k=1)"}.items()}
    config = Config(**SMALL, **own)
    assert Config(**json.loads(json.dumps(vars(config)))) == config
    assert "mine_of_config" not in sys.modules  # a configuration can be read without it
    first, again = (make_model(config, 17, IMAGE) for _ in range(2))
    pairs = zip(first.parameters(), again.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    base = first.process.base
    assert (type(base).__name__, base.k, type(base.schedule).__name__) == ("Half", 0.25, "Square")
    assert base.span == pytest.approx((LEVELS.gamma_0, 5.0))
    assert first.process.encoder.network.conv.kernel_size == (1, 1)
    first(images(4), seeded(1)).backward()


@pytest.mark.usefixtures("own_module")
def test_a_network_of_ones_own_gets_what_it_takes() -> None:
    config = Config(network="mine_of_config:Plain(k=1)")
    model = make_model(config, 17, IMAGE)
    assert model.network.conv.kernel_size == (1, 1) and model.network.conv.in_channels == IMAGE[0]
    model(images(4), seeded(1)).backward()


@pytest.mark.usefixtures("own_module")
def test_a_process_of_ones_own_gets_what_it_takes() -> None:
    heavy = process_of(process="mine_of_config:Heavy", schedule="learned", gamma_1=4.0)
    ends = heavy.gamma(torch.tensor([0.0, 1.0], dtype=f64)).tolist()
    assert heavy.K == 2 and ends == pytest.approx([LEVELS.gamma_0, 4.0], abs=1e-6)
    assert process_of(process="mine_of_config:Fixed").span == (-7.0, 3.0)
    with pytest.raises(InputError, match="gamma_0 = -8.0 with process = 'mine_of_config:Fixed'"):
        make_process(Config(process="mine_of_config:Fixed", gamma_0=-8.0), LEVELS)
    with pytest.raises(InputError, match="schedule = 'learned' with process"):
        make_process(Config(process="mine_of_config:Fixed", schedule="learned"), LEVELS)


@pytest.mark.usefixtures("own_module")
@pytest.mark.parametrize(("options", "said"), [
    ({"process": "mine_of_config:Haf"}, "process = .*: mine_of_config has no Process named Haf: "),
    ({"process": "mine_of_config:Square"}, "has no Process named Square"),
    ({"schedule": "mine_of_config:Square(1, k=2)"}, "schedule = .*Square: got an un.* 'k'"),
    ({"encoder": "mine_of_nobody:Net"}, "encoder = .*: there is no module mine_of_nobody"),
], ids=str)
def test_what_is_wrong_with_ones_own_is_said_when_a_model_is_made(options: dict, said: str) -> None:
    with pytest.raises(InputError, match=said): make_model(Config(**options), 17, IMAGE)


# Processes

@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("schedule", ["linear", "learned", "monotone"])
def test_every_process_starts_where_the_decoder_tells_levels_apart(
    name: str, schedule: str,
) -> None:
    process = process_of(process=name, schedule=schedule)
    assert process.K == BLOCKS[name]
    assert abs(process.gamma(0.0).item() - LEVELS.gamma_0) < 1e-6
    fixed = next(process.parameters(), None) is None
    assert fixed == (schedule == "linear" and name != "mdm")


@pytest.mark.parametrize("name", PROCESSES)
def test_both_ends_can_be_asked_for(name: str) -> None:
    process = process_of(process=name, gamma_0=-7.0, gamma_1=3.0)
    ends = process.gamma(torch.tensor([0.0, 1.0], dtype=f64)).tolist()
    assert ends == pytest.approx([-7.0, 3.0], abs=1e-6)
    assert process.span == pytest.approx((-7.0, 3.0), abs=1e-6)


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("kind", ["v", "noise"])
def test_every_model_has_a_loss_with_a_gradient(name: str, kind: str) -> None:
    config = Config(**SMALL, process=name, parameterisation=kind, schedule="learned")
    model = make_model(config, 17, IMAGE)
    loss = model(images(8), seeded(1))
    loss.backward()
    slopes = [p.grad for p in model.process.parameters()]
    assert loss.isfinite() and slopes
    assert all(s is not None and bool(s.isfinite().all()) and bool(s.any()) for s in slopes)


def test_the_same_seed_gives_the_same_diffusion() -> None:
    seeds = (3, 3, 4)
    one, two, other = (make_process(Config(process="mdm", aux=2, seed=s), LEVELS) for s in seeds)
    assert isinstance(one, LearnedMDM) and one.K == 3
    assert torch.equal(one.q, two.q) and not torch.equal(one.q, other.q)
    assert isinstance(process_of(process="alda_unit"), ALDA)


@pytest.mark.parametrize("noise", ["full", "diagonal", "auxiliary"])
def test_readings_tell_everything_that_is_learned(noise: str) -> None:
    process = process_of(process="mdm", aux=2, noise=noise, schedule="learned")
    row = process.readings()
    Q, D = process.matrices()
    A, _ = process.system()
    assert json.loads(json.dumps(row)) == row
    assert all(row[f"Q_{i}{j}"] == Q[i, j] for i in range(3) for j in range(i))
    assert all(row[f"D_{i}{j}"] == D[i, j] for i in range(3) for j in range(i + 1))
    real = sum(row[f"eigenvalue_{i}_real"] for i in range(3))
    assert abs(real - float(A.detach().trace())) < 1e-12
    assert abs(row["log_tau_0"] - process.clock.gamma_0.item()) < 1e-12
    assert abs(row["gamma_0"] - LEVELS.gamma_0) < 1e-6
    assert process_of(process="cld").readings() == {}
    assert set(process_of(schedule="monotone").readings()) == {"gamma_0", "gamma_1"}


def test_the_moves_of_a_process_are_drawn_from_its_rows() -> None:
    learned = {i: process_of(process="mdm", seed=i) for i in (1, 2)}
    rows = [{"step": i, "loss": 1.0, **process.readings()} for i, process in learned.items()]
    panels = moves(rows).axes
    assert [len(p.lines) for p in panels] == [4, 4, 4]
    assert list(panels[1].lines[0].get_ydata()) == [r["Q_10"] for r in rows]
    with pytest.raises(InputError, match="--process mdm"): moves([{"step": 1, "loss": 1.0}])


# What is refused, and when

@pytest.mark.parametrize(("options", "said"), [
    ({"process": "brownian"}, "choose one of vp, ve, .*, or write a call such as MALDA"),
    ({"process": "cld", "aux": 2}, "aux = 2 .* which has 1"),
    ({"process": "vp", "aux": 1}, "which has 0"),
    ({"encoder": "vae"}, "choose one of none, fixed, unet"),
    ({"encoder_levels": 0}, "encoder_levels = 0"),
    ({"ends": 0.0}, "ends = 0.0"),
    ({"ends": 1.1}, "at most 1"),
    ({"clip": 0.0}, "clip = 0.0"),
    ({"aux": -1}, "aux = -1"),
    ({"noise": "pink"}, "choose one of full"),
    ({"process_lr": 0.0}, "process_lr = 0.0"),
    ({"parameterisation": "epsilon"}, "noise"),
    ({"width": None}, "^width = None: give"),
    ({"process": 3}, "^process = 3: give a text"),
    ({"schedule": ["linear"]}, "^schedule = .* give a text"),
    ({"labels": 1}, "^labels = 1: give True or False"),
    ({"labels": True, "label_dropout": 1.0}, "^label_dropout = 1.0: give a number from 0"),
    ({"label_dropout": 0.2}, "^label_dropout = 0.2 with labels = False, where nothing reads it"),
    ({"process": "MLADA(K=3)"}, "^process = 'MLADA.K=3.': .* choose MALDA"),
    ({"process": "MALDA(k=3)"}, "^process = .* argument 'k', choose from K, M, V0, clock"),
    ({"process": "Linear()"}, "^process = .* no Process named Linear"),
    ({"process": "mine:P(Lineer())"}, "^process = .* no class named Lineer"),
    ({"schedule": "VP()"}, "^schedule = .* no Schedule named VP"),
    ({"schedule": "Linear("}, "^schedule = .* no Python expression"),
    ({"schedule": ""}, "^schedule = ''"),
    ({"encoder": "EncoderUNet(with=8)"}, "^encoder = .* no Python expression"),
    ({"process": "MALDA(K=3)", "aux": 2}, "^aux = 2 with process = 'MALDA.K=3.', where nothing"),
    ({"process": "LearnedMDM", "noise": "diagonal"}, "^noise = 'diagonal' with process"),
    ({"encoder": "EncoderUNet()", "encoder_width": 8}, "^encoder_width = 8 with encoder"),
    ({"encoder": "EncoderUNet()", "encoder_blocks": 2}, "^encoder_blocks = 2 with encoder"),
], ids=str)
def test_what_makes_no_sense_is_refused(options: dict, said: str) -> None:
    with pytest.raises(InputError, match=said): Config(**options)


@pytest.mark.parametrize(("options", "said"), [
    ({"process": "malda", "aux": 0}, "K = 1"),
    ({"process": "MALDA(K=1)"}, "K = 1"),
    ({"process": "mdm", "aux": 0, "noise": "auxiliary"}, "K = 1"),
    ({"parameterisation": "noise", "diffusion_steps": 10}, "continuous time"),
    ({"free_variance": True}, "free_variance with T = None"),
    ({"process": "cld", "encoder": "fixed"}, "along block 0"),
    ({"encoder": "fixed", "parameterisation": "noise"}, "choose one of x"),
    ({"process": "Encoded(VP())", "encoder": "fixed"}, "give a process without an encoder"),
    ({"schedule": "adaptive", "encoder": "unet"}, "may stand still in one dimension"),
    ({"process": "malda", "schedule": "Polynomial(straight=0.1)", "encoder": "fixed"}, "block 0"),
    ({"process": "VP(Linear(-6, 4))", "gamma_1": 4.0}, "gamma_1 = 4.0 with process"),
    ({"process": "CLD(clock=Beta(4.0))", "schedule": "learned"}, "schedule = 'learned' with"),
    ({"schedule": "Linear(-6, 4)", "gamma_0": -7.0}, "gamma_0 = -7.0 with schedule"),
    ({"schedule": "Beta(0.1, 20.0)", "gamma_1": 4.0}, "gamma_1 = 4.0 with schedule"),
    ({"process": "cld", "schedule": "Linear(gamma_1=1)", "gamma_1": 4.0}, "gamma_1 = 4.0 with sch"),
    ({"labels": True}, "labels = True, but the images have no classes"),
], ids=str)
def test_combinations_that_make_no_sense_are_refused_before_any_work(
    options: dict, said: str,
) -> None:
    with pytest.raises(InputError, match=said): make_model(Config(**SMALL, **options), 17, IMAGE)


@pytest.mark.parametrize("name", ["linear", "cosine", "learned", "monotone", "Monotone(hidden=8)"])
def test_schedules_have_the_ends_that_were_asked_for(name: str) -> None:
    ends = make_schedule(name, -9.0, 2.0)(torch.tensor([0.0, 1.0], dtype=f64)).tolist()
    assert ends == pytest.approx([-9.0, 2.0], abs=1e-12)


# Labels

def test_labels_reach_the_network_and_the_model() -> None:
    options = {"labels": True, "label_dropout": 0.2}
    model = make_model(Config(**SMALL, **options), 17, IMAGE, classes=10)
    assert model.classes == 10 and model.label_dropout == 0.2
    tables = [m for m in model.network.modules() if isinstance(m, LabelTable)]
    assert [table.classes for table in tables] == [10]


def test_without_labels_nothing_is_said_of_classes() -> None:
    model = make_model(Config(**SMALL), 17, IMAGE, classes=10)
    assert model.classes is None and model.label_dropout == 0
    tables = [m for m in model.network.modules() if isinstance(m, LabelTable)]
    assert [table.classes for table in tables] == [None]


# Encoders and presets

@pytest.mark.parametrize("name", ["vp", "ve", "subvp", "psld", "mdm"])
def test_an_encoder_moves_the_mean_of_any_process_with_noise_on_x(name: str) -> None:
    config = Config(**SMALL, process=name, encoder="unet", encoder_width=8, ends=0.5,
                    diffusion_steps=4, free_variance=True, schedule="learned")
    model, plain = (make_model(c, 17, IMAGE) for c in (config, config.replace(encoder="none")))
    assert isinstance(model.process, Encoded) and model.process.trained
    assert model.process.K == plain.process.K and (model.T, model.ends) == (4, 0.5)
    pairs = zip(model.network.parameters(), plain.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert set(model.process.readings()) == set(plain.process.readings()) != set()
    model(images(8), seeded(1)).backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in model.parameters())


CODED = "Polynomial(KHot(m=6, k=2, width=8), straight=0.1)"


@pytest.mark.parametrize(("name", "T"), [("vp", None), ("psld", 4), ("mdm", None)])
def test_codes_clocks_and_encoders_make_one_model(name: str, T: int | None) -> None:
    """A code bends the clock of every pixel, an encoder moves the mean, and everything learns."""
    config = Config(**SMALL, process=name, encoder="unet", encoder_width=8, ends=0.5,
                    diffusion_steps=T, schedule=CODED)
    model = make_model(config, 17, IMAGE)
    assert model.process.trained and model.process.clock.latent == 6
    for p in model.parameters():
        if not p.any(): nn.init.normal_(p, std=0.02, generator=seeded(1))
    model(images(8), seeded(1)).backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in model.parameters())
    reached = (model.process.clock.fields, model.process.clock.source, model.process.encoder)
    assert all(any(p.grad.any() for p in part.parameters()) for part in reached)


def test_a_code_bends_the_clocks_of_velocities() -> None:
    """The bound is measured with its price, and samples draw codes of their own."""
    config = Config(**SMALL, process="malda", schedule="Polynomial(KHot(6, 2))")
    model = make_model(config, 17, IMAGE)
    assert set(model.bpd(images(4), progress=False).parts) > {"context"}
    drawn = model.sample(2, model.default_sampler(2), progress=False)
    assert drawn.shape == (2, *IMAGE) and drawn.dtype == torch.int64


def test_no_encoder_and_one_without_parameters() -> None:
    process = process_of()
    fixed = encoded(Config(encoder="fixed"), process, IMAGE)
    assert encoded(Config(), process, IMAGE) is process
    assert not fixed.trained and not list(fixed.parameters())


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_configurations(name: str) -> None:
    config = Config(**preset(name))
    assert Config(**json.loads(json.dumps(vars(config)))) == config
    assert (config.clip is None) == ("small" not in name and name != "psld")
    assert (config.encoder != "none") == name.startswith("diffenc")
    assert (config.encoder == "fixed") == name.endswith("nt")
    if "small" not in name: return
    model = make_model(config, 17, IMAGE)
    assert model(images(4), seeded(1)).isfinite()
    assert sum(p.numel() for p in model.parameters()) < 200_000


@pytest.mark.parametrize(("text", "labels"), [
    ("Polynomial(KHot(4, 2, width=8, blocks=1))", False), ("Polynomial(Labels())", True),
    ("Steps(GaussianCode(3, width=8, blocks=1), share='all')", False)])
def test_the_network_beside_a_told_clock_starts_as_beside_a_plain_one(
    text: str, labels: bool,
) -> None:
    config = Config(**SMALL, labels=labels)
    told, plain = (make_model(c, 17, IMAGE, 10).network.state_dict()
                   for c in (config.replace(schedule=text), config))
    assert told.keys() == plain.keys()
    assert all(torch.equal(told[k][tuple(map(slice, v.shape))], v) for k, v in plain.items())
    more = told["level.0.weight"][:, plain["level.0.weight"].shape[1]:]  # what a code adds
    assert (more.shape[1] > 0) is not labels and not (more == 0).any()


@pytest.mark.parametrize(("width", "reader"), [(128, 2_632_883), (256, 10_326_323)])
def test_mulan_has_the_sizes_of_the_paper(width: int, reader: int) -> None:
    options = preset("mulan") | {"schedule": preset("mulan")["schedule"].replace("128", str(width))}
    with init_empty_weights(): clock = make_model(Config(**options), 256, (3, 32, 32)).process.clock
    sizes = [sum(p.numel() for p in m.parameters()) for m in (clock.source, clock.fields)]
    assert sizes == [reader, 37_917_696] and (clock.source.size, clock.source.k) == (50, 15)
    assert preset("mulan-v") | {"parameterisation": "eps"} == preset("mulan")


def test_options_beside_a_preset_win() -> None:
    options = preset("diffenc-32-4")
    assert Config(**options | {"width": 64, "clip": 1.0}).width == 64
    options["width"] = 1
    assert preset("diffenc-32-4")["width"] == 128
    with pytest.raises(InputError, match="^preset = 'vdm-16': choose one of vdm-8, vdm-32, [^.]*$"):
        preset("vdm-16")
