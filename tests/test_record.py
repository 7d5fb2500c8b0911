"""Records: what a number was measured with, whose it is, and what happens when weights change."""
import json
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import mdm_nb
from mdm_nb.bounds.bound import Bound
from mdm_nb.data.baseline import histogram_bits
from mdm_nb.data.data import ImageData, load
from mdm_nb.gaussians.core import InputError, seeded
from mdm_nb.models.method import measured
from mdm_nb.models.model import Diffusion
from mdm_nb.runs import record as record_module
from mdm_nb.runs.config import make_model
from mdm_nb.runs.evaluation import (
    HISTOGRAM,
    Evaluation,
    baselines,
    headline,
    make_evaluation,
    results_table,
    terms_of,
)
from mdm_nb.runs.files import hash_tensors, locked, read_tensors
from mdm_nb.runs.options import Config
from mdm_nb.runs.record import Record, hash_config, read_record, render_card
from mdm_nb.runs.run import Run, create_run

TINY = Config(width=8, blocks=1)
HISTORIC = Path(__file__).resolve().parent.parent / "nbs" / "train"
DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool)


class ThreeParts(Bound):
    """What an evaluation reads of a bound, with a part that the library does not know."""
    total = unit = protocol = None

    def __init__(self, n: int = 40, unit: str = "bits/dim", shift: float = 0.0) -> None:
        total = torch.arange(n, dtype=torch.float64) + shift
        self.__dict__.update(total=total, unit=unit, protocol=f"test, n = {n}, shift {shift}")

    def terms(self) -> dict[str, tuple[float, float]]:
        """Three parts and their sum."""
        mean = float(self.total.mean())
        return {"total": (mean, 0.5), "diffusion": (mean - 2, 0.4), "prior": (1.5, 0.1),
                "context": (0.5, 0.2)}


@pytest.fixture(scope="module")
def data() -> ImageData:
    return load("digits")


@pytest.fixture(scope="module")
def models(data: ImageData) -> list[Diffusion]:
    return [make_model(TINY.replace(seed=s), data.levels, data.shape).eval() for s in range(2)]


@pytest.fixture
def run(tmp_path: Path, data: ImageData, models: list[Diffusion]) -> Run:
    run = create_run(tmp_path / "run", TINY, data)
    run.save_weights(models[0], step=10, seconds=2.5)
    return run


def found(split: str = "test", shift: float = 0.0) -> Evaluation:
    """An evaluation that costs nothing."""
    return make_evaluation(ThreeParts(shift=shift), split, 4, 0, {})


def names(run: Run) -> set[str]:
    """Every file below retired/."""
    return {p.name for p in run.path.glob("retired/*/*")}


# The hash


SHAPES = st.lists(st.integers(0, 3), max_size=3)
DESCRIBED = st.tuples(st.sampled_from(DTYPES), SHAPES, st.integers(0, 9))


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=5), DESCRIBED, max_size=4))
def test_the_hash_depends_on_the_tensors_alone(described: dict) -> None:
    made = {name: torch.randint(0, 9, shape, generator=seeded(seed)).to(dtype)
            for name, (dtype, shape, seed) in described.items()}
    turned = {name: made[name].clone() for name in reversed(made)}
    assert hash_tensors(turned) == hash_tensors(made)
    assert hash_tensors(made | {"one more": torch.zeros(0)}) != hash_tensors(made)


@pytest.mark.parametrize("change", [
    lambda t: {"b": t["a"]}, lambda t: {"a": t["a"].view(3, 2)}, lambda t: {"a": t["a"].view(6)},
    lambda t: {"a": t["a"].view(torch.int32)}, lambda t: {"a": -t["a"]}, lambda t: {},
    lambda t: {"a": t["a"].T},
])
def test_names_shapes_types_and_bytes_count(change: Callable[[dict], dict[str, Tensor]]) -> None:
    made = {"a": torch.zeros(2, 3)}
    assert hash_tensors(change(made)) != hash_tensors(made)


def test_layout_in_memory_does_not_count() -> None:
    a = torch.arange(6.0).view(2, 3)
    assert hash_tensors({"a": a.T}) == hash_tensors({"a": a.T.contiguous()})
    assert hash_tensors({"a": a.clone().requires_grad_()}) == hash_tensors({"a": a})


