"""Processes beside each other, told of each other as `torchrun` tells them.

`everything(folder)` does what is below in one, two and three processes, and leaves what each found
in a folder. They are copies of the process that asks, for imports take longest.
"""
import multiprocessing
import os
import runpy
import socket
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import torch
import torch._dynamo  # torch itself imports it at its first use, which takes seconds
from faults import pictures
from helpers import forget_devices
from torch import Tensor

from mdm_nb.data.data import load
from mdm_nb.gaussians.core import seeded
from mdm_nb.models.method import Method
from mdm_nb.models.weighted import Weighted
from mdm_nb.runs import evaluate as evaluation
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.evaluate import draw_together, evaluate, ranks
from mdm_nb.runs.start import make_accelerator
from mdm_nb.runs.steps import make_optimizer
from mdm_nb.runs.train import train_step
from mdm_nb.samplers.sample import DDIM

WORLDS = (1, 2, 3)
COMMANDED = (1, 2)  # those in which the commands run too
SMALL = {"width": 8, "blocks": 1, "warmup": 1, "clip": None}
MODELS = {
    "plain": {},
    "monotone": {"schedule": "monotone"},
    "labels": {"labels": True, "label_dropout": 0.5},
    "learned": {"process": "mdm", "schedule": "learned", "accumulate": 2, "flips": True,
                "ends": 0.25},
}
BATCHES = (10, 2)  # neither divides by three, and the second is smaller
SCRIPTS = Path(sys.executable).parent
TRAIN = [
    "--width", 8, "--blocks", 1, "--batch-size", 15, "--steps", 12, "--warmup", 3, "--seed", 4,
    "--valid-every", 6, "--checkpoint-every", 6, "--valid-examples", 21, "--valid-times", 1,
    "--diffusion-steps", 2, "--device", "cpu",
]


def images(n: int) -> tuple[Tensor, Tensor]:
    """Some pictures of 17 levels, all different, and a class for each."""
    numbers = torch.arange(n * 64).view(n, 1, 8, 8)
    return ((numbers * numbers // 7) % 17).to(torch.uint8), torch.arange(n) % 10


def gradients(name: str, batch_size: int) -> dict[str, Tensor]:
    """The gradient of every parameter after one step, and the loss of the batch."""
    config = Config(**SMALL, **MODELS[name], batch_size=batch_size)
    model = make_model(config, 17, (1, 8, 8), 10)
    accelerator = make_accelerator(torch.device("cpu"))
    prepared, optimizer = accelerator.prepare(model, make_optimizer(model, config))
    data, labels = images(40)
    told = labels if config.labels else None
    loss, norm = train_step(accelerator, prepared, optimizer, data, 1, config, told)
    found = {k: p.grad for k, p in model.named_parameters() if p.grad is not None}
    return found | {"loss": accelerator.reduce(loss, "mean"), "norm": norm}


def values(n: int, method: Method | None = None) -> Tensor:
    """The bound on n pictures."""
    model, (data, _) = make_model(Config(**SMALL), 17, (1, 8, 8)), images(n)
    return evaluate(model, data, None, 7, 2, progress=False, method=method).total


def drawn(n: int) -> Tensor:
    """Samples of classes 0, 1, ... of a network that listens to them, whatever it says."""
    model, source = make_model(Config(**SMALL, labels=True), 17, (1, 8, 8), 10), seeded(0)
    for p in model.network.parameters(): torch.nn.init.normal_(p, 0, 0.1, source)
    return draw_together(model, n, DDIM(3, eta=1.0), 7, progress=False, label=torch.arange(n))


def command(out: Path, name: str, *words: object) -> None:
    """Run an installed command, as a shell would; what it prints goes into a file."""
    file = out / f"{name}-{ranks()[0]}"
    sys.argv = [name, *map(str, words)]
    with (
        open(file.with_suffix(".out"), "w") as said,
        open(file.with_suffix(".err"), "w") as failed,
        redirect_stdout(said), redirect_stderr(failed),
        mock.patch.object(evaluation, "draw_metrics"),  # the curves are looked at elsewhere
    ):
        try: runpy.run_path(str(SCRIPTS / name), run_name="__main__")
        except SystemExit as e:
            if e.code: raise


def work(out: Path, world: int) -> None:
    """What each process does."""
    found = {"few": values(2), "many": values(23), "iw": values(5, Weighted(2, steps=2)),
             "one": drawn(1), "seven": drawn(7)}
    for name in MODELS:
        for size in BATCHES:
            found |= {f"{name} {size} {k}": v for k, v in gradients(name, size).items()}
    torch.save(found, out / f"found-{world}-{ranks()[0]}.pt")
    if world not in COMMANDED: return
    folder = out / f"of-{world}"
    folder.mkdir(exist_ok=True)
    few = pictures(folder) if ranks()[0] == 0 else folder / "few.npz"
    if world > 1: torch.distributed.barrier()
    command(folder, "mdm_train", "--data", few, *TRAIN, "--out", folder / "run")
    command(folder, "mdm_bpd", folder / "run", "--batch-size", 100 + world)
    asked = ("--n", 9, "--sampler", "DDIM(3, eta=0.5)", "--out", folder / "nine.png")
    command(folder, "mdm_sample", out / "of-1" / "run", *asked)


def child(rank: int, world: int, port: int, out: Path) -> None:
    """Be one of the processes."""
    warnings.simplefilter("ignore")
    forget_devices()
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "MASTER_PORT": port}
    if world > 1:
        os.environ.update({k: str(v) for k, v in place.items()}, MASTER_ADDR="127.0.0.1")
        make_accelerator(torch.device("cpu"))
    work(out, world)
    if world == 1: return
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def beside(world: int, out: Path) -> None:
    """Work in so many processes, and wait for all."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    fork = multiprocessing.get_context("fork")
    arguments = [(rank, world, port, out) for rank in range(world)]
    processes = [fork.Process(target=child, args=a) for a in arguments]
    for p in processes: p.start()
    for p in processes: p.join()
    codes = [p.exitcode for p in processes]
    if any(codes): sys.exit(f"{world} processes ended with {codes}")


def everything(out: Path) -> None:
    """Work alone, in two processes and in three."""
    load("digits")  # and what that imports
    for world in WORLDS: beside(world, out)
