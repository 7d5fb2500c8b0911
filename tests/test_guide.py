"""Guidance against laws that are known, for every kind of process and sampler, and its commands."""
import json
import math
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from helpers import refused
from torch import Tensor

from mdm_nb import (
    CLD,
    DDIM,
    MALDA,
    MLP,
    PSLD,
    VP,
    AdaptiveFlow,
    Ancestral,
    Classifier,
    ClassifierFree,
    Config,
    Continuous,
    Denoiser,
    Diffusion,
    Discretization,
    DPMSolver,
    Drawing,
    Encoded,
    Encoder,
    EulerMaruyama,
    Flow,
    Guided,
    Inpainting,
    InputError,
    Labels,
    LearnedMDM,
    Linear,
    Measured,
    Mixture,
    MixtureDenoiser,
    NoisePredictor,
    Polynomial,
    PredictorCorrector,
    ProbabilityFlow,
    Run,
    Splitting,
    Steered,
    Weighted,
    accuracy,
    bound,
    create_run,
    denoiser,
    load,
    load_classifier,
    make_model,
    noised,
    picture_file,
    randn,
    run_command,
    save_classifier,
    seeded,
    steering,
    train_classifier,
)
from mdm_nb.gaussians.score import alpha_sigma
from mdm_nb.processes.lyapunov import inverse, mix
from mdm_nb.processes.process import Process
from mdm_nb.runs.wanted import what_to_change
from mdm_nb.samplers.corrector import scored
from mdm_nb.samplers.guide import told_by_x

MEANS = torch.tensor([[-0.8, 0.3], [0.1, -0.6], [0.7, 0.5]]).double()
COVS = torch.tensor([[[0.05, 0.02], [0.02, 0.04]], [[0.09, 0.0], [0.0, 0.02]],
                     [[0.03, -0.01], [-0.01, 0.05]]]).double()
SHARES = torch.tensor([0.3, 0.5, 0.2], dtype=torch.float64)
WHOLE = Mixture(SHARES, MEANS, COVS)
WANTED = Mixture(2 * SHARES[[0, 2]], MEANS[[0, 2]], COVS[[0, 2]])
OTHER = Mixture.gaussian(MEANS[1], COVS[1])
PROCESSES = {
    "VP": VP(Linear(-8.0, 5.0)), "CLD": CLD(clock=Linear(-5.0, 1.6)),
    "MALDA": MALDA(clock=Linear(-4.0, 1.6)), "learned": LearnedMDM(K=2, generator=seeded(3)),
}


def truth(z: Tensor, gamma: Tensor) -> Tensor:
    """Logits of the true classes, of probability one half each."""
    return torch.stack([law.at(gamma).log_prob(z) for law in (WANTED, OTHER)], 1)


def of_class(z: Tensor, gamma: Tensor, label: Tensor) -> Tensor:
    """E[x | z, class]; E[x | z] for the label 2."""
    answers = torch.stack([law.predict(z, gamma) for law in (WANTED, OTHER, WHOLE)])
    return answers[label, torch.arange(len(z))]


def states(process: Process, t: float, n: int = 6) -> Tensor:
    """States of the whole mixture."""
    eps = randn(process.state_shape((n, 2)), seeded(2))
    return process.at(t).state(process.signal(WHOLE.sample(n, seeded(1)), t), eps).detach()


def near(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-9, atol=1e-9 * float(b.detach().abs().max()))


ZEROS = torch.zeros(6, dtype=torch.int64)


@pytest.mark.parametrize("name", PROCESSES)
def test_the_gradient_over_all_blocks(name: str) -> None:
    """That of a classifier of the whole state, from the law of all its K D numbers."""
    process, y = PROCESSES[name], states(PROCESSES[name], 0.4)
    k = process.kernel(0.4)
    f, noise = k.Phi[:, :1].detach(), torch.kron(k.Sigma.detach(), torch.eye(2).double())
    def law(part: Mixture) -> Mixture:
        covs = torch.stack([torch.kron(f @ f.T, C) + noise for C in part.covs])
        return Mixture(part.weights, torch.stack([(f * m).flatten() for m in part.means]), covs)
    seen = y.clone().requires_grad_()
    logits = torch.stack([law(part).log_prob(seen.flatten(1)) for part in (WANTED, OTHER)], 1)
    wanted, = torch.autograd.grad(logits.log_softmax(1)[:, 0].sum(), seen)
    base = MixtureDenoiser(process, WHOLE)
    model = Guided(base, truth)
    assert near(model.score(y, 0.4, label=ZEROS) - base.score(y, 0.4), wanted)
    exact = MixtureDenoiser(process, WANTED)
    assert near(model(y, 0.4, label=ZEROS), exact(y, 0.4))
    for noise_share in (0.0, 1.0):
        drift = model.drift(y, 0.4, noise_share, label=ZEROS)
        assert near(drift, exact.drift(y, 0.4, noise_share))


