"""Causes, and pictures of them: the world, the graph, the model, its answers and their judges."""
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import refused
from scipy import stats
from sklearn.ensemble import GradientBoostingRegressor
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from mdm_nb import (
    DDIM,
    SCM,
    VP,
    CausalDiffAE,
    CausalEncoder,
    CodedUNet,
    Cosine,
    Pendulum,
    Strengthened,
    causal_order,
    composition,
    dci,
    dci_of,
    ddim_invert,
    effectiveness,
    label_nats,
    noise_kl,
    optics,
    psnr,
    rand,
    randn,
    readings,
    reversibility,
    seeded,
    taught_reader,
)
from mdm_nb.bounds.denoiser import Denoiser
from mdm_nb.neighbours.causal import code_of, with_places

WORLD = Pendulum(16)
GRAPH = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["d"], "f": []}


def model(objective: str = "paper", reads: str = "causes") -> CausalDiffAE:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        encoder, network = CausalEncoder(4, 2, (3, 16, 16), 4), CodedUNet(9, width=8)
        scm = SCM(WORLD.dag, 2, 8)
        return CausalDiffAE(encoder, scm, network, objective=objective, reads=reads)


def pictures(n: int = 6) -> tuple[Tensor, Tensor]:
    labels = WORLD.draw(n, seeded(0))
    return WORLD.render(labels), labels


def test_the_shadow_is_where_rays_land() -> None:
    """From every point of the rod, along the light, to the ground."""
    theta, phi = Pendulum().factors(Pendulum().draw(200, seeded(1)))[:, :2].unbind(1)
    along = torch.linspace(0, 9.5, 20).double()[:, None]
    x, y = 10 + along * theta.sin(), 10.5 - along * theta.cos()
    landed = x - (y + 0.5) / phi.tan()
    length, position = optics(theta, phi)
    high, low = landed.max(0).values, landed.min(0).values
    assert (high - low - length).abs().max() < 1e-9
    assert ((high + low) / 2 - position).abs().max() < 1e-9


