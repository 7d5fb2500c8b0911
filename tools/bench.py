"""Measure what a user waits for, on a processor, one thread by default.

Importing the package, one step of training, one evaluation of the bound, the kernels of linear
diffusions, an encoder, an adaptive clock, reverse steps, and a training step beside those of other
libraries (`tools/speed.py`, which also measures compiled ones). Every number is the median of
several repeats, with the fastest and the slowest beside it: a shared machine is noisy on one side
only. Models are compared in turns, by the processor's time.
"""
import argparse
import importlib.util
import itertools
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from speed import steps as beside
from timing import CIFAR, LEVELS, TrainingStep, configured, flops, in_turns, repeated, spread
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from mdm_nb.contexts.adaptive import Fields
from mdm_nb.contexts.context import Reader
from mdm_nb.contexts.subset import Subset
from mdm_nb.gaussians.core import seeded
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import UNet
from mdm_nb.processes.lyapunov import kernel
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.zoo import CLD
from mdm_nb.runs.config import Config
from mdm_nb.samplers.exponential import DPMSolver
from mdm_nb.samplers.sample import DDIM, Ancestral, EulerMaruyama, Sampler
from mdm_nb.samplers.splitting import Splitting

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
    rows: list[Row] = []
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
    return compared({
        "vdm-8 step": plain,
        "diffenc-8-2 step": moved,
        "encoder with tangent, and backward": lambda: sum(part.tangent(x, gamma)).sum().backward(),
        "encoder alone, and backward": lambda: part(x, gamma).sum().backward(),
    }, repeats, batch)


def compared(calls: dict[str, Callable[[], object]], repeats: int, batch: int) -> list[Row]:
    """Calls in turns, by the processor's time, each as a share of the first call of its turn."""
    return told(in_turns(calls, repeats, clock=time.process_time), batch)


def told(seconds: dict[str, list[float]], batch: int) -> list[Row]:
    """The rows of what was timed in turns, each as a share of the first of its turn."""
    base = next(iter(seconds))
    rows: list[Row] = []
    for name, values in seconds.items():
        rows.append(row(f"{name}, batch of {batch}", values))
        share = [mine / first for mine, first in zip(values, seconds[base], strict=True)]
        rows[-1] |= {"share": statistics.median(share), "least": min(share), "most": max(share)}
        print(f"    {statistics.median(share):.2%} of the {base} "
              f"({min(share):.2%} to {max(share):.2%} from turn to turn)", flush=True)
    return rows


CLOCKS = {  # of MuLAN: one that is enough, and the one of the released code
    "small": 'Polynomial(KHot(50, 15, width=32, blocks=2), waves=8, share="channels")',
    "released": "Polynomial(KHot(50, 15, width=128, blocks=4), width=3072)",
}


WITHOUT = "a step without a score network"


class Echo(nn.Module):
    """A score network that costs nothing."""
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor, g: Tensor, **told: Tensor) -> Tensor:
        """What it sees, scaled."""
        return self.scale * z


def clocked(name: str, batch: int, network: nn.Module | None = None) -> TrainingStep:
    """A training step of vdm-8 by the clock of MuLAN, or by its own."""
    schedule = {"schedule": CLOCKS[name]} if name in CLOCKS else {}
    step = TrainingStep(configured("vdm-8", **schedule), batch)
    if network is not None: step.model.network = network
    return step


def adaptive_parts(name: str, batch: int) -> dict[str, Callable[[], object]]:
    """A step without its score network, and what it does, one thing at a time with its gradient."""
    step = clocked(name, batch, Echo())
    clock = step.model.process.clock
    x = step.model.discretization.encode(step.data)
    t = torch.linspace(0, 1, batch, dtype=torch.float64)
    logits = torch.randn(batch, clock.source.size)
    c = Subset(logits, clock.source.k).sample()

    def law() -> None:
        q = Subset(logits.clone().requires_grad_(), clock.source.k)
        (q.rsample().sum() + q.kl_uniform().sum()).backward()

    def level_and_speed() -> None:
        sum(part.sum() for part in clock.told(c).rate(t)).backward()
    return {
        f"{name} clock, {WITHOUT}": step,
        f"{name} clock, reader": lambda: clock.source.read(x).sum().backward(),
        f"{name} clock, law of the code": law,
        f"{name} clock, fields, level and speed": level_and_speed,
        f"{name} clock, AdamW": step.optimizer.step,
    }


def adaptive(repeats: int, batch: int = 8) -> list[Row]:
    """What an adaptive clock adds to a step, and where."""
    calls = {"vdm-8 step": clocked("own", batch)}
    calls |= {f"MuLAN step, {name} clock": clocked(name, batch) for name in CLOCKS}
    calls[f"vdm-8, {WITHOUT}"] = clocked("own", batch, Echo())
    parts = {name: adaptive_parts(name, batch) for name in CLOCKS}
    for some in parts.values(): calls |= some
    rows = compared(calls, repeats, batch)
    shares = dict(zip(calls, (float(r["share"]) for r in rows), strict=True))
    for name, (whole, *some) in parts.items():
        added = shares[whole] - shares[f"vdm-8, {WITHOUT}"]
        rest = added - sum(shares[part] for part in some)
        print(f"{name} clock adds {added:.2%}: its parts, and {rest:.2%} for everything else")
    return rows


