"""Run folders: written whole or not at all, and read only when they are sound."""
import errno
import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import torch

from mdm_nb.data.data import ImageData, load
from mdm_nb.gaussians.core import InputError
from mdm_nb.runs.config import make_model
from mdm_nb.runs.files import (
    check_writable,
    hash_tensors,
    read_tensors,
    write_atomic,
    write_tensors,
)
from mdm_nb.runs.folder import FORMAT
from mdm_nb.runs.options import Config
from mdm_nb.runs.pretrained import PRETRAINED, load_pretrained, pretrained_run
from mdm_nb.runs.run import Run, create_run
from mdm_nb.runs.start import carry_on

TINY = Config(width=8, blocks=1, keep=2)


@pytest.fixture(scope="module")
def data() -> ImageData:
    return load("digits")


@pytest.fixture
def run(tmp_path: Path, data: ImageData) -> Run:
    run = create_run(tmp_path / "run", TINY, data)
    for step in (1, 2): run.save_checkpoint(step, {"a": torch.full((3,), float(step))}, 0.5 * step)
    run.save_weights(make_model(TINY, data.levels, data.shape), step=2, seconds=1.0)
    return run


def edit(run: Run, **changes: object) -> None:
    """Change what config.json says."""
    file = run.path / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_config_round_trip(run: Run) -> None:
    again = Run(run.path)
    assert vars(again.config) == vars(TINY)
    assert again.data["levels"] == 17 and again.data["shape"] == [1, 8, 8]


@pytest.mark.parametrize(("option", "value"), [
    ("steps", 0), ("batch_size", True), ("lr", float("inf")), ("gamma_1", float("nan")),
    ("batch_size", -1), ("lr", 0.0), ("lr", float("nan")), ("ema", 1.0), ("dropout", -0.1),
    ("gamma_0", -1000.0), ("parameterisation", "u"), ("precision", "fp8"), ("diffusion_steps", 0),
])
def test_config_limits(option: str, value: object) -> None:
    with pytest.raises(InputError, match=f"^{option} = .*: (give|choose)"):
        Config(**{option: value})


def test_make_model_follows_from_the_seed_alone() -> None:
    first, torch_state = make_model(TINY, 17, (1, 8, 8)), torch.get_rng_state()
    again = make_model(TINY, 17, (1, 8, 8))
    other = make_model(TINY.replace(seed=1), 17, (1, 8, 8))
    weights = [hash_tensors(m.state_dict()) for m in (first, again, other)]
    assert weights[0] == weights[1] != weights[2]
    assert torch.equal(torch_state, torch.get_rng_state())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int,
) -> None:
    file = tmp_path / "a.txt"
    write_atomic(file, "old")
    def failing(handle: int) -> None: raise OSError(code, os.strerror(code))
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(InputError, match="cannot write .*a.txt.*untouched"):
        write_atomic(file, "new")
    assert file.read_text() == "old" and list(tmp_path.iterdir()) == [file]


