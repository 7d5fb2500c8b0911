"""Training: a resumed run equals the uninterrupted one, bit for bit; what goes wrong is said."""
import errno
import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY
from faults import pictures
from safetensors.torch import load_file

from mdm_nb.data.data import ImageData
from mdm_nb.gaussians.core import InputError, seeded
from mdm_nb.models.model import Diffusion
from mdm_nb.runs import train as train_module
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.evaluate import evaluate, judge
from mdm_nb.runs.run import Run
from mdm_nb.runs.start import begin, carry_on, make_accelerator
from mdm_nb.runs.steps import ema_with_warmup, make_optimizer
from mdm_nb.runs.train import fit, step_seed, train

pytestmark = pytest.mark.usefixtures("short_walks")


class Killed(Exception):
    """Stands for the power cut."""


def fitted(run: Run, data: ImageData) -> Diffusion:
    """Train, and judge nothing."""
    model, _ = fit(run, data, make_accelerator(torch.device("cpu")), progress=False)
    return model


def killed_after(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make training die when it has taken `step` steps."""
    whole = train_module.train_step
    def dying(*args: object) -> tuple[torch.Tensor, torch.Tensor]:
        if args[4] > step: raise Killed
        return whole(*args)
    monkeypatch.setattr(train_module, "train_step", dying)


def assert_same_tensors(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    """Two files hold the same, to the last bit."""
    assert a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def assert_same_run(a: Run, b: Run) -> None:
    """Weights, checkpoints and metrics agree to the last bit."""
    assert (a.path / "metrics.jsonl").read_text() == (b.path / "metrics.jsonl").read_text()
    for name in ("weights.safetensors", f"checkpoints/{a.checkpoints()[-1].name}"):
        assert_same_tensors(load_file(a.path / name), load_file(b.path / name))


RESUMED = [
    {},
    {"schedule": "monotone", "dropout": 0.1, "encoder": "unet", "encoder_width": 8,
     "encoder_levels": 1, "ends": 0.5},
    {"schedule": "learned", "diffusion_steps": 10, "free_variance": True, "clip": None},
    {"process": "mdm", "schedule": "learned", "process_lr": 1e-2},
    {"labels": True, "label_dropout": 0.3},
]


@pytest.mark.parametrize("options", RESUMED, ids=str)
def test_resume_is_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict,
) -> None:
    often = {"valid_every": 2, "checkpoint_every": 2, "valid_examples": 4, "batch_size": 8}
    short = TINY | options | often
    whole, data = begin(Config(**short, steps=8), tmp_path / "whole")
    one = fitted(whole, data)
    half, _ = begin(Config(**short, steps=4), tmp_path / "half")
    fitted(half, data)
    again, _ = carry_on(tmp_path / "half", {"steps": 8})
    with monkeypatch.context() as m, pytest.raises(Killed):
        killed_after(7, m)
        fitted(again, data)
    assert again.metrics()[-1]["step"] == 6
    final, data_2 = carry_on(tmp_path / "half", {"steps": 8})
    two = fitted(final, data_2)
    assert_same_run(whole, final)
    a, b = (evaluate(model, data.test[:4], times=1, progress=False) for model in (one, two))
    assert torch.equal(a.total, b.total)


def test_a_run_that_died_before_its_first_checkpoint_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, data = begin(Config(**TINY, steps=8), tmp_path / "whole")
    fitted(whole, data)
    run, _ = begin(Config(**TINY, steps=8), tmp_path / "run")
    with monkeypatch.context() as m, pytest.raises(Killed):
        killed_after(2, m)
        fitted(run, data)
    again, _ = carry_on(run.path)
    fitted(again, data)
    assert_same_run(whole, again)


def test_weights_that_were_lost_are_written_again_without_a_step(tmp_path: Path) -> None:
    run, data = begin(Config(**TINY, steps=4), tmp_path / "run")
    fitted(run, data)
    file = run.path / "weights.safetensors"
    before = load_file(file)
    file.unlink()
    fitted(*carry_on(run.path))
    assert_same_tensors(before, load_file(file))


def test_fewer_images_than_a_batch_are_one_batch(tmp_path: Path) -> None:
    made = seeded(0)
    parts = {k: torch.randint(17, (n, 8, 8), generator=made, dtype=torch.uint8).numpy()
             for k, n in {"train": 20, "valid": 4, "test": 4}.items()}
    np.savez(tmp_path / "few.npz", **parts, levels=17)
    found = []
    for size in (20, 64):
        options = TINY | {"batch_size": size, "steps": 3, "data": str(tmp_path / "few.npz")}
        run, data = begin(Config(**options), tmp_path / str(size))
        fitted(run, data)
        found.append(load_file(run.path / "weights.safetensors"))
    assert_same_tensors(*found)


@pytest.mark.parametrize("valid, test", [(1, 9), (2, 1)])
def test_too_few_images_for_an_error_bar_are_refused_before_training(
    tmp_path: Path, valid: int, test: int,
) -> None:
    counts = {"train": 9, "valid": valid, "test": test}
    parts = {k: np.zeros((n, 8, 8), np.uint8) for k, n in counts.items()}
    np.savez(tmp_path / "few.npz", **parts, levels=17)
    with pytest.raises(InputError, match="too few for a standard error: give two of each"):
        begin(Config(**TINY, data=str(tmp_path / "few.npz")), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_full_disk_during_training_leaves_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, data = begin(Config(**TINY, steps=16), tmp_path / "run")
    sync, done = os.fsync, []
    def full(handle: int) -> None:
        done.append(handle)
        if len(done) > 4: raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)
    said = pytest.raises(InputError, match="cannot write .*No space left .*free some space")
    with monkeypatch.context() as m, said:
        m.setattr(os, "fsync", full)
        fitted(run, data)
    assert 0 < len(run.checkpoints()) == len(list(run.path.rglob("*step-*")))
    assert run.load_model() and run.load_checkpoint()[0] in (4, 8)


def test_an_interrupted_run_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, data = begin(Config(**TINY, steps=16), tmp_path / "run")
    with monkeypatch.context() as m, pytest.raises(Killed):
        killed_after(6, m)
        fitted(run, data)
    with open(run.path / "metrics.jsonl", "a") as f: f.write('{"step": 6, "lo')
    assert [r["step"] for r in run.metrics()] == [4]
    assert Run(run.path).load_model().bpd(data.test[:20], progress=False).bpd > 0


def test_the_run_folder_is_whole(tmp_path: Path) -> None:
    run, data = begin(Config(**TINY, data=str(pictures(tmp_path)), steps=8), tmp_path / "run")
    result = train(run, data, "cpu", progress=False)
    names = {"config.json", "metrics.jsonl", "weights.safetensors", "checkpoints", "samples.png",
             "curves.png", "card.md", "record.json"}
    assert {p.name for p in run.path.iterdir()} == names
    card = (run.path / "card.md").read_text()
    facts = (data.fingerprint, f"{result.bpd:.4f}", torch.__version__, "per-pixel histogram",
             "10 draws per example")
    for fact in facts: assert fact in card
    kept = [run.path / name for name in ("weights.safetensors", "metrics.jsonl")]
    before = {p: p.read_bytes() for p in (*kept, *run.checkpoints())}
    again = judge(run, Run(run.path).load_model(), data, progress=False)
    assert torch.equal(again.total, result.total) and {p.name for p in run.path.iterdir()} == names
    assert all(p.read_bytes() == content for p, content in before.items())


def test_only_the_last_checkpoints_are_kept(tmp_path: Path) -> None:
    run, data = begin(Config(**TINY, steps=16, keep=1), tmp_path / "run")
    fitted(run, data)
    assert [p.name for p in run.checkpoints()] == ["step-00000016.safetensors"]


def test_nan_is_reported_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, data = begin(Config(**TINY, steps=8), tmp_path / "run")
    fitted(run, data)
    before = {p: p.read_bytes() for p in [*run.checkpoints(), run.path / "weights.safetensors"]}
    def reckless(model: Diffusion, config: Config) -> torch.optim.AdamW:
        return make_optimizer(model, config.replace(lr=1e30))
    monkeypatch.setattr(train_module, "make_optimizer", reckless)
    broken, data = carry_on(run.path, {"steps": 40})
    said = ("the loss is .* gradient's norm .* smaller --lr .*"
            "step-00000008.safetensors is from before and unharmed")
    with pytest.raises(InputError, match=said):
        fitted(broken, data)
    assert all(p.read_bytes() == content for p, content in before.items())


def test_changed_configuration_is_refused(tmp_path: Path) -> None:
    run, data = begin(Config(**TINY, steps=4), tmp_path / "run")
    fitted(run, data)
    with pytest.raises(InputError, match=r"lr \(0.002 then, 0.1 now\)"):
        carry_on(run.path, {"lr": 0.1})
    with pytest.raises(InputError, match="4 steps already"): carry_on(run.path, {"steps": 2})
    record = json.loads((run.path / "config.json").read_text())
    record["data"]["fingerprint"] = "0" * 64
    (run.path / "config.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="fingerprint"): carry_on(run.path)


def test_average_is_the_formula() -> None:
    average, want = [torch.zeros(2)], torch.zeros(2)
    for n in range(1, 40):
        current = torch.full((2,), float(n))
        d = min(0.7, (1 + n) / (10 + n))
        want = d * want + (1 - d) * current
        ema_with_warmup(0.7)(average, [current], torch.tensor(n))
    assert torch.allclose(average[0], want)


DECAYING = [
    {"schedule": "monotone"},
    {"process": "mdm", "aux": 2, "process_lr": 1e-4},
    {"process": "cld"},
    {"process": "mdm", "encoder": "unet", "diffusion_steps": 4, "free_variance": True,
     "process_lr": 1e-4},
]


@pytest.mark.parametrize("options", DECAYING, ids=str)
def test_what_decays(options: dict) -> None:
    config = Config(width=8, blocks=1, **options)
    model = make_model(config, 17, (1, 8, 8))
    decayed, free, *process = make_optimizer(model, config).param_groups
    def ids(parameters: Iterable[torch.nn.Parameter]) -> set[int]:
        return {id(p) for p in parameters}
    assert all(p.ndim > 1 for p in decayed["params"])
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.01, 0.0)
    found = [id(p) for g in (decayed, free, *process) for p in g["params"]]
    assert sorted(found) == sorted(map(id, model.parameters()))
    rest = ids(model.parameters()) - ids(model.network.parameters())
    if "encoder" in options:
        encoder = list(model.process.encoder.parameters())
        rest -= ids(encoder)
        assert ids(p for p in encoder if p.ndim > 1) < ids(decayed["params"])
        assert ids(p for p in encoder if p.ndim <= 1) < ids(free["params"])
        assert id(model.log_ratio) in rest
    assert ids(p for g in process for p in g["params"]) == rest
    for g in process:
        assert g["weight_decay"] == 0.0 and g["peak"] == (config.process_lr or config.lr)


def test_step_seeds_differ() -> None:
    seeds = {step_seed(s, i, r) for s in range(3) for i in range(500) for r in range(4)}
    assert len(seeds) == 3 * 500 * 4
