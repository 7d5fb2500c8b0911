"""Measures of samples against closed forms, and sets that cannot be measured."""
from collections.abc import Callable

import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor, nn

from mdm_nb import (
    InputError,
    frechet_distance,
    kernel_distance,
    precision_recall,
    quality,
    seeded,
)

SAME = nn.Identity()


def normal(n: int, seed: int, d: int = 3) -> Tensor:
    """A cloud of n points in d dimensions."""
    return torch.randn(n, d, generator=seeded(seed), dtype=torch.float64)


def test_the_frechet_distance_is_that_of_the_moments() -> None:
    mixed = torch.tensor([[1.0, 0.5, 0.0], [0.0, 0.7, 0.3], [0.2, 0.0, 2.0]]).double()
    real, fake = normal(200, 0), normal(300, 1) @ mixed + 1
    S, R = real.T.cov(), fake.T.cov()
    cross = torch.from_numpy(sqrtm((S @ R).numpy()).real)
    apart = (real.mean(0) - fake.mean(0)).square().sum()
    wanted = apart + (S + R - 2 * cross).trace()
    assert frechet_distance(real, fake) == pytest.approx(float(wanted), rel=1e-9)
    assert frechet_distance(real.float(), fake) == pytest.approx(float(wanted), rel=1e-5)


def kernel_by_pairs(a: Tensor, b: Tensor) -> float:
    """The kernel distance as a sum over pairs."""
    kernel = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    off = ~torch.eye(len(a), dtype=torch.bool)
    return float(kernel(a, a)[off].mean() + kernel(b, b)[off].mean() - 2 * kernel(a, b).mean())


def test_the_kernel_distance_is_that_of_all_pairs() -> None:
    real, fake = normal(400, 0), normal(400, 1) + 0.3
    found = kernel_distance(real, fake)
    assert abs(found.value - kernel_by_pairs(real, fake)) < 5 * found.se / 50**0.5
    assert found == kernel_distance(real, fake)


def test_subsets_leave_the_global_randomness_alone() -> None:
    before = torch.random.get_rng_state()
    kernel_distance(normal(40, 0), normal(40, 1), subsets=2)
    assert torch.equal(before, torch.random.get_rng_state())


def test_precision_and_recall_by_hand() -> None:
    real = torch.tensor([[0.0], [1.0], [3.0], [7.0]])  # reach 1, 1, 2, 4 with one neighbour
    fake = torch.tensor([[-1.5], [1.9], [5.0], [11.0], [11.5]])  # reach 3.4, 3.1, 3.1, 0.5, 0.5
    assert precision_recall(real, fake, 1) == (3 / 5, 4 / 4)
    assert precision_recall(fake, real, 1) == (4 / 4, 3 / 5)


def test_copies_of_one_point_are_covered() -> None:
    points = torch.full((2100, 2), 0.1)
    assert precision_recall(points, points) == (1.0, 1.0)
    assert precision_recall(points, points + 1e-3) == (0.0, 0.0)


def test_a_set_is_like_itself() -> None:
    points = normal(120, 0)
    found = quality(points, points, SAME, halves=3)
    assert abs(found["frechet"].value) < 1e-6
    assert found["precision"].value == found["recall"].value == 1
    assert found == quality(points, points, SAME, halves=3)


class Half(nn.Module):
    """Features that depend on the mode, on a weight and on nothing else."""
    def __init__(self) -> None:
        super().__init__()
        self.weight, self.drop = nn.Parameter(torch.tensor(0.5)), nn.Dropout(0.5)
    def forward(self, images: Tensor) -> Tensor:
        """Six numbers of an image."""
        assert len(images) <= 32 and not torch.is_grad_enabled()
        return self.drop(images.flatten(1).to(self.weight.dtype)) * self.weight


def test_an_extractor_is_asked_in_batches_and_left_as_it_was() -> None:
    levels = torch.randint(0, 9, (70, 1, 2, 3), generator=seeded(0))
    look = Half()
    found = quality(levels, levels.flip(1, 2), look, halves=2, batch_size=32)
    halved = levels.flatten(1).double() / 2, levels.flip(1, 2).flatten(1).double() / 2
    assert found["frechet"].value == pytest.approx(frechet_distance(*halved), rel=1e-6)
    assert look.training and look.drop.training


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "shapes": (lambda: quality(normal(9, 0), normal(9, 0, 2), SAME), "fake has examples of shape"),
    "few": (lambda: quality(normal(9, 0), normal(3, 0), SAME), "has 3 images, and .*: give 8"),
    "none": (lambda: quality(normal(9, 0), normal(0, 0), SAME), "fake has 0 images, and"),
    "neighbours": (lambda: quality(normal(9, 0), normal(9, 0), SAME, 9), "give 20 or more"),
    "no neighbour": (lambda: quality(normal(9, 0), normal(9, 0), SAME, 0), "neighbours = 0"),
    "one half": (lambda: quality(normal(9, 0), normal(9, 0), SAME, halves=1), "halves = 1"),
    "batch": (lambda: quality(normal(9, 0), normal(9, 0), SAME, batch_size=0), "batch_size = 0"),
    "NaN": (lambda: quality(normal(9, 0), normal(9, 0).log(), SAME), "fake has . of 9 images"),
    "infinite": (lambda: quality(normal(9, 0) / 0, normal(9, 0), SAME), "real has 9 of 9 images"),
    "not rows": (lambda: quality(torch.ones(9, 1, 2), torch.ones(9, 1, 2), SAME), "give one row"),
    "features": (lambda: precision_recall(normal(9, 0), normal(9, 0, 2)), "for real and .9, 2."),
    "no pairs": (lambda: kernel_distance(normal(3, 0), normal(9, 0)), "needs pairs: give 4"),
    "half": (lambda: quality(normal(9, 0, 4), normal(11, 0, 4), SAME), "real has 9 .* give 10"),
    "no room": (lambda: precision_recall(normal(9, 0), normal(3, 0)), "shall have 3 neighbours"),
    "singular": (lambda: frechet_distance(normal(3, 0), normal(9, 0)), "real has 3 images, and"),
    "type": (lambda: quality(torch.ones(9, 3).long(), torch.ones(9, 3).long(), nn.Linear(3, 2)),
             "extractor cannot read real, of shape .9, 3. and torch.int64"),
}


@pytest.mark.parametrize("case", BAD)
def test_sets_that_cannot_be_measured_are_refused(case: str) -> None:
    call, message = BAD[case]
    with pytest.raises(InputError, match=message): call()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdm_nb.samplers.quality.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'mdm_nb\[quality\]'"):
        quality(normal(9, 0), normal(9, 1), SAME)
