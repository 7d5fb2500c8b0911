"""Constructors as text: what is read, what is refused, and which class is built with what."""
import os
import re
import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import mdm_nb
from mdm_nb.contexts.context import Context
from mdm_nb.gaussians.core import InputError, seeded
from mdm_nb.models.method import Method
from mdm_nb.processes.process import Process
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import Linear, Monotone, Schedule
from mdm_nb.processes.zoo import MALDA
from mdm_nb.runs.calls import Call, known_class, read_call
from mdm_nb.runs.construct import _parameters, check_call, construct, find_class, leaves_open
from mdm_nb.samplers.sample import Sampler

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SINGLE = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | FLOATS
LITERAL = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.lists(LITERAL, max_size=3), st.dictionaries(st.sampled_from("abc"), LITERAL))
def test_literals_come_back_as_they_were_written(args: list, options: dict) -> None:
    written = [repr(v) for v in args] + [f"{k}={v!r}" for k, v in options.items()]
    assert read_call(f"my.Thing({', '.join(written)})") == Call("my.Thing", tuple(args), options)


@pytest.mark.parametrize(("text", "call"), [
    ("VP", Call("VP", (), {})),
    (" VP() ", Call("VP", (), {})),
    ("a.b.C(-1)", Call("a.b.C", (-1,), {})),
    ("a.b:C(k='x:y')", Call("a.b.C", (), {"k": "x:y"})),
    ("A(B, c=D(2))", Call("A", (Call("B", (), {}),), {"c": Call("D", (2,), {})})),
])
def test_a_text_is_read_as_python_would(text: str, call: Call) -> None:
    assert read_call(text) == call


TRICKS = [
    "", "VP(", "3", "'VP'", "VP()()", "VP().forward", "VP.__class__", "VP.__init__(1)",
    "VP.forward", "VP.song().gamma", "VP.scale(0.0)", "torch.nn.Module.parameters(1)",
    "__import__('os')", "_private()", "my._hidden.P()", "VP[0]", "[VP() for _ in 'ab']",
    "lambda: 1", "(lambda: VP)()", "VP(1 if 2 else 3)", "VP(2**9)", "VP(1 + 1)", "VP(f'{1}')",
    "VP(*[1])", "VP(**{'a': 1})", "VP(a=1, a=2)", "VP([VP()])", "VP(a:=1)", "VP; VP", "x = VP()",
    "import os", "VP(os.system('touch made').x)", "VP\0", "(" * 300, "VP(" * 300, "a:b:C()",
    ".".join(["a"] * 20_000), "VP(" + "-" * 20_000 + "1)",
]


@pytest.mark.parametrize("text", TRICKS, ids=lambda text: repr(text[:20]))
def test_whatever_is_no_call_of_literals_is_refused_and_not_run(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError): construct(text)
    assert not list(tmp_path.iterdir())


OUTSIDE = ["os.system('touch made')", "os:getcwd()", "builtins.dict(a=1)", "eval('1')",
           "open('made', 'w')", "pathlib.Path('made')", "VP(os.system('touch made'))", "seeded(1)"]


@pytest.mark.parametrize("text", OUTSIDE)
def test_what_is_no_module_of_pytorch_is_not_called(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=" has no "): construct(text)
    assert not list(tmp_path.iterdir())


def public(base: type) -> list[str]:
    """Names of the package's public classes below a base."""
    values = {name: getattr(mdm_nb, name) for name in mdm_nb.__all__}
    return [n for n, v in values.items() if isinstance(v, type) and issubclass(v, base)]


def test_every_public_class_is_known_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"VP", "MALDA", "LearnedMDM", "Encoded"} <= set(public(Process))
    assert "Monotone" in public(Schedule)
    for name in public(nn.Module): assert find_class(name) is getattr(mdm_nb, name)
    # what is near is looked for below, for less than all names
    monkeypatch.setattr("mdm_nb.runs.construct._near", lambda *_: [])
    for name in set(mdm_nb.__all__) - set(public(nn.Module)):
        with pytest.raises(InputError, match=f"no Module named {name}"): find_class(name)


