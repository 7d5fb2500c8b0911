"""Noise belongs to the example: numbers that no batch, order or division can change."""
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from torch import Tensor

from mdm_nb import (
    CLD,
    MLP,
    VP,
    Ancestral,
    Bound,
    Continuous,
    Cosine,
    Diffusion,
    Discretization,
    EulerMaruyama,
    InputError,
    Keyed,
    Process,
    Sampler,
    rand,
    randn,
    seeded,
    spread,
)

TOTAL = 300  # not a multiple of a block


def drawn(seed: int, index: Tensor, calls: int = 3) -> Tensor:
    """A few calls of both kinds, a row for each example."""
    source, n = Keyed(seed, index, TOTAL), len(index)
    numbers = []
    for _ in range(calls):
        numbers += [randn((n, 2, 3), source).flatten(1), rand((n,), source)[:, None]]
    return torch.cat([*numbers, source.spread(4).T], 1)


WHOLE = drawn(0, torch.arange(TOTAL))


@given(data=st.data(), size=st.sampled_from([1, 7, 64, 100, 256]))
@settings(max_examples=25, deadline=None)
def test_an_example_does_not_know_its_batch(data: st.DataObject, size: int) -> None:
    """In any order, in batches of any size, alone or with others, even twice."""
    index = torch.tensor(data.draw(st.lists(st.integers(0, TOTAL - 1), min_size=1, max_size=40)))
    parts = [drawn(0, part) for part in index.split(size)]
    assert torch.equal(torch.cat(parts), WHOLE[index])


@pytest.mark.parametrize("world", [2, 3, 7])
def test_an_example_does_not_know_its_process(world: int) -> None:
    """Dealt like cards or cut into shards, the numbers are those of one process."""
    everyone = torch.arange(TOTAL)
    for shares in ([everyone[rank::world] for rank in range(world)], everyone.tensor_split(world)):
        found = torch.empty_like(WHOLE)
        for mine in shares: found[mine] = drawn(0, mine)
        assert torch.equal(found, WHOLE)


def test_the_order_of_other_calls_does_matter() -> None:
    """The k-th call is known by its place: a different number of calls before it is seen."""
    one, two = Keyed(0, range(5)), Keyed(0, range(5))
    rand((5,), one)
    assert not torch.equal(randn((5, 2), one), randn((5, 2), two))
    assert torch.equal(one.spread(2), two.spread(2))


def test_global_randomness_is_left_alone() -> None:
    """Nothing is read from torch's own generator, and nothing is taken out of it."""
    before = torch.get_rng_state()
    first = drawn(5, torch.arange(9))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(77)
    assert torch.equal(drawn(5, torch.arange(9)), first)


SAMPLERS = {"normal": (randn, "norm"), "uniform": (rand, "uniform")}


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_numbers_have_their_law(name: str) -> None:
    """Kolmogorov–Smirnov over many seeds, for the whole and for the first row of every block."""
    sampler, law = SAMPLERS[name]
    numbers = torch.stack([sampler((TOTAL, 4), Keyed(seed, range(TOTAL))) for seed in range(60)])
    assert numbers.dtype == torch.float64
    for part in (numbers, numbers[:, ::Keyed.BLOCK], numbers[0], numbers[:, 0]):
        assert kstest(part.flatten().numpy(), law).pvalue > 1e-3


def streams() -> dict[str, tuple[Tensor, Tensor]]:
    """Pairs of long streams that should know nothing of each other."""
    n, block = 2000, Keyed.BLOCK
    source = Keyed(0, range(n))
    first, second = (randn((n, 50), source) for _ in range(2))
    other = randn((n, 50), Keyed(1, range(n)))
    same = torch.stack([randn((50,), Keyed(seed, range(50))) for seed in range(n)])
    return {
        "calls": (first, second),
        "seeds": (first, other),
        "a call and the next seed's": (second, other),
        "neighbours": (first[:-1], first[1:]),
        "blocks": (first[:-block], first[block:]),
        "numbers of an example": (first[:, :-1], first[:, 1:]),
        "neighbouring seeds": (same[:-1], same[1:]),
    }


