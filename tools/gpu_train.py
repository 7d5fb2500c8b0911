"""What do low precision and an accelerator do to a bound? Short trainings for `tools/gpu.py`."""
import gzip
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from gpu_session import ARITHMETICS, SEED, Session, Unavailable, arithmetic, under
from timing import synchronise
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

if TYPE_CHECKING:
    from mdm_nb import Config, Diffusion

IDX = {"train": "train-images?idx3-ubyte*", "test": "t10k-images?idx3-ubyte*"}
WINDOW = 100  # steps over which a point of the curve is the mean loss


@dataclass(frozen=True)
class Images:
    """Training and test images, uint8 of shape `(N, C, H, W)`, and what they are."""
    name: str
    levels: int
    train: Tensor
    test: Tensor
    passed_over: list[str]  # why better data were not taken

    def __post_init__(self) -> None:
        for x in (self.train, self.test):
            if x.dtype != torch.uint8 or x.ndim != 4: raise Unavailable("not images of bytes")

    def about(self) -> dict[str, object]:
        """What a record says of them."""
        sha = hashlib.sha256(self.train.numpy().tobytes() + self.test.numpy().tobytes())
        return {
            "data": self.name,
            "levels": self.levels,
            "shape": list(self.train.shape[1:]),
            "counts": [len(self.train), len(self.test)],
            "sha256": sha.hexdigest(),
            "passed_over": self.passed_over,
        }


def read_idx(path: Path) -> Tensor:
    """The images of an IDX file, perhaps compressed: 16 bytes of header, then the pixels."""
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    magic, n, height, width = np.frombuffer(raw[:16], ">u4").tolist()
    pixels = np.frombuffer(raw, np.uint8, offset=16)
    if magic != 0x803 or len(pixels) != n * height * width: raise Unavailable("damaged IDX file")
    return torch.from_numpy(pixels.copy()).view(n, 1, height, width)


def from_folder(session: Session) -> tuple[str, int, Tensor, Tensor]:
    """Two IDX files anywhere below the folder given."""
    if session.data is None: raise Unavailable("no folder was given by --data")
    found = {part: sorted(session.data.rglob(pattern)) for part, pattern in IDX.items()}
    if not all(found.values()): raise Unavailable("the folder of --data holds no IDX images")
    train, test = (read_idx(files[0]) for files in found.values())
    return "IDX files in the folder of --data", 256, train, test


def from_package(name: str) -> tuple[str, int, Tensor, Tensor]:
    """A data set that the package's loader finds on this machine."""
    from mdm_nb.data.data import load
    data = load(name, download=False)
    return name, data.levels, data.train, data.test


def generated(n: int = 6000, side: int = 28) -> tuple[str, int, Tensor, Tensor]:
    """A mixture of ten Gaussians around smooth pictures."""
    generator = torch.Generator().manual_seed(SEED)
    coarse = torch.rand(10, 1, 5, 5, generator=generator)
    means = nn.functional.interpolate(coarse, (side, side), mode="bicubic", align_corners=False)
    which = torch.randint(10, (n,), generator=generator)
    noise = torch.randn(n, 1, side, side, generator=generator)
    x = (255 * means[which] + 16 * noise).round().clamp(0, 255).to(torch.uint8)
    return "generated mixture of ten Gaussians", 256, x[n // 6:], x[:n // 6]


def images(session: Session) -> Images:
    """The best images that are there; what was passed over is remembered with its reason."""
    ways: dict[str, Callable[[], tuple[str, int, Tensor, Tensor]]] = {
        "folder": lambda: from_folder(session),
        "fashion_mnist": lambda: from_package("fashion_mnist"),
        "digits": lambda: from_package("digits"),
    }
    if session.toy: del ways["folder"], ways["fashion_mnist"]
    passed = []
    for way, read in ways.items():
        try: return Images(*read(), passed)
        except Unavailable as e: passed.append(f"{way}: {e}")
        except Exception as e:  # noqa: BLE001 - whatever is wrong with these, there are others
            passed.append(f"{way}: {type(e).__name__}")  # its message may hold private paths
    return Images(*generated(), passed)


def averaging(decay: float) -> Callable[..., Tensor]:
    """The package's moving average, which starts short: min(decay, (1 + n)/(10 + n))."""
    def average(old: Tensor, new: Tensor, n: Tensor | int) -> Tensor:
        return torch.lerp(old, new, 1 - min(decay, (1 + int(n)) / (10 + int(n))))
    return average


@dataclass
class Fitted:
    """A trained model with the average of its weights, and how it got there."""
    model: "Diffusion"
    curve: list[dict[str, float]]
    seconds: float


def fit(
    session: Session,  # where
    config: "Config",  # of the model: its rates, batch size and steps are used
    data: Images,  # what to learn
) -> Fitted:
    """Train as the package does, without its files: AdamW, warm-up, clipping, averaged weights."""
    from mdm_nb.gaussians.core import seeded
    from mdm_nb.runs.config import make_model
    device = session.device
    model = make_model(config, data.levels, tuple(data.train.shape[1:])).to(device).train()
    average = AveragedModel(model, avg_fn=averaging(config.ema))
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr, betas=(0.9, 0.99))
    train, order = data.train.to(device), torch.Generator().manual_seed(config.seed)
    limit = math.inf if config.clip is None else config.clip
    torch.manual_seed(config.seed)  # for dropout
    losses, curve = [], []
    synchronise(device)
    start = time.perf_counter()
    for step in range(1, config.steps + 1):
        for group in optimizer.param_groups: group["lr"] = config.lr * min(1, step / config.warmup)
        rows = torch.randint(len(train), (config.batch_size,), generator=order).to(device)
        loss = model.loss(train[rows], generator=seeded(step, device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), limit)
        optimizer.step()
        average.update_parameters(model)
        losses.append(loss.detach())
        if step % WINDOW and step < config.steps: continue
        curve.append({"step": step, "loss": float(torch.stack(losses).mean())})
        losses = []
    synchronise(device)
    return Fitted(cast("Diffusion", average.module).eval(), curve, time.perf_counter() - start)