def test_the_source_says_what_the_classes_do() -> None:
    """What every public class descends from and takes, before it is loaded."""
    kinds = {base.__name__: base for base in (Process, Schedule, Sampler, Context, Method)}
    for name in public(object):
        cls, known = getattr(mdm_nb, name), known_class(name)
        assert known and known.bases[0] == name
        for kind, base in kinds.items(): assert (kind in known.bases) == issubclass(cls, base), name
        if known.takes is None: continue
        assert list(known.takes.parameters) == list(signature(cls).parameters), name
        if issubclass(cls, nn.Module): assert list(known.names) == _parameters(cls), name


@pytest.mark.parametrize(("name", "base", "said"), [
    ("Malda", Process, "mdm_nb has no Process named Malda: choose MALDA"),
    ("LearndMDM", Process, "choose LearnedMDM"),
    ("VP", Schedule, "choose Beta, Cosine, Custom, Linear, Monotone, "),
    ("KHott", Context, "no Context named KHott: choose KHot"),
    ("torch.nn.Idenity", nn.Module, "torch.nn has no Module named Idenity: choose Identity"),
    ("nowhere.at.all.P", Process, "no module nowhere.at.all: run from the folder"),
    ("torch.nowhere.P", Process, "no module torch.nowhere"),
])
def test_what_is_not_found_is_answered_with_what_is_near(name: str, base: type, said: str) -> None:
    with pytest.raises(InputError, match=said): find_class(name, base)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current directory with modules of one's own."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "packed"
    folder.mkdir()
    source = """
from typing import Self

from mdm_nb import VP, InputError, MALDA

class Mine(VP):
    def __init__(self, k=2, **kwargs):
        super().__init__(**kwargs)
        self.k = k

class Wide(MALDA):
    def __init__(self, extra=1, **kwargs):
        super().__init__(K=2 + extra, **kwargs)

class Greedy(VP):
    def __init__(self, **kwargs):
        self.found = dict(kwargs)
        super().__init__()

class Bare(VP):
    pass

class Made(VP):
    k = 1
    @classmethod
    def small(cls, k=2) -> Self:
        made = cls()
        made.k = k
        return made
    @classmethod
    def shaped(cls, schedule) -> "Made":
        return cls(schedule)
    @classmethod
    def unsaid(cls):
        return cls()
    @classmethod
    def later(cls, x: int) -> "not_there":
        return cls()

class Odd(VP):
    def __init__(self, k):
        super().__init__()
        if k == 0: raise InputError("k = 0: give another")
        self.k = 1 / len(k)
"""
    (folder / "__init__.py").write_text("")
    for file in (tmp_path / "own_of_mine.py", folder / "inside.py"): file.write_text(source)
    (tmp_path / "broken_of_mine.py").write_text("import not_installed_anywhere\n")
    yield tmp_path
    for name in ("own_of_mine", "broken_of_mine", "packed", "packed.inside"):
        sys.modules.pop(name, None)


OWN = ["own_of_mine:Mine(k=3)", "own_of_mine.Mine(3)", "packed.inside:Mine(k=3)"]


@pytest.mark.parametrize("text", OWN)
def test_a_class_of_ones_own_from_the_current_directory(text: str, here: Path) -> None:
    before, curve = list(sys.path), Linear(-9.0, 5.0)
    assert os.fspath(here) not in sys.path
    process = construct(text, Process, schedule=curve, clock=curve)
    assert (type(process).__name__, process.k, process.span) == ("Mine", 3, (-9.0, 5.0))
    assert isinstance(process, VP) and process.schedule is curve and sys.path == before


@pytest.mark.usefixtures("here")
def test_what_a_class_of_ones_own_takes() -> None:
    curve, clock = Linear(-9.0, 5.0), Linear(-12.0, 1.0)
    wide = construct("own_of_mine:Wide(extra=2)", Process, clock=clock, schedule=curve)
    assert wide.K == 4 and wide.clock is clock
    assert construct("own_of_mine:Bare", Process, schedule=curve).schedule is curve
    assert leaves_open("own_of_mine:Wide", "M") and not leaves_open("own_of_mine:Wide(M=2.0)", "M")
    assert construct("own_of_mine:Greedy(anything=1)", Process).found == {"anything": 1}


