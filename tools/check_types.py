"""Check the types of the package, its stubs, the tools and the user scripts.

`make test` runs it in the stage lint. A module as it stands cannot be checked: `@patch` puts a
function into a class at run time, and a type checker sees a function that nobody calls beside a
class that lacks it. So a copy is checked in which every patched function stands inside its class,
body and all. What is found is reported where it belongs: the line of the module, and the notebook.

What remains is counted by file in pyproject.toml, and no count may grow. `--all` prints every
finding, `--table` the counts as pyproject.toml holds them.
"""
import argparse
import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from api import ROOT, modules
from patched import Function, Patch, decorator, patches

CHECKER = Path(sys.executable).with_name("basedpyright")
CELL = re.compile(r"# %% \S*?(nbs/\S+) #(\w+)")
MARKS = {
    "method": "",
    "setter": "@{}.setter",
    "property": "@property",
    "classmethod": "@classmethod",
    "staticmethod": "@staticmethod",
}


class Line(NamedTuple):
    """A line of the copy."""
    text: str
    number: int  # of the line in the module


class Finding(NamedTuple):
    """What the type checker says about one place."""
    file: str  # relative to the root
    number: int  # of the line, from 1
    message: str
    rule: str
    cell: str  # notebook and cell, if the line comes from one

    def __str__(self) -> str:
        where = f"\n      {self.cell}" if self.cell else ""
        return f"{self.file}:{self.number}: {self.message} [{self.rule}]{where}"


# ---------------------------------------------------------------- the copy


def span(node: ast.stmt | ast.expr) -> range:
    """The numbers of the lines of a node, a function's decorators among them."""
    first = node.lineno
    if isinstance(node, Function): first = min([first, *(d.lineno for d in node.decorator_list)])
    return range(first, (node.end_lineno or first) + 1)


def member(patch: Patch, lines: list[str]) -> list[Line]:
    """A patched function as a member of its class."""
    mark = decorator(patch.node, "patch", "patch_to")
    gone = span(mark) if mark else range(0)
    numbers = span(patch.node)
    head = MARKS[patch.role].format(patch.name)
    out = [Line(f"    {head}", numbers[0])] if head else []
    return out + [Line(f"    {lines[n - 1]}", n) for n in numbers if n not in gone]


def merged(source: str) -> list[Line]:
    """A module with its patched functions inside their classes."""
    tree, lines = ast.parse(source), source.splitlines()
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    own = [p for p in patches(tree, "") if p.owner in classes]
    moved = {n for p in own for n in span(p.node)}
    last_of = {(p.owner, p.name, p.role == "setter"): p for p in own}
    ends = {node.end_lineno: name for name, node in classes.items()}
    docs = tree.body[0].end_lineno if ast.get_docstring(tree) else 0
    out: list[Line] = []
    for n, text in enumerate(lines, 1):
        if n not in moved: out.append(Line(text, n))
        # a member may speak of a class that comes later
        if n == docs: out.append(Line("from __future__ import annotations", n))
        if n not in ends: continue
        members = [p for (owner, _, _), p in last_of.items() if owner == ends[n]]
        for patch in members: out += member(patch, lines)
    return out


def copy(to: Path) -> dict[Path, tuple[Path, list[int]]]:
    """Write the merged package below a folder; for each file, its module and its lines there."""
    back = {}
    for path in modules(ROOT):
        file = to / path.relative_to(ROOT)
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = merged(path.read_text(encoding="utf-8"))
        file.write_text("".join(f"{line.text}\n" for line in lines), encoding="utf-8")
        back[file.resolve()] = path, [line.number for line in lines]
    for path in (ROOT / "mdm_nb").rglob("__init__.py*"):
        (to / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, to / path.relative_to(ROOT))
    return back


# ---------------------------------------------------------------- what is found


def diagnose(folder: Path) -> list[dict]:
    """The errors that the type checker finds in a folder with settings of its own."""
    command = [str(CHECKER), "--outputjson", "--project", str(folder)]
    command += ["--pythonpath", sys.executable]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if not done.stdout.lstrip().startswith("{"):
        raise SystemExit(f"the type checker failed: {done.stdout}{done.stderr}")
    found = json.loads(done.stdout)["generalDiagnostics"]
    return [d for d in found if d["severity"] == "error"]


def settings() -> tuple[dict, dict[str, int]]:
    """The settings in pyproject.toml, and how many errors each file may have."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return tool["basedpyright"], tool["mdm_nb"]["type_errors"]


def cell_of(lines: list[str], number: int) -> str:
    """The notebook and the cell that a line of a module comes from."""
    for line in reversed(lines[:number]):
        if found := CELL.search(line): return f"{found[1]} #{found[2]}"
    return ""


def finding(d: dict, path: Path, number: int, cell: str = "") -> Finding:
    """A diagnosis, at its place."""
    message, *_ = d["message"].splitlines()
    file = path.relative_to(ROOT).as_posix()
    return Finding(file, number, message, d.get("rule", "syntax"), cell)


def lay_out(folder: Path) -> dict[Path, tuple[Path, list[int]]]:
    """Write what is checked, and the settings; what `copy` returns.

    The modules lie in a folder of their own, for the rest is checked against the stubs. One process
    checks both: most of its time goes into reading torch.
    """
    known = settings()[0]
    ignored = shutil.ignore_patterns("__pycache__")
    for name in known["include"]:
        shutil.copytree(ROOT / name, folder / "outside" / name, ignore=ignored)
    places = {key: [f"outside/{name}" for name in known[key]] for key in ("include", "exclude")}
    places["include"].append("inside")
    roots = [{"root": "inside"}, {"root": "outside"}]
    rules = known | places | {"executionEnvironments": roots}
    (folder / "pyrightconfig.json").write_text(json.dumps(rules), encoding="utf-8")
    return copy(folder / "inside")


def findings() -> list[Finding]:
    """What is wrong in modules, stubs, tools and user scripts."""
    out = []
    with tempfile.TemporaryDirectory() as tmp:
        folder = Path(tmp).resolve()
        back = lay_out(folder)
        for d in diagnose(folder):
            file, number = Path(d["file"]), d["range"]["start"]["line"]
            if file not in back:
                path = ROOT / file.relative_to(folder / "outside")
                out.append(finding(d, path, number + 1))
                continue
            path, numbers = back[file]
            lines = path.read_text(encoding="utf-8").splitlines()
            out.append(finding(d, path, numbers[number], cell_of(lines, numbers[number])))
    return out


def main() -> int:
    """Print what is new; whether there is any."""
    parser = argparse.ArgumentParser(description="Check the types.")
    parser.add_argument("--all", action="store_true", help="print every finding")
    parser.add_argument("--table", action="store_true", help="print the counts for pyproject.toml")
    asked = parser.parse_args()
    allowed = settings()[1]
    found = findings()
    counts = Counter(f.file for f in found)
    if asked.table: print("\n".join(f'"{file}" = {counts[file]}' for file in sorted(counts)))
    worse = {file for file, n in counts.items() if n > allowed.get(file, 0)}
    print(*(f for f in found if asked.all or f.file in worse), sep="\n", end="")
    for file, n in sorted(allowed.items()):
        if counts[file] < n: print(f"{file}: {counts[file]} errors, {n} allowed: lower the number")
    for file in sorted(worse):
        print(f"\n{file}: {counts[file]} type errors, {allowed.get(file, 0)} allowed", end="")
    print(f"\n{len(found)} type errors remain, {sum(allowed.values())} allowed")
    return int(bool(worse))


if __name__ == "__main__": sys.exit(main())