def weights_hash(model: nn.Module) -> str:
    """SHA-256 over names and values of all weights."""
    sha = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        sha.update(name.encode())
        sha.update(value.detach().cpu().contiguous().numpy().tobytes())
    return sha.hexdigest()


def training(session: Session, name: str) -> dict:
    """A short training of a small preset, with its bound on the test images."""
    data = images(session)
    steps, batch = session.size("training steps"), session.size("training batch")
    config = session.config(name, seed=SEED, steps=steps, batch_size=batch)
    fitted = fit(session, config, data)
    test = data.test[:session.size("tested")]
    bound = fitted.model.bpd(test, batch_size=500, times=session.size("draws"), seed=SEED,
                             progress=False, split="test")
    return {
        "config": dict(vars(config)),
        **data.about(),
        "steps": steps,
        "training_seconds": fitted.seconds,
        "curve": fitted.curve,
        "bits_per_dim": bound.bpd,
        "standard_error": bound.se,
        "protocol": bound.protocol,
        "weights_sha256": weights_hash(fitted.model),
        "text": f"{bound.bpd:.4f} ± {bound.se:.4f} bits/dim on {data.name}, "
                f"{steps} steps in {fitted.seconds:.0f} s",
    }


def paired(values: Tensor, base: Tensor) -> dict[str, float]:
    """The mean difference of two bounds on the same examples and noise, and its standard error."""
    difference = (values - base).cpu()
    error = float(difference.std()) / math.sqrt(len(difference))
    return {"difference": float(difference.mean()), "standard_error": error}


def precision(session: Session, name: str) -> dict:
    """The bound of one trained model in each arithmetic, on the same examples and noise."""
    data = images(session)
    steps, batch = session.size("precision steps"), session.size("precision batch")
    # so few steps need a higher rate than the published one
    few = {"steps": steps, "batch_size": batch, "lr": 1e-3, "warmup": 50, "clip": 1.0, "ema": 0.99}
    config = session.config(name, seed=SEED, **few)
    with arithmetic("tf32"): model = fit(session, config, data).model
    test, per_dim = data.test[:session.size("precision images")], 1 / math.log(2)
    per_dim /= math.prod(test.shape[1:])

    def bits() -> Tensor:
        bound = model.bpd(test, batch_size=250, times=session.size("draws"), seed=SEED,
                          progress=False)
        return bound.total * per_dim
    ways = {a: under(a, session.device, bits) for a in ("float32", *ARITHMETICS)}
    found = {a: way() for a, way in ways.items()}
    base = found.pop("float32")
    again = ways["float32"]()
    moved = {"float32 again": paired(again, base)} | {a: paired(v, base) for a, v in found.items()}
    text = "; ".join(f"{a} {m['difference']:+.1e} ± {m['standard_error']:.0e}"
                     for a, m in moved.items())
    mean, error = float(base.mean()), float(base.std()) / math.sqrt(len(base))
    return {
        **data.about(),
        "config": dict(vars(config)),
        "float32": {"bits_per_dim": mean, "standard_error": error},
        "minus_float32": moved,
        "weights_sha256": weights_hash(model),
        "text": f"float32 {mean:.4f} ± {error:.4f} bits/dim; {text}",
    }
