"""Run every check of the project in turn, say how long each took, and fail if any of them failed.

A stage runs even if one before it failed, so that one run shows everything there is to mend. `--only NAME ...` runs some of them.
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

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # the workers are the parallelism; more threads only fight over the cores
SITE = "tests/test_site.py"
WORKERS = str(min(4, os.cpu_count() or 1))


def run(*command: str, cwd: Path = ROOT) -> bool:
    """Run a command of the environment; whether it succeeded."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(command, check=False, cwd=cwd, env={**os.environ, **THREADS, "PATH": path}).returncode == 0


def exported() -> bool:
    """Whether `nbdev-export` would change nothing. It runs in a copy, so that a working tree with unsaved thoughts is left as it is."""
    with tempfile.TemporaryDirectory() as tmp:
        copy = Path(tmp) / ROOT.name
        copy.mkdir()
        for name in ("pyproject.toml", "settings.ini", "setup.py"): shutil.copy2(ROOT / name, copy / name)
        shutil.copytree(ROOT / "nbs", copy / "nbs", ignore=shutil.ignore_patterns("assets", "_quarto.yml", ".*"))
        (copy / "mdm_nb").mkdir()
        if not (run("nbdev-export", cwd=copy) and run(sys.executable, "tools/api.py", str(copy))): return False
        names = sorted({p.relative_to(folder / "mdm_nb").as_posix() for folder in (ROOT, copy) for p in (folder / "mdm_nb").rglob("*.py*")
                        if p.suffix in (".py", ".pyi")})
        _, different, absent = filecmp.cmpfiles(ROOT / "mdm_nb", copy / "mdm_nb", names, shallow=False)
        for name in different + absent: print(f"mdm_nb/{name} is not what the notebooks export: run `make export`, look at the difference, commit")
        return not different + absent


def linted() -> bool:
    """Whether ruff and the type checker have nothing to say; both run, so that one look shows all."""
    style = run("ruff", "check", "--quiet", ".")
    return run(sys.executable, "tools/check_types.py") and style


STAGES: dict[str, tuple[str, Callable[[], bool]]] = {
    "export": ("the modules are what the notebooks export", exported),
    "readme": ("README.md is what nbs/index.ipynb says", lambda: run(sys.executable, "tools/readme.py", "--check")),
    "lint": ("ruff and the types, on modules, notebooks, tests and tools", linted),
    "notebooks": ("nbdev-test: every notebook runs and its assertions hold", lambda: run("nbdev-test", "--n-workers", WORKERS,
                                                                                     "--timing")),
    "pytest": ("pytest: oracles, properties, end to end", lambda: run(sys.executable, "-m", "pytest", "-q", "-n", WORKERS, "--dist", "worksteal",
                                                                   "--durations=5", f"--ignore={SITE}")),
    "docs": ("the site builds, nothing missing, no broken link", lambda: run(sys.executable, "tools/docs.py", "--strict")),
    "site": ("every page in a browser", lambda: run(sys.executable, "-m", "pytest", "-q", "-rs", SITE)),
}


def main() -> int:
    """Run the stages and print the summary."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=STAGES, default=list(STAGES), metavar="NAME", help=f"some of: {', '.join(STAGES)}")
    rows = []
    for name in parser.parse_args().only:
        what, check = STAGES[name]
        print(f"\n== {name}: {what}", flush=True)
        start = time.perf_counter()
        ok = check()
        rows.append((name, ok, time.perf_counter() - start))
        print(f"== {name}: {'passed' if ok else 'FAILED'} in {rows[-1][2]:.1f} s", flush=True)
    print("\n" + "\n".join(f"{name:>10}  {'passed' if ok else 'FAILED'}  {seconds:7.1f} s" for name, ok, seconds in rows))
    print(f"{'all':>10}  {'passed' if all(ok for _, ok, _ in rows) else 'FAILED'}  {sum(s for *_, s in rows):7.1f} s")
    return int(not all(ok for _, ok, _ in rows))


if __name__ == "__main__": sys.exit(main())