def test_a_disc_covers_its_area_and_lies_where_it_should() -> None:
    """The red bob: all of its paint, and its centre of mass, on a fine and on a coarse canvas."""
    for size in (32, 128):
        world = Pendulum(size)
        labels = torch.tensor([[0.4, -0.2, -0.9, 0.9]]).double()
        image = world.render(labels)[0].double()
        angle = float(world.factors(labels)[0, 0])
        red = ((image[0] - image[1]) / 144).clamp(0, 1)
        red[: size // 3] = 0  # not the sun, which is up there
        middle = (torch.arange(size) + 0.5) / size
        area = float(red.sum()) * 20 * 22 / size**2
        across = float((red.sum(0) * 20 * middle).sum() / red.sum())
        up = float((red.sum(1) * (21 - 22 * middle)).sum() / red.sum())
        assert abs(area - math.pi * 1.5**2) < 0.25
        assert abs(across - 10 - 8 * math.sin(angle)) < 0.1
        assert abs(up - 10.5 + 8 * math.cos(angle)) < 0.1


def test_a_true_counterfactual_keeps_the_noise() -> None:
    labels = WORLD.draw(500, seeded(2))
    there = WORLD.counterfactual(labels, {"light": 0.0, "angle": -0.5})
    away = WORLD.factors(there), WORLD.factors(labels)
    left = [f[:, 2:] - torch.stack(optics(f[:, 0], f[:, 1]), 1) for f in away]
    free = away[0][:, 2] > 0.3 + 1e-9  # where the shadow is not at its least
    assert (left[0] - left[1])[free].abs().max() < 1e-9
    assert torch.equal(WORLD.counterfactual(labels, {}), labels)
    both = WORLD.counterfactual(labels, {"light": 0.0, "length": 0.7})
    assert (both[:, 2] == 0.7).all() and torch.allclose(both[:, 3], WORLD.counterfactual(
        labels, {"light": 0.0})[:, 3])


def test_broken_optics_are_broken_as_often_as_asked() -> None:
    labels = Pendulum(noise=0.0, broken=0.3).draw(4000, seeded(3))
    factors = WORLD.factors(labels)
    right = (factors[:, 3] - optics(factors[:, 0], factors[:, 1])[1]).abs() < 1e-9
    assert abs(float(right.double().mean()) - 0.7) < 4 * math.sqrt(0.21 / 4000)


def test_causes_run_forwards_and_backwards() -> None:
    scm, u = SCM(GRAPH, 3).double(), randn((50, 6, 3), seeded(0))
    z = scm(u)
    assert (scm.abduct(z) - u).abs().max() < 1e-12
    single = SCM(GRAPH, 3)
    assert (single.abduct(single(u.float())) - u).abs().max() < 1e-6


@pytest.mark.parametrize("name", list(GRAPH))
def test_a_hand_moves_descendants_only(name: str) -> None:
    scm, u = SCM(GRAPH, 3), randn((50, 6, 3), seeded(0)).float()
    moved = (scm(u, {name: 0.3}) != scm(u)).flatten(2).any(2).any(0)
    assert {n for n, m in zip(GRAPH, moved, strict=True) if m} == {name, *scm.descendants(name)}


@pytest.mark.parametrize("order", [("f", "a", "c", "b", "d", "e"), ("a", "b", "c", "f", "d", "e")])
def test_any_causal_order_gives_the_same(order: tuple[str, ...]) -> None:
    scm, u = SCM(GRAPH, 3), randn((50, 6, 3), seeded(0)).float()
    expected = scm(u, {"c": -0.2})
    scm.order = order
    assert torch.equal(scm(u, {"c": -0.2}), expected)


def test_terms_have_their_closed_forms() -> None:
    mu, v = randn((5, 4, 3), seeded(0)), 0.1 + rand((5, 4, 3), seeded(1))
    theirs = kl_divergence(Normal(mu, v.sqrt()), Normal(0 * mu, 1 + 0 * v)).sum((1, 2))
    assert (noise_kl(mu, v) - theirs).abs().max() < 1e-12
    y, z = randn((5, 4), seeded(2)), randn((5, 4, 3), seeded(3))
    spread = (z - z.mean(2, keepdim=True)).square().sum((1, 2)) / (2 * 0.3**2)
    likely = Normal(z.mean(2), 0.3 / 3**0.5).log_prob(y).sum(1)
    assert (label_nats(z, y, 0.3) + likely - spread).abs().max() < 1e-9


@pytest.mark.parametrize("reads", ["causes", "noise"])
@pytest.mark.parametrize("objective", ["paper", "bound"])
def test_every_part_learns(objective: str, reads: str) -> None:
    it, (x, y) = model(objective, reads), pictures()
    it.loss(x, y, generator=seeded(1)).backward()
    for name, p in it.scm.named_parameters(): assert p.grad.abs().sum() > 0, name
    assert it.encoder.numbers.weight.grad.abs().sum() > 0
    assert it.diffusion.network.network.leave.weight.grad.abs().sum() > 0


@torch.no_grad()
@pytest.mark.parametrize("reads", ["causes", "noise"])
def test_nats_are_the_mean_of_densities(reads: str) -> None:
    """Over many draws: log q − log p of u or z, and the labels' term at the draw itself."""
    it, (x, y) = model("bound", reads), pictures(1)
    x, y = x.expand(3000, -1, -1, -1), y.expand(3000, -1)
    mean, v = it.encoder(it.diffusion.discretization.encode(x[:1]))
    z, nats = it.draw(x, y, seeded(5))
    u = it.scm.abduct(z)
    law = Normal(mean.double(), v.double().sqrt())
    drawn = law.log_prob(z.double() if reads == "causes" else u.double())
    said = (drawn - Normal(0.0, 1.0).log_prob(u.double())).sum((1, 2))
    for ours, theirs in {"noise": said, "labels": label_nats(z, y)}.items():
        error = (nats[ours] - theirs).mean() / ((nats[ours] - theirs).std() / len(z)**0.5)
        assert abs(float(error)) < 4 and nats[ours].std() <= theirs.std()


def test_the_objectives_are_sums_of_their_terms() -> None:
    x, y = pictures()
    some = torch.arange(6) < 2
    for objective, unit in {"paper": 1.0, "bound": 3 * 16 * 16}.items():
        it = model(objective)
        parts = it.terms(x, y, some, seeded(1))
        rest = (parts.pop("noise") + parts.pop("labels")).sum() / 2
        picture = sum(p.mean() for p in parts.values())
        weight = it.weight if objective == "paper" else 1.0
        assert torch.allclose(it.loss(x, y, some, seeded(1)) * unit, picture + weight * rest)


def test_the_bound_is_the_diffusions_and_two_terms() -> None:
    it, (x, y) = model("bound"), pictures()
    source, bound = seeded(4), it.bound(x, y, generator=seeded(4))
    z, nats = it.draw(x, y, source)
    picture = it.diffusion.bound(x, 1, source, latent=code_of(z))
    expected = picture.total + nats["noise"] + nats["labels"]
    assert torch.allclose(bound.total, expected.detach()) and bound.unit == "nats"
    assert it.bound(x, generator=seeded(4)).unit == "bits/dim"


def test_what_has_no_label_is_not_told() -> None:
    it, (x, y) = model(), pictures()
    with torch.no_grad():  # a network that listens, as a new one does not
        for p in it.diffusion.network.parameters(): p += 0.1 * torch.ones_like(p)
    none = torch.zeros(6, dtype=torch.bool)
    untold = it.terms(x, y, none, seeded(1))
    assert torch.equal(untold["error"], it.terms(x, None, None, seeded(1))["error"])
    assert not torch.equal(untold["error"], it.terms(x, y, ~none, seeded(1), 0.0)["error"])
    assert not untold["noise"].any() and not untold["labels"].any()
    z = randn((6, 4, 2), seeded(0))
    assert (code_of(z, none) == 0).all() and (code_of(0 * z)[:, -1] == 1).all()


def test_codes_of_pictures_without_labels_may_be_read() -> None:
    """They pay for their noise, in a mean over all, and for no label; the painter hears them."""
    it, (x, y) = model(), pictures()
    with torch.no_grad():
        for p in it.diffusion.network.parameters(): p += 0.1 * torch.ones_like(p)
    some = torch.arange(6) < 2
    hidden = it.terms(x, y, some, seeded(1), 0.0)
    it.untold = "read"
    read = it.terms(x, y, some, seeded(1), 0.0)
    assert torch.equal(read["error"][:2], hidden["error"][:2])
    assert (read["error"][2:] != hidden["error"][2:]).any() and (read["noise"] > 0).all()
    assert torch.equal(read["labels"], hidden["labels"]) and not read["labels"][2:].any()
    parts = it.terms(x, y, some, seeded(1))
    rest = parts["noise"].mean() + parts["labels"].sum() / 2
    assert torch.allclose(it.loss(x, y, some, seeded(1)), parts["error"].mean() + it.weight * rest)
    assert it.terms(x, None, None, seeded(1))["noise"].all()


def test_the_error_of_v_is_that_of_noise_over_alpha_squared() -> None:
    """Picture by picture, with the same draws."""
    it, (x, _) = model(), pictures()
    code = randn((6, 9), seeded(3)).float()
    eps = it.noise_error(x, code, seeded(1))
    it.target = "v"
    gamma = it.diffusion.process.at(rand((6,), seeded(1))).gamma
    found = it.noise_error(x, code, seeded(1))
    assert torch.allclose(found, eps / torch.sigmoid(-gamma), rtol=1e-4)


def test_a_sketch_hears_the_code_where_the_picture_is_noise() -> None:
    """It is added to any size; without it a painter is what it was."""
    torch.manual_seed(0)
    plain, sketched = CodedUNet(9, width=8), CodedUNet(9, width=8, drawn=5)
    assert plain.sketch is None and sketched.sketch is not None
    g, codes = torch.full((2,), 0.9), randn((2, 9), seeded(1)).float()
    for size in (16, 24, 32):
        z = randn((2, 3, size, size), seeded(0)).float()
        assert sketched(z, g, latent=codes).shape == z.shape
    assert sketched.sketch(codes).shape == (2, 5, 16, 16)
    with torch.no_grad():
        for p in sketched.network.parameters(): p += 0.05
    one = sketched(z[:1].expand(2, -1, -1, -1), g, latent=codes)
    assert not torch.allclose(one[0], one[1])


def test_places_are_on_two_channels() -> None:
    shown = with_places(torch.zeros(2, 3, 4, 6))
    assert shown.shape == (2, 5, 4, 6) and (shown[:, :3] == 0).all()
    assert torch.equal(shown[0, 4, 0], torch.linspace(-1, 1, 6))
    assert torch.equal(shown[0, 3, :, 0], torch.linspace(-1, 1, 4))


class Linear(Denoiser):
    """E[x | y_t, z] for x = A z + 0.3 normal noise."""
    A = torch.tensor([[1.0, 0.5], [-0.3, 0.8], [0.2, 0.2]]).double()
    def __call__(self, y: Tensor, t: float, **cond: Tensor) -> Tensor:
        at = self.process.at(t)
        alpha, var = torch.sigmoid(-at.gamma).sqrt(), torch.sigmoid(at.gamma)
        centre = cond["latent"] @ self.A.T
        gain = alpha * 0.09 / (alpha**2 * 0.09 + var)
        return centre + gain * (at.observe(y) - alpha * centre)


def test_inversion_of_an_exact_denoiser_returns() -> None:
    exact, z = Linear(VP(Cosine(-8.0, 7.0))), randn((50, 2), seeded(1))
    x = z @ exact.A.T + 0.3 * randn((50, 3), seeded(3))
    scale = torch.sigmoid(-exact.process.gamma(0.0)).sqrt()
    def error(steps: int) -> float:
        noise = ddim_invert(exact, x, steps, latent=z)
        return float((DDIM(steps)(exact, noise, latent=z) / scale - x).abs().max())
    few, many = error(20), error(40)
    assert many < 0.15 and 1.7 < few / many < 2.3
    exact.process = SimpleNamespace(K=2)  # a real one takes seconds to make
    refused("K = 2", ddim_invert, exact, x)


def test_a_linear_counterfactual_is_the_one_on_paper() -> None:
    it = Linear(VP(Cosine(-8.0, 7.0)))
    z, acted = randn((50, 2), seeded(1)), randn((50, 2), seeded(2))
    x = z @ it.A.T + 0.3 * randn((50, 3), seeded(3))
    scale = torch.sigmoid(-it.process.gamma(0.0)).sqrt()
    answer = DDIM(100)(it, ddim_invert(it, x, 100, latent=z), latent=acted) / scale
    assert (answer - x - (acted - z) @ it.A.T).abs().max() < 0.1
    y = randn((50, 3), seeded(4))
    free, told = (it(y, 0.5, latent=c) for c in (0 * z, z))
    more = Strengthened(it, 3.0)(y, 0.5, latent=z)
    assert torch.allclose(more, free + 3 * (told - free))


def test_importances_with_known_answers() -> None:
    assert dci_of(np.eye(5)[[3, 0, 4, 1, 2]])[:2] == (1, 1)
    assert np.allclose(dci_of(np.ones((4, 4)))[:2], 0)
    two = dci_of(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]]))
    assert np.allclose(two[:2], (1, 1 - math.log(2) / math.log(3) / 2))
    skew = dci_of(np.array([[3.0, 1.0], [0.0, 4.0]]))
    entropy = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert math.isclose(skew.disentanglement, 0.5 * (1 - entropy) + 0.5)


