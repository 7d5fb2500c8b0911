"""The assembled model against its two yardsticks, an untrained and an exact network."""

import copy
import inspect
import math
import pickle
import re
import traceback
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Self
from unittest import mock

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from mdm_nb.bounds.bound import Bound, bound, bound_terms, gaussian_bound
from mdm_nb.bounds.denoiser import NOISE_KINDS, Denoiser, denoiser
from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.gaussians.core import InputError, Keyed, randn, replaced, seeded
from mdm_nb.gaussians.score import KINDS, Mixture, alpha_sigma, convert
from mdm_nb.gaussians.together import equal_calls
from mdm_nb.models import checks
from mdm_nb.models.checks import check_labels, check_range
from mdm_nb.models.encoded import Encoded
from mdm_nb.models.encoder import Encoder
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import MLP, UNet
from mdm_nb.processes.learned import LearnedMDM
from mdm_nb.processes.linear import MDM
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Moment, Process
from mdm_nb.processes.scalar import VE, VP, SubVP
from mdm_nb.processes.schedule import Beta, Cosine, Custom, Linear, Monotone, Schedule
from mdm_nb.processes.zoo import ALDA, CLD, MALDA, PSLD
from mdm_nb.samplers.exponential import DPMSolver
from mdm_nb.samplers.sample import DDIM, Ancestral, EulerMaruyama, ProbabilityFlow, Sampler

C2 = 0.3
BLOB = Mixture.gaussian(torch.zeros(2), C2 * torch.eye(2))
RING = Mixture.ring(5, 0.6, 0.15)


class Exact(nn.Module):
    """The best prediction for a mixture, with γ recovered from g."""

    def __init__(self, law: Mixture, schedule: Schedule, kind: str) -> None:
        super().__init__()
        self.law, self.kind, self.lo, self.hi = law, kind, schedule.gamma_min, schedule.gamma_max

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        return self.law.predict(z, self.lo + (self.hi - self.lo) * g, self.kind)


