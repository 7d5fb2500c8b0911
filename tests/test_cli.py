"""The commands, as a shell runs them."""
import json
import os
import subprocess
import sys
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


def test_import_is_light() -> None:
    code = "import sys, mdm_nb; assert 'torch' not in sys.modules; mdm_nb.Discretization; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
