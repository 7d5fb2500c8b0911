"""Killed at any moment, interrupted, damaged or edited: no run is lost, and none lies."""
import resource
import shutil
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
import torch
from faults import (
    changes_of,
    content,
    edits,
    flips,
    killed_again_and_again,
    options,
    pictures,
    trained,
)
from safetensors.torch import save_file
from torch.optim.swa_utils import AveragedModel

from mdm_nb.gaussians.core import InputError
from mdm_nb.models.model import Diffusion
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.evaluate import measure
from mdm_nb.runs.files import hash_tensors, sweep
from mdm_nb.runs.folder import free_folder
from mdm_nb.runs.start import begin, carry_on
from mdm_nb.runs.state import pack, unpack
from mdm_nb.runs.train import make_optimizer
from mdm_nb.samplers.sample import DDIM


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return options(pictures(tmp_path_factory.mktemp("few")))


@pytest.fixture(scope="module")
def whole(few: Config, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """An undisturbed run, and how many changes of its folder it took."""
    out = tmp_path_factory.mktemp("whole") / "run"
    trained(few, out.with_name("warm"))  # so that its copies need not import what it needs
    return out, changes_of(few, out)


def test_ten_kills_leave_no_trace(few: Config, whole: tuple[Path, int], tmp_path: Path) -> None:
    """Each start of a run dies a little later; in the end it is the run that nobody killed."""
    calm, changes = whole
    out = tmp_path / "run"
    early = [1, 2, 3, 5, 8, 11]
    late = [changes // 3 + i for i in range(4)]
    assert killed_again_and_again(early + late, few, out) == 10
    assert content(out) == content(calm)


def test_no_turned_bit_changes_a_number_in_silence(whole: tuple[Path, int]) -> None:
    for file, found in flips(whole[0], 12).items():
        assert not found["silent"] and sum(found.values()) == 12, (file, found)
        assert found["refused"] + found["said"] > 0, (file, found)


def test_no_edit_of_the_options_changes_a_number_in_silence(whole: tuple[Path, int]) -> None:
    found = edits(whole[0])
    assert len(found) > 50 and "silent" not in found.values(), found
    free = {edit.split(" ")[0] for edit, what in found.items() if what == "free"}
    assert free == {"steps", "valid_every", "valid_examples", "valid_times", "checkpoint_every",
                    "keep", "sample_every", "track", "recompute"}


# What a folder may hold, and who may write to it


def test_the_skeleton_of_a_start_that_died_is_new(few: Config, tmp_path: Path) -> None:
    out, left = tmp_path / "run", ".config.json.0123456789abcdef.part"
    (out / "checkpoints").mkdir(parents=True)
    (out / left).write_text("{")
    run = begin(few, out)[0]
    assert {p.name for p in run.path.iterdir()} == {"checkpoints", "config.json"}
    with pytest.raises(InputError, match="already holds something"): begin(few, out)


def test_starts_side_by_side_get_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with ThreadPool(8) as pool: made = pool.map(free_folder, ["digits"] * 40)
    assert sorted(made) == sorted(Path(f"runs/digits-{i}") for i in range(40))


def test_links_and_files_of_others_are_never_swept(tmp_path: Path) -> None:
    goal = tmp_path / "mine.txt"
    goal.write_text("mine")
    for name in (".a.json.0123456789abcdef.part", ".weights.safetensors.12"):
        (tmp_path / name).symlink_to(goal)
    (tmp_path / ".notes.txt.12").write_text("mine")
    dead = tmp_path / ".step-00000004.safetensors.77"
    dead.write_text("half")
    sweep(tmp_path)
    assert goal.read_text() == "mine" and not dead.exists() and len([*tmp_path.iterdir()]) == 4


def test_a_disk_that_is_full_at_a_checkpoint_leaves_the_last_one(
    few: Config, tmp_path: Path,
) -> None:
    run = begin(few, tmp_path / "run")[0]
    run.save_checkpoint(1, {"a": torch.ones(10)}, 1.0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        said = "step-00000002.safetensors: File too large; free some space .*untouched"
        with pytest.raises(InputError, match=said):
            run.save_checkpoint(2, {"a": torch.ones(10_000)}, 2.0)
    finally: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert run.load_checkpoint()[0] == 1 and len([*(run.path / "checkpoints").iterdir()]) == 1


# Weights that are not what they seem


def model_of(config: Config, seed: int = 0) -> Diffusion:
    return make_model(config.replace(seed=seed), 256, (1, 8, 8))


def test_files_of_older_versions_load(few: Config, tmp_path: Path) -> None:
    """Without a digest, and without the options that they were made with."""
    run, model = begin(few, tmp_path / "run")[0], model_of(few)
    save_file(model.state_dict(), run.path / "weights.safetensors")
    save_file({"a": torch.ones(2)}, run.path / "checkpoints" / "step-00000004.safetensors",
              {"step": "4", "seconds": "1.0"})
    (run.path / "metrics.jsonl").write_text('{"step": 4, "loss": 2.5}\n')
    assert hash_tensors(run.load_model().state_dict()) == hash_tensors(model.state_dict())
    assert run.load_checkpoint()[0] == 4 and run.metrics() == [{"step": 4, "loss": 2.5}]


def test_a_run_may_move_and_so_may_its_data(few: Config, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    here = few.replace(data=str(shutil.copy(few.data, old / "few.npz")))
    run = begin(here, old / "run")[0]
    run.save_weights(model_of(here), 1, 1.0)
    run.save_checkpoint(1, {"a": torch.ones(2)}, 1.0)
    old.rename(new)
    again, data = carry_on(new / "run", {"data": str(new / "few.npz")})
    assert again.load_model() and again.load_checkpoint()[0] == 1 and len(data.test) == 8


def test_a_compiled_network_leaves_plain_names(few: Config, tmp_path: Path) -> None:
    run, model, plain = begin(few, tmp_path / "run")[0], model_of(few), model_of(few)
    model.network = torch.compile(model.network, backend="eager")  # which imports no compiler
    assert any("_orig_mod" in name for name in model.state_dict())
    run.save_weights(model, 1, 1.0)
    loaded = run.load_model().state_dict()
    assert loaded.keys() == plain.state_dict().keys()
    assert hash_tensors(loaded) == hash_tensors(model.state_dict())


def test_weights_that_are_no_numbers_give_no_bound(few: Config, tmp_path: Path) -> None:
    run, data = begin(few, tmp_path / "run")
    model = model_of(few)
    with torch.no_grad(): next(model.network.parameters()).fill_(float("nan"))
    run.save_weights(model, 1, 1.0)
    with pytest.raises(InputError, match="the diffusion term is not finite on 8 of 8 examples"):
        measure(run.load_model(), data, progress=False)
    with pytest.raises(InputError, match="2 of 2 examples to NaN"):
        model.sample(2, DDIM(2), progress=False)


def test_moments_that_are_missing_are_named(few: Config) -> None:
    def fresh() -> tuple[Diffusion, AveragedModel, torch.optim.AdamW]:
        model = model_of(few)
        return model, AveragedModel(model), make_optimizer(model, few)
    parts = fresh()
    parts[0].loss(torch.zeros(2, 1, 8, 8, dtype=torch.uint8)).backward()
    parts[2].step()
    packed = pack(*parts)
    unpack(packed, *fresh())
    for gone in ("optimizer.0.exp_avg", "optimizer.3.step"):
        less = {k: v for k, v in packed.items() if k != gone}
        with pytest.raises(InputError, match=f"no sound {gone.split('.')[-1]} of the optimizer"):
            unpack(less, *fresh())
    none = {k: v for k, v in packed.items() if not k.startswith("optimizer.")}
    with pytest.raises(InputError, match="no sound exp_avg, exp_avg_sq, step"):
        unpack(none, *fresh())


def test_weights_know_the_levels_they_were_trained_at(few: Config) -> None:
    old, low = model_of(few.replace(schedule="linear")), few.replace(schedule="linear")
    new = model_of(low.replace(gamma_0=-3.0, gamma_1=2.0))
    with pytest.raises(InputError, match="process.schedule.ends = .*this one has .-3.0, 2.0"):
        new.load_state_dict(old.state_dict())
    old.load_state_dict(model_of(low, seed=1).state_dict())
