"""How fast is the device, and what share of its speed do training, evaluation and sampling use?"""
import gc
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import torch
from gpu_session import (
    ARITHMETICS,
    SEED,
    Session,
    Unavailable,
    arithmetic,
    first_line,
    levels_of,
    under,
)
from timing import LEVELS, TrainingStep, flops, in_turns, seconds_of, spread, synchronise

if TYPE_CHECKING:
    from mdm_nb import Diffusion

Call = Callable[[], object]


def release(device: torch.device) -> None:
    """Give back the memory of the device that nothing uses."""
    if device.type != "cuda": return
    gc.collect()
    torch.cuda.empty_cache()


def warm(call: Call, device: torch.device) -> dict:
    """Call twice before timing: seconds of the first, and the memory that the second needed."""
    first = seconds_of(call, device)
    if device.type != "cuda": return {"first_seconds": first}
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    call()
    synchronise(device)
    peak = torch.cuda.max_memory_allocated(device)
    return {
        "first_seconds": first,
        "peak_gib": peak / 2**30,
        "above_gib": (peak - before) / 2**30,
    }


def tried(call: Call, device: torch.device, errors: tuple[type[Exception], ...]) -> dict:
    """Warm up a call, or say why it does not work."""
    try: return warm(call, device)
    except errors as e:
        reason = first_line(e)
    release(device)
    return {"reason": reason}


def compare(
    session: Session,  # where
    calls: dict[str, Call],  # by name, which begins with the arithmetic: "bf16, compiled"
    images: int,  # that a call deals with
    work: int,  # operations of a call
    errors: tuple[type[Exception], ...] = (torch.OutOfMemoryError,),  # recorded, not raised
    repeats: str = "repeats",  # how often, one of `SIZES`
) -> dict[str, dict]:  # by name
    """Time calls in turns; images and operations per second, and their share of the peak."""
    found = {name: tried(call, session.device, errors) for name, call in calls.items()}
    sound = {name: call for name, call in calls.items() if "reason" not in found[name]}
    times = in_turns(sound, session.size(repeats), session.device, warmup=0)
    for name, seconds in times.items():
        row = spread(seconds)
        rate = work / row["median"]
        peak = session.peaks.get(name.split(",")[0])
        row |= {"images_per_second": images / row["median"], "flop_per_second": rate}
        found[name] |= row | {"share_of_peak": rate / peak if peak else None}
    return found


def line(found: dict[str, dict]) -> str:
    """What was found, in one line."""
    parts = []
    for name, row in found.items():
        if "reason" in row:
            parts.append(f"{name} no ({row['reason'][:60]})")
            continue
        share = row["share_of_peak"]
        of_peak = "" if share is None else f", {share:.0%} of peak"
        memory = f", {row['peak_gib']:.1f} GiB" if "peak_gib" in row else ""
        parts.append(f"{name} {1e3 * row['median']:.1f} ms{of_peak}{memory}")
    return "; ".join(parts)


def product(name: str, a: torch.Tensor, b: torch.Tensor) -> None:
    """Multiply matrices in an arithmetic."""
    with arithmetic(name): a @ b


def peaks(session: Session) -> dict:
    """Matrix products of random numbers, and a copy within the device's memory."""
    n, device = session.size("matmul"), session.device
    generator = torch.Generator(device).manual_seed(SEED)
    a, b = (torch.randn(n, n, generator=generator, device=device) for _ in range(2))
    types = {"float32": a.dtype, "tf32": a.dtype, "bf16": torch.bfloat16, "float64": torch.float64}
    calls: dict[str, Call] = {
        name: partial(product, "float32" if name == "float64" else name, a.to(d), b.to(d))
        for name, d in types.items()
    }
    source = torch.empty(session.size("copy"), dtype=torch.uint8, device=device).random_()
    target = torch.empty_like(source)
    calls["copy"] = partial(target.copy_, source)
    seconds = in_turns(calls, session.size("repeats"), device, warmup=3)
    times = {name: spread(values) for name, values in seconds.items()}
    moved = 2 * source.numel() / times["copy"]["median"]
    rates = {name: 2 * n**3 / t["median"] for name, t in times.items() if name != "copy"}
    text = ", ".join(f"{name} {rate / 1e12:.3g}" for name, rate in rates.items())
    return {
        "flop_per_second": rates,
        "bytes_per_second": moved,
        "times": times,
        "matrices": n,
        "text": f"TFLOP/s of {n}² products: {text}; copy {moved / 1e9:.4g} GB/s, read and written",
    }


def step_under(step: TrainingStep, name: str) -> None:
    """Take a training step in an arithmetic."""
    with arithmetic(name) as bf16: step(bf16)


