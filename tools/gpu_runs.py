"""Train every system at one budget on one GPU, several at a time, in slices.

    python tools/gpu_runs.py --out FOLDER --seconds 480      # again and again, until all is done

Each run is one `mdm_train` in a process of its own. A start trains what FOLDER does not yet hold,
seed by seed; when its seconds are over, what still trains is asked to stop, leaves a checkpoint,
and is carried on by the next start. At the end the run folders lie in FOLDER, with their records
and cards, and `runs-0.tar`, `runs-1.tar`, ... beside them hold the same, without checkpoints of
finished runs, for machines from which only a few files come back; a start unpacks them first.

Small networks leave most of a large GPU idle, and several at once use more of it: sixteen got 62
steps a second together on an H200, where one alone gets 35. `--toy` is for a test without a GPU.
"""
import argparse
import os
import shlex
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGET = shlex.split(
    "--data fashion_mnist --steps 2000 --batch-size 64 --lr 2e-3 --lr-decay cosine --ema 0.998 "
    "--width 32 --blocks 4 --valid-every 500 --valid-examples 200 --valid-times 1 "
    "--checkpoint-every 500 --keep 1"
)
TOY = shlex.split(
    "--data digits --steps 3 --batch-size 64 --width 8 --blocks 1 --valid-examples 4 --no-samples"
)
MULAN = ["--schedule", "Polynomial(KHot(16, 4, width=16, blocks=1))"]
STEADY = ["--schedule", "Polynomial(KHot(16, 4, width=16, blocks=1), straight=0.1)"]
DIFFENC = shlex.split("--encoder unet --encoder-width 16 --ends 0.25")
MODELS: dict[str, list[str]] = {  # what each changes; the slowest first
    "diffenc-mulan": [*DIFFENC, *STEADY],
    "diffenc": DIFFENC,
    "mulan": MULAN,
    "mdm-mulan": ["--process", "mdm", "--aux", "1", *STEADY],
    "mdm": shlex.split("--process mdm --aux 1 --schedule monotone"),
    "cld": shlex.split("--process cld --parameterisation noise"),
    "psld": shlex.split("--process psld --parameterisation noise"),
    "malda": shlex.split("--process malda --parameterisation noise"),
    "vdm": [],
    "label": ["--labels"],
}
PATIENCE = 20  # seconds for the last checkpoint of a run that is asked to stop


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="where the runs lie")
    parser.add_argument("--seconds", type=float, default=480, help="of this start")
    parser.add_argument("--at-once", type=int, default=8, help="runs that train together")
    parser.add_argument("--seeds", type=int, default=3, help="of each model")
    parser.add_argument("--only", nargs="+", choices=MODELS, help="some of the models")
    parser.add_argument("--archives", type=int, default=3, help="files to pack the runs into")
    parser.add_argument("--toy", action="store_true", help="three steps of digits each")
    return parser.parse_args(argv)


def command(name: str, seed: int, folder: Path, toy: bool) -> list[str]:
    """The line that begins a run or carries it on."""
    line = [sys.executable, "-m", "mdm_nb.runs.cli", "mdm_train", "--out", str(folder)]
    if any(folder.glob("checkpoints/step-*")): return [*line, "--resume"]
    return [*line, *(TOY if toy else BUDGET), *MODELS[name], "--seed", str(seed)]


def waiting(asked: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    """The runs without a record, and how each goes on."""
    for seed, name in product(range(asked.seeds), asked.only or MODELS):
        folder = asked.out / f"{name}-{seed}"
        if (folder / "record.json").exists(): continue
        yield folder.name, command(name, seed, folder, asked.toy)


def train(asked: argparse.Namespace, end: float) -> list[str]:
    """Keep so many runs training until the end; the names of those that failed."""
    todo, running, failed = list(waiting(asked)), {}, []
    known = {**os.environ, "OMP_NUM_THREADS": "1", "TQDM_MININTERVAL": "10"}
    known["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    while (todo or running) and time.monotonic() < end:
        while todo and len(running) < asked.at_once:
            name, line = todo.pop(0)
            with (asked.out / f"{name}.log").open("a") as log:
                running[name] = subprocess.Popen(line, env=known, stdout=log, stderr=log)
        time.sleep(0.2)
        for name in [n for n, process in running.items() if process.poll() is not None]:
            code = running.pop(name).returncode
            print(f"{name}: {'done' if code == 0 else f'failed ({code})'}", flush=True)
            if code: failed.append(name)
    for process in running.values(): process.send_signal(signal.SIGTERM)
    stop = time.monotonic() + PATIENCE
    for name, process in running.items():
        try: process.wait(max(0.1, stop - time.monotonic()))
        except subprocess.TimeoutExpired: process.kill()
        print(f"{name}: stopped, to be carried on", flush=True)
    return failed


def unpack(out: Path) -> None:
    """Runs of an earlier start that came in archives."""
    for archive in sorted(out.glob("runs-*.tar")):
        with tarfile.open(archive) as tar: tar.extractall(out, filter="data")


def pack(out: Path, archives: int) -> None:
    """Write run folders and logs into archives; a finished run needs no checkpoints."""
    folders = sorted(config.parent for config in out.glob("*/config.json"))
    for i in range(archives):
        with tarfile.open(out / f"runs-{i}.tar", "w") as tar:
            for folder in folders[i::archives]:
                done = (folder / "record.json").exists()
                for file in sorted(p for p in folder.rglob("*") if p.is_file()):
                    if done and "checkpoints" in file.parts: continue
                    tar.add(file, file.relative_to(out))
                log = out / f"{folder.name}.log"
                if log.exists(): tar.add(log, log.name)


def main(argv: list[str] | None = None) -> int:
    """Train for a while; 1 if a run failed, else 0."""
    asked, begun = arguments(argv), time.monotonic()
    asked.out.mkdir(parents=True, exist_ok=True)
    unpack(asked.out)
    failed = train(asked, begun + asked.seconds)
    pack(asked.out, asked.archives)
    left = [name for name, _ in waiting(asked)]
    print(f"{len(left)} left: {', '.join(left)}" if left else "all done", flush=True)
    for name in failed: print((asked.out / f"{name}.log").read_text()[-400:], flush=True)
    return int(bool(failed))


if __name__ == "__main__": sys.exit(main())
