"""The training loop does what its options say: averaging, clipping, warm-up, decay, fresh noise."""
import atexit
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from conftest import TINY

from mdm_nb.gaussians.core import InputError, Keyed
from mdm_nb.models.model import Diffusion
from mdm_nb.runs import start
from mdm_nb.runs import train as train_module
from mdm_nb.runs.config import Config, make_model
from mdm_nb.runs.start import begin, make_accelerator
from mdm_nb.runs.steps import make_optimizer, rate
from mdm_nb.runs.train import fit, train_step


class Call(NamedTuple):
    """What the loss was called with."""
    data: torch.Tensor
    generator: Keyed
    min_variance: bool
    cond: dict[str, torch.Tensor]


def spied(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """A list that grows with every call of the loss, which does its work all the same."""
    calls, whole = [], Diffusion.loss
    def spy(self: Diffusion, data: torch.Tensor, generator: Keyed, min_variance: bool,
            **cond: torch.Tensor) -> torch.Tensor:
        calls.append(Call(data, generator, min_variance, cond))
        return whole(self, data, generator, min_variance, **cond)
    monkeypatch.setattr(Diffusion, "loss", spy)
    return calls


def test_fit_averages_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, data = begin(Config(**TINY, ema=0.5, steps=4), tmp_path / "run")
    seen, whole = [], train_module.train_step
    def spy(*args: object) -> tuple[torch.Tensor, torch.Tensor]:
        out = whole(*args)
        seen.append([p.detach().clone() for p in args[1].parameters()])
        return out
    monkeypatch.setattr(train_module, "train_step", spy)
    model, _ = fit(run, data, make_accelerator(torch.device("cpu"), "no"), False)
    want = seen[0]
    for n, now in enumerate(seen[1:], 1):
        d = min(0.5, (1 + n) / (10 + n))
        want = [d * a + (1 - d) * c for a, c in zip(want, now, strict=True)]
    for p, w in zip(model.parameters(), want, strict=True):
        assert torch.allclose(p, w, rtol=0, atol=1e-6)
    assert not torch.allclose(want[0], seen[-1][0], rtol=0, atol=1e-6)


def test_decay_values() -> None:
    model = make_model(Config(width=8, blocks=1), 17, (1, 8, 8))
    matrices, rest = make_optimizer(model, Config(weight_decay=0.3)).param_groups
    assert (matrices["weight_decay"], rest["weight_decay"]) == (0.3, 0.0)


def test_a_step_clips_warms_up_and_draws_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(**TINY, schedule="monotone", clip=1e-3)
    model, accelerator = make_model(config, 17, (1, 8, 8)), make_accelerator(torch.device("cpu"))
    optimizer = make_optimizer(model, config)
    x = torch.randint(17, (40, 1, 8, 8), dtype=torch.uint8)
    calls = spied(monkeypatch)
    for step in (1, 2):
        train_step(accelerator, model, optimizer, x, step, config)
        norm = torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None]).norm()
        assert float(norm) <= 1e-3 * (1 + 1e-5)
        assert optimizer.param_groups[0]["lr"] == pytest.approx(config.lr * step / 3)
    first, second = calls
    assert first.generator.seed != second.generator.seed
    for call in calls: assert call.min_variance and not call.cond


def test_the_configuration_reaches_the_model() -> None:
    config = Config(width=8, blocks=1, schedule="learned", diffusion_steps=7, dropout=0.2)
    model = make_model(config, 17, (1, 8, 8))
    assert model.T == 7 and isinstance(model.process.schedule.ends, torch.nn.Parameter)
    assert any(d.p == 0.2 for d in model.modules() if isinstance(d, torch.nn.Dropout))


def test_images_and_their_labels_travel_together(monkeypatch: pytest.MonkeyPatch) -> None:
    config, accelerator = Config(**TINY, labels=True), make_accelerator(torch.device("cpu"))
    model = make_model(config, 17, (1, 8, 8), 10)
    optimizer = make_optimizer(model, config)
    labels = torch.arange(40) % 10
    x = labels.to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 8, 8)
    calls = spied(monkeypatch)
    for step in (1, 2): train_step(accelerator, model, optimizer, x, step, config, labels)
    for call in calls:
        assert torch.equal(call.data[:, 0, 0, 0].long(), call.cond["label"])
        assert len(call.data) == 16
    first, second = calls
    assert not torch.equal(first.data, second.data)