def energy(a: Tensor, b: Tensor) -> float:
    """The energy distance of two sets, without bias."""
    own = [float(torch.cdist(c, c).sum()) / (len(c) * (len(c) - 1)) for c in (a, b)]
    return 2 * float(torch.cdist(a, b).mean()) - sum(own)


N = 600
REFERENCE = WANTED.sample(N, seeded(5))
LABEL = torch.zeros(N, dtype=torch.int64)


@pytest.fixture(scope="module")
def null() -> tuple[float, float]:
    """Mean and spread of the energy distance of exact sets."""
    found = torch.tensor([energy(WANTED.sample(N, seeded(50 + i)), REFERENCE) for i in range(30)])
    return float(found.mean()), float(found.std())


@torch.no_grad()
def drawn(model: Denoiser, sampler: object, seed: int = 6) -> Tensor:
    start = model.process.prior((N, 2), seeded(seed))
    z, gamma = model.process.observe(sampler(model, start, seeded(seed + 1), label=LABEL), 0.0)
    return z / torch.sigmoid(-gamma).sqrt()


RULES = [DDIM(60), Ancestral(60), DPMSolver(16), EulerMaruyama(120, grid="quadratic")]


@pytest.mark.parametrize("name", PROCESSES)
def test_weight_one_draws_the_law_of_the_class(name: str, null: tuple[float, float]) -> None:
    """Both kinds of guidance, with four samplers; weight 0 is another law, and is noticed."""
    process, (level, spread) = PROCESSES[name], null
    base = MixtureDenoiser(process, WHOLE)
    for rule in RULES:
        off = (energy(drawn(Guided(base, truth), rule), REFERENCE) - level) / spread
        assert off < 6, (name, rule, off)
    free = denoiser(process, of_class, "x")
    off = [(energy(drawn(ClassifierFree(free, 2, w), DPMSolver(16)), REFERENCE) - level) / spread
           for w in (1.0, 0.0)]
    assert off[0] < 6 and off[1] > 12


@pytest.mark.parametrize("weight", [-1.0, 0.0, 1.0, 3.0])
def test_both_kinds_are_one_by_bayes_rule(weight: float) -> None:
    """x̂, score and drifts agree for any weight, and have the formula of Ho and Salimans."""
    for process in PROCESSES.values():
        y, base = states(process, 0.5), denoiser(process, of_class, "x")
        free = ClassifierFree(base, 2, weight)
        led = Guided(MixtureDenoiser(process, WHOLE), truth, weight)
        told, untold = base.score(y, 0.5, label=ZEROS), base.score(y, 0.5, label=ZEROS + 2)
        assert near(free.score(y, 0.5, label=ZEROS), weight * told - (weight - 1) * untold)
        for ask in (Denoiser.__call__, Denoiser.score, Denoiser.drift):
            a, b = (getattr(model, ask.__name__)(y, 0.5, label=ZEROS) for model in (free, led))
            assert near(a, b)


def test_every_sampler_takes_it() -> None:
    """One adaptive, one that corrects, one that splits: to where the flow goes, or nearby."""
    for process in (PROCESSES["VP"], PROCESSES["CLD"]):
        model = Guided(MixtureDenoiser(process, WHOLE), truth, 2.0)
        start = process.prior((6, 2), seeded(8))
        exact = AdaptiveFlow(1e-4, atol=1e-4)(model, start, label=ZEROS)
        assert (DPMSolver(60)(model, start, label=ZEROS) - exact).abs().max() < 0.05
        for rule in (PredictorCorrector(4), Splitting(4), ProbabilityFlow(4, grid="quadratic")):
            assert rule(model, start, seeded(9), label=ZEROS).isfinite().all()