class Recorder(nn.Module):
    """A linear network that notes what it is given."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight, self.seen = nn.Parameter(torch.full((), 0.3, dtype=dtype)), []

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        self.seen.append(
            (z.dtype, g.dtype, self.training, float(g.detach().min()), float(g.detach().max()))
        )
        return self.weight * z


def exact(
    law: Mixture, kind: str = "v", schedule: Schedule | None = None, T: int | None = None
) -> Diffusion:
    schedule = schedule or Linear(-8.0, 5.0)
    return Diffusion(Exact(law, schedule, kind), VP(schedule), kind, Continuous(), (2,), T)


def tiny(**kwargs: object) -> Diffusion:
    """A small image model whose layers are no longer zero."""
    torch.manual_seed(0)
    model = Diffusion(UNet(1, 8, 1), shape=(1, 4, 4), **kwargs)
    for p in model.network.parameters():
        p.data += 0.1 * torch.randn_like(p)
    return model


IMAGES = torch.randint(256, (12, 1, 4, 4), generator=seeded(0), dtype=torch.uint8)


def blob_bound(T: int | None = None, gamma_0: float = -8.0, gamma_1: float = 5.0) -> float:
    """The exact model's bound on N(0, C2 I) in two dimensions, by hand."""
    gamma = torch.linspace(gamma_0, gamma_1, (T or 1) + 1, dtype=torch.float64)
    u = 1 + float(torch.sigmoid(-gamma[-1])) * (C2 - 1)
    limit = math.log((1 + C2 * math.exp(-gamma_0)) / (1 + C2 * math.exp(-gamma_1)))
    diffusion = (
        limit
        if T is None
        else float((torch.expm1(gamma.diff()) * C2 / (gamma[1:].exp() + C2)).sum())
    )
    return (
        diffusion
        - limit
        + math.log(2 * math.pi * math.e * (C2 + math.exp(gamma_0)))
        + u
        - 1
        - math.log(u)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_exact_model_reaches_the_closed_form(kind: str) -> None:
    b = exact(BLOB, kind).bpd(
        BLOB.sample(3000, seeded(1)), times=16, batch_size=3000, progress=False
    )
    assert abs(b.nats - blob_bound()) < 5 * b.se < 0.3


@pytest.mark.parametrize("T", [3, 10, 100])
def test_exact_model_in_steps(T: int) -> None:
    b = exact(BLOB, T=T).bpd(
        BLOB.sample(3000, seeded(2)), times=16, batch_size=3000, progress=False
    )
    assert abs(b.nats - blob_bound(T)) < 5 * b.se
    assert f"T = {T}" in b.protocol


def test_steps_converge_as_one_over_T() -> None:
    a, b, c = (blob_bound(T) - blob_bound() for T in (1000, 2000, 4000))
    assert 1.95 < a / b < 2.05 and 1.95 < b / c < 2.05


def test_exact_model_of_a_mixture() -> None:
    """E bound = h(x + e^{γ₀/2} ε) + KL(q(z₁) ‖ N(0, I))."""
    x = RING.sample(40_000, seeded(3))
    eps = randn((40_000, 2), seeded(4))
    g = torch.tensor([-8.0, 5.0], dtype=torch.float64)
    alpha, sigma = alpha_sigma(g[1])
    z_1 = alpha * x + sigma * eps
    smeared = Mixture(RING.weights, RING.means, RING.covs + g[0].exp() * torch.eye(2))
    values = (
        RING.at(g[1]).log_prob(z_1)
        + 0.5 * z_1.square().sum(1)
        + math.log(2 * math.pi)
        - smeared.log_prob(x + (g[0] / 2).exp() * eps)
    )
    b = exact(RING).bpd(x[:3000], times=16, batch_size=3000, progress=False)
    assert abs(b.nats - float(values.mean())) < 5 * math.hypot(b.se, float(values.std()) / 200)


@pytest.mark.parametrize(
    "schedule", [Cosine(-8.0, 5.0), Monotone(-8.0, 5.0, hidden=16, generator=seeded(0))]
)
def test_the_bound_does_not_depend_on_the_shape_of_the_schedule(schedule: Schedule) -> None:
    b = exact(BLOB, schedule=schedule).bpd(
        BLOB.sample(3000, seeded(5)), times=16, batch_size=3000, progress=False
    )
    assert abs(b.nats - blob_bound()) < 5 * b.se


def test_exact_model_of_levels() -> None:
    """A uniform law costs log2(levels) bits, up to the prior term: there the decoder is exact."""
    grid = Discretization(4)
    cells = torch.cartesian_prod(torch.arange(4), torch.arange(4))
    law = Mixture(
        torch.full((16,), 1 / 16), grid.encode(cells), 1e-10 * torch.eye(2).expand(16, 2, 2)
    )
    schedule = Linear(grid.gamma_0, 8.0)
    model = Diffusion(Exact(law, schedule, "v"), VP(schedule), "v", grid, (2,))
    b = model.bpd(cells.repeat(100, 1), times=32, batch_size=1600, progress=False)
    assert b.unit == "bits/dim" and abs(b.bpd - 2) < 5 * b.se < 0.15
    drawn = model.sample(1600, Ancestral(100), noisy_decoder=True, progress=False, batch_size=1600)
    counts = torch.bincount(4 * drawn[:, 0] + drawn[:, 1], minlength=16)
    assert float((counts - 100).square().sum() / 100) < 15 + 5 * 30**0.5


@pytest.mark.parametrize("kind", KINDS)
def test_denoise_with_an_exact_network(kind: str) -> None:
    model, z = exact(RING, kind), randn((20, 2), seeded(6))
    for t in (0.3, torch.linspace(0.05, 0.95, 20, dtype=torch.float64)):
        gamma = model.process.gamma(t)
        for to in KINDS:
            assert torch.allclose(model.denoise(z, t, to), RING.predict(z, gamma, to), atol=1e-9)


@pytest.mark.parametrize(("make", "zero"), [(lambda: UNet(2, 8, 1), False), (lambda: Zero(), True)])
@pytest.mark.parametrize("schedule", [Linear(), Cosine(-10.0, 4.0)])
def test_loss_of_an_untrained_network_is_known(
    make: object, zero: bool, schedule: Schedule
) -> None:
    x = 2 * torch.rand(4, 2, 3, 3, generator=seeded(7), dtype=torch.float64) - 1
    model = Diffusion(make(), VP(schedule), "v", Continuous(), (2, 3, 3))
    grid = torch.linspace(schedule.gamma_min, schedule.gamma_max, 20_001, dtype=torch.float64)
    alpha, sigma = (c[:, None] for c in alpha_sigma(grid))
    n, d = x.flatten(1).square().sum(1), 18
    error = (
        alpha**2 * d + sigma**2 * n
        if zero
        else (1 - 2 * alpha * sigma) * d + (1 + 2 * alpha * sigma) * n
    )
    truth = torch.trapezoid(0.5 * alpha**2 * error, grid, dim=0)
    b = model.bpd(x.repeat_interleave(250, 0), times=8, progress=False)
    gap = b.parts["diffusion"] - truth.repeat_interleave(250)
    assert abs(gap.mean()) < 5 * gap.std() / 1000**0.5 < 0.2 * truth.mean()


class Zero(nn.Module):
    """A network that says nothing."""

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        return torch.zeros_like(z)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_types_change_at_the_border_only(dtype: torch.dtype) -> None:
    network = Recorder(dtype)
    model = Diffusion(network, shape=(1, 4, 4))
    b = model.bound(IMAGES, generator=seeded(0))
    level = torch.float32 if dtype == torch.bfloat16 else dtype  # half a precision rounds levels
    assert all(seen[:2] == (dtype, level) for seen in network.seen)
    assert {
        t.dtype
        for t in (b.total, b.parts["reconstruction"], b.parts["prior"], b.parts["diffusion"])
    } == {torch.float64}
    assert (
        model.predict(torch.zeros(1, 1, 4, 4).double(), torch.zeros(1).double()).dtype
        == torch.float64
    )
    model.loss(IMAGES).backward()
    assert (
        network.weight.grad.dtype == dtype
        and model.sample(2, DDIM(2), progress=False).dtype == torch.int64
    )


def test_noise_levels_are_normalised_to_the_unit_interval() -> None:
    network = Recorder(torch.float32)
    model = Diffusion(network, VP(Linear(-10.0, 3.0)), shape=(2,))
    model.predict(torch.zeros(2, 2).double(), torch.tensor([-10.0, 3.0]).double())
    assert network.seen[-1][3:] == (0.0, 1.0)


@pytest.mark.parametrize("T", [None, 7])
def test_gradients_reach_every_parameter_and_both_endpoints(T: int | None) -> None:
    model = tiny(process=VP(Monotone(hidden=8, generator=seeded(1))), T=T)
    model.loss(IMAGES, seeded(2)).backward()
    assert all(
        p.grad is not None and torch.isfinite(p.grad).all() and p.grad.abs().max() > 0
        for p in model.parameters()
    )
    assert (model.process.schedule.ends.grad != 0).all()


def test_endpoint_gradient_is_that_of_finite_differences() -> None:
    model = exact(BLOB, schedule=Linear(-8.0, 5.0, learned=True))
    x = BLOB.sample(50, seeded(3))
    model.loss(x, seeded(4)).backward()
    ends = model.process.schedule.ends
    for i in range(2):
        values = []
        for step in (1e-5, -1e-5):
            with torch.no_grad():
                ends[i] += step
                values.append(float(model.loss(x, seeded(4))))
                ends[i] -= step
        assert math.isclose(
            float(ends.grad[i]), (values[0] - values[1]) / 2e-5, rel_tol=1e-4, abs_tol=1e-6
        )


def test_min_variance_changes_the_gradient_of_the_shape_only() -> None:
    def gradients(min_variance: bool) -> dict[str, Tensor]:
        model = tiny(process=VP(Monotone(hidden=8, generator=seeded(1))))
        loss = model.loss(IMAGES, seeded(2), min_variance)
        loss.backward()
        return {"loss": loss.detach(), **{n: p.grad for n, p in model.named_parameters()}}

    mean, variance = gradients(False), gradients(True)
    shape = {f"process.schedule.{n}" for n in ("slope", "w_in", "bias", "w_out")}
    for name in mean:
        assert torch.allclose(mean[name], variance[name], rtol=1e-6, atol=1e-9) == (
            name not in shape
        ), name


def test_min_variance_is_the_gradient_of_the_square() -> None:
    schedule = Monotone(-8.0, 5.0, learned=False, hidden=8, generator=seeded(1))
    model, x = exact(RING, schedule=schedule), RING.sample(40, seeded(2))
    model.loss(x, seeded(3), min_variance=True).backward()
    got = [p.grad.clone() for p in schedule.parameters()]
    schedule.zero_grad()
    (model.bound(x, generator=seeded(3)).parts["diffusion"] / model.dims).square().mean().backward()
    assert all(
        torch.allclose(g, p.grad, rtol=1e-6, atol=1e-9)
        for g, p in zip(got, schedule.parameters(), strict=True)
    )


def test_min_variance_lowers_the_variance_and_keeps_the_mean() -> None:
    schedule = Monotone(-8.0, 5.0, learned=False, hidden=16, generator=seeded(1))
    generator = seeded(2)
    x = RING.sample(4000, seeded(3))
    model = exact(RING, schedule=schedule)
    before = model.bpd(x, batch_size=4000, progress=False)
    optimiser = torch.optim.Adam(model.parameters(), 0.03)
    for _ in range(80):
        optimiser.zero_grad()
        model.loss(RING.sample(256, generator), generator, min_variance=True).backward()
        optimiser.step()
    after = model.bpd(x, batch_size=4000, progress=False)
    assert after.parts["diffusion"].var() < 0.9 * before.parts["diffusion"].var()
    assert abs(after.nats - before.nats) < 5 * math.hypot(after.se, before.se)


def test_loss_is_the_mean_of_the_bound_in_its_unit() -> None:
    for model, data in [(tiny().eval(), IMAGES), (exact(BLOB), BLOB.sample(12, seeded(1)))]:
        with torch.no_grad():
            b, loss = model.bound(data, generator=seeded(5)), model.loss(data, seeded(5))
        expected = b.bpd if b.unit == "bits/dim" else b.nats / 2
        assert math.isclose(float(loss), expected, rel_tol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_evaluation_restores_the_mode_even_after_an_error(training: bool) -> None:
    network = Recorder(torch.float32)
    model = Diffusion(network, shape=(1, 4, 4)).train(training)
    model.bpd(IMAGES, progress=False)
    model.sample(1, DDIM(2), progress=False)
    assert (
        network.seen
        and not any(seen[2] for seen in network.seen)
        and model.training is network.training is training
    )
    with pytest.raises(InputError):
        model.bpd(torch.full((1, 1, 4, 4), 256), progress=False)
    assert model.training is training


def test_evaluation_leaves_data_gradients_and_the_global_generator_alone() -> None:
    model, data = tiny(), IMAGES.clone()
    state = torch.get_rng_state()
    b = model.bpd(data, progress=False)
    model.sample(2, Ancestral(3), noisy_decoder=True, progress=False)
    assert torch.equal(state, torch.get_rng_state()) and torch.equal(data, IMAGES)
    assert not b.total.requires_grad and all(p.grad is None for p in model.parameters())


def test_seeds_decide() -> None:
    model = tiny()
    for call in (
        lambda s: model.bpd(IMAGES, seed=s, progress=False).total,
        lambda s: model.sample(3, Ancestral(4), seed=s, progress=False),
        lambda s: model.loss(IMAGES, seeded(s)).detach() if model.eval() else None,
    ):
        assert torch.equal(call(0), call(0)) and not torch.equal(call(0), call(1))


def test_batches_join_in_order_under_one_protocol() -> None:
    model = exact(BLOB)
    x = BLOB.sample(10, seeded(0))
    b = model.bpd(x, batch_size=4, times=2, seed=3, progress=False, split="test")
    assert isinstance(b, Bound) and torch.equal(b.parts["prior"], model.process.prior_kl(x))
    assert b.protocol == "test, n = 10, seed 3, continuous time, 2 draws per example"


@pytest.mark.parametrize("T", [None, 7])
def test_the_noise_of_an_example_is_its_own_in_evaluation(T: int | None) -> None:
    """The bound of an example is the same in batches of any size, in any order, in halves."""
    model, x = exact(RING, T=T), RING.sample(150, seeded(0))
    whole = model.bpd(x, times=3, seed=5, progress=False)

    def same(b: Bound, order: Tensor) -> bool:
        pairs = ((b.parts[name], nats[order]) for name, nats in whole.parts.items())
        return b.parts.keys() == whole.parts.keys() and all(
            torch.allclose(a, c, rtol=1e-12, atol=1e-12) for a, c in pairs
        )

    for batch_size in (7, 64, 150):
        assert same(model.bpd(x, batch_size, 3, 5, progress=False), torch.arange(150))
    order = torch.randperm(150, generator=seeded(1))
    assert same(model.bpd(x[order], 40, 3, 5, progress=False, index=order), order)
    halves = [model.bpd(x[part], 64, 3, 5, False, "data", part, 150) for part in order.split(75)]
    assert same(Bound.cat(halves), order)
    assert Bound.cat(halves).protocol == whole.protocol
    # as a whole of its own a half has other times, and another seed has other noise
    alone = model.bpd(x[:75], times=3, seed=5, progress=False)
    other = model.bpd(x, times=3, seed=6, progress=False)
    assert not torch.equal(alone.parts["diffusion"], whole.parts["diffusion"][:75])
    assert not (other.parts["diffusion"] == whole.parts["diffusion"]).any()


@pytest.mark.parametrize(
    "sampler", [Ancestral(4), DDIM(4, eta=0.5), EulerMaruyama(4), ProbabilityFlow(4)]
)
@pytest.mark.parametrize("make", [lambda: VP(Linear(-8.0, 5.0)), CLD])
def test_the_noise_of_a_sample_is_its_own(sampler: Sampler, make: object) -> None:
    """The i-th sample depends on (seed, i) only: not on number, batches or order."""
    process = make()
    model = Diffusion(fitting(process, "v").double(), process, "v", Continuous(), (2,))

    def draw(n: int, **how: object) -> Tensor:
        return model.sample(n, sampler, seed=3, progress=False, **how)

    whole = draw(130)
    for n, batch_size in ((9, 1), (130, 31), (130, 64), (5, 256), (65, 64)):
        assert torch.allclose(draw(n, batch_size=batch_size), whole[:n], rtol=1e-9, atol=1e-9)
    index = torch.tensor([129, 3, 64])
    assert torch.allclose(draw(3, index=index), whole[index], rtol=1e-9, atol=1e-9)
    assert torch.allclose(draw(2, index=range(63, 65)), whole[63:65], rtol=1e-9, atol=1e-9)
    assert len(whole.unique(dim=0)) == 130
    assert not (model.sample(5, sampler, seed=4, progress=False) == whole[:5]).any()


def test_progress_bar_can_be_shown(capsys: pytest.CaptureFixture) -> None:
    tiny().bpd(IMAGES, batch_size=6, split="valid")
    assert "bound on valid: 100%" in capsys.readouterr().err


def test_samples_of_an_exact_model_have_the_moments_of_the_data() -> None:
    drawn = exact(BLOB).sample(4000, Ancestral(100), 1, progress=False, batch_size=4000)
    assert abs(drawn.mean()) < 5 * math.sqrt(C2 / 8000)
    assert (
        abs(drawn.var() - C2) < 5 * C2 * math.sqrt(2 / 8000) + 0.01
    )  # 100 steps leave a bias of about 0.006


def test_default_sampler_takes_the_steps_of_the_model() -> None:
    network = Recorder(torch.float32)
    model = Diffusion(network, shape=(2,), T=7)
    network.seen.clear()
    model.sample(1, progress=False)
    assert len(network.seen) == 7


def test_default_samplers() -> None:
    """Ancestral in the steps of the model with its variances; 250 in continuous time."""
    free, continuous = tiny(T=7, free_variance=True), tiny()
    with torch.no_grad():
        free.log_ratio.copy_(torch.linspace(0, 1, 7))
    for model, steps, asked in (
        (free, 7, None),
        (free, 7, 7),
        (free, 20, 20),
        (continuous, 250, None),
    ):
        sampler = model.default_sampler(asked)
        assert type(sampler) is Ancestral and (sampler.steps, sampler.grid) == (steps, "uniform")
        learned = model is free and steps == 7
        assert (
            torch.equal(sampler.log_ratio, free.log_ratio) if learned else sampler.log_ratio is None
        )
        assert sampler.log_ratio is None or not sampler.log_ratio.requires_grad
    assert continuous.default_sampler(30).steps == 30
    noise = Diffusion(fitting(CLD(), "noise"), CLD(), "noise", Continuous(), (2,))
    for sampler, steps in ((noise.default_sampler(), 500), (noise.default_sampler(20), 20)):
        assert type(sampler) is EulerMaruyama
        assert (sampler.steps, sampler.grid) == (steps, "quadratic")


def test_noisy_decoder_adds_the_decoders_noise() -> None:
    model = exact(BLOB)
    still, noisy = (
        model.sample(2000, DDIM(5), noisy_decoder=noisy, progress=False) for noisy in (False, True)
    )
    assert abs(float((noisy - still).std()) - math.exp(-4)) < 5 * math.exp(-4) / math.sqrt(8000)


def test_state_goes_through_safetensors(tmp_path: Path) -> None:
    make = lambda: tiny(process=VP(Monotone(hidden=8)), parameterisation="eps")
    model, copy = make(), make()
    for p in model.parameters():
        p.data += 0.05 * torch.randn_like(p)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    assert not torch.equal(
        copy.bpd(IMAGES, progress=False).total, model.bpd(IMAGES, progress=False).total
    )
    copy.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(
        copy.bpd(IMAGES, progress=False).total, model.bpd(IMAGES, progress=False).total
    )


def test_training_moves_towards_the_exact_bound() -> None:
    torch.manual_seed(0)
    model = Diffusion(MLP(2, 32), VP(Linear(-8.0, 5.0)), "v", Continuous(), (2,))
    generator = seeded(1)
    x = BLOB.sample(2000, seeded(2))
    start = model.bpd(x, times=8, progress=False).nats
    optimiser = torch.optim.Adam(model.parameters(), 4e-3)
    for _ in range(150):
        optimiser.zero_grad()
        model.loss(BLOB.sample(256, generator), generator).backward()
        optimiser.step()
    end = model.bpd(x, times=8, progress=False)
    assert blob_bound() - 5 * end.se < end.nats < start - 0.5 * (start - blob_bound())


def test_variances_of_the_steps_are_learned_used_and_kept(tmp_path: Path) -> None:
    schedule, generator, x = Linear(-8.0, 5.0), seeded(1), BLOB.sample(2000, seeded(2))

    def make() -> Diffusion:
        return Diffusion(
            Exact(BLOB, schedule, "v"), VP(schedule), "v", Continuous(), (2,), 4, free_variance=True
        )

    model, copy, plain = make(), make(), exact(BLOB, T=4)
    assert torch.equal(
        model.bpd(x, progress=False).total, plain.bpd(x, progress=False).total
    )  # untrained they are those of the forward process
    optimiser = torch.optim.Adam(model.parameters(), 0.1)
    for _ in range(100):
        optimiser.zero_grad()
        model.loss(BLOB.sample(256, generator), generator).backward()
        optimiser.step()
    end = model.bpd(x, times=8, progress=False)
    assert end.nats < blob_bound(4) - 1 and abs(end.nats - blob_bound()) < 5 * end.se + 0.05
    drawn, narrow = (m.sample(4000, progress=False) for m in (model, plain))
    assert abs(drawn.var() / C2 - 1) < 0.15 and narrow.var() < 0.5 * C2
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    copy.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(
        copy.sample(5, progress=False), model.sample(5, progress=False)
    ) and torch.equal(copy.log_ratio, model.log_ratio)


@pytest.mark.parametrize(("share", "examples"), [(1.0, 12), (0.25, 3), (0.01, 1)])
@torch.no_grad()
def test_a_share_of_the_batch_is_enough_at_the_ends(share: float, examples: int) -> None:
    model = tiny(ends=share).eval()
    ends = None if share == 1 else examples
    parts = bound_terms(
        model.denoiser, IMAGES, model.discretization, generator=seeded(3), ends=ends
    )
    assert {name: len(nats) for name, nats in parts.items()} == {
        "reconstruction": examples,
        "prior": examples,
        "diffusion": len(IMAGES),
    }
    total = sum(float(nats.mean()) for nats in parts.values())
    loss = float(model.loss(IMAGES, seeded(3)))
    assert loss == pytest.approx(total / 16 / math.log(2), rel=1e-12)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: Diffusion(Zero(), free_variance=True), "free_variance with T = None"),
        (lambda: Diffusion(Zero(), ends=0.0), "ends = 0.0"),
        (lambda: Diffusion(Zero(), ends=1.5), "ends = 1.5"),
        (lambda: encoded().denoise(torch.zeros(2, 2), 0.5, "score"), "trained encoder"),
        (lambda: encoded().sample(1, denoise=True), "trained encoder"),
        (
            lambda: Diffusion(MLP(2), encoded().process, "noise", Continuous(), (2,)),
            "process of type Encoded, kind is 'noise': choose one of x, eps, v, score",
        ),
        (
            lambda: Diffusion(Zero(), parameterisation="velocity"),
            "'velocity': choose one of x, eps, v, score, noise",
        ),
        (
            lambda: Diffusion(Zero(), parameterisation="noise", T=3),
            "T = 3 with parameterisation = 'noise'",
        ),
        (lambda: Diffusion(Zero(), T=0), "T = 0"),
        (lambda: tiny().bpd(IMAGES.float() / 255), "not whole levels"),
        (
            lambda: tiny().bpd(IMAGES[:, :, :3]),
            r"shape \(12, 1, 3, 4\) but the model expects \(B, 1, 4, 4\)",
        ),
        (lambda: tiny().loss(IMAGES[0]), "shape"),
        (lambda: tiny().bpd(IMAGES[:0]), "no examples"),
        (lambda: tiny().loss(IMAGES[:0]), "no examples"),
        (lambda: tiny().bpd(IMAGES, times=0), "times = 0"),
        (lambda: tiny().bpd(IMAGES, batch_size=0), "batch_size = 0"),
        (lambda: tiny().loss(IMAGES.int() + 300), "levels = 256"),
        (
            lambda: exact(BLOB).bpd(torch.zeros(2, 2, dtype=torch.int64), progress=False),
            "real numbers",
        ),
        (lambda: exact(BLOB).bpd(torch.full((2, 2), math.nan), progress=False), "NaN"),
        (
            lambda: exact(BLOB).bpd(BLOB.sample(3), progress=False).bpd,
            "bits per dimension were asked of a density",
        ),
        (lambda: tiny(T=5).loss(IMAGES, min_variance=True), "min_variance with T = 5"),
        (lambda: tiny().sample(0), "n = 0"),
        (lambda: tiny().denoise(torch.zeros(2, 1, 4, 4).double(), 1.5), "outside"),
        (lambda: Diffusion(UNet(1, 8, 1), shape=(8, 8)), r"the shape \(1, 8, 8\), channels first"),
        (lambda: tiny().denoise(torch.zeros(2, 4, 4).double(), 0.5), r"give \(B, 1, 4, 4\), and"),
        (lambda: Diffusion(Wrong(), shape=(3,)), r"returned \(1,\) where \(1, 3\) was expected"),
    ],
)
def test_bad_input_is_refused_in_words(attempt: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        attempt()


class Clockless(nn.Module):
    """A network that forgot its second argument."""

    def forward(self, z: Tensor) -> Tensor:
        return z


def unchecked(*args: object, **kwargs: object) -> None:
    """Build a model as a program without type checks would."""
    plain = {name: getattr(checks, name).__wrapped__ for name in ("check_options", "check_parts")}
    with mock.patch.multiple("mdm_nb.models.model", **plain):
        Diffusion.__init__.__wrapped__(Diffusion.__new__(Diffusion), *args, **kwargs)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: Diffusion(Clockless(), shape=(2,)), r"network\(z, g\), and its forward takes"),
        (lambda: Diffusion(Zero(), shape=(2,), classes=3), r"network\(z, g, label=...\)"),
        (lambda: unchecked(Zero(), shape=2), "shape = 2: give a tuple of whole numbers"),
        (lambda: unchecked(Zero(), shape=(2, 0)), r"shape = \(2, 0\)"),
        (lambda: unchecked("unet"), "network is str: give a torch module"),
        (lambda: unchecked(Zero(), VP), "process is the class VP: give a process, such as VP()"),
        (lambda: unchecked(UNet(3, 8, 1, classes=5), classes=10), "built for 5 classes .* for 10"),
        (lambda: unchecked(Zero(), discretization=Continuous), "is the class Continuous"),
        (lambda: unchecked(Zero(), T=2.5), "T = 2.5: give a whole number from 1 to 1,000,000"),
        (lambda: unchecked(Zero(), T="9"), "T = '9': give a whole number"),
        (lambda: unchecked(Zero(), T=10**30), "give a whole number from 1 to 1,000,000"),
        (lambda: unchecked(Zero(), ends="all"), "ends = 'all': give a share"),
        (lambda: unchecked(Zero(), classes=2.5), "classes = 2.5: give a whole number"),
        (lambda: unchecked(Zero(), label_dropout="some"), "label_dropout = 'some'"),
        (lambda: exact(BLOB).sample(10**12), "n = 1000000000000: give a whole number from 1 to"),
        (lambda: tiny().loss(IMAGES, labels=torch.zeros(12)), r"labels=...\), and its forward"),
        (lambda: tiny().sample(2, labels=torch.zeros(2)), r"network\(z, g, labels=...\)"),
    ],
)
def test_what_cannot_be_a_model_is_said_in_one_sentence(attempt: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        attempt()
    assert ". " not in str(refused.value).replace("...", "")


def test_a_clock_starts_where_the_network_can_see_it() -> None:
    """Below γ = −32 the noise is less than the spacing of float32, and above it is not."""
    papers = Beta(0.1, 10.0)
    for early in (MALDA(clock=papers), ALDA(clock=papers), VP(Linear(-32.5, 5.0))):
        with pytest.raises(InputError, match="starts at gamma = .* below -31.88 apart"):
            Diffusion(MLP(2, 8, 1), early, discretization=Continuous(), shape=(2,))
        Diffusion(MLP(2, 8, 1).double(), early, discretization=Continuous(), shape=(2,))
    for late in (MALDA(), ALDA(), CLD(), VP(Linear(-31.5, 5.0)), LearnedMDM(3, "auxiliary")):
        for network in (MLP(2, 8, 1), MLP(2, 8, 1).bfloat16()):
            Diffusion(network, late, discretization=Continuous(), shape=(2,))


def test_one_label_for_all_is_refused_with_what_to_give() -> None:
    with pytest.raises(InputError, match=r"type int: give .*torch.full\(\(4,\), 0\)"):
        check_labels.__wrapped__(3, 4, 10)


def encoded() -> Diffusion:
    """A model with a trained encoder."""
    return Diffusion(MLP(2), Encoded(VP(), Encoder(MLP(2))), "v", Continuous(), (2,))


class Wrong(nn.Module):
    """A network whose output would broadcast."""

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        return z.sum(1)


class Constant(nn.Module):
    """Predicts one number everywhere, and remembers the noise level it was shown."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value, self.saw = value, torch.empty(0)

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        self.saw = g
        return torch.full_like(z, self.value)


def test_samples_are_in_units_of_the_data() -> None:
    """With α_0² = 0.73 a model that believes x = 1 must return 1, not α_0."""
    model = Diffusion(Constant(1.0), VP(Linear(-1.0, 5.0)), "x", Continuous(), (2,))
    x = model.sample(2000, DDIM(3, eta=1.0), progress=False)
    assert abs(float(x.mean()) - 1) < 5 * math.exp(-0.5) / 4000**0.5


def test_the_networks_clock_does_not_move_with_learned_ends() -> None:
    model = Diffusion(Constant(0.0), VP(Linear(-10.0, 3.0, learned=True)), "x", Continuous(), (2,))
    with torch.no_grad():
        model.process.schedule.ends.add_(1.0)
    model.predict(
        torch.zeros(2, 2, dtype=torch.float64), torch.tensor([-10.0, 3.0], dtype=torch.float64)
    )
    assert model.network.saw.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("scale", [1.0, 10.0, 100.0])
def test_the_bound_in_bits_does_not_depend_on_units(scale: float) -> None:
    """The same levels at scale times the distance, and x̂ = 0, which has no units."""
    d = Discretization(17, -scale, scale)
    levels = torch.randint(17, (64, 1, 4, 4), generator=seeded(0))
    b = Diffusion(Constant(0.0), None, "x", d, (1, 4, 4)).bpd(levels, times=4, progress=False)
    unit = Diffusion(Constant(0.0), None, "x", Discretization(17), (1, 4, 4)).bpd(
        levels, times=4, progress=False
    )
    assert torch.allclose(
        b.parts["reconstruction"], unit.parts["reconstruction"], rtol=1e-9, atol=0
    ) and torch.allclose(b.parts["diffusion"], unit.parts["diffusion"], rtol=1e-9, atol=0)
    assert (
        abs(b.bpd - unit.bpd) < 2e-3
    )  # the prior term alone knows the units, by how much σ_1² differs from 1


# Any number of blocks

PROCESSES = {
    "VP": VP,
    "VE": lambda: VE(Linear(-8.0, 5.0)),
    "SubVP": SubVP,
    "CLD": CLD,
    "PSLD": PSLD,
    "ALDA": ALDA,
    "MALDA": MALDA,
    "learned": lambda: LearnedMDM(3, generator=seeded(0)),
    "auxiliary": lambda: LearnedMDM(2, "auxiliary", generator=seeded(0)),
    "own clock": lambda: CLD(clock=Monotone(-8.0, 1.5, hidden=8, generator=seeded(0))),
    "clock per dimension": lambda: CLD(
        clock=Linear(torch.tensor([-6.0, -5.0]), torch.tensor([1.0, 2.0]))
    ),
}


def between(make: object, low: float = -8.0, high: float = 5.0) -> MDM:
    return make(clock=Linear(*(make().log_tau(gamma) for gamma in (low, high))))


def fitting(process: Process, kind: str) -> MLP:
    """A small network with something to say, of the shape that the pair asks for."""
    K, heads = (process.K, process.heads) if kind == "noise" else (1, 1)
    torch.manual_seed(0)
    net = MLP(2 * K, 16, 1, out=2 * heads)
    for p in net.parameters():
        p.data += 0.1 * torch.randn_like(p)
    return net


class ExactNoise(nn.Module):
    """The best prediction of the noise in the last blocks of the state."""

    def __init__(self, law: Mixture, process: Process) -> None:
        super().__init__()
        self.law, self.process, (self.low, self.high) = law, process, process.span

    def forward(self, y: Tensor, g: Tensor) -> Tensor:
        y = y.unflatten(1, (self.process.K, -1))
        t = self.process.time((self.low + (self.high - self.low) * g).clamp(self.low, self.high))
        k = self.process.kernel(t)
        x_hat = denoiser(self.process, lambda z, gamma: self.law.predict(z, gamma, "x"), "x")(y, t)
        return mix(inverse(k.L), y - mix(k.Phi[..., :1], x_hat))[:, -self.process.heads :].flatten(
            1
        )


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_with_every_kind(name: str) -> None:
    """Loss with gradients everywhere, denoiser and samples, all of the right shape and finite."""
    process = PROCESSES[name]()
    for kind in NOISE_KINDS if name in ("VP", "CLD") else ("v", "noise"):
        model = Diffusion(fitting(process, kind), process, kind, Continuous(), (2,))
        x = BLOB.sample(6, seeded(1))
        model.loss(x, seeded(2)).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        y = process.prior((6, 2), seeded(3))
        for t, to in ((0.4, "x"), (torch.linspace(0.1, 1, 6), "score")):
            guess = model.denoise(y, t, to)
            assert guess.shape == (6, 2) and guess.isfinite().all()
        for sampler in (Ancestral(1), EulerMaruyama(1), ProbabilityFlow(1)):
            if isinstance(sampler, DDIM) and kind == "noise" and process.heads < process.K:
                with pytest.raises(InputError, match="some blocks only"):
                    model.sample(1, sampler, progress=False)
            else:
                assert model.sample(3, sampler, denoise=kind != "x", progress=False).shape == (3, 2)


@pytest.mark.parametrize(
    ("process", "kind"), [(CLD(), "noise"), (MALDA(), "noise"), (PSLD(), "noise"), (CLD(), "v")]
)
def test_images_with_blocks_as_channels(process: Process, kind: str) -> None:
    K, heads = (process.K, process.heads) if kind == "noise" else (1, 1)
    model = Diffusion(
        UNet(2 * K, 8, 1, out=2 * heads), process, kind, Discretization(16), (2, 4, 4)
    )
    levels = torch.randint(16, (3, 2, 4, 4), generator=seeded(0))
    model.loss(levels, seeded(1)).backward()
    drawn = model.sample(2, EulerMaruyama(3), progress=False)
    assert (
        drawn.shape == (2, 2, 4, 4)
        and drawn.dtype == torch.int64
        and 0 <= int(drawn.min())
        and int(drawn.max()) < 16
    )


def test_blocks_are_laid_in_order() -> None:
    """First x, last what is predicted: an untrained U-Net returns the last block."""
    model = Diffusion(UNet(4, 8, 1, out=2), CLD(), "noise", shape=(2, 4, 4))
    y, gamma = randn((3, 2, 2, 4, 4), seeded(0)).float().double(), torch.full((3,), -2.0).double()
    assert torch.equal(model.predict(y, gamma), y[:, 1])
    full = Diffusion(UNet(4, 8, 1), PSLD(), "noise", shape=(2, 4, 4))
    assert torch.equal(full.predict(y, gamma), y)


@pytest.mark.parametrize(
    ("process", "network", "words"),
    [
        (
            CLD(),
            MLP(2),
            r"\(4,\), which is what 'noise' shows it of a process with K = 2: build it for 4",
        ),
        (CLD(), MLP(4), r"returned \(1, 4\) where \(1, 2\) was expected: give it 2 channels out"),
        (MALDA(), MLP(6, out=2), r"where \(1, 4\) was expected"),
        (MALDA(), MLP(4, out=4), "K = 3: build it for 6 channels"),
        (PSLD(), MLP(4, out=2), r"where \(1, 4\) was expected"),
        (VP(), MLP(4), "K = 1: build it for 2 channels$"),
    ],
)
def test_a_network_for_another_number_of_blocks_is_refused_when_built(
    process: Process, network: MLP, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        Diffusion(network, process, "noise", Continuous(), (2,))


def test_a_picture_that_a_network_cannot_halve_is_named_by_its_size() -> None:
    """The channels fit; a remedy that speaks of them alone would lead nowhere."""
    class Halving(nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor:
            return z - nn.functional.interpolate(z[..., ::2, ::2][..., :-1, :-1], scale_factor=2)
    with pytest.raises(InputError, match="build it for 1 channel, and for 9×9 if it must halve"):
        Diffusion(Halving(), shape=(1, 9, 9))


class Counter(nn.Module):
    """Counts the examples it is shown, draws random numbers, and may refuse empty batches."""

    def __init__(self, empty: bool) -> None:
        super().__init__()
        self.empty = empty
        self.seen = []
        self.weight = nn.Parameter(torch.ones(()))
        self.part = nn.Dropout()

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        if not self.empty:
            float(g[0])
        self.seen.append((len(z), self.training, self.part.training))
        return self.weight * z + 0 * torch.randn_like(z)


@pytest.mark.parametrize("empty", [True, False])
def test_the_trial_is_cheap_and_leaves_no_trace(empty: bool) -> None:
    network, state = Counter(empty), torch.get_rng_state()
    network.part.eval()
    model = Diffusion(network, shape=(2,))
    assert network.seen == [(0 if empty else 1, False, False)] and network.weight.grad is None
    assert (
        torch.equal(state, torch.get_rng_state()) and network.training and not network.part.training
    )
    model.bpd(torch.zeros(3, 2, dtype=torch.uint8), progress=False)
    model.sample(1, DDIM(1), progress=False)
    assert network.training and not network.part.training  # a frozen part stays frozen


def test_an_error_of_the_networks_own_is_not_hidden() -> None:
    class Broken(nn.Module):
        """Asks for what is not there."""

        def forward(self, z: Tensor, g: Tensor) -> Tensor:
            return self.missing(z)

    with pytest.raises(AttributeError, match="missing"):
        Diffusion(Broken(), shape=(2,))


@pytest.mark.parametrize(
    "make",
    [
        CLD,
        MALDA,
        lambda clock=None: LearnedMDM(2, clock=clock, generator=seeded(1)).requires_grad_(False),
    ],
)
def test_exact_models_of_any_process_reach_the_closed_form(make: object) -> None:
    """Bound of a perfect network, for "v" and "noise": h(x + e^(γ₀/2) ε) + KL(q(y₁) ‖ N(0, S))."""
    process, x = between(make), BLOB.sample(2000, seeded(1))
    k = process.kernel(1.0)
    S, end = (
        process.prior_factor @ process.prior_factor.T,
        k.Sigma + C2 * k.Phi[:, :1] @ k.Phi[:, :1].T,
    )
    ratio = torch.linalg.solve(S, end)
    truth = math.log(2 * math.pi * math.e * (C2 + math.exp(-8.0))) + float(
        ratio.trace() - process.K - ratio.logdet()
    )
    for kind, network, times in (
        ("v", Exact(BLOB, Linear(*process.span), "v"), 8),
        ("noise", ExactNoise(BLOB, process), 2),
    ):
        b = Diffusion(network, process, kind, Continuous(), (2,)).bpd(
            x, 2000, times, progress=False
        )
        assert abs(b.nats - truth) < 5 * b.se < 1


def test_a_network_for_one_process_serves_another() -> None:
    """From one seed only the prior terms differ, with a network that is far from exact."""
    network, x = fitting(VP(), "v"), BLOB.sample(200, seeded(0))
    bounds = [
        Diffusion(network, process, "v", Continuous(), (2,)).bpd(x, progress=False)
        for process in (
            VP(Linear(-8.0, 5.0)),
            SubVP(Linear(-8.0, 5.0)),
            between(CLD),
            between(ALDA),
        )
    ]
    for b in bounds[1:]:
        assert torch.allclose(
            b.parts["reconstruction"], bounds[0].parts["reconstruction"]
        ) and torch.allclose(
            b.parts["diffusion"], bounds[0].parts["diffusion"], rtol=1e-2, atol=1e-2
        )
        assert not torch.equal(b.parts["prior"], bounds[0].parts["prior"])


@pytest.mark.parametrize("process", [CLD(), MALDA(), PSLD()])
def test_denoise_of_several_blocks_with_an_exact_network(process: Process) -> None:
    t = torch.linspace(0.05, 1, 20, dtype=torch.float64)
    mean, L = process.marginal(RING.sample(20, seeded(0)), t)
    y = mean + mix(L, randn(tuple(mean.shape), seeded(1)))
    models = [
        Diffusion(Exact(RING, Linear(*process.span), kind), process, kind, Continuous(), (2,))
        for kind in KINDS
    ]
    models.append(Diffusion(ExactNoise(RING, process), process, "noise", Continuous(), (2,)))
    z, gamma = process.observe(y, t)
    for model in models:
        for to in KINDS:
            assert torch.allclose(model.denoise(y, t, to), RING.predict(z, gamma, to), atol=1e-7)
        assert torch.allclose(
            model.denoise(y[3:4], float(t[3])), RING.posterior_mean(z[3:4], gamma[3]), atol=1e-7
        )


def test_default_sampler_of_a_network_of_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Euler–Maruyama in 500 steps on the quadratic grid; here its steps only note their times."""
    seen = []

    def note(
        self: EulerMaruyama,
        model: Denoiser,
        y: Tensor,
        s: Moment,
        t: Moment,
        generator: Keyed | None = None,
    ) -> Tensor:
        seen.append((float(t.t), float(s.t), model.kind))
        return y

    monkeypatch.setattr(EulerMaruyama, "step", note)
    model = Diffusion(fitting(CLD(), "noise"), CLD(), "noise", Continuous(), (2,))
    model.sample(1, progress=False)
    grid = torch.linspace(1, 0, 501, dtype=torch.float64).square().tolist()
    assert seen == [(t, s, "noise") for t, s in pairwise(grid)]


@pytest.mark.parametrize("process", [VP(Linear(-3.0, 6.0)), CLD(clock=Beta(4.0, start=0.05))])
def test_the_last_look_takes_the_noise_away(process: Process) -> None:
    """With γ₀ far from small, x read off has variance c² + e^γ₀, and x̂ has c⁴/(c² + e^γ₀)."""
    model = Diffusion(Exact(BLOB, Linear(*process.span), "v"), process, "v", Continuous(), (2,))
    noise = math.exp(process.span[0])
    for denoise, expected in ((False, C2 + noise), (True, C2**2 / (C2 + noise))):
        variance = float(
            model.sample(
                3000, ProbabilityFlow(50), 0, denoise, progress=False, batch_size=3000
            ).var()
        )
        assert abs(variance / expected - 1) < 5 * math.sqrt(2 / 6000) + 0.02


def test_sampling_with_several_blocks_is_decided_by_the_seed_and_leaves_no_trace() -> None:
    model = Diffusion(fitting(CLD(), "noise"), CLD(), "noise", Continuous(), (2,))
    state = torch.get_rng_state()
    a, b, c = (
        model.sample(3, EulerMaruyama(3), seed=seed, denoise=True, progress=False)
        for seed in (0, 0, 1)
    )
    assert torch.equal(a, b) and not torch.equal(a, c) and torch.equal(state, torch.get_rng_state())


def pushed(base: type[Process], direction: list[float], *args: object) -> Process:
    """A process whose drift depends on the data along one direction."""

    class Pushed(base):
        """As its base, with an encoder's push."""

        @property
        def data_drift(self) -> Tensor:
            """One direction."""
            return torch.tensor(direction, dtype=torch.float64)[:, None]

    return Pushed(*args)


@pytest.mark.parametrize(
    ("process", "block"),
    [
        (pushed(CLD, [0.0, 1.0]), None),
        (pushed(CLD, [1.0, 0.0]), 0),
        (pushed(CLD, [1e-3, 1.0]), 0),
        (pushed(PSLD, [1.0, 0.0]), None),
        (pushed(VP, [1.0]), None),
        (pushed(ALDA, [0.0, 1.0, 0.0]), 1),
        (pushed(MALDA, [0.0, 1.0, 1.0]), None),
        (pushed(MALDA, [1.0, 1.0, 1.0]), 0),
        (pushed(LearnedMDM, [1.0, 0.0]), None),
        (pushed(LearnedMDM, [1.0, 0.0], 2, "auxiliary"), 0),
        (pushed(PSLD, [1.0, 0.0], 1e-9), None),
        (pushed(MDM, [0.6, 0.8], [[0.0, -1.0], [1.0, 0.0]], [[0.36, 0.48], [0.48, 0.64]]), None),
        (pushed(MDM, [0.8, -0.6], [[0.0, -1.0], [1.0, 0.0]], [[0.36, 0.48], [0.48, 0.64]]), 0),
    ],
)
def test_a_push_where_there_is_no_noise_is_refused(process: Process, block: int | None) -> None:
    """Also along directions that are no axis, and with noise as small as one likes."""
    if block is None:
        check_range(process)
    else:
        with pytest.raises(
            InputError, match=f"depends on the data along block {block}, where it has no noise"
        ):
            Diffusion(MLP(2), process, "v", Continuous(), (2,))


def test_a_push_is_checked_with_a_clock_per_dimension() -> None:
    clock = Linear(torch.tensor([-6.0, -5.0]), torch.tensor([1.0, 2.0]))

    class Pushed(CLD):
        """Pushed along x."""

        @property
        def data_drift(self) -> Tensor:
            """x."""
            return torch.tensor([[1.0], [0.0]], dtype=torch.float64)

    with pytest.raises(InputError, match="block 0"):
        check_range(Pushed(clock=clock))


def test_learned_processes_learn() -> None:
    """Q, D and the clock get gradients, and the network's noise levels stay where they were."""
    for kind in ("v", "noise"):
        process = LearnedMDM(2, generator=seeded(0), clock=Linear(-8.0, 1.5, learned=True))
        model = Diffusion(fitting(process, kind), process, kind, Continuous(), (2,))
        span = process.span
        model.loss(BLOB.sample(20, seeded(1)), seeded(2)).backward()
        assert all(
            float(p.grad.abs().max()) > 0 for p in (process.q, process.B, process.clock.ends)
        )
        with torch.no_grad():
            process.clock.ends.add_(0.3)
        assert model.process.span == span


# Labels


class Told(nn.Module):
    """A linear network with a shift for every class and one for none; it notes what it is told."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.shift, self.seen = nn.Parameter(randn((classes + 1, 2), seeded(0))), []

    def forward(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        none = len(self.shift) - 1
        if label is None:
            label = torch.full((len(z),), none)
        self.seen.append(label)
        return 0.3 * z + self.shift[label]


def told(kind: str = "v", label_dropout: float = 0.0, T: int | None = None) -> Diffusion:
    """A model of three classes in the plane."""
    process = VP(Linear(-8.0, 5.0))
    model = Diffusion(
        Told(), process, kind, Continuous(), (2,), T, classes=3, label_dropout=label_dropout
    )
    model.network.seen.clear()
    return model


def labels(n: int) -> Tensor:
    return torch.arange(n) % 3


@pytest.mark.parametrize("T", [None, 5])
def test_labels_reach_the_network_with_their_examples(T: int | None) -> None:
    model, x, y = told(T=T), BLOB.sample(10, seeded(0)), labels(10)
    seen = model.network.seen
    model.loss(x, seeded(1), label=y).backward()
    assert model.network.shift.grad[:3].abs().min() > 0 and not model.network.shift.grad[3].any()
    assert len(seen) == 1 and torch.equal(seen[0], y)
    seen.clear()
    whole = model.bpd(x, batch_size=4, times=2, progress=False, label=y)
    assert torch.equal(torch.cat(seen[::2]), y) and len(seen) == 6
    order = torch.randperm(10, generator=seeded(2))
    other = model.bpd(x[order], 3, 2, progress=False, index=order, label=y[order])
    assert torch.allclose(other.total, whole.total[order], rtol=1e-12)
    seen.clear()
    with equal_calls(4):  # the last call is filled up with the last example
        drawn = model.sample(10, DDIM(2), batch_size=4, progress=False, label=y, denoise=True)
    assert torch.equal(torch.cat(seen[::3])[:10], y) and [len(s) for s in seen] == 9 * [4]
    again = model.sample(1, DDIM(2), index=range(7, 8), progress=False, label=y[7:8], denoise=True)
    assert torch.allclose(again[0], drawn[7], rtol=1e-12)
    z = randn((10, 2), seeded(3))
    alpha, sigma = alpha_sigma(model.process.gamma(0.5))
    v = 0.3 * z + model.network.shift[y]
    assert torch.allclose(model.denoise(z, 0.5, label=y), alpha * z - sigma * v, rtol=1e-12)


def test_the_label_after_the_last_means_none() -> None:
    model, x = told(), BLOB.sample(50, seeded(0))
    none = torch.full((50,), 3)
    silent, hidden, zero = (
        model.bpd(x, progress=False, **cond) for cond in ({}, {"label": none}, {"label": 0 * none})
    )
    assert torch.equal(silent.total, hidden.total) and not torch.equal(silent.total, zero.total)
    drawn = (model.sample(50, DDIM(3), progress=False, **c) for c in ({}, {"label": none}))
    assert torch.equal(*drawn)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.7])
def test_a_share_of_the_labels_is_hidden_in_training_only(share: float) -> None:
    model, y = told(label_dropout=share), labels(30_000)
    x = BLOB.sample(len(y), seeded(0))
    model.loss(x, seeded(1), label=y)
    (seen,) = model.network.seen
    hidden = seen == 3
    assert torch.equal(seen[~hidden], y[~hidden])  # the others stay as they are
    for which in (y >= 0, y == 0, y == 1, y == 2):
        se = math.sqrt(share * (1 - share) / int(which.sum()))
        assert abs(float(hidden[which].double().mean()) - share) <= 5 * se
    model.network.seen.clear()
    model.bound(x[:9], label=y[:9])
    model.bpd(x[:9], progress=False, label=y[:9])
    model.sample(9, DDIM(1), progress=False, label=y[:9])
    assert all(torch.equal(row, y[:9]) for row in model.network.seen)
    model.network.seen.clear()
    model.loss(x, seeded(2), label=y)
    assert not share or not torch.equal(model.network.seen[0], seen)


class ExactTold(nn.Module):
    """The best v for classes N(m, C2 I), one for every label."""

    MEANS = torch.tensor([[1.0, 0.0], [-0.5, 0.5], [0.0, -1.0]], dtype=torch.float64)

    def forward(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        if label is None:
            return z
        gamma = -8 + 13 * g
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        m = self.MEANS[label]
        x_hat = m + alpha * C2 / (alpha**2 * C2 + sigma**2) * (z - alpha * m)
        return convert(x_hat, z, gamma, "x", "v")


@pytest.mark.parametrize("T", [None, 5])
def test_an_exact_network_with_labels_reaches_the_closed_form_of_each_class(T: int | None) -> None:
    """That of N(0, C2 I), and half α₁² times the squared mean in the prior's term."""
    n = 6000
    y, means = labels(n), ExactTold.MEANS
    x = means[y] + BLOB.sample(n, seeded(1))
    model = Diffusion(ExactTold(), VP(Linear(-8.0, 5.0)), "v", Continuous(), (2,), T, classes=3)
    b = model.bpd(x, n, 8, progress=False, label=y)
    alpha2 = 1 / (1 + math.exp(5.0))
    for k in range(3):
        mine = b.total[y == k]
        truth = blob_bound(T) + 0.5 * alpha2 * float(means[k].square().sum())
        assert abs(float(mine.mean()) - truth) < 5 * float(mine.std()) / math.sqrt(len(mine))
    drawn = model.sample(n, Ancestral(50), progress=False, batch_size=n, label=y)
    for k in range(3):
        mine = drawn[y == k]
        se = math.sqrt(C2 / len(mine))
        # the walk starts from N(0, I), not α₁ m beside it, and keeps a part of the difference
        assert ((mine.mean(0) - means[k]).abs() < 5 * se + alpha2).all()


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda m, x: m.bound(x, label=torch.tensor([0, 1])), r"label has shape \(2,\)"),
        (lambda m, x: m.loss(x, label=torch.zeros(3, 1).long()), r"label has shape \(3, 1\)"),
        (lambda m, x: m.bpd(x, progress=False, label=torch.zeros(3)), "type torch.float32"),
        (lambda m, x: m.bpd(x, progress=False, label=torch.zeros(3).int()), "type torch.int32"),
        (lambda m, x: m.bound(x, label=torch.tensor([0, 1, 4])), "label runs from 0 to 4: give"),
        (lambda m, x: m.bound(x, label=torch.tensor([0, -1, 2])), "label runs from -1 to 2: give"),
        (lambda m, x: m.sample(2, label=torch.zeros(3).long()), "each of the 2 examples"),
        (lambda m, x: m.sample(3, label=torch.tensor([7, 0, 0])), "or 3 for none"),
        (lambda m, x: exact(BLOB).bound(x, label=torch.zeros(3).long()), "without classes"),
        (lambda m, x: exact(BLOB).sample(3, label=torch.zeros(3).long()), "without classes"),
        (
            lambda m, x: Diffusion(Zero(), label_dropout=0.1),
            "label_dropout = 0.1 with classes = None",
        ),
        (lambda m, x: Diffusion(Told(), shape=(2,), classes=3, label_dropout=1.0), "dropout = 1.0"),
        (
            lambda m, x: Diffusion(Told(), shape=(2,), classes=3, label_dropout=-0.1),
            "dropout = -0.1",
        ),
    ],
)
def test_wrong_labels_are_refused_in_one_sentence(attempt: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        attempt(told(), torch.zeros(3, 2, dtype=torch.float64))
    assert ". " not in str(refused.value) and ":" in str(refused.value)


# A context: a clock for every dimension of every example

VARIANCES = torch.tensor([0.3, 0.05], dtype=torch.float64)
LAST = torch.tensor([[5.0, 4.0], [3.0, 6.0]], dtype=torch.float64)  # γ(1) by label and dimension


class PerExample(Linear):
    """γ climbs from −8 to an end of its own in every dimension of every example."""

    def __init__(self, last: Tensor) -> None:
        super().__init__(-8.0, 5.0)
        self.last = last

    def shape(self, t: Tensor) -> Tensor:
        """Shape `(B, 2)`."""
        return t.view(-1, 1) * (self.last + 8) / 13


class LabelledVP(VP):
    """VP whose last noise levels depend on a label, and are told to the network."""

    ends: Tensor | None = None

    def paced(self, ends: Tensor) -> "LabelledVP":
        """The process with these ends, `(B, 2)`."""
        twin = replaced(self, schedule=PerExample(ends))
        twin.ends = ends
        return twin

    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: object = None,
        **cond: Tensor,
    ) -> tuple[Process, dict[str, Tensor]]:
        """Look the ends up; every example pays half a nat for each unit of its label."""
        assert (len(x) if x is not None else n) == len(cond["label"])
        return self.paced(LAST[cond["label"]]), {"context": 0.5 * cond["label"].double()}

    @property
    def context(self) -> dict[str, Tensor]:
        """The ends."""
        return {} if self.ends is None else {"ends": self.ends}

    def subset(self, index: Tensor) -> Process:
        """Those of some examples."""
        return self if self.ends is None else self.paced(self.ends[index])


