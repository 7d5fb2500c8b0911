"""The linear-Gaussian algebra against independent formulas and its own laws."""

import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from mdm_nb.gaussians.chain import posterior, reverse, reverse_transition, transition
from mdm_nb.gaussians.core import InputError, seeded
from mdm_nb.gaussians.gaussian import Gaussian, Kernel, condition, joint, kl, lower_factor

torch.set_num_threads(1)
F64 = torch.float64
law = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
sizes = st.integers(1, 4)
seeds = st.integers(0, 10**6)
batches = st.sampled_from([(), (1,), (3,), (2, 3)])


def rand(g: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=F64)


def spd(g: torch.Generator, *shape: int) -> Tensor:
    R = rand(g, *shape, shape[-1])
    return R @ R.mT / shape[-1] + 0.2 * torch.eye(shape[-1], dtype=F64)


def gaussian(g: torch.Generator, *shape: int) -> Gaussian:
    return Gaussian(rand(g, *shape), spd(g, *shape))


def link(g: torch.Generator, batch: tuple[int, ...], out: int, into: int) -> Kernel:
    return Kernel.of(rand(g, *batch, out, into), spd(g, *batch, out), rand(g, *batch, out))


def chain(g: torch.Generator, K: int, *times: float) -> list[Kernel]:
    """Kernels of a stable linear SDE with drift -(D + Q) S^-1 and stationary covariance S."""
    R, D, S = rand(g, K, K), spd(g, K), spd(g, K)
    A = -torch.linalg.solve(S, D + R - R.mT, left=False) / 4
    start, b = 0.05 * spd(g, K), rand(g, K)
    flows = [torch.linalg.matrix_exp(A * t) for t in times]
    return [Kernel.of(Phi, S + Phi @ (start - S) @ Phi.mT, b - Phi @ b) for Phi in flows]


def same(a: Gaussian | Kernel, b: Gaussian | Kernel, tol: float = 1e-10) -> None:
    for name in ("mean", "cov") if isinstance(a, Gaussian) else ("Phi", "Sigma", "shift"):
        left, right = torch.broadcast_tensors(getattr(a, name), getattr(b, name))
        assert (left - right).abs().max() <= tol * (1 + right.abs().max()), name


def scalar(gamma: float) -> Kernel:
    c = torch.tensor(gamma, dtype=F64)
    return Kernel.of((-c).sigmoid().sqrt().view(1, 1), c.sigmoid().view(1, 1))


# ---- distributions


@law
@given(seeds, sizes, batches)
def test_log_prob_is_torchs(seed: int, K: int, batch: tuple[int, ...]) -> None:
    g = seeded(seed)
    q, x = gaussian(g, *batch, K), rand(g, 5, *batch, K)
    assert torch.allclose(
        q.log_prob(x), MultivariateNormal(q.mean, q.cov).log_prob(x), rtol=1e-11, atol=1e-11
    )


def test_sample_shape_seed_and_moments() -> None:
    q = gaussian(seeded(3), 2, 3)
    x = q.sample((40_000,), seeded(0))
    assert x.shape == (40_000, 2, 3) and x.dtype == F64
    assert torch.equal(x, q.sample((40_000,), seeded(0)))
    u = torch.linalg.solve_triangular(q.L, (x - q.mean)[..., None], upper=False)[..., 0]
    second = torch.einsum("nbi,nbj->bij", u, u) / len(u) - torch.eye(3, dtype=F64)
    assert (
        u.mean(0).abs().max() < 5 / len(u) ** 0.5 and second.abs().max() < 5 * (2 / len(u)) ** 0.5
    )


def test_a_mean_and_a_batch_of_covariances_broadcast() -> None:
    q = Gaussian(torch.zeros(2), spd(seeded(0), 7, 2))
    assert q.sample((3,), seeded(1)).shape == (3, 7, 2) and q.log_prob(torch.zeros(2)).shape == (7,)


def test_inputs_become_float64_and_stay_untouched() -> None:
    mean, cov = torch.ones(2, dtype=torch.float32), torch.eye(2, dtype=torch.float32)
    q = Kernel.of(cov, cov)(Gaussian(mean, cov))
    assert (
        q.mean.dtype == q.cov.dtype == F64
        and torch.equal(mean, torch.ones(2))
        and torch.equal(cov, torch.eye(2))
    )


