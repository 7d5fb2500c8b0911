"""Classes from answers of yes or no: against quadrature, NUTS, and all that can be wrong."""
import math
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch import Tensor
from torch.nn import functional as F

from mdm_nb import (
    CLD,
    MLP,
    VP,
    BinaryPosterior,
    CBModel,
    Diffusion,
    Discretization,
    InputError,
    Polynomial,
    UNet,
    answered,
    cb_elbo,
    cb_elbos,
    cb_log_probs,
    diffusion_features,
    fit_binary,
    ib_elbo,
    ib_log_prob,
    log_score,
    principal,
    probe_layers,
    seeded,
    tau_scores,
)

LINKS = ("probit", "logit")


def problem(n: int, K: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Three features and classes of a softmax model."""
    source = seeded(seed)
    X = torch.randn(n, 3, generator=source, dtype=torch.float64)
    weights = torch.randn(3, K, generator=source, dtype=torch.float64)
    return X, torch.multinomial((X @ weights).softmax(1), 1, generator=source)[:, 0]


# ---------------------------------------------------------------- the models and their bound


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kind", ["cbc", "cbm"])
def test_the_independent_model_is_below_also_in_the_tails(link: str, kind: str) -> None:
    for K in (2, 3, 10, 100):
        for scale in (0.1, 40.0):
            eta = scale * torch.randn(500, K, generator=seeded(K), dtype=torch.float64)
            y = torch.randint(0, K, (500,), generator=seeded(0))
            log_p = cb_log_probs(eta, kind, link)
            assert torch.allclose(log_p.exp().sum(1), torch.ones(500, dtype=torch.float64))
            gap = log_p.gather(1, y[:, None])[:, 0] - ib_log_prob(eta, y, link)
            assert gap.isfinite().all() and gap.min() > -1e-9


def test_one_yes_of_independent_answers_by_counting() -> None:
    eta = torch.tensor([[0.3, -1.0, 0.8]], dtype=torch.float64)
    yes = torch.from_numpy(stats.norm.cdf(eta))
    one = torch.stack([ib_log_prob(eta, torch.tensor([k])).exp() for k in range(3)], 1)
    assert one[0, 1] == pytest.approx(float((1 - yes[0, 0]) * yes[0, 1] * (1 - yes[0, 2])))
    assert torch.allclose(cb_log_probs(eta, "cbc").exp(), one / one.sum())
    assert torch.allclose(cb_log_probs(eta, "cbm").exp(), yes / yes.sum())
    assert torch.allclose(cb_log_probs(eta, "cbc", "logit"), eta.log_softmax(1))


TOY = torch.tensor([[1.0], [-0.4]], dtype=torch.float64), torch.tensor([0, 1])
TOY_TAU = 1.7


def by_quadrature(s: float, x: float, m: float, v: float) -> float:
    """E log p(z, yes | β) − E log q(z), z cut off at zero, β normal, of one hidden variable."""
    eta = x * m
    cut = stats.truncnorm(*((-eta, math.inf) if s > 0 else (-math.inf, -eta)), loc=eta)
    low, high = (0.0, 12.0) if s > 0 else (-12.0, 0.0)
    # E (z − xβ)² over β is (z − η)² + x² v
    def inside(z: float) -> float:
        log_p = -0.5 * ((z - eta) ** 2 + x**2 * v) - 0.5 * math.log(2 * math.pi)
        return cut.pdf(z) * (log_p - cut.logpdf(z))
    return integrate.quad(inside, low, high, epsabs=1e-11)[0]


def test_the_probit_bound_is_that_of_quadrature() -> None:
    X, y = TOY
    posterior, elbos = fit_binary(X, y, 2, "probit", TOY_TAU, tol=0)
    v = float(posterior.cov)
    assert v == pytest.approx(1 / (1.16 + 1 / TOY_TAU))
    total = 0.0
    for k in range(2):
        m = float(posterior.mean[0, k])
        total += sum(by_quadrature(1 if int(y[i]) == k else -1, float(X[i]), m, v)
                     for i in range(2))
        total -= 0.5 * ((v + m**2) / TOY_TAU - 1 - math.log(v / TOY_TAU))
    assert elbos[-1] == pytest.approx(total, abs=1e-6)
    assert ib_elbo(X, y, posterior, "probit", TOY_TAU) == pytest.approx(total, abs=1e-6)


def test_the_mean_at_the_end_is_that_of_cut_off_normals() -> None:
    X, y = TOY
    posterior, _ = fit_binary(X, y, 2, "probit", TOY_TAU, tol=0)
    for k in range(2):
        hidden = []
        for i in range(2):
            eta = float(X[i] * posterior.mean[0, k])
            ends = (-eta, math.inf) if int(y[i]) == k else (-math.inf, -eta)
            hidden.append(float(stats.truncnorm(*ends, loc=eta).mean()))
        wanted = posterior.cov[0] @ X.mT @ torch.tensor(hidden, dtype=torch.float64)
        assert float(posterior.mean[0, k]) == pytest.approx(float(wanted), abs=1e-6)


@pytest.mark.parametrize("link", LINKS)
def test_the_bound_is_below_the_evidence_and_near_it(link: str) -> None:
    X, y = TOY
    law = stats.norm if link == "probit" else stats.logistic
    evidence = 0.0
    for k in range(2):
        def inside(b: float, k: int = k) -> float:
            signs = [1 if int(label) == k else -1 for label in y]
            told = [law.cdf(s * float(x) * b) for s, x in zip(signs, X, strict=True)]
            return math.prod(told) * stats.norm.pdf(b, scale=TOY_TAU**0.5)
        evidence += math.log(integrate.quad(inside, -12, 12, epsabs=1e-12)[0])
    _, elbos = fit_binary(X, y, 2, link, TOY_TAU, tol=0)
    assert evidence - 0.6 < elbos[-1] < evidence


@pytest.mark.parametrize("link", LINKS)
def test_every_sweep_climbs_and_says_where_it_is(link: str) -> None:
    X, y = problem(60, 4)
    for n in range(1, 6):
        posterior, elbos = fit_binary(X, y, 4, link, 0.7, sweeps=n, tol=0)
        assert len(elbos) == n and all(b > a for a, b in pairwise(elbos))
        assert ib_elbo(X, y, posterior, link, 0.7) == pytest.approx(elbos[-1], rel=1e-10)
    for kind in ("cbc", "cbm"):
        found, se = cb_elbo(X, y, posterior, kind, link, 0.7, 50, seeded(0))
        assert found - 5 * se > elbos[-1] and 0 < se < 5


def test_the_logit_law_is_where_its_bound_is_flat() -> None:
    X, y = problem(40, 3)
    posterior, elbos = fit_binary(X, y, 3, "logit", tol=0)
    for shift in (-1e-3, 1e-3):
        moved = BinaryPosterior(posterior.mean + shift, posterior.cov)
        wider = BinaryPosterior(posterior.mean, posterior.cov * (1 + shift))
        assert all(ib_elbo(X, y, q, "logit") < elbos[-1] for q in (moved, wider))


def test_a_thousand_classes_are_a_thousand_fits() -> None:
    source = seeded(0)
    X = torch.randn(300, 10, generator=source, dtype=torch.float64)
    y = torch.randint(0, 1000, (300,), generator=source)
    joint, _ = fit_binary(X, y, 1000, sweeps=10, tol=0)
    assert joint.cov.shape == (1, 10, 10)
    for k in (0, int(y[0]), 999):
        alone, _ = fit_binary(X, (y == k).long(), 2, sweeps=10, tol=0)
        assert torch.allclose(alone.mean[:, 1], joint.mean[:, k], atol=1e-10)


# ---------------------------------------------------------------- the classifier


def test_predictions_are_averages_over_normal_scores() -> None:
    X, y = problem(50, 3)
    model = CBModel("logit", standardise=False).fit(X, y, 3)
    rows = F.pad(X[:2], (0, 1), value=1.0)
    z = torch.randn(10_000, 4, 3, generator=seeded(1), dtype=torch.float64)
    roots = torch.linalg.cholesky(model.posterior.cov)
    draws = model.posterior.mean + torch.einsum("kij,sjk->sik", roots, z)
    p = torch.einsum("nm,smk->snk", rows, draws).softmax(-1)
    error = 10 * p.std(0) / 100
    found = model.predict_proba(X[:2], "cbc", 10_000, seeded(0))
    assert ((found - p.mean(0)).abs() < error).all()
    plain = model.predict_log_proba(X[:2], "cbc", 0)
    assert torch.allclose(plain, (rows @ model.posterior.mean).log_softmax(1))
    assert torch.equal(model.predict(X[:2], "cbc", 0), plain.argmax(1))


def test_the_average_lies_between_and_doubt_has_two_parts() -> None:
    X, y = problem(30, 3)
    model = CBModel().fit(X, y, 3)
    cbc, cbm, bma = (model.predict_proba(X, k, 8, seeded(0)) for k in ("cbc", "cbm", "bma"))
    assert torch.allclose(bma, model.weight * cbc + (1 - model.weight) * cbm)
    whole, learnable = model.doubt(X, "cbc", 8, seeded(0))
    assert torch.allclose(whole, -(cbc * cbc.log()).sum(1))
    assert (learnable > 0).all() and (learnable < whole).all()


@pytest.mark.parametrize("link", ["probit", "logit"])
def test_the_lead_is_known_to_its_error(link: str) -> None:
    """Over seeds it spreads as much as it says, and its mean is that of many plain draws."""
    X, y = problem(60, 3)
    posterior, _ = fit_binary(X, y, 3, link)
    leads, errors = [], []
    for seed in range(30):
        both, se = cb_elbos(X, y, posterior, link, error=0.08, generator=seeded(seed))
        assert se <= 0.08
        leads.append(both["cbc"] - both["cbm"])
        errors.append(se)
    spread = float(np.std(leads, ddof=1)) / float(np.mean(errors))
    assert 0.6 < spread < 1.5  # 30 values: a standard error of 0.13
    one, other = (cb_elbo(X, y, posterior, kind, link, 1.0, 3000, seeded(99))
                  for kind in ("cbc", "cbm"))
    apart = np.mean(leads) - (one[0] - other[0])
    assert abs(apart) < 4 * math.hypot(one[1], other[1], 0.08 / 30**0.5)


def test_draws_end_where_one_way_is_out_of_the_question() -> None:
    counts = torch.tensor([1394, 407, 199])
    y, X = torch.repeat_interleave(torch.arange(3), counts), torch.ones(2000, 1).double()
    posterior, _ = fit_binary(X, y, 3)
    both, se = cb_elbos(X, y, posterior, error=1e-9, generator=seeded(0))
    again = cb_elbos(X, y, posterior, most=10, error=1e-9, generator=seeded(0))
    assert both["cbm"] - both["cbc"] > 100 and again == (both, se)


def test_a_weight_says_how_well_it_is_known(tmp_path: Path) -> None:
    X, y = problem(30, 3)
    model = CBModel().fit(X, y, 3)
    w = model.weight
    assert 0 < model.error <= 0.04 and model.weight_error == w * (1 - w) * model.error
    model.save(tmp_path / "m.safetensors")
    assert CBModel.load(tmp_path / "m.safetensors").error == model.error
    model.error = math.nan  # as in older files
    model.save(tmp_path / "old.safetensors")
    assert math.isnan(CBModel.load(tmp_path / "old.safetensors").weight_error)


def test_units_do_not_matter_to_a_standardised_model() -> None:
    X, y = problem(40, 3)
    scaled = X * torch.tensor([1e-3, 1.0, 50.0]).double() + 7
    one, other = (CBModel(tol=0).fit(A, y, 3).predict_proba(A, "cbc", 0) for A in (X, scaled))
    assert torch.allclose(one, other, atol=1e-6)
    constant = torch.cat([X, torch.ones(40, 1)], 1)
    assert CBModel().fit(constant, y, 3).predict_proba(constant).isfinite().all()


def test_a_fit_that_fails_leaves_the_model_as_it_was() -> None:
    X, y = problem(20, 3)
    model = CBModel(standardise=False).fit(X, y, 3)
    before = model.predict_log_proba(X, "bma", 0)
    with pytest.raises(InputError, match="too large or too alike"):
        model.fit(1e20 * X[:, :1].expand(-1, 3), y, 3)
    assert torch.equal(model.predict_log_proba(X, "bma", 0), before)


def test_a_class_without_rows_is_possible_and_rare() -> None:
    X, y = problem(60, 2)
    p = CBModel().fit(X, y, 3).predict_proba(X, "cbc", generator=seeded(0))
    assert (p[:, 2] > 0).all() and p[:, 2].mean() < 0.1


def test_rows_left_out_choose_a_prior_that_predicts() -> None:
    X, y = problem(60, 3)
    scores = tau_scores(X, y, 3, taus=(1e-6, 1.0))
    assert scores[1e-6] == pytest.approx(-math.log(3), abs=0.02) and scores[1.0] > scores[1e-6]
    assert scores == tau_scores(X, y, 3, taus=(1e-6, 1.0))


def test_a_file_holds_all_of_a_model(tmp_path: Path) -> None:
    X, y = problem(30, 3)
    model = CBModel("logit", 0.5, sweeps=7).fit(X, y, 3)
    model.save(tmp_path / "m.safetensors")
    back = CBModel.load(tmp_path / "m.safetensors")
    assert back.elbo == model.elbo and back.tau == 0.5 and back.sweeps == 7
    one, other = (m.predict_log_proba(X, generator=seeded(0)) for m in (model, back))
    assert torch.equal(one, other)
    whole = (tmp_path / "m.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-8])
    with pytest.raises(InputError, match="is not a CBModel, or damaged"):
        CBModel.load(tmp_path / "cut.safetensors")
    with pytest.raises(InputError, match="there is no file"): CBModel.load(tmp_path / "none")


def test_the_closed_form_is_near_the_exact_posterior() -> None:
    """NUTS on the softmax model, which is CBC with the logit link, at the same prior."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyro.infer import MCMC, NUTS
    X, y = problem(1060, 2, 3)
    rows, kept = F.pad(X, (0, 1), value=1.0), slice(0, 60)
    def energy(at: dict[str, Tensor]) -> Tensor:
        misfit = F.cross_entropy(rows[kept] @ at["beta"], y[kept], reduction="sum")
        return misfit + 0.5 * at["beta"].square().sum()
    start = {"beta": torch.zeros(4, 2, dtype=torch.float64)}
    chain = MCMC(NUTS(potential_fn=energy), 60, 30, initial_params=start, disable_progbar=True)
    with torch.random.fork_rng([]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        chain.run()
    beta = chain.get_samples()["beta"]
    exact = (rows[60:] @ beta).log_softmax(-1).logsumexp(0) - math.log(len(beta))
    model = CBModel("logit", standardise=False).fit(X[kept], y[kept], 2)
    closed = model.predict_log_proba(X[60:], "cbc", generator=seeded(0))
    assert log_score(exact, y[60:]) - 0.1 < log_score(closed, y[60:])
    assert (exact.argmax(1) == closed.argmax(1)).double().mean() > 0.9


# ---------------------------------------------------------------- features


def digits_model(process: object = None, kind: str = "v") -> Diffusion:
    """A small network that has learned nothing."""
    torch.manual_seed(0)
    K = 1 if process is None else process.K
    channels = K if kind == "noise" else 1
    network = UNet(channels, 8, 1, 0.5, frequencies=(), out=1 if kind == "noise" else None)
    return Diffusion(network, process, kind, Discretization(17), (1, 8, 8))


IMAGES = torch.randint(0, 17, (5, 1, 8, 8), generator=seeded(0))


def test_features_are_activations_at_the_scaled_picture() -> None:
    model = digits_model().train()
    found = diffusion_features(model, IMAGES, 0.5, ("mid_1", "up.0"), 8)
    assert model.training and not model.network.mid_1._forward_hooks
    seen = []
    with model.network.mid_1.register_forward_hook(lambda m, given, out: seen.append(out)):
        model.eval()
        alpha = torch.sigmoid(torch.tensor(-0.5, dtype=torch.float64)).sqrt()
        z = alpha * model.discretization.encode(IMAGES)
        with torch.no_grad(): model.predict(z, torch.full((5,), 0.5, dtype=torch.float64))
    assert torch.allclose(found["mid_1"], seen[0].double().flatten(1), atol=1e-5)
    apart = diffusion_features(model, IMAGES, 0.5, ("up.0",), 2, batch_size=2)["up.0"]
    means = found["up.0"].view(5, 8, 2, 4, 2, 4).mean((3, 5)).flatten(1)
    assert torch.allclose(apart, means, atol=1e-5)


@pytest.mark.parametrize("kind", ["v", "noise"])
def test_a_diffusion_with_velocities_has_features_too(kind: str) -> None:
    model = digits_model(CLD(), kind)
    h = diffusion_features(model, IMAGES, 0.0, ("mid_2",))["mid_2"]
    assert h.shape == (5, 8 * 16) and h.isfinite().all() and not torch.equal(h[0], h[1])


def test_vectors_have_features() -> None:
    model = Diffusion(MLP(3, 8, 2, classes=2), shape=(3,), classes=2)
    images = torch.randint(0, 256, (4, 3), generator=seeded(0))
    assert probe_layers(model) == ["enter", "level", "hidden.0", "hidden.1", "leave", "labels"]
    assert diffusion_features(model, images, 0.0, ("hidden.1",))["hidden.1"].shape == (4, 8)


def test_components_are_orthogonal_and_ordered() -> None:
    X = torch.randn(50, 6, generator=seeded(0), dtype=torch.float64) * torch.arange(1, 7)
    Z = principal(X, 3)(X)
    C = Z.mT.cov(correction=0)
    assert torch.allclose(C, C.diagonal().diag(), atol=1e-10) and C.trace() == pytest.approx(3)
    assert C[0, 0] > C[1, 1] > C[2, 2] and torch.allclose(Z.mean(0), Z.new_zeros(3), atol=1e-12)


def test_who_answers_the_surest_first() -> None:
    p = torch.tensor([[0.6, 0.4], [0.1, 0.9], [0.3, 0.7]]).log()
    share, right = answered(p, torch.tensor([1, 1, 1]))
    assert torch.allclose(share, torch.tensor([1, 2, 3]).double() / 3)
    assert torch.allclose(right, torch.tensor([1, 1, 2 / 3]).double())


# ---------------------------------------------------------------- what is refused


X0, Y0 = problem(12, 3)
Y0 = torch.arange(12) % 3
BAD: dict[str, tuple[Callable[[], object], str]] = {
    "class out of range": (lambda: CBModel().fit(X0, Y0, 2), "y runs from 0 to 2 with classes = 2"),
    "negative class": (lambda: CBModel().fit(X0, Y0 - 1, 3), "y runs from -1 to 1"),
    "classes not whole": (lambda: CBModel().fit(X0, Y0.double(), 3), "y is torch.float64"),
    "classes of others": (lambda: CBModel().fit(X0, Y0[:5], 3), "of shape .5,. for 12 rows"),
    "one class": (lambda: CBModel().fit(X0, 0 * Y0, 1), "classes = 1: give a whole number from 2"),
    "NaN": (lambda: CBModel().fit(X0.log(), Y0, 3), "X has .* of 12 rows with NaN"),
    "NaN later": (lambda: CBModel().fit(X0, Y0, 3).predict(X0 / 0), "X has 12 of 12 rows with NaN"),
    "absurd": (lambda: CBModel().fit(1e200 * X0, Y0, 3), "some beyond 1e100"),
    "no rows": (lambda: fit_binary(X0[:0], Y0[:0], 3), "X has no rows"),
    "no rows at all": (lambda: CBModel().fit(X0[:0], Y0[:0], 3), "X has no rows"),
    "not rows": (lambda: CBModel().fit(X0[0], Y0, 3), "of shape .3,.: give one row"),
    "no columns": (lambda: fit_binary(X0[:, :0], Y0, 3), "with one column at least"),
    "tau zero": (lambda: CBModel(tau=0.0), "tau = 0.0: give a positive number"),
    "tau negative": (lambda: fit_binary(X0, Y0, 3, tau=-1.0), "tau = -1.0"),
    "tau absurd": (lambda: CBModel(tau=1e30), "tau = 1e.30: give a variance of weights"),
    "link": (lambda: CBModel("tanh"), "link is 'tanh': choose one of probit, logit"),
    "kind": (lambda: CBModel().fit(X0, Y0, 3).predict(X0, "all"), "kind is 'all': choose one of"),
    "before fit": (lambda: CBModel().predict(X0), "has learned nothing yet: call fit"),
    "before fit, doubt": (lambda: CBModel().doubt(X0), "has learned nothing yet"),
    "before fit, file": (lambda: CBModel().save("nowhere"), "has learned nothing yet"),
    "width": (lambda: CBModel().fit(X0, Y0, 3).predict(X0[:, :2]), "with 3 columns"),
    "huge": (lambda: fit_binary(1e20 * X0[:, :1].expand(-1, 2), Y0, 3), "too large or too alike"),
    "one draw": (lambda: CBModel().fit(X0, Y0, 3).doubt(X0, samples=1), "samples = 1"),
    "folds": (lambda: tau_scores(X0, Y0, 3, folds=13), "folds = 13"),
    "one score": (lambda: cb_log_probs(X0[:, :1]), "for two classes at least"),
    "whole scores": (lambda: cb_log_probs(torch.zeros(2, 2).long()), "give real scores"),
    "layer": (lambda: diffusion_features(digits_model(), IMAGES, 0.0, ("up",)), "is none of the"),
    "no layers": (lambda: diffusion_features(digits_model(), IMAGES, 0.0, ()), "give a tuple of"),
    "no output": (lambda: diffusion_features(digits_model(), IMAGES, 0.0, ("leave",)),
                  "puts out no tensor of its own"),
    "level": (lambda: diffusion_features(digits_model(), IMAGES, 99.0, ("mid_1",)), "gamma = 99.0"),
    "level NaN": (lambda: diffusion_features(digits_model(), IMAGES, math.nan, ("mid_1",)),
                  "gamma = nan"),
    "clocks": (lambda: diffusion_features(
        digits_model(VP(Polynomial(shape=(1, 8, 8)))), IMAGES, 0.0, ("mid_1",)), "for every pixel"),
    "no images": (lambda: diffusion_features(digits_model(), IMAGES[:0], 0.0, ("mid_1",)),
                  "the data hold no examples"),
    "directions": (lambda: principal(X0, 4), "dims = 4"),
    "same rows": (lambda: principal(0 * X0, 2), "the same row everywhere"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_a_sentence(case: str) -> None:
    call, message = BAD[case]
    with pytest.raises(InputError, match=message): call()