class ExactPaced(nn.Module):
    """The best prediction for N(0, VARIANCES), with every γ recovered from g and the context."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = "eps" if kind == "noise" else kind

    def forward(
        self,
        z: Tensor,
        g: Tensor,
        ends: Tensor | None = None,
        label: Tensor | None = None,
    ) -> Tensor:
        if ends is None:
            return z  # the trial when a model is built
        assert g.shape == (len(z),) and torch.equal(ends, LAST[label])
        t = 13 * g[:, None] / (ends.mean(1, keepdim=True) + 8)
        gamma = -8 + (ends + 8) * t
        alpha, sigma = alpha_sigma(gamma)
        x_hat = alpha * VARIANCES / (alpha**2 * VARIANCES + sigma**2) * z
        return convert(x_hat, z, gamma, "x", self.kind)


def paced(kind: str, T: int | None = None, ends: float = 1.0) -> Diffusion:
    process = LabelledVP(Linear(-8.0, 5.0))
    return Diffusion(ExactPaced(kind), process, kind, Continuous(), (2,), T, ends=ends, classes=2)


def alone(label: int, dimension: int) -> VP:
    """The scalar process that one dimension of one class runs through."""
    return VP(Linear(-8.0, float(LAST[label, dimension])))


def normal(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Data N(0, VARIANCES) and labels that know nothing of them."""
    return VARIANCES.sqrt() * randn((n, 2), seeded(seed)), torch.arange(n) % 2


