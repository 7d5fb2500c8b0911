"""Inpainting: known numbers walk the forward process, unknown ones the model's way."""
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY
from faults import pictures
from helpers import refused
from PIL import Image
from test_cli import call, trained, words
from test_cli import refused as command_refused
from torch import Tensor

from mdm_nb import (
    CLD,
    DDIM,
    MALDA,
    VE,
    VP,
    AdaptiveFlow,
    Ancestral,
    Denoiser,
    DPMSolver,
    Encoded,
    Encoder,
    EulerMaruyama,
    Inpainting,
    Keyed,
    Linear,
    Mixture,
    MixtureDenoiser,
    Polynomial,
    ProbabilityFlow,
    Process,
    Resampling,
    Run,
    Sampler,
    Splitting,
    denoiser,
    energy_distance,
    mixture_given,
    randn,
    seeded,
)
from mdm_nb.processes.lyapunov import mix

pytestmark = pytest.mark.usefixtures("short_walks")
SPREAD = 0.3
KNOWN = torch.tensor([True, False, True])


def processes() -> dict[str, Process]:
    """One, two and three blocks, and clocks of every number."""
    clock = Polynomial(shape=(3,), width=4)
    return {"VP": VP(), "VE": VE(Linear(-8.0, 6.0)), "CLD": CLD(clock=Linear(-8.0, 2.5)),
            "MALDA": MALDA(clock=Linear(-6.0, 2.5)), "per element": VP(clock),
            "CLD per element": CLD(clock=Polynomial(None, (3,), -8.0, 2.0, width=4))}


def law(D: int = 3) -> Mixture:
    """Numbers that depend on each other."""
    return Mixture.gaussian(torch.zeros(D), 0.2 * torch.ones(D, D) + 0.1 * torch.eye(D))


class Silence(Keyed):
    """Noise that is zero."""
    def __init__(self) -> None: pass
    def draw(self, sampler: object, shape: tuple[int, ...]) -> Tensor:
        return torch.zeros(shape, dtype=torch.float64)


@pytest.mark.parametrize("name", processes())
def test_a_step_is_the_forward_process_where_x_is_known(name: str) -> None:
    process = processes()[name]
    base, x = MixtureDenoiser(process, law()), randn((4, 3), seeded(0))
    told = Inpainting(base, x, KNOWN)
    y, at = process.prior((4, 3), seeded(1)), (0.3, 0.6)
    step, free = (Ancestral(9).step(m, y, *at, Silence()) for m in (told, base))
    mean, _ = process.posterior(x, y, *at)
    assert torch.allclose(step[..., KNOWN], mean[..., KNOWN], atol=1e-11)
    assert torch.allclose(step[..., ~KNOWN], free[..., ~KNOWN], atol=1e-11)
    # the score that follows from x̂ is the one that is told
    assert torch.allclose(told.score(y, 0.6), Denoiser.score(told, y, 0.6), rtol=1e-8, atol=1e-8)


def test_a_network_of_the_noise_of_some_blocks_is_told_by_its_score() -> None:
    process = CLD(clock=Linear(-8.0, 2.5))
    base = denoiser(process, lambda y, g: torch.sin(y[:, 1]), "noise")
    x, y = randn((4, 3), seeded(2)), process.prior((4, 3), seeded(3))
    told = Inpainting(base, x, KNOWN)
    at, score = process.at(0.4), told.score(y, 0.4)
    exact = -mix(torch.linalg.inv(at.kernel.Sigma), y - at.mean(x))
    assert torch.allclose(score[..., KNOWN], exact[..., KNOWN], rtol=1e-8)
    assert torch.equal(score[..., ~KNOWN], base.score(y, 0.4)[..., ~KNOWN])
    refused("use EulerMaruyama", DDIM(3), told, y)
    assert EulerMaruyama(3)(told, y, seeded(4)).isfinite().all()


SAMPLERS = {"DDIM": DDIM(60), "Ancestral": Ancestral(60), "DPMSolver": DPMSolver(20),
            "ProbabilityFlow": ProbabilityFlow(60, grid="quadratic"), "Splitting": Splitting(60),
            "AdaptiveFlow": AdaptiveFlow(1e-4, atol=1e-4)}


