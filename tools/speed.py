"""How long is a training step, beside a plain loop and beside other libraries, on one processor?

    python tools/speed.py --json nbs/guide/speed/cpu.json

Everything does the same work on the same batch: 16 images of 3×32×32, a network of about 1.3
million weights at full resolution, dropout 0.1, the gradient limited to 1, AdamW. The plain loop is
what one would write without this library: the same network, the squared error of the noise,
float32. Rows are timed in turns, by the processor's time, and each is a ratio to the plain loop of
its turn. Peers are measured if they are installed: `pip install 'mdm_nb[bench]'`.
"""
import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

import torch
from timing import CIFAR, TrainingStep, configured, flops, in_turns, spread
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.profiler import ProfilerActivity, profile

from mdm_nb.gaussians.core import seeded
from mdm_nb.models.features import sinusoid
from mdm_nb.models.network import UNet
from mdm_nb.runs.options import Config
from mdm_nb.runs.steps import make_optimizer, recompute

WIDTH, BLOCKS, BATCH, DROPOUT = 64, 4, 16, 0.1
PLAIN = "plain loop"
Call = Callable[[], object]


class Plain:
    """A step as one would write it: noise, squared error, limit, AdamW."""
    def __init__(
        self,
        network: nn.Module,  # takes an image and a number from 0 to 1
        bf16: bool = False,  # mixed precision?
    ) -> None:
        self.network, self.bf16 = network.train(), bf16
        self.x = 2 * torch.rand(BATCH, *CIFAR, generator=seeded(0)) - 1
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=2e-4, betas=(0.9, 0.99))

    def loss(self) -> Tensor:
        """The squared error of the noise that is told from the image."""
        t = torch.rand(BATCH)
        gamma = (18 * t - 13)[:, None, None, None]
        noise = torch.randn_like(self.x)
        z = (-gamma).sigmoid().sqrt() * self.x + gamma.sigmoid().sqrt() * noise
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16): said = self.network(z, t)
        return (said.float() - noise).square().mean()

    def __call__(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()


class Ours(TrainingStep):
    """A step of `mdm_train`: the bound, its gradient, limited, and the fused AdamW."""
    def __init__(
        self,
        config: Config,  # of the model
        batch: int = BATCH,  # images
        bf16: bool = False,  # mixed precision?
        prepare: Callable[[nn.Module], object] = lambda network: None,  # changes the network
        data: tuple = (),  # shape and levels of other images
    ) -> None:
        super().__init__(config, batch, *data)
        self.bf16, self.network = bf16, self.model.network
        prepare(self.network)
        self.optimizer = make_optimizer(self.model, config)

    def __call__(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        self.gradient(self.bf16)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()


def unet() -> nn.Module:
    """Our network."""
    return UNet(3, WIDTH, BLOCKS, DROPOUT)


def config() -> Config:
    """The same for `mdm_train`."""
    return Config(data="cifar10", width=WIDTH, blocks=BLOCKS, dropout=DROPOUT)


def last(network: nn.Module) -> None:
    """Lay a network out with its channels last."""
    network.to(memory_format=torch.channels_last)


def ours(compiled: bool) -> dict[str, Callable[[], Ours]]:
    """Our step in all arithmetics and layouts."""
    def both(network: nn.Module) -> None:
        last(network)
        network.compile()
    ways: dict[str, Callable[[nn.Module], object]] = {
        "": lambda network: None, ", channels last": last, ", recomputed": recompute}
    if compiled: ways |= {", compiled": nn.Module.compile, ", compiled, channels last": both}
    return {f"mdm_nb, {name}{way}": partial(Ours, config(), BATCH, name == "bf16", prepare)
            for way, prepare in ways.items() for name in ("float32", "bf16")}


class Told(nn.Module):
    """Another library's network under the contract of ours."""
    def __init__(
        self,
        network: nn.Module,  # what another library built
        call: Callable[[nn.Module, Tensor, Tensor], Tensor],  # how it is asked
    ) -> None:
        super().__init__()
        self.network, self.call = network, call

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """What it says."""
        return self.call(self.network, z, g)


def of_diffusers() -> nn.Module:
    """One resolution, four blocks in, attention between two, five out: the same network as ours."""
    return Told(import_module("diffusers").UNet2DModel(
        sample_size=32, block_out_channels=(WIDTH,), layers_per_block=BLOCKS, dropout=DROPOUT,
        down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",), norm_num_groups=16,
        attention_head_dim=WIDTH,
    ), lambda network, z, g: network(z, 1000 * g).sample)


def of_azula() -> nn.Module:
    """One resolution, seven blocks in and seven out, without attention or long shortcuts."""
    from azula.nn.unet import UNet as Theirs
    network = Theirs(3, 3, hid_channels=(WIDTH,), hid_blocks=(7,), mod_features=WIDTH,
                     norm="group", dropout=DROPOUT)
    return Told(network, lambda network, z, g: network(z, sinusoid(g, WIDTH)))


def of_ddpm() -> nn.Module:
    """One resolution, two blocks in and two out, attention on each of them and between two."""
    network = import_module("denoising_diffusion_pytorch").Unet(
        72, dim_mults=(1,), full_attn=(False,), dropout=DROPOUT, attn_heads=1, attn_dim_head=72)
    return Told(network, lambda network, z, g: network(z, 1000 * g))


PEERS = {"diffusers": of_diffusers, "azula": of_azula, "denoising_diffusion_pytorch": of_ddpm}


def peers() -> dict[str, Callable[[], Plain]]:
    """The plain loop around the networks of others, where they are installed."""
    found: dict[str, Callable[[], Plain]] = {}
    for name, make in PEERS.items():
        if not importlib.util.find_spec(name):
            print(f"{name} is not installed: pip install 'mdm_nb[bench]' puts it beside ours")
            continue
        for bf16 in (False, True):
            how = "bf16" if bf16 else "float32"
            found[f"{name}, {how}"] = lambda make=make, bf16=bf16: Plain(make(), bf16)
    return found


def rows(compiled: bool) -> dict[str, Callable[[], Plain | Ours]]:
    """All that is compared, the plain loop first."""
    return {PLAIN: lambda: Plain(unet()), f"{PLAIN}, bf16": lambda: Plain(unet(), True),
            **ours(compiled), **peers()}


def counted(step: Plain | Ours) -> tuple[int, float]:
    """Weights, and operations of a step in 10⁹, with attention as plain products."""
    with sdpa_kernel(SDPBackend.MATH): work = flops(step) / 1e9
    return sum(p.numel() for p in step.network.parameters()), work


def memory(name: str) -> float:
    """MiB that the first two steps of a row add to a fresh process at most."""
    command = [sys.executable, __file__, "--memory", name]
    said = subprocess.run(command, check=True, capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})
    return float(said.stdout.split()[-1])


def held(what: str) -> int:
    """KiB that this process holds now (`VmRSS`), or held at most (`VmHWM`)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def grown(name: str) -> float:
    """The same in this process."""
    torch.set_num_threads(1)
    step, before = rows(False)[name](), held("VmRSS")
    for _ in range(2): step()
    return (held("VmHWM") - before) / 1024


def steps(repeats: int, compiled: bool, weigh: bool = False) -> list[dict]:
    """Time per step, as it is and as a ratio to the plain loop of the same turn."""
    made = {name: make() for name, make in rows(compiled).items()}
    work = {name: counted(step) for name, step in made.items() if "compiled" not in name}
    seconds = in_turns(dict(made), repeats, warmup=2, clock=time.process_time)
    table: list[dict] = []
    for name, values in seconds.items():
        ratios = [mine / base for mine, base in zip(values, seconds[PLAIN], strict=True)]
        weights, gflop = work.get(name, work[PLAIN])
        row: dict = {"name": name, **spread(values), "weights": weights, "gflop": gflop,
                     "ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
        if weigh and "compiled" not in name: row["peak_mib"] = memory(name)
        table.append(row)
        print(f"{name:<40} {1e3 * row['median']:8.1f} ms  {row['ratio']:.3f} of the plain loop "
              f"({row['least']:.3f} to {row['most']:.3f}), {weights:,} weights, "
              f"{gflop:.0f} GFLOP, {row.get('peak_mib', float('nan')):.0f} MiB", flush=True)
    return table


PARTS = {  # of the names of torch's operations
    "convolutions": ("convolution",), "attention": ("scaled_dot_product",),
    "normalisation": ("group_norm",), "swish": ("silu",), "random numbers":
    ("bernoulli", "random", "normal"),
}


def shares(make: Callable[[], Plain | Ours]) -> dict[str, float]:
    """Milliseconds of a step by what they are spent on, as torch's profiler sees it.

    Its clock is that of the wall, so the least disturbed of several steps is taken.
    """
    step = make()
    for _ in range(2): step()
    looks = [shares_of(step) for _ in range(9)]
    return min(looks, key=lambda look: sum(look.values()))


def shares_of(step: Call) -> dict[str, float]:
    """The same of one step."""
    with profile(activities=[ProfilerActivity.CPU]) as seen: step()
    spent = dict.fromkeys((*PARTS, "everything else"), 0.0)
    for event in seen.key_averages():
        fits = (part for part, names in PARTS.items() if any(n in event.key for n in names))
        spent[next(fits, "everything else")] += event.self_cpu_time_total / 1e3
    return spent


def optimizers(repeats: int) -> list[dict]:
    """A step and AdamW alone, one operation at a time and fused, in turns."""
    table: list[dict] = []
    digits = Ours(Config(), 64, data=((1, 8, 8), 17))
    for model, fused in {"digits": digits, "vdm-8": Ours(configured("vdm-8"), 4)}.items():
        groups = [{k: v for k, v in g.items() if k != "fused"}
                  for g in fused.optimizer.param_groups]
        separate = type(fused.optimizer)(groups)
        fused()
        calls: dict[str, Call] = {"separate": separate.step, "fused": fused.optimizer.step}
        whole = statistics.median(in_turns({"step": fused}, 5, clock=time.process_time)["step"])
        for name, values in in_turns(calls, repeats, warmup=3, clock=time.process_time).items():
            table.append({"model": model, "name": name, "step": whole, **spread(values)})
            print(f"{model}, AdamW {name}: {1e3 * statistics.median(values):.2f} ms "
                  f"of a step of {1e3 * whole:.0f} ms", flush=True)
    return table


def attention(repeats: int) -> list[dict]:
    """The network's attention and its gradient: torch's kernel, and three plain products."""
    def plain(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return (q / WIDTH**0.5 @ k.mT).softmax(-1) @ v
    table: list[dict] = []
    for name, dtype in {"float32": torch.float32, "bf16": torch.bfloat16}.items():
        pixels = [torch.randn(BATCH, 1, 1024, WIDTH, dtype=dtype).requires_grad_()
                  for _ in range(3)]
        calls: dict[str, Call] = {
            way: lambda f=f, x=pixels: f(*x).sum().backward()
            for way, f in {"kernel": nn.functional.scaled_dot_product_attention,
                           "products": plain}.items()}
        for way, values in in_turns(calls, repeats, clock=time.process_time).items():
            table.append({"name": name, "way": way, **spread(values)})
    return table


def machine() -> dict[str, str]:
    """What it was measured on, without its name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {"processor": models[0] if models else platform.machine(), "threads": "1",
            "capability": torch.backends.cpu.get_cpu_capability(), "torch": torch.__version__,
            "python": platform.python_version()}


def main() -> None:
    """Print the tables, and write them to a file if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="rounds")
    parser.add_argument("--eager", action="store_true", help="leave out what must be compiled")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    parser.add_argument("--memory", metavar="ROW",
                        help="only the memory of a row of the table, such as 'plain loop'")
    args = parser.parse_args()
    if args.memory: sys.exit(print(grown(args.memory)))
    torch.set_num_threads(1)
    found = {"machine": machine(), "rounds": args.repeats,
             "steps": steps(args.repeats, not args.eager, weigh=True),
             "shares": {name: shares(rows(False)[name])
                        for name in (PLAIN, "mdm_nb, float32", "mdm_nb, bf16",
                                     "mdm_nb, bf16, channels last")},
             "attention": attention(args.repeats),
             "optimizers": optimizers(10 * args.repeats)}
    if args.json:
        args.json.parent.mkdir(exist_ok=True)
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
