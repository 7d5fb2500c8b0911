"""Are draws at fitted times those of the bound, whatever the model is told?"""
import math
from collections.abc import Callable

import pytest
import torch
from helpers import refused
from torch import Tensor, nn

from mdm_nb import (
    MLP,
    VP,
    Cosine,
    Diffusion,
    Discretization,
    Flow,
    KHot,
    Linear,
    Polynomial,
    Process,
    Profile,
    Weighted,
    rand,
    seeded,
    step_times,
)

DATA = torch.randint(0, 4, (90, 3), generator=seeded(0))
LABEL = torch.randint(0, 3, (90,), generator=seeded(1))


class Still(nn.Module):
    """Half of what it sees."""
    def forward(self, z: Tensor, g: Tensor, **_: Tensor) -> Tensor:
        """For any level."""
        return 0.5 * z


def model(process: Process, T: int | None = None, **options: object) -> Diffusion:
    """A network that has learned nothing, of four levels in three dimensions."""
    return Diffusion(Still(), process, "v", Discretization(4), (3,), T, **options)


def coded() -> Polynomial:
    """A clock for each dimension, bent by a code."""
    code = KHot(4, 2, network=nn.Linear(3, 4).double())
    return Polynomial(code, (3,), -6.0, 4.0, width=4)


MODELS: dict[str, Callable[[], Diffusion]] = {
    "in steps": lambda: model(VP(Cosine(-6.0, 4.0)), 7),
    "with variances of their own": lambda: model(VP(), 5, free_variance=True),
    "of classes": lambda: model(VP(Linear(-6.0, 4.0)), classes=3),
    "of a code": lambda: model(VP(coded())),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_number_is_that_of_the_bound(name: str) -> None:
    """Two thousand examples have the same mean, and the same values in batches as at once."""
    torch.manual_seed(0)
    judged, told = MODELS[name](), {"label": LABEL} if name == "of classes" else {}
    profile = judged.profile(DATA, 12, **told)
    assert profile.T == judged.T and len(profile.density) == (judged.T or 16)
    many, told = DATA.repeat(22, 1), {key: value.repeat(22) for key, value in told.items()}
    own, fitted, again = (
        judged.bpd(many, size, 1, 3, False, method=method, **told)
        for method, size in ((None, 2000), (profile, 2000), (profile, 700)))
    assert abs(own.bpd - fitted.bpd) < 4 * math.hypot(own.se, fitted.se)
    assert fitted.se < 1.02 * own.se
    assert f"fitted in {judged.T or 16} stretches, 1 draw per example" in fitted.protocol
    assert torch.allclose(again.total, fitted.total) and torch.equal(again.place, fitted.place)


@pytest.mark.filterwarnings("ignore:.* draws tell nothing")
def test_a_profile_repeats_and_leaves_chance_alone() -> None:
    """The same seed finds the same, whatever the batches; another finds another."""
    judged = MODELS["of classes"]()
    before = torch.get_rng_state()
    first, again, other = (judged.profile(DATA, 3, seed, label=LABEL).density
                           for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)
    assert first.mean() == pytest.approx(1) and first.min() >= 0.1
    assert len(judged.profile(DATA[:2], 1, label=LABEL[:2]).density) == 1


def test_moved_numbers_have_the_density_that_they_say() -> None:
    """In order, within [0, 1], with weights of mean one; where nothing scatters, unmoved."""
    profile = Profile(torch.tensor([4.0, 1.0, 0.5, 0.0]))
    ends = torch.tensor([0.0, 1 - 2**-53], dtype=torch.float64)
    u = torch.cat([ends, rand((4000,), seeded(0))]).sort().values
    moved, weight = profile.move(u)
    assert 0 <= moved[0] <= moved[-1] <= 1 and (moved.diff() >= 0).all()
    shares = (moved * 4).long().clamp(max=3).bincount() / len(u)
    assert torch.allclose(shares.double(), profile.density / 4, atol=0.02)
    even = profile.move((torch.arange(8000).double() + 0.5) / 8000)[1]
    assert even.mean() == pytest.approx(1, abs=1e-3) and float(weight.max()) == pytest.approx(10)
    same, one = Profile(torch.zeros(3)).move(u)
    assert torch.allclose(same, u) and (one == 1).all()


def test_all_draws_of_a_step_have_one_weight() -> None:
    """Stretches are whole steps, so that a step is one group of the error bar."""
    u, process = (torch.arange(9000).double() + 0.5) / 9000, VP(Cosine(-6.0, 4.0))
    for T, stretches in ((7, 7), (40, 32)):
        profile = model(process, T).profile(DATA, 24)
        assert len(profile.density) == stretches
        moved, weight = profile.move(u)
        t, share = step_times(process, moved, T)
        for step in t.unique(): assert len(weight[t == step].unique()) == 1
        assert float((share * weight).mean()) == pytest.approx(1, abs=2e-3)


def test_what_is_no_profile_is_refused() -> None:
    """In one sentence, before work."""
    refused("scatter has shape", Profile, torch.ones(2, 2))
    refused("scatter runs from -1", Profile, torch.tensor([1.0, -1.0]))
    refused("scatter runs from", Profile, torch.tensor([1.0, torch.nan]))
    for edges in ([0.0, 1.0], [0.0, 0.0, 1.0], [0.1, 0.5, 1.0]):
        refused("edges has shape", Profile, torch.ones(2), None, None, torch.tensor(edges))
    judged = MODELS["in steps"]()
    refused("times = 0", judged.profile, DATA, 0)
    refused("batch_size = 0", judged.profile, DATA, 1, 0, 0)
    refused("the data have shape", judged.profile, DATA[:, :2])


def test_a_profile_that_knows_nothing_says_so() -> None:
    """Of few draws, and of a network that says NaN, which is not the scatter's fault."""
    judged = MODELS["in steps"]()
    with pytest.warns(UserWarning, match="2 draws tell nothing .*, 128 draws in all at least"):
        assert repr(judged.profile(DATA[:2], 1)) == "times fitted in 1 stretch"
    broken = Diffusion(MLP(3, 8, 1), discretization=Discretization(4), shape=(3,))
    with torch.no_grad():
        for p in broken.network.parameters(): p.fill_(torch.nan)
    refused("not finite on some draws: the network overflowed", broken.profile, DATA)


@pytest.mark.filterwarnings("ignore:.* draws tell nothing")
def test_whatever_the_method_the_record_says_what_was_told() -> None:
    judged, some = MODELS["of classes"](), {"label": LABEL[:4]}
    profile = judged.profile(DATA, 1, label=LABEL)
    for method in (None, profile, Weighted(1, steps=3), Flow(1e-2, atol=1e-2)):
        found = judged.bpd(DATA[:4], method=method, progress=False, **some)
        assert "given label" in found.protocol