def test_noise_of_some_blocks_is_led_by_its_score() -> None:
    """Its drift and its bound become those of the class; what reads x̂ is refused."""
    process = PROCESSES["CLD"]
    def noise(law: Mixture) -> NoisePredictor:
        def predict(y: Tensor, gamma: Tensor) -> Tensor:
            at = process.at(process.time(gamma))
            guess = MixtureDenoiser(process, law)(y, at)
            return mix(inverse(at.kernel.L), y - at.mean(guess))[:, -1]
        return NoisePredictor(process, predict)
    y, model = states(process, 0.5), Guided(noise(WHOLE), truth)
    led, wanted = model.drift(y, 0.5, label=ZEROS), noise(WANTED).drift(y, 0.5)
    assert torch.allclose(led, wanted, atol=1e-6)
    with pytest.raises(InputError, match="do not tell x"): DDIM(3)(model, y, label=ZEROS)
    x = WANTED.sample(len(ZEROS), seeded(0))
    led = bound(model, x, Continuous(), generator=seeded(1), label=ZEROS)
    wanted = bound(noise(WANTED), x, Continuous(), generator=seeded(1))
    assert torch.allclose(led.total, wanted.total, atol=1e-5)
    with pytest.raises(InputError, match="in continuous time"):
        bound(model, x, Continuous(), 5, generator=seeded(1), label=ZEROS)


def test_an_encoder_without_a_network() -> None:
    """x_φ = α² x: guidance is that of the class, in drifts too; a trained encoder is refused."""
    t = 0.4
    for base in (VP(Linear(-6.0, 4.0)), LearnedMDM(K=2, generator=seeded(3))):
        process = Encoded(base)
        scale = torch.sigmoid(-process.gamma(t)).detach()
        def shrunk(law: Mixture, s: Tensor = scale) -> Mixture:
            return Mixture(law.weights, s * law.means, s**2 * law.covs)
        def model(law: Mixture, p: Process = process) -> Denoiser:
            return denoiser(p, lambda z, gamma: shrunk(law).predict(z, gamma), "x")
        def classify(z: Tensor, gamma: Tensor) -> Tensor:
            return torch.stack([shrunk(law).at(gamma).log_prob(z) for law in (WANTED, OTHER)], 1)
        y, led, exact = states(process, t), Guided(model(WHOLE), classify), model(WANTED)
        assert near(led(y, t, label=ZEROS), exact(y, t))
        for share in (0.0, 1.0):
            assert near(led.drift(y, t, share, label=ZEROS), exact.drift(y, t, share))
    trained = Encoded(VP(), Encoder(MLP(2, 8, 1)))
    with pytest.raises(InputError, match="base has no score .* Tweedie"):
        Guided(denoiser(trained, lambda z, gamma: z, "x"), truth)
    free = ClassifierFree(denoiser(trained, lambda z, gamma, label: z, "x"), 2, 2.0)
    start = trained.prior((6, 2), seeded(0))
    assert Ancestral(3)(free, start, seeded(1), label=ZEROS).isfinite().all()
    with pytest.raises(InputError, match="no DDIM"): DDIM(3)(free, start, label=ZEROS)


def test_a_level_for_every_dimension() -> None:
    """x̂ moves by σ²/α of its own dimension."""
    clock = Polynomial(shape=(2,), gamma_0=-6.0, gamma_1=4.0)
    with torch.no_grad():
        for p in clock.parameters(): p.copy_(randn(tuple(p.shape), seeded(4)))
    process = VP(clock)
    at = process.at(0.4)
    alpha, sigma = alpha_sigma(at.gamma.detach().flatten())
    assert abs(float(alpha.diff())) > 0.01
    def noisy(law: Mixture) -> Mixture:
        covs = alpha[:, None] * law.covs * alpha + torch.diag(sigma**2)
        return Mixture(law.weights, alpha * law.means, covs)
    def classify(z: Tensor, gamma: Tensor) -> Tensor:
        assert gamma.shape == z.shape
        return torch.stack([noisy(law).log_prob(z) for law in (WANTED, OTHER)], 1)
    y = states(process, 0.4)
    led = Guided(MixtureDenoiser(process, WHOLE), classify)(y, at, label=ZEROS)
    assert near(led, MixtureDenoiser(process, WANTED)(y, at))


