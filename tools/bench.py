"""Measure what a user waits for: importing the package, one step of training, one evaluation of the bound, the kernels of linear diffusions, an encoder.

On the CPU, one thread by default.

Every number is the median of several repeats, with the fastest and the slowest beside it: a shared machine is noisy on one side only.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def row(name: str, seconds: list[float]) -> dict[str, str | float]:
    """One line of the table."""
    out = {"name": name, "median": statistics.median(seconds), "fastest": min(seconds), "slowest": max(seconds), "repeats": len(seconds)}
    print(f"{name:<36} {out['median'] * 1e3:10.2f} ms   ({out['fastest'] * 1e3:.2f} to {out['slowest'] * 1e3:.2f}, {len(seconds)} repeats)", flush=True)
    return out


def fresh_process(code: str, repeats: int) -> list[float]:
    """How long a statement takes in a new interpreter, measured inside it, so that starting Python is not counted."""
    timed = f"import time; start = time.perf_counter(); {code}; print(time.perf_counter() - start)"
    return [float(subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True, cwd=ROOT).stdout) for _ in range(repeats + 1)][1:]


def repeated(call: Callable[[], object], repeats: int) -> list[float]:
    """How long a call takes, after one that is not counted."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times[1:]


def imports(repeats: int) -> list[dict]:
    """Importing PyTorch is the floor; what the package and its parts add comes on top."""
    names = ["torch", "mdm_nb", *(f"mdm_nb.{n}" for n in ("models.model", "runs.train", "runs.cli") if importlib.util.find_spec(f"mdm_nb.{n}"))]
    return [row(f"import {name}", fresh_process(f"import {name}", repeats)) for name in names]


def model(repeats: int, threads: int) -> list[dict]:
    """A training step and a bound of the model that `mdm_train` makes by default, on data shaped like the digits."""
    import torch

    from mdm_nb.gaussians.core import seeded
    from mdm_nb.runs.config import Config, make_model
    torch.set_num_threads(threads)
    config, levels, shape = Config(), 17, (1, 8, 8)
    net = make_model(config, levels, shape)
    data = torch.randint(levels, (config.batch_size, *shape), generator=seeded(0))
    optimizer = torch.optim.AdamW(net.parameters(), lr=config.lr)
    generator = seeded(1)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        net.loss(data, generator=generator).backward()
        optimizer.step()

    def bound() -> None:
        with torch.no_grad(): net.bound(data, generator=generator)
    parameters = sum(p.numel() for p in net.parameters())
    print(f"the default model, {parameters:,} parameters, batches of {config.batch_size} of shape {shape}, {threads} thread(s)")
    return [row("training step", repeated(step, repeats)), row("bound, no gradient", repeated(bound, repeats))]


def kernels(repeats: int, threads: int) -> list[dict]:
    """Kernels of a chain of K blocks with noise on the last, for B times: how they grow, and what a new or a learned system adds."""
    import torch

    from mdm_nb.processes.lyapunov import kernel
    torch.set_num_threads(threads)
    changes = (1 + i * 2.0**-40 for i in itertools.count(1))  # each makes a system that has not been met before

    def chain(K: int) -> tuple[torch.Tensor, torch.Tensor]:
        Q, last = torch.ones(K - 1, dtype=torch.float64).diag(1), torch.eye(K, dtype=torch.float64)[:, -1:]
        return Q - Q.mT - 2 * last @ last.mT, 4 * last @ last.mT

    def times(B: int) -> torch.Tensor: return torch.logspace(-3, 1, B, dtype=torch.float64)

    def learned(A: torch.Tensor, N: torch.Tensor) -> torch.Tensor:
        return kernel((A * next(changes)).requires_grad_(), N.clone().requires_grad_(), times(128)).logdet.sum()
    print(f"kernels, {threads} thread(s)")
    sizes = itertools.product(range(1, 7), (1, 16, 128, 1024, 4096))
    rows = [row(f"kernel, K = {K}, B = {B}", repeated(lambda K=K, B=B: kernel(*chain(K), times(B)), repeats)) for K, B in sizes]
    for K in range(1, 7):
        A, N = chain(K)
        rows.append(row(f"new system, K = {K}, B = 128", repeated(lambda A=A, N=N: kernel(A * next(changes), N, times(128)), repeats)))
        rows.append(row(f"learned, K = {K}, B = 128", repeated(lambda A=A, N=N: learned(A, N), repeats)))
        rows.append(row(f"learned, with gradient, K = {K}, B = 128", repeated(lambda A=A, N=N: learned(A, N).backward(), repeats)))
    return rows


def unet(repeats: int, threads: int, batch: int = 4) -> list[dict]:
    """A training step of the U-Net with eight blocks on 32×32 images, which is what a kernel must be small against."""
    import torch

    from mdm_nb.models.network import UNet
    torch.set_num_threads(threads)
    net = UNet(3, 128, 8)
    optimizer = torch.optim.AdamW(net.parameters())

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        net(torch.randn(batch, 3, 32, 32), torch.rand(batch)).square().mean().backward()
        optimizer.step()
    return [row(f"U-Net step, {batch} images of 32x32", repeated(step, repeats))]


def encoder(repeats: int, threads: int, batch: int = 16) -> list[dict]:
    """What an encoder adds to a training step: the presets vdm-8 and diffenc-8-2 on 32×32 images in turns, and the encoder's two kinds of pass alone."""
    import torch

    from mdm_nb.gaussians.core import seeded
    from mdm_nb.runs.config import Config, make_model, preset
    from mdm_nb.runs.train import make_optimizer
    torch.set_num_threads(threads)
    data = torch.randint(256, (batch, 3, 32, 32), generator=seeded(0))

    def stepper(name: str) -> Callable[[], None]:
        config = Config(**preset(name))
        net = make_model(config, 256, (3, 32, 32)).train()
        optimizer = make_optimizer(net, config)

        def step() -> None:
            optimizer.zero_grad(set_to_none=True)
            net(data, generator=seeded(0)).backward()
            optimizer.step()
        return step
    part = make_model(Config(**preset("diffenc-8-2")), 256, (3, 32, 32)).train().process.encoder
    x, gamma = data.double() / 128 - 1, torch.linspace(-13, 4, batch, dtype=torch.float64)
    calls = {"vdm-8 step": stepper("vdm-8"), "diffenc-8-2 step": stepper("diffenc-8-2"),
             "encoder with tangent, and backward": lambda: sum(part.tangent(x, gamma)).sum().backward(), "encoder alone, and backward": lambda: part(x, gamma).sum().backward()}
    for call in calls.values(): call()
    seconds = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():  # in turns, so that a slow minute of the machine hits all alike
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    rows = [row(f"{name}, batch of {batch}", values) for name, values in seconds.items()]
    base = rows[0]
    for r in rows[1:]: print(f"{r['name']}: {r['median'] / base['median']:.3f} of the vdm-8 step (fastest: {r['fastest'] / base['fastest']:.3f})")
    return rows


def main() -> None:
    """Print the table, and write it to a file if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="repeats of each measurement")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model's arithmetic")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, median of {args.repeats}")
    rows = imports(args.repeats)
    rows += model(args.repeats, args.threads)
    rows += kernels(5 * args.repeats, args.threads)
    rows += unet(max(1, args.repeats // 2), args.threads)
    step = rows[-1]["median"]
    for r in rows:
        if r["name"].endswith("K = 3, B = 128"): print(f"{r['name']}: {r['median'] / step:.3%} of the step of the U-Net")
    rows += encoder(args.repeats, args.threads)
    if args.json: args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__": main()