@pytest.mark.parametrize(
    ("kind", "T"), [(kind, None) for kind in NOISE_KINDS] + [("v", 4), ("x", 9)]
)
def test_a_context_reaches_the_bound(kind: str, T: int | None) -> None:
    """Every part of every class is the sum of the closed forms of its dimensions' own schedules."""
    x, y = normal(4000, 1)
    model = paced(kind, T)
    b = model.bpd(x, 1500, 4, progress=False, label=y)
    assert list(b.parts) == ["reconstruction", "prior", "diffusion", "context"]
    assert torch.equal(b.parts["context"], 0.5 * y.double())
    for k in (0, 1):
        mine = y == k
        prior = sum(alone(k, d).prior_kl(x[mine, d : d + 1]) for d in (0, 1))
        assert torch.allclose(b.parts["prior"][mine], prior, rtol=1e-10)
        truths = [gaussian_bound(alone(k, d), float(VARIANCES[d]), T) for d in (0, 1)]
        for name in ("reconstruction", "prior", "diffusion", "total"):
            nats = (b.total - b.parts["context"] if name == "total" else b.parts[name])[mine]
            truth = sum(float(getattr(one, name)) for one in truths)
            assert abs(float(nats.mean()) - truth) < 5 * float(nats.std()) / len(nats) ** 0.5, name
    assert len({float(gaussian_bound(alone(k, 0), 0.3, T).total) for k in (0, 1)}) == 2


