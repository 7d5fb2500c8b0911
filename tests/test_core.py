"""Broadcasting, sums, randomness and errors."""
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mdm_nb.core import InputError, expand, randn, seeded, sum_dims

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)

@settings(deadline=None, max_examples=40)
@given(shapes)
def test_expand_multiplies_examples(shape: tuple[int, ...]) -> None:
    x, c = randn(shape, seeded(0)), randn(shape[:1], seeded(1))
    out = expand(c, x) * x
    assert out.shape == x.shape
    for i in range(shape[0]): assert torch.equal(out[i], c[i] * x[i])

@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_expand_keeps_scalars_and_dtype(dtype: torch.dtype) -> None:
    x = torch.ones(2, 3)
    assert expand(torch.tensor(2.0, dtype=dtype), x).shape == ()
    assert expand(torch.ones(2, dtype=dtype), x).dtype == dtype

@pytest.mark.parametrize(("c", "x"), [((3,), (2, 3)), ((2, 1), (2, 3)), ((1,), (2, 3)), ((1,), ())])
def test_expand_refuses_other_shapes(c: tuple[int, ...], x: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="one number or one per example"): expand(torch.ones(c), torch.ones(x))

def test_an_empty_batch_is_a_batch() -> None:
    assert expand(torch.ones(0), torch.ones(0, 3)).shape == (0, 1) and sum_dims(torch.ones(0, 3, 2)).shape == (0,)

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
    assert abs(x.mean()) < 5 / math.sqrt(50_000) and abs(x.square().mean() - 1) < 5 * math.sqrt(2 / 50_000)

def test_input_error_is_a_value_error() -> None:
    assert issubclass(InputError, ValueError)