@pytest.mark.parametrize("name", SAMPLERS)
def test_independent_numbers_keep_their_law(name: str) -> None:
    process, known = VP(Linear(-12.0, 5.0)), torch.tensor([True, False])
    base = MixtureDenoiser(process, Mixture.gaussian(torch.zeros(2), SPREAD * torch.eye(2)))
    told = Inpainting(base, torch.tensor([[1.5, math.nan]]), known)
    y = SAMPLERS[name](told, process.prior((3000, 2), seeded(5)), seeded(6))
    x = y / torch.sigmoid(-process.gamma(0.0)).sqrt()
    assert (x[:, 0] - 1.5).abs().max() < 0.05
    assert abs(x[:, 1].var() / SPREAD - 1) < 0.04 + 5 * math.sqrt(2 / 3000)


def test_the_bias_is_there_and_walking_again_mends_it() -> None:
    """The mean of the unknown number is pulled to the right place, and its law nearer."""
    process, known = VP(Linear(-10.0, 8.0)), torch.tensor([True, False])
    told = Inpainting(MixtureDenoiser(process, law(2)), torch.tensor([[0.7, 0.0]]), known)
    right = mixture_given(law(2), torch.tensor([[1.0, 0.0]]), torch.tensor([0.7]))
    truth = right.sample(1500, seeded(7))[:, 1:]
    away = {}
    for repeats in (1, 10):
        rule = Resampling(Ancestral(30, grid="snr"), repeats)
        y = rule(told, process.prior((1500, 2), seeded(8)), seeded(9))
        away[repeats] = energy_distance(y[:, 1:], truth)
    assert away[1] > 0.05 and away[10] < 0.1 * away[1]


def test_walking_once_changes_nothing_and_a_memory_is_kept_within_a_stretch() -> None:
    process = CLD(clock=Linear(-8.0, 2.5))
    base, y = MixtureDenoiser(process, law()), process.prior((3, 3), seeded(10))
    for rule in (Ancestral(6), DPMSolver(6)):
        whole = rule(base, y, seeded(11), trajectory=True)
        again = Resampling(rule, 1, jump=rule.steps)(base, y, seeded(11), trajectory=True)
        assert torch.equal(whole, again)
    short = Resampling(DPMSolver(6), 1)(base, y)
    assert torch.equal(short, DPMSolver(6, order=1)(base, y))
    assert not torch.equal(short, DPMSolver(6)(base, y))
    lost = Resampling(Ancestral(7), 3, jump=3)(base, y, seeded(12), trajectory=True)
    assert len(lost) == 8


def test_going_up_again_is_the_transition() -> None:
    """With a rule that stands still, a second walk adds just the noise of the stretch."""
    class Still(Ancestral):
        def step(self, model: Denoiser, y: Tensor, *a: object, **k: object) -> Tensor: return y
    process = MALDA(clock=Linear(-6.0, 2.5))
    base, y = MixtureDenoiser(process, law()), process.prior((2, 3), seeded(13))
    *_, end = Resampling(Still(2), 2, jump=2).along(
        base, y, process.walk(torch.tensor([0.9, 0.5, 0.2])), Silence())
    assert torch.allclose(end, mix(process.transition(0.2, 0.9).Phi, y))


def test_an_example_does_not_depend_on_its_batch() -> None:
    process, x = CLD(clock=Linear(-8.0, 2.5)), randn((4, 3), seeded(14))
    base, rule = MixtureDenoiser(process, law()), Resampling(Ancestral(4), 2)
    def drawn(i: list[int]) -> Tensor:
        source = Keyed(0, torch.tensor(i), 4)
        y = process.prior((len(i), 3), source)
        return rule(Inpainting(base, x[i], KNOWN), y, source)
    assert torch.allclose(drawn([0, 1, 2, 3])[[1, 3]], drawn([1, 3]), rtol=1e-12)