def make_step(session: Session, name: str, batch: int) -> TrainingStep:
    """The training step of a preset."""
    config = session.config(name, seed=SEED)
    return TrainingStep(config, batch, session.size("image"), LEVELS, session.device)


def work_per_image(session: Session, name: str) -> float:
    """Operations of a step for one image, counted on two: all of them grow with the batch."""
    return flops(make_step(session, name, 2).gradient) / 2


def step(session: Session, name: str, batch: int) -> dict:
    """A training step in each arithmetic."""
    work = work_per_image(session, name)
    one = make_step(session, name, batch)
    calls: dict[str, Call] = {a: partial(step_under, one, a) for a in ARITHMETICS}
    found = compare(session, calls, batch, round(work * batch))
    if all("reason" in row for row in found.values()):
        raise Unavailable(f"{batch} images fit in no arithmetic: {found['bf16']['reason']}")
    parameters = sum(p.numel() for p in one.model.parameters())
    about = {"batch": batch, "parameters": parameters, "flop_per_image": work}
    return {**about, "steps": found, "text": line(found)}


def graph_breaks() -> dict[str, int]:
    """Why dynamo gave up tracing, and how often, since it was last reset."""
    from torch._dynamo.utils import counters
    return {reason.strip().splitlines()[0]: n for reason, n in counters["graph_break"].items()}


def fresh(session: Session, name: str, batch: int, channels_last: bool) -> TrainingStep:
    """The training step of a preset, its network's weights in one order of memory or another."""
    one = make_step(session, name, batch)
    if channels_last: one.model.network.to(memory_format=torch.channels_last)
    return one


def compiled(session: Session, name: str) -> dict:
    """Training steps, eager and compiled, with the channels first and last in memory."""
    import torch._dynamo
    logging.getLogger("torch._dynamo").setLevel(logging.ERROR)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    batch, backend = session.size("compiled batch"), "eager" if session.toy else "inductor"
    make = partial(fresh, session, name, batch)
    network, whole = make(True), make(True)
    network.model.network.compile(backend=backend, fullgraph=True)
    whole.loss = torch.compile(whole.model.loss, backend=backend)
    steps = {
        "float32": make(False),
        "tf32, channels last": make(True),
        "bf16": make(False),
        "bf16, channels last": make(True),
        "bf16, network compiled": network,
        "bf16, loss compiled": whole,
    }
    calls: dict[str, Call] = {
        label: partial(step_under, s, label.split(",")[0]) for label, s in steps.items()
    }
    work = round(batch * work_per_image(session, name))
    found = compare(session, calls, batch, work, errors=(Exception,))
    if "reason" in found["bf16"]: raise Unavailable(found["bf16"]["reason"])
    about = {"batch": batch, "backend": backend, "graph_breaks": graph_breaks()}
    torch._dynamo.reset()
    first = ", ".join(f"{row['first_seconds']:.0f} s" for row in found.values() if "median" in row)
    return {**about, "steps": found, "text": f"{line(found)}; first calls {first}"}


def in_evaluation(session: Session, name: str) -> "Diffusion":
    """A preset's model, in evaluation mode."""
    return make_step(session, name, 1).model.eval()


def evaluation(session: Session, name: str) -> dict:
    """Images per second of the bound, one draw each."""
    n, batch = session.size("evaluated"), session.size("evaluation batch")
    model, x = in_evaluation(session, name), levels_of(session, n)
    bound = partial(model.bpd, batch_size=batch, times=1, seed=SEED, progress=False)
    work = flops(partial(bound, x[:2])) // 2 * n
    each = partial(bound, x)
    calls: dict[str, Call] = {a: under(a, session.device, each) for a in ARITHMETICS}
    found = compare(session, calls, n, work)
    rates = {a: row["images_per_second"] for a, row in found.items() if "reason" not in row}
    text = "images/s: " + ", ".join(f"{a} {rate:.4g}" for a, rate in rates.items())
    return {"images": n, "batch": batch, "bounds": found, "text": text}


def sampling(session: Session, name: str, n: int) -> dict:
    """Ancestral samples, drawn together."""
    from mdm_nb import Ancestral
    steps, model = session.size("sampling steps"), in_evaluation(session, name)
    draw = partial(model.sample, seed=SEED, progress=False)
    work = flops(partial(draw, 2, Ancestral(2))) // 4 * n * steps
    many = partial(draw, n, Ancestral(steps))
    calls: dict[str, Call] = {a: under(a, session.device, many) for a in ARITHMETICS[1:]}
    found = compare(session, calls, n, work, repeats="sampling repeats")
    rates = {a: row["images_per_second"] for a, row in found.items() if "reason" not in row}
    text = ", ".join(f"{a} {rate:.4g}" for a, rate in rates.items())
    text = f"images/s, {n} at once, {steps} steps: {text}"
    return {"images": n, "steps": steps, "samples": found, "text": text}
