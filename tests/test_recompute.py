"""Blocks computed again for the gradient: the same numbers to the last bit, from less memory."""
import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from conftest import TINY
from helpers import forget_devices
from torch import Tensor, nn

from mdm_nb.gaussians.core import InputError, randn, seeded
from mdm_nb.models.network import MLP, EncoderUNet, ResBlock, UNet
from mdm_nb.models.pyramid import Pyramid
from mdm_nb.runs import train as train_module
from mdm_nb.runs.config import Config
from mdm_nb.runs.start import begin, carry_on, make_accelerator
from mdm_nb.runs.steps import recompute
from mdm_nb.runs.train import fit

Made = Callable[[], nn.Module]
NETWORKS: dict[str, Made] = {
    "UNet": lambda: UNet(1, 8, 2, dropout=0.3),
    "Pyramid": lambda: Pyramid(1, 8, (1, 2), 1, dropout=0.3),
    "told": lambda: UNet(1, 8, 1, dropout=0.0, classes=3),
}


def pair(make: Made) -> tuple[nn.Module, nn.Module]:
    """A network in which nothing is zero, and one with the same weights that computes again."""
    torch.manual_seed(0)
    plain = make().double()
    for p in plain.parameters(): nn.init.normal_(p, std=0.2)
    return plain, recompute(copy.deepcopy(plain))


def gradient(network: nn.Module, bf16: bool = False) -> list[Tensor]:
    """The loss and what it asks of the weights, with the same masks every time."""
    z, g = randn((3, 1, 8, 8), seeded(1)), torch.tensor([0.1, 0.5, 0.9])
    dtype = next(network.parameters()).dtype
    torch.manual_seed(2)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = network(z.to(dtype), g.to(dtype)).double().square().mean()
    asked = [p for name, p in network.named_parameters() if "labels" not in name]
    return [loss, *torch.autograd.grad(loss, asked)]


def assert_same(left: list[Tensor], right: list[Tensor]) -> None:
    """To the last bit, and not because there is nothing."""
    assert all(torch.equal(a, b) for a, b in zip(left, right, strict=True))
    assert sum(float(a.detach().abs().sum()) for a in left) > 0.01


def kept(network: nn.Module) -> int:
    """Bytes that a gradient keeps, once for each piece of memory."""
    pieces: dict[int, int] = {}
    def keep(x: Tensor) -> Tensor:
        pieces[x.untyped_storage().data_ptr()] = x.untyped_storage().nbytes()
        return x
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x): gradient(network)
    return sum(pieces.values())


@pytest.mark.parametrize("name", NETWORKS)
def test_loss_and_gradient_are_the_same_and_memory_is_less(name: str) -> None:
    plain, again = pair(NETWORKS[name])
    assert again.state_dict().keys() == plain.state_dict().keys()
    assert_same(gradient(plain), gradient(again))
    assert_same(gradient(plain.float(), True), gradient(again.float(), True))
    assert 2 * kept(again) < kept(plain)
    recompute(again)  # twice is once
    assert_same(gradient(plain), gradient(again))
    assert 2 * kept(again) < kept(plain)


def test_masks_are_drawn_once() -> None:
    """The generator goes on from where it would have without, whatever was drawn again."""
    after = []
    for network in pair(NETWORKS["UNet"]):
        gradient(network)
        after.append(torch.get_rng_state())
    assert torch.equal(*after)


def test_a_block_may_be_called_by_name() -> None:
    """As a network of one's own may do."""
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = ResBlock(16, 16, 8, 0.3)
            for p in self.block.parameters(): nn.init.normal_(p, 0, 0.1)
        def forward(self, h: Tensor, c: Tensor) -> Tensor: return self.block(h, cond=c)
    torch.manual_seed(0)
    plain, found = Own(), []
    h, c = torch.randn(2, 16, 4, 4), torch.randn(2, 8)
    for network in (plain, recompute(copy.deepcopy(plain))):
        torch.manual_seed(1)
        loss = network(h, c).square().sum()
        found.append(torch.autograd.grad(loss, list(network.parameters())))
    assert_same(*map(list, found))