def test_what_is_refused() -> None:
    base, x = MixtureDenoiser(VP(), law()), torch.zeros(2, 3)
    refused("shape of x", Inpainting, base, x, torch.ones(4))
    refused("shape of x", Inpainting, base, x, torch.ones(5, 2, 3))
    refused("other numbers than 0 and 1", Inpainting, base, x, torch.tensor([0.0, 0.5, 1.0]))
    refused("NaN or infinite", Inpainting, base, x + math.inf, KNOWN)
    told = Inpainting(base, x, KNOWN)
    refused("all at once", told, torch.zeros(3, 3), 0.5)
    refused("all at once", told.score, torch.zeros(3, 3), 0.5)
    moved = denoiser(Encoded(VP(), Encoder()), lambda z, g: z)
    refused("without an encoder", Inpainting, moved, x, KNOWN)
    refused("without an encoder", Resampling(Ancestral(2)), moved, torch.zeros(2, 3))
    for far in (16 * torch.eye(3)[:1], torch.full((1, 3), 14.7)):
        with pytest.warns(UserWarning, match="give grey levels as"): Inpainting(base, far, KNOWN)
    Inpainting(base, torch.tensor([[15.5, 0.3, -1.0]]), KNOWN)  # far out, but alone
    refused("repeats", Resampling, DDIM(5), 0)
    refused("jump", Resampling, DDIM(5), 2, 6)
    refused("do not fit", mixture_given, law(), torch.eye(2), torch.zeros(2))
    refused("NaN or infinite", mixture_given, law(), math.nan * torch.eye(3), torch.zeros(3))
    refused("std", mixture_given, law(), torch.eye(3), torch.zeros(3), 0.0)
    refused("two sets", energy_distance, x, torch.zeros(2, 2))