def test_the_environment_does_not_make_the_loop_accumulate(monkeypatch: pytest.MonkeyPatch) -> None:
    def norm() -> float:
        config = Config(**TINY)
        model = make_model(config, 17, (1, 8, 8))
        accelerator = make_accelerator(torch.device("cpu"))
        prepared, optimizer = accelerator.prepare(model, make_optimizer(model, config))
        x = torch.arange(2560).remainder(17).to(torch.uint8).view(40, 1, 8, 8)
        return float(train_step(accelerator, prepared, optimizer, x, 1, config)[1])
    plain = norm()
    monkeypatch.setenv("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "4")
    assert norm() == plain


PARTS = {
    "plain": {"accumulate": 3},
    "monotone": {"accumulate": 16, "schedule": "monotone"},
    "labels": {"accumulate": 5, "labels": True, "label_dropout": 0.5},
    "learned": {"accumulate": 2, "process": "mdm", "schedule": "learned", "flips": True},
    "few ends": {"accumulate": 5, "schedule": "learned", "ends": 0.25},
    "uneven": {"accumulate": 4, "batch_size": 7, "diffusion_steps": 5},
}


@pytest.mark.parametrize("name", PARTS)
def test_a_batch_in_parts_has_the_gradient_of_the_batch(name: str) -> None:
    config = Config(**(TINY | PARTS[name]), clip=None)
    labels = torch.arange(40) % 10
    x = torch.arange(2560).mul(7).remainder(17).to(torch.uint8).view(40, 1, 8, 8)
    found = []
    for now in (config, config.replace(accumulate=1)):
        accelerator = make_accelerator(torch.device("cpu"))
        model = make_model(now, 17, (1, 8, 8), 10)
        told = labels if now.labels else None
        step = train_step(accelerator, model, make_optimizer(model, now), x, 1, now, told)
        grads = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
        found.append((*map(float, step), grads))
    (loss, norm, parts), (whole_loss, whole_norm, whole) = found
    assert float((parts - whole).norm()) <= 1e-5 * float(whole.norm())
    assert loss == pytest.approx(whole_loss, rel=1e-6)
    assert norm == pytest.approx(whole_norm, rel=1e-5)


def test_the_learning_rate_climbs_and_then_falls_as_asked() -> None:
    for way, half in (("constant", 1.0), ("cosine", 0.5), ("linear", 0.5)):
        config = Config(warmup=10, steps=109, lr_decay=way)
        assert rate(5, config) == 0.5 and rate(10, config) == 1
        assert rate(60, config) == pytest.approx(half, rel=1e-12)
        last = rate(109, config)  # a step of its own, however short
        assert last == 1 if way == "constant" else 0 < last < 0.011
        falls = [rate(n, config) for n in range(10, 110)]
        assert falls == sorted(falls, reverse=True)
    assert rate(3, Config(warmup=10, steps=3, lr_decay="cosine")) == 0.3  # over before it falls


def test_pictures_on_the_way_change_nothing_and_are_drawn_again_alike(tmp_path: Path) -> None:
    more = {"lr_decay": "cosine", "accumulate": 2, "dropout": 0.1, "steps": 4}
    tiny = TINY | more | {"checkpoint_every": 2, "diffusion_steps": 3}
    plain, data = begin(Config(**tiny), tmp_path / "plain")
    drawn, _ = begin(Config(**tiny, sample_every=1), tmp_path / "drawn")
    device = make_accelerator(torch.device("cpu"), "no")
    for run in (plain, drawn): fit(run, data, device, False)
    pictures = {p.name: p.read_bytes() for p in (drawn.path / "samples").iterdir()}
    assert sorted(pictures) == [f"{step:08d}.png" for step in range(1, 5)]
    def weights() -> list[torch.Tensor]:
        return [run.load_checkpoint()[2] for run in (plain, drawn)]
    left, right = weights()
    assert all(torch.equal(left[k], right[k]) for k in left)
    drawn.checkpoints()[-1].unlink()
    fit(drawn, data, device, False)
    _, again = weights()
    assert all(torch.equal(right[k], again[k]) for k in right)
    assert {p.name: p.read_bytes() for p in (drawn.path / "samples").iterdir()} == pictures


def test_only_the_network_in_training_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[torch.nn.Module] = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda network: asked.append(network))
    plain, data = begin(Config(**TINY, steps=4), tmp_path / "plain")
    fast, _ = begin(Config(**TINY, steps=4, compile=True), tmp_path / "fast")
    device = make_accelerator(torch.device("cpu"))
    models = [fit(run, data, device, False)[0] for run in (plain, fast)]
    assert [type(module).__name__ for module in asked] == ["UNet"]
    assert asked[0] is not models[1].network  # the average, which is evaluated
    left, right = (run.load_checkpoint()[2] for run in (plain, fast))
    assert all(torch.equal(left[k], right[k]) for k in left | right)


def test_leaving_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(atexit, "register", asked.append)
    start._leave_at_exit.cache_clear()
    for _ in range(3): make_accelerator(torch.device("cpu"))
    assert asked == [start._leave]


def test_the_environment_compiles_nothing_and_takes_no_weights_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCELERATE_DYNAMO_BACKEND", "INDUCTOR")
    assert make_accelerator(torch.device("cpu")).state.dynamo_plugin.backend == "NO"
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(InputError, match="ACCELERATE_USE_FSDP"):
        make_accelerator(torch.device("cpu"))
