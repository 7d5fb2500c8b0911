"""Calls of every public callable with arguments of the declared types: good, at the edge, and bad.

An argument is drawn from its annotation and from the shape that its docment states. A fault is what
a person would see: a NaN that came from numbers, or an error that is not an `InputError`.
`python tests/fuzz.py 25` makes 25 calls of each and counts, without the checks of types that the
test suite adds; `python tests/fuzz.py 25 near` draws values of other types among them, such as 2.5
for a whole number.
"""
import inspect
import math
import random
import re
import sys
import types
import typing
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import is_dataclass
from functools import cache

import numpy as np
import torch
from fastcore.docments import docments
from torch import Tensor, nn

import mdm_nb as m

# Of the parts that read and write files, and start processes, only what computes is called here;
# the rest is in test_cli, test_data and test_run.
RUNS = {"read_call", "find_class", "construct", "check_call", "leaves_open", "check_device",
        "Config", "modern", "order", "subset", "divide", "as_labels", "channels_first", "rate",
        "uniform_bits", "histogram_table", "histogram_bits", "describe", "hash_config",
        "make_schedule", "make_process", "make_model", "preset"}
EXEMPT = {
    "Link": "made by a walk, of any plan", "Reading": "a named tuple, made by quality",
    "Sampler.along": "takes a walk, which is used up", "Multistep.along": "takes a walk",
    "Resampling.along": "takes a walk", "Steered": "takes a function that wraps a denoiser",
    "DDIM.plan": "takes moments of the process itself, which the loop makes",
    "Exact": "a base class without arguments of its own",
    "Conv": "its constructor is torch's", "ConvTranspose": "its constructor is torch's",
    "GaussianBound": "a named tuple, made by gaussian_bound",
    "Truncated": "a named tuple, made by truncated",
    "LowerBound": "a named tuple, made by log_prob",
    "from_diffusers": "takes the scheduler of another library",
    "AtLevel": "a named tuple, made by accuracy", "Guidance": "a base class, made by its two kinds",
    "Anonymity": "a named tuple, made by anonymity",
    "Displacement": "a named tuple, made by displacement",
    "BinaryPosterior": "a named tuple, made by fit_binary", "CBModel.save": "writes a file",
    "Components": "a named tuple, made by principal",
    "Code": "a named tuple, made by compress", "Mask": "a named tuple, made by a law",
    **dict.fromkeys(["Stack", "Alike", "Table", "Normals", "Switches", "OnGrid"],
                    "numbers as NumPy has them"),
    "DCI": "a named tuple, made by dci", "Effect": "a named tuple, made by effectiveness",
    "Remembering.load_state_dict": "names the keys that do not fit, as torch does",
    **dict.fromkeys(["Swap", "GroupCoder"], "takes a model that check_codable let pass"),
    "Diffusion.decompress": "takes a Code",
    "Frozen": "a base class, made by its kinds", "Chains": "a named tuple, made by hmc",
    "Unread": "a base class",
    "Method": "a base class, made by its kinds", "JudgementFacts": "a dictionary, made by record",
}
FIXED = {  # the same in every call
    "device": "cpu", "progress": False, "sampler": torch.randn, "method": None,
}
ABSTRACT = NotImplementedError  # what the methods of base classes raise
SIZES = {"B": 2, "N": 2, "n": 2, "K": 2, "D": 2, "M": 2, "J": 2, "L": 2, "T": 2, "R": 2, "I": 2,
         "H": 4, "W": 4, "dims": 3, "c_in": 8, "cond": 4, "width": 8, "channels": 1, "C": 1,
         "*": 3, "*shape": 3, "...": 2}


