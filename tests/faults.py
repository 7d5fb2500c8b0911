"""Harm done to runs: processes killed at every moment, bits turned, options edited.

The tests do a little of it. All of it, which takes minutes:

    python tests/faults.py --kills 300 --flips 200
"""
import argparse
import json
import math
import os
import random
import signal
import socket
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState

from mdm_nb.gaussians.core import InputError
from mdm_nb.runs import evaluate
from mdm_nb.runs.config import Config
from mdm_nb.runs.files import hash_tensors, read_tensors
from mdm_nb.runs.folder import FREE
from mdm_nb.runs.run import Run
from mdm_nb.runs.start import begin, carry_on, make_accelerator
from mdm_nb.runs.train import fit

# Trainings in a process of their own, without the seconds that starting one takes


def forked(work: Callable[[], object]) -> int:
    """Do something in a copy of this process, which has torch loaded; returns its id."""
    for stream in (sys.stdout, sys.stderr): stream.flush()
    with warnings.catch_warnings():  # of the thread that watches over progress bars
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid: return pid
    status = 70
    try:
        status = int(work() or 0)
    finally: os._exit(status)


def ended(pid: int, seconds: float = 100) -> int:
    """Wait for a process: its exit status, or minus the signal that killed it."""
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found: return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError(f"a training was stuck for {seconds} s")


def pictures(folder: Path) -> Path:
    """Few small images, so that a training takes no time."""
    images = np.random.default_rng(0).integers(0, 256, (56, 1, 8, 8), dtype=np.uint8)
    parts = dict(zip(("train", "valid", "test"), np.split(images, [40, 48]), strict=True))
    np.savez(folder / "few.npz", **parts)
    return folder / "few.npz"


def options(data: Path, steps: int = 12, **more: object) -> Config:
    """A training of a few steps, with checkpoints and validations between."""
    few = {"steps": steps, "width": 8, "blocks": 1, "batch_size": 8, "warmup": 3, "valid_every": 4,
           "valid_times": 1, "checkpoint_every": 4, "schedule": "learned"}
    return Config(data=str(data), **few | more)


def trained(config: Config, out: Path, known: bool | None = None) -> None:
    """What `mdm_train` does, --resume where there is something to resume, without pictures."""
    if known is None: known = (out / "config.json").exists()
    run, data = carry_on(out) if known else begin(config, out)
    accelerator = make_accelerator(torch.device("cpu"), config.precision)
    model, _ = fit(run, data, accelerator, progress=False)
    with mock.patch.multiple(evaluate, draw_samples=mock.DEFAULT, draw_metrics=mock.DEFAULT):
        evaluate.judge(run, model, data, progress=False)


# Kills


CHANGES = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def before_changes(out: Path, told: Callable[[], None]) -> None:
    """Call something before every change of a folder, as long as this process lives."""
    def hear(event: str, args: tuple) -> None:
        if event not in CHANGES or not str(args[0]).startswith(str(out)): return
        reads = event == "open" and not (isinstance(args[2], int) and args[2] & os.O_ACCMODE)
        if not reads: told()
    sys.addaudithook(hear)


def killed_before(change: int, config: Config, out: Path) -> int:
    """Train until the n-th change of the folder, and die there; 0 if it ended before."""
    def work() -> None:
        left = iter(range(change - 1))
        def die() -> None:
            if next(left, None) is None: os.kill(os.getpid(), signal.SIGKILL)
        before_changes(out, die)
        trained(config, out)
    return ended(forked(work))


def processes(config: Config, out: Path, world: int) -> list[int]:
    """Begin a training in one or several processes that know each other."""
    known = (out / "config.json").exists()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    def work(rank: int) -> None:
        for state in (AcceleratorState, GradientState): state._reset_state()
        PartialState._reset_state()
        place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "MASTER_PORT": port}
        if world > 1:
            os.environ.update({k: str(v) for k, v in place.items()}, MASTER_ADDR="127.0.0.1")
        trained(config, out, known)
    return [forked(lambda rank=rank: work(rank)) for rank in range(world)]


