"""There and back: walks that begin on the way, the throw, the return, and what they betray."""
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import refused
from PIL import Image
from scipy import stats
from torch import Tensor, nn
from torch.utils.data import DataLoader

import mdm_nb.models
from mdm_nb import (
    CLD,
    DDIM,
    GDDIM,
    GRIDS,
    MALDA,
    MLP,
    PSLD,
    VE,
    VP,
    AdaptiveFlow,
    Ancestral,
    Augmented,
    Cosine,
    Diffusion,
    Discretization,
    DPMSolver,
    Encoded,
    Encoder,
    EulerMaruyama,
    Heun,
    InputError,
    Keyed,
    KHot,
    Labels,
    LearnedMDM,
    Linear,
    Mixture,
    MixtureDenoiser,
    Polynomial,
    PredictorCorrector,
    ProbabilityFlow,
    Process,
    Sampler,
    Splitting,
    SubVP,
    anonymity,
    attack_bound,
    boomerang,
    burying_snr,
    denoiser,
    enlarged,
    expected_move,
    grid_times,
    information_bound,
    renyi_bound,
    seeded,
    throw,
    train_run,
    turning_time,
    way_back,
)
from mdm_nb.runs.boomerang import read_thrown
from mdm_nb.runs.cli import run_command
from mdm_nb.runs.restore import picture_file, read_levels, read_mask

BELL = Mixture.gaussian(torch.zeros(2), torch.tensor([[1.0, 0.0], [0.0, 0.09]]))
VARIANCES = torch.tensor([1.0, 0.09], dtype=torch.float64)
PROCESSES: dict[str, Process] = {
    "VP": VP(), "VE": VE(Cosine()), "sub-VP": SubVP(), "CLD": CLD(), "PSLD": PSLD(),
    "MALDA": MALDA(), "learned": LearnedMDM(3, generator=seeded(3)).requires_grad_(False),
}


# ---------------------------------------------------------------- walks that begin on the way


@pytest.mark.parametrize("grid", GRIDS)
def test_a_grid_divides_what_is_left_by_its_own_law(grid: str) -> None:
    process, law = CLD(), {"uniform": lambda u: u, "quadratic": lambda u: u * u}
    t = grid_times(grid, 6, process, 0.4)
    u = torch.linspace(1, 0, 7, dtype=torch.float64)
    if grid in law: assert torch.allclose(t, 0.4 * law[grid](u), atol=1e-15)
    even = process.gamma(t) if grid == "snr" else (process.gamma(t) / 14).exp()
    if grid not in law: assert torch.allclose(even.diff(), even.diff()[0], rtol=1e-8)
    assert t[0] == 0.4 and t[-1] == 0
    starts = torch.tensor([0.4, 0.9], dtype=torch.float64)
    both = grid_times(grid, 6, process, starts)
    assert torch.allclose(both[:, 0], t, atol=1e-14) and torch.equal(both[0], starts)
    assert torch.equal(grid_times(grid, 6, process), grid_times(grid, 6, process, 1.0))


def test_times_that_were_given_are_parts_of_the_way() -> None:
    own = torch.tensor([1.0, 0.5, 0.2, 0.0])
    assert torch.equal(DDIM(3, grid=own).times(VP(), 0.5), 0.5 * own.double())


