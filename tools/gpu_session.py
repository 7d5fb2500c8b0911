"""What the items of `tools/gpu.py` share: the device, their sizes, and how they say no."""
import platform
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import torch
from timing import LEVELS, configured

Found = TypeVar("Found")

SEED = 0  # of every draw in the script
ARITHMETICS = ("float32", "tf32", "bf16")  # without and with TF32; bf16 autocast, the rest in TF32
TOY = {"width": 8, "blocks": 1}  # what is left of a preset at toy size

SIZES: dict[str, tuple[Any, Any]] = {  # on an accelerator, and at toy size
    "image": ((3, 32, 32), (1, 8, 8)),
    "repeats": (10, 2),
    "matmul": (8192, 128),  # rows and columns
    "copy": (2**30, 2**20),  # bytes
    "models": (None, ("vp", "cld", "encoder")),  # to check; None: all
    "check": (64, 4),  # images of one bound
    "check bounds": (8, 2),
    "samples": (256, 8),
    "compiled batch": (128, 2),
    "evaluated": (2048, 8),  # images
    "evaluation batch": (256, 4),
    "sampled": ((16, 256), (2,)),  # images
    "sampling steps": (250, 3),
    "sampling repeats": (3, 1),
    "precision images": (2000, 8),
    "precision steps": (300, 2),  # of training, before the arithmetics are compared
    "precision batch": (128, 4),
    "training steps": (2000, 4),
    "training batch": (64, 8),
    "tested": (10000, 16),  # images
    "draws": (4, 1),  # of time and noise for each of them
}


class Unavailable(Exception):
    """An item cannot run here; the message says what is missing."""


class Disagreement(Exception):
    """A check found two numbers that should have been equal, beside others that were."""
    def __init__(self, text: str, found: dict | None = None) -> None:
        super().__init__(text)
        self.found = found


@dataclass
class Session:
    """Where and how large the items run, and what those before them found."""
    device: torch.device
    toy: bool
    data: Path | None = None  # folder that holds images
    results: dict[str, dict] = field(default_factory=dict)  # of the items that are done, by name

    def size(self, name: str) -> Any:  # noqa: ANN401
        """One of `SIZES`."""
        return SIZES[name][self.toy]

    def config(self, name: str, **changes: object) -> Any:  # noqa: ANN401
        """The configuration of a preset; at toy size only what is left of it."""
        return configured(name, **(TOY if self.toy else {}), **changes)

    @property
    def peaks(self) -> dict[str, float]:
        """Measured operations per second by arithmetic; empty before they were measured."""
        return self.results.get("peaks", {}).get("flop_per_second", {})


@dataclass(frozen=True)
class Item:
    """One thing to find out."""
    name: str
    seconds: float  # expected on an accelerator
    call: Callable[[Session], dict]  # returns what was found, with one line about it as "text"


@contextmanager
def arithmetic(name: str) -> Iterator[bool]:
    """Allow TF32 or not; tells whether the forward pass is for bf16 autocast."""
    if name not in ARITHMETICS: raise ValueError(f"{name}: choose one of {', '.join(ARITHMETICS)}")
    matmul = torch.backends.cuda.matmul
    before = matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = name != "float32"
    try: yield name == "bf16"
    finally: matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def under(name: str, device: torch.device, call: Callable[[], Found]) -> Callable[[], Found]:
    """A call without gradients, in an arithmetic."""
    def changed() -> Found:
        with arithmetic(name) as bf16, torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            return call()
    return changed


def levels_of(session: Session, n: int) -> torch.Tensor:
    """Random images of the size of the published presets' data."""
    generator = torch.Generator().manual_seed(SEED)
    shape = (n, *session.size("image"))
    return torch.randint(LEVELS, shape, generator=generator).to(session.device)


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}"


def missing(*modules: str) -> list[str]:
    """Those modules that cannot be found."""
    return [name for name in modules if not present(name)]


def present(module: str) -> bool:
    """Whether a module can be found, in a package that can be found."""
    try: return find_spec(module) is not None
    except ModuleNotFoundError: return False


def driver() -> str | None:
    """The version of the graphics driver, if its tool is there to ask."""
    ask = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
    try: done = subprocess.run(ask, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError): return None
    return done.stdout.split("\n")[0].strip()


def describe(device: torch.device) -> dict[str, object]:
    """The machine, as far as its numbers depend on it."""
    about: dict[str, object] = {
        "device": platform.machine(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    if device.type != "cuda": return about
    card = torch.cuda.get_device_properties(device)
    return about | {
        "device": card.name,
        "memory_gib": card.total_memory / 2**30,
        "multiprocessors": card.multi_processor_count,
        "capability": f"{card.major}.{card.minor}",
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "driver": driver(),
    }