def test_a_clock_of_the_label() -> None:
    """A classifier leads the belief without a label; without one there is nothing to blend."""
    process = VP(Polynomial(Labels(2), shape=(2,), gamma_0=-6.0, gamma_1=4.0))
    with pytest.raises(InputError, match="clock of the process runs by the label"):
        ClassifierFree(denoiser(process, of_class, "x"), 2)
    led, nats = Guided(MixtureDenoiser(process, WHOLE), truth).given(None, 6, label=ZEROS)
    free, _ = process.given(None, 6)
    assert not nats and torch.equal(led.process.gamma(0.5), free.gamma(0.5))


def test_the_bound_is_lowest_at_weight_one() -> None:
    """On −log p(x | c): there it is the truth, elsewhere it is above."""
    x, nats = WANTED.sample(N, seeded(11)), {}
    for w in (0.0, 1.0, 2.0):
        model = Guided(MixtureDenoiser(VP(Linear(-8.0, 8.0)), WHOLE), truth, w)
        b = bound(model, x, Continuous(), times=4, generator=seeded(12), label=LABEL)
        nats[w] = b.total + WANTED.log_prob(x)
    def mean_se(v: Tensor) -> tuple[float, float]: return float(v.mean()), float(v.std()) / N**0.5
    gap, se = mean_se(nats[1.0])
    assert abs(gap) < 5 * se
    for w in (0.0, 2.0):
        more, se = mean_se(nats[w] - nats[1.0])
        assert more > 5 * se


def test_what_is_known_has_the_last_word() -> None:
    process, x, mask = VP(), torch.zeros(1, 2), torch.tensor([True, False])
    base = denoiser(process, of_class, "x")
    known = Inpainting(ClassifierFree(base, 2, 3.0), x, mask)
    y = states(process, 0.2)
    assert (known(y, 0.2, label=ZEROS)[:, 0] == 0).all()
    for lead in (partial(ClassifierFree, classes=2), partial(Guided, classifier=truth)):
        with pytest.raises(InputError, match=r"guide first, Inpainting\("):
            lead(Inpainting(base, x, mask))


def test_what_is_refused() -> None:
    """Weights, labels and classifiers that make no sense, and networks that know no labels."""
    base, y = MixtureDenoiser(PROCESSES["VP"], WHOLE), states(PROCESSES["VP"], 1.0)
    for weight in (float("nan"), float("inf"), True):
        with pytest.raises(InputError, match="weight = "): Guided(base, truth, weight)
    with pytest.raises(InputError, match="classes = 0"): ClassifierFree(base, 0)
    deaf = denoiser(PROCESSES["VP"], lambda z, gamma: z, "x")
    with pytest.raises(InputError, match="takes no label"): ClassifierFree(deaf, 2)
    led = Guided(base, truth)
    free = ClassifierFree(denoiser(PROCESSES["VP"], of_class, "x"), 2)
    for model, label in ((led, ZEROS + 2), (free, ZEROS + 2), (led, ZEROS - 1)):
        with pytest.raises(InputError, match="label runs from .* classes from 0 to 1"):
            DDIM(2)(model, y, label=label)
    for label in (None, ZEROS[:3], ZEROS.double()):
        told = {} if label is None else {"label": label}
        for model in (led, free):
            with pytest.raises(InputError, match="label is "): DDIM(2)(model, y, **told)
    with pytest.raises(InputError, match="which it does not take"):
        Guided(base, lambda z: z)(y, 1.0, label=ZEROS)
    with pytest.raises(InputError, match="return one row of logits"):
        Guided(base, lambda z, gamma: z[:, 0])(y, 1.0, label=ZEROS)


# ---------------------------------------------------------------- models and runs


def model_of(classes: int | None) -> Diffusion:
    """An untrained model of four numbers."""
    torch.manual_seed(0)
    network = MLP(4, 16, 1, classes=classes)
    for p in network.parameters(): torch.nn.init.normal_(p, std=0.2)
    return Diffusion(network, discretization=Discretization(9), shape=(4,), classes=classes)


