"""Laws of k-subsets against lists of all subsets, and the contexts that are used elsewhere."""
import math
from itertools import combinations

import mpmath
import pytest
import torch
from helpers import refused
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from mdm_nb import Gaussian, InputError, Keyed, kl, randn, seeded
from mdm_nb.contexts.other import Normal, relaxed, released_kl, sum_of_gamma
from mdm_nb.contexts.subset import Subset, log_choices, log_elementary

F64 = torch.float64
SIZES = [(m, k) for m in range(1, 9) for k in range(1, m + 1)]


def subsets(m: int, k: int) -> Tensor:
    rows = [[float(j in chosen) for j in range(m)] for chosen in combinations(range(m), k)]
    return torch.tensor(rows, dtype=F64)


def logits(*shape: int, seed: int = 0) -> Tensor:
    return 2 * randn(shape, seeded(seed))


@pytest.mark.parametrize(("m", "k"), SIZES)
def test_all_subsets_agree(m: int, k: int) -> None:
    w, v, every = logits(3, m), logits(3, m, seed=1), subsets(m, k)
    q, other = Subset(w, k), Subset(v, k)
    log_q, log_p = (w @ every.mT).log_softmax(-1), (v @ every.mT).log_softmax(-1)
    p = log_q.exp()
    found = {
        "log_prob": q.log_prob(every[:, None]).mT, "marginals": q.marginals,
        "entropy": q.entropy(), "kl_uniform": q.kl_uniform(), "kl": q.kl(other),
        "log_elementary": log_elementary(w, k), "log_choices": torch.tensor(log_choices(m, k)),
    }
    truth = {
        "log_prob": log_q, "marginals": p @ every, "entropy": -(p * log_q).sum(-1),
        "kl_uniform": (p * log_q).sum(-1) + math.log(len(every)),
        "kl": (p * (log_q - log_p)).sum(-1),
        "log_elementary": (w @ every.mT).logsumexp(-1),
        "log_choices": torch.tensor(math.log(len(every))),
    }
    for name, value in truth.items():
        torch.testing.assert_close(found[name].double(), value.double(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("m", "k"), [(1, 1), (4, 1), (5, 2), (6, 3), (7, 4), (8, 6), (5, 5)])
def test_draws_follow_the_law(m: int, k: int) -> None:
    n, w, every = 20_000, logits(2, m), subsets(m, k)
    draws = Subset(w, k).sample((n,), seeded(3))
    assert draws.shape == (n, 2, m) and set(draws.unique().tolist()) <= {0.0, 1.0}
    assert (draws.sum(-1) == k).all()
    for row in range(2):
        expected = n * (w[row] @ every.mT).softmax(-1)
        seen = (draws[:, row] @ every.mT == k).sum(0)
        chi2 = ((seen - expected).square() / expected).sum().item()
        freedom = len(every) - 1
        assert chi2 <= freedom + 5 * math.sqrt(2 * freedom), (m, k, chi2)


def test_fifteen_of_fifty_are_drawn_as_often_as_their_marginals_say() -> None:
    n, q = 4000, Subset(logits(50), 15)
    frequency = q.sample((n,), seeded(4)).mean(0)
    error = (q.marginals * (1 - q.marginals) / n).sqrt()
    assert ((frequency - q.marginals).abs() < 5 * error + 1e-9).all()


def test_one_of_m_is_the_softmax() -> None:
    w = 5 * logits(4, 9)
    q = Subset(w, 1)
    torch.testing.assert_close(q.marginals, w.softmax(-1), rtol=1e-13, atol=0)
    torch.testing.assert_close(q.kl_uniform(), released_kl(w), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("scale", [0.0, 1.0, 60.0, 1e3, 1e8])
def test_logits_of_any_size(scale: float) -> None:
    w = (scale * logits(2, 50)).requires_grad_()
    q = Subset(w, 15)
    price = q.kl_uniform()
    (price.sum() + q.log_prob(q.mode()).sum()).backward()
    assert w.grad is not None and w.grad.isfinite().all()
    assert ((price > -1e-12) & (price < log_choices(50, 15) + 1e-12)).all()
    torch.testing.assert_close(q.marginals.sum(-1), torch.full((2,), 15.0).double())
    assert (q.sample(generator=seeded(5)).sum(-1) == 15).all()
    mpmath.mp.dps = 100
    for row, found in zip(w.detach(), log_elementary(w, 15), strict=True):
        table = [mpmath.mpf(1)] + 15 * [mpmath.mpf(0)]
        for a in map(mpmath.exp, row.tolist()):
            table = [t + (a * table[i - 1] if i else 0) for i, t in enumerate(table)]
        truth = float(mpmath.log(table[15]))
        assert abs(found.item() - truth) < 1e-14 * max(abs(truth), scale)


def test_a_thousand_switches() -> None:
    for w in (torch.zeros(1000), 30 * logits(1000)):
        q = Subset(w, 500)
        assert abs(q.marginals.sum().item() - 500) < 1e-9
        assert q.sample(generator=seeded(6)).sum() == 500 and q.kl_uniform() > -1e-9


def test_a_price_far_in_the_tail_keeps_its_digits() -> None:
    w = torch.tensor([0.0, 0.0, -40.0, -80.0], dtype=F64)
    pi = Subset(w, 2).marginals
    torch.testing.assert_close(pi[2:], torch.tensor([2.0, 2.0]) * w[2:].exp(), rtol=1e-14, atol=0)


def test_gradients_are_those_of_finite_differences() -> None:
    w, every = logits(2, 5).requires_grad_(), subsets(5, 2)
    gradcheck(lambda w: Subset(w, 2).log_prob(every[3]), w)
    gradcheck(lambda w: Subset(w, 2).kl_uniform(), w)
    gradcheck(lambda w: Subset(w, 2).marginals, w)
    gradcheck(lambda w: Subset(w, 2).kl(Subset(w.flip(0), 2)), w)
    gradgradcheck(lambda w: log_elementary(w, 2), w)
    gradgradcheck(lambda w: Subset(w, 3).kl_uniform(), w)


def test_the_gradient_of_a_draw_is_that_of_the_marginals() -> None:
    w, b = logits(3, 7).requires_grad_(), randn((7,), seeded(7))
    q = Subset(w, 3)
    through, = torch.autograd.grad((q.rsample((), seeded(8)) @ b).sum(), w, retain_graph=True)
    exact, = torch.autograd.grad((q.marginals @ b).sum(), w)
    torch.testing.assert_close(through, exact)
    assert torch.equal(q.rsample((), seeded(8)), q.sample((), seeded(8)))


def test_ties_and_equal_logits() -> None:
    w = torch.zeros(2, 6, requires_grad=True)
    q = Subset(w, 4)
    assert q.kl_uniform().abs().max() < 1e-14
    assert (q.marginals - 4 / 6).abs().max() < 1e-15
    for c in (q.mode(), relaxed(w, 0.0, 4), q.rsample((), seeded(9))):
        assert (c.sum(-1) == 4).all() and set(c.unique().tolist()) == {0.0, 1.0}
    relaxed(w, 0.0, 4)[:, 0].sum().backward()
    assert w.grad is not None and w.grad.isfinite().all()


def test_a_draw_does_not_depend_on_its_batch() -> None:
    w = logits(90, 6)
    every, few = torch.arange(90), torch.tensor([70, 3])
    whole = Subset(w, 2).sample((), Keyed(1, every))
    assert torch.equal(Subset(w[few], 2).sample((), Keyed(1, few)), whole[few])
    noise = sum_of_gamma((90, 6), 2, generator=Keyed(1, every))
    assert torch.equal(sum_of_gamma((2, 6), 2, generator=Keyed(1, few)), noise[few])


def test_shapes_and_types() -> None:
    q = Subset(logits(2, 3, 7).float(), 3)
    assert q.marginals.shape == q.sample((4,), seeded(0))[0].shape == (2, 3, 7)
    assert q.entropy().shape == (2, 3) and q.entropy().dtype == q.mode().dtype == F64
    single = Subset(logits(7), 3)
    assert single.marginals.shape == (7,) and single.entropy().shape == ()
    assert Subset(logits(0, 7), 3).sample().shape == (0, 7)


def test_noise_of_fifteen_adds_up_to_a_gumbel_variable() -> None:
    n, i = 20_000, torch.arange(1, 11)
    derived = sum_of_gamma((n, 15), 15, generator=seeded(1))
    released = sum_of_gamma((n, 15), 15, released=True, generator=seeded(1))
    spread = {"derived": 10 * (i**-2.0 / 15).sum().sqrt(), "released": 10 * (i / 15**2.5).norm()}
    assert derived.std().item() == pytest.approx(spread["derived"].item(), rel=0.02)
    assert released.std().item() == pytest.approx(spread["released"].item(), rel=0.02)
    total = derived.sum(1)
    assert total.std().item() == pytest.approx(10 * math.pi / 6**0.5, rel=0.05)
    mean = 10 * ((1 / i).sum().item() - math.log(10))
    assert abs(total.mean().item() - mean) < 5 * 12.5 / n**0.5


def test_relaxed_projects_the_perturbed_logits() -> None:
    w, noise, b = logits(5).requires_grad_(), randn((5,), seeded(2)), randn((5,), seeded(3))
    slope, = torch.autograd.grad(relaxed(w, noise, 2) @ b, w)
    scores = (w + noise).detach().requires_grad_()
    centred = scores - scores.mean()
    expected, = torch.autograd.grad(centred / centred.norm() @ b, scores)
    torch.testing.assert_close(slope, expected, rtol=1e-5, atol=1e-6)
    assert relaxed(w, noise, 2).argsort()[-2:].sort().values.tolist() == sorted(
        (w + noise).argsort()[-2:].tolist())


def test_the_price_of_a_gaussian_context() -> None:
    mean, raw = randn((2, 3, 4), seeded(4)) * torch.tensor([1.0, 9.0])[:, None, None]
    law, normal = Normal(mean, raw), Gaussian(torch.zeros(4), torch.eye(4))
    truth = kl(Gaussian(mean, law.variance.diag_embed()), normal)
    torch.testing.assert_close(law.kl_standard(), truth)
    draws = law.rsample((4000,), seeded(5))
    error = (law.variance / 4000).sqrt()
    assert ((draws.mean(0) - mean).abs() < 5 * error).all()
    gradcheck(lambda mean, raw: Normal(mean, raw).kl_standard(),
              (mean.requires_grad_(), raw.requires_grad_()))


def test_a_bound_with_the_price_of_the_draw_never_beats_the_truth() -> None:
    every = subsets(5, 2)
    log_given = randn((10, 1), seeded(6))[:, 0] * 3  # ln p(x | c) for the ten contexts
    truth = math.log(10) - log_given.logsumexp(0)
    q = Subset(logits(2000, 5), 2)
    fit = -(q.log_prob(every[:, None]).exp().mT @ log_given)
    assert (fit + q.kl_uniform() > truth).all()
    assert (fit + released_kl(q.logits) < truth).any()  # the one-hot price is none


def test_what_is_refused() -> None:
    w = logits(6)
    refused("k = 7: give a whole number from 1 to 6 switches", Subset, w, 7)
    refused("k = 0", log_elementary, w, 0)
    refused("from 1 to 1,000", log_choices, 1001, 3)
    refused("logits is one number", Subset, torch.tensor(1.0), 1)
    refused("logits contain NaN", Subset, w.log(), 3)
    q = Subset(w, 3)
    refused("its last axis must hold 6", q.log_prob, torch.ones(5))
    refused("does not turn on 3 switches", q.log_prob, torch.full((6,), 0.5))
    refused("give both the same", q.kl, Subset(w, 2))
    refused("shape = .-3,.: give a tuple", q.sample, (-3,))
    refused("shape = .-3,.: give a tuple", q.rsample, (-3,))
    refused("must hold 6 switches", q.information, torch.ones(2, 2))
    refused("shapes do not agree", relaxed, w, torch.zeros(5), 3)
    refused("k = 0", sum_of_gamma, (3,), 0)
    refused("tau = nan: give a positive number", sum_of_gamma, (3,), 1, math.nan)
    refused("shape = .-3,.: give a tuple", sum_of_gamma, (-3,), 1)
    refused("noise = -inf", relaxed, w, -math.inf, 3)
    refused("shapes do not agree", Normal, torch.zeros(3), torch.zeros(4))
    refused("raw contains NaN", Normal, torch.zeros(3), torch.full((3,), math.inf))
    with pytest.raises(InputError, match="6 examples|belongs to"):
        Subset(logits(4, 6), 2).sample((), Keyed(0, range(6)))