# Evaluations


def test_table_adds_up(data: ImageData, models: list[Diffusion]) -> None:
    images = data.test[:50]
    bound = models[0].bpd(images, progress=False)
    with pytest.raises(InputError, match="on 50 images and the baseline .* on 300"):
        make_evaluation(bound, "test", 1, 0, baselines(data))
    table = results_table(make_evaluation(bound, "test", 1, 0, baselines(data, images)))
    rows = [line.split("|") for line in table.splitlines()[2:]]
    cells = {row[1].strip(): float(row[2]) for row in rows}
    parts = sum(v for k, v in cells.items() if k.startswith("…"))
    assert cells["uniform over the levels"] == pytest.approx(4.0875, abs=1e-4)
    assert parts == pytest.approx(cells["**this model**"], abs=2e-4)
    assert cells[HISTOGRAM] == pytest.approx(histogram_bits(data.train, images, 17)[0], abs=1e-4)


def test_parts_of_any_name_are_kept_and_shown() -> None:
    evaluation = make_evaluation(ThreeParts(unit="nats"), "test", 4, 0, {})
    assert terms_of(evaluation) == ThreeParts().terms()
    table = results_table(evaluation)
    assert "| … context " in table and "nats, test split" in table
    parts = "diffusion 17.5000, prior 1.5000, context 0.5000"
    assert headline(evaluation) == f"19.5000 ± 0.5000 nats ({parts})"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_no_result(value: float) -> None:
    with pytest.raises(InputError, match="the diffusion on the valid split is (nan|inf)"):
        make_evaluation(ThreeParts(shift=value), "valid", 1, 0, {})


@pytest.mark.parametrize("batch_size", [64, 300])
def test_calls_are_counted_by_example(
    data: ImageData, models: list[Diffusion], batch_size: int,
) -> None:
    with measured(models[0]) as cost:
        models[0].bpd(data.test, batch_size, times=2, progress=False)
    assert cost.calls == 600 and cost.seconds > 0


def test_counting_ends_with_the_block(data: ImageData, models: list[Diffusion]) -> None:
    with pytest.raises(KeyError), measured(models[0]) as cost: raise KeyError
    models[0].bpd(data.test[:4], progress=False)
    assert cost.calls == 0


# Records in a run folder


def test_a_record_says_whose_it_is(run: Run, data: ImageData, models: list[Diffusion]) -> None:
    record = run.add_evaluation(found(), models[0], data)
    weights, _ = read_tensors(run.path / "weights.safetensors")
    assert record["weights"] == hash_tensors(weights) == hash_tensors(models[0].state_dict())
    assert record["config"] == hash_config(TINY)
    assert record["data"]["fingerprint"] == data.fingerprint
    assert record["training"]["step"] == 10 and record["training"]["seconds"] == 2.5
    assert record["training"]["versions"]["mdm_nb"] == mdm_nb.__version__
    assert run.record() == (record, True) == (read_record(run.path), True)
    assert (run.path / "card.md").read_text() == render_card(record)


def test_labels_are_part_of_the_record_where_they_matter(tmp_path: Path, data: ImageData) -> None:
    config = TINY.replace(labels=True)
    model = make_model(config, data.levels, data.shape, len(data.classes)).eval()
    run = create_run(tmp_path / "told", config, data)
    run.save_weights(model, 0, 0.0)
    again = Run(run.path).load_model()
    assert hash_tensors(again.state_dict()) == hash_tensors(model.state_dict())
    evaluation = make_evaluation(ThreeParts(), "test", 1, 0, {}, labelled=True)
    record = run.add_evaluation(evaluation, again, data)
    assert record["data"]["label_fingerprint"] == data.label_fingerprint
    assert "p(x|y)" in render_card(record) and "told the classes" in record["model"]
    labels = {split: y.flip(0) for split, y in data.labels.items()}
    other = replace(data, labels=labels)
    with pytest.raises(InputError, match="the labels of digits have fingerprint"):
        run.add_evaluation(evaluation, again, other)


