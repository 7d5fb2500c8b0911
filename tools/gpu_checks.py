"""Does the device compute what the processor computes? Checks for `tools/gpu.py` and for pytest."""
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from gpu_session import SEED, Disagreement, Session, Unavailable, arithmetic, first_line, missing
from torch import Tensor, nn

if TYPE_CHECKING:
    from mdm_nb import Diffusion

ROOT = Path(__file__).resolve().parent.parent
SHAPE, LEVELS = (1, 8, 8), 17
SMALL: dict[str, Any] = {"width": 8, "blocks": 1, "encoder_width": 8}
MODELS: dict[str, dict[str, Any]] = {  # changes of the default configuration
    "vp": {},
    "vp in steps": {"diffusion_steps": 50, "free_variance": True},
    "vp, monotone schedule": {"schedule": "monotone"},
    "cld": {"process": "cld", "parameterisation": "noise"},
    "malda": {"process": "malda"},
    "mdm": {"process": "mdm", "parameterisation": "noise"},
    "encoder": {"encoder": "unet"},
}
KERNELS = ("vp", "ve", "subvp", "cld", "psld", "alda", "malda", "mdm")


def models(session: Session) -> dict[str, dict[str, Any]]:
    """The models to check; at toy size, where nothing can differ, a few."""
    return {name: MODELS[name] for name in session.size("models") or MODELS}


def distance(a: Tensor, b: Tensor) -> float:
    """‖a − b‖ / ‖b‖, on the processor."""
    a, b = a.detach().cpu().double(), b.detach().cpu().double()
    return float((a - b).norm() / b.norm().clamp_min(1e-300))


def agree(
    what: str,  # named in the complaint
    difference: float,  # between two numbers
    limit: float,  # up to which they agree
) -> float:  # the difference
    """Complain unless a difference is small; NaN never is."""
    if difference <= limit: return difference
    raise Disagreement(f"{what} differ by {difference:.3g}, over {limit:.3g}")


def perturbed(
    options: dict[str, Any],  # changes of the default configuration
    device: torch.device | str,  # where the model shall live
    double: bool = False,  # the network in float64 too?
) -> "Diffusion":
    """A small model whose layers are all at work: a new one's last are zero and hide the rest."""
    from mdm_nb import Config, make_model
    model = make_model(Config(**SMALL, **options), LEVELS, SHAPE)
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for layer in model.modules():
            if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear): continue
            layer.weight += 0.05 * torch.randn(layer.weight.shape, generator=generator)
    if not double: return model.to(device).eval()
    # an encoder's layers belong to the process, whose types `model.double()` leaves alone
    for p in model.parameters(): p.data = p.data.double()
    return model.to(device).eval()


def batch(n: int, device: torch.device | str, seed: int = SEED) -> Tensor:
    """Random images."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(LEVELS, (n, *SHAPE), generator=generator).to(device)


def loss(model: "Diffusion", n: int, device: torch.device | str, seed: int = SEED) -> Tensor:
    """The bound on random images, whose noise is drawn on the processor: the same everywhere."""
    noise = torch.Generator().manual_seed(seed)
    return model.loss(batch(n, device, seed), generator=noise)


def slopes(model: "Diffusion") -> Tensor:
    """The gradient that `backward` left, as one vector."""
    return torch.cat([p.grad.flatten().double() for p in model.parameters() if p.grad is not None])


def each(
    session: Session,  # where
    names: Iterable[str],  # of models
    check: Callable[[Session, str], dict],  # of one of them
) -> dict[str, dict]:  # by name
    """Check all of several; then complain of those that failed, and keep what the others gave."""
    found, troubles = {}, []
    for name in names:
        try: found[name] = check(session, name)
        except Disagreement as e: troubles.append(f"{name}: {e}")
        except Exception as e:  # noqa: BLE001 - the others are worth knowing
            troubles.append(f"{name}: {first_line(e)}")
    if troubles: raise Disagreement("; ".join(troubles), found)
    return found


def float64_of(session: Session, name: str) -> dict:
    """Bound and gradient of one model, on the device and on the processor."""
    values, gradients = [], []
    for device in (session.device, "cpu"):
        model = perturbed(MODELS[name], device, double=True)
        value = loss(model, session.size("check"), device)
        value.backward()
        values.append(value)
        gradients.append(slopes(model))
    return {
        "bound": agree("float64 bounds", distance(*values), 1e-10),
        "gradient": agree("float64 gradients", distance(*gradients), 1e-8),
    }


def float64(session: Session) -> dict:
    """Bounds and gradients of float64 networks."""
    found = each(session, models(session), float64_of)
    bound, gradient = (max(f[part] for f in found.values()) for part in ("bound", "gradient"))
    text = f"{len(found)} models: bounds to {bound:.1e}, gradients to {gradient:.1e}"
    return {"relative_difference": found, "text": text}


def bounds(session: Session, name: str, device: torch.device | str) -> list[float]:
    """Bounds of a float32 network on several batches."""
    model, size = perturbed(MODELS[name], device), session.size("check")
    seeds = range(session.size("check bounds"))
    with torch.no_grad(), arithmetic("float32"):
        return [float(loss(model, size, device, seed)) for seed in seeds]


def float32_of(session: Session, name: str) -> dict:
    """The mean bound of one model on the device, against its standard error on the processor."""
    here, there = bounds(session, name, "cpu"), bounds(session, name, session.device)
    moved = statistics.fmean(there) - statistics.fmean(here)
    error = statistics.stdev(here) / math.sqrt(len(here))
    agree("float32 bounds", abs(moved), error)
    return {"difference": moved, "standard_error": error}


def float32(session: Session) -> dict:
    """Bounds of float32 networks: the device may differ by less than the bound's standard error."""
    found = each(session, models(session), float32_of)
    worst = max(abs(f["difference"]) / f["standard_error"] for f in found.values())
    return {"bits_per_dim": found, "text": f"{len(found)} models: at most {worst:.1e} s.e. apart"}


