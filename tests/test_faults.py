"""Killed at any moment, interrupted, damaged or edited: no run is lost, and none lies."""
from pathlib import Path

import pytest
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

from mdm_nb.runs.config import Config


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
                    "keep", "tensorboard"}