def test_evaluations_share_a_record(run: Run, data: ImageData, models: list[Diffusion]) -> None:
    run.add_evaluation(found(), models[0], data)
    run.add_evaluation(found("valid"), models[0], data)
    record = run.add_evaluation(found(), models[0], data, name="test, again")
    assert list(record["evaluations"]) == ["test", "valid", "test, again"] and not names(run)
    card = (run.path / "card.md").read_text()
    assert "\n## valid\n" in card and card.count("| … context ") == 3


def test_another_protocol_keeps_the_old_number(
    run: Run, data: ImageData, models: list[Diffusion],
) -> None:
    first = run.add_evaluation(found(), models[0], data)
    run.add_evaluation(found("valid"), models[0], data)
    last = run.add_evaluation(found(shift=1.0), models[0], data)
    old = read_record(next(run.path.glob("retired/step-00000010-*")))
    assert old["evaluations"]["test"] == first["evaluations"]["test"]
    assert terms_of(last["evaluations"]["test"]) == ThreeParts(shift=1.0).terms()
    assert "valid" in last["evaluations"] and run.record() == (last, True)


def test_other_weights_and_other_data_are_refused(
    run: Run, data: ImageData, models: list[Diffusion],
) -> None:
    with pytest.raises(InputError, match="is not the one in .*save its weights first"):
        run.add_evaluation(found(), models[1], data)
    other = ImageData("other", data.train, data.valid, data.test[1:], data.levels, "here")
    with pytest.raises(InputError, match="the data of digits have fingerprint .* but"):
        run.add_evaluation(found(), models[0], other)
    assert not (run.path / "record.json").exists()


def test_new_weights_retire_results(run: Run, data: ImageData, models: list[Diffusion]) -> None:
    record = run.add_evaluation(found(), models[0], data)
    for name in ("samples.png", "samples_1.npy", "curves.png", "bpd_valid.json"):
        (run.path / name).write_text(name)
    run.save_weights(models[0], 10, 2.5)
    assert not names(run) and run.record() == (record, True)
    run.save_weights(models[1], 20, 5.0)
    retired = {"record.json", "card.md", "samples.png", "samples_1.npy", "bpd_valid.json"}
    assert names(run) == retired and (run.path / "curves.png").exists()
    folder = run.path / "retired" / f"step-00000010-{record['weights'][:8]}"
    assert read_record(folder) == record and (folder / "card.md").read_text() == render_card(record)
    with pytest.raises(InputError, match="holds no record.json: mdm_bpd"): run.record()
    assert run.add_evaluation(found(), models[1], data)["training"]["step"] == 20


def test_the_same_step_twice_retires_to_two_folders(
    run: Run, data: ImageData, models: list[Diffusion],
) -> None:
    for _ in range(2):
        run.add_evaluation(found(), models[0], data)
        run.save_weights(models[1], 20, 5.0)
        run.save_weights(models[0], 10, 2.5)
    assert len(list(run.path.glob("retired/*/record.json"))) == 2


