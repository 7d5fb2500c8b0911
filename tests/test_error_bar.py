"""Does the standard error of a mean know how sure it is of itself?"""
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mdm_nb import doubt, randn, seeded, standard_error
from mdm_nb.bounds.error_bar import NEIGHBOURS, groups, row_errors, sum_moments


def test_the_error_bar_leaves_out_what_even_times_take_out() -> None:
    """A trend in time moves the spread, not the error bar; in whatever order the examples come."""
    place, noise = torch.rand(400, generator=seeded(0)).double(), randn((400,), seeded(1))
    alone = standard_error(noise)
    values = 50 * place + noise
    assert standard_error(values) > 10 * alone
    assert standard_error(values, place) == pytest.approx(alone, rel=0.15)
    order = torch.randperm(400, generator=seeded(2))
    assert standard_error(values[order], place[order]) == pytest.approx(
        standard_error(values, place), rel=1e-12)
    assert standard_error(values, torch.zeros(400)) > 10 * alone  # one time for all tells nothing


def test_few_values_are_one_group_and_one_has_no_error_bar() -> None:
    """Below twenty values there is nothing to be grouped."""
    values, place = randn((19,), seeded(0)), torch.rand(19, generator=seeded(1))
    assert standard_error(values, place) == pytest.approx(standard_error(values))
    plain = float(values.std()) / 19**0.5
    assert plain < standard_error(values) < 1.2 * plain
    assert math.isnan(standard_error(values[:1], place[:1]))


def test_the_moments_of_one_group_are_the_unbiased_ones() -> None:
    """Against an independent implementation of the k-statistics."""
    values = randn((40,), seeded(3)).square()
    variance, skewness, spare = sum_moments(values)
    second, third = (float(stats.kstat(values.numpy(), k)) for k in (2, 3))
    assert variance == pytest.approx(40 * second) and spare == pytest.approx(1 / 39)
    assert skewness == pytest.approx(40 * third / (40 * second) ** 1.5)
    assert standard_error(values) == pytest.approx(
        (second / 40) ** 0.5 * (1 + 3 * skewness**2 + 5 / 4 / 39))


def test_groups_add_their_moments() -> None:
    """Cumulants of independent values add, and so do the terms of Satterthwaite's formula."""
    n, groups = 47, 47 // NEIGHBOURS
    values, place = randn((n,), seeded(4)).exp(), torch.rand(n, generator=seeded(5)).double()
    parts = [sum_moments(values[rows]) for rows in place.argsort().tensor_split(groups)]
    variance, skewness, spare = sum_moments(values, place)
    total = sum(part[0] for part in parts)
    assert variance == pytest.approx(total)
    assert skewness == pytest.approx(sum(v**1.5 * k for v, k, _ in parts) / total**1.5)
    assert spare == pytest.approx(sum(v**2 * f for v, _, f in parts) / total**2)


def test_few_places_are_groups_of_their_own() -> None:
    """Steps of very unlike cost: scatter within each, and a rounded count at each edge."""
    place = torch.tensor([5] * 44 + [2] * 1 + [1] * 16 + [7] * 1 + [9] * 30).double()
    height = {5: 300.0, 2: 20.0, 1: 20.0, 7: 300.0, 9: 0.0}  # lone values join the one before
    values = randn((92,), seeded(7)) + torch.tensor([height[int(p)] for p in place])
    parts = [values[(place == a) | (place == b)] for a, b in ((1, 2), (5, 7), (9, 9))]
    means = torch.stack([part.mean() for part in parts])
    edges = (means.diff().square().sum() + (means[2] - means[0]).square()) / 12
    within = sum(len(part) * part.var() for part in parts)
    assert sum_moments(values, place)[0] == pytest.approx(float(within + edges))
    assert sum_moments(values, place + torch.rand(92, generator=seeded(8)) / 2)[0] > 2 * within
    numbers = groups(place.sort().values)[0]
    assert numbers.tolist() == [0] * 17 + [1] * 45 + [2] * 30
    assert not groups(torch.arange(92) // 9)[1] and groups(torch.arange(92) // 12)[1]
    assert groups(torch.tensor([0.0] + [1.0] * 20))[0].tolist() == [0] * 21


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=60), st.booleans())
def test_it_is_never_shorter_than_the_plain_one_and_never_wild(
    numbers: list[float], placed: bool,
) -> None:
    """One to five and a quarter times as long from three values on; in their unit; blind to where
    they lie. Two values have one degree of freedom, for which Student's factor is seven."""
    values = torch.tensor(numbers, dtype=torch.float64)
    place = torch.linspace(0, 1, len(values)).double() if placed else None
    variance, skewness, spare = sum_moments(values, place)
    plain = math.sqrt(variance) / len(values)
    found = standard_error(values, place)
    assert abs(skewness) <= 1 + 1e-9 and 0 <= spare <= 1 + 1e-9
    assert plain <= found <= (5.25 if len(values) > 2 else 6.2) * plain
    assert standard_error(-8 * values, place) == pytest.approx(8 * found)


