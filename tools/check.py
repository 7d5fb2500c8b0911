"""Run every check of the project, say how long each took, and fail if any of them failed.

The stages run side by side, each in a process of its own whose output is shown when it ends. Pages
and tests have workers of their own, so every core has something to do until the last is done. What
both import takes fifteen seconds of processor time: this process does it once, and is copied. A
stage runs even if another failed, so that one run shows everything there is to mend.
`--only NAME ...` runs some of them.
"""
import argparse
import filecmp
import gc
import inspect
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# The workers are the parallelism; more threads only fight over the cores.
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SITE = "tests/test_site.py"
WORKERS = min(4, os.cpu_count() or 1)
CAN_COPY = sys.platform == "linux"  # elsewhere a process that has threads cannot be copied
_COARSE = ("from matplotlib_inline.backend_inline import set_matplotlib_formats as _form; "
           "_form('png', bbox_inches=None, dpi=20); del _form")
# torch itself imports its compiler when an optimizer is made
WARM = ("torch._dynamo", "accelerate", "sklearn.datasets", "matplotlib.pyplot", "IPython")


def warm() -> None:
    """Import what pages and tests need, so that copies of this process have it."""
    for name in WARM: import_module(name)
    gc.freeze()  # no copy looks for garbage among what was imported


def run(*command: str, cwd: Path = ROOT) -> bool:
    """Run a command of the environment; whether it succeeded."""
    return subprocess.run(command, check=False, cwd=cwd).returncode == 0


def generated(package: Path) -> set[str]:
    """The files of a package that are written from the notebooks."""
    files = (p for p in package.rglob("*") if p.suffix in (".py", ".pyi"))
    return {p.relative_to(package).as_posix() for p in files}


def exported() -> bool:
    """Whether `nbdev-export` would change nothing.

    It runs in a copy, so that a working tree with unsaved thoughts is left as it is.
    """
    with tempfile.TemporaryDirectory() as tmp:
        copy = Path(tmp) / ROOT.name
        copy.mkdir()
        for name in ("pyproject.toml", "settings.ini", "setup.py"):
            shutil.copy2(ROOT / name, copy / name)
        other = shutil.ignore_patterns("assets", "_quarto.yml", ".*")
        shutil.copytree(ROOT / "nbs", copy / "nbs", ignore=other)
        (copy / "mdm_nb").mkdir()
        if not run("nbdev-export", cwd=copy): return False
        if not run(sys.executable, "tools/api.py", str(copy)): return False
        here, there = ROOT / "mdm_nb", copy / "mdm_nb"
        names = sorted(generated(here) | generated(there))
        _, different, absent = filecmp.cmpfiles(here, there, names, shallow=False)
    for name in different + absent:
        print(f"mdm_nb/{name} is not what the notebooks export: "
              "run `make export`, look at the difference, commit")
    return not different + absent


def readme() -> bool:
    """Whether README.md is what the front page says."""
    return run(sys.executable, "tools/readme.py", "--check")


def linted() -> bool:
    """Whether ruff and the type checker have nothing to say; both run, to show all at once."""
    style = run("ruff", "check", "--quiet", ".")
    return run(sys.executable, "tools/check_types.py") and style


def notebooks() -> bool:
    """Whether every page runs."""
    import nbdev.test
    from execnb.shell import CaptureShell

    import mdm_nb
    for name in mdm_nb.__all__: getattr(mdm_nb, name)
    warm()
    def coarse(path: Path, profile: bool = False) -> CaptureShell:
        """A shell that draws every figure, once and coarsely: nobody looks at it."""
        shell = CaptureShell(path, mpl_format="png", profile=profile)
        shell.run_cell(_COARSE)
        return shell
    nbdev.test.CaptureShell = coarse
    try: inspect.unwrap(nbdev.test.nbdev_test)(n_workers=WORKERS, timing=True)
    except SystemExit: return False
    return True


def tests() -> bool:
    """Whether the tests pass that need no site."""
    import copies
    import pytest
    with_xdist = ["-n", str(WORKERS), "--dist", "worksteal"]
    shared = ["--copies", str(WORKERS)] if CAN_COPY else with_xdist
    return pytest.main(["-q", *shared, "--durations=5", f"--ignore={SITE}"], [copies]) == 0


