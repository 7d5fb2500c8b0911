"""The commands, as a shell runs them: mostly inside this process, which spares the start of another, and in one of their own where that matters."""
import io
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from inspect import unwrap
from pathlib import Path

import numpy as np
import pytest
from accelerate.state import AcceleratorState, GradientState
from conftest import TINY

from mdm_nb.gaussians.core import InputError
from mdm_nb.runs.cli import given
from mdm_nb.runs.config import Config
from mdm_nb.runs.run import Run
from mdm_nb.samplers.sample import Ancestral

OPTIONS = [word for name, value in TINY.items() for word in (f"--{name.replace('_', '-')}", str(value))]
SCRIPTS = Path(sys.executable).parent
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # as conftest has it here, so that sums agree to the last bit
Done = subprocess.CompletedProcess


def process(*args: str | Path) -> Done:
    """Run one of the installed commands in a process of its own."""
    return subprocess.run([SCRIPTS / args[0], *args[1:]], check=False, capture_output=True, text=True, timeout=300, env=os.environ | ONE_THREAD)


def forget_devices() -> None:
    """Let accelerate choose a device and a precision anew, as it does in a new process."""
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()


def call(*args: str | Path) -> Done:
    """Run the script of an installed command as `process` does, but here; what would be a traceback there is raised."""
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
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0 and len(lines) == 1 and lines[0].startswith("error: "), done
    return lines[0]


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
    out = tmp_path_factory.mktemp("cli") / "run"
    trained("--steps", "4", *OPTIONS, "--out", out)
    return out


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Hear SIGINT here and in the processes started from here: a shell makes its background jobs, and so all their children, deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def assert_evaluates_and_samples(run: Path, how: Callable[..., Done]) -> None:
    """The two commands that use a trained run do, and leave what they should."""
    bpd = how("mdm_bpd", run, "--times", "1", "--split", "valid")
    assert bpd.returncode == 0 and "±" in bpd.stdout, bpd.stderr
    record = json.loads((run / "bpd_valid.json").read_text())
    assert record["unit"] == "bits/dim" and record["total"][0] > 0 and "n = 200" in record["protocol"]
    sample = how("mdm_sample", run, "--n", "4", "--steps", "3", "--eta", "0")
    assert sample.returncode == 0, sample.stderr
    levels = np.load(run / "samples_0.npy", allow_pickle=False)
    assert levels.shape == (4, 1, 8, 8) and levels.dtype == np.uint8 and levels.max() <= 16 and (run / "samples_0.png").stat().st_size > 0


def test_resume_evaluate_and_sample(run: Path) -> None:
    trained("--resume", "--steps", "8", "--out", run)
    assert steps_done(run) == steps_asked(run) == 8
    assert_evaluates_and_samples(run, call)