def test_equal_values_have_no_error_and_lost_ones_no_error_bar() -> None:
    """Zero for a constant; NaN where a value is none."""
    assert standard_error(torch.full((30,), 0.1).double()) < 1e-15
    assert standard_error(torch.zeros(30).double(), torch.rand(30, generator=seeded(0))) == 0
    assert math.isnan(standard_error(torch.tensor([1.0, math.nan, 2.0])))


def test_it_is_longer_where_few_examples_know() -> None:
    """A fifteenth of the examples has all the scatter: as if there were no others."""
    place = (torch.arange(300).double() + 0.5) / 300
    values = torch.where(place < 1 / 15, randn((300,), seeded(6)), 0.0)
    heavy = values[:20]
    assert 1 / sum_moments(values, place)[2] < 20
    plain = math.sqrt(sum_moments(values, place)[0]) / 300
    assert standard_error(values, place) > 1.05 * plain
    assert plain == pytest.approx(float(heavy.std()) * 20**0.5 / 300, rel=0.1)


def test_an_error_bar_is_doubted_where_few_values_decide() -> None:
    """One value against many, on either side; hardly ever squares of normal numbers."""
    alone = torch.zeros(300, dtype=torch.float64)
    alone[7] = 1.0
    assert "few of the 300 values" in (doubt(alone) or "") and doubt(-alone)
    assert doubt(alone[:1]) is None and doubt(alone[8:]) is None
    sets = randn((200, 300), seeded(6)).square()
    assert sum(doubt(values) is not None for values in sets) <= 10
    assert sum(doubt(values**4) is not None for values in sets) >= 100


def test_few_values_are_always_doubted() -> None:
    """Whatever they look like, up to 63 of them; but not where nothing scatters."""
    for n in (2, 3, 10, 16, 30, 63):
        assert f"{n} values are too few to tell" in (doubt(randn((n,), seeded(n))) or "")
        assert doubt(torch.full((n,), 0.5)) is None
    assert doubt(randn((64,), seeded(0))) is None


@pytest.mark.parametrize("n", [3, 4, 6, 10, 20, 40])
def test_few_normal_values_are_covered_as_student_says(n: int) -> None:
    """95.4 % at the level of two standard deviations, by 20,000 repetitions; up to 2.5 % more
    for the skewness that chance shows."""
    values = randn((20_000, n), seeded(n))
    found = row_errors(values)
    share = float((values.mean(1).abs() < 2 * found).double().mean())
    assert 0.951 < share < 0.979
    each = torch.tensor([standard_error(row) for row in values[:50]], dtype=torch.float64)
    assert torch.allclose(found[:50], each, rtol=1e-9 if n < 30 else 2e-3)


def test_rows_of_equal_or_lost_values() -> None:
    """Zero where nothing scatters, and NaN where a value is none."""
    found = row_errors(torch.tensor([[1.0, 1.0, 1.0], [1.0, math.nan, 2.0], [0.0, 3.0, 0.0]]))
    assert found[0] == 0 and found[1].isnan() and found[2] > 1
