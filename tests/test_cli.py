"""The commands, as a shell runs them: in this process, or in their own where it matters."""
import errno
import io
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate.tracking import GeneralTracker
from conftest import TINY
from faults import ended, forked, pictures
from helpers import forget_devices
from safetensors.torch import load_file

import mdm_nb
from mdm_nb.gaussians.errors import InputError
from mdm_nb.models.model import Diffusion
from mdm_nb.runs import cli, restoration
from mdm_nb.runs.cli import mdm_bpd, mdm_train, run_command
from mdm_nb.runs.config import Config
from mdm_nb.runs.evaluation import headline
from mdm_nb.runs.files import hash_tensors
from mdm_nb.runs.options import GROUPS
from mdm_nb.runs.restoration import Drawing, Restoration, drawn_name
from mdm_nb.runs.restore import picture_file
from mdm_nb.runs.run import Run
from mdm_nb.runs.start import begin
from mdm_nb.runs.words import command, parser_of
from mdm_nb.samplers.grid import GRIDS
from mdm_nb.samplers.sample import DDIM, Ancestral


def words(options: dict[str, object]) -> list[str]:
    """Options as a command line has them."""
    names = [f"--{name.replace('_', '-')}" for name in options]
    return [word for pair in zip(names, map(str, options.values()), strict=True) for word in pair]


OPTIONS = words(TINY)
SCRIPTS = Path(sys.executable).parent
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # as conftest has it here, so that sums agree to the last bit
Done = subprocess.CompletedProcess
pytestmark = pytest.mark.usefixtures("short_walks")


def process(*args: str | Path) -> Done:
    """Run one of the installed commands in a process of its own."""
    command, env = [SCRIPTS / args[0], *args[1:]], os.environ | ONE_THREAD
    how = {"capture_output": True, "text": True, "timeout": 300}
    return subprocess.run(command, check=False, env=env, **how)


def call(*args: str | Path) -> Done:
    """Run a command as `process` does, but here; what would be a traceback there is raised."""
    out, err, code = io.StringIO(), io.StringIO(), None
    forget_devices()
    with pytest.MonkeyPatch.context() as m, redirect_stdout(out), redirect_stderr(err):
        m.setattr(sys, "argv", [str(a) for a in args])
        try: runpy.run_path(str(SCRIPTS / args[0]), run_name="__main__")
        except SystemExit as e: code = e.code
        if isinstance(code, str): print(code, file=err)
    forget_devices()
    return Done(args, int(isinstance(code, str) or code or 0), out.getvalue(), err.getvalue())


def refused(*args: str | Path, how: Callable[..., Done] = call) -> str:
    """Run a command that must fail with one sentence, and return that sentence."""
    done = how(*args)
    *doing, last = done.stderr.strip().splitlines()
    assert done.returncode != 0 and last.startswith("error: "), done
    assert all(re.search(r" \.{3,}$", line) for line in doing), done
    return last


def trained(*args: str | Path, how: Callable[..., Done] = call) -> None:
    """Run `mdm_train`, which must succeed and print its table."""
    done = how("mdm_train", *args)
    assert done.returncode == 0, done.stderr
    assert "per-pixel histogram" in done.stdout and "this model" in done.stdout


def steps_done(run: Path) -> int:
    """The last step in the metrics of a run."""
    return json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["step"]


