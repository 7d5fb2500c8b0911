"""`tools/gpu.py`: every item runs at toy size, a second start resumes, no silence."""
import gzip
import io
import json
import math
import runpy
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))

import gpu
import gpu_checks
import gpu_train
import timing
from faults import ended, forked
from gpu_record import Clock, Record, Unwritable, run
from gpu_session import Disagreement, Item, Session, Unavailable

from mdm_nb.bounds import bound


def start(out: Path) -> str:
    """The script as a user starts it, away from any GPU, in a copy of this process."""
    said = out.with_name("said")
    def work() -> int:
        sys.argv = ["gpu.py", "--out", str(out)]
        with open(said, "w") as file, redirect_stdout(file), redirect_stderr(file):
            torch.cuda.is_available = lambda: False
            try: runpy.run_path(str(ROOT / "tools" / "gpu.py"), run_name="__main__")
            except SystemExit as e: return 70 if isinstance(e.code, str) else int(e.code or 0)
        return 71  # it ends by `sys.exit`
    assert ended(forked(work)) == 0, said.read_text()
    return said.read_text()


def start_here(out: Path) -> str:
    """The same in this process."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as m, redirect_stdout(said):
        m.setattr(sys, "path", list(sys.path))
        # Its code is that of the checks: to trace it for the compiler takes seconds, and an item
        # whose loss does not compile says so in its row.
        m.setattr(bound, "_terms", torch.compiler.disable(bound._terms))
        assert gpu.main(["--toy", "--out", str(out)]) == 0
    return said.getvalue()


@pytest.fixture
def session() -> Session:
    """A session at toy size."""
    return Session(torch.device("cpu"), toy=True)


def assert_every_item_is_in(record: dict, said: str, session: Session) -> None:
    """Every item ran, or says what it lacks, in the record and on the screen."""
    assert list(record["items"]) == [item.name for item in gpu.make_items(session)]
    for name, row in record["items"].items():
        assert row["status"] in ("ok", "unavailable"), (name, row)
        assert row["result"]["text"] if row["status"] == "ok" else row["reason"]
        assert f"\n{name} " in said
    idle = [name for name, row in record["items"].items() if row["status"] != "ok"]
    assert idle == ["tests marked cuda"]
    assert record["toy"] is True
    assert record["machine"]["torch"] == torch.__version__


def assert_holds_what_it_measured(results: dict[str, dict]) -> None:
    """Rates, shares of the peak, precisions and a training, each as it follows from the others."""
    step = results["step vdm-8, 16 images"]
    peaks = results["peaks"]["flop_per_second"]
    for name, row in step["steps"].items():
        rate = step["flop_per_image"] * step["batch"] / row["median"]
        assert row["fastest"] <= row["median"] <= row["slowest"]
        assert row["flop_per_second"] == pytest.approx(rate)
        assert row["share_of_peak"] == pytest.approx(rate / peaks[name])
    assert set(results["precision vdm-8"]["minus_float32"]) == {"float32 again", "tf32", "bf16"}
    assert results["precision vdm-8"]["minus_float32"]["float32 again"]["difference"] == 0
    trained = results["train vdm-small"]
    assert trained["data"] == "digits"
    assert trained["config"]["seed"] == 0
    assert trained["curve"][-1]["step"] == trained["steps"]
    assert 0 < trained["standard_error"] < trained["bits_per_dim"] < 20


def test_a_start_measures_everything_and_another_resumes(tmp_path: Path, session: Session) -> None:
    """One test, for a start takes seconds; the other is a process of its own."""
    out = tmp_path / "gpu.json"
    said = start_here(out)
    first = json.loads(out.read_text())
    assert_every_item_is_in(first, said, session)
    assert_holds_what_it_measured({n: row.get("result") for n, row in first["items"].items()})
    said = start(out)
    second = json.loads(out.read_text())
    assert (first["starts"], second["starts"]) == (1, 2)
    assert second["items"] == first["items"]
    assert " ok in " not in said
    assert "in 2 start(s)" in said


def test_an_unwritable_record_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit, match="cannot write /proc/none/gpu.json.*another --out"):
        gpu.main(["--toy", "--out", "/proc/none/gpu.json"])
    assert not capsys.readouterr().out  # nothing was measured for nothing


def test_a_foreign_or_damaged_record_is_left_alone(tmp_path: Path, session: Session) -> None:
    out = tmp_path / "gpu.json"
    for text in ("{", "[]", '{"format": 1}'):
        out.write_text(text)
        with pytest.raises(Unwritable, match="choose another --out"): Record(out, session)
        assert out.read_text() == text
    out.unlink()
    content = Record(out, session).content
    out.write_text(json.dumps(content | {"machine": {**content["machine"], "device": "other"}}))
    with pytest.raises(Unwritable, match="device was other"): Record(out, session)
    for place in (tmp_path, out / "below a file"):
        with pytest.raises(Unwritable, match="cannot go on"): Record(place, session)


def found(session: Session) -> dict:
    """What an item that works returns."""
    return {"text": "found", "number": 1}


def fail(error: BaseException) -> Callable[[Session], dict]:
    """An item that raises."""
    def call(session: Session) -> dict: raise error
    return call


def slow(session: Session) -> dict:
    """An item that never comes back by itself."""
    while True: time.sleep(0.01)


def test_one_item_does_not_take_the_others_with_it(tmp_path: Path, session: Session) -> None:
    items = [
        Item("broken", 0, fail(RuntimeError("first line\nsecond line"))),
        Item("different", 0, fail(Disagreement("two numbers differ"))),
        Item("absent", 0, fail(Unavailable("nothing there"))),
        Item("fine", 0, found),
        Item("slow", 0, slow),
        Item("late", 100, found),
    ]
    record = Record(tmp_path / "gpu.json", session)
    run(record, items[:4], session, Clock(60, None, 0), again=False)
    run(record, items[4:], session, Clock(0.5, None, 0), again=False)
    rows = json.loads((tmp_path / "gpu.json").read_text())["items"]
    status = {"broken": "failed", "different": "failed", "absent": "unavailable", "fine": "ok",
              "slow": "failed", "late": "skipped"}
    assert {name: row["status"] for name, row in rows.items()} == status
    assert rows["broken"]["reason"] == "RuntimeError: first line"
    assert "stopped after" in rows["slow"]["reason"]
    assert "0 s were left" in rows["late"]["reason"]
    assert record.failed
    assert session.results == {"fine": {"text": "found", "number": 1}}

    again = Record(tmp_path / "gpu.json", session)
    mended = [Item(item.name, item.seconds, found) for item in items]
    run(again, mended, session, Clock(60, None, 0), again=False)
    assert again.items["late"]["status"] == "ok"  # there was no time before
    assert again.items["broken"]["status"] == "failed"  # the code is the same
    run(again, mended, session, Clock(60, None, 0), again=True)
    assert {row["status"] for row in again.items.values()} == {"ok"}


def test_other_code_tries_again_what_failed(tmp_path: Path, session: Session) -> None:
    record = Record(tmp_path / "gpu.json", session)
    run(record, [Item("a", 0, fail(ValueError("no")))], session, Clock(60, None, 0), again=False)
    record.code = "mended"
    run(record, [Item("a", 0, found)], session, Clock(60, None, 0), again=False)
    assert record.items["a"]["status"] == "ok"


def test_an_item_that_ends_the_process_is_tried_twice(tmp_path: Path, session: Session) -> None:
    killed = [Item("killer", 0, fail(SystemExit()))]
    for _ in range(2):
        record = Record(tmp_path / "gpu.json", session)
        with pytest.raises(SystemExit):
            run(record, killed, session, Clock(60, None, 0), again=False)
        assert record.items["killer"]["status"] == "running"
    record = Record(tmp_path / "gpu.json", session)
    run(record, killed, session, Clock(60, None, 0), again=False)
    assert record.items["killer"]["status"] == "failed"
    assert "the process ended while it ran, 2 times" in record.items["killer"]["reason"]


def test_the_budget_counts_all_starts(tmp_path: Path, session: Session) -> None:
    assert Clock(480, None, 1e6).left > 479
    assert Clock(480, 900, 800).left < 100
    assert Clock(480, 900, 900).left < 0
    record = Record(tmp_path / "gpu.json", session)
    record.put("a", "ok", 3.0, result={"text": ""})
    assert Record(tmp_path / "gpu.json", session).seconds == 3.0


def test_the_package_and_its_wheels_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(gpu, "NEEDED", ("numpy", "in_a_wheel", "not_there.at_all"))
    with pytest.raises(SystemExit, match="in_a_wheel, not_there.at_all cannot be imported"):
        gpu.reach(None)
    with pytest.raises(SystemExit, match="not a folder"): gpu.reach(tmp_path / "absent")
    with zipfile.ZipFile(tmp_path / "in_a_wheel-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("in_a_wheel.py", "number = 5")
    with pytest.raises(SystemExit, match=r"^not_there.at_all cannot"): gpu.reach(tmp_path)
    import in_a_wheel
    assert in_a_wheel.number == 5


def test_a_check_can_fail(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gpu_checks.agree("these", 1e-11, 1e-10) == 1e-11
    for wrong in (2e-10, math.nan):
        with pytest.raises(Disagreement, match="these differ"):
            gpu_checks.agree("these", wrong, 1e-10)
    sound, made = gpu_checks.perturbed, []

    def moved(options: dict, device: torch.device | str, double: bool = False) -> object:
        made.append(sound(options, device, double))
        weight = next(p for p in made[-1].network.parameters() if p.ndim == 4)
        with torch.no_grad(): weight *= 1 + 1e-7 * len(made)
        return made[-1]
    monkeypatch.setattr(gpu_checks, "perturbed", moved)
    with pytest.raises(Disagreement, match="vp: float64.*; cld: float64"):
        gpu_checks.float64(session)


def test_a_check_in_float64_is_in_float64() -> None:
    model = gpu_checks.perturbed(gpu_checks.MODELS["encoder"], "cpu", double=True)
    assert {p.dtype for p in model.parameters()} == {torch.float64}
    assert gpu_checks.loss(model, 2, "cpu") == gpu_checks.loss(model, 2, "cpu")


def test_one_failing_model_does_not_hide_the_others(session: Session) -> None:
    def check(session: Session, name: str) -> dict:
        if name == "bad": raise RuntimeError("no\nmore")
        return {"difference": 0.0}
    with pytest.raises(Disagreement, match="^bad: RuntimeError: no$") as caught:
        gpu_checks.each(session, ["good", "bad", "better"], check)
    assert caught.value.found == {name: {"difference": 0.0} for name in ("good", "better")}


def idx(path: Path, x: torch.Tensor) -> None:
    """Write images as a compressed IDX file."""
    header = struct.pack(">IIII", 0x803, len(x), *x.shape[-2:])
    path.write_bytes(gzip.compress(header + x.numpy().tobytes()))


def test_images_come_from_the_best_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.arange(60, dtype=torch.uint8).view(5, 1, 3, 4)
    (tmp_path / "raw").mkdir()
    idx(tmp_path / "raw" / "train-images-idx3-ubyte.gz", x)
    idx(tmp_path / "raw" / "t10k-images-idx3-ubyte.gz", x[:2])
    given = Session(torch.device("cpu"), toy=False, data=tmp_path)
    data = gpu_train.images(given)
    assert torch.equal(data.train, x) and torch.equal(data.test, x[:2])
    assert data.passed_over == []
    (tmp_path / "raw" / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0" * 20))
    monkeypatch.setattr(gpu_train, "from_package", fail(FileNotFoundError("/private/path")))
    data = gpu_train.images(given)
    assert data.name.startswith("generated")
    assert data.passed_over == ["folder: damaged IDX file", "fashion_mnist: FileNotFoundError",
                                "digits: FileNotFoundError"]


def test_a_paired_difference_knows_its_error() -> None:
    base = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    moved = gpu_train.paired(base + torch.tensor([0.0, 1.0, 0.0, 1.0]), base)
    assert moved == {"difference": 0.5, "standard_error": pytest.approx(math.sqrt(1 / 3) / 2)}


def test_the_moving_average_is_the_package_s() -> None:
    from mdm_nb.runs.steps import ema_with_warmup
    ours, theirs, average = torch.zeros(3), torch.zeros(3), gpu_train.averaging(0.9)
    for n in range(1, 200):
        new = torch.full((3,), float(n))
        ours = average(ours, new, n)
        ema_with_warmup(0.9)([theirs], [new], torch.tensor(n))
        assert torch.equal(ours, theirs)


def test_operations_and_turns_are_counted() -> None:
    a, calls = torch.randn(8, 8), []
    assert timing.flops(lambda: a @ a) == 2 * 8**3
    times = timing.in_turns({n: lambda n=n: calls.append(n) for n in "ab"}, repeats=3)
    assert calls == ["a", "b"] * 4  # the first of each is the warm-up
    assert [len(v) for v in times.values()] == [3, 3]
    row = timing.spread([3.0, 1.0, 2.0])
    assert row == {"median": 2.0, "fastest": 1.0, "slowest": 3.0, "repeats": 3}


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", gpu_checks.CHECKS)
def test_the_device_computes_what_the_processor_computes(name: str) -> None:
    assert gpu_checks.CHECKS[name](Session(torch.device("cuda"), toy=False))["text"]