@pytest.mark.parametrize("T", [None, 4])
def test_a_context_reaches_the_bound_of_every_single_example(T: int | None) -> None:
    """For a given x, E ‖x − x̂‖² is Σ ((1 − kα)² x² + k² σ²) with x̂ = k z, at every time."""
    x, y = normal(6, 2)
    draws = 3000
    model = paced("v", T)
    times = {"batch_size": 6 * draws, "times": 4, "progress": False}
    b = model.bpd(x.repeat(draws, 1), label=y.repeat(draws), **times)
    nats = b.parts["diffusion"].view(draws, 6)
    n = 2000
    t = (torch.arange(n) + 0.5).double() / n if T is None else (torch.arange(T) + 1.0).double() / T
    for i in range(6):
        truth = 0.0
        for d in (0, 1):
            process = alone(int(y[i]), d)
            at = process.at(t)
            alpha, sigma = alpha_sigma(at.gamma)
            k = alpha * VARIANCES[d] / (alpha**2 * VARIANCES[d] + sigma**2)
            error = (1 - k * alpha).square() * x[i, d] ** 2 + (k * sigma).square()
            if T is None:
                pace = at.rate / n
            else:
                pace = torch.expm1(at.gamma - process.gamma(t - 1 / T))
            truth += 0.5 * float((pace * (-at.gamma).exp() * error).sum())
        mine = nats[:, i]
        assert abs(float(mine.mean()) - truth) < 5 * float(mine.std()) / draws**0.5 + 1e-4


