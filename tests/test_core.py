"""Broadcasting, sums, randomness, errors, and numbers that survive a cast."""

import copy
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from beartype.roar import BeartypeCallHintViolation
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.bounds.steps import free_variance_bound
from mdm_nb.gaussians.core import Exact, InputError, Keyed, expand, randn, seeded, sum_dims
from mdm_nb.gaussians.errors import check_count, known_good, may_look
from mdm_nb.gaussians.score import Mixture
from mdm_nb.processes.learned import LearnedMDM
from mdm_nb.processes.schedule import Linear, Monotone
from mdm_nb.processes.zoo import MALDA

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@settings(deadline=None, max_examples=40)
@given(shapes)
def test_expand_multiplies_examples(shape: tuple[int, ...]) -> None:
    x, c = randn(shape, seeded(0)), randn(shape[:1], seeded(1))
    out = expand(c, x) * x
    assert out.shape == x.shape
    for i in range(shape[0]):
        assert torch.equal(out[i], c[i] * x[i])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_expand_keeps_scalars_and_dtype(dtype: torch.dtype) -> None:
    x = torch.ones(2, 3)
    assert expand(torch.tensor(2.0, dtype=dtype), x).shape == ()
    assert expand(torch.ones(2, dtype=dtype), x).dtype == dtype


@settings(deadline=None, max_examples=40)
@given(shapes.filter(lambda shape: len(shape) > 1), st.booleans())
def test_expand_takes_one_coefficient_per_dimension(shape: tuple[int, ...], shared: bool) -> None:
    x, c = randn(shape, seeded(0)), randn((1 if shared else shape[0], *shape[1:]), seeded(1))
    out = expand(c, x) * x
    for i in range(shape[0]):
        assert torch.equal(out[i], c[0 if shared else i] * x[i])


@pytest.mark.parametrize(
    ("c", "x"),
    [
        ((3,), (2, 3)),
        ((2, 1), (2, 3)),
        ((1,), (2, 3)),
        ((1,), ()),
        ((3, 3), (3, 1, 3)),
        ((1, 3), (2, 1, 3)),
        ((2, 1, 3), (4, 1, 3)),
    ],
)
def test_expand_refuses_other_shapes(c: tuple[int, ...], x: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="one number or one per example"):
        expand(torch.ones(c), torch.ones(x))


def test_an_empty_batch_is_a_batch() -> None:
    assert expand(torch.ones(0), torch.ones(0, 3)).shape == (0, 1) and sum_dims(
        torch.ones(0, 3, 2)
    ).shape == (0,)


@settings(deadline=None, max_examples=40)
@given(shapes)
def test_sum_dims_keeps_the_batch(shape: tuple[int, ...]) -> None:
    x = randn(shape, seeded(2))
    expected = torch.stack([row.sum() for row in x])
    assert torch.allclose(sum_dims(x), expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.int64])
def test_sum_dims_is_float64(dtype: torch.dtype) -> None:
    x = torch.full((2, 3072), 100, dtype=dtype)
    assert sum_dims(x).dtype == torch.float64 and sum_dims(x).tolist() == [307200.0, 307200.0]


def test_randn_repeats_and_leaves_the_global_stream_alone() -> None:
    state = torch.get_rng_state()
    a, b, c = randn((4, 5), seeded(7)), randn((4, 5), seeded(7)), randn((4, 5), seeded(8))
    assert torch.equal(a, b) and not torch.equal(a, c) and a.dtype == torch.float64
    assert torch.equal(state, torch.get_rng_state())


def test_randn_goes_on_where_the_generator_stands() -> None:
    g = seeded(0)
    assert not torch.equal(randn((3,), g), randn((3,), g))


@pytest.mark.parametrize("shape", [(), (0, 2), (3,), torch.Size([2, 2])])
def test_randn_takes_any_shape(shape: tuple[int, ...]) -> None:
    assert randn(shape, seeded(0)).shape == tuple(shape)


def test_randn_is_standard_normal() -> None:
    x = randn((50_000,), seeded(3))
    assert abs(x.mean()) < 5 / math.sqrt(50_000) and abs(x.square().mean() - 1) < 5 * math.sqrt(
        2 / 50_000
    )


def test_input_error_is_a_value_error() -> None:
    assert issubclass(InputError, ValueError)