@pytest.mark.usefixtures("here")
def test_class_methods_that_return_their_class() -> None:
    curve, A, N = Linear(-9.0, 1.5), [[-0.5, 0.0], [1.0, -1.0]], [[1.0, 0.0], [0.0, 1.0]]
    song = construct("VP.song(beta_1=10.0)", Process, schedule=curve)
    assert type(song) is VP and song.span == VP.song(beta_1=10.0).span
    assert construct("VP.song", Process).span == VP.song().span
    nested = construct(f"Encoded(MDM.from_drift({A}, {N}))", Process, clock=curve)
    assert nested.base.clock is curve and leaves_open(f"MDM.from_drift({A}, {N})", "clock")
    assert not leaves_open("VP.song()", "schedule")
    small = construct("own_of_mine:Made.small(k=5)", Process)
    assert type(small).__name__ == "Made" and small.k == 5
    assert type(construct("own_of_mine.Mine.song", Process)).__name__ == "Mine"
    assert construct("own_of_mine.Made.shaped", Process, schedule=curve).schedule is curve
    with pytest.raises(InputError, match="'beta_2', choose from beta_0, beta_1, start$"):
        check_call("VP.song(beta_2=1.0)", Process, imports=False)
    with pytest.raises(InputError, match="^VP has no class method named sing .*: choose song$"):
        check_call("VP.sing()", Process, imports=False)
    check_call("own_of_mine.Made.none()", Process, imports=False)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("text", "said"), [
    ("own_of_mine:Odd(k=0)", "^k = 0: give another$"),
    ("own_of_mine:Odd(k=1)", "own_of_mine.Odd cannot be built .*'int' has no len"),
    ("own_of_mine:Odd", "cannot be built .*missing 1 required"),
    ("own_of_mine:Mien", "own_of_mine has no Process named Mien: choose Mine"),
    ("own_of_mine:vars", "own_of_mine has no Process named vars"),
    ("own_of_mine.Mine.sing()", "^own_of_mine.Mine has no class method named sing that says it"),
    ("own_of_mine.Made.unsaid()", "named unsaid that says it returns a Process: choose "),
    ("own_of_mine.Made.later(3)", "named later that says it returns a Process: choose "),
    ("own_of_mine.Made.small(x=2)", "own_of_mine.Made.small: got an .* 'x', choose from k$"),
    ("own_of_mine.Not.small()", "no module own_of_mine.Not"),
    ("Encoded(VP(), Encoder(own_of_mine.Main()))", "has no Module named Main: choose Mine"),
])
def test_a_class_of_ones_own_is_answered_for_as_well(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said): construct(text, Process)


@pytest.mark.usefixtures("here")
def test_a_module_that_does_not_import_says_why_itself() -> None:
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        construct("broken_of_mine:P")


def test_what_is_given_wins_and_what_is_open_is_filled_at_any_depth() -> None:
    curve = Linear(-9.0, 5.0)
    assert construct("VP", Process, schedule=curve).schedule is curve
    for text in ("VP(Linear(-6, 4))", "VP(schedule=Linear(-6, 4))"):
        assert construct(text, Process, schedule=curve).span == (-6.0, 4.0)
    offered = {"gamma_0": -9.0, "gamma_1": 3.0, "generator": seeded(3)}
    monotone = construct("Monotone(-6.0, hidden=8)", Schedule, **offered)
    assert (monotone.gamma_min, monotone.gamma_max) == (-6.0, 3.0)
    assert torch.equal(monotone.w_in, Monotone(hidden=8, generator=seeded(3)).w_in)
    text = "Encoded(VP(), Encoder(EncoderUNet(width=8, levels=1)))"
    offered = {"schedule": curve, "channels": 1, "width": 64, "dropout": 0.25}
    deep = construct(text, Process, **offered)
    net = deep.encoder.network
    assert deep.base.schedule is curve and net.enter.in_channels == 1
    assert (net.width, net.levels, net.mid_1.dropout.p) == (8, 1, 0.25)


