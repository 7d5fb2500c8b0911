"""Ten extensions from outside: the cells of the guide, run here and checked harder against oracles.

The definitions are read from nbs/guide/extend.ipynb, so that the guide cannot drift from its tests.
"""
import json
import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from helpers import unit
from torch import Tensor

from mdm_nb import (
    CLD,
    DDIM,
    MALDA,
    MDM,
    VE,
    VP,
    Ancestral,
    Config,
    Continuous,
    Custom,
    Diffusion,
    Discretization,
    EulerMaruyama,
    Keyed,
    Linear,
    Mixture,
    MixtureDenoiser,
    ProbabilityFlow,
    batch_at,
    bound,
    denoiser,
    gaussian_bound,
    make_model,
    randn,
    seeded,
)
from mdm_nb.gaussians.score import alpha_sigma
from mdm_nb.models.network import MLP

GUIDE = Path(__file__).resolve().parent.parent / "nbs" / "guide" / "extend.ipynb"
MARK = "# extension: "
SPREAD = 0.3


def cells() -> Iterator[str]:
    """The code cells of the guide."""
    for cell in json.loads(GUIDE.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code": yield "".join(cell["source"])


@pytest.fixture(scope="module")
def guide() -> SimpleNamespace:
    """What the guide imports and defines."""
    space: dict[str, object] = {}
    for source in cells():
        if source.startswith(("import", "from", MARK)):
            exec(source, space)  # noqa: S102
    return SimpleNamespace(**space)


def law(D: int) -> Mixture:
    """Independent dimensions of variance 0.3."""
    return Mixture.gaussian(torch.zeros(D), SPREAD * torch.eye(D).double())


def of_dimensions(process: object) -> object:
    """The exact denoiser of independent dimensions, each at its own noise level."""
    def predict(z: Tensor, gamma: Tensor, **told: Tensor) -> Tensor:
        alpha, sigma = alpha_sigma(gamma)
        return SPREAD * alpha * z / (SPREAD * alpha**2 + sigma**2)
    return denoiser(process, predict, "x")


def test_each_extension_is_short() -> None:
    """At most twenty-five lines of code, and all ten are there."""
    lengths = {}
    for source in cells():
        if not source.startswith(MARK): continue
        first, *rest = source.splitlines()
        lengths[first.removeprefix(MARK)] = sum(bool(line.strip()) for line in rest)
    assert len(lengths) == 10 and max(lengths.values()) <= 25, lengths


def test_a_scalar_process(guide: SimpleNamespace) -> None:
    """Straight lines: its steps compose, and its bound is the closed form, term by term."""
    process = guide.Straight(Linear(-8.0, 5.0))
    parts = [process.transition(s, t) for s, t in ((0.1, 0.5), (0.5, 0.9), (0.1, 0.9))]
    assert torch.allclose(parts[1].Phi @ parts[0].Phi, parts[2].Phi, rtol=1e-13)
    x = law(2).sample(4000, seeded(0))
    b = bound(MixtureDenoiser(process, law(2)), x, Continuous(), generator=seeded(1))
    exact = gaussian_bound(process, SPREAD)
    for name, truth in zip(("reconstruction", "prior", "diffusion"), exact, strict=True):
        mean, se = b.terms()[name]
        assert abs(mean - 2 * truth) < 5 * se + 1e-12


def test_a_scalar_process_from_the_command_line(
    guide: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by its module, it is built between the ends that the decoder asks for."""
    source = next(s for s in cells() if s.startswith(MARK + "a scalar process"))
    imports = "import torch\nfrom torch import Tensor\nfrom mdm_nb import Scalar\n"
    (tmp_path / "straight_lines.py").write_text(imports + source)
    monkeypatch.chdir(tmp_path)
    config = Config(process="straight_lines:Straight", width=8, blocks=1)
    model = make_model(config, 17, (1, 8, 8))
    assert type(model.process).__name__ == "Straight"
    assert model.process.span[1] == 5.0
    images = torch.randint(0, 17, (4, 1, 8, 8), generator=seeded(0)).to(torch.uint8)
    model.loss(images, seeded(1)).backward()


@pytest.mark.parametrize("T", [None, 12])
def test_a_clock_for_every_pixel(guide: SimpleNamespace, T: int | None) -> None:
    """Every example and dimension has the bound of its own schedule, continuous or in steps."""
    bend = torch.tensor([0.0, 0.5, 1.5]).repeat_interleave(1500)
    x = math.sqrt(SPREAD) * randn((4500, 2), seeded(2))
    model = of_dimensions(guide.PerPixel(Linear(-8.0, 4.0)))
    b = bound(model, x, Continuous(), T, times=4, generator=seeded(3), bend=bend)
    for value in (0.0, 0.5, 1.5):
        straight = VP(Linear(-8.0, 4.0))
        own = VP(Custom(lambda t, p=1 + value: -8 + 12 * t**p)) if value else straight
        truth = sum(gaussian_bound(p, SPREAD, T).total.item() for p in (own, straight))
        mean, se = b.mean_se(b.total[bend == value])
        assert abs(mean - truth) < 5 * se


SAMPLERS = [Ancestral(60), DDIM(60), EulerMaruyama(200), ProbabilityFlow(40)]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_clock_for_every_pixel_in_samplers(guide: SimpleNamespace, sampler: object) -> None:
    """Every sampler takes a level per example and dimension, and ends at the data's spread."""
    bend = torch.tensor([0.0, 1.0]).repeat(1000)
    model, _ = of_dimensions(guide.PerPixel(Linear(-7.0, 4.0))).given(None, 2000, bend=bend)
    y = sampler(model, model.process.prior((2000, 2), seeded(4)), seeded(5), bend=bend)
    x = y / torch.sigmoid(-model.process.gamma(0.0)).sqrt()
    for value in (0.0, 1.0):
        variance = x[bend == value].var(0)
        off = variance / (SPREAD + math.exp(-7)) - 1
        assert (off.abs() < 0.05 + 5 * math.sqrt(2 / 1000)).all()


def test_a_latent_that_the_bound_pays_for(guide: SimpleNamespace) -> None:
    """The fourth part is KL(q‖p) exactly; the bound never beats −log p, however bad q is."""
    means, variances = torch.tensor([[-1.0], [0.8]]), torch.tensor([[[0.1]], [[0.3]]])
    two = Mixture(torch.tensor([0.3, 0.7]), means, variances)
    x = two.sample(3000, seeded(6))
    def told(z: Tensor, gamma: Tensor, component: Tensor) -> Tensor:
        m, v = two.means[component], two.covs[component][..., 0]
        alpha, sigma = (c[:, None] for c in alpha_sigma(gamma))
        return m + v * alpha * (z - alpha * m) / (v * alpha**2 + sigma**2)
    for heat in (1.0, 2.0, 1e9):
        process = guide.ByComponent(Linear(-10.0, 5.0))
        process.mixture, process.heat = two, heat
        b = bound(denoiser(process, told, "x"), x, Continuous(), times=6, generator=seeded(7))
        surplus, se = b.mean_se(b.total + two.log_prob(x))
        assert list(b.parts) == ["reconstruction", "prior", "diffusion", "context"]
        assert surplus > -5 * se
        if heat == 1.0: assert abs(surplus) < 5 * se + 0.01
        if heat == 1e9:
            flat = (0.5 * (0.5 / two.weights).log()).sum()
            assert torch.allclose(b.parts["context"], flat.expand(3000), atol=1e-5)
    # a latent drawn from a keyed source is the example's own, whatever its batch
    model = denoiser(process, told, "x")
    whole = bound(model, x[:12], Continuous(), generator=Keyed(7, range(12), 12)).total
    halves = [
        bound(model, x[i:i + 6], Continuous(), generator=Keyed(7, range(i, i + 6), 12)).total
        for i in (0, 6)
    ]
    assert torch.allclose(torch.cat(halves), whole)
    n, names = process.given(None, 5, seeded(8))
    assert n.context["component"].shape == (5,) and names["context"].abs().max() < 1e-12


CHAINS = {
    "K = 1": MDM([[0.0]], [[0.5]], clock=Linear(-5.0, 1.6)),
    "K = 2": CLD(clock=Linear(-3.0, 1.6)),
    "K = 3": MALDA(clock=Linear(-2.0, 1.6)),
}


def flow_of(guide: SimpleNamespace, process: MDM, steps: int) -> Tensor:
    """The matrix of a run of the midpoint rule, from unit vectors."""
    K, model = process.K, MixtureDenoiser(process, law(1))
    return guide.Midpoint(steps, grid="snr")(model, unit(process)).view(K, K).mT


@pytest.mark.parametrize("name", CHAINS)
def test_a_sampler(guide: SimpleNamespace, name: str) -> None:
    """It takes the law at the end to the law at the beginning, at the declared order."""
    process, sampler = CHAINS[name], guide.Midpoint
    def law_at(t: float) -> Tensor:
        k = process.kernel(t)
        return SPREAD * k.Phi[:, :1] @ k.Phi[:, :1].mT + k.Sigma
    runs = [flow_of(guide, process, n) for n in (100, 200)]
    errors = [float((M @ law_at(1.0) @ M.mT - law_at(0.0)).norm()) for M in runs]
    rate = math.log2(errors[0] / errors[1])
    assert abs(rate - sampler.order) < 0.3 and errors[1] < 2e-3, (errors, rate)


def test_two_models_in_one(guide: SimpleNamespace) -> None:
    """Never above the mean of their bounds, in steps too; every sampler's process is the pair's."""
    x = law(2).sample(500, seeded(9))
    for process in (VE(), CLD(clock=Linear(-4.0, 1.0))):
        wrong = [Mixture.gaussian(torch.tensor([lean, 0.0]), SPREAD * torch.eye(2).double())
                 for lean in (-0.4, 0.9)]
        two = [MixtureDenoiser(process, mixture) for mixture in wrong]
        pair = guide.Pair(*two)
        for T in (None, 7):
            whole, *parts = (bound(model, x, Continuous(), T, generator=seeded(10)).total
                             for model in (pair, *two))
            assert (whole <= sum(parts) / 2 + 1e-9).all() and not torch.allclose(whole, parts[0])
    other = VE(Linear(-9.0, 9.0))
    assert pair.on(other).second.process is other and pair.second.process is process


def test_a_symmetry(guide: SimpleNamespace) -> None:
    """Mirrored states have mirrored answers; where a denoiser is symmetric, nothing changes."""
    lopsided = Mixture.gaussian(torch.tensor([0.2, -0.1]), SPREAD * torch.eye(2).double())
    for process in (VP(), CLD(clock=Linear(-4.0, 1.5))):
        y = randn(process.state_shape((5, 2)), seeded(10))
        mirrored = guide.Mirrored(MixtureDenoiser(process, lopsided))
        assert torch.allclose(mirrored(y.flip(-1), 0.4), mirrored(y, 0.4).flip(-1))
        even = MixtureDenoiser(process, law(2))
        assert torch.allclose(guide.Mirrored(even)(y, 0.4), even(y, 0.4))
        assert not torch.allclose(mirrored(y, 0.4), mirrored.base(y, 0.4))


def test_an_exact_log_density(guide: SimpleNamespace) -> None:
    """Of a correlated Gaussian, in two units, to the error of the prior."""
    cov = torch.tensor([[0.5, 0.2], [0.2, 0.3]]).double()
    gauss = Mixture.gaussian(torch.zeros(2), cov)
    for process in (VP(Linear(-5.0, 16.0)), guide.Straight(Linear(-5.0, 24.0))):
        k = process.kernel(0.0)
        start = torch.distributions.MultivariateNormal(
            torch.zeros(2).double(), k.Phi**2 * cov + k.Sigma * torch.eye(2))
        y = randn((20, 2), seeded(12))
        found = guide.log_density(MixtureDenoiser(process, gauss), y, 60)
        assert torch.allclose(found, start.log_prob(y), atol=2e-3)


def test_labelled_data(guide: SimpleNamespace) -> None:
    """A user's labels travel with the images, in batches too."""
    x, y = guide.stripes(64, seeded(13))
    labels = {"train": y, "valid": y[:16], "test": y[:32]}
    data = guide.ImageData("stripes", x, x[:16], x[:32], levels=4, where="here",
                           labels=labels, classes=("upright", "lying"))
    some = guide.batch_index(64, 8, step=3, seed=1)
    assert torch.equal(data.train[some], batch_at(data.train, 8, 3, 1))
    model = Diffusion(Classy(), discretization=Discretization(4), shape=(1, 4, 4), classes=2,
                      label_dropout=0.2)
    batch = data.train[some]
    model.loss(batch, Keyed(0, some, 64), label=data.labels["train"][some]).backward()


class Classy(torch.nn.Module):
    """A small network of 4 × 4 pictures that is told a class."""
    def __init__(self) -> None:
        super().__init__()
        self.inner = MLP(16, 16, 1, classes=2)
    def forward(self, z: Tensor, g: Tensor, label: Tensor | None = None) -> Tensor:
        """As `MLP`, on flattened pictures."""
        return self.inner(z.flatten(1), g, label=label).view(z.shape)


def test_a_foreign_network(guide: SimpleNamespace) -> None:
    """Its conventions are translated at every noise level of its table, for one block and two."""
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    keep = (1 - betas).cumprod(0)
    def theirs(x: Tensor, step: Tensor) -> Tensor:
        a = keep[step].view(-1, 1).float()
        return (1 - a).sqrt() * x / (1 - a + SPREAD * a)
    levels = ((1 - keep).log() - keep.log())[[200, 500, 800]]
    for process in (VE(Linear(-8.0, 9.0)), CLD(clock=Linear(-4.0, 1.5))):
        y, t = randn(process.state_shape((3, 2)), seeded(14)), process.time(levels)
        foreign = guide.Foreign(process, theirs, keep)(y, t)
        assert torch.allclose(foreign, MixtureDenoiser(process, law(2))(y, t), atol=2e-5)


def test_labels_in_the_process(guide: SimpleNamespace) -> None:
    """Each class has the bound of its own ends; the network is told the class by the process."""
    seen = []
    process, label = guide.PerClass(Linear(-8.0, 5.0)), torch.arange(3000) % 2
    def predict(z: Tensor, gamma: Tensor, label: Tensor) -> Tensor:
        seen.append(label)
        alpha, sigma = alpha_sigma(gamma)
        return SPREAD * alpha * z / (SPREAD * alpha**2 + sigma**2)
    model, _ = denoiser(process, predict, "x").given(None, 3000, label=label)
    x = math.sqrt(SPREAD) * randn((3000, 2), seeded(15))
    per_class = bound(of_dimensions(process), x, Continuous(), times=6, generator=seeded(16),
                      label=label)
    for c, last in enumerate(process.ends):
        truth = 2 * gaussian_bound(VP(Linear(-8.0, last)), SPREAD).total.item()
        mean, se = per_class.mean_se(per_class.total[label == c])
        assert abs(mean - truth) < 5 * se
    model(model.process.prior((3000, 2), seeded(17)), 0.5)
    assert torch.equal(seen[0], label)