def test_gradients_flow_to_every_parameter() -> None:
    Phi, cov, mean = (
        a.requires_grad_()
        for a in (
            torch.eye(2, dtype=F64) * 0.9,
            torch.eye(2, dtype=F64) * 0.3,
            torch.ones(2, dtype=F64),
        )
    )
    q = posterior(
        Gaussian(mean, torch.eye(2, dtype=F64)), Kernel.of(Phi, cov), torch.zeros(2, dtype=F64)
    )
    kl(q, Gaussian(torch.zeros(2), torch.eye(2))).backward()
    assert all(a.grad is not None and a.grad.abs().sum() > 0 for a in (Phi, cov, mean))


# ---- links


@law
@given(seeds, sizes, sizes, sizes, batches)
def test_composition(seed: int, a: int, b: int, c: int, batch: tuple[int, ...]) -> None:
    g = seeded(seed)
    first, then, last, x = (
        link(g, batch, b, a),
        link(g, (), c, b),
        link(g, batch, a, c),
        gaussian(g, *batch, a),
    )
    same((last @ then) @ first, last @ (then @ first))
    same((then @ first)(x), then(first(x)))
    same((then @ first)(x.mean), then(first(x.mean)))
    same(first @ Kernel.of(torch.eye(a), torch.zeros(a, a)), first)


@law
@given(seeds, sizes, st.floats(0.05, 1), st.floats(0.05, 1), st.floats(0.05, 1))
def test_transitions_compose(seed: int, K: int, a: float, b: float, c: float) -> None:
    g = seeded(seed)
    r, s, t = chain(g, K, a, a + b, a + b + c)
    x = rand(g, K)
    same(transition(s, t) @ transition(r, s), transition(r, t))
    same(transition(r, t)(r(x)), t(x))


@law
@given(seeds, sizes, st.floats(0.05, 1))
def test_transition_of_an_sde_depends_on_the_elapsed_time_only(
    seed: int, K: int, step: float
) -> None:
    a, b, c, d = chain(seeded(seed), K, 0.1, 0.1 + step, 0.7, 0.7 + step)
    same(transition(a, b), transition(c, d))


# ---- factors


@law
@given(seeds, sizes, sizes, batches)
def test_lower_factor_keeps_the_product(seed: int, M: int, extra: int, batch: tuple) -> None:
    root = rand(seeded(seed), *batch, M, M + extra)
    L = lower_factor(root)
    assert torch.equal(L, L.tril()) and (L.diagonal(dim1=-2, dim2=-1) > 0).all()
    assert torch.allclose(L @ L.mT, root @ root.mT, rtol=1e-12, atol=1e-12)


