"""Find out what only a GPU can answer: one resumable script for a bare machine with torch and one.

    python tools/gpu.py --data FOLDER --out gpu.json      # again and again, until all is done

From the most valuable to the least: do the device's bounds, gradients, kernels and samples agree
with the processor's; the tests marked `cuda`; bounds in TF32 and bf16 against float32; the measured
peak of matrix products and copies; step time, memory and share of the peak of vdm-8 and vdm-32,
eager and compiled; the speed of evaluation and sampling; short trainings of the small presets.

One start is one slice of at most `--slice` seconds. What an item found is written at once to the
file of `--out`, and the next start goes on where this one stopped, also when it was killed. An item
that would not fit into what is left of the slice is skipped with that reason and tried at the next
start. `--budget` limits the seconds of all starts together.

Nothing but torch and numpy need be installed: `--wheels` names a folder of wheels or unpacked
packages that are put on the path, such as those of fastcore and tqdm. Items that need more say so
in the file. `--data` names a folder that holds the images of Fashion-MNIST as IDX files; without it
the package's loader is asked, then the digits of scikit-learn, then images are generated, and the
record says which it was. Without a GPU all of it runs at toy size, in under a minute.

A test that needs a GPU carries the marker `cuda`, and is skipped where there is none:

    @pytest.mark.cuda
    @pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

    python -m pytest -m cuda            # those tests alone
    python -m pytest -m "not cuda"      # all others
"""
import argparse
import sys
from functools import partial
from pathlib import Path

import gpu_checks
import gpu_speed
import gpu_train
import torch
from gpu_record import Clock, Record, Unwritable, run
from gpu_session import Item, Session, missing

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("numpy", "fastcore", "tqdm", "mdm_nb.runs.config")  # what the package imports at once
BATCHES = {"vdm-8": (16, 64, 128, 256, 512), "vdm-32": (16, 64, 128, 256)}
SMALL = {"vdm-small": 60, "diffenc-small": 150, "diffenc-small-nt": 90}  # seconds expected


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("gpu.json"), help="where the record lies")
    parser.add_argument("--slice", type=float, default=480, help="most seconds of this start")
    parser.add_argument("--budget", type=float, help="most seconds of all starts together")
    parser.add_argument("--data", type=Path, help="folder with the IDX files of Fashion-MNIST")
    parser.add_argument("--wheels", type=Path, help="folder of wheels to put on the path")
    parser.add_argument("--toy", action="store_true", help="toy size, also on a GPU")
    parser.add_argument("--again", action="store_true", help="try again what did not work")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="items that begin like this")
    return parser.parse_args(argv)


def reach(wheels: Path | None) -> None:
    """Put the package and the wheels on the path, and say what is missing."""
    if wheels is not None and not wheels.is_dir(): sys.exit(f"--wheels {wheels} is not a folder")
    vendored = [] if wheels is None else [wheels, *sorted(wheels.glob("*.whl"))]
    sys.path.insert(1, str(ROOT))
    sys.path.extend(map(str, vendored))  # what is installed goes first
    absent = [name for name in NEEDED if missing(name)]
    if not absent: return
    sys.exit(f"{', '.join(absent)} cannot be imported: carry the wheels here and name their folder "
             "with --wheels (for mdm_nb itself, run `make export`)")


def make_steps(toy: bool) -> list[Item]:
    """Training steps of the published models; at toy size there is only one of them."""
    slower = {"vdm-8": 1} if toy else {"vdm-8": 1, "vdm-32": 3}
    eager = [
        Item(f"step {name}, {batch} images", 10 + slower[name] * batch / 16,
             partial(gpu_speed.step, name=name, batch=batch))
        for name in slower
        for batch in (BATCHES[name][:1] if toy else BATCHES[name])
    ]
    compiled = [
        Item(f"compiled {name}", 100 * factor, partial(gpu_speed.compiled, name=name))
        for name, factor in slower.items()
    ]
    return [*eager, *compiled]


def make_items(session: Session) -> list[Item]:
    """All items, the most valuable first."""
    checks = [Item(f"check {name}", 20, call) for name, call in gpu_checks.CHECKS.items()]
    samples = [
        Item(f"sample vdm-8, {n} at once", 40, partial(gpu_speed.sampling, name="vdm-8", n=n))
        for n in session.size("sampled")
    ]
    trainings = [
        Item(f"train {name}", seconds, partial(gpu_train.training, name=name))
        for name, seconds in SMALL.items()
    ]
    return [
        *checks,
        Item("tests marked cuda", 60, gpu_checks.tests),
        Item("precision vdm-8", 90, partial(gpu_train.precision, name="vdm-8")),
        Item("peaks", 15, gpu_speed.peaks),
        *make_steps(session.toy),
        Item("evaluate vdm-8", 30, partial(gpu_speed.evaluation, name="vdm-8")),
        *samples,
        *trainings,
    ]


def main(argv: list[str] | None = None) -> int:
    """Run what is still to be found out, print the table; 1 if an item failed, else 0."""
    args = arguments(argv)
    reach(args.wheels)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    session = Session(device, args.toy or device.type == "cpu", args.data)
    try:
        record = Record(args.out, session)
        clock = Clock(args.slice, args.budget, record.seconds)
        items = make_items(session)
        chosen = [i for i in items if not args.only or i.name.startswith(tuple(args.only))]
        run(record, chosen, session, clock, args.again)
    except Unwritable as e: sys.exit(str(e))
    print(record.table())
    return int(record.failed)


if __name__ == "__main__":
    sys.exit(main())
