"""What an editor sees: the stubs say what the modules hold, and a type checker believes them."""
import ast
import importlib
import inspect
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import mdm_nb

ROOT = Path(__file__).resolve().parent.parent
# The stage lint has the type checker read all of them; one holds calls that it must report.
SCRIPTS = sorted((ROOT / "tests" / "user_scripts").glob("[!_]*.py"))
MISTAKES = ROOT / "tests" / "user_scripts" / "_mistakes.py"
STUBS = sorted((ROOT / "mdm_nb").glob("*/*.pyi"))
sys.path.insert(0, str(ROOT / "tools"))

import check_types
from patched import Package
from stubs import Stub


def test_the_type_checker_has_right_and_wrong_scripts_to_read() -> None:
    text = MISTAKES.read_text(encoding="utf-8")
    assert len(SCRIPTS) >= 3 and text.count("  # pyright: ignore\n") >= 15
    assert "\n# pyright: reportUnnecessaryTypeIgnoreComment=true\n" in text
    read, known = check_types.settings()[0]["include"], check_types.settings()[1]
    assert "tests/user_scripts" in read and not [f for f in known if "user_scripts" in f]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_user_scripts_run(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out


# ---------------------------------------------------------------- stubs against modules


def shape(function: object) -> list[tuple[str, str, bool]]:
    """Name, kind and whether there is a default, for each parameter of what was imported."""
    given = inspect.signature(function).parameters.values()
    return [(p.name, p.kind.name, p.default is not p.empty) for p in given]


def stub_shape(node: ast.FunctionDef) -> list[tuple[str, str, bool]]:
    """The same for a function of a stub."""
    args = node.args
    places = [(a.arg, "POSITIONAL_ONLY") for a in args.posonlyargs]
    places += [(a.arg, "POSITIONAL_OR_KEYWORD") for a in args.args]
    first = len(places) - len(args.defaults)
    out = [(name, kind, i >= first) for i, (name, kind) in enumerate(places)]
    if args.vararg: out.append((args.vararg.arg, "VAR_POSITIONAL", False))
    keywords = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    out += [(a.arg, "KEYWORD_ONLY", value is not None) for a, value in keywords]
    if args.kwarg: out.append((args.kwarg.arg, "VAR_KEYWORD", False))
    return out


def of_class(member: object) -> bool:
    """Whether a member is a class method, Python's own or fastcore's."""
    return isinstance(member, classmethod) or type(member).__name__ == "_clsmethod"


def bare(member: object) -> object:
    """The function behind a property, a static method or a class method."""
    if isinstance(member, property): return member.fget
    if of_class(member) and not isinstance(member, classmethod): return member.f
    return getattr(member, "__func__", member)


def pairs(path: Path) -> list[tuple[str, ast.FunctionDef, object]]:
    """Every function and method of a stub, with what its module holds under that name."""
    module = importlib.import_module(f"mdm_nb.{path.parent.name}.{path.stem}")
    out = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            out.append((node.name, node, getattr(module, node.name)))
        if not isinstance(node, ast.ClassDef): continue
        held = vars(getattr(module, node.name))
        methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
        for m in methods:
            typed_call = m.name == "__call__" and "__call__" not in held  # of a torch module
            member = held["forward" if typed_call else m.name]
            out.append((f"{node.name}.{m.name}", m, bare(member)))
    return out


@pytest.mark.parametrize("path", STUBS, ids=lambda p: p.stem)
def test_a_stub_has_the_signatures_of_its_module(path: Path) -> None:
    for name, node, real in pairs(path):
        if check_types.decorator(node, "setter"): continue
        if name == "mdm_train": continue  # see test_commands_show_their_options
        assert stub_shape(node) == shape(real), name


@pytest.mark.parametrize("path", STUBS, ids=lambda p: p.stem)
def test_a_stub_misses_nothing(path: Path) -> None:
    module = importlib.import_module(f"mdm_nb.{path.parent.name}.{path.stem}")
    written = {name for name, _, _ in pairs(path)}
    for name, value in vars(module).items():
        if not isinstance(value, type) or value.__module__ != module.__name__: continue
        members = [m for m in vars(value).values() if inspect.isfunction(bare(m))]
        names = {bare(m).__name__ for m in members if bare(m).__module__ == module.__name__}
        made = {n for n in names if hasattr(value, "__dataclass_fields__") and n.startswith("__")}
        assert {f"{name}.{n}" for n in names - made} <= written | {f"{name}.<lambda>"}, name


def test_properties_are_properties() -> None:
    for path in STUBS:
        module = importlib.import_module(f"mdm_nb.{path.parent.name}.{path.stem}")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef): continue
            held = vars(getattr(module, node.name))
            for m in node.body:
                if not isinstance(m, ast.FunctionDef) or m.name not in held: continue
                marks = {ast.unparse(d) for d in m.decorator_list}
                assert ("property" in marks) == isinstance(held[m.name], property), m.name
                assert ("classmethod" in marks) == of_class(held[m.name]), m.name