def test_arguments_are_those_of_the_call() -> None:
    built = construct("MALDA(4, V0=0.02, clock=Linear(-12, 1.5))", Process)
    same = MALDA(4, V0=0.02, clock=Linear(-12, 1.5))
    assert all(torch.equal(a, b) for a, b in zip(built.buffers(), same.buffers(), strict=True))
    free = construct("MDM([[0, -1], [1, 0]], D=[[0, 0], [0, 1]])", Process)
    assert free.K == 2 and free.heads == 1


@pytest.mark.parametrize(("text", "said"), [
    ("MALDA(k=3)", "MALDA: got an unexpected keyword argument 'k', choose from K, M, V0, clock$"),
    ("MALDA(3, K=2)", "multiple values for argument 'K'"),
    ("VP(1, 2)", "VP: too many positional arguments, choose by name from schedule$"),
    ("MDM([[0, -1], [1, 0]])", "MDM cannot be built with these arguments: .*'D'"),
    ("VP(Monotne())", "choose Monotone"),
    ("MALDA(K=1)", "^K = 1: .*MALDA needs auxiliary variables"),
    ("Encoded(CLD(m=1))", "CLD: got an unexpected keyword argument 'm'"),
])
def test_what_does_not_fit_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said): construct(text, Process)
    with pytest.raises(InputError, match=said): construct(f"Encoded({text})", Process)


@pytest.mark.parametrize(("text", "said"), [
    ("DPMSolver(twelve)", "^steps = twelve, where no class fits: give a number"),
    ("DDIM(eta=Linear)", "^eta = Linear, where no class fits"),
    ("DDIM(20, 'snr')", "too many positional arguments, choose by name from steps, eta,"),
    ("VP()", "no Sampler named VP: choose AdaptiveFlow, Ancestral, DDIM, DPMSolver, E"),
    ("Multistep(4)", "^Multistep is a base class, .*: choose AdaptiveFlow, Ancestral"),
    ("Sampler(4)", "^Sampler is a base class"),
])
def test_a_sampler_is_answered_with_samplers(text: str, said: str) -> None:
    """No base class, which could not take a step, and nothing that is no sampler."""
    for ask in (check_call, construct):
        with pytest.raises(InputError, match=said) as e: ask(text, Sampler)
        assert not {"Exponential", "UNet", "MLP"} & set(re.findall(r"\w+", str(e.value)))


@pytest.mark.parametrize(("text", "argument", "answer"), [
    ("VP", "schedule", True),
    ("VP", "clock", False),
    ("VP(Linear())", "schedule", False),
    ("VP(schedule=Linear())", "schedule", False),
    ("MALDA(3)", "K", False),
    ("MALDA(3)", "M", True),
    ("Encoded(VP())", "schedule", True),
    ("Encoded(VP(Linear()))", "schedule", False),
    ("LearnedMDM(K=3)", "generator", True),
    ("torch.nn.Identity", "schedule", False),
])
def test_what_a_text_leaves_open(text: str, argument: str, answer: bool) -> None:
    assert leaves_open(text, argument) == answer


def test_a_text_is_checked_without_building_and_without_importing(here: Path) -> None:
    assert check_call("MDM([[0]])", Process) is None  # what is missing may still be filled in
    texts = "own_of_mine:Mine(what=1)", "not_there:P(VP(Linear(-9, 5)))", "Encoded(not_there.P())"
    for text in texts: check_call(text, Process, imports=False)
    assert "own_of_mine" not in sys.modules and here == Path.cwd()
    with pytest.raises(InputError, match="no Module named Lineer"):
        check_call("not_there:P(Lineer())", Process, imports=False)
    with pytest.raises(InputError, match="no module not_there"):
        check_call("not_there:P()", Process)
    with pytest.raises(InputError, match="no Context named Xy: choose GaussianCode, KHot, Labels"):
        check_call("Polynomial(context=Xy())", Schedule, imports=False)
    with pytest.raises(InputError, match="no Context named KHott: choose KHot"):
        construct("Polynomial(KHott())", Schedule)
    with pytest.raises(InputError, match="no Schedule named VP"):
        check_call("VP()", Schedule, imports=False)