def test_a_context_reaches_the_bound_in_batches_of_any_size_and_a_share_of_the_ends() -> None:
    x, y = normal(70, 3)
    model = paced("v")
    whole = model.bpd(x, 70, 2, progress=False, label=y)
    order = torch.randperm(70, generator=seeded(1))
    parts = model.bpd(x[order], 11, 2, progress=False, index=order, label=y[order])
    for name, nats in whole.parts.items():
        assert torch.allclose(parts.parts[name], nats[order], rtol=1e-12, atol=1e-12)
    few = bound_terms(model.denoiser, x, Continuous(), generator=seeded(2), ends=9, label=y)
    assert [len(nats) for nats in few.values()] == [9, 9, 70, 70]
    full = bound_terms(model.denoiser, x, Continuous(), generator=seeded(2), label=y)
    known = {round(float(nats), 12) for nats in full["prior"]}
    assert {round(float(nats), 12) for nats in few["prior"]} <= known
    assert math.isfinite(float(paced("v", ends=0.1).loss(x, seeded(0), label=y)))


SAMPLERS = [
    Ancestral(10),
    DDIM(10),
    DDIM(10, eta=0.5, grid="quadratic"),
    EulerMaruyama(20, grid="quadratic"),
    ProbabilityFlow(10),
]