def docs() -> bool:
    """Whether the site can be built."""
    return run(sys.executable, "tools/docs.py", "--strict")


def site() -> bool:
    """Whether the site that was built can be read."""
    return run(sys.executable, "-m", "pytest", "-q", "-rs", SITE)


class Stage(NamedTuple):
    """Something that must hold."""
    what: str  # in words
    check: Callable[[], bool]  # whether it does
    after: str = ""  # the stage whose result it reads
    warm: bool = False  # whether it needs what `warm` imports


STAGES = {
    "notebooks": Stage("nbdev-test: every notebook runs and its assertions hold", notebooks,
                       warm=True),
    "pytest": Stage("pytest: oracles, properties, end to end", tests, warm=True),
    "docs": Stage("the site builds, nothing missing, no broken link", docs),
    "site": Stage("every page in a browser", site, after="docs"),
    "export": Stage("the modules are what the notebooks export", exported),
    "readme": Stage("README.md is what nbs/index.ipynb says", readme),
    "lint": Stage("ruff and the types, on modules, notebooks, tests and tools", linted),
}


class Running(NamedTuple):
    """A stage at work in a process of its own."""
    process: BaseProcess
    output: Path  # what it prints
    began: float


def work(name: str, output: Path) -> None:
    """Be the process of a stage; what it prints goes into a file."""
    with open(output, "wb") as file:
        for stream in (1, 2): os.dup2(file.fileno(), stream)
    sys.exit(not STAGES[name].check())


def start(name: str, folder: Path) -> Running:
    """Start a stage in a process of its own."""
    if STAGES[name].warm and CAN_COPY: warm()
    output = folder / name
    copied, fresh = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")
    process = (copied if CAN_COPY else fresh).Process(target=work, args=(name, output))
    running = Running(process, output, time.perf_counter())
    process.start()
    return running


def finish(name: str, stage: Running) -> tuple[bool, float]:
    """Show what a stage printed; whether it passed, and its seconds."""
    ok, seconds = stage.process.exitcode == 0, time.perf_counter() - stage.began
    print(f"\n== {name}: {STAGES[name].what}", flush=True)
    sys.stdout.buffer.write(stage.output.read_bytes())
    print(f"== {name}: {'passed' if ok else 'FAILED'} in {seconds:.1f} s", flush=True)
    return ok, seconds


def side_by_side(names: list[str], folder: Path) -> dict[str, tuple[bool, float]]:
    """Run stages at the same time, one that reads another's result after it."""
    # the others have work to do while this process imports
    waiting, running, done = sorted(names, key=lambda name: STAGES[name].warm), {}, {}
    print(f"== {', '.join(names)}: side by side, each shown when it ends", flush=True)
    try:
        while waiting or running:
            blocked = {name for name in waiting if STAGES[name].after in {*waiting, *running}}
            for name in [name for name in waiting if name not in blocked]:
                waiting.remove(name)
                running[name] = start(name, folder)
            ended = [name for name, stage in running.items() if not stage.process.is_alive()]
            for name in ended: done[name] = finish(name, running.pop(name))
            time.sleep(0.1)
    finally:
        for stage in running.values(): stage.process.terminate()
    return done


def main() -> int:
    """Run the stages and print the summary."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = list(STAGES)
    told = f"some of: {', '.join(known)}"
    parser.add_argument("--only", nargs="+", choices=known, default=known, metavar="NAME",
                        help=told)
    names = parser.parse_args().only
    os.chdir(ROOT)
    os.environ.update(THREADS, PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    sys.path.insert(0, str(ROOT))
    if len(names) == 1: return int(not STAGES[names[0]].check())
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as tmp: results = side_by_side(names, Path(tmp))
    rows = [(name, *results[name]) for name in names]
    rows.append(("all", all(ok for _, ok, _ in rows), time.perf_counter() - began))
    print()
    for name, ok, seconds in rows:
        print(f"{name:>10}  {'passed' if ok else 'FAILED'}  {seconds:7.1f} s")
    return int(not rows[-1][1])


if __name__ == "__main__": sys.exit(main())