RULES = [Ancestral(4), DDIM(4), EulerMaruyama(4), ProbabilityFlow(4), DPMSolver(4), GDDIM(4),
         Heun(4), Splitting(4), PredictorCorrector(4), AdaptiveFlow(1e-3, atol=1e-3)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_examples_may_start_at_times_of_their_own(rule: Sampler) -> None:
    """Each as if it were alone, with the numbers that belong to it."""
    for process in (VP(), MALDA()):
        model, starts = MixtureDenoiser(process, BELL), torch.tensor([0.4, 0.7])
        y = process.prior((2, 2), seeded(0)) / 4
        both = rule(model, y, Keyed(0, range(2)), start=starts)
        for i in range(2):
            one = rule(model, y[i:i + 1], Keyed(0, range(i, i + 1)), start=starts[i])
            assert torch.allclose(both[i], one[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("process", [VP(), CLD(clock=Linear(-4.0, 1.0))], ids=["VP", "CLD"])
def test_the_flow_from_the_middle_arrives(process: Process) -> None:
    """Where the flow to a tolerance does; on VP that is a ratio of standard deviations."""
    model = MixtureDenoiser(process, BELL)
    y, at = throw(process, BELL.sample(3, seeded(1)), 0.5, seeded(2))
    exact = AdaptiveFlow(1e-6, atol=1e-6)(model, y, start=at)
    for rule in (DPMSolver(60), GDDIM(60), Heun(40), ProbabilityFlow(120, grid="snr")):
        assert torch.allclose(rule(model, y, start=at), exact, atol=0.02)
    if process.K > 1: return
    grown, end = ((m.kernel.Phi[0, 0]**2 * VARIANCES + m.kernel.Sigma[0, 0]).sqrt()
                  for m in (at, process.at(0.0)))
    assert torch.allclose(exact, y * end / grown, atol=1e-4)


def test_a_start_that_is_none_is_refused() -> None:
    model, y = MixtureDenoiser(VP(), BELL), torch.zeros(2, 2)
    refused("above 0", DDIM(3), model, y, start=0.0)
    refused("lies outside", DDIM(3), model, y, start=1.5)
    refused("for 2 states", DDIM(3), model, y, start=torch.tensor([0.1, 0.2, 0.3]))
    learned = Ancestral(3, log_ratio=torch.zeros(3))
    refused("without log_ratio", learned, model, y, start=0.5)
    assert learned(model, y, start=1.0).shape == (2, 2)


# ---------------------------------------------------------------- the throw and the return


@pytest.mark.parametrize("name", PROCESSES)
def test_the_turn_has_the_ratio(name: str) -> None:
    for snr in (30.0, 1.0, 0.2):
        gamma = PROCESSES[name].gamma(turning_time(PROCESSES[name], snr))
        assert float(gamma) == pytest.approx(-math.log(snr), abs=1e-7)
    refused("falls from", turning_time, PROCESSES[name], 1e200)
    refused("falls from", turning_time, PROCESSES[name], 1e-200)


def test_a_velocity_tells_too() -> None:
    """The ratio of critically damped Langevin diffusion, by the equations of its moments."""
    from scipy.linalg import expm
    A = 4 * np.array([[0.0, 4.0], [-1.0, -4.0]])  # β, M = 1/4, Γ = 1
    van_loan = np.zeros((4, 4))
    van_loan[:2, :2], van_loan[:2, 2:], van_loan[2:, 2:] = A, np.diag([0.0, 8.0]), -A.T
    for t, wanted in ((0.1, 6.0030), (0.2, 0.7455), (0.3, 0.1789)):
        whole = expm(van_loan * t)
        Phi = whole[:2, :2]
        Sigma = whole[:2, 2:] @ Phi.T + 0.01 * np.outer(Phi[:, 1], Phi[:, 1])
        snr = Phi[:, 0] @ np.linalg.solve(Sigma, Phi[:, 0])
        assert snr == pytest.approx(wanted, abs=6e-5)
        process = CLD(clock=mdm_nb.Beta(4.0, start=1e-9))
        assert float(turning_time(process, float(snr))) == pytest.approx(t, rel=1e-6)


def test_a_clock_for_every_dimension_turns_at_the_geometric_mean() -> None:
    """Each example at its own time, which the others do not change."""
    clock = Polynomial(Labels(3), shape=(2,))
    with torch.no_grad(): clock.fields.network[-1].weight.normal_(generator=seeded(0))
    told, _ = VP(clock).given(None, 3, label=torch.tensor([0, 1, 2]))
    t = turning_time(told, 2.0, 3)
    assert t.shape == (3,) and len(t.unique()) == 3
    assert torch.allclose(told.gamma(t).mean(1), torch.tensor(-math.log(2.0)).double(), atol=1e-9)
    alone, _ = VP(clock).given(None, 1, label=torch.tensor([1]))
    assert torch.allclose(turning_time(alone, 2.0, 1), t[1:2], atol=1e-12)
    ends = VP(Linear(torch.tensor([-8.0, -6.0]), torch.tensor([3.0, 4.0])))
    assert turning_time(ends, 1.0, 2).shape == (2,)


@pytest.mark.parametrize("name", PROCESSES)
def test_correlation_and_move_on_gaussian_data(name: str) -> None:
    """ρ = λ snr / (1 + λ snr), and twice the squared error of the denoiser."""
    x, snr = BELL.sample(4000, seeded(0)), 0.7
    model = MixtureDenoiser(PROCESSES[name], BELL)
    new = boomerang(model, x, snr, Ancestral(80), generator=seeded(1))
    rho = VARIANCES * snr / (1 + VARIANCES * snr)
    found = (x * new).mean(0) / (x.square().mean(0) * new.square().mean(0)).sqrt()
    assert (found - rho).abs().max() < 4 / math.sqrt(4000)
    wanted = 2 * (VARIANCES * (1 - rho)).sum()
    assert float((new - x).square().sum(1).mean()) == pytest.approx(float(wanted), rel=0.08)
    told = expected_move(model, x, snr, seeded(2))
    assert abs(float(told.mean() - wanted)) < 5 * float(told.std()) / math.sqrt(4000)


def test_velocities_are_fresh() -> None:
    """The state given x has the covariance that counts the initial velocities as noise."""
    x = torch.zeros(40_000, 1, dtype=torch.float64)
    y, at = throw(CLD(), x, 3.0, seeded(0))
    assert torch.allclose(y[..., 0].T.cov(), at.kernel.Sigma, rtol=0.05, atol=0.01)


def test_a_return_without_noise_keeps_too_much() -> None:
    x = BELL.sample(4000, seeded(0))
    new = boomerang(MixtureDenoiser(VP(), BELL), x, 0.7, DPMSolver(30), generator=seeded(1))
    rho = float((x * new).mean(0)[0] / (x.var(0) * new.var(0)).sqrt()[0])
    assert rho == pytest.approx(math.sqrt(0.7 / 1.7), abs=0.04)


def test_what_cannot_be_thrown() -> None:
    with pytest.warns(UserWarning, match="give grey levels as"):
        throw(VP(), 255 * torch.eye(2), 1.0, seeded(0))
    model, x = MixtureDenoiser(VP(), BELL), torch.zeros(2, 2)
    refused("give a batch", boomerang, model, x[0])
    refused("cascade = 0", boomerang, model, x, cascade=0)
    refused("positive number", boomerang, model, x, -1.0)
    heads = denoiser(CLD(), lambda y, *_: y[:, 1], "noise")
    refused("EulerMaruyama", boomerang, heads, x)
    moved = boomerang(heads, x, sampler=EulerMaruyama(5), generator=seeded(0))
    assert moved.isfinite().all()


def test_an_encoder_is_thrown_encoded() -> None:
    """With a network the squared error of x̂ is no variance, and is not taken for one."""
    bent = Encoder(nn.Identity())
    bent.network.forward = lambda x, *_: x.tanh()
    zero = lambda z, *_, **__: 0 * z
    model = denoiser(Encoded(VP(), Encoder()), zero)
    assert boomerang(model, torch.ones(2, 2), sampler=Ancestral(4)).isfinite().all()
    trained = denoiser(Encoded(VP(), bent), zero)
    refused("not of x_φ", expected_move, trained, torch.ones(2, 2))


# ---------------------------------------------------------------- pictures


LEVELS = Discretization(17)


def model_of(process: Process | None = None, **options: object) -> Diffusion:
    """A small untrained model of eight grey levels."""
    network = MLP(8, 8, 1, **{k: v for k, v in options.items() if k in ("classes", "latent")})
    torch.nn.init.normal_(network.leave.weight, std=0.1, generator=seeded(0))
    classes = options.get("classes")
    return Diffusion(network, process, discretization=LEVELS, shape=(8,), classes=classes)


def levels(n: int) -> Tensor:
    """Some data."""
    return torch.randint(0, 17, (n, 8), generator=seeded(5))


@pytest.mark.parametrize("coded", [True, False], ids=["codes that are drawn", "labels"])
def test_pictures_do_not_depend_on_their_batch(coded: bool) -> None:
    """In a cascade, with a code for each throw or with labels."""
    torch.manual_seed(0)  # of the weights, so that codes matter to the levels that are drawn
    data, kinds = levels(5), torch.tensor([0, 1, 2, 0, 1])
    mulan = VP(Polynomial(KHot(4, 2, network=nn.Linear(8, 4)), shape=(8,), width=4))
    with torch.no_grad(): mulan.schedule.fields.network[-1].weight.fill_(3.0)
    model = model_of(mulan, latent=4) if coded else model_of(classes=3)
    def thrown(part: slice, size: int, **more: object) -> Tensor:
        told = {} if coded else {"label": kinds[part]}
        return model.boomerang(data[part], 2.0, Ancestral(4), 2, 7, progress=False,
                               batch_size=size, index=torch.arange(5)[part], **told, **more)
    whole = thrown(slice(None), 5)
    assert torch.equal(whole, thrown(slice(None), 2))
    assert torch.equal(whole[3:], thrown(slice(3, None), 5))
    assert whole.dtype == torch.int64 and whole.min() >= 0 and whole.max() <= 16
    if coded: assert not torch.equal(whole, thrown(slice(None), 5, infer=True))


def test_a_label_must_be_one() -> None:
    refused("from 0 to 2", model_of(classes=3).boomerang, levels(2), progress=False,
            label=torch.tensor([0, 7]))
    refused("without classes", model_of().boomerang, levels(2), label=torch.tensor([0, 1]))
    assert isinstance(way_back(model_of()), Ancestral)


def test_displacement_of_a_network_that_says_zero() -> None:
    """x̂ = α z and √(2 mmse) is what that makes it."""
    network = MLP(8, 8, 1)
    model = Diffusion(network, discretization=LEVELS, shape=(8,))  # v̂ = 0
    data = levels(400)
    row, = model.displacement(data, [1.0], Ancestral(3), progress=False)
    x = LEVELS.encode(data)
    wanted = 2 * (0.25 * x.square().mean() + 0.25)  # x − α z = x/2 − ε/2 at snr 1
    assert row.expected == pytest.approx(float(wanted.sqrt()), rel=0.03)
    assert row.snr == 1 and row.moved > 0 and f"{row.moved:.3f}" in str(row)


def test_methods_come_with_their_class() -> None:
    """Whichever module of the part was imported first."""
    text = Path(mdm_nb.models.__file__).read_text()
    assert "density" in text and "nearby" in text
    assert {"log_prob", "boomerang", "displacement"} <= set(dir(Diffusion))


def test_an_augmented_set() -> None:
    images, labels = levels(6).byte(), torch.arange(6)
    variants = torch.stack([images + 17 * (r + 1) for r in range(3)], 1)
    none, every = (Augmented(images, variants, labels, share) for share in (0, 1))
    batch = torch.arange(6).repeat(100)
    assert torch.equal(none[batch][0], images.repeat(100, 1))
    copy = (every[batch][0] - images.repeat(100, 1)) // 17
    assert sorted(copy.unique().tolist()) == [1, 2, 3]
    x, y = next(iter(DataLoader(Augmented(images, variants, labels), 4)))
    assert x.shape == (4, 8) and y.tolist() == [0, 1, 2, 3]
    alone = Augmented(images, variants)[2]
    assert alone.shape == (8,) and len(none) == 6
    made = Augmented.of(model_of(), images, labels, 3.0, 2, sampler=Ancestral(3), progress=False)
    assert made.variants.shape == (6, 2, 8) and made.variants.dtype == torch.uint8
    refused("one or more of each", Augmented, images, variants[:5])
    refused("share = 2", Augmented, images, variants, labels, 2)


def test_nothing_is_drawn_before_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ratios, the labels and the share are looked at first; one ratio may stand alone."""
    model, data = model_of(), levels(6)
    one, = model.displacement(data, 1.0, Ancestral(2), progress=False)
    assert one.snr == 1
    monkeypatch.setattr(Diffusion, "boomerang", lambda *_, **__: pytest.fail("a walk was begun"))
    for bad, said in (([1.0, -1.0], "snrs = -1.0"), ([1.0, 1e12], "falls from")):
        refused(said, model.displacement, data, bad)
    refused("share = 2", Augmented.of, model, data, share=2)
    refused("one for each", Augmented.of, model, data, torch.arange(5))
    refused("copies = 0", Augmented.of, model, data, copies=0)


def test_enlarging_and_burying() -> None:
    flat = torch.full((2, 1, 2, 3), 5)
    large = enlarged(flat, (1, 8, 12), 17)
    assert large.shape == (2, 1, 8, 12) and (large == 5).all()
    x = torch.zeros(2, 3)
    assert burying_snr(x + 0.5, x, 2.0) == pytest.approx(2.0)
    refused("give both the same", burying_snr, x, x[:1])


# ---------------------------------------------------------------- what is betrayed


def test_the_bounds_are_those_of_a_gaussian_channel() -> None:
    x = torch.randn(50, 3, generator=seeded(0), dtype=torch.float64) @ torch.randn(
        3, 3, generator=seeded(1), dtype=torch.float64)
    cov = x.T.cov(correction=0)
    wanted = 0.5 * torch.logdet(torch.eye(3) + 2.5 * cov)
    assert information_bound(x, 2.5) == pytest.approx(float(wanted), rel=1e-12)
    assert float(attack_bound(1.3, 2.5)) == pytest.approx(
        stats.norm.cdf(1.3 * math.sqrt(2.5) / 2), rel=1e-12)
    # the Rényi divergence of two normal laws at that distance, by quadrature
    z = np.linspace(-6, 12, 20_001)
    p, q = (stats.norm.logpdf(z, m, 1 / math.sqrt(2.5)) for m in (1.3, 0.0))
    divergence = math.log(np.trapezoid(np.exp(3 * p - 2 * q), z)) / 2
    assert renyi_bound(1.3, 2.5, 3.0) == pytest.approx(divergence, rel=1e-6)
    for bad in (math.nan, -1.0): refused("give 0 or more", attack_bound, bad, 1.0)


def test_who_is_found_again() -> None:
    x = torch.randn(40, 2, 3, generator=seeded(0))
    same = anonymity(x, x, 1.0)
    assert same.found == 1 and same.rank == 1 and same.candidates == 40
    turned = anonymity(x, x.roll(1, 0), 1.0)
    assert turned.found == 0 and turned.rank > 5
    by_norm = anonymity(x, x, 1.0, embed=lambda v: v.flatten(1).norm(dim=1, keepdim=True))
    assert by_norm.found == 1
    distances = torch.cdist(x.flatten(1).double(), x.flatten(1).double())
    assert same.widest == pytest.approx(float(distances.max()))
    near = (distances + 1e9 * torch.eye(40)).min(1).values.median()
    assert same.nearest == pytest.approx(float(near))
    each = stats.norm.cdf((distances + 1e9 * torch.eye(40)).min(1).values.numpy() / 2)
    assert same.attack == pytest.approx(float(each.mean()))  # not that of the median distance
    for seen, said in ((None, "if the network"), (False, "has not seen"), (True, "no bounds")):
        assert said in str(anonymity(x, x, 1.0, seen=seen))


def test_equal_candidates_are_not_found_more_often_than_guessed() -> None:
    heaps = torch.arange(2.0).repeat_interleave(5)[:, None]
    report = anonymity(heaps, heaps, 1.0)
    assert report.found == pytest.approx(0.2) and report.rank == 3
    assert report.attack == 0.5 and report.nearest == 0


def test_a_label_that_was_told_is_counted() -> None:
    x = torch.randn(60, 3, generator=seeded(0))
    label = torch.arange(60) % 3
    blind, told = anonymity(x, x, 0.01), anonymity(x, x, 0.01, label=label)
    within = [information_bound(x[label == c], 0.01) for c in range(3)]
    assert told.information == pytest.approx(math.log(3) + sum(within) / 3)
    assert told.nearest > blind.nearest and told.attack > blind.attack
    widest = max(float(torch.pdist(x[label == c].double()).max()) for c in range(3))
    assert told.widest == pytest.approx(widest)
    alone = anonymity(x[:3], x[:3], 0.01, label=torch.tensor([0, 0, 1]))
    assert alone.attack == pytest.approx((2 * float(attack_bound(alone.widest, 0.01)) + 1) / 3)


# ---------------------------------------------------------------- the command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four steps on the digits, and three pictures."""
    folder = tmp_path_factory.mktemp("boomerang")
    train_run(folder / "run", False, {"width": 8, "blocks": 1, "steps": 4}, "cpu", False, False)
    (folder / "mine" / "inner").mkdir(parents=True)
    for i, place in enumerate(("a.png", "b.bmp", "inner/c.png")):
        grey = np.full((8, 8), 100 * i, np.uint8)
        Image.fromarray(grey).save(folder / "mine" / place)
    Image.fromarray(np.full((8, 8, 3), [9, 0, 0], np.uint8)).save(folder / "colour.png")
    return folder


def boomerang_of(home: Path, *words: str) -> None:
    """Run the command as a shell does."""
    with pytest.MonkeyPatch.context() as m:
        m.setattr(sys, "argv", [])
        run_command("mdm_boomerang", str(home / "run"), *words)


def test_the_command_leaves_a_folder(home: Path, capsys: pytest.CaptureFixture) -> None:
    out = home / "new"
    boomerang_of(home, str(home / "mine"), "--snr", "30", "--steps", "3", "--out", str(out))
    told = capsys.readouterr().out
    assert "wrote 3 pictures" in told and "per pixel, on the scale from -1 to 1" in told
    assert "17 levels, and what it was given was rounded" in told
    names = {"a.png", "b.png", "inner-c.png", "levels.npy", "boomerang.json"}
    assert {p.name for p in out.iterdir()} == names
    how, drawn = json.loads((out / "boomerang.json").read_text()), np.load(out / "levels.npy")
    assert how["snr"] == 30 and how["sampler"]["name"] == "Ancestral"
    assert how["sampler"]["steps"] == 3 and how["pictures"] == ["a", "b", "inner-c"]
    back, _ = read_thrown(out, (1, 8, 8), 17)
    assert np.array_equal(back.numpy(), drawn)
    before = (out / "levels.npy").stat().st_mtime_ns
    with pytest.raises(SystemExit, match="there already"):
        boomerang_of(home, str(home / "mine"), "--out", str(out))
    assert (out / "levels.npy").stat().st_mtime_ns == before


def test_a_seed_that_was_not_given_is_fresh_and_written_nowhere(home: Path) -> None:
    drawn, notes = [], []
    seven = ("--seed", "7")
    for name, more in (("one", ()), ("two", ()), ("three", seven), ("four", seven)):
        out = home / name
        boomerang_of(home, str(home / "mine"), "--steps", "2", "--out", str(out), *more)
        drawn.append(np.load(out / "levels.npy"))
        notes.append(json.loads((out / "boomerang.json").read_text())["seed"])
    assert notes == [None, None, 7, 7]
    assert (drawn[0] != drawn[1]).any() and (drawn[2] == drawn[3]).all()


def test_what_the_command_refuses(home: Path) -> None:
    mine = str(home / "mine")
    for words, said in {
        (str(home / "colour.png"),): "3×8×8",
        (str(home / "run" / "config.json"),): "is no picture",
        (str(home / "run" / "checkpoints"),): "holds no pictures",
        ("nowhere",): "nowhere is not there",
        (mine, "--snr", "0"): "--snr = 0.0",
        (mine, "--snr", "1e9"): "falls from",
        (mine, "--cascade", "0"): "--cascade = 0",
        (mine, "--label", "1"): "knows of no classes",
        (mine, "--sampler", "magic"): "choose one of",
        ("",): "is no name of a file or folder",
    }.items():
        with pytest.raises(SystemExit, match=said): boomerang_of(home, *words)
    assert not list((home / "run").glob("boomerang_*"))


def test_levels_survive_a_picture_file(tmp_path: Path) -> None:
    for count in (2, 17, 256):
        every = torch.arange(count).byte().view(1, 1, -1).expand(3, 1, -1)
        (tmp_path / f"{count}.png").write_bytes(picture_file(every, count))
        back, names = read_thrown(tmp_path / f"{count}.png", (3, 1, count), count)
        assert torch.equal(back[0], every) and names == [str(count)]
    with pytest.raises(InputError, match="no picture"): read_thrown(tmp_path / "x", (1, 1, 1), 2)
    (tmp_path / "2.jpg").write_bytes((tmp_path / "2.png").read_bytes())
    (tmp_path / "17.png").unlink(), (tmp_path / "256.png").rename(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "2.png").read_bytes())
    assert read_thrown(tmp_path, (3, 1, 2), 2)[1] == ["0-2", "1-2", "a"]  # only those that clash


def test_grey_and_colour_are_read_alike(tmp_path: Path) -> None:
    """As colour where it is wanted, as grey where nothing is lost, by both commands."""
    grey, red = np.full((4, 4), 9, np.uint8), np.full((4, 4, 3), [9, 0, 0], np.uint8)
    wide = np.stack([grey] * 3, 2)
    for name, pixels in (("grey", grey), ("wide", wide), ("red", red)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    for channels in (1, 3):
        for name in ("grey", "wide"):
            path = tmp_path / f"{name}.png"
            thrown, _ = read_thrown(path, (channels, 4, 4), 256)
            assert torch.equal(thrown.long(), read_levels("inpaint", str(path), channels))
    red_file = str(tmp_path / "red.png")
    refused("3×4×4", read_thrown, Path(red_file), (1, 4, 4), 256)
    refused("the model knows grey", read_levels, "inpaint", red_file, 1)
    refused("a mask is grey", read_mask, red_file, (4, 4))
    frames = [Image.fromarray(k * grey) for k in (1, 2)]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    refused("holds 2 pictures", read_thrown, tmp_path / "two.gif", (1, 4, 4), 256)
    refused("holds 2 pictures", read_levels, "mask", str(tmp_path / "two.gif"), 1)