def walked(sampler: Sampler, label: int, dimension: int) -> tuple[float, float]:
    """What one dimension's own chain y ↦ a y + b ξ makes of y_1: its factor, and the variance."""
    process, c2 = alone(label, dimension), VARIANCES[dimension]

    def best(z: Tensor, gamma: Tensor) -> Tensor:
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        return alpha * c2 / (alpha**2 * c2 + sigma**2) * z

    model, grid = denoiser(process, best, "x"), sampler.times(process)
    t, s = grid[:-1], grid[1:]
    xi = randn((len(t), 1), seeded(0))
    still, moved = (
        sampler.step(model, torch.full((len(t), 1), y, dtype=torch.float64), s, t, seeded(0))
        for y in (0.0, 1.0)
    )
    a, b2 = (moved - still)[:, 0], (still / xi)[:, 0].square()
    factor, variance = 1.0, 1.0
    for a_i, b2_i in zip(a.tolist(), b2.tolist(), strict=True):
        factor, variance = factor * a_i, variance * a_i**2 + b2_i
    alpha_0 = float(alpha_sigma(process.gamma(0.0))[0])
    return factor / alpha_0, variance / alpha_0**2


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_a_context_reaches_every_sampler(sampler: Sampler, kind: str) -> None:
    """Each dimension of each class is walked as if it were alone, with a schedule of its own."""
    n, batch = 2000, 1024
    y = torch.arange(n) % 2
    drawn = paced(kind).sample(n, sampler, 1, progress=False, batch_size=batch, label=y)
    start = paced(kind).process.prior((batch, 2), Keyed(1, range(batch)))
    assert drawn.shape == (n, 2) and drawn.dtype == torch.float64
    for k in (0, 1):
        mine = drawn[y == k]
        for d in (0, 1):
            factor, variance = walked(sampler, k, d)
            assert abs(float(mine[:, d].var()) / variance - 1) < 5 * math.sqrt(2 / len(mine))
            assert abs(float(mine[:, d].mean())) < 5 * math.sqrt(variance / len(mine))
            if sampler in (SAMPLERS[1], SAMPLERS[4]):  # nothing is drawn on the way
                expected = factor * start[y[:batch] == k, d]
                assert torch.allclose(
                    drawn[:batch][y[:batch] == k, d], expected, rtol=1e-9, atol=1e-12
                )