def kernel_of(session: Session, name: str) -> dict:
    """The kernel of one process from t = 0 to 1, on the device and on the processor."""
    from mdm_nb import Config, make_model
    t = torch.linspace(0, 1, 65, dtype=torch.float64)
    process = make_model(Config(**SMALL, process=name), LEVELS, SHAPE).process
    here = process.kernel(t)
    there = process.to(session.device).kernel(t.to(session.device))
    return {
        "Phi": agree("Phi", distance(there.Phi, here.Phi), 1e-10),
        "L": agree("L", distance(there.L, here.L), 1e-10),
    }


def kernels(session: Session) -> dict:
    """Kernels of every process with a name."""
    found = each(session, KERNELS, kernel_of)
    worst = max(max(f.values()) for f in found.values())
    return {"relative_difference": found, "text": f"{len(found)} processes to {worst:.1e}"}


def draw(session: Session, name: str, device: torch.device | str) -> Tensor:
    """Samples of one model, from the same seed every time."""
    from mdm_nb import Ancestral, EulerMaruyama
    sampler = EulerMaruyama(20) if "parameterisation" in MODELS[name] else Ancestral(20)
    model, n = perturbed(MODELS[name], device), session.size("samples")
    return model.sample(n, sampler=sampler, seed=SEED, progress=False).cpu().double()


def samples_of(session: Session, name: str) -> dict:
    """Two drawings on the device and one on the processor, whose random numbers are others."""
    once, again, cpu = (draw(session, name, d) for d in (session.device, session.device, "cpu"))
    changed = float((once != again).double().mean())
    means = [x.flatten(1).mean(1) for x in (once, cpu)]
    error = math.sqrt(sum(float(m.var()) / len(m) for m in means))
    apart = abs(float(means[0].mean() - means[1].mean()))
    return {
        "changed": agree("samples from one seed", changed, 0.0),
        "difference": agree("mean levels of samples", apart, 5 * error),
        "standard_error": error,
    }


def sampling(session: Session) -> dict:
    """Samples: the same twice from one seed, and in the mean those of the processor."""
    found = each(session, ("vp", "cld"), samples_of)
    worst = max(f["difference"] / f["standard_error"] for f in found.values())
    text = f"one seed, one result; means {worst:.1f} s.e. from the processor's"
    return {"levels": found, "text": text}


CHECKS = {"float64": float64, "float32": float32, "kernels": kernels, "sampling": sampling}


def marked() -> list[str]:
    """The files of tests that mark some of them `cuda`."""
    files = sorted((ROOT / "tests").glob("test_*.py"))
    return [str(f) for f in files if "mark.cuda" in f.read_text(encoding="utf-8")]


def tests(session: Session) -> dict:
    """The tests marked `cuda`, under pytest if it is there."""
    if session.device.type != "cuda": raise Unavailable("the tests marked cuda need a CUDA device")
    absent = missing("pytest", "beartype", "hypothesis")
    if absent: raise Unavailable(f"{', '.join(absent)} not installed: the built-in checks must do")
    files = marked()
    if not files: raise Unavailable("no test is marked cuda")
    command = [sys.executable, "-m", "pytest", "-q", "-m", "cuda", "-p", "no:cacheprovider", *files]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines() or [""]
    if done.returncode: raise Disagreement("pytest failed: " + " | ".join(lines[-8:]))
    return {"files": [Path(f).name for f in files], "text": lines[-1]}
