"""Run every check of the project, say how long each took, and fail if any of them failed.

The stages run side by side, each in a process of its own whose output is shown when it ends. Pages
and tests have workers of their own, so every core has something to do until the last is done. A
stage runs even if another failed, so that one run shows everything there is to mend.
`--only NAME ...` runs some of them.
"""
import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# The workers are the parallelism; more threads only fight over the cores.
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SITE = "tests/test_site.py"
WORKERS = str(min(4, os.cpu_count() or 1))


def run(*command: str, cwd: Path = ROOT) -> bool:
    """Run a command of the environment; whether it succeeded."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, **THREADS, "PATH": path}
    return subprocess.run(command, check=False, cwd=cwd, env=env).returncode == 0


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
    return run("nbdev-test", "--n-workers", WORKERS, "--timing")


def tests() -> bool:
    """Whether the tests pass that need no site."""
    shared = ("-n", WORKERS, "--dist", "worksteal", "--durations=5")
    return run(sys.executable, "-m", "pytest", "-q", *shared, f"--ignore={SITE}")


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


# Those that take long come first.
STAGES = {
    "notebooks": Stage("nbdev-test: every notebook runs and its assertions hold", notebooks),
    "pytest": Stage("pytest: oracles, properties, end to end", tests),
    "docs": Stage("the site builds, nothing missing, no broken link", docs),
    "site": Stage("every page in a browser", site, after="docs"),
    "export": Stage("the modules are what the notebooks export", exported),
    "readme": Stage("README.md is what nbs/index.ipynb says", readme),
    "lint": Stage("ruff and the types, on modules, notebooks, tests and tools", linted),
}


class Running(NamedTuple):
    """A stage at work in a process of its own."""
    process: subprocess.Popen
    output: IO[bytes]  # what it has printed
    began: float


def start(name: str) -> Running:
    """Start a stage in a process of its own."""
    output = tempfile.TemporaryFile()  # noqa: SIM115, closed when the stage has ended
    command = [sys.executable, __file__, "--only", name]
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    return Running(process, output, time.perf_counter())


def finish(name: str, stage: Running) -> tuple[bool, float]:
    """Show what a stage printed; whether it passed, and its seconds."""
    ok, seconds = stage.process.returncode == 0, time.perf_counter() - stage.began
    stage.output.seek(0)
    print(f"\n== {name}: {STAGES[name].what}", flush=True)
    sys.stdout.buffer.write(stage.output.read())
    stage.output.close()
    print(f"== {name}: {'passed' if ok else 'FAILED'} in {seconds:.1f} s", flush=True)
    return ok, seconds


def side_by_side(names: list[str]) -> dict[str, tuple[bool, float]]:
    """Run stages at the same time, one that reads another's result after it."""
    waiting, running, done = list(names), {}, {}
    print(f"== {', '.join(names)}: side by side, each shown when it ends", flush=True)
    try:
        while waiting or running:
            blocked = {name for name in waiting if STAGES[name].after in {*waiting, *running}}
            for name in [name for name in waiting if name not in blocked]:
                waiting.remove(name)
                running[name] = start(name)
            ended = [name for name, stage in running.items() if stage.process.poll() is not None]
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
    if len(names) == 1: return int(not STAGES[names[0]].check())
    began = time.perf_counter()
    results = side_by_side(names)
    rows = [(name, *results[name]) for name in names]
    rows.append(("all", all(ok for _, ok, _ in rows), time.perf_counter() - began))
    print()
    for name, ok, seconds in rows:
        print(f"{name:>10}  {'passed' if ok else 'FAILED'}  {seconds:7.1f} s")
    return int(not rows[-1][1])


if __name__ == "__main__": sys.exit(main())