def test_a_model_draws_what_it_is_led_to() -> None:
    """An example depends on its own label and seed only, not on its batch."""
    label = torch.tensor([0, 1, 2, 0, 1])
    def classify(z: Tensor, gamma: Tensor) -> Tensor: return 3 * z[:, :3]
    ways = {None: partial(Guided, classifier=classify, weight=2.0),
            3: partial(ClassifierFree, classes=3, weight=2.0)}
    for classes, steer in ways.items():
        model = model_of(classes)
        draw = partial(Steered(model, steer).sample, sampler=DDIM(5, eta=0.5), progress=False)
        whole = draw(5, label=label)
        assert torch.equal(whole, draw(5, label=label, batch_size=2))
        assert torch.equal(whole[3:], draw(2, label=label[3:], index=torch.tensor([3, 4])))
        others = draw(5, label=(label + 1) % 3)
        assert not torch.equal(whole, others)
        for wrong, said in ((label[:4], "5 rows"), (label + 3, "label runs from 3")):
            with pytest.raises(InputError, match=said): draw(5, label=wrong)
    with pytest.raises(InputError, match="takes no label"): Steered(model_of(None), ways[3])


def test_the_number_of_classes_is_that_of_the_model() -> None:
    """Another one would take a class for "no label", silently; wrappers between hide nothing."""
    class Through(Denoiser):
        def __init__(self, base: Denoiser) -> None:
            super().__init__(base.process)
            self.base, self.kind = base, base.kind
        def __call__(self, y: Tensor, t: object, **cond: Tensor) -> Tensor:
            return self.base(y, t, **cond)
    model = model_of(3)
    for steer in (lambda base: base, Through, lambda base: Through(Through(base))):
        ClassifierFree(steer(model.denoiser), 3)
        for wrong in (2, 4):
            with pytest.raises(InputError, match=f"classes = {wrong} and the model knows 3"):
                ClassifierFree(steer(model.denoiser), wrong)
        with pytest.raises(InputError, match="takes no label"):
            ClassifierFree(steer(model_of(None).denoiser), 3)