BARE = "bare calls of the network"
PEERS = {"DDIM, VP": "diffusers' DDIM", "DPMSolver, VP": "diffusers' DPM-Solver++"}


def ours(network: nn.Module, batch: int, steps: int) -> dict[str, Callable[[], object]]:
    """Reverse steps of our samplers, with everything that they compute before the first."""
    runs: dict[str, tuple[Process, Sampler]] = {
        "DDIM, VP": (VP(), DDIM(steps)),
        "Ancestral, VP": (VP(), Ancestral(steps)),
        "EulerMaruyama, VP": (VP(), EulerMaruyama(steps)),
        "DPMSolver, VP": (VP(), DPMSolver(steps)),
        "DPMSolver, CLD": (CLD(), DPMSolver(steps)),
        "Splitting, CLD": (CLD(), Splitting(steps)),
    }
    models = {name: Diffusion(network, process) for name, (process, _) in runs.items()}

    def run(name: str) -> None:
        process, sampler = runs[name]
        y = process.prior((batch, *CIFAR), seeded(0))
        sampler(models[name].denoiser, y, seeded(1))
    return {name: partial(run, name) for name in runs}


def theirs(network: nn.Module, batch: int, steps: int) -> dict[str, Callable[[], object]]:
    """The same network driven by the schedulers of diffusers, in float32 throughout."""
    if not importlib.util.find_spec("diffusers"):
        print("diffusers is not installed: pip install 'mdm_nb[peers]' compares its schedulers")
        return {}
    from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
    same = {"prediction_type": "v_prediction", "timestep_spacing": "trailing"}
    schedulers = DDIMScheduler(clip_sample=False, **same), DPMSolverMultistepScheduler(**same)

    def run(scheduler: DDIMScheduler | DPMSolverMultistepScheduler) -> None:
        z = torch.randn(batch, *CIFAR, generator=seeded(0))
        scheduler.set_timesteps(steps)
        for t in scheduler.timesteps:
            z = scheduler.step(network(z, (t / 1000).expand(batch)), t, z).prev_sample
    return {name: partial(run, s) for name, s in zip(PEERS.values(), schedulers, strict=True)}


def walks(network: nn.Module, batch: int, steps: int) -> dict[str, Callable[[], object]]:
    """Bare calls of a network, then our samplers and theirs around as many."""
    z, g = torch.zeros(batch, *CIFAR), torch.full((batch,), 0.5)

    def bare() -> None:
        for _ in range(steps): network(z, g)
    return {BARE: bare} | ours(network, batch, steps) | theirs(network, batch, steps)


@torch.no_grad()
def sampling(repeats: int, batch: int = 8, steps: int = 3, long: int = 50) -> list[Row]:
    """What a reverse step costs over the calls of the network: around vdm-8, and around none."""
    network = preset_step("vdm-8", batch).model.eval().network
    print(f"{steps} reverse steps around the network of vdm-8")
    seconds = in_turns(walks(network, batch, steps), repeats, clock=time.process_time)
    rows = told(seconds, batch)
    for mine, peer in PEERS.items():
        if peer in seconds: told({peer: seconds[peer], mine: seconds[mine]}, batch)
    print(f"{long} reverse steps around a network that costs nothing")
    alone = ours(Echo(), batch, long) | theirs(Echo(), batch, long)
    call = statistics.median(seconds[BARE]) / steps
    for name, values in in_turns(alone, 3 * repeats, clock=time.process_time).items():
        step = [value / long for value in values]
        rows.append(row(f"a step of {name}, without the network", step))
        rows[-1]["share"] = statistics.median(step) / call
        print(f"    {rows[-1]['share']:.3%} of a call of the network")
    return rows


def work_of(network: nn.Module, *inputs: Tensor) -> float:
    """Multiply-adds of a network and its gradient for one example, in millions."""
    # attention as plain matrix products, which are counted on a processor too
    with sdpa_kernel(SDPBackend.MATH):
        return flops(lambda: network(*inputs).sum().backward()) / 2e6


def counted() -> list[Row]:
    """How much arithmetic MuLAN adds to a score network, counted and not timed."""
    image, g, c = torch.zeros(1, *CIFAR), torch.zeros(1), torch.zeros(1, 50)
    score = {f"vdm-{n}": work_of(UNet(blocks=n, latent=50), image, g, None, c) for n in (8, 32)}
    added = {
        "small": (Reader(), Fields(3, 50, CIFAR, share="channels", waves=8)),
        "released": (Reader(width=128, blocks=4), Fields(3, 50, CIFAR, 3072)),
    }
    rows: list[Row] = []
    for name, (reader, fields) in added.items():
        work = work_of(reader, image), work_of(fields, c)
        for network, whole in score.items():
            print(f"{name} clock beside {network}, {whole:,.0f} million multiply-adds: reader "
                  f"{work[0]:,.1f}, fields {work[1]:,.2f}, together {sum(work) / whole:.2%}")
            rows.append({"name": f"{name} clock beside {network}", "score": whole,
                         "reader": work[0], "fields": work[1], "share": sum(work) / whole})
    return rows


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
    rows += chains + steps + encoder(args.repeats) + adaptive(args.repeats) + counted()
    rows += sampling(args.repeats)
    rows += beside(args.repeats, compiled=False)
    if args.json: args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
