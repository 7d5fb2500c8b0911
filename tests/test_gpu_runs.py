"""`tools/gpu_runs.py`: what is done stays, what is stopped goes on, what fails is said."""
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))

import gpu_runs

RUN = """
import pathlib, signal, sys, time
folder, name, resumed = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
if name == "cld": sys.exit("the loss is nan")
(folder / "checkpoints").mkdir(parents=True, exist_ok=True)
(folder / "config.json").touch()
(folder / "checkpoints" / "step-1").touch()
if name == "vdm" or resumed: (folder / "record.json").touch()
else: time.sleep(60)
"""


def test_a_start_goes_on_where_the_last_one_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:
    whole = gpu_runs.command
    def short(name: str, seed: int, folder: Path, toy: bool) -> list[str]:
        more = ["--resume"] if "--resume" in whole(name, seed, folder, toy) else []
        return [sys.executable, "-c", RUN, str(folder), name, *more]
    monkeypatch.setattr(gpu_runs, "command", short)
    monkeypatch.setattr(gpu_runs, "PATIENCE", 2)
    first = tmp_path / "first"
    usual = ["--seeds", "1", "--archives", "2"]
    asked = ["--out", str(first), "--only", "vdm", "mulan", "cld", "--seconds", "2", *usual]
    assert gpu_runs.main(asked) == 1
    said = capsys.readouterr().out
    assert "vdm-0: done" in said and "mulan-0: stopped" in said and "2 left" in said
    assert "cld-0: failed (1)" in said and "the loss is nan" in said
    second = tmp_path / "second"  # another machine, to which only the archives came
    second.mkdir()
    for archive in first.glob("runs-*.tar"): shutil.copy(archive, second)
    asked = ["--out", str(second), "--only", "vdm", "mulan", "--seconds", "20", *usual]
    assert gpu_runs.main(asked) == 0
    assert capsys.readouterr().out == "mulan-0: done\nall done\n"
    kept = sorted(str(p.relative_to(second)) for p in second.rglob("*") if p.is_file())
    assert "vdm-0/record.json" in kept and "vdm-0/checkpoints/step-1" not in kept


def test_every_model_is_one_that_the_command_takes() -> None:
    from mdm_nb.runs.cli import mdm_train
    from mdm_nb.runs.config import Config, make_model
    from mdm_nb.runs.words import parser_of
    parser = parser_of(mdm_train.__wrapped__, None)
    for options in gpu_runs.MODELS.values():
        typed = vars(parser.parse_args([*gpu_runs.BUDGET, *options]))
        config = Config(**{k: v for k, v in typed.items() if k in vars(Config()) and v is not None})
        make_model(config.replace(width=8, blocks=1), 256, (1, 28, 28), 10)
