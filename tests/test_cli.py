"""The commands, as a shell runs them."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

TINY = ["--width", "8", "--blocks", "1", "--batch-size", "16", "--valid-every", "4", "--checkpoint-every", "4", "--valid-examples", "20"]


def call(*args: str) -> subprocess.CompletedProcess:
    """Run one of the installed commands on a single thread."""
    command = Path(sys.executable).with_name(args[0])
    return subprocess.run([command, *args[1:]], check=False, capture_output=True, text=True, timeout=300, env=os.environ | {"OMP_NUM_THREADS": "1"})


def refused(*args: str) -> str:
    """Run a command that must fail with one sentence, and return that sentence."""
    done = call(*args)
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0 and len(lines) == 1 and lines[0].startswith("error: "), done
    return lines[0]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "run"
    done = call("mdm_train", "--steps", "4", *TINY, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "per-pixel histogram" in done.stdout and "this model" in done.stdout
    return out


def test_resume_evaluate_and_sample(run: Path) -> None:
    more = call("mdm_train", "--resume", "--steps", "8", "--out", str(run))
    assert more.returncode == 0, more.stderr
    assert json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["step"] == 8
    assert json.loads((run / "config.json").read_text())["config"]["steps"] == 8
    bpd = call("mdm_bpd", str(run), "--times", "1", "--split", "valid")
    assert bpd.returncode == 0 and "±" in bpd.stdout, bpd.stderr
    record = json.loads((run / "bpd_valid.json").read_text())
    assert record["unit"] == "bits/dim" and record["total"][0] > 0 and "n = 200" in record["protocol"]
    sample = call("mdm_sample", str(run), "--n", "4", "--steps", "3", "--eta", "0")
    assert sample.returncode == 0, sample.stderr
    levels = np.load(run / "samples_0.npy", allow_pickle=False)
    assert levels.shape == (4, 1, 8, 8) and levels.dtype == np.uint8 and levels.max() <= 16 and (run / "samples_0.png").stat().st_size > 0


def test_data_lists_the_sets() -> None:
    done = call("mdm_data")
    assert done.returncode == 0
    for name in ("digits", "fashion_mnist", "mnist", "cifar10", "imagenet32"): assert name in done.stdout
    assert "fingerprint" in call("mdm_data", "--name", "digits").stdout


def test_refusals(run: Path, tmp_path: Path) -> None:
    assert "digits" in refused("mdm_train", "--data", "digit", "--out", str(tmp_path / "a")) and not (tmp_path / "a").exists()
    assert "already holds" in refused("mdm_train", *TINY, "--out", str(run))
    assert "--resume needs --out" in refused("mdm_train", "--resume")
    assert "width (8 then, 32 now)" in refused("mdm_train", "--resume", "--width", "32", "--out", str(run))
    assert "schedule = 'steep'" in refused("mdm_train", "--schedule", "steep", "--out", str(tmp_path / "a"))
    assert "not a device" in refused("mdm_train", "--device", "abacus", "--out", str(tmp_path / "a"))
    assert "not a run folder" in refused("mdm_bpd", str(tmp_path))
    assert "choose train, valid or test" in refused("mdm_bpd", str(run), "--split", "all")
    assert "eta = 2.0" in refused("mdm_sample", str(run), "--eta", "2")
    assert not (tmp_path / "a").exists()


def test_nothing_saved_is_harmed(run: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(run, tmp_path / "broken"))
    last = max((broken / "checkpoints").iterdir())
    for file in (last, broken / "weights.safetensors"): os.truncate(file, 1000)
    before = {p: p.read_bytes() for p in broken.rglob("*") if p.is_file()}
    assert f"{last.name} is damaged or cut short" in refused("mdm_train", "--resume", "--steps", "40", "--out", str(broken))
    assert "weights.safetensors is damaged or cut short" in refused("mdm_bpd", str(broken))
    assert "--times 0" in refused("mdm_bpd", str(run), "--times", "0")
    assert "n = 0" in refused("mdm_sample", str(run), "--n", "0")
    for out in ("x.npy", "none/x.png", "."): assert "name a .png file" in refused("mdm_sample", str(run), "--out", str(tmp_path / out))
    assert {p: p.read_bytes() for p in broken.rglob("*") if p.is_file()} == before


def test_options_of_a_wrong_type_are_refused() -> None:
    code = """
from mdm_nb.config import Config, InputError
for option in ({"width": None}, {"lr": "fast"}, {"data": 5}, {"root": 3}, {"gamma_1": "x"}):
    try: Config(**option)
    except InputError as e: assert str(e).startswith(f"{next(iter(option))} = ")
    else: raise AssertionError(option)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)  # a process of its own: here annotations are enforced first


def test_interrupted_and_killed_runs_end_as_the_uninterrupted_one(tmp_path: Path) -> None:
    options = ["--steps", "60", *TINY, "--valid-every", "20", "--checkpoint-every", "20", "--diffusion-steps", "2", "--device", "cpu"]
    assert call("mdm_train", *options, "--out", str(tmp_path / "whole")).returncode == 0
    for name, sent in (("stopped", signal.SIGINT), ("killed", signal.SIGKILL)):
        out, command = tmp_path / name, Path(sys.executable).with_name("mdm_train")
        with subprocess.Popen([command, *options, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=os.environ | {"OMP_NUM_THREADS": "1"}) as process:
            while process.poll() is None and not any((out / "checkpoints").glob("step-*")): time.sleep(0.01)
            process.send_signal(sent)
            said = process.communicate(timeout=100)[1]
        assert process.returncode != 0 and (sent == signal.SIGKILL or said.splitlines()[-1].startswith("stopped: what was saved is whole"))
        done = call("mdm_train", "--resume", "--out", str(out), "--device", "cpu")
        assert done.returncode == 0, done.stderr
        for file in ("weights.safetensors", "metrics.jsonl"): assert (out / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_import_is_light() -> None:
    code = "import sys, mdm_nb; assert 'torch' not in sys.modules; mdm_nb.Discretization; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
