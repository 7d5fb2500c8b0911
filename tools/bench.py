"""Measure what a user waits for, on a processor, one thread by default.

Importing the package, one step of training, one evaluation of the bound, the kernels of linear
diffusions, an encoder. Every number is the median of several repeats, with the fastest and the
slowest beside it: a shared machine is noisy on one side only.
"""
import argparse
import importlib.util
import itertools
import json
import platform
import subprocess
import sys
from pathlib import Path

import torch
from timing import CIFAR, LEVELS, TrainingStep, configured, in_turns, repeated, spread
from torch import Tensor

from mdm_nb.processes.lyapunov import kernel
from mdm_nb.runs.config import Config

ROOT = Path(__file__).resolve().parent.parent
Row = dict[str, str | float]
DIGITS = (1, 8, 8)  # shape of the images that `mdm_train` learns by default, of 17 levels


def row(name: str, seconds: list[float]) -> Row:
    """One line of the table."""
    s = spread(seconds)
    middle, low, high = (1e3 * s[k] for k in ("median", "fastest", "slowest"))
    print(f"{name:<40} {middle:10.2f} ms   ({low:.2f} to {high:.2f}, {s['repeats']} repeats)",
          flush=True)
    return {"name": name, **s}


def fresh_process(code: str, repeats: int) -> list[float]:
    """How long a statement takes in a new interpreter, measured inside it."""
    clock = "time.perf_counter()"
    timed = f"import time; start = {clock}; {code}; print({clock} - start)"
    command = [sys.executable, "-c", timed]
    seconds = []
    for _ in range(repeats + 1):
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        seconds.append(float(done.stdout))
    return seconds[1:]


def imports(repeats: int) -> list[Row]:
    """Importing PyTorch is the floor; what the package and its parts add comes on top."""
    parts = [f"mdm_nb.{name}" for name in ("models.model", "runs.train", "runs.cli")]
    names = ["torch", "mdm_nb", *filter(importlib.util.find_spec, parts)]
    return [row(f"import {name}", fresh_process(f"import {name}", repeats)) for name in names]


def model(repeats: int) -> list[Row]:
    """A training step and a bound of the default model, on data shaped like the digits."""
    config = Config()
    step = TrainingStep(config, config.batch_size, DIGITS, 17)

    def bound() -> None:
        with torch.no_grad(): step.model.loss(step.data, generator=step.noise())
    parameters = sum(p.numel() for p in step.model.parameters())
    print(f"the default model, {parameters:,} parameters, {config.batch_size} images of {DIGITS}")
    return [row("training step", repeated(step, repeats)),
            row("bound, no gradient", repeated(bound, repeats))]


def chain(K: int) -> tuple[Tensor, Tensor]:
    """Drift and noise of K blocks in a row, the noise on the last."""
    Q = torch.ones(K - 1, dtype=torch.float64).diag(1)
    last = torch.eye(K, dtype=torch.float64)[:, -1:]
    noise = last @ last.mT
    return Q - Q.mT - 2 * noise, 4 * noise


class Kernels:
    """Kernels of a chain of K blocks for B times: known systems, new ones, and learned ones."""
    def __init__(self, K: int, B: int) -> None:
        self.A, self.N = chain(K)
        self.times = torch.logspace(-3, 1, B, dtype=torch.float64)
        # each change makes a system that has not been met before
        self.changes = (1 + i * 2.0**-40 for i in itertools.count(1))

    def known(self) -> None:
        """The system of the call before."""
        kernel(self.A, self.N, self.times)

    def new(self) -> None:
        """A system met for the first time."""
        kernel(self.A * next(self.changes), self.N, self.times)

    def learned(self) -> Tensor:
        """A new system that asks for a gradient."""
        A = (self.A * next(self.changes)).requires_grad_()
        return kernel(A, self.N.clone().requires_grad_(), self.times).logdet.sum()

    def gradient(self) -> None:
        """The same, with its gradient."""
        self.learned().backward()


def kernels(repeats: int) -> list[Row]:
    """How kernels grow with K and B, and what a new or a learned system adds."""
    rows = []
    for K, B in itertools.product(range(1, 7), (1, 16, 128, 1024, 4096)):
        rows.append(row(f"kernel, K = {K}, B = {B}", repeated(Kernels(K, B).known, repeats)))
    for K in range(1, 7):
        system, size = Kernels(K, 128), f"K = {K}, B = 128"
        rows.append(row(f"new system, {size}", repeated(system.new, repeats)))
        rows.append(row(f"learned, {size}", repeated(system.learned, repeats)))
        rows.append(row(f"learned, with gradient, {size}", repeated(system.gradient, repeats)))
    return rows


def preset_step(name: str, batch: int) -> TrainingStep:
    """A training step of a published model on images of 32×32."""
    return TrainingStep(configured(name), batch)


def vdm(repeats: int, batch: int = 4) -> list[Row]:
    """The step of vdm-8, which is what a kernel must be small against."""
    return [row(f"vdm-8 step, batch of {batch}", repeated(preset_step("vdm-8", batch), repeats))]


def encoder(repeats: int, batch: int = 16) -> list[Row]:
    """What an encoder adds to a step: vdm-8 and diffenc-8-2 in turns, and its two passes alone."""
    plain, moved = preset_step("vdm-8", batch), preset_step("diffenc-8-2", batch)
    part = moved.model.process.encoder
    x = torch.randint(LEVELS, (batch, *CIFAR)).double() / 128 - 1
    gamma = torch.linspace(-13, 4, batch, dtype=torch.float64)
    calls = {
        "vdm-8 step": plain,
        "diffenc-8-2 step": moved,
        "encoder with tangent, and backward": lambda: sum(part.tangent(x, gamma)).sum().backward(),
        "encoder alone, and backward": lambda: part(x, gamma).sum().backward(),
    }
    seconds = in_turns(calls, repeats)
    return [row(f"{name}, batch of {batch}", values) for name, values in seconds.items()]


def shares(rows: list[Row], base: Row) -> None:
    """Print what each row is of the row at the bottom of the comparison."""
    for r in rows:
        middle, fastest = (r[k] / base[k] for k in ("median", "fastest"))
        print(f"{r['name']}: {middle:.3%} of the {base['name']} (fastest: {fastest:.3%})")


def main() -> None:
    """Print the table, and write it to a file if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="repeats of each measurement")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model's arithmetic")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"Python {platform.python_version()}, {platform.machine()}, "
          f"median of {args.repeats}, {args.threads} thread(s)")
    rows = imports(args.repeats) + model(args.repeats)
    chains = kernels(5 * args.repeats)
    steps = vdm(max(1, args.repeats // 2))
    shares([r for r in chains if str(r["name"]).endswith("K = 3, B = 128")], steps[0])
    encoders = encoder(args.repeats)
    shares(encoders[1:], encoders[0])
    rows += chains + steps + encoders
    if args.json: args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