def test_a_copy_has_blocks_of_its_own() -> None:
    _, again = pair(NETWORKS["UNet"])
    other = copy.deepcopy(again)
    for p in other.parameters(): nn.init.zeros_(p)
    before = gradient(again)
    assert_same(before, gradient(pair(NETWORKS["UNet"])[0]))
    assert not torch.equal(gradient(other)[0], before[0])
    assert other.down[0].forward.args[0].__self__ is other.down[0]


def test_nothing_is_computed_again_where_no_gradient_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    monkeypatch.setattr("mdm_nb.runs.steps.checkpoint", lambda f, *a, **_: calls.append(f) or f(*a))
    _, again = pair(NETWORKS["UNet"])
    z, g = torch.zeros(1, 1, 4, 4).double(), torch.zeros(1).double()
    with torch.no_grad(): again(z, g)
    assert not calls
    again(z, g)
    assert len(calls) == 2 + 3 + 3  # down, middle with its attention, up


@pytest.mark.parametrize("name", ["EncoderUNet", "UNet"])
def test_a_slope_runs_along(name: str) -> None:
    """Value and slope, and gradients of both, where a block cannot be computed again."""
    make = {"EncoderUNet": lambda: EncoderUNet(1, 8, 2, dropout=0.3)} | NETWORKS
    x, g = randn((2, 1, 8, 8), seeded(3)).double(), torch.tensor([0.2, 0.7]).double()
    found = []
    for network in pair(make[name]):
        torch.manual_seed(4)
        both = torch.func.jvp(lambda g, f=network: f(x, g), (g,), (torch.ones_like(g),))
        loss = sum(y.square().mean() for y in both)
        asked = [p for k, p in network.named_parameters() if "labels" not in k]
        found.append([loss, *torch.autograd.grad(loss, asked, materialize_grads=True)])
    assert_same(*found)


def test_a_network_without_blocks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(InputError, match="recompute with MLP, which has no ResBlock"):
        recompute(MLP())
    (tmp_path / "mine_without_blocks.py").write_text(
        "import torch\n"
        "from torch import nn\n"
        "class Plain(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.scale = nn.Parameter(torch.ones(()))\n"
        "    def forward(self, z, g): return self.scale * z\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    own, few = tmp_path / "run", {k: v for k, v in TINY.items() if k not in ("width", "blocks")}
    config = Config(**few, network="mine_without_blocks:Plain()", recompute=True)
    with pytest.raises(InputError, match="leave recompute out"): begin(config, own)
    assert not own.exists()


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Accelerate holds one precision for a whole session: let it forget."""
    forget_devices()
    yield
    forget_devices()


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("options", [
    {"dropout": 0.3, "accumulate": 3}, {"dropout": 0.3, "precision": "bf16"},
    {"encoder": "unet", "encoder_width": 4, "dropout": 0.3}, {"schedule": "monotone"},
], ids=["accumulate", "bf16", "encoder", "monotone"])
def test_a_training_is_the_same(
    options: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Checkpoints are equal in every bit, and a run may be carried on either way."""
    asked = []
    monkeypatch.setattr(train_module, "recompute", lambda n: asked.append(n) or recompute(n))
    device = make_accelerator(torch.device("cpu"), str(options.get("precision", "no")))
    config = Config(**TINY | {"steps": 4, "checkpoint_every": 2, "keep": 2} | options)
    plain, data = begin(config, tmp_path / "plain")
    again, _ = begin(config.replace(recompute=True), tmp_path / "again")
    for run in (plain, again): fit(run, data, device, False)
    assert [type(n).__name__ for n in asked] == ["UNet"]
    left, right = (run.load_checkpoint()[2] for run in (plain, again))
    assert left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)
    plain.checkpoints()[-1].unlink()
    other, _ = carry_on(plain.path, {"recompute": True})
    fit(other, data, device, False)
    assert len(asked) == 2
    again_left = other.load_checkpoint()[2]
    assert all(torch.equal(again_left[k], left[k]) for k in left)