def test_every_public_name_has_a_type() -> None:
    text = (ROOT / "mdm_nb" / "__init__.pyi").read_text(encoding="utf-8")
    rows = re.findall(r"^from \.(\S+) import (\w+) as \2$", text, re.MULTILINE)
    assert [name for _, name in rows] == mdm_nb.__all__
    assert {name: home for home, name in rows} == mdm_nb._HOME


def test_commands_show_their_options() -> None:
    stub = ast.parse((ROOT / "mdm_nb" / "runs" / "cli.pyi").read_text(encoding="utf-8"))
    train = next(n for n in stub.body if getattr(n, "name", "") == "mdm_train")
    options = {a.arg for a in (*train.args.args, *train.args.kwonlyargs)}
    assert set(inspect.signature(mdm_nb.Config).parameters) <= options
    assert train.args.kwarg is None


def test_importing_is_light() -> None:
    code = "import sys, mdm_nb; assert not {'torch', 'numpy', 'fastcore'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# ---------------------------------------------------------------- what the writer can do


FIRST = '''
from torch import nn

class A(nn.Module):
    """An A."""
    n = 3
    def __init__(self, a: int | None = None, *, b: str = "x") -> None:
        self.a, self.b, self.c = 0 if a is None else a, b or "y", [i for i in range(3)]
        self.inner = nn.Linear(1, 1)
    def f(self) -> int: return 1

class B:
    def late(self, x: "A") -> "B": return self
'''
SECOND = '''
import torch
from fastcore.basics import patch, patch_to
from functools import singledispatch
from decimal import Decimal
from .first import A, B

Number = int | Decimal

@patch
@torch.no_grad()
def f(self: A, x: Number, how: tuple[int, ...] = tuple(range(3)), *rest: int, **more: object) -> A:
    """Once."""

@patch
def f(self: A, /, x: Number, *, many: int = 1) -> A:
    """Twice."""
    def g() -> None: return None
    return self.made(x)

@patch(as_prop=True)
def size(self: A | B) -> int: return 1

@patch(set_prop=True)
def size(self: A, value: int) -> None: self.made = value

@patch_to((A, B), cls_method=True, nm="build")
def _build(cls, x: float) -> "A": return cls()

@patch
def forward(self: A, x: torch.Tensor) -> torch.Tensor: return x

@singledispatch
def show(x: object) -> str: return "?"

@show.register
def _(x: int) -> str: return "!"
'''


def stub(name: str) -> str:
    """The stub of one of the two modules above."""
    trees = {"part.first": ast.parse(FIRST), "other.second": ast.parse(SECOND)}
    trees["other.second"] = ast.parse(SECOND.replace("from .first", "from ..part.first"))
    package = Package(trees)
    return Stub(package, package.modules[name]).text()


def test_patches_from_another_module_join_their_class() -> None:
    text = stub("part.first")
    ast.parse(text)
    assert "def f(self, /, x: Number, *, many: int = 1) -> A:" in text and "Twice." in text
    assert "Once." not in text, "the last definition wins"
    assert "from ..other.second import Number" in text and "import torch\n" in text
    assert "@property\n    def size(self) -> int: ..." in text
    assert "@size.setter\n    def size(self, value: int) -> None: ..." in text
    assert text.count("@classmethod\n    def build(cls, x: float) -> 'A': ...") == 2
    assert "def __call__(self, x: torch.Tensor) -> torch.Tensor: ..." in text


def test_attributes_are_guessed_or_any() -> None:
    text = stub("part.first")
    for line in ("a: int", "b: str", "c: Any", "inner: nn.Linear", "n: int"):
        assert f"    {line}\n" in text


def test_a_module_keeps_its_own_functions() -> None:
    text = stub("other.second")
    assert "def show(x: object) -> str: ..." in text and "singledispatch" not in text
    assert "Number = int | Decimal" in text and "def f(" not in text and "def _(" not in text


def test_the_checked_copy_holds_every_line_once() -> None:
    source = FIRST + SECOND.replace("from .first import A, B\n", "")
    lines = source.splitlines()
    copy = check_types.merged(source)
    tree = ast.parse("\n".join(line.text for line in copy))
    owner = next(n for n in tree.body if getattr(n, "name", "") == "A")
    methods = [m.name for m in owner.body if isinstance(m, ast.FunctionDef)]
    assert methods.count("f") == 2 and methods.count("size") == 2 and "forward" in methods
    for line in copy:
        own = lines[line.number - 1].strip()
        assert line.text.strip() == own or own.startswith("@patch") or own == '"""', line
