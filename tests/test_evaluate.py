"""Processes that share the work: gradient, loss and bound are those of one, and one speaks."""
import os
import re
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from faults import ended, forked
from ranks import BATCHES, COMMANDED, MODELS, WORLDS, everything
from torch import Tensor

from mdm_nb.bounds.bound import Bound
from mdm_nb.bounds.discretize import Discretization
from mdm_nb.models.likelihood import Flow
from mdm_nb.models.method import Judgement, Method
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import MLP
from mdm_nb.models.weighted import Weighted
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.evaluate import draws, evaluate, share, usual_batch
from mdm_nb.runs.files import locked
from mdm_nb.runs.partial import Partial
from mdm_nb.runs.run import Run
from mdm_nb.runs.stop import Stopped
from mdm_nb.runs.train import part_of_batch

pytestmark = pytest.mark.usefixtures("short_walks")
SEVERAL = [world for world in WORLDS if world > 1]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one, two and three processes left behind; made once, whoever of the workers asks."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "ranks"
    with locked(folder.parent):
        if not folder.exists(): leave(folder)
    return folder


def leave(folder: Path) -> None:
    """Let them work, and leave what they find in a new folder."""
    folder.mkdir()
    # a copy of this process, whose devices stay as they are
    assert ended(forked(lambda: everything(folder)), 500) == 0


def found(out: Path, world: int, rank: int = 0) -> dict[str, Tensor]:
    """What a process found."""
    return torch.load(out / f"found-{world}-{rank}.pt", weights_only=True)


def assert_close(a: Tensor, b: Tensor, tolerance: float) -> None:
    """Two tensors differ by a small part of their length."""
    a, b = a.double(), b.double()
    assert a.shape == b.shape and float((a - b).norm()) <= tolerance * float(b.norm()) + 1e-12


@pytest.mark.parametrize("world", SEVERAL)
@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("name", MODELS)
def test_processes_follow_the_gradient_of_one(
    out: Path, name: str, batch_size: int, world: int,
) -> None:
    """Also where the batch does not divide, and where there are fewer examples than processes."""
    alone, start = found(out, 1), f"{name} {batch_size} "
    keys = [k for k in alone if k.startswith(start)]
    assert len(keys) > 10
    size = float(alone[start + "norm"])
    for rank in range(world):
        together = found(out, world, rank)
        assert [k for k in together if k.startswith(start)] == keys
        for k in keys:
            assert float((together[k].double() - alone[k].double()).norm()) <= 1e-5 * size


@pytest.mark.parametrize("world", SEVERAL)
def test_processes_measure_the_bound_of_one(out: Path, world: int) -> None:
    alone = found(out, 1)
    for rank in range(world):
        together = found(out, world, rank)
        for name in ("few", "many", "iw"): assert_close(together[name], alone[name], 1e-6)
        assert torch.equal(together["many"], found(out, world)["many"])


@pytest.mark.parametrize("world", SEVERAL)
def test_processes_draw_the_samples_of_one(out: Path, world: int) -> None:
    """Also where there are fewer samples than processes, and each with the class it was told."""
    alone = found(out, 1)
    for rank in range(world):
        together = found(out, world, rank)
        for name in ("one", "seven"):
            assert torch.equal(together[name], alone[name])


def test_a_command_of_two_processes_writes_the_samples_of_one(out: Path) -> None:
    files = [out / f"of-{world}" / "nine.npy" for world in COMMANDED]
    alone, together = (torch.from_numpy(np.load(file)) for file in files)
    assert alone.shape == (9, 1, 8, 8)
    assert torch.equal(together, alone)
    assert all(file.with_suffix(".png").exists() for file in files)


def numbers(text: str) -> list[str]:
    """The numbers with four digits after the point."""
    return re.findall(r"\d+\.\d{4}", text)