def killed_after(seconds: float, config: Config, out: Path, world: int = 1, which: int = 0) -> int:
    """Train for so long, and let one process die wherever that is; 0 if all ended before.

    The others are told to end, as torchrun tells them, and must do so within a minute.
    """
    pids = processes(config, out, world)
    time.sleep(seconds)
    with suppress(ProcessLookupError): os.kill(pids[which], signal.SIGKILL)
    died = ended(pids[which])
    others = [pid for rank, pid in enumerate(pids) if rank != which]
    for pid in others if died else ():
        with suppress(ProcessLookupError): os.kill(pid, signal.SIGTERM)
    for pid in others: ended(pid, 60)
    return died


def changes_of(config: Config, out: Path) -> int:
    """How many changes of its folder an undisturbed training makes."""
    told = out.with_name(out.name + "-changes")
    def work() -> None:
        count = []
        before_changes(out, lambda: count.append(1))
        trained(config, out)
        told.write_text(str(len(count)))
    assert ended(forked(work)) == 0
    return int(told.read_text())


def content(out: Path) -> dict[str, object]:
    """What a run comes to: tensors, metrics and results by file; seconds and dates do not count."""
    found: dict[str, object] = {}
    for file in sorted(p for p in out.rglob("*") if p.is_file()):
        name = file.relative_to(out).as_posix()
        if file.suffix == ".safetensors": found[name] = hash_tensors(read_tensors(file)[0])
        elif name == "metrics.jsonl": found[name] = file.read_bytes()
        elif name == "record.json":
            found[name] = Run(out).record()[0]["evaluations"]["test"]["total"]
        else: found[name] = None
    return found


def killed_again_and_again(changes: list[int], config: Config, out: Path) -> int:
    """Kill one run before the n-th change of each start, let it end, and count the kills."""
    kills = sum(killed_before(change, config, out) == -signal.SIGKILL for change in changes)
    assert ended(forked(lambda: trained(config, out))) == 0
    return kills


# Turned bits and edited options


def seen(out: Path) -> dict[str, object]:
    """Every number that a run tells."""
    run = Run(out)
    step, seconds, tensors = run.load_checkpoint()
    record, current = run.record()
    return {
        "weights": hash_tensors(run.load_model().state_dict()), "current": current,
        "options": {k: v for k, v in vars(run.config).items() if k not in FREE},
        "free": {k: v for k, v in vars(run.config).items() if k in FREE},
        "checkpoint": (step, seconds, hash_tensors(tensors)), "metrics": run.metrics(),
        "data": {k: run.data[k] for k in ("fingerprint", "levels", "shape")},
        "evaluations": record["evaluations"], "training": record["training"],
    }


def verdict(out: Path, truth: dict[str, object]) -> str:
    """Is a change of a run refused, said, without effect, of what is free, or silent?"""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            now = seen(out)
    except InputError: return "refused"
    except UserWarning: return "said"
    different = {k for k in truth if truth[k] != now[k]}
    if not different: return "no effect"
    return "free" if different == {"free"} else "silent"


