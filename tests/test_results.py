"""Runs beside each other: what is read, what is pooled, and what may be compared."""
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mdm_nb.gaussians.core import InputError
from mdm_nb.runs.evaluation import HISTOGRAM
from mdm_nb.runs.pretrained import pretrained_run
from mdm_nb.runs.record import Record, write_record
from mdm_nb.runs.results import (
    Result,
    budget_of,
    by_budget,
    holm,
    paired,
    parameters_of,
    pooled,
    read_runs,
    student_inside,
    student_quantile,
)

STORED = Path(__file__).resolve().parent.parent / "nbs" / "train"


def record(name: str, seed: int, bits: float, steps: int = 100, batch_size: int = 8,
           **other: object) -> Record:
    """A record of an invented run, with some facts of its own."""
    test = {"split": "test", "n": 50, "draws": 1, "seed": 0, "quantity": "upper bound",
            "protocol": "test, n = 50", "unit": "bits/dim", "total": {"mean": bits, "se": 0.3},
            "parts": {"prior": {"mean": 0.25, "se": 0.0},
                      "diffusion": {"mean": bits - 0.25, "se": 0.3}},
            "baselines": {HISTOGRAM: {"mean": 4.0, "se": 0.1, "n": 50}},
            "calls": 50, "seconds": 1.0, "versions": None, "hardware": None, "finished": "today"}
    data = {"name": "toy", "counts": [9, 1, 50], "shape": [1, 2, 2], "levels": 4,
            "fingerprint": "f" * 64, "where": "nowhere"}
    training = {"step": steps, "seed": seed, "batch_size": batch_size, "seconds": 2.0 + seed,
                "hardware": "a card", "versions": None}
    for key, value in other.items():
        next(facts for facts in (training, data, test) if key in facts)[key] = value
    return {"format": 1, "name": f"{name}-{seed}", "model": name, "data": data, "weights": None,
            "config": None, "training": training, "evaluations": {"test": test}}


def run(name: str = "a", seed: int = 0, bits: float = 3.0, **other: object) -> Result:
    """The same, as it is read."""
    return Result("study", name, record(name, seed, bits, **other), None)


def seeds(name: str, values: list[float]) -> list[Result]:
    """One run for each value."""
    return [run(name, seed, bits) for seed, bits in enumerate(values)]


def put(folder: Path, content: Record) -> None:
    """Write it as an evaluation does."""
    folder.mkdir(parents=True)
    write_record(folder, content)


def test_studies_systems_and_seeds_are_read_from_folders(tmp_path: Path) -> None:
    """A name may hold hyphens and numbers; retired records are passed over."""
    put(tmp_path / "two" / "deep" / "vdm-8-1", record("vdm-8", 1, 3.0))
    put(tmp_path / "one" / "judge", record("judge", 0, 3.0))
    put(tmp_path / "one" / "judge" / "retired" / "old", record("judge", 0, 9.0))
    found = read_runs(tmp_path)
    assert [(r.study, r.system) for r in found] == [("one", "judge"), ("two/deep", "vdm-8")]
    assert all(r.about is None and parameters_of(r) is None for r in found)
    assert [r.system for r in read_runs(tmp_path / "one" / "judge")] == ["judge"]


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    """And so is a record that was edited."""
    with pytest.raises(InputError, match="holds no record.json"): read_runs(tmp_path)
    put(tmp_path / "a-0", record("a", 0, 3.0))
    file = tmp_path / "a-0" / "record.json"
    file.write_text(file.read_text().replace("2.75", "1.75"))
    with pytest.raises(InputError, match="damaged"): read_runs(tmp_path)


@pytest.mark.parametrize("what, value", [
    ("steps", 200), ("batch_size", 16), ("n", 40), ("split", "valid"), ("fingerprint", "e" * 64)])
def test_another_budget_is_another_group(what: str, value: object) -> None:
    """And pooling or comparing over the border is refused, with what differs."""
    here, there = run(), run(**{what: value})
    assert len(by_budget([here, there])) == 2
    assert len(by_budget([here, run("b")])) == 1
    with pytest.raises(InputError, match=f"differ in {what}"): pooled([here, there])
    with pytest.raises(InputError, match=f"differ in {what}"): paired([here], [there])


def test_images_are_steps_times_batch() -> None:
    """As far as both are known."""
    assert budget_of(run(steps=7, batch_size=3)).images == 21
    assert budget_of(run(batch_size=None)).images is None


def test_errors_over_seeds_and_over_images_stay_apart() -> None:
    """The first is that of a mean; the second does not shrink with the number of seeds."""
    values = [3.0, 3.3, 3.9, 3.2]
    found = pooled(seeds("a", values))
    assert math.isclose(found.mean, np.mean(values))
    assert math.isclose(found.se_seeds or 0, stats.sem(values))
    assert math.isclose(found.se_images, 0.3) and found.n == 4
    assert found.parts["prior"] == (0.25, 0.0) and found.histogram["mean"] == 4.0
    assert math.isclose(found.seconds, 3.5) and found.hardware == ("a card",)