def test_where_nothing_can_be_written_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where removing fails for the same reason; and free space is no remedy for it."""
    def fail(*_: object, **__: object) -> None: raise OSError(errno.EROFS, "Read-only file system")
    monkeypatch.setattr(os, "open", fail)
    monkeypatch.setattr(Path, "unlink", fail)
    for attempt in (lambda file: write_atomic(file, "new"), check_writable):
        with pytest.raises(InputError, match="Read-only file system; make its folder one"):
            attempt(tmp_path / "a.txt")
    monkeypatch.undo()
    check_writable(tmp_path / "a.txt")
    with pytest.raises(InputError, match="too long"): check_writable(tmp_path / ("a" * 300))
    assert not list(tmp_path.iterdir())


def test_no_space_and_no_folder(
    tmp_path: Path, data: ImageData, monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("x")
    said = "cannot make the run folder|already holds"
    with pytest.raises(InputError, match=said): create_run(tmp_path / "file" / "run", TINY, data)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 0))
    with pytest.raises(InputError, match="0.0 MiB are free"):
        create_run(tmp_path / "run", TINY, data)


def test_no_permission(
    tmp_path: Path, data: ImageData, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(InputError, match="Permission denied; choose another --out"):
        create_run(tmp_path / "run", TINY, data)


def test_an_old_run_is_not_overwritten(run: Run, data: ImageData) -> None:
    with pytest.raises(InputError, match="already holds something: add --resume"):
        create_run(run.path, TINY, data)


def test_not_a_run_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no config.json"): Run(tmp_path)


DAMAGED = ["{", "[]", "{}", '{"format": 1}', '{"format": 1, "config": []}',
           '{"format": 1, "config": {}, "data": 5}', "\udcff"]


@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_config(run: Run, content: str) -> None:
    (run.path / "config.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match="config.json is damaged"): Run(run.path)


@pytest.mark.parametrize("option", [{"width": 0}, {"steps": -1}, {"gamma_1": 1e9}])
def test_a_damaged_option_is_named_with_its_file(run: Run, option: dict) -> None:
    edit(run, config=vars(TINY) | option)
    name = next(iter(option))
    with pytest.raises(InputError, match=f"config.json is damaged .{name} = .*restore it"):
        Run(run.path)


@pytest.mark.parametrize("fact", [{"levels": "many"}, {"shape": [1, 8]}, {"fingerprint": None}])
def test_a_damaged_record_of_the_data_is_named(run: Run, fact: dict) -> None:
    edit(run, data=run.data | fact)
    name = next(iter(fact))
    with pytest.raises(InputError, match=f"config.json is damaged .the {name} of the data"):
        Run(run.path)


def test_run_from_another_version(run: Run) -> None:
    edit(run, format=FORMAT + 1, version="9.9")
    with pytest.raises(InputError, match=r"written by mdm_nb 9.9 .* install mdm_nb==9.9"):
        Run(run.path)
    edit(run, format=FORMAT, config=vars(TINY) | {"warp": 1})
    with pytest.raises(InputError, match="written by mdm_nb"): Run(run.path)


def test_checkpoint_cut_short(run: Run) -> None:
    file = run.checkpoints()[-1]
    file.write_bytes(file.read_bytes()[:40])
    said = "step-00000002.safetensors is damaged or cut short .*delete it"
    with pytest.raises(InputError, match=said): run.load_checkpoint()
    file.unlink()
    step, seconds, tensors = run.load_checkpoint()
    assert (step, seconds) == (1, 0.5) and torch.equal(tensors["a"], torch.ones(3))


def test_missing_weights_and_checkpoints(run: Run) -> None:
    (run.path / "weights.safetensors").unlink()
    with pytest.raises(InputError, match="weights.safetensors is missing"): run.load_model()
    for file in run.checkpoints(): file.unlink()
    with pytest.raises(InputError, match="no checkpoint: mdm_train --resume"):
        run.load_checkpoint()


def test_weights_of_another_shape(run: Run) -> None:
    edit(run, config=vars(TINY.replace(width=16)))
    with pytest.raises(InputError, match=r"config.json was changed .*width = 16 where it was 8"):
        Run(run.path).load_model()
    write_tensors(run.path / "weights.safetensors", {"a": torch.ones(2)}, {})
    with pytest.raises(InputError, match="do not fit its config.json"): Run(run.path).load_model()


def test_a_pickle_is_never_opened(run: Run, tmp_path: Path) -> None:
    torch.save({"a": torch.ones(3)}, run.path / "weights.safetensors")
    with pytest.raises(InputError, match="damaged"): read_tensors(run.path / "weights.safetensors")


def test_rewind_forgets_what_came_after(run: Run) -> None:
    for step in range(1, 6): run.log({"step": step, "loss": 1 / 3})
    run.rewind(3)
    assert [r["step"] for r in run.metrics()] == [1, 2, 3] and run.metrics()[0]["loss"] == 1 / 3


def test_a_model_of_the_package_loads_where_a_device_is(tmp_path: Path) -> None:
    for name in PRETRAINED: assert not load_pretrained(name).training
    for device in ("abacus", "cuda:99"):
        with pytest.raises(InputError, match=f"device = '{device}'"):
            load_pretrained("digits", device)


def test_weights_without_a_checkpoint_are_not_trained_over(tmp_path: Path) -> None:
    """A copy of a finished run, as of one in the package: --resume began at step 0 and lost it."""
    copy = tmp_path / "copy"
    shutil.copytree(pretrained_run("digits").path, copy)
    before = (copy / "weights.safetensors").read_bytes()
    with pytest.raises(InputError, match="no checkpoint to carry on from.*--config"):
        carry_on(copy)
    assert (copy / "weights.safetensors").read_bytes() == before