def turned(file: Path, times: int, seed: int = 0) -> Iterator[int]:
    """Turn one bit of a file after the other; each is turned back before the next."""
    whole, source = file.read_bytes(), random.Random(seed)
    for _ in range(times):
        place = source.randrange(8 * len(whole))
        bits = bytearray(whole)
        bits[place // 8] ^= 1 << place % 8
        file.write_bytes(bits)
        yield place
    file.write_bytes(whole)


READ = ("config.json", "metrics.jsonl", "record.json", "weights.safetensors", "checkpoints/*12.*")


def flips(out: Path, times: int) -> dict[str, Counter]:
    """What becomes of turned bits, for each file that is read."""
    truth, found = seen(out), {}
    for pattern in READ:
        file = next(out.glob(pattern))
        found[file.name] = Counter(verdict(out, truth) for _ in turned(file, times))
    return found


OTHERS = {bool: lambda v: [not v], int: lambda v: [v + 1, 2 * v + 3], str: lambda v: [],
          float: lambda v: [v / 2 + 0.1], type(None): lambda v: [1, 0.5]}
TEXTS = {"process": ["ve", "subvp", "cld", "alda"], "schedule": ["linear", "cosine", "monotone"],
         "parameterisation": ["x", "eps", "score"], "encoder": ["fixed", "unet"],
         "precision": ["bf16"], "noise": ["diagonal"], "track": ["tensorboard"]}


def edits(out: Path) -> dict[str, str]:
    """What becomes of edits of config.json, one option or fact of the data at a time."""
    truth, file, found = seen(out), out / "config.json", {}
    whole = file.read_text()
    about = json.loads(whole)
    for part in ("config", "data"):
        for name, value in about[part].items():
            if name in ("data", "root", "name", "where"): continue
            for other in TEXTS.get(name, OTHERS.get(type(value), lambda v: [[3, 8, 8]])(value)):
                changed = about | {part: about[part] | {name: other}}
                file.write_text(json.dumps(changed))
                found[f"{name} = {other!r}"] = verdict(out, truth)
    file.write_text(whole)
    return found


VARIANTS = {  # what differs in the options, and how many processes
    "plain": ({}, 1),
    "accumulated": ({"accumulate": 3}, 1),
    "bf16": ({"precision": "bf16", "accumulate": 2}, 1),
    "learned-diffusion": ({"process": "LearnedMDM(K=2)", "schedule": "linear"}, 1),
    "two-processes": ({}, 2),
    "two-bf16": ({"precision": "bf16"}, 2),
}


def harm(config: Config, folder: Path, world: int, kills: int, source: random.Random) -> None:
    """Kill runs at random moments, four times each, let them end, and compare."""
    folder.mkdir()
    began, died, runs, bad = time.monotonic(), 0, 0, 0
    for pid in processes(config, folder / "whole", world): assert ended(pid) == 0
    seconds, truth = time.monotonic() - began, content(folder / "whole")
    while died < kills:
        out = folder / f"{runs}"
        runs += 1
        for _ in range(4):
            moment, which = source.uniform(0, 1.2 * seconds), source.randrange(world)
            died += killed_after(moment, config, out, world, which) == -signal.SIGKILL
        for pid in processes(config, out, world): assert ended(pid) == 0
        bad += content(out) != truth
    print(f"{folder.name}: {died} kills at random moments of {runs} runs, of {seconds:.1f} s each "
          f"if undisturbed: {bad} ended otherwise ({time.monotonic() - began:.0f} s)", flush=True)


def main() -> None:
    """Kill, turn and edit on a large scale, and report."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--kills", type=int, default=300, help="at random moments")
    parser.add_argument("--flips", type=int, default=200, help="of each file")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, whole = options(pictures(folder)), folder / "whole"
        trained(config, folder / "warm")
        changes = changes_of(config, whole)
        truth, bad, began = content(whole), 0, time.monotonic()
        for change in range(1, changes + 1):
            out = folder / f"change-{change}"
            killed_again_and_again([change], config, out)
            bad += content(out) != truth
        print(f"killed before each of {changes} changes of the folder: {bad} ended otherwise "
              f"({time.monotonic() - began:.0f} s)", flush=True)
        source = random.Random(0)
        for name, (more, world) in VARIANTS.items():
            share = math.ceil(asked.kills / len(VARIANTS))
            harm(options(pictures(folder), **more), folder / name, world, share, source)
        for file, found in flips(whole, asked.flips).items(): print(f"{file}: {dict(found)}")
        found = edits(whole)
        print(f"{len(found)} edits of config.json: {dict(Counter(found.values()))}")
        print("silent:", [k for k, v in found.items() if v == "silent"])
        print("free:", [k for k, v in found.items() if v == "free"])


if __name__ == "__main__": main()