@cache
def things() -> dict[type, list[object]]:
    """Objects of the package's own classes."""
    t = torch.tensor([0.2, 0.7], dtype=torch.float64)
    f64, eye = torch.float64, torch.eye(2, dtype=torch.float64)
    def zero(z: Tensor, *_: object, **__: object) -> Tensor: return 0 * z
    vp, cld, levels = m.VP(), m.CLD(), m.Discretization(4)
    net, ring = m.MLP(3, 8, 1).double(), m.Mixture.ring(3)
    encoded = m.Encoded(m.VP(), m.Encoder())
    model = m.Diffusion(net, discretization=levels, shape=(3,))
    maps, home = m.GaussianField(4, 50.0), torch.tensor(m.FIDUCIAL, dtype=f64)
    wiener, one = m.Wiener(vp, maps), maps.sample(1, home, m.seeded(0))
    steps = m.Wiener(m.VP(m.Tabulated(torch.tensor([-9.0, 0.0, 5.0], dtype=f64))), maps)
    density = m.Diffusion(m.MLP(3, 8, 1), discretization=m.Continuous(), shape=(3,))
    bound = m.Bound({"diffusion": t, "prior": t}, 3, 4, "made up")
    lost = torch.cat([t, t * torch.nan])
    code = m.KHot(4, 2, network=nn.Linear(3, 4).double())
    clock = m.Polynomial(code, shape=(3,), width=4)
    told, _ = clock.given(None, 2, m.seeded(0))
    table = m.Tabulated(torch.tensor([-9.0, 0.0, 5.0], dtype=f64))
    asked = nn.Bilinear(3, 1, 3, bias=False).double()
    rows, kinds = torch.tensor([[0.0, 1.0], [1.0, 3.0]], dtype=f64), torch.tensor([0, 1])
    reader = m.CausalEncoder(2, 2, (1, 8, 8), 4)
    caused = m.CausalDiffAE(reader, m.SCM({"v": [], "x": ["v"]}, 2), m.CodedUNet(5, 1, 8))
    return {
        m.Schedule: [m.Linear(), m.Cosine(), m.Beta(4.0), m.Custom(lambda t: t),
                     m.Monotone(hidden=4, generator=m.seeded(0)), m.VP.song().schedule, table],
        m.Tabulated: [table], m.StepNetwork: [m.StepNetwork(asked, table)],
        m.SigmaNetwork: [m.SigmaNetwork(asked, (-9.0, 5.0))],
        m.Process: [vp, m.SubVP(m.Cosine()), m.VE(), cld, m.MALDA(), encoded,
                    m.LearnedMDM(generator=m.seeded(0))],
        m.Adaptive: [m.Polynomial(shape=(3,)), told, m.Steps(shape=(3,)), clock],
        m.Context: [code, m.Labels(3), m.GaussianCode(2, network=nn.Linear(3, 4).double())],
        m.Fields: [m.Fields(2, 0, (3,)), clock.fields],
        m.Reader: [m.Reader((1, 4, 4), 2, 8, 1).double()],
        m.Subset: [m.Subset(torch.zeros(2, 4), 2)], m.Normal: [m.Normal(t, -t)],
        m.Discretization: [levels], m.Continuous: [m.Continuous()],
        m.Standardised: [m.Standardised(1.0, 2.0)], m.LowerBound: [m.LowerBound(t, t / 10, 32)],
        m.Gaussian: [m.Gaussian(torch.zeros(2), eye), m.Gaussian(torch.zeros(2, 2), eye)],
        m.Kernel: [m.Kernel.of(eye, eye), cld.kernel(0.5), cld.kernel(t)],
        m.Moment: [cld.at(0.5), cld.at(t), vp.at(0.5), vp.at(t)],
        m.Bridge: [cld.bridge(0.2, 0.7), cld.bridge(t / 2, t), vp.bridge(0.2, 0.7)],
        m.Mixture: [ring, ring.at(-1.0), ring.at(torch.tensor([-1.0, 1.0], dtype=f64))],
        m.Denoiser: [m.denoiser(vp, zero), m.denoiser(cld, zero), m.denoiser(encoded, zero),
                     m.denoiser(cld, lambda z, *_, **__: 0 * z[:, 1:], "noise")],
        m.Sampler: [m.DDIM(2), m.Ancestral(2), m.EulerMaruyama(2), m.ProbabilityFlow(2)],
        m.Bound: [bound], m.Weighted: [m.Weighted(2, steps=2)], m.Cost: [m.Cost(3, 0.1)],
        m.Judgement: [m.Judgement({"flow": lost}, 3, 4, "made up", gives_up=True),
                      m.Judgement(bound.parts, 3, 4, "made up")],
        m.Keyed: [m.Keyed(0, range(2))], m.Diffusion: [model, density],
        m.MLP: [net], m.UNet: [m.UNet(1, 8, 1).double()],
        m.EncoderUNet: [m.EncoderUNet(1, 8).double()],
        m.Pyramid: [m.Pyramid(1, 8, (1, 2), 1).double()],
        m.Rescaled: [m.Rescaled(8, 8, 4, 0.0).double()],
        m.Encoder: [m.Encoder()], m.ResBlock: [m.ResBlock(8, 8, 4, 0.0).double()],
        m.Attention: [m.Attention(8).double()],
        m.LabelTable: [m.LabelTable(3, 8).double(), m.LabelTable(None, 8)],
        m.Conv: [m.Conv(2, 2, 3).double()], m.ConvTranspose: [m.ConvTranspose(2, 2, 2).double()],
        m.Dropout: [m.Dropout(0.5)], nn.GroupNorm: [nn.GroupNorm(1, 2).double()],
        nn.Linear: [nn.Linear(3, 3).double()], nn.Conv2d: [nn.Conv2d(1, 1, 3).double()],
        nn.Module: [net, nn.Identity()], torch.Generator: [m.seeded(0)],
        m.Config: [m.Config(), m.Config(process="malda", aux=2, warmup=3, lr_decay="cosine")],
        m.EncodedFlow: [m.EncodedFlow(zero, 2)],
        m.MixtureDenoiser: [m.MixtureDenoiser(vp, ring)], torch.device: [torch.device("cpu")],
        m.Link: [m.Link(vp.kernel(0.1), None)], m.Multistep: [m.DPMSolver(2), m.GDDIM(2)],
        m.AdaptiveFlow: [m.AdaptiveFlow(0.1, atol=0.1)], m.Splitting: [m.Splitting(2)],
        m.PredictorCorrector: [m.PredictorCorrector(2)], m.Arrival: [m.Arrival(t, t, t > 0)],
        m.Profile: [m.Profile(t), m.Profile(t, 2)],
        m.Flow: [m.Flow(1e-2, atol=1e-2)], m.FlowDensity: [m.FlowDensity(1e-2, atol=1e-2)],
        m.Augmented: [m.Augmented(torch.zeros(2, 3), torch.ones(2, 2, 3))],
        m.Inpainting: [m.Inpainting(m.denoiser(vp, zero), torch.zeros(1, 3), torch.eye(3)[0])],
        m.Measured: [m.Measured(m.denoiser(vp, zero), torch.zeros(1, 3), lambda x: x)],
        m.Resampling: [m.Resampling(m.DDIM(2), 2)],
        m.Exponential: [m.Heun(2)], m.Dual: [m.dual(vp, 0.1, 0.5)],
        m.FlowStep: [m.Heun(2).plan(vp, vp.at(0.1), vp.at(0.5))],
        m.Jump: [m.DDIM(2).plan(vp, vp.at(0.1), vp.at(0.5))],
        m.Guided: [m.Guided(m.denoiser(cld, zero), lambda z, *_: z.flatten(1), 2.0)],
        m.ClassifierFree: [m.ClassifierFree(m.denoiser(vp, zero), 3, 2.0)],
        m.Classifier: [m.Classifier(1, 3, 8, 1).double()],
        m.CBModel: [m.CBModel(), m.CBModel("logit").fit(rows, kinds, 2)],
        m.BinaryPosterior: [m.fit_binary(rows, kinds, 2, link)[0] for link in ("probit", "logit")],
        m.Components: [m.principal(rows, 1)],
        m.Box: [m.COSMOLOGIES], m.GaussianField: [maps], m.LogNormalField: [m.LogNormalField(4)],
        m.Wiener: [wiener], m.BoundLikelihood: [m.BoundLikelihood(wiener, one, 2, m.seeded(0))],
        m.FirstTerms: [m.FirstTerms(steps, one, 2, m.seeded(0))],
        m.NoisyLikelihood: [m.NoisyLikelihood(wiener, one, 0.3, 2, m.seeded(0))],
        m.Told: [m.Told(m.MLP(3, 8, 1, latent=2).double(), m.COSMOLOGIES)],
        m.SpectralNetwork: [m.SpectralNetwork(maps).double()],
        m.GridPosterior: [m.GridPosterior((t, t), torch.full((2, 2), 0.25, dtype=f64))],
        m.Pendulum: [m.Pendulum(8), m.Pendulum(8, broken=1.0)], m.SCM: [caused.scm],
        m.CausalEncoder: [caused.encoder], m.CodedUNet: [m.CodedUNet(5, 1, 8).double()],
        m.CausalModel: [caused], m.CausalDiffAE: [caused],
        m.Unread: [m.Stored(lambda places: torch.zeros(len(places), 1, 4, 4).byte(), (2, 1, 4, 4))],
        m.Strengthened: [m.Strengthened(m.denoiser(vp, zero), 2.0)],
    }


