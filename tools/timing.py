"""Time what a user waits for: warmed up, synchronised, in turns where things are compared.

`tools/bench.py` (one processor) and `tools/gpu.py` (an accelerator) share what is here.
"""
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from mdm_nb import Config

CIFAR = (3, 32, 32)  # shape of the images that the published presets are made for
LEVELS = 256  # and the values that one of their pixels can take


def synchronise(device: torch.device | str) -> None:
    """Wait until a device has done what it was asked."""
    if torch.device(device).type == "cuda": torch.cuda.synchronize(device)


def seconds_of(
    call: Callable[[], object],  # what to time
    device: torch.device | str = "cpu",  # where it runs
    clock: Callable[[], float] = time.perf_counter,  # or `time.process_time`: the processor's work
) -> float:  # seconds
    """How long one call takes, its work on the device included."""
    synchronise(device)
    start = clock()
    call()
    synchronise(device)
    return clock() - start


def in_turns(
    calls: dict[str, Callable[[], object]],  # what to compare, by name
    repeats: int,  # of each
    device: torch.device | str = "cpu",  # where they run
    warmup: int = 1,  # calls of each that are not counted
    clock: Callable[[], float] = time.perf_counter,  # as in `seconds_of`
) -> dict[str, list[float]]:  # seconds, by name
    """Time several calls in turns, so that a slow minute of the machine hits all alike."""
    for call in calls.values():
        for _ in range(warmup): call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            seconds[name].append(seconds_of(call, device, clock))
    return seconds


def repeated(
    call: Callable[[], object],  # what to time
    repeats: int,  # how often
    device: torch.device | str = "cpu",  # where it runs
) -> list[float]:  # seconds
    """How long a call takes, after one that is not counted."""
    return in_turns({"it": call}, repeats, device)["it"]


def spread(seconds: list[float]) -> dict[str, float]:
    """The median, with the fastest and the slowest beside it."""
    return {
        "median": statistics.median(seconds),
        "fastest": min(seconds),
        "slowest": max(seconds),
        "repeats": len(seconds),
    }


def flops(call: Callable[[], object]) -> int:
    """Operations in the matrix products, convolutions and attentions of a call."""
    with FlopCounterMode(display=False) as counter: call()
    return counter.get_total_flops()


def configured(
    name: str,  # of a preset
    **changes: object,  # options and their values
) -> "Config":
    """The configuration of a preset, with some options changed."""
    from mdm_nb import Config, preset
    options: dict[str, Any] = preset(name) | changes
    return Config(**options)


class TrainingStep:
    """One step of training on one batch of random levels: the loss, its gradient, AdamW."""
    def __init__(
        self,
        config: "Config",  # of the model
        batch: int,  # images
        shape: tuple[int, ...] = CIFAR,  # of one image
        levels: int = LEVELS,  # values that a pixel can take
        device: torch.device | str = "cpu",  # where to train
    ) -> None:
        from mdm_nb.gaussians.core import seeded
        from mdm_nb.runs.config import make_model
        self.device = torch.device(device)
        self.model = make_model(config, levels, shape).to(self.device).train()
        self.data = torch.randint(levels, (batch, *shape), generator=seeded(0)).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.lr, betas=(0.9, 0.99))
        self.loss: Callable[..., Tensor] = self.model.loss  # a compiled one may take its place
        self.noise = lambda: seeded(1, self.device)

    def gradient(self, bf16: bool = False) -> None:
        """The loss and its gradient; the forward pass perhaps in mixed precision."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bf16):
            loss = self.loss(self.data, generator=self.noise())
        loss.backward()

    def __call__(self, bf16: bool = False) -> None:
        """The whole step."""
        self.optimizer.zero_grad(set_to_none=True)
        self.gradient(bf16)
        self.optimizer.step()