@pytest.mark.parametrize("world", COMMANDED)
def test_one_process_speaks_and_says_what_is_on_the_card(out: Path, world: int) -> None:
    """And the run is the run of one process, but for the rounding of the sums."""
    folder = out / f"of-{world}"
    for name in ("mdm_train", "mdm_bpd", "mdm_sample"):
        assert (folder / f"{name}-0.out").read_text()
        for rank in range(1, world): assert (folder / f"{name}-{rank}.out").read_text() == ""
    said = [(folder / f"{name}-0.out").read_text() for name in ("mdm_train", "mdm_bpd")]
    table = said[1][: said[1].index("\n\n")]
    assert len(numbers(table)) >= 8 and table in said[0]
    card = (folder / "run" / "card.md").read_text()
    assert said[1].splitlines()[-2] in card
    alone, together = (Run(out / f"of-{n}" / "run").metrics() for n in (1, world))
    for rows in (alone, together): assert [row["step"] for row in rows] == [6, 10, 12]
    for a, b in zip(alone, together, strict=True): assert b == pytest.approx(a, rel=1e-3)


def test_shares_are_disjoint_complete_and_even() -> None:
    for n in range(12):
        for world in range(1, 6):
            shares = [share(n, rank, world) for rank in range(world)]
            assert torch.cat(shares).tolist() == list(range(n))
            assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_factors_make_the_mean_over_the_batch() -> None:
    for total in range(1, 12):
        for world in range(1, 6):
            parts = [part_of_batch(total, rank, world) for rank in range(world)]
            weights = torch.zeros(total, dtype=torch.float64)
            for mine, factor in parts: weights[mine] += factor / len(mine) / world
            assert torch.allclose(weights, torch.full_like(weights, 1 / total), rtol=1e-14)


def test_never_none_and_never_many_draws() -> None:
    found = [draws(n) for n in (1, 300, 1000, 1001, 9_999, 10_001, 10**7)]
    assert found == [10, 10, 10, 9, 1, 1, 1]


def test_the_number_does_not_depend_on_the_size_of_the_batches() -> None:
    model = make_model(Config(width=8, blocks=1, process="mdm"), 17, (1, 8, 8))
    images = torch.randint(17, (21, 1, 8, 8), dtype=torch.uint8)
    def measured(batch_size: int, seed: int) -> Bound:
        return evaluate(model, images, None, batch_size, 3, seed, progress=False)
    first = measured(1, 5)
    for batch_size in (4, 21, 100):
        bound = measured(batch_size, 5)
        assert_close(bound.total, first.total, 1e-6)
        assert bound.protocol == first.protocol and "seed 5" in bound.protocol
    assert not torch.allclose(measured(21, 6).total, first.total)


def test_one_bar_moves_within_the_batch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    """It counts the calls of the network, and the examples of the batches that are done."""
    model = make_model(Config(width=8, blocks=1), 17, (1, 8, 8))
    images = torch.randint(17, (5, 1, 8, 8), dtype=torch.uint8)
    monkeypatch.setattr("mdm_nb.models.method._EVERY", 0.0)
    method = Weighted(2, steps=3)
    for measured in (partial(evaluate, model, images), partial(model.bpd, images)):
        assert measured(method=method).calls == 30
        said = re.split("[\r\n]", capsys.readouterr().err.strip())
        assert all(line.startswith("bound on data") for line in said)
        first = [line for line in said if "0/5" in line]
        assert any("3 calls" in line or "5 calls" in line for line in first) and len(first) > 3
        assert "5/5" in said[-1]
    assert not model.network._forward_pre_hooks