@law
@given(seeds, st.integers(2, 5), st.integers(0, 2))
def test_noise_may_vanish_in_some_directions(seed: int, M: int, rank: int) -> None:
    g = seeded(seed)
    root = rand(g, M, rank)
    cov = torch.stack([root @ root.mT, spd(g, M)])
    kernel = Kernel.of(rand(g, M, M), cov)
    assert torch.equal(kernel.L, kernel.L.tril())
    assert (kernel.L.diagonal(dim1=-2, dim2=-1) >= 0).all()
    assert torch.allclose(kernel.Sigma, cov, rtol=0, atol=1e-11)
    assert torch.allclose(kernel.L[1], torch.linalg.cholesky(cov[1]), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("direction", [[1.0, 1.0], [0.6, 0.8], [0.0, 1.0], [1.0, 0.0]])
def test_a_link_without_noise_in_one_direction_cannot_be_reversed(direction: list) -> None:
    axis = torch.tensor([direction], dtype=F64)
    with pytest.raises(InputError, match="covariance of link is not positive definite"):
        reverse(plane, Kernel.of(torch.eye(2), axis.mT @ axis))


def test_a_kernel_takes_its_factor_at_its_word_and_a_number_as_a_shift() -> None:
    g = seeded(5)
    made, checked = Kernel(rand(g, 2, 3), torch.eye(2, dtype=F64), 1.5), rand(g, 3)
    same(made(checked), Kernel.of(made.Phi, torch.eye(2), 1.5)(checked))
    same(
        made @ Kernel(torch.eye(3, dtype=F64), torch.eye(3, dtype=F64)),
        made @ Kernel.of(torch.eye(3), torch.eye(3)),
    )
    assert torch.equal(made.mean_at(checked), made.Phi @ checked + 1.5)
    same(
        transition(scalar(-1.0), scalar(1.0)),
        transition(*(Kernel(k.Phi, k.L) for k in (scalar(-1.0), scalar(1.0)))),
    )


# ---- Bayes


@law
@given(seeds, sizes, sizes, batches)
def test_bayes_is_joint_and_condition(seed: int, K: int, M: int, batch: tuple[int, ...]) -> None:
    g = seeded(seed)
    prior, to, y = gaussian(g, *batch, K), link(g, batch, M, K), rand(g, *batch, M)
    both = joint(prior, to)
    same(posterior(prior, to, y), condition(both, range(K, K + M), y))
    same(posterior(prior, to, y), condition(both, slice(K, None), y))
    same(posterior(prior, to, y), condition(both, list(range(-M, 0)), y))


@law
@given(seeds, sizes, sizes)
def test_bayes_rule_for_densities(seed: int, K: int, M: int) -> None:
    g = seeded(seed)
    prior, to, x, y = gaussian(g, K), link(g, (), M, K), rand(g, 4, K), rand(g, 4, M)
    left = posterior(prior, to, y).log_prob(x) + to(prior).log_prob(y)
    assert torch.allclose(left, prior.log_prob(x) + to(x).log_prob(y), rtol=1e-9, atol=1e-9)
    assert torch.allclose(
        left, joint(prior, to).log_prob(torch.cat([x, y], -1)), rtol=1e-9, atol=1e-9
    )


@law
@given(seeds, sizes, sizes)
def test_reverse_recovers_the_marginal_and_undoes_itself(seed: int, K: int, M: int) -> None:
    g = seeded(seed)
    prior, to = gaussian(g, K), link(g, (), M, K)
    back = reverse(prior, to)
    same(back(to(prior)), prior, 1e-9)
    same(reverse(to(prior), back), to, 1e-7)


@law
@given(seeds, sizes, st.floats(0.05, 1), st.floats(0.05, 1))
def test_reverse_transition(seed: int, K: int, a: float, b: float) -> None:
    g = seeded(seed)
    s, t = chain(g, K, a, a + b)
    x, z = rand(g, 6, K), rand(g, 6, K)
    both = joint(s(x), transition(s, t))
    same(reverse_transition(s, t, x, z), condition(both, range(K, 2 * K), z))
    same(reverse(s(x), transition(s, t))(t(x)), s(x))


@law
@given(st.floats(-8, 7), st.floats(0.05, 8), st.floats(-3, 3), st.floats(-3, 3))
def test_four_forms_of_the_scalar_reverse_mean(
    gs: float, step: float, x: float, eps: float
) -> None:
    gt, sig = gs + step, lambda v: 1 / (1 + math.exp(-v))
    (a_s, s_s), (a_t, s_t) = ((sig(-v) ** 0.5, sig(v) ** 0.5) for v in (gs, gt))
    z, var = a_t * x + s_t * eps, -(s_t**2) * math.expm1(gs - gt)
    forms = [
        a_t / a_s * s_s**2 / s_t**2 * z + a_s * var / s_t**2 * x,
        a_s / a_t * math.exp(gs - gt) * z - a_s * math.expm1(gs - gt) * x,
        a_s / a_t * (z + s_t * math.expm1(gs - gt) * eps),
        a_s * x + s_s * math.exp((gs - gt) / 2) * eps,
    ]
    q = reverse_transition(
        scalar(gs), scalar(gt), torch.tensor([x], dtype=F64), torch.tensor([z], dtype=F64)
    )
    size = max(1.0, abs(a_s / a_t * z))
    assert max(abs(f - q.mean.item()) for f in forms) < 1e-12 * size
    assert abs(q.cov.item() / (-(s_s**2) * math.expm1(gs - gt)) - 1) < 1e-12


@pytest.mark.parametrize("noise", [1e-6, 1e-12, 1e-18, 1e-30])
def test_bayes_survives_tiny_noise(noise: float) -> None:
    sharp = Kernel.of(torch.ones(1, 1), torch.tensor([[noise]], dtype=F64))
    q = posterior(Gaussian(torch.zeros(1), torch.eye(1)), sharp, torch.ones(1))
    assert q.cov.item() == pytest.approx(
        noise / (1 + noise), rel=1e-13
    ) and q.mean.item() == pytest.approx(1 / (1 + noise), rel=1e-13)


def test_condition_keeps_the_order_of_the_rest() -> None:
    q, v = gaussian(seeded(8), 4), rand(seeded(9), 2)
    a, b = condition(q, [2, 0], v), condition(q, [0, 2], v.flip(0))
    same(a, b)
    same(condition(a, [1], v[:1]), condition(q, [2, 0, 3], torch.cat([v, v[:1]])))


# ---- relative entropy


@law
@given(seeds, sizes, batches)
def test_kl_is_torchs_positive_and_zero_only_at_equality(
    seed: int, K: int, batch: tuple[int, ...]
) -> None:
    g = seeded(seed)
    q, p = gaussian(g, *batch, K), gaussian(g, *batch, K)
    reference = kl_divergence(MultivariateNormal(q.mean, q.cov), MultivariateNormal(p.mean, p.cov))
    assert torch.allclose(kl(q, p), reference, rtol=1e-10, atol=1e-11)
    assert (kl(q, p) > 0).all() and kl(q, q).abs().max() < 1e-13
    moved, wider = Gaussian(q.mean + 1e-3, q.cov), Gaussian(q.mean, q.cov * 1.001)
    assert (kl(moved, q) > 0).all()
    assert torch.allclose(
        kl(wider, q), torch.tensor(K / 2 * (0.001 - math.log1p(0.001)), dtype=F64), rtol=1e-6
    )


@law
@given(seeds, sizes, sizes)
def test_kl_obeys_the_chain_rule_and_data_processing(seed: int, K: int, M: int) -> None:
    g = seeded(seed)
    q, p, to = gaussian(g, K), gaussian(g, K), link(g, (), M, K)
    assert torch.allclose(kl(joint(q, to), joint(p, to)), kl(q, p), rtol=1e-7, atol=1e-9)
    assert kl(to(q), to(p)) <= kl(q, p) * (1 + 1e-9)
    A = Kernel.of(spd(g, K), torch.zeros(K, K), rand(g, K))
    assert torch.allclose(kl(A(q), A(p)), kl(q, p), rtol=1e-8)


@law
@given(seeds, st.integers(1, 3))
def test_chain_kl_is_the_sum_of_its_steps(seed: int, K: int) -> None:
    g = seeded(seed)
    r, s, t = chain(g, K, 0.2, 0.6, 1.1)
    x, p1, p2, end = rand(g, K), link(g, (), K, K), link(g, (), K, K), gaussian(g, K)

    def wide(a: Kernel) -> Kernel:
        return Kernel.of(torch.cat([torch.zeros(K, K, dtype=F64), a.Phi], 1), a.Sigma, a.shift)

    q1, q2 = reverse(s(x), transition(s, t)), reverse(r(x), transition(r, s))
    forward = joint(joint(r(x), transition(r, s)), wide(transition(s, t)))
    order = torch.arange(3 * K).view(3, K).flip(0).flatten()
    whole = kl(
        Gaussian(forward.mean[order], forward.cov[order][:, order]), joint(joint(end, p1), wide(p2))
    )
    steps = kl(t(x), end)
    for z, q, p in ((t(x), q1, p1), (s(x), q2, p2)):
        move = q.Phi - p.Phi
        steps = (
            steps
            + kl(q(z.mean), p(z.mean))
            + 0.5 * torch.linalg.solve(p.Sigma, move @ z.cov @ move.mT).trace()
        )
    assert torch.allclose(whole, steps, rtol=1e-8)


def test_kl_by_sampling() -> None:
    g = seeded(11)
    q, p = gaussian(g, 3), gaussian(g, 3)
    x = q.sample((50_000,), g)
    ratios = q.log_prob(x) - p.log_prob(x)
    assert (ratios.mean() - kl(q, p)).abs() < 5 * ratios.std() / len(ratios) ** 0.5


# ---- steps at the edge of float64


def kicked(t: float) -> Kernel:
    """A particle whose velocity does Brownian motion: its position variance starts as t^3 / 3."""
    start = torch.diag(torch.tensor([0.01, 0.04], dtype=F64))
    Phi = torch.tensor([[1.0, t], [0.0, 1.0]], dtype=F64)
    return Kernel.of(
        Phi, Phi @ start @ Phi.mT + torch.tensor([[t**3 / 3, t**2 / 2], [t**2 / 2, t]], dtype=F64)
    )


@pytest.mark.parametrize("step", [1e-1, 1e-2, 1e-3])
def test_small_steps_with_noise_on_the_velocity_only(step: float) -> None:
    got = transition(kicked(0.5), kicked(0.5 + step)).Sigma
    truth = torch.tensor([[step**3 / 3, step**2 / 2], [step**2 / 2, step]], dtype=F64)
    assert torch.allclose(got, truth, rtol=1e-5, atol=0)


@pytest.mark.parametrize("step", [1e-6, 1e-8, 1e-10, 1e-14, 0.0, -1e-3])
def test_steps_lost_in_rounding_are_refused(step: float) -> None:
    with pytest.raises(InputError, match="no visible noise"):
        transition(kicked(0.5), kicked(0.5 + step))


# ---- refusals

I2, O2 = torch.eye(2), torch.zeros(2)
plane, same_link = Gaussian(O2, I2), Kernel.of(I2, I2)
refusals = {
    "not positive definite": lambda: Gaussian(O2, torch.tensor([[1.0, 2.0], [2.0, 1.0]])),
    "mean contains NaN": lambda: Gaussian(O2 * torch.nan, I2),
    "cov contains NaN or infinity": lambda: Gaussian(O2, I2 / 0),
    "square": lambda: Gaussian(O2, torch.ones(2, 3)),
    "not symmetric": lambda: Gaussian(O2, torch.tensor([[1.0, 0.5], [0.0, 1.0]])),
    "mean has 2 components and cov 3": lambda: Gaussian(O2, torch.eye(3)),
    "at least 2 axes": lambda: Gaussian(O2, O2),
    "mean and cov have leading shapes": lambda: Gaussian(torch.zeros(3, 2), I2.expand(4, 2, 2)),
    "x has shape": lambda: plane.log_prob(torch.zeros(1)),
    "not positive semidefinite": lambda: Kernel.of(I2, -I2),
    "Phi has 3 rows": lambda: Kernel.of(torch.ones(3, 2), I2),
    "shift 3": lambda: Kernel.of(I2, I2, torch.zeros(3)),
    "x has 3 components": lambda: same_link(torch.zeros(3)),
    "the matrices and the vectors": lambda: Kernel.of(I2.expand(4, 2, 2), I2)(torch.zeros(3, 2)),
    "first link gives 3": lambda: same_link @ Kernel.of(torch.ones(3, 2), torch.eye(3)),
    "give two square ones": lambda: transition(Kernel.of(torch.ones(2, 3), I2), same_link),
    "kernel_s.Phi is singular": lambda: transition(Kernel.of(0 * I2, I2), same_link),
    "no visible noise": lambda: transition(scalar(1.0), scalar(0.0)),
    "fresh share of variance 0": lambda: transition(scalar(1.0), scalar(1.0)),
    "larger step": lambda: transition(scalar(-3.0), scalar(-3.0 + 1e-15)),
    "covariance of kernel_t is not positive definite": lambda: transition(
        Kernel.of(I2, 0 * I2), Kernel.of(I2, 0 * I2)
    ),
    "covariance of link is not positive definite": lambda: posterior(
        plane, Kernel.of(I2, 0 * I2), O2
    ),
    "prior has 2 components": lambda: reverse(plane, Kernel.of(torch.ones(1, 3), torch.eye(1))),
    "count from 0": lambda: condition(plane, [2], torch.zeros(1)),
    "observe some, not all": lambda: condition(plane, [0, 1], O2),
    "each once": lambda: condition(plane, [0, 0], O2),
    "and 2 values": lambda: condition(plane, [0], O2),
    "q has 2 components and p 3": lambda: kl(plane, Gaussian(torch.zeros(3), torch.eye(3))),
    "q and p": lambda: kl(Gaussian(torch.zeros(3, 2), I2), Gaussian(torch.zeros(4, 2), I2)),
    "prior and link": lambda: joint(
        Gaussian(torch.zeros(3, 2), I2), Kernel.of(I2, I2.expand(4, 2, 2))
    ),
}


@pytest.mark.parametrize("message", refusals)
def test_refusals_name_the_argument(message: str) -> None:
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        refusals[message]()