def steps_asked(run: Path) -> int:
    """The steps in the configuration of a run."""
    return json.loads((run / "config.json").read_text())["config"]["steps"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    trained("--data", pictures(folder), "--steps", "4", *OPTIONS, "--out", folder / "run")
    return folder / "run"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Hear signals here and in what is started from here: shells and nohup make their jobs deaf."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {s: signal.signal(s, handler) for s, handler in usual.items()}
    yield
    for s, handler in before.items(): signal.signal(s, handler)


def assert_evaluates_and_samples(run: Path, how: Callable[..., Done]) -> None:
    """The two commands that use a trained run do, and leave what they should."""
    bpd = how("mdm_bpd", run, "--times", "1", "--split", "valid")
    assert bpd.returncode == 0 and "±" in bpd.stdout, bpd.stderr
    record, current = Run(run).record()
    valid = record["evaluations"]["valid"]
    assert current and valid["unit"] == "bits/dim" and "n = 8" in valid["protocol"]
    assert headline(valid) in bpd.stdout
    sample = how("mdm_sample", run, "--n", "4", "--steps", "3", "--eta", "0")
    assert sample.returncode == 0, sample.stderr
    levels = np.load(run / "samples_0_steps-3_eta-0.npy", allow_pickle=False)
    assert levels.shape == (4, 1, 8, 8) and levels.dtype == np.uint8
    assert (run / "samples_0_steps-3_eta-0.png").stat().st_size > 0


def test_resume_evaluate_and_sample(run: Path) -> None:
    trained("--resume", "--steps", "8", "--out", run)
    assert steps_done(run) == steps_asked(run) == 8
    assert_evaluates_and_samples(run, call)


def test_the_card_is_found_again_at_any_batch_size(run: Path) -> None:
    card = (run / "card.md").read_text()
    for batch_size in ("3", "7", "300"):
        done = call("mdm_bpd", run, "--batch-size", batch_size)
        assert done.returncode == 0 and done.stdout.splitlines()[-2] in card, done.stderr


@pytest.mark.filterwarnings("ignore:a trajectory costs")  # of three steps
def test_methods_stand_beside_the_bound_in_the_record(run: Path) -> None:
    before = Run(run).record()[0]["evaluations"]
    for text in ("Weighted(K=2, steps=3)", "Flow(0.3, atol=0.3, start='uniform')"):
        done = call("mdm_bpd", run, "--split", "valid", "--method", text)
        assert done.returncode == 0 and "calls of the network" in done.stdout, done.stderr
    after, card = Run(run).record()[0]["evaluations"], (run / "card.md").read_text()
    iw, ode = (after[name] for name in [*after][-2:])
    assert {name: after[name] for name in before} == before and len(after) == len(before) + 2
    assert (iw["method"], ode["method"]) == ("iw", "ode") and ode["tolerance"] == 0.3
    assert iw["calls"] == 2 * 3 * iw["n"] and "trajectories" in iw["protocol"]
    assert ode["quantity"].startswith("estimate by random signs") and "uniform" in ode["quantity"]
    assert f"{ode['calls']:,} calls" in card and "- **method**: ode" in card
    assert headline(iw) in card and not list(run.glob("partial-*"))


def test_a_quick_look_stands_beside_a_longer_one(run: Path) -> None:
    before = Run(run).record()[0]["evaluations"]
    draws = before["test"]["draws"]
    assert call("mdm_bpd", run, "--times", draws - 1).returncode == 0
    after = Run(run).record()[0]["evaluations"]
    assert after["test"] == before["test"] and after[f"test, {draws - 1} draws"]["draws"] < draws
    assert call("mdm_bpd", run, "--times", draws + 1).returncode == 0
    assert Run(run).record()[0]["evaluations"]["test"]["draws"] == draws + 1
    assert call("mdm_bpd", run).returncode == 0  # that of the card would be beside it
    assert f"test, {draws} draws" in Run(run).record()[0]["evaluations"]


def test_a_model_of_classes(
    tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Labels reach the training, the evaluation and the samples."""
    told, out, whole = set(), tmp_path / "run", Diffusion.predict
    def spy(
        self: Diffusion, *args: torch.Tensor, label: torch.Tensor | None = None,
    ) -> torch.Tensor:
        told.update(["none"] if label is None else label.tolist())
        return whole(self, *args) if label is None else whole(self, *args, label=label)
    monkeypatch.setattr(Diffusion, "predict", spy)
    more = ("--labels", "--label-dropout", "0.2", "--diffusion-steps", "2")
    trained("--steps", "4", *OPTIONS, *more, "--out", out)
    assert Run(out).load_model().classes == 10 and {*range(11)} <= told
    for option, wanted in (([], {"none"}), (["--label", "3"], {3})):
        told.clear()
        assert call("mdm_sample", out, "--n", "3", *option).returncode == 0
        assert told - {"none"} == wanted - {"none"}
    assert all(np.load(file).max() <= 16 for file in out.glob("*.npy"))
    told.clear()
    assert call("mdm_bpd", out, "--times", "1").returncode == 0 and told - {"none"} == {*range(10)}
    assert "from 0 to 9" in refused("mdm_sample", out, "--label", "10")
    assert "knows of no classes" in refused("mdm_sample", run, "--label", "1")


CODED = ["--schedule", "Polynomial(KHot(m=6, k=2, width=8), straight=0.1)"]


def test_a_code_velocities_and_an_encoder(tmp_path: Path) -> None:
    """All at once, from the training to samples; the code's price stands in the record."""
    out = tmp_path / "run"
    more = ("--process", "mdm", "--encoder", "unet", "--encoder-width", "8", *CODED)
    trained("--data", pictures(tmp_path), "--steps", "2", *OPTIONS, *more,
            "--diffusion-steps", "3", "--out", out)
    assert "context" in Run(out).record()[0]["evaluations"]["test"]["parts"]
    assert call("mdm_bpd", out, "--times", "1", "--split", "valid").returncode == 0
    assert call("mdm_sample", out, "--n", "2").returncode == 0
    assert np.load(out / "samples_0.npy", allow_pickle=False).shape == (2, 1, 8, 8)


@pytest.mark.filterwarnings("default:the variances that the model learned")
def test_presets_and_variances_of_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options beside a preset win, on resuming too; the samples are drawn with what was learned."""
    out, small = tmp_path / "run", ("--preset", "diffenc-small-nt", "--width", "8")
    options = words({k: v for k, v in TINY.items() if k not in ("width", "blocks")})
    more = ("--steps", "2", "--diffusion-steps", "3", "--free-variance")
    trained(*small, "--data", pictures(tmp_path), *options, *more, "--out", out)
    config = Run(out).config
    found = (config.encoder, config.width, config.blocks, config.free_variance)
    assert found == ("fixed", 8, 1, True)
    again = ("mdm_train", "--resume", "--out", out)
    assert "width (8 then, 16 now)" in refused(*again, "--preset", "diffenc-small-nt")
    # as far as one can go without training
    assert "2 steps already" in refused(*again, *small, "--steps", "1")
    other = ("mdm_train", "--preset", "vdm-16", "--out", tmp_path / "a")
    assert "preset = 'vdm-16': choose one of" in refused(*other) and not (tmp_path / "a").exists()
    seen = []
    def spy(steps: int, log_ratio: torch.Tensor | None = None) -> Ancestral:
        seen.append((steps, log_ratio is not None))
        return Ancestral(steps, log_ratio=log_ratio)
    monkeypatch.setattr("mdm_nb.models.model.Ancestral", spy)
    for seed, steps in (("0", []), ("1", ["--steps", "2"])):
        done = call("mdm_sample", out, "--n", "2", "--seed", seed, *steps)
        assert done.returncode == 0 and ("learned are not used" in done.stderr) == bool(steps)
    assert seen == [(3, True), (2, False)]


def typed(line: str) -> dict[str, object]:
    """What is typed in a command line, by option."""
    name, *words = line.split()
    groups = cli._TRAINING | GROUPS if name == "mdm_train" else None
    return vars(parser_of(getattr(cli, name).__wrapped__, groups).parse_args(words))


def test_only_what_is_typed_is_given() -> None:
    """--encoder leaves --encoder-width to the preset, while --encoder-w is short for it."""
    found = typed("mdm_train --encoder unet --encoder-w 16 --process=vp --out x")
    assert found == {"encoder": "unet", "encoder_width": 16, "process": "vp", "out": "x"}
    found = typed("mdm_train --clip none --no-labels --gamma-0 -13.3 --no-evaluate --aux none")
    wanted = {"clip": None, "labels": False, "gamma_0": -13.3, "evaluate": False, "aux": None}
    assert found == wanted and typed("mdm_train") == {}
    assert typed("mdm_bpd run --times 3") == {"run": "run", "times": 3}


def test_every_option_of_a_command_stands_under_one_heading() -> None:
    for name in ("mdm_train", "mdm_bpd", "mdm_sample", "mdm_data"):
        done = call(name, "--help")
        assert done.returncode == 0 and f"usage: {name}" in done.stdout
    done = call("mdm_train", "--help").stdout
    for heading in GROUPS: assert f"\n{heading}:\n" in done
    for option in vars(Config()):
        assert len(re.findall(rf"(?m)^  --{option.replace('_', '-')}[ ,]", done)) == 1


def test_data_lists_the_sets() -> None:
    done = call("mdm_data")
    assert done.returncode == 0
    for name in ("digits", "fashion_mnist", "mnist", "cifar10", "imagenet32"):
        assert name in done.stdout
    assert "fingerprint" in call("mdm_data", "--name", "digits").stdout
    assert "name the data set to get" in call("mdm_data", "--download").stderr


def test_data_of_ones_own_have_the_levels_that_one_says(tmp_path: Path) -> None:
    np.save(tmp_path / "masks.npy", np.eye(4, dtype=np.uint8)[None].repeat(9, 0))
    told = call("mdm_data", "--name", tmp_path / "masks.npy")
    assert told.returncode == 1 and "--levels on the command line" in told.stderr
    assert "2 levels" in call("mdm_data", "--name", tmp_path / "masks.npy", "--levels", "2").stdout
    assert Config(levels=2).levels == 2
    for bad in (1, 257, 2.5):
        with pytest.raises(InputError, match="levels = .*from 2 to 256"): Config(levels=bad)


def test_a_refusal_in_a_process_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "a"
    there, here = (f("mdm_train", "--data", "digit", "--out", out) for f in (process, call))
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout) == (1, "")
    # what takes long shows dots, as many as it takes
    assert re.sub(r"\.{3,}", "...", there.stderr) == re.sub(r"\.{3,}", "...", here.stderr)
    assert "Traceback" not in there.stderr
    assert "digits" in refused(how=lambda: there) and not out.exists()


REFUSED = {
    "mdm_train --data digit": "did you mean digits, or else choose one of digits, fashion_mnist",
    "mdm_train --data qqq": "or name a folder of pictures, an .npz or .npy file",
    "mdm_train --resume": "--resume needs --out",
    "mdm_train --resume --out nowhere": "not a run folder",
    "mdm_train --schedule steep": "schedule = 'steep'",
    "mdm_train --device abacus": "not a device",
    "mdm_train --device cpu:7": "not a device",
    "mdm_train --device mps": "float64",
    "mdm_train --steps many": "'many' given, give a whole number",
    "mdm_train --seed 18446744073709551616": "seed = 18446744073709551616",
    "mdm_train --lr 1e300": "1e30 at most",
    "mdm_train --width 1000000000000": "from 1 to 16,384",
    "mdm_train --blocks 1000000000": "from 1 to 1,000",
    "mdm_train --width 16384 --blocks 1000": "1e+13 weights",
    "mdm_sample nowhere": "nowhere is not a run folder: there is no such folder",
    "mdm_classifier nowhere": "nowhere is not a run folder: there is no such folder",
    "mdm_boomerang nowhere RUN": "nowhere is not a run folder: there is no such folder",
    "mdm_boomerang RUN/config.json RUN": "config.json is not a run folder: it is a file",
    "mdm_sample RUN/config.json": "config.json is not a run folder: it is a file",
    "mdm_sample RUN/checkpoints": "checkpoints is not a run folder: it has no config.json",
    "mdm_bpd ''": "'' is no name of a file or folder",
    "mdm_sample RUN --upscale a --noise -1": "--noise = -1.0: give 0 or more",
    "mdm_train --batch-size 4 --accumulate 5": "accumulate = 5 with batch_size = 4",
    "mdm_train --preset vdm-32 --root nowhere": "cifar10 was not found",
    "mdm_train --preset vdm-small --config x": "leave one of the two out",
    "mdm_train --config nowhere.json": "--config nowhere.json cannot be read",
    "mdm_train --track wandb": "pip install 'mdm_nb[tracking]'",
    "mdm_bpd nowhere": "not a run folder: there is no such folder",
    "mdm_bpd RUN --split all": "choose train, valid or test",
    "mdm_bpd RUN --batch-size 0": "--batch-size = 0: give a whole number from 1 to 1,000,000",
    "mdm_bpd RUN --times 0": "--times = 0",
    "mdm_bpd RUN --times 1000000000000": "from 1 to 1,000,000",
    "mdm_bpd RUN --seed -1": "--seed = -1: give a whole number from 0",
    "mdm_bpd RUN --method flow": "choose one of elbo, ode, iw, or write a call such as Flow(1e-4)",
    "mdm_bpd RUN --method VP()": "no Method named VP",
    "mdm_bpd RUN --method Method()": "a base class, which leaves a method to others",
    "mdm_bpd RUN --method Flow(rtol=3)": "rtol = 3: give a tolerance from 1e-12 to 1",
    "mdm_bpd RUN --method Flow(most=0)": "most = 0",
    "mdm_bpd RUN --method Flow(start='point')": "start = 'point' with levels",
    "mdm_bpd RUN --method Weighted(K=0)": "K = 0",
    "mdm_sample RUN --eta 2": "eta = 2.0",
    "mdm_sample RUN --sampler magic": "choose one of ancestral, ddim, em",
    "mdm_sample RUN --sampler em --eta 0.5": "--eta 0.5 with --sampler em",
    "mdm_sample RUN --sampler DDIM(9) --steps 4": "--steps 4 with --sampler DDIM(9)",
    "mdm_sample RUN --sampler Linear()": "no Sampler named Linear",
    "mdm_sample RUN --sampler DPMSolver(twelve)": "twelve is no class: give a number",
    "mdm_sample RUN --sampler ode --grid snr": "grid = 'snr' with stops = 1, where it divides",
    "mdm_sample RUN --n 0": "--n = 0",
    "mdm_sample RUN --n 1000000000000": "from 1 to 100,000,000, and draw more with another --seed",
    "mdm_sample RUN --label 1": "knows of no classes",
    "mdm_sample RUN --label 1 --guidance nan": "--guidance nan: give a finite number",
    "mdm_sample RUN --grid 1,0.5,0": "--grid 1,0.5,0: choose one of uniform, quadratic, snr",
    "mdm_sample RUN --sampler DDIM(2,grid=[1,0.5,0.1])": "grid runs from 1 to 0.1",
    "mdm_sample RUN --inpaint . --mask .": "--inpaint . is a folder: name a picture file",
    "mdm_sample RUN --deblur '' --blur 1": "--deblur '': name a picture",
    "mdm_sample RUN --upscale nowhere.png": "--upscale nowhere.png is not there",
    "mdm_boomerang RUN RUN --label 1": "knows of no classes",
}


@pytest.mark.parametrize("line", REFUSED)
def test_refusals(
    run: Path, tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mdm_nb.data.sources.fetch", lambda source, root: "")  # no network
    before = sorted(run.rglob("*"))
    words = [word.replace("RUN", str(run)).strip("'") for word in line.split()]
    if words[0] == "mdm_sample": words += ["--out", str(tmp_path / "new.png")]
    assert REFUSED[line] in refused(*words)
    assert not list(tmp_path.iterdir()) and sorted(run.rglob("*")) == before


def test_refusals_of_a_run_that_is_there(run: Path) -> None:
    assert "already holds" in refused("mdm_train", *OPTIONS, "--out", run)
    wider = ("mdm_train", "--resume", "--width", "32", "--out", run)
    assert "width (8 then, 32 now)" in refused(*wider)
    for text, said in (({"WORLD_SIZE": "abc"}, "'abc'"), ({"WORLD_SIZE": "2"}, "RANK, LOCAL_RANK")):
        with pytest.MonkeyPatch.context() as m:
            for name, value in text.items(): m.setenv(name, value)
            assert said in refused("mdm_train", "--out", run / "new")
    with pytest.raises(InputError, match="leave the NUL out"): mdm_train(out="a\0b")
    with pytest.raises(InputError, match="File name too long"): mdm_bpd("a" * 300)
    with pytest.raises(InputError, match="without a NUL"): mdm_train(data="a\0b")


def test_a_place_that_cannot_be_written_to_is_refused_before_the_work(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    digit = tmp_path / "grey.png"
    digit.write_bytes(picture_file(torch.arange(64).view(1, 8, 8), 256))
    assert not call("mdm_compress", digit, "--run", run, "--steps", "2", "--out",
                    tmp_path / "a.mdm").returncode
    for name in ("sample", "boomerang", "compress", "decompress", "bpd"):
        monkeypatch.setattr(Diffusion, name, None)
    for words in (
        ("mdm_sample", run, "--out", "/proc/a.png"),
        ("mdm_boomerang", run, digit, "--out", "/proc/a"),
        ("mdm_compress", digit, "--run", run, "--out", "/proc/a.mdm"),
        ("mdm_decompress", tmp_path / "a.mdm", "--out", "/proc/a"),
        ("mdm_train", *OPTIONS, "--out", "/proc/a"),
    ):
        said = refused(*words)
        assert "/proc/a" in said and "choose another --out" in said and "space" not in said, said


@pytest.mark.parametrize("words", [
    ("mdm_sample", "--label", "1", "--guidance", "nan"), ("mdm_sample", "--label", "1"),
    ("mdm_sample", "--inpaint", ".", "--mask", "."), ("mdm_sample", "--seed", "-1"),
    ("mdm_boomerang", ".", "--label", "1"), ("mdm_boomerang", ".", "--steps", "0"),
    ("mdm_bpd", "--method", "flaw"), ("mdm_bpd", "--method", "Flow(tol=1e-3)"),
    ("mdm_bpd", "--method", "VP()"), ("mdm_bpd", "--method", "Profile()"),
    ("mdm_sample", "--sampler", "ddmi"),
    ("mdm_sample", "--sampler", "DDIM(20, 0.5)"), ("mdm_sample", "--sampler", "Heun("),
    ("mdm_sample", "--sampler", "heun", "--eta", "0"), ("mdm_sample", "--grid", "snrr"),
    ("mdm_boomerang", ".", "--sampler", "Flow(1e-3)"),
])
def test_what_can_be_known_is_said_before_torch_is_loaded(
    run: Path, words: tuple[str, ...],
) -> None:
    done = call(words[0], run, *words[1:])
    assert done.returncode and done.stderr.startswith("error: "), done


def test_a_text_that_is_no_call_is_answered_with_one_of_its_kind(run: Path) -> None:
    assert "such as Flow(1e-4)" in refused("mdm_bpd", run, "--method", "Flow(")
    assert "such as DDIM(20, eta=0.5)" in refused("mdm_sample", run, "--sampler", "DDIM(")
    assert restoration._GRIDS == GRIDS


def test_the_number_of_samples_may_be_short() -> None:
    """torchrun takes --n for one of its own, even behind the name of the command."""
    for short in ("-n 3", "-n3", "--n 3"): assert typed(f"mdm_sample run {short}")["n"] == 3


def test_other_askings_have_other_names() -> None:
    askings = ({}, {"sampler": "dpm"}, {"sampler": "DDIM(4, eta=0.5)"}, {"steps": 9}, {"eta": 0.5},
               {"eta": 0.0}, {"sampler": "ddim", "steps": 9, "grid": "snr"}, {"denoise": True})
    plain = [Drawing(seed=1, label=label, **asked) for asked in askings for label in (None, 9)]
    plain += [Drawing(seed=1, label=9, guidance=w) for w in (2.0, -2.0)]
    hole = {"inpaint": "a/one.png", "mask": "a/hole.png"}
    mendings = (hole, hole | {"inpaint": "two.png"}, hole | {"mask": "left.png"},
                hole | {"resample": 5},
                *({"upscale": "one.png", "noise": v} for v in (None, 2.0, 1e9, 1e-9)),
                *({"deblur": "one.png", "blur": blur} for blur in (1.0, 1.5)))
    names = [drawn_name(asked, "samples") for asked in plain]
    names += [drawn_name(plain[0], "samples", **Restoration(**m).words) for m in mendings]
    names += [drawn_name(plain[0], "samples", cascade=2, of="faces")]
    assert len(set(names)) == len(names) and names[0] == "samples_1"
    assert names[4] == "samples_1_DDIM-4-eta-0-5"
    assert all(re.fullmatch(r"samples_1[\w-]*", name) for name in names)
    assert "samples_1_inpaint_one_hole_resample-5" in names


def test_samples_are_not_overwritten_and_tell_how_they_were_drawn(
    run: Path, tmp_path: Path,
) -> None:
    picture = tmp_path / "few.png"
    few = ("mdm_sample", run, "--n", "3", "--sampler", "DDIM(4, eta=0.5)", "--out", picture)
    assert call(*few).returncode == 0
    how = json.loads(picture.with_suffix(".json").read_text())
    sampler, steps, eta = (how["sampler"][k] for k in ("name", "steps", "eta"))
    assert (sampler, steps, eta, how["n"], how["seed"]) == ("DDIM", 4, 0.5, 3, 0)
    model = Run(run).load_model()
    assert how["weights"] == hash_tensors(model.state_dict())
    drawn = np.load(picture.with_suffix(".npy"), allow_pickle=False)
    again = model.sample(how["n"], getattr(mdm_nb, sampler)(steps, eta=eta), how["seed"])
    assert np.array_equal(drawn, again.numpy())
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    assert "few.png is there already" in refused(*few)
    picture.unlink()
    assert "few.npy is there already" in refused(*few)
    assert "no Sampler named VP" in refused(*few[:4], "--sampler", "VP()", "--out", picture)
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} | {picture: before[picture]} == before
    network = []
    hook = model.network.register_forward_pre_hook(lambda net, y: network.append(len(y[0])))
    model.sample(1000, DDIM(1), progress=False)
    hook.remove()
    assert max(network) <= 256 and sum(network) == 1000


class Board(GeneralTracker):
    """A tracker that remembers."""
    name, requires_logging_directory = "board", False

    def __init__(self, *about: object, **options: object) -> None:
        super().__init__(_blank=True)
        self.told: list[object] = [about, options]

    def start(self) -> None:
        self.told.append("start")

    def store_init_configuration(self, values: dict) -> None:
        self.told.append(values["root"])

    def log(self, values: dict, step: int | None = None) -> None:
        self.told.append((step, "loss" in values))

    def finish(self) -> None:
        self.told.append("finish")


def test_what_is_not_wanted_is_left_out_and_files_of_options_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, other = tmp_path / "run", tmp_path / "other"
    boards = []
    def opened(*about: object, **options: object) -> Board:
        boards.append(Board(*about, **options))
        return boards[-1]
    monkeypatch.setattr("mdm_nb.runs.tracking.find_spec", lambda name: name)
    monkeypatch.setattr("mdm_nb.runs.tracking.TensorBoardTracker", opened)
    done = call("mdm_train", "--steps", "3", *OPTIONS, "--no-evaluate", "--no-samples",
                "--sample-every", "2", "--track", "tensorboard", "--out", out)
    assert done.returncode == 0 and f"mdm_bpd {out} does it" in done.stdout, done.stderr
    names = {p.name for p in out.iterdir()}
    assert not names & {"record.json", "card.md", "samples.png"}
    assert (out / "weights.safetensors").exists() and (out / "samples/00000002.png").exists()
    again = call("mdm_train", "--config", out / "config.json", "--steps", "2", "--out", other,
                 "--no-evaluate", "--no-samples", "--track", "none")
    assert again.returncode == 0, again.stderr
    assert Run(other).config == Run(out).config.replace(steps=2, track="none")
    [board] = boards
    start = [("board", out), {"purge_step": 1}, "start", "None"]
    assert board.told == [*start, (2, True), (3, True), "finish"]
    more = call("mdm_train", "--resume", "--steps", "4", "--out", out, "--no-evaluate")
    assert boards[-1].told[1] == {"purge_step": 4}
    assert "resuming from step 3 of 4" in more.stderr and (out / "samples.png").exists()
    assert (out / "samples/00000004.png").exists()
    old = json.loads((out / "config.json").read_text())
    for name in ("accumulate", "lr_decay", "sample_every", "track"): del old["config"][name]
    old["config"]["tensorboard"] = False
    (out / "config.json").write_text(json.dumps(old))
    assert Run(out).config.track == "none" and Run(out).config.accumulate == 1


class Full(io.StringIO):
    """A stream whose disk is full."""
    def fileno(self) -> int:
        return os.open(os.devnull, os.O_WRONLY)

    def flush(self) -> None:
        if self.getvalue(): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_number_that_cannot_be_printed_is_in_the_record(
    run: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ["mdm_bpd", str(run), "--times", "1", "--split", "valid", "--seed", "5"]
    monkeypatch.setattr(sys, "argv", words)
    with redirect_stdout(Full()), pytest.raises(SystemExit, match="cannot be written"): mdm_bpd()
    assert Run(run).record()[0]["evaluations"]["valid"]["seed"] == 5
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with redirect_stdout(narrow): mdm_bpd()
    narrow.flush()
    said = narrow.buffer.getvalue().decode("ascii")
    assert " ? " in said and "bits/dim" in said


def test_nothing_saved_is_harmed(run: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(run, tmp_path / "broken"))
    last = max((broken / "checkpoints").iterdir())
    for file in (last, broken / "weights.safetensors"): os.truncate(file, 1000)
    before = {p: p.read_bytes() for p in broken.rglob("*") if p.is_file()}
    said = refused("mdm_train", "--resume", "--steps", "40", "--out", broken)
    assert f"{last.name} is damaged or cut short" in said
    assert "weights.safetensors is damaged or cut short" in refused("mdm_bpd", broken)
    for out in ("x.npy", "none/x.png", "."):
        assert "name a .png file" in refused("mdm_sample", run, "--out", tmp_path / out)
    assert {p: p.read_bytes() for p in broken.rglob("*") if p.is_file()} == before


def signalled(sent: signal.Signals, out: Path, *args: str) -> Done:
    """Send a signal to an `mdm_train` in a copy of this process, soon after it wrote metrics."""
    def rows() -> int:
        file = out / "metrics.jsonl"
        return len(file.read_text().splitlines()) if file.exists() else 0
    said, late = out.with_name("said"), time.monotonic() + 60
    def work() -> int:
        done = call("mdm_train", *args, "--out", out, "--device", "cpu")
        said.write_text(done.stderr)
        return done.returncode
    before, pid = rows(), forked(work)
    while rows() <= before and time.monotonic() < late: time.sleep(0.01)
    assert "is being trained by another process" in refused("mdm_train", "--resume", "--out", out)
    os.kill(pid, sent)
    status = ended(pid)
    return Done(args, status, "", said.read_text() if said.exists() else "")


def test_stopped_and_killed_a_run_ends_as_the_undisturbed_one(
    run: Path, tmp_path: Path, ctrl_c: None,  # a run was made, so copies need not import anything
) -> None:
    """Signals end a training after its step, in a sentence; nothing that it learned is lost."""
    out, whole = tmp_path / "run", tmp_path / "whole"
    every = ["--valid-every", "5", "--checkpoint-every", "1000", "--keep", "1"]
    options = [*OPTIONS, *every, "--diffusion-steps", "2", "--data", str(pictures(tmp_path))]
    # so many steps that a signal minutes late finds it training all the same
    args, stopped_at = [*options, "--steps", "50000"], 0
    for sent, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        stopped = signalled(sent, out, *args)
        name = "Ctrl-C" if sent == signal.SIGINT else sent.name
        said = rf"stopped by {name}: step (\d+) is saved; carry on with mdm_train --resume --out"
        found = re.match(said, stopped.stderr.splitlines()[-1])
        assert stopped.returncode == status and found, stopped
        (last,) = Run(out).checkpoints()
        assert last.name == f"step-{int(found[1]):08d}.safetensors" and int(found[1]) > stopped_at
        stopped_at, args = int(found[1]), ["--resume"]
    assert signalled(signal.SIGKILL, out, *args).returncode == -signal.SIGKILL
    steps = ("--steps", str(stopped_at + 5))
    trained("--resume", *steps, "--out", out, "--device", "cpu")
    trained(*options, *steps, "--out", whole, "--device", "cpu")
    assert (out / "metrics.jsonl").read_bytes() == (whole / "metrics.jsonl").read_bytes()
    ours, theirs = (load_file(folder / "weights.safetensors") for folder in (out, whole))
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)
    assert {p.name for p in out.rglob("*")} == {p.name for p in whole.rglob("*")}
    assert steps_done(out) == steps_asked(out) == stopped_at + 5


LIGHT = """
import sys
tried = []
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name != "torch": return None
        tried.append(name)
        raise ImportError(name)
sys.meta_path.insert(0, Refused())
from mdm_nb.runs.cli import mdm_boomerang, mdm_bpd, mdm_classifier, mdm_data, mdm_sample, mdm_train
from mdm_nb.runs.cli import mdm_compress, mdm_decompress
for command in (mdm_boomerang, mdm_bpd, mdm_classifier, mdm_compress, mdm_data, mdm_decompress,
                mdm_sample, mdm_train):
    for words in (["--help"], ["--nonsense"], ["--steps", "x"]):
        sys.argv = [command.__name__, *words]
        try: command()
        except SystemExit: pass
for line in ("mdm_train --steps 0", "mdm_train --preset vdm", "mdm_train --resume --out nowhere",
             "mdm_train --device cpu:7", "mdm_bpd nowhere", "mdm_sample nowhere --n 3",
             "mdm_boomerang nowhere x", "mdm_boomerang nowhere x --snr 0", "mdm_decompress nowhere",
             "mdm_compress x --run nowhere --out y", "mdm_compress x y --run z"):
    sys.argv = line.split()
    try: globals()[sys.argv[0]]()
    except SystemExit as e: assert str(e).startswith("error: "), e
assert not tried and "torch" not in sys.modules
import mdm_nb
try: mdm_nb.Discretization
except ImportError: pass
assert tried == ["torch"]
"""


def test_help_and_refusals_need_no_torch() -> None:
    subprocess.run([sys.executable, "-c", LIGHT], check=True, timeout=120, capture_output=True)


def test_the_module_of_the_commands_says_which_there_are(capsys: pytest.CaptureFixture) -> None:
    run_command()
    listed = capsys.readouterr().out
    for name in ("train", "bpd", "sample", "classifier", "boomerang", "data"):
        assert f"mdm_{name} " in listed
    with pytest.raises(SystemExit, match="'mdm_dat' is no command"): run_command("mdm_dat")
    with pytest.MonkeyPatch.context() as m:
        m.setattr(sys, "argv", [])
        with pytest.raises(SystemExit, match="--times = 0"):
            run_command("mdm_bpd", "x", "--times", "0")


@pytest.mark.parametrize("idle", [{"encoder_width": 8}, {"noise": "diagonal"}])
def test_idle_options_of_a_new_run_are_refused(idle: dict, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing reads it"):
        begin(Config(**idle), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_process_of_several_leaves_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that has done its work waits for the others; one that fails does not."""
    waited = []
    monkeypatch.setattr("torch.distributed.is_initialized", lambda: True)
    monkeypatch.setattr("torch.distributed.barrier", lambda: waited.append(True))
    @command()
    def lone(fail: bool = False) -> None:
        if fail: raise InputError("that is how it is")
    monkeypatch.setattr("sys.argv", ["lone"])
    lone()
    assert len(waited) == 1
    monkeypatch.setattr("sys.argv", ["lone", "--fail"])
    with pytest.raises(SystemExit, match="that is how it is"): lone()
    assert len(waited) == 1