def test_a_crash_before_retiring_is_noticed_and_mended(
    run: Run, data: ImageData, models: list[Diffusion], monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = run.add_evaluation(found(), models[0], data)
    moves, whole = [], os.replace
    def dying(old: Path, new: Path) -> None:
        if "retired" in str(new): moves.append(new)
        if len(moves) == 2: raise KeyboardInterrupt
        whole(old, new)
    monkeypatch.setattr(os, "replace", dying)
    with pytest.raises(KeyboardInterrupt): run.save_weights(models[1], 20, 5.0)
    monkeypatch.undo()
    assert names(run) == {"card.md"} and run.record() == (record, False)
    run.save_weights(models[1], 20, 5.0)
    assert names(run) == {"card.md", "record.json"} and not (run.path / "record.json").exists()


def test_evaluating_mends_a_stale_record(
    run: Run, data: ImageData, models: list[Diffusion],
) -> None:
    record = run.add_evaluation(found(), models[0], data)
    text, card = (run.path / "record.json").read_text(), (run.path / "card.md").read_text()
    run.save_weights(models[1], 20, 5.0)
    (run.path / "record.json").write_text(text)  # copied back from elsewhere
    (run.path / "card.md").write_text(card)
    assert run.record() == (record, False)
    new = run.add_evaluation(found("valid"), models[1], data)
    assert list(new["evaluations"]) == ["valid"] and run.record() == (new, True)
    assert len(list(run.path.glob(f"retired/step-00000010-{record['weights'][:8]}*"))) == 2


def test_a_run_from_before_records(run: Run, data: ImageData, models: list[Diffusion]) -> None:
    (run.path / "card.md").write_text("# an old card")
    run.save_weights(models[0], 10, 2.5)
    assert (run.path / "card.md").exists()
    run.add_evaluation(found(), models[0], data)
    assert names(run) == {"card.md"}
    old = next(run.path.glob("retired/step-unknown-*/card.md"))
    assert old.read_text() == "# an old card"


def test_nobody_can_tell_without_a_hash(run: Run, data: ImageData, models: list[Diffusion]) -> None:
    record = run.add_evaluation(found(), models[0], data)
    record_module.write_record(run.path, {**record, "weights": None})
    assert run.record()[1] is None
    run.save_weights(models[1], 20, 5.0)
    assert names(run) == {"card.md", "record.json"}


def test_two_writers_lose_nothing(
    run: Run, data: ImageData, models: list[Diffusion], monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = record_module.write_record
    def slow(folder: Path, record: Record) -> None:
        time.sleep(0.05)
        whole(folder, record)
    monkeypatch.setattr(record_module, "write_record", slow)
    splits = ["train", "valid", "test"]
    threads = [threading.Thread(target=run.add_evaluation, args=(found(s), models[0], data))
               for s in splits]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert sorted(read_record(run.path)["evaluations"]) == sorted(splits)


def test_the_lock_is_let_go_after_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path): raise KeyError
    with locked(tmp_path): pass


def test_a_failed_write_keeps_the_old_record(
    run: Run, data: ImageData, models: list[Diffusion], monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = run.add_evaluation(found(), models[0], data)
    def full(_: int) -> None: raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot write .*record.json.*untouched"):
        run.add_evaluation(found("valid"), models[0], data)
    assert run.record() == (record, True)


# Reading


@pytest.mark.parametrize("key", [
    "format", "name", "model", "data", "weights", "config", "training", "evaluations"])
def test_each_part_is_needed(run: Run, data: ImageData, models: list[Diffusion], key: str) -> None:
    record = run.add_evaluation(found(), models[0], data)
    text = json.dumps({k: v for k, v in record.items() if k != key})
    (run.path / "record.json").write_text(text)
    with pytest.raises(InputError, match=f"record.json is damaged .*{key}.*evaluate again"):
        read_record(run.path)


@pytest.mark.parametrize("spoil", [
    lambda r: r["evaluations"].clear(), lambda r: r["evaluations"]["test"].pop("total"),
    lambda r: r["evaluations"]["test"]["total"].update(mean="high"),
    lambda r: r["evaluations"]["test"].update(parts=3), lambda r: r.update(data=[]),
    lambda r: r["training"].pop("step"), lambda r: r.update(evaluations=[1]),
])
def test_a_damaged_record_is_one_sentence(
    run: Run, data: ImageData, models: list[Diffusion], spoil: Callable[[dict], object],
) -> None:
    record = json.loads(json.dumps(run.add_evaluation(found(), models[0], data)))
    spoil(record)
    (run.path / "record.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="record.json is damaged") as e: run.record()
    assert "\n" not in str(e.value)
    new = run.add_evaluation(found("valid"), models[0], data)
    assert list(new["evaluations"]) == ["valid"] and "record.json" in names(run)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"format": 1}', "\udcff"])
def test_a_record_cut_short(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match="record.json is damaged"): read_record(tmp_path)


def test_a_record_of_another_format(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"format": 99}')
    with pytest.raises(InputError, match="is in format 99, and mdm_nb .* reads format 1"):
        read_record(tmp_path)


# The runs of the training pages


def test_historic_cards_are_found_again_from_their_records() -> None:
    cards = sorted(HISTORIC.rglob("card.md"))
    assert len(cards) >= 112
    for card in cards:
        record = read_record(card.parent)
        record.pop("note", None)
        assert render_card(record) == card.read_text(), card


def test_no_training_page_fishes_in_a_text() -> None:
    for page in HISTORIC.glob("*.ipynb"):
        cells = json.loads(page.read_text())["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        assert not any("import re\n" in c or "re.search" in c for c in code), page.name