def test_presets_and_variances_of_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options beside a preset win, on resuming too; the samples are drawn with what was learned."""
    out, small = tmp_path / "run", ("--preset", "diffenc-small-nt", "--width", "8")
    options = [w for name, value in TINY.items() if name not in ("width", "blocks") for w in (f"--{name.replace('_', '-')}", str(value))]
    trained(*small, *options, "--steps", "2", "--diffusion-steps", "3", "--free-variance", "--out", out)
    config = Run(out).config
    assert (config.encoder, config.width, config.blocks, config.free_variance) == ("fixed", 8, 1, True)
    assert "width (8 then, 16 now)" in refused("mdm_train", "--resume", "--preset", "diffenc-small-nt", "--out", out)
    assert "2 steps already" in refused("mdm_train", "--resume", *small, "--steps", "1", "--out", out)  # as far as one can go without training
    assert "preset = 'vdm-16': choose one of" in refused("mdm_train", "--preset", "vdm-16", "--out", tmp_path / "a") and not (tmp_path / "a").exists()
    seen = []
    monkeypatch.setattr("mdm_nb.models.model.Ancestral", lambda *args, **kwargs: seen.append(kwargs["log_ratio"]) or Ancestral(*args, **kwargs))
    for steps in ([], ["--steps", "2"]): assert call("mdm_sample", out, "--n", "2", *steps).returncode == 0
    assert [len(r) for r in seen] == [3]


def test_a_typed_option_is_no_prefix_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """--encoder leaves --encoder-width to the preset, while --encoder-w is short for it."""
    monkeypatch.setattr("mdm_nb.runs.cli.is_cli", lambda func: True)
    monkeypatch.setattr(sys, "argv", ["mdm_train", "--encoder", "unet", "--encoder-w", "16", "--process=vp", "--out", "x"])
    assert given(vars(Config(encoder="unet"))) == {"encoder": "unet", "encoder_width": 16, "process": "vp"}


def test_data_lists_the_sets() -> None:
    done = call("mdm_data")
    assert done.returncode == 0
    for name in ("digits", "fashion_mnist", "mnist", "cifar10", "imagenet32"): assert name in done.stdout
    assert "fingerprint" in call("mdm_data", "--name", "digits").stdout


def test_a_refusal_in_a_process_of_its_own(tmp_path: Path) -> None:
    there, here = (f("mdm_train", "--data", "digit", "--out", tmp_path / "a") for f in (process, call))
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr) == (1, "", there.stderr)
    assert "digits" in refused(how=lambda: there) and "Traceback" not in there.stderr and not (tmp_path / "a").exists()


def test_refusals(run: Path, tmp_path: Path) -> None:
    assert "digits" in refused("mdm_train", "--data", "digit", "--out", tmp_path / "a") and not (tmp_path / "a").exists()
    assert "already holds" in refused("mdm_train", *OPTIONS, "--out", run)
    assert "--resume needs --out" in refused("mdm_train", "--resume")
    assert "width (8 then, 32 now)" in refused("mdm_train", "--resume", "--width", "32", "--out", run)
    assert "schedule = 'steep'" in refused("mdm_train", "--schedule", "steep", "--out", tmp_path / "a")
    assert "not a device" in refused("mdm_train", "--device", "abacus", "--out", tmp_path / "a")
    assert "not a run folder" in refused("mdm_bpd", tmp_path)
    assert "choose train, valid or test" in refused("mdm_bpd", run, "--split", "all")
    assert "eta = 2.0" in refused("mdm_sample", run, "--eta", "2")
    assert not (tmp_path / "a").exists()


def test_nothing_saved_is_harmed(run: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(run, tmp_path / "broken"))
    last = max((broken / "checkpoints").iterdir())
    for file in (last, broken / "weights.safetensors"): os.truncate(file, 1000)
    before = {p: p.read_bytes() for p in broken.rglob("*") if p.is_file()}
    assert f"{last.name} is damaged or cut short" in refused("mdm_train", "--resume", "--steps", "40", "--out", broken)
    assert "weights.safetensors is damaged or cut short" in refused("mdm_bpd", broken)
    assert "--times 0" in refused("mdm_bpd", run, "--times", "0")
    assert "n = 0" in refused("mdm_sample", run, "--n", "0")
    for out in ("x.npy", "none/x.png", "."): assert "name a .png file" in refused("mdm_sample", run, "--out", tmp_path / out)
    assert {p: p.read_bytes() for p in broken.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("option", [{"width": None}, {"lr": "fast"}, {"data": 5}, {"root": 3}, {"gamma_1": "x"}], ids=str)
def test_options_of_a_wrong_type_are_refused(option: dict) -> None:
    bare = unwrap(Config.__init__)  # the tests enforce annotations, which would refuse first
    assert bare is not Config.__init__
    with pytest.raises(InputError, match=f"^{next(iter(option))} = "): bare(object.__new__(Config), **option)


def signalled(sent: signal.Signals, out: Path, *args: str) -> Done:
    """Send a signal to an `mdm_train` in a process of its own once it has written another checkpoint to `out` and gone on from there."""
    saved = lambda: set((out / "checkpoints").glob("step-*"))
    before, command, late = saved(), [SCRIPTS / "mdm_train", *args, "--out", out], time.monotonic() + 200
    due = lambda: saved() - before and steps_done(out) % 20  # checkpoints are made at multiples of 20
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD) as training:
        try:
            while training.poll() is None and not due() and time.monotonic() < late: time.sleep(0.01)
            training.send_signal(sent)
            said = training.communicate(timeout=100)
        finally: training.kill()
    return Done(command, training.returncode, *said)


def test_interrupted_and_killed_a_run_ends_as_the_uninterrupted_one(tmp_path: Path, ctrl_c: None) -> None:
    out, whole = tmp_path / "run", tmp_path / "whole"
    options = [*OPTIONS, "--valid-every", "20", "--checkpoint-every", "20", "--diffusion-steps", "2", "--device", "cpu"]
    far = 50_000  # so many steps that a signal which comes minutes late finds it training all the same
    stopped = signalled(signal.SIGINT, out, *options, "--steps", str(far))
    assert stopped.returncode == 1 and stopped.stderr.splitlines()[-1].startswith("stopped: what was saved is whole"), stopped
    killed = signalled(signal.SIGKILL, out, "--resume", "--device", "cpu")
    assert killed.returncode == -signal.SIGKILL and steps_asked(out) == far, killed
    steps = max(int(p.stem.removeprefix("step-")) for p in (out / "checkpoints").iterdir() if p.name.startswith("step-")) + 20
    trained("--resume", "--steps", str(steps), "--out", out, "--device", "cpu", how=process)
    trained(*options, "--steps", str(steps), "--out", whole)
    for file in ("weights.safetensors", "metrics.jsonl"): assert (out / file).read_bytes() == (whole / file).read_bytes()
    assert steps_done(out) == steps_asked(out) == steps
    assert_evaluates_and_samples(out, process)


def test_import_is_light() -> None:
    code = "import sys, mdm_nb; assert 'torch' not in sys.modules; mdm_nb.Discretization; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