def test_streams_are_independent() -> None:
    """Correlations of numbers and of their squares within five standard errors."""
    for name, pair in streams().items():
        for f in (torch.clone, torch.square):
            u, v = (f(stream).flatten() for stream in pair)
            correlation = float(torch.corrcoef(torch.stack([u, v]))[0, 1])
            assert abs(correlation) < 5 / math.sqrt(len(u)), name


def test_every_pair_of_examples_is_independent() -> None:
    """Ninety examples over two blocks, 4000 numbers each: the largest of 4005 correlations."""
    numbers = randn((90, 4000), Keyed(3, range(90)))
    correlations = torch.corrcoef(numbers).triu(1)
    assert float(correlations.abs().max()) < 5 / math.sqrt(4000)


def test_seeds_and_blocks_are_not_shifted_copies() -> None:
    """No row of one seed, call or block turns up in another."""
    rows = []
    for seed in (0, 1, 64, -1, 2**40):
        source = Keyed(seed, range(200))
        rows += [randn((200, 1), source), randn((200, 1), source)]
    values = torch.cat(rows).flatten()
    assert len(values.unique()) == len(values) == 2000


@pytest.mark.parametrize("draws", [1, 2, 5])
@pytest.mark.parametrize("total", [1, 7, 64, 300])
def test_times_are_an_even_grid_dealt_to_the_whole(total: int, draws: int) -> None:
    """A permutation of u + i/(draws n), and the draws of one example are evenly apart."""
    u = Keyed(4, range(total)).spread(draws)
    assert u.shape == (draws, total) and bool(((u >= 0) & (u < 1)).all())
    grid = u.flatten().sort().values
    step = 1 / (total * draws)
    assert torch.allclose(grid, grid[0] + step * torch.arange(total * draws).double(), atol=1e-12)
    assert float(grid[0]) < step
    own = u.sort(0).values
    gaps = torch.full((draws - 1, total), 1 / draws, dtype=torch.float64)
    assert torch.allclose(own.diff(dim=0), gaps, atol=1e-12)
    parts = [Keyed(4, part, total).spread(draws) for part in torch.arange(total).split(17)]
    assert torch.equal(torch.cat(parts, 1), u)
    assert torch.equal(spread(draws, total, Keyed(4, range(total))), u)


def test_times_are_uniform_and_know_nothing_of_the_example() -> None:
    """Over seeds: each example's time is uniform, and neighbours' are as if independent."""
    u = torch.cat([Keyed(seed, range(40)).spread(1) for seed in range(2000)])
    for example in (0, 1, 39): assert kstest(u[:, example].numpy(), "uniform").pvalue > 1e-3
    correlations = torch.corrcoef(u.T) - torch.eye(40).double()
    # an even grid without replacement: −1/(n − 1) for a pair, but for the turn of the circle
    assert float(correlations.abs().max()) < 5 / math.sqrt(2000) + 1 / 39


@pytest.mark.parametrize(("index", "total", "words"), [
    (range(5), 3, "goes up to 4 of total = 3"), (torch.tensor([-1, 2]), 9, "count them from 0"),
])
def test_bad_indices(index: Tensor | range, total: int, words: str) -> None:
    """Examples that the whole does not have."""
    with pytest.raises(InputError, match=words): Keyed(0, index, total)


def test_rows_must_be_those_of_the_source() -> None:
    """Another number of rows has no owner."""
    with pytest.raises(InputError, match="belongs to 4 examples"):
        randn((3, 2), Keyed(0, range(4)))


def test_no_examples_no_numbers() -> None:
    """An empty share of a process."""
    source = Keyed(0, range(0), 10)
    assert randn((0, 2), source).shape == (0, 2) and source.spread(3).shape == (3, 0)


# Evaluation and sampling

LEVELS, MANY = 8, 100


def make(process: Process | None = None, kind: str = "v", T: int | None = None) -> Diffusion:
    """A model of three grey values whose network is in float32, and not trained."""
    torch.manual_seed(0)
    process = VP(Cosine(-8.0, 4.0)) if process is None else process
    blocks = process.K if kind == "noise" else 1
    heads = process.heads if kind == "noise" else 1
    network = MLP(3 * blocks, 16, 1, 3 * heads) if blocks > 1 else MLP(3, 16, 1)
    for p in network.parameters(): p.data += 0.1 * torch.randn(p.shape, generator=seeded(p.numel()))
    return Diffusion(network, process, kind, Discretization(LEVELS), (3,), T)