def test_trees_find_blocks() -> None:
    truth = 2 * rand((200, 3), seeded(0)) - 1
    copied = truth[:, [1, 2, 0], None] + 0.01 * randn((200, 3, 2), seeded(1))
    assert min(dci(copied, truth, trees=30)) > 0.9
    assert dci(copied.flatten(1), truth, trees=30).completeness < 0.8


def test_decibels() -> None:
    x, _ = pictures()
    assert psnr(x, x) == math.inf
    assert math.isclose(psnr(x // 2, x // 2 + 1), 20 * math.log10(255))


def test_doing_nothing_by_the_same_noise_is_composition() -> None:
    """An untrained painter turns its state; what goes up so comes down so, code or none."""
    it, (x, y) = model(), pictures(3)
    assert composition(it, x, 3) == psnr(it.counterfactual(x, {}, 3), x)
    back = {"light": y[:, 1].clamp(-1, 1)}
    assert reversibility(it, x, {"light": 0.0}, back, 3) == composition_twice(it, x, back)
    one = it.counterfactual(x, {"light": 0.5}, 3, abduct="random", generator=seeded(1))
    assert torch.equal(one, it.counterfactual(x, {"light": 0.5}, 3, 1.0, "random", seeded(1)))
    assert not torch.equal(one, it.counterfactual(x, {"light": 0.5}, 3, 1.0, "random", seeded(2)))


def composition_twice(it: CausalDiffAE, x: Tensor, back: dict) -> float:
    return psnr(it.counterfactual(it.counterfactual(x, {"light": 0.0}, 3), back, 3), x)


# ---- the judges, against an oracle and against code that shares nothing with theirs

class Oracle(CausalDiffAE):
    """Answers every question with the true picture, or with that of somebody else."""
    def __init__(self, labels: Tensor, right: bool = True) -> None:
        torch.nn.Module.__init__(self)  # there is nothing to learn
        self.right, self.known = right, {}
        self.remembered(labels)
    def remembered(self, labels: Tensor) -> Tensor:
        images = WORLD.render(labels)
        for row, image in zip(labels, images, strict=True):
            self.known[image.numpy().tobytes()] = row
        return images
    def counterfactual(self, images: Tensor, do: dict, *_: object) -> Tensor:
        labels = torch.stack([self.known[image.numpy().tobytes()] for image in images])
        if not self.right: labels = WORLD.draw(len(labels), seeded(77))
        return self.remembered(WORLD.counterfactual(labels, do))


class Exact(CausalEncoder):
    """A reader that knows the label of every picture that it may be shown."""
    def __init__(self, *labels: Tensor) -> None:
        torch.nn.Module.__init__(self)
        self.known = {image.numpy().tobytes(): row for rows in labels
                      for row, image in zip(rows, WORLD.render(rows), strict=True)}
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Its mean, `(n, 4, 1)`, and no variance."""
        images = ((x + 1) * 127.5).round().to(torch.uint8)
        rows = torch.stack([self.known[image.numpy().tobytes()] for image in images])
        return rows[..., None], 0 * rows[..., None]


def asked(n: int) -> tuple[Tensor, Tensor, Tensor]:
    """Labels, a wish for the light, and labels of the true counterfactuals; no shadow too short."""
    labels, wish = WORLD.draw(3 * n, seeded(11)), 2 * rand((3 * n,), seeded(12)) - 1
    there = WORLD.counterfactual(labels, {"light": wish})
    free = (WORLD.factors(labels)[:, 2] > 0.31) & (WORLD.factors(there)[:, 2] > 0.31)
    return labels[free][:n], wish[free][:n], there[free][:n]


def test_judges_of_an_oracle() -> None:
    """What is perfect scores perfectly; what was there before scores what numpy says."""
    labels, wish, there = asked(40)
    oracle, images, truth = Oracle(labels), WORLD.render(labels), WORLD.render(there)
    answers = oracle.counterfactual(images, {"light": wish})
    found = effectiveness(Exact(labels, there), answers, images, truth, there)
    null = np.zeros(4)
    for before, after in zip(labels.numpy(), there.numpy(), strict=True):
        null += abs(before - after) / len(labels)
    assert found.factors == (0, 0, 0, 0) and found.pixels == 0
    assert np.allclose(found.before, null) and found.before[0] == 0 and found.before[1] > 0.3
    scaled = [x.numpy() / 127.5 - 1 for x in (images, truth)]
    assert math.isclose(found.pixels_before, np.mean(np.abs(scaled[0] - scaled[1])))
    assert composition(oracle, images) == math.inf
    assert reversibility(oracle, images, {"light": wish}, {"light": labels[:, 1]}) == math.inf


def test_judges_of_somebody_elses_pictures() -> None:
    """Readings, pixels and decibels of wrong answers, picture by picture in numpy."""
    labels, wish, there = asked(40)
    liar, images, truth = Oracle(labels, right=False), WORLD.render(labels), WORLD.render(there)
    said = WORLD.counterfactual(WORLD.draw(40, seeded(77)), {"light": wish})
    answers = liar.counterfactual(images, {"light": wish})
    found = effectiveness(Exact(labels, there, said), answers, images, truth, there)
    away, off = np.zeros(4), []
    for k in range(40):
        away += np.abs(said[k].numpy() - there[k].numpy()) / 40
        difference = answers[k].numpy().astype(float) - truth[k].numpy().astype(float)
        off.append(np.mean(np.abs(difference)) / 127.5)
    assert np.allclose(found.factors, away) and found.factors[1] < 1e-12 < found.factors[0]
    assert math.isclose(found.pixels, np.mean(off))
    other = WORLD.render(WORLD.draw(40, seeded(77))).numpy().astype(float)
    noise = np.mean([(one - x) ** 2 for one, x in zip(other, images.numpy(), strict=True)])
    assert math.isclose(composition(liar, images), 20 * math.log10(255) - 10 * math.log10(noise))
    assert composition(liar, images) < 20


def test_a_reader_that_is_taught_reads_pictures_it_has_not_seen() -> None:
    """Under no_grad as well; `readings` are its means, on pixels from −1 to 1."""
    lessons, tests = (Pendulum(16, broken=1.0).draw(n, seeded(n)) for n in (600, 100))
    with torch.no_grad(): reader = taught_reader(WORLD.render(lessons), lessons, 250)
    read = readings(reader, WORLD.render(tests))
    guess = (lessons.mean(0) - tests).abs().mean(0)
    assert ((read - tests).abs().mean(0) < 0.4 * guess).all()
    mean, _ = reader(WORLD.render(tests) / 127.5 - 1)
    assert torch.equal(read, mean[:, :, 0].double())


def our_dci(code: np.ndarray, labels: np.ndarray, groups: int, trees: int) -> tuple[float, float]:
    """Eastwood and Williams, Sect. 3, from the splits of the trees themselves."""
    half, numbers = len(code) // 2, code.shape[1]
    table = np.zeros((numbers, labels.shape[1]))
    for j in range(labels.shape[1]):
        fit = GradientBoostingRegressor(n_estimators=trees, random_state=0)
        fit.fit(code[:half], labels[:half, j])
        for tree in (t.tree_ for t in fit.estimators_[:, 0]):
            gained = np.zeros(numbers)  # what a number's splits take from the impurity
            for node in range(tree.node_count):
                kids = tree.children_left[node], tree.children_right[node]
                if kids[0] < 0: continue
                left = sum(tree.weighted_n_node_samples[k] * tree.impurity[k] for k in kids)
                own = tree.weighted_n_node_samples[node] * tree.impurity[node]
                gained[tree.feature[node]] += own - left
            table[:, j] += gained
    table = table / table.sum(0)
    table = table.reshape(groups, -1, labels.shape[1]).sum(1)
    rows, columns = (np.array([stats.entropy(line, base=len(line)) for line in side])
                     for side in (table, table.T))
    share = table.sum(1) / table.sum()
    return float(1 - share @ rows), float(1 - columns.mean())


@pytest.mark.parametrize("angle", [0.0, 0.3, math.pi / 4])
def test_importances_agree_with_splits_of_trees(angle: float) -> None:
    """A code that is turned mixes two factors; at 45° each number speaks of both alike."""
    truth = 2 * rand((400, 3), seeded(0)) - 1
    turn = torch.eye(3).double()
    turn[:2, :2] = torch.tensor([[math.cos(angle), -math.sin(angle)],
                                 [math.sin(angle), math.cos(angle)]])
    code = torch.stack([truth @ turn + 0.02 * randn((400, 3), seeded(k)) for k in (1, 2)], 2)
    flat = code.flatten(1).numpy()
    for given, groups in ((code, 3), (code.flatten(1), 6)):
        found = dci(given, truth, trees=20)
        ours = our_dci(flat, truth.numpy(), groups, 20)
        assert np.allclose(found[:2], ours, atol=1e-9)
    blocks = dci(code, truth, trees=20).disentanglement
    at = {0.0: (0.97, 1.0), 0.3: (0.5, 0.97), math.pi / 4: (0.4, 0.66)}[angle]
    assert at[0] < blocks <= at[1]  # at 45°: a third is perfect, the rest has ln 2 of ln 3


def test_informativeness_is_of_unseen_pictures() -> None:
    """R² of the second half; a code of noise has none."""
    truth, noise = 2 * rand((300, 2), seeded(0)) - 1, randn((300, 2), seeded(1))
    told = dci(truth, truth, trees=60).informativeness
    assert told > 0.95 and dci(noise, truth, trees=60).informativeness < 0.05


IT, (X, Y) = model(), pictures()
REFUSED = {
    "circle": (lambda: causal_order({"a": ["b"], "b": ["a"]}), "no factor may cause itself"),
    "self": (lambda: SCM({"a": ["a"]}), "no factor may cause itself"),
    "stranger": (lambda: SCM({"a": ["b"]}), "give a list of factors, of a"),
    "empty": (lambda: SCM({}), "one factor at least"),
    "unknown": (lambda: IT.counterfactual(X, {"wind": 0.1}), "choose from angle, light"),
    "beyond": (lambda: IT.counterfactual(X, {"light": 1.1}), "outside [-1, 1]"),
    "nan": (lambda: IT.counterfactual(X, {"light": math.nan}), "outside [-1, 1]"),
    "rows": (lambda: IT.counterfactual(X, {"light": torch.zeros(5)}), "one for each of 6"),
    "size": (lambda: IT.counterfactual(X[..., :8], {}), "the model expects (B, 3, 16, 16)"),
    "floats": (lambda: IT.read(X / 255), "not whole levels"),
    "labels": (lambda: IT.loss(X, Y[:, :3]), "a row of factors for each picture"),
    "known": (lambda: IT.loss(X, Y, torch.ones(6)), "a bool for each of 6"),
    "steps": (lambda: IT.counterfactual(X, {"light": 0.5}, steps=0), "steps = 0"),
    "abduct": (lambda: IT.counterfactual(X, {}, abduct="guess"), "invert, random, mix"),
    "objective": (lambda: model("likelihood"), "paper, bound"),
    "target": (lambda: CausalDiffAE(IT.encoder, IT.scm, CodedUNet(9), target="x"), "eps, v"),
    "untold": (lambda: CausalDiffAE(IT.encoder, IT.scm, CodedUNet(9), untold="no"), "hidden, read"),
    "drawn": (lambda: CodedUNet(9, drawn=-1), "drawn = -1"),
    "alike": (lambda: CausalDiffAE(IT.encoder, SCM(WORLD.dag, 3), CodedUNet(13)), "both alike"),
    "odd": (lambda: CausalEncoder(4, 2, (3, 20, 20)), "divisible by 8"),
    "noise": (lambda: IT.scm(torch.zeros(2, 3, 2)), "a vector for each of"),
    "world": (lambda: WORLD.render(Y[:, :2]), "give (n, 4)"),
    "grain": (lambda: Pendulum(4), "size = 4"),
    "table": (lambda: dci_of(-np.eye(2)), "not negative"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_is_refused(name: str) -> None:
    call, message = REFUSED[name]
    refused(re.escape(message), call)