@pytest.mark.filterwarnings("ignore:a trajectory costs")  # of an untrained network
@pytest.mark.parametrize("method", [None, Weighted(2, steps=2)])
@pytest.mark.parametrize("batch_size", [5, 8])
def test_an_evaluation_that_was_killed_goes_on_to_the_same_number(
    batch_size: int, method: Method | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the last digit, and what was measured is not measured again; also by a full file."""
    model = make_model(Config(width=8, blocks=1), 17, (1, 8, 8))
    images = torch.randint(17, (21, 1, 8, 8), dtype=torch.uint8)
    asked, whole_bpd = [], Diffusion.bpd
    def watched(self: Diffusion, data: Tensor, *how: object, **cond: Tensor) -> Bound:
        if len(asked) == 2: raise KeyboardInterrupt
        asked.append(len(data))
        return whole_bpd(self, data, *how, **cond)
    def measured(kept: Partial | None) -> Bound:
        return evaluate(model, images, None, batch_size, 2, 5, False, "test", method, kept)
    whole, kept = measured(None), Partial(tmp_path, {"seed": 5})
    monkeypatch.setattr(Diffusion, "bpd", watched)
    with pytest.raises(KeyboardInterrupt): measured(kept)
    assert [len(one.total) for one in kept.load()] == [2 * batch_size] == [sum(asked)]
    monkeypatch.setattr(Diffusion, "bpd", whole_bpd)
    for _ in range(2):
        found = measured(kept)
        assert str(found) == str(whole) and found.protocol == whole.protocol
        for name, nats in whole.parts.items(): assert torch.equal(found.parts[name], nats)
        if whole.place is not None: assert torch.equal(found.place, whole.place)
        assert found.calls == whole.calls and found.seed == 5
        monkeypatch.setattr(Diffusion, "bpd", None)  # nothing is left to be asked
    kept.sweep()
    assert not list(tmp_path.iterdir())


def test_an_evaluation_says_where_it_begins_and_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    model = make_model(Config(width=8, blocks=1), 17, (1, 8, 8))
    images = torch.randint(17, (10, 1, 8, 8), dtype=torch.uint8)
    one_bpd, asked = Diffusion.bpd, []
    def stopped(*args: object, **cond: Tensor) -> Bound:
        if len(asked) == 1: raise Stopped(15)
        asked.append(1)
        return one_bpd(*args, **cond)
    def measure(size: int) -> Bound:
        kept = Partial(tmp_path, {"seed": 5, "batch_size": size})
        return evaluate(model, images, None, size, 1, 5, False, "test", None, kept)
    monkeypatch.setattr(Diffusion, "bpd", stopped)
    with pytest.raises(Stopped, match="4 of 10 examples are saved"): measure(4)
    with pytest.raises(Stopped, match="nothing was saved yet"): measure(5)
    assert "begins anew: the saved part was measured with batch size 4" in capsys.readouterr().err
    monkeypatch.setattr(Diffusion, "bpd", one_bpd)
    measure(4)
    assert "goes on from 4 of 10" in capsys.readouterr().err
    exact = usual_batch(Flow(exact=True))
    assert exact < usual_batch(Weighted()) == usual_batch(Flow()) < usual_batch(None) == 256


def test_what_was_never_finished_is_swept_by_the_next(tmp_path: Path) -> None:
    """Files of other weights, of long ago or damaged, but none that somebody works on or may."""
    values = torch.arange(3, dtype=torch.float64)
    found = Judgement({"diffusion": values}, 4, 17, "test, n = 3", seed=0, calls=3, seconds=1.0)
    def left(weights: str, seed: int, ended: bool = True) -> Partial:
        one = Partial(tmp_path, {"weights": weights, "seed": seed})
        one.save(found)
        if ended: one.held.close()
        return one
    gone = [left("old", 0), left("new", 1), left("new", 2)]
    os.utime(gone[1].file, (0, time.time() - 8 * 86_400))
    gone[2].file.write_bytes(b"cut short")
    kept = [left("new", 3), left("old", 4, ended=False)]
    again = Partial(tmp_path, {"weights": "old", "seed": 5})
    again.save(found)
    again.held.close()
    reader = Partial(tmp_path, {"weights": "old", "seed": 5})
    assert reader.load()
    mine, other = (Partial(tmp_path, {"weights": "new", "seed": 6}, rank, 2) for rank in (0, 1))
    for one in (mine, other): one.save(found)
    mine.sweep()
    assert set(tmp_path.iterdir()) == {one.file for one in (*kept, reader)}
    for one in (kept[1], reader): one.held.close()
    mine.sweep()
    assert set(tmp_path.iterdir()) == {kept[0].file}


@pytest.mark.parametrize(("n", "batch_size", "times"), [(200, 48, 0), (30, 8, 1), (30, 64, 1)])
def test_the_whole_is_warned_of_and_not_its_parts(n: int, batch_size: int, times: int) -> None:
    """A small batch of many examples says nothing; few examples speak once, in any batches."""
    torch.manual_seed(0)
    model = Diffusion(MLP(2), discretization=Discretization(4), shape=(2,))
    levels = torch.randint(0, 4, (n, 2))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        evaluate(model, levels, batch_size=batch_size, times=10, progress=False)
    assert sum("too few to tell" in str(w.message) for w in heard) == times