DATA = torch.randint(0, LEVELS, (MANY, 3), generator=seeded(1))
MODELS: dict[str, Callable[[], Diffusion]] = {
    "continuous": make,
    "in steps": lambda: make(T=6),
    "two blocks": lambda: make(CLD(), "v"),
}


def printed(b: Bound) -> tuple[str, ...]:
    """What a card says: the bound and its parts to four digits."""
    return tuple(f"{name} {mean:.4f} {se:.4f}" for name, (mean, se) in b.terms().items())


def alike(a: Bound, b: Bound) -> None:
    """The same values for every example, and the same print."""
    assert a.protocol == b.protocol and printed(a) == printed(b) and str(a) == str(b)
    for name, nats in a.parts.items():
        assert torch.allclose(nats, b.parts[name], rtol=1e-6, atol=1e-6), name


@pytest.mark.filterwarnings("ignore:a few of the 100 values")  # in three dimensions, untrained
@pytest.mark.parametrize("name", MODELS)
def test_the_bound_does_not_depend_on_the_batch_size(name: str) -> None:
    """1, 7, 16 and 256 examples to a batch; another seed gives another number."""
    model, few = MODELS[name](), DATA[:24]
    whole = model.bpd(few, len(few), 2, 0, progress=False)
    for size in (1, 7, 16, 256): alike(model.bpd(few, size, 2, 0, progress=False), whole)
    assert printed(model.bpd(few, len(few), 2, 1, progress=False)) != printed(whole)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("world", [2, 3])
def test_the_bound_does_not_depend_on_the_shards(name: str, world: int) -> None:
    """Each process evaluates its share, and the shares put back in order are the whole."""
    model = MODELS[name]()
    whole = model.bpd(DATA, 64, 1, 0, progress=False)
    for shares in ([torch.arange(MANY)[rank::world] for rank in range(world)],
                   torch.arange(MANY).tensor_split(world)):
        parts = [model.bpd(DATA[mine], 50, 1, 0, progress=False, index=mine, total=MANY)
                 for mine in shares]
        joined, order = Bound.cat(parts), torch.cat(list(shares)).argsort()
        ordered = {key: nats[order] for key, nats in joined.parts.items()}
        place = joined.place[order]
        alike(Bound(ordered, joined.dims, joined.levels, joined.protocol, place), whole)


@pytest.mark.parametrize(("name", "sampler", "denoise", "decoder"), [
    ("continuous", None, False, False), ("in steps", None, True, True),
    ("two blocks", EulerMaruyama(5, grid="quadratic"), False, True),
    ("continuous", Ancestral(4), True, False),
])
def test_samples_do_not_depend_on_the_batch_size(
    name: str, sampler: Sampler | None, denoise: bool, decoder: bool,
) -> None:
    """The same pictures in batches of 1, 7 and 64, and any of them alone."""
    model = MODELS[name]()
    if sampler is None: sampler = model.default_sampler(8 if model.T is None else None)
    def draw(n: int, size: int, index: Tensor | None = None) -> Tensor:
        return model.sample(n, sampler, 3, denoise, decoder, False, size, index)
    whole = draw(20, 20)
    assert len(whole.unique(dim=0)) > 5
    for size in (1, 7, 64): assert torch.equal(draw(20, size), whole)
    assert torch.equal(draw(9, 4), whole[:9])
    few = torch.tensor([13, 2, 7])
    assert torch.equal(draw(3, 2, few), whole[few])


def test_real_numbers_do_not_depend_on_the_batch_size() -> None:
    """Samples of a density, before anything is rounded to a level."""
    torch.manual_seed(0)
    model = Diffusion(MLP(3, 16, 1), VP(), "v", Continuous(), (3,))
    whole, parts = (model.sample(20, Ancestral(8), 3, progress=False, batch_size=size)
                    for size in (20, 7))
    assert torch.allclose(whole, parts, rtol=1e-6, atol=1e-6)