def test_a_classifier_sees_the_pictures_it_was_built_for() -> None:
    """Channels and classes are found out before the first step, not in torch."""
    levels, shape = Discretization(4), (1, 4, 4)
    class Nothing(torch.nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor: return z
    model = Diffusion(Nothing(), discretization=levels, shape=shape)
    images, labels = torch.zeros(3, *shape).long(), torch.tensor([0, 1, 2])
    grey, colour = Classifier(1, 2, 8, 1), Classifier(3, 3, 8, 1)
    for judge in (partial(train_classifier, steps=1, progress=False), accuracy):
        with pytest.raises(InputError, match="label runs from 0 to 2: give classes from 0 to 1"):
            judge(grey, model, images, labels)
        with pytest.raises(InputError, match="built with channels = 3"):
            judge(colour, model, images, labels)
    with pytest.raises(InputError, match="built with channels = 3"):
        DDIM(2)(Guided(model.denoiser, colour), randn((3, *shape)), label=labels)


def test_what_all_that_is_wrapped_says() -> None:
    """A wrapper of two is told by x̂ only if both are."""
    class Both(Denoiser):
        def __init__(self, one: Denoiser, other: Denoiser) -> None:
            super().__init__(one.process)
            self.one, self.other = one, other
        def score(self, y: Tensor, t: Tensor, **cond: Tensor) -> Tensor:
            return (self.one.score(y, t, **cond) + self.other.score(y, t, **cond)) / 2
    process = PROCESSES["CLD"]
    seen = denoiser(process, of_class, "x")
    heard = denoiser(process, lambda y, *_, **__: 0 * y[:, 1:], "noise")
    assert told_by_x(Both(seen, seen)) and not told_by_x(Both(seen, heard))
    assert not told_by_x(Both(heard, seen)) and scored(Both(seen, heard)) == 1


def test_a_seed_makes_the_same_classifier() -> None:
    """Whatever state torch's own generator, which dropout draws from, is in; it is left so."""
    class Nothing(torch.nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor: return z
    model = Diffusion(Nothing(), VP(), discretization=Discretization(4), shape=(1, 2, 2))
    images, labels = torch.randint(4, (20, 1, 2, 2)), torch.arange(20) % 2
    found = []
    for state in (1, 2):
        torch.manual_seed(0)
        classifier = Classifier(1, 2, width=8, levels=1, dropout=0.5)
        torch.manual_seed(state)
        before = torch.get_rng_state()
        found.append(train_classifier(classifier, model, images, labels, 5, 8, progress=False))
        assert torch.equal(torch.get_rng_state(), before)
    assert found[0] == found[1]


def test_a_classifier_learns_the_posterior() -> None:
    """On two pixels of known law its cross entropy comes down to that of the truth."""
    shape, generator = (1, 2, 2), seeded(0)
    labels = torch.randint(0, 2, (1000,), generator=generator)
    bits = (torch.rand(1000, *shape, generator=generator) < 0.5).long()
    images = bits + 2 * labels.view(-1, 1, 1, 1)
    levels, process = Discretization(4), VP(Linear(-4.0, 4.0))
    class Nothing(torch.nn.Module):
        def forward(self, z: Tensor, g: Tensor) -> Tensor: return z
    model = Diffusion(Nothing(), process, discretization=levels, shape=shape)
    torch.manual_seed(0)
    classifier = Classifier(1, 2, width=8, levels=1, dropout=0.0)
    losses = train_classifier(classifier, model, images, labels, 100, lr=1e-2, progress=False)
    assert not classifier.training and len(losses) == 100
    x = levels.encode(images)
    for t in (0.3, 0.6, 0.9):
        z, gamma = noised(process, x, t, seeded(1))
        alpha, sigma = (c[0] for c in alpha_sigma(gamma))
        values = levels.encode(torch.arange(4)[:, None, None, None]).flatten()
        log = torch.distributions.Normal(alpha * values, sigma).log_prob(z[..., None])
        exact = torch.stack([log[..., c:c + 2].logsumexp(-1).flatten(1).sum(1) for c in (0, 2)], 1)
        with torch.no_grad(): found = classifier(z, gamma)
        best, ours = (torch.nn.functional.cross_entropy(a, labels) for a in (exact, found))
        assert best - 0.01 < ours < best + 0.15, (t, float(best), float(ours))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without labels, one with, and one that was never without, all untrained."""
    home, data = tmp_path_factory.mktemp("runs"), load("digits")
    for name, more in (("free", {}), ("told", {"labels": True}),
                       ("always", {"labels": True, "label_dropout": 0.0})):
        config = Config(width=4, blocks=1, **more)
        model = make_model(config, data.levels, data.shape, len(data.classes))
        create_run(home / name, config, data).save_weights(model, 0, 0.0)
    return home


def said(*words: str | Path) -> str:
    """The sentence that a command ends with."""
    with pytest.MonkeyPatch.context() as m, pytest.raises(SystemExit) as stopped:
        m.setattr("sys.argv", [])
        run_command(*map(str, words))
    return str(stopped.value)


def done(*words: str | Path) -> None:
    """Run a command."""
    with pytest.MonkeyPatch.context() as m:
        m.setattr("sys.argv", [])
        run_command(*map(str, words))


def test_commands(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A classifier for a run, and samples led by it or without it; the notes say how."""
    free, told = runs / "free", runs / "told"
    sample = ("--n", "2", "--sampler", "dpm", "--steps", "2")
    assert "train one with mdm_classifier" in said("mdm_sample", free, "--label", "3")
    assert "was not kept" in said("mdm_classifier", free, "--steps", "1", "--width", "4")
    assert "| noise level γ |" in capsys.readouterr().out
    assert not list(free.glob("classifier*"))
    done("mdm_classifier", free, "--steps", "60", "--width", "8", "--lr", "0.01")
    assert "| noise level γ |" in capsys.readouterr().out
    kept = (free / "classifier.safetensors").read_bytes()
    about = json.loads((free / "classifier.json").read_text())
    levels = [row["gamma"] for row in about["accuracy"]]
    assert len(levels) == 9 and all(a < b for a, b in pairwise(levels))
    assert about["training"]["steps"] == 60 and about["classifier"]["width"] == 8
    assert "is there already" in said("mdm_classifier", free, "--steps", "2")
    assert (free / "classifier.safetensors").read_bytes() == kept
    done("mdm_sample", free, "--label", "3", *sample)
    done("mdm_sample", free, "--label", "3", "--guidance", "2", *sample)
    done("mdm_sample", told, "--label", "3", "--guidance", "2", *sample)
    notes = [json.loads(file.read_text()) for file in (
        free / "samples_0_3_dpm_steps-2.json", free / "samples_0_3_dpm_steps-2_guidance-2.json",
        told / "samples_0_3_dpm_steps-2_guidance-2.json")]
    assert [n["guidance"] for n in notes] == [1.0, 2.0, 2.0]
    assert [n["guided_by"] for n in notes] == ["classifier", "classifier", "classifier-free"]
    assert notes[0]["classifier"] == notes[1]["classifier"]
    (runs / "one.png").write_bytes(picture_file(Run(free).load_data().test[0], 17))
    for folder in (free, told):
        done("mdm_boomerang", folder, runs / "one.png", "--label", "3", "--steps", "2")
        note = json.loads((folder / "boomerang_1_3_steps-2_one/boomerang.json").read_text())
        assert note["label"] == 3 and ("guided_by" in note) == (folder == free)


REFUSED = {
    "mdm_sample free --guidance 2": "--guidance 2 without --label",
    "mdm_sample told --label 3 --guidance nan": "--guidance nan: give a finite number",
    "mdm_sample told --label 10 --guidance 2": "from 0 to 9",
    "mdm_sample always --label 3 --guidance 2": "never shown an image without its class",
    "mdm_classifier told --steps 0": "--steps = 0",
    "mdm_classifier told --lr 0": "--lr = 0.0",
    "mdm_classifier told --width 5": "width = 5",
    "mdm_classifier nowhere": "is not a run folder",
}


@pytest.mark.parametrize("line", REFUSED)
def test_refused_commands(line: str, runs: Path) -> None:
    """Bad words end with one sentence, before any work, and leave nothing."""
    name, run, *rest = line.split()
    before = sorted((runs / "told").iterdir())
    assert REFUSED[line] in said(name, runs / run, *rest)
    assert sorted((runs / "told").iterdir()) == before


def test_a_classifier_of_other_data_or_damaged(runs: Path) -> None:
    """What is not this run's classifier does not guide it."""
    folder = Run(runs / "always")
    file = folder.path / "classifier.safetensors"
    save_classifier(file, Classifier(1, 10, 4), [], fingerprint=folder.data["fingerprint"],
                    label_fingerprint=folder.data["label_fingerprint"])
    whole = file.read_bytes()
    assert load_classifier(folder).settings["classes"] == 10
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    again = f"mdm_classifier {folder.path} writes it"
    with pytest.raises(InputError, match=f"damaged.*: delete it, and {again} anew"):
        load_classifier(folder)
    file.write_bytes((folder.path / "weights.safetensors").read_bytes())
    with pytest.raises(InputError, match="is not a classifier"): load_classifier(folder)
    file.write_bytes(whole)
    other = Run(folder.path)
    other.data = other.data | {"fingerprint": "0" * 64}
    with pytest.raises(InputError, match="trained on other data"): load_classifier(other)
    file.unlink()
    file.mkdir()
    with pytest.raises(InputError, match=f"is a folder: remove it, and {again}"):
        load_classifier(folder)
    file.rmdir()
    with pytest.raises(InputError, match=f"is missing: {again}"): load_classifier(folder)
    asked = Drawing(label=3, guidance=1.0)
    asked.check_class(folder.path, vars(folder.config), folder.data)
    model = folder.load_model()
    assert steering(folder, model, asked).note["guided_by"] == "classifier-free"


def test_what_to_do_about_a_classifier_that_learned_nothing() -> None:
    """Longer training where it is no worse than a guess, another rate where it went astray."""
    assert what_to_change([math.log(10)], 1e-3, 0.1) == "more --steps"
    for end in (math.nan, math.inf, 1e6):
        assert "smaller --lr than 1e+09" in what_to_change([math.log(10), end], 1e9, 0.1)
    bare = {"classes": ()}
    with pytest.raises(InputError, match="its data have none; leave it out"):
        Drawing(label=1).check_class(Path(), {}, bare)


def test_a_label_for_all_is_answered_with_a_tensor_of_labels() -> None:
    """Whoever gives one number for all examples to a steered model."""
    led = Steered(model_of(None), lambda base: Guided(base, lambda z, gamma: z[:, :3]))
    for label in (torch.tensor(3), torch.tensor([3])):
        refused(r"as torch.full\(\(2,\), 0\)", led.sample, 2, DDIM(2), label=label)
    refused(r"label.expand\(2, -1, -1\)", led.sample, 2, DDIM(2), label=torch.zeros(1, 4, 4))


def test_steering_a_steered_model_keeps_both() -> None:
    """A restored picture of a class: as if one wrapper had been put around the other by hand."""
    model, label, x = model_of(3), torch.tensor([0, 1, 2]), torch.zeros(1, 4)
    mask = torch.tensor([1, 1, 0, 0])
    def led(base: Denoiser) -> Denoiser: return ClassifierFree(base, 3, 4.0)
    def told(base: Denoiser) -> Denoiser: return Inpainting(base, x, mask)
    draw = {"sampler": DDIM(4), "progress": False, "label": label}
    both = Steered(Steered(model, led), told).sample(3, **draw)
    assert torch.equal(both, Steered(model, lambda base: told(led(base))).sample(3, **draw))
    assert not torch.equal(both, Steered(model, told).sample(3, **draw))


def test_a_number_says_that_the_model_is_steered() -> None:
    """By what, whatever the method; and how many examples a row for each allows."""
    model, label, x = model_of(3), torch.tensor([0, 1, 2]), torch.zeros(1, 4)
    mask = torch.tensor([1, 1, 0, 0])
    led = Steered(model, lambda base: ClassifierFree(base, 3, 4.0))
    both = Steered(led, lambda base: Inpainting(base, x, mask))
    data = torch.full((3, 4), 4)
    for method in (None, Weighted(2, steps=3), Flow(0.1, atol=0.1)):
        said = both.bpd(data, method=method, progress=False, label=label).protocol
        assert "steered by Inpainting() and ClassifierFree(weight=4.0, classes=3)" in said
        assert "steered" not in model.bpd(data, method=method, progress=False, label=label).protocol
    each = Steered(model, lambda base: Inpainting(base, x.expand(3, 4), mask))
    refused("a row for each of 3 examples", each.log_prob, data, label=label)
    assert Steered(model, lambda base: Inpainting(base, x, mask)).log_prob(
        data, 2, label=label).value.shape == (3,)


def test_wrappers_of_noise_have_the_bound_of_what_they_draw() -> None:
    """Nothing known, weight 0, weight 1 of one belief: the bound of the network itself."""
    for process in (PSLD(), CLD()):
        def predict(
            y: Tensor, gamma: Tensor, label: Tensor | None = None, heads: int = process.heads,
        ) -> Tensor:
            return 0.5 * torch.sin(y if heads > 1 else y[:, -1])
        base, x = NoisePredictor(process, predict), torch.tensor([[0.4], [-0.2]])
        def classify(z: Tensor, gamma: Tensor) -> Tensor: return torch.cat([z, -z], 1)
        wrapped = (Inpainting(base, x, torch.zeros(1, 1)), Guided(base, classify, 0.0),
                   ClassifierFree(base, 2, 1.0))
        label = torch.tensor([0, 1])
        bounds = [bound(model, x, Continuous(), None, 3, seeded(0), label=label).total
                  for model in (base, *wrapped)]
        assert all(torch.allclose(b, bounds[0]) for b in bounds)


def test_a_guided_belief_has_a_slope() -> None:
    """That of its classifier too: a likelihood and a measurement are told the class."""
    law = Mixture(torch.tensor([0.5, 0.5]).double(), torch.tensor([[0.8], [-0.6]]).double(),
                  torch.tensor([[[0.1]], [[0.2]]]).double())
    base = MixtureDenoiser(VP(Linear(-8.0, 12.0)), law)
    own = Mixture.gaussian(law.means[0], law.covs[0])
    def classify(z: Tensor, gamma: Tensor) -> Tensor:
        each = [Mixture.gaussian(m, c).at(gamma[0]).log_prob(z)
                for m, c in zip(law.means, law.covs, strict=True)]
        return torch.stack(each, 1)
    x, label = torch.tensor([[0.7]]).double(), torch.tensor([0])
    method = Flow(1e-6, atol=1e-6, start="point")
    found = method(Guided(base, classify), x, Continuous(), label=label)
    truth = method(MixtureDenoiser(base.process, own), x, Continuous())
    assert torch.allclose(found.total, truth.total, atol=1e-3)
    y, seen = base.process.at(0.4).state(x, torch.ones(1, 1).double()), torch.tensor([[0.5]])
    told = [Measured(model, seen, lambda x: x, 0.3, covariance="tweedie")
            for model in (Guided(base, classify), MixtureDenoiser(base.process, own))]
    assert torch.allclose(told[0](y, 0.4, label=label), told[1](y, 0.4), atol=1e-6)