# ---------------------------------------------------------------- commands


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on pictures, a picture of its data and some masks beside it."""
    folder = tmp_path_factory.mktemp("restore")
    trained("--data", pictures(folder), "--steps", "2", *words(TINY), "--out", folder / "run")
    data = Run(folder / "run").load_data()
    picture = data.test[0].movedim(0, 2).numpy()
    save(folder / "given.png", picture)
    half = np.zeros(picture.shape[:2], np.uint8)
    half[: len(half) // 2] = 255
    for name, mask in (("half", half), ("ones", half // 255), ("grey", half // 2),
                       ("full", 0 * half + 255), ("small", half[::2, ::2])):
        Image.fromarray(mask).save(folder / f"{name}.png")
    return folder / "run"


def save(path: Path, pixels: np.ndarray) -> None:
    """A grey or a colour picture."""
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(path)


def test_a_hole_is_filled_and_nothing_else_is_touched(run: Path) -> None:
    place, out = run.parent, run.parent / "filled.png"
    asked = ("mdm_sample", run, "--n", "2", "--sampler", "DDIM(3)", "--inpaint",
             place / "given.png", "--resample", "2", "--out", out)
    done = call(*asked, "--mask", place / "half.png")
    assert done.returncode == 0, done.stderr
    told = f"wrote 2 restored pictures to {place / 'filled-1.png'} to filled-2.png, and all"
    assert told in done.stdout
    levels = np.load(out.with_suffix(".npy"), allow_pickle=False)
    given = Run(run).load_data().test[0].numpy()
    half = given.shape[1] // 2
    assert (levels[:, :, :half] == given[:, :half]).all()
    assert (levels[:, :, half:] != given[:, half:]).any()
    for i in (1, 2):
        one = np.asarray(Image.open(place / f"filled-{i}.png"))
        assert np.array_equal(one.reshape(*given.shape[1:], -1).transpose(2, 0, 1), levels[i - 1])
    how = json.loads(out.with_suffix(".json").read_text())
    assert how["restored"]["task"] == "inpaint" and how["restored"]["resample"] == 2
    assert how["denoise"] and len(how["restored"]["digest"]) == 64
    for file in (out, out.with_suffix(".npy"), out.with_suffix(".json")): file.unlink()
    said = command_refused(*asked, "--mask", place / "ones.png")
    assert "filled-1.png is there already" in said


def test_a_small_and_a_blurred_picture(run: Path) -> None:
    place = run.parent
    shape = Run(run).load_data().test[0].shape
    small = np.full((shape[1] // 2, shape[2] // 2, shape[0]), 3, np.uint8)
    save(place / "few.png", small)
    for i, more in enumerate((("--upscale", place / "few.png"),
                              ("--deblur", place / "given.png", "--blur", "1", "--noise", "2"))):
        out = place / f"more{i}.png"
        done = call("mdm_sample", run, "--n", "1", "--sampler", "dpm", "--steps", "2", *more,
                    "--out", out)
        assert done.returncode == 0, done.stderr
        assert np.load(out.with_suffix(".npy")).shape == (1, *shape)


@pytest.mark.parametrize(("more", "said"), [
    (("--inpaint", "given"), "--inpaint without --mask"),
    (("--mask", "half"), "--mask without --inpaint"),
    (("--upscale", "given", "--deblur", "given"), "one picture at a time"),
    (("--deblur", "given"), "--deblur without --blur"),
    (("--resample", "2"), "leave it out"), (("--noise", "2"), "--noise without"),
    (("--upscale", "given"), "divided by a whole number"),
    (("--upscale", "nowhere"), "nowhere.png is not there"),
    (("--inpaint", "given", "--mask", "grey"), "make it black"),
    (("--inpaint", "given", "--mask", "full"), "some of each"),
    (("--inpaint", "given", "--mask", "small"), "one size"),
    (("--inpaint", "small", "--mask", "half"), "give that size"),
    (("--deblur", "given", "--blur", "-1"), "positive"),
])
def test_a_restoration_that_cannot_be_is_refused(
    run: Path, more: tuple[str, ...], said: str
) -> None:
    before = sorted(run.parent.rglob("*"))
    files = [run.parent / f"{w}.png" if w.isalpha() else w for w in more]
    assert said in command_refused("mdm_sample", run, "--n", "1", "--steps", "2", *files)
    assert sorted(run.parent.rglob("*")) == before


def test_each_example_keeps_its_own_known_numbers_in_an_adaptive_flow() -> None:
    """Those that arrive leave; the others are still told what is known of them."""
    process = VP(Linear(-8.0, 5.0))
    law = Mixture.gaussian(torch.zeros(2), torch.tensor([[1.0, 0.5], [0.5, 1.0]]) / 2)
    x = torch.tensor([[2.5, 0.0], [0.1, 0.0], [-1.0, 0.0], [0.4, 0.0]])
    model = Inpainting(MixtureDenoiser(process, law), x, torch.tensor([1, 0]))
    y = process.prior((4, 2), seeded(0)) * torch.tensor([[0.2], [1.0], [3.0], [0.5]])
    whole = AdaptiveFlow(1e-5, atol=1e-5).solve(model, y)
    assert len(set(whole.calls.tolist())) > 1
    for i in range(4):
        one = Inpainting(MixtureDenoiser(process, law), x[i:i + 1], torch.tensor([1, 0]))
        alone = AdaptiveFlow(1e-5, atol=1e-5).solve(one, y[i:i + 1])
        assert torch.allclose(whole.y[i:i + 1], alone.y, atol=1e-8)


def test_a_rule_that_says_no_order_can_be_walked_again() -> None:
    """A sampler is one step."""
    class Plain(Sampler):
        def step(
            self, model: Denoiser, y: Tensor, s: Tensor, t: Tensor, generator: object = None,
            **cond: Tensor,
        ) -> Tensor:
            return DDIM(1).step(model, y, s, t, generator, **cond)
    vp = VP(Linear(-6.0, 4.0))
    belief = MixtureDenoiser(vp, Mixture.gaussian(torch.zeros(2), torch.eye(2)))
    drawn = Resampling(Plain(5), 3)(belief, vp.prior((4, 2), seeded(0)), seeded(1))
    assert drawn.isfinite().all() and Resampling(Plain(5), 3).order == 1
