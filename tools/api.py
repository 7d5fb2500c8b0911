"""Write what the notebooks do not: `mdm_nb/__init__.py`, the lookup of public names, and the stubs.

`make export` runs it after `nbdev-export`. The names are found without importing anything, so this
takes no time.
"""
import ast
import re
import sys
from configparser import ConfigParser
from pathlib import Path

import stubs
from patched import patches

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("gaussians", "processes", "bounds", "samplers", "models", "contexts", "data", "runs",
         "neighbours")

HEAD = '''"""Diffusion models trained and judged by likelihood.

The names below are loaded when first used.
"""
# Written by tools/api.py from settings.ini and the `__all__` of every module: do not edit.

from importlib import import_module

__version__ = "{version}"

_HOME = {{
{rows}
}}
__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME: raise AttributeError(f"module 'mdm_nb' has no attribute {{name!r}}")
    return getattr(import_module(f"mdm_nb.{{_HOME[name]}}"), name)


def __dir__() -> list[str]:
    return __all__
'''


def version(root: Path) -> str:
    """The version in settings.ini."""
    config = ConfigParser(delimiters=["="])
    config.read(root / "settings.ini", encoding="utf-8")
    return config["DEFAULT"]["version"]


def modules(root: Path) -> list[Path]:
    """The exported modules, part by part."""
    return [p for part in PARTS for p in sorted((root / "mdm_nb" / part).glob("[!_]*.py"))]


def public(module: Path) -> list[str]:
    """The `__all__` of a module."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return []


def homes(root: Path) -> dict[str, str]:
    """Every public name, and the module it lives in."""
    home: dict[str, str] = {}
    for module in modules(root):
        for name in public(module):
            where = f"{module.parent.name}.{module.stem}"
            if name in home:
                raise SystemExit(f"{name} is in {home[name]} and in {where}: rename one")
            home[name] = where
    return home


def lookup(root: Path) -> str:
    """The text of `mdm_nb/__init__.py`."""
    rows = "\n".join(f'    "{name}": "{where}",' for name, where in homes(root).items())
    return HEAD.format(version=version(root), rows=rows)


def adding(root: Path) -> dict[str, list[str]]:
    """The modules of a part that patch classes of other modules of it."""
    own = {m: {n.name for n in ast.parse(m.read_text(encoding="utf-8")).body
               if isinstance(n, ast.ClassDef)} for m in modules(root)}
    found: dict[str, list[str]] = {}
    for module in own:
        added = patches(ast.parse(module.read_text(encoding="utf-8")), module.stem)
        others = [m for m in own if m.parent == module.parent and m != module]
        beside = {name for other in others for name in own[other]}
        if any(patch.owner in beside for patch in added):
            found.setdefault(module.parent.name, []).append(module.stem)
    return found


def short(text: str) -> str:
    """The text of a module whose first line is too long, with its page's question only."""
    first, rest = text.split("\n", 1)
    question, mark, _ = first.partition("? ")
    return f'{question}?"""\n{rest}' if len(first) > 100 and mark else text


def write(root: Path) -> None:
    """Write every generated file that the notebooks do not."""
    for module in modules(root):
        text = module.read_text(encoding="utf-8")
        if short(text) != text: module.write_text(short(text), encoding="utf-8")
    (root / "mdm_nb" / "__init__.py").write_text(lookup(root), encoding="utf-8")
    for part, names in adding(root).items():
        said = f'"""Importing anything of this part brings the methods of {", ".join(names)}."""\n'
        text = f"{said}from . import {', '.join(names)}  # noqa: F401\n"
        (root / "mdm_nb" / part / "__init__.py").write_text(text, encoding="utf-8")
    stubs.write(root, modules(root), homes(root))
    citation = root / "CITATION.cff"
    if citation.exists():
        text = citation.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^version: .*$", f"version: {version(root)}", text)
        citation.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