class Holder(Exact):
    """A parameter, a buffer, an integer buffer and a plain module of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(randn((3,), seeded(0)))
        self.ends = nn.Buffer(randn((2,), seeded(1)))
        self.count, self.inner = nn.Buffer(torch.tensor([3])), nn.Linear(2, 2, dtype=torch.float64)


CASTS = {
    "half": lambda m: m.half(),
    "bfloat16": lambda m: m.bfloat16(),
    "float": lambda m: m.float(),
    "to": lambda m: m.to(torch.float16),
    "device and type": lambda m: m.to("cpu", torch.bfloat16),
}


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS.keys())
def test_exact_modules_keep_their_numbers_wherever_they_are(
    cast: Callable[[nn.Module], nn.Module],
) -> None:
    alone = Holder()
    before = copy.deepcopy(alone.state_dict())
    inside = nn.Sequential(nn.Linear(2, 2), Holder())
    for module in (cast(alone), cast(inside)[1]):
        after = module.state_dict()
        assert all(
            torch.equal(after[k], v) and after[k].dtype == v.dtype
            for k, v in before.items()
            if not k.startswith("inner")
        )
        assert module.inner.weight.dtype == torch.float64
    assert inside[0].weight.dtype != torch.float32 or cast is CASTS["float"]


def test_exact_modules_move_and_still_learn() -> None:
    module = Holder()
    assert {p.device.type for p in copy.deepcopy(module).to("meta").state_dict().values()} == {
        "meta"
    }
    assert copy.deepcopy(module).to("meta", torch.bfloat16).weight.dtype == torch.float64
    module.bfloat16().weight.square().sum().backward()
    assert torch.equal(module.weight.grad, 2 * module.weight) and [
        n for n, _ in module.named_parameters()
    ] == ["weight", "inner.weight", "inner.bias"]


@pytest.mark.parametrize(("make", "said"), [
    (lambda: Discretization(16.5), "levels = 16.5"),
    (lambda: MALDA(K=2.5), "K = 2.5"),
    (lambda: LearnedMDM(K=2.5), "K = 2.5"),
    (lambda: Monotone(hidden=2.5), "hidden = 2.5"),
    (lambda: Mixture.ring(2.5), "n = 2.5"),
    (lambda: Mixture.ring(2).sample(0), "n = 0"),
    (lambda: Keyed(0, range(2)).spread(0), "times = 0"),
    (lambda: free_variance_bound(torch.ones(2), 0), "dims = 0"),
])
def test_counts_are_whole_and_positive(make: Callable[[], object], said: str) -> None:
    """Where annotations are checked a fraction is refused even earlier."""
    with pytest.raises((InputError, BeartypeCallHintViolation)) as caught: make()
    if isinstance(caught.value, InputError): assert said in str(caught.value)


@pytest.mark.parametrize("value", [2.5, 2.0, True, "2", None, 0, 10, math.nan])
def test_one_sentence_for_every_count(value: object) -> None:
    with pytest.raises(InputError) as caught: check_count("n", value, 1, 9, ", or -1 for all")
    assert str(caught.value) == f"n = {value!r}: give a whole number from 1 to 9, or -1 for all"
    check_count("n", np.int64(9), 1, 9)


def test_values_are_looked_at_unless_they_were_seen() -> None:
    with known_good(False): assert may_look()
    with known_good(), known_good(False): assert not may_look()
    with pytest.raises(InputError, match="outside"): Linear()(torch.tensor(2.0))
    with known_good(): Linear()(torch.tensor(2.0))
    assert may_look()


X = torch.zeros(2, 3, dtype=torch.float64)


@pytest.mark.parametrize("ask", [
    lambda std: Continuous().log_prob(X, X, std),
    lambda std: Continuous().decode(X, std, seeded(0)),
    lambda std: Discretization(4).log_prob(X.long(), X, std),
    lambda std: Discretization(4).decode(X, std, seeded(0)),
])
@pytest.mark.parametrize("std", [-1.0, 0.0, math.nan, math.inf, torch.zeros(3), -torch.ones(2, 3)])
def test_a_decoder_has_a_width(ask: Callable[[object], object], std: float | Tensor) -> None:
    with pytest.raises(InputError, match="^std = "): ask(std)
    with pytest.raises(InputError, match="does not fit centre"): ask(torch.ones(4))