def test_what_is_not_stored_is_none() -> None:
    """One seed has no error over seeds; a record need not know its time or a histogram."""
    found = pooled([run(seconds=None, hardware=None, baselines={})])
    assert found.se_seeds is None and found.seconds is None and found.hardware == ()
    assert found.histogram is None and found.parts["prior"][1] is None


@given(st.floats(0, 1e3), st.integers(1, 60))
def test_students_law_is_scipys(t: float, df: int) -> None:
    """To 1e-13, for any whole number of degrees of freedom."""
    assert abs(student_inside(t, df) - (1 - 2 * stats.t.sf(t, df))) < 1e-13


@given(st.floats(0.01, 0.9999), st.integers(1, 30))
def test_a_quantile_is_scipys(level: float, df: int) -> None:
    """And the law at it is the level."""
    assert math.isclose(student_quantile(level, df), stats.t.ppf((1 + level) / 2, df), rel_tol=1e-9)


@given(st.lists(st.tuples(st.floats(1, 5), st.floats(1, 5)), min_size=2, max_size=8))
def test_a_comparison_is_the_paired_test(pairs: list[tuple[float, float]]) -> None:
    """Mean, interval and p, against SciPy's; the other way round it changes its sign."""
    ours, theirs = (list(column) for column in zip(*pairs, strict=True))
    if np.ptp(np.subtract(ours, theirs)) < 1e-6: return  # SciPy warns there
    found, turned = (paired(seeds("a", x), seeds("b", y))
                     for x, y in ((ours, theirs), (theirs, ours)))
    test = stats.ttest_rel(ours, theirs)
    interval = test.confidence_interval(0.95)
    assert np.allclose((found.low, found.high), interval, rtol=1e-6, atol=1e-9)
    assert math.isclose(found.p, test.pvalue, rel_tol=1e-6, abs_tol=1e-12)
    assert math.isclose(found.mean, -turned.mean) and math.isclose(found.p, turned.p)


def test_only_common_seeds_are_compared() -> None:
    """Whatever their order; one pair is none."""
    ours, theirs = seeds("a", [1.0, 2.0, 3.0]), seeds("b", [1.5, 2.6, 9.0, 4.0])
    found = paired(ours[:2], theirs[::-1])
    assert found.n == 2 and math.isclose(found.mean, -0.55)
    with pytest.raises(InputError, match="have 1 seeds in common"): paired(ours[:1], theirs)
    with pytest.raises(InputError, match="part = 'context'.*total, prior, diffusion"):
        paired(ours, theirs, "context")
    assert paired(ours, theirs, "prior").p == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_its_definition(p: list[float]) -> None:
    """The k-th smallest is at least (m − k + 1) p, rising, and never below what it was."""
    found = holm(p)
    order = np.argsort(p, kind="stable")
    want = np.maximum.accumulate(np.minimum(1, (len(p) - np.arange(len(p))) * np.array(p)[order]))
    assert np.allclose(np.array(found)[order], want)
    assert all(a >= b for a, b in zip(found, p, strict=True))


def test_wrong_arguments_are_refused() -> None:
    """In one sentence each."""
    with pytest.raises(InputError, match="level = 1.5"): student_quantile(1.5, 2)
    with pytest.raises(InputError, match="runs is empty"): pooled([])
    with pytest.raises(InputError, match="name = 'valid': a-0 was evaluated under test"):
        pooled([run()], "valid")


def test_weights_are_counted_from_the_configuration(tmp_path: Path) -> None:
    """As many as the file of weights holds."""
    home = pretrained_run("digits")
    for name in ("config.json", "record.json"): shutil.copy(home.path / name, tmp_path)
    [found] = read_runs(tmp_path)
    held = sum(p.numel() for p in home.load_model().parameters())
    assert parameters_of(found) == held


def test_every_stored_run_is_read() -> None:
    """The records of this repository, with their configurations."""
    found = read_runs(STORED)
    assert len(found) > 180 and all(r.about is not None for r in found)
    assert all(len(group) > 0 for group in by_budget(found).values())


def test_published_numbers_say_where_they_were_found() -> None:
    """Each has a value, a measure, data and a known source; none is there twice."""
    file = STORED.parent / "guide" / "results" / "published.json"
    published = json.loads(file.read_text(encoding="utf-8"))
    rows = published["rows"]
    for row in rows:
        assert {"measure", "model", "data", "value", "source"} <= row.keys()
        assert row["source"] in published["sources"] and row["measure"] in ("bits/dim", "FID")
        assert isinstance(row["value"], float) and 0 < row["value"] < 100
    assert len({(r["measure"], r["model"], r["data"], r["source"]) for r in rows}) == len(rows)
    assert all(row["source"] in published["sources"] for row in published["other"])