def instances(kind: type) -> list[object]:
    """Those of a class, or of its subclasses."""
    own = things().get(kind, [])
    kind = typing.get_origin(kind) or kind
    return own or [v for vs in things().values() for v in vs if isinstance(v, kind)]


# ---------------------------------------------------------------- arguments


FLOATS = [0.5, 0.3, 1.0, 2.0], [0.0, -1.0, 1e-300, 1e300, -1e300], [math.nan, math.inf, -math.inf]
INTS = [2, 1, 3, 4], [0, -1], [-3]
TEXTS = ["v", "x", "eps", "score", "noise", "full", "uniform", "hsm", "none", "cpu",
         "process", "vdm-8"], [""], ["?"]
CALLS = (["VP()", "MALDA(K=3)", "Linear(-8.0, 5.0)", "VP.song()", "Encoder"],
         ["", "MLP(", "VP(**{})", "Linear(nan)", "VP(1, 2, 3)", "MALDA(K=-1)", "nowhere:Net()"],
         ["?", "__import__('os')", "1 + 1", "[" * 300, "VP(\0)", "mdm_nb.VP()()"])
SHAPES = [(2, 3), (2,), (2, 1, 4, 4)], [(), (0, 3), (2, 0)], [(-1, 2)]
NEAR = {  # values of another type, which a person may give all the same
    int: [2.5, "2", None, [2]], float: ["0.5", None, [0.5]],
    tuple: [3, 2.5, "2", (2.5,), None], str: [3, None],
    Tensor: [0.5, [0.1, 0.2], "x", None, np.zeros(2)],
}
OBJECTS = [[[0.0, -1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], None], [[], 0.0], ["?"]


class Draw:
    """Random choices for one call; a share of the arguments is at the edge (1) or bad (2)."""
    near = False  # draw values of other types too?
    def __init__(self, seed: str) -> None:
        self.random, self.generator = random.Random(seed), m.seeded(hash_of(seed))
        self.wild = self.random.random() < 0.6  # the rest are good throughout
        self.last: tuple[int, ...] | None = None  # shape of the tensor before

    def level(self) -> int:
        """How bad the next value is."""
        return self.random.choice([0, 0, 0, 1, 2]) if self.wild else 0

    def one(self, *pools: Sequence[object]) -> object:
        """A value of the pool of its level."""
        return self.random.choice(pools[self.level()])

    def tensor(self, note: str) -> Tensor:
        """Numbers of the shape that a docment states, or of another."""
        level, shape = self.level(), stated(note, self.random, self.last)
        if len(shape) > 1: self.last = shape
        whole = re.search(r"levels, |int64|class of each|indices|whole", note)
        if whole: x = torch.randint(0, 4, shape, generator=self.generator)
        elif "uint8" in note: x = torch.randint(0, 2, shape, generator=self.generator).byte()
        elif re.search(r"times?\b|uniform|\bt\b", note):
            x = torch.rand(shape, generator=self.generator, dtype=torch.float64)
        else: x = torch.randn(shape, generator=self.generator, dtype=torch.float64)
        if re.search(r"positive|factor|covarianc|symmetric|increas", note) and x.ndim > 1:
            if x.shape[-1] == x.shape[-2]: x = torch.eye(len(x.mT)).double().expand(x.shape)
        elif "positive" in note and not whole: x = x.abs() + 0.1
        return x if not level else self.worse(x, level)

    def worse(self, x: Tensor, level: int) -> Tensor:
        """The same, at the edge or bad in one way."""
        way = self.random.choice(["zero", "empty", "float32", "negative", "axis", "scalar"]
                                 if level == 1 else ["nan", "inf", "long", "int", "bool", "flat"])
        change: dict[str, Callable[[], Tensor]] = {
            "zero": lambda: 0 * x, "empty": lambda: x[:0] if x.ndim else x.new_zeros(0),
            "float32": x.float, "negative": lambda: -1 - x.abs(), "axis": lambda: x[None],
            "scalar": lambda: x.new_ones(()), "nan": lambda: x.double() * math.nan,
            "inf": lambda: x.double().abs() + math.inf, "int": x.long, "bool": x.bool,
            "long": lambda: torch.cat([x, x]) if x.ndim else x.new_ones(5), "flat": x.flatten,
        }
        return change[way]()

    def value(self, kind: object, note: str) -> object:
        """An argument of a declared type, or of one that people take for it."""
        near = next((v for k, v in NEAR.items() if kind is k or typing.get_origin(kind) is k), None)
        if self.near and near and self.level() == 2: return self.random.choice(near)
        if isinstance(kind, typing.TypeVar): kind = kind.__bound__ or Tensor
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            return self.value(self.random.choice(inner), note)
        if kind in (None, type(None)): return None
        if kind is Tensor: return self.tensor(note)
        if kind is np.ndarray: return self.tensor(note).numpy()
        if kind is float and re.search(r"^(earlier|later|times?|its time|shape)", note):
            return self.one([0.2, 0.7, 0.0, 1.0], [-0.5, 2.0], FLOATS[2])
        if kind is float: return self.one(*FLOATS)
        if kind is bool: return self.random.random() < 0.5
        if kind is int: return self.one(*INTS)
        if kind is str: return self.one(*CALLS if re.search("call|class", note) else TEXTS)
        if kind in (object, typing.Any): return self.one(*OBJECTS)
        if kind is range: return range(self.one(*INTS))
        if kind is slice: return slice(0, 1)
        if origin is tuple and inner[-1] is Ellipsis and inner[0] is int: return self.one(*SHAPES)
        if origin is tuple and inner[-1] is Ellipsis: inner = inner[:1] * self.one(*INTS)
        if origin is tuple: return tuple(self.value(k, note) for k in inner)
        if origin in (list, Sequence): return [self.value(inner[0], note) for _ in range(2)]
        if origin in (dict, Mapping):
            names = ["diffusion", "train", "test", "tensorboard", "?"]
            return {self.random.choice(names): self.value(inner[1], note)}
        if origin is Callable or kind is Callable: return lambda x, *_, **__: 0.5 * x
        if kind is type or origin is type: return self.random.choice([nn.Module, m.Process, m.MLP])
        return self.random.choice(instances(kind))


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return sum(ord(c) * 131**i for i, c in enumerate(text)) % 2**31


def stated(
    note: str, choice: random.Random, last: tuple[int, ...] | None,
) -> tuple[int, ...]:
    """One of the shapes in a docment, such as `(B, *)`, or the one before if it says so."""
    found = re.findall(r"`\(([^`]*?)\)`", note)
    if last is not None and (re.search("same shape|shaped like|broadcasts", note) or not found):
        return last
    if not found: return choice.choice([(2,), (2, 3), (2, 2)])
    return tuple(size(part.strip()) for part in choice.choice(found).split(",") if part.strip())


def size(part: str) -> int:
    """The length of an axis."""
    if part.isdigit(): return int(part)
    return SIZES.get(part, 2)


# ---------------------------------------------------------------- callables


def public(owner: type) -> Iterator[str]:
    """Names of the public methods and properties that a class of the package adds."""
    for name, value in inspect.getmembers_static(owner):
        function = getattr(value, "fget", None) or getattr(value, "f", value)
        home = getattr(inspect.unwrap(function), "__module__", "") if callable(function) else ""
        wanted = name == "__call__" or name[0] != "_"
        if wanted and str(home).startswith("mdm_nb") and not isinstance(value, type): yield name


@cache
def callables() -> dict[str, tuple[Callable, type | None]]:
    """Every public function, class, method and property; methods with the class they are of."""
    found: dict[str, tuple[Callable, type | None]] = {}
    for name in m.__all__:
        value = getattr(m, name)
        part = str(getattr(value, "__module__", "")).split(".")[1:2]
        if name in EXEMPT or not callable(value) or not part: continue
        if part[0] in ("data", "runs") and name not in RUNS: continue
        if typing.get_origin(value): continue
        found[name] = value, None
        if not isinstance(value, type): continue
        for method in public(value):
            static = inspect.getattr_static(value, method)
            if any(inspect.getattr_static(c, method, None) is static for c in value.__mro__[1:]
                   if c.__module__.startswith("mdm_nb")): continue  # tried where it is defined
            if f"{name}.{method}" not in EXEMPT: found[f"{name}.{method}"] = static, value
    return found


@cache
def signature_of(function: Callable) -> tuple[list[inspect.Parameter], dict, dict]:
    """Parameters, their types and their docments."""
    noted = function if is_dataclass(function) else getattr(function, "__init__", None)
    target = inspect.unwrap(function.__init__ if isinstance(function, type) else function)
    if not isinstance(function, type): noted = target
    hints = typing.get_type_hints(target)
    try: notes = docments(noted, returns=False)
    except (OSError, TypeError): notes = {}
    parameters = [p for p in inspect.signature(target).parameters.values()
                  if p.name in hints and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return [p for p in parameters if p.name not in ("self", "cls")], hints, notes


def arguments(draw: Draw, function: Callable, *bases: Callable) -> dict[str, object]:
    """A value for each parameter, or its default; what a base class notes holds for its heirs."""
    parameters, hints, notes = signature_of(function)
    for base in bases: notes = signature_of(base)[2] | {k: v for k, v in notes.items() if v}
    given = {}
    for p in parameters:
        name, kind = p.name, hints[p.name]
        fixed = FIXED.get(name, p.empty)
        if fixed is not p.empty and kind != m.Sampler | None: given[name] = fixed
        elif p.default is p.empty or draw.random.random() < 0.5:
            given[name] = draw.value(kind, str(notes.get(name) or ""))
    return given


# ---------------------------------------------------------------- verdicts


def numbers(value: object) -> Iterator[Tensor]:
    """The tensors and numbers in a result or an argument."""
    if isinstance(value, Tensor): yield value.detach()
    elif isinstance(value, float): yield torch.tensor(value)
    elif isinstance(value, dict): yield from numbers(list(value.values()))
    elif isinstance(value, list | tuple):
        for v in value: yield from numbers(v)
    elif is_dataclass(value) and not isinstance(value, type): yield from numbers(vars(value))


def nan(value: object) -> bool:
    """Is there a NaN in it?"""
    return any(bool(v.isnan().any()) for v in numbers(value) if v.is_floating_point())


def finite(value: object) -> bool:
    """Are all its numbers finite?"""
    return all(bool(v.isfinite().all()) for v in numbers(value) if v.is_floating_point())


def once(name: str, i: int) -> tuple[str, str]:
    """What the i-th call of a callable came to: fine, refused, nan or obscure, and in detail."""
    function, owner = callables()[name]
    draw = Draw(f"{name} {i}")
    with warnings.catch_warnings(), torch.random.fork_rng([]):
        warnings.simplefilter("ignore")
        call, given = prepared(draw, function, owner, name)
        all_of = signature_of(function)[0] if owner is None else []
        places = [p.name for p in all_of if p.kind is p.POSITIONAL_ONLY]
        if hasattr(call, "register"): places = [next(iter(given))]
        first = [given.pop(name) for name in places if name in given]
        try:
            result = call(*first, **given)
            if isinstance(result, AbstractContextManager): result = None
        except (m.InputError, ABSTRACT): return "refused", ""
        except Exception as e:  # noqa: BLE001  any other is a fault, whatever it is
            return "obscure", f"{shown(given)}: {type(e).__name__}: {str(e)[:150]}"
    tensors = [v for v in [*first, *given.values()] if isinstance(v, Tensor | dict)]
    # what is not finite in a tensor may go through, as it does in torch
    if nan(result) and finite(tensors):
        return "nan", shown(given)
    return "fine", ""


def prepared(
    draw: Draw, function: Callable, owner: type | None, name: str,
) -> tuple[Callable, dict[str, object]]:
    """What is called, and with what."""
    if owner is None: return function, arguments(draw, function)
    method = name.split(".")[1]
    if isinstance(function, property) or not callable(function):
        target = draw.random.choice(instances(owner))
        return lambda: getattr(target, method), {}
    bound = getattr(owner, method)
    if inspect.ismethod(bound): return bound, arguments(draw, bound.__func__)
    target = draw.random.choice(instances(owner))
    kinds = [c for c in type(target).__mro__ if c.__module__.startswith("mdm_nb")]
    bases = [vars(c)[method] for c in kinds if method in vars(c)]
    return getattr(target, method), arguments(draw, *bases)


def shown(given: dict[str, object]) -> str:
    """Arguments in a few words."""
    def short(v: object) -> str:
        if isinstance(v, Tensor):
            return f"{str(v.dtype)[6:]}{tuple(v.shape)}" + ("" if finite(v) else " not finite")
        return repr(v)[:40]
    return ", ".join(f"{k}={short(v)}" for k, v in given.items())


def main(calls: int) -> None:
    """Count what comes of so many calls of each, and show one of each fault."""
    torch.set_num_threads(1)
    total, faulty = Counter(), Counter()
    for name in callables():
        seen = [once(name, i) for i in range(calls)]
        total.update(kind for kind, _ in seen)
        for kind in ("nan", "obscure"):
            of = [detail for k, detail in seen if k == kind]
            if not of: continue
            faulty[kind] += 1
            print(f"{kind:8} {name} × {len(of)}: {' '.join(of[0].split())}")
    print(f"{len(callables())} callables, {sum(total.values())} calls: {dict(total)}")
    print("callables with a fault:", dict(faulty))


if __name__ == "__main__":
    Draw.near = "near" in sys.argv
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