class Looks(TorchDispatchMode):
    """Counts how often a program reads a value or moves some, and would wait for a GPU."""
    def __init__(self) -> None:
        super().__init__()
        self.places: list[str] = []

    def __enter__(self) -> Self:
        cpu, places = Tensor.cpu, self.places
        def moved(t: Tensor) -> Tensor:
            places.append("to the CPU")
            return cpu(t)
        self.patched = mock.patch.object(Tensor, "cpu", moved)
        self.patched.start()
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.patched.stop()

    def __torch_dispatch__(
        self, func: object, types: object, args: tuple = (), kwargs: dict | None = None,
    ) -> object:
        name = func.overloadpacket.__name__
        masks = [i for i in (args[1] if name == "index" else ()) if i is not None]
        if name in READS or any(i.dtype == torch.bool for i in masks):
            own = [at for at in traceback.extract_stack() if "/mdm_nb/" in at.filename]
            self.places.append(f"{Path(own[-1].filename).name}: {own[-1].line}" if own else name)
        return func(*args, **kwargs or {})


READS = {"_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "_unique2"}


def looks_of(process: Process, classes: int | None = None) -> list[str]:
    """Where the second step of a training on pictures of 17 levels looks at values."""
    levels = Discretization(17)
    net = MLP(4, 8, 1, classes=classes)
    dropout = 0.0 if classes is None else 0.1
    model = Diffusion(net, process, discretization=levels, shape=(4,), classes=classes,
                      label_dropout=dropout)
    x, label = torch.arange(8).view(2, 4), torch.tensor([0, 3])
    cond = {} if classes is None else {"label": label}
    model.loss(x, seeded(0), **cond).backward()
    with Looks() as looks: model.loss(x, seeded(0), **cond).backward()
    return looks.places


@pytest.mark.parametrize("process", [VP(), SubVP(), VE(), VP(Cosine()), VP.song()])
def test_a_training_step_waits_for_no_value(process: Process) -> None:
    assert looks_of(process) == [] and looks_of(process, classes=5) == []


@pytest.mark.parametrize(
    "process", [Encoded(VP(), Encoder()), VP(Linear(learned=True)), VP(Monotone(hidden=4))])
def test_a_start_that_moves_is_the_one_value_that_a_step_reads(process: Process) -> None:
    """The decoder sums over as many levels as its width asks for."""
    places = looks_of(process)
    assert len(places) == 1 and places[0].startswith("discretize.py: widest")


@pytest.mark.parametrize("process", [
    CLD(), MALDA(), LearnedMDM(generator=seeded(0)), CLD(clock=Linear(-9.0, 1.6, learned=True))])
def test_a_process_of_several_blocks_is_waited_for_once(process: Process) -> None:
    """Its numbers come to the CPU together, where they may be read; then the decoder's width."""
    moved, *there, decoder = looks_of(process)
    assert moved == "to the CPU" and "widest" in decoder
    assert all("speed = float(A" in place for place in there)


def test_values_are_seen_in_the_first_batch_and_in_every_evaluation() -> None:
    model, bad = tiny(), torch.full((2, 1, 4, 4), 300)
    with pytest.raises(InputError, match="levels = 256"): model.loss(bad)
    assert tiny().loss(IMAGES).isfinite()
    model.loss(IMAGES)
    for evaluate in (model.bpd, model.bound):
        with pytest.raises(InputError, match="levels = 256"): evaluate(bad)
    model.loss(bad)  # as said: later batches of a training are trusted


def test_a_known_start_gives_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def total() -> Tensor:
        return tiny().bpd(IMAGES, progress=False).total
    known = total()
    monkeypatch.setattr(VP, "gamma_start", None)
    assert torch.allclose(total(), known, rtol=1e-14)


def test_a_hint_about_the_scale_points_at_the_line_that_called() -> None:
    model = exact(BLOB)
    for evaluate in (model.loss, lambda x: model.bpd(x, progress=False)):
        with pytest.warns(UserWarning, match="Standardised") as caught:
            evaluate(1e6 * BLOB.sample(40, seeded(0)))
        told = [w for w in caught if "Standardised" in str(w.message)]
        assert [w.filename for w in told] == [__file__]


def test_a_model_with_a_lambda_is_copied_and_not_pickled() -> None:
    law = Linear()
    model = Diffusion(MLP(2, 8, 1), VP(Custom(lambda t: law(t))), shape=(2,))
    with pytest.raises(InputError, match="process.schedule.fn is .*lambda.*top level of a file"):
        pickle.dumps(model)
    twin = copy.deepcopy(model)
    assert twin.process.schedule.fn is model.process.schedule.fn
    assert copy.copy(model).network is model.network and twin.network is not model.network
    plain = tiny().eval()
    again = pickle.loads(pickle.dumps(plain))
    assert torch.equal(again.loss(IMAGES, seeded(0)), plain.loss(IMAGES, seeded(0)))


class Bell(nn.Module):
    """The best v̂ for sixteen pixels of standard deviation 0.4, levels from −6 to 3."""
    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """Of what is seen and its normalised level."""
        law = Mixture.gaussian(torch.zeros(16), 0.16 * torch.eye(16))
        return law.predict(z.flatten(1), -6.0 + 9.0 * g, "v").view(z.shape).to(z.dtype)


def test_a_run_that_swings_beyond_the_grey_scale_is_said_aloud() -> None:
    """One network: a rule that its steps are too few for, and one that they are enough for."""
    process = CLD(clock=Linear(*(CLD().log_tau(gamma) for gamma in (-6.0, 3.0))))
    model = Diffusion(Bell(), process, shape=(1, 4, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.sample(8, DPMSolver(8), progress=False)
        with pytest.raises(UserWarning, match="far beyond the grey scale and were cut off: draw"):
            model.sample(8, ProbabilityFlow(2), progress=False)


def test_options_of_a_sampler_are_not_told_to_the_network() -> None:
    """The sentence says whose they are."""
    for name, value in {"steps": 9, "eta": 0.5, "grid": "snr"}.items():
        said = re.escape(f"{name} = {value}") + ".* as in sample\\(n, DDIM\\(" + name
        with pytest.raises(InputError, match=said):
            inspect.unwrap(checks.check_given)(MLP(2, width=4), {name: value}, 3, None)


@pytest.mark.parametrize(("answer", "said"), [
    (lambda z: (z, z), "returned tuple: return one tensor"),
    (lambda z: z.long(), "returned torch.int64: return one tensor"),
    (lambda z: z[:1], "was expected"),
])
def test_what_a_network_must_not_return(answer: Callable, said: str) -> None:
    class Odd(nn.Module):
        def forward(self, z: torch.Tensor, g: torch.Tensor) -> object: return answer(z)
    with pytest.raises(InputError, match=said):
        Diffusion(Odd(), VP(), "v", Continuous(), (2,)).bpd(torch.zeros(3, 2), progress=False)


def test_a_denoiser_of_another_shape_is_refused() -> None:
    class Short(Denoiser):
        def __call__(self, y: torch.Tensor, t: object, **cond: object) -> torch.Tensor:
            return y[:1]
    with pytest.raises(InputError, match="x_hat"):
        bound(Short(VP()), torch.zeros(3, 2), Continuous())


def test_one_narrow_dimension_is_noticed() -> None:
    model = Diffusion(MLP(2, 8), VP(), "v", Continuous(), (2,))
    data = torch.randn(200, 2, generator=seeded(0)) * torch.tensor([1.0, 1e-3])
    with pytest.warns(UserWarning, match="standard deviations from 0.00"):
        model.bpd(data, progress=False)


def test_weights_of_a_compiled_network_are_the_same_weights() -> None:
    plain = Diffusion(MLP(2, 8), VP(), "v", Continuous(), (2,))
    plain.network.register_buffer("table", torch.ones(2), persistent=False)
    compiled = copy.deepcopy(plain)
    compiled.network = torch.compile(compiled.network, backend="eager")
    with torch.no_grad():
        for p in plain.parameters(): p.add_(1)
    compiled.load_state_dict(plain.state_dict())
    for p, q in zip(plain.parameters(), compiled.parameters(), strict=True):
        assert torch.equal(p, q)
    other = copy.deepcopy(plain)
    other.load_state_dict(compiled.state_dict())
    other.network.table.fill_(2)
    with pytest.raises(InputError, match="table"): other.load_state_dict(compiled.state_dict())


def test_a_bound_that_is_not_finite_is_refused() -> None:
    model = Diffusion(MLP(2, 8), VP(), "v", Continuous(), (2,))
    with torch.no_grad(): next(model.network.parameters()).fill_(torch.nan)
    with pytest.raises(InputError, match="diffusion term is not finite on 3 of 3 examples"):
        model.bpd(torch.zeros(3, 2), progress=False)
