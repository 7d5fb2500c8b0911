"""A sample is the same to the last level, whoever is drawn beside it."""

import pytest
import torch
from helpers import refused
from torch import Tensor, nn

from mdm_nb.contexts.adaptive import Polynomial
from mdm_nb.contexts.context import KHot
from mdm_nb.gaussians.core import seeded
from mdm_nb.gaussians.together import answer, batches, equal_calls, rows_of_call
from mdm_nb.models.classifier import Classifier
from mdm_nb.models.encoded import Encoded
from mdm_nb.models.encoder import Encoder
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import UNet
from mdm_nb.models.steered import Steered
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import Linear
from mdm_nb.processes.zoo import CLD
from mdm_nb.runs.pretrained import load_pretrained
from mdm_nb.samplers.adaptive_flow import AdaptiveFlow
from mdm_nb.samplers.exponential import DPMSolver
from mdm_nb.samplers.guide import Guided
from mdm_nb.samplers.sample import Ancestral, Sampler

SHAPE, N = (1, 28, 28), 20


def shaken(module: nn.Module, size: float = 0.1) -> nn.Module:
    """The module with weights that say something, whatever it is."""
    source = seeded(0)
    for p in module.parameters(): nn.init.normal_(p, 0, size, source)
    return module


def guided() -> Diffusion:
    """The packaged network, led to a class by a classifier in single precision."""
    model, classifier = load_pretrained("fashion_mnist"), shaken(Classifier(width=16)).eval()
    return Steered(model, lambda base: Guided(base, classifier, 2.0))


def adaptive() -> Diffusion:
    """A clock that a network in single precision makes of a code."""
    clock = shaken(Polynomial(KHot(12, 4), SHAPE, -6.0, 5.0))
    network = shaken(UNet(width=16, channels=1, blocks=1, latent=12))
    return Diffusion(network, VP(clock), shape=SHAPE)


def encoded() -> Diffusion:
    """An encoder in single precision moves the data."""
    encoder = Encoder(shaken(UNet(width=16, channels=1, blocks=1), 0.02), (-6.0, 5.0))
    network = shaken(UNet(width=16, channels=1, blocks=1))
    return Diffusion(network, Encoded(VP(Linear(-6.0, 5.0)), encoder), shape=SHAPE)


def several() -> Diffusion:
    """A state of two blocks."""
    network = shaken(UNet(width=16, channels=1, blocks=1))
    return Diffusion(network, CLD(clock=Linear(-6.0, 1.5)), shape=SHAPE)


CASES = {
    "packaged": (lambda: load_pretrained("fashion_mnist"), DPMSolver(5)),
    "flow": (lambda: load_pretrained("digits"), AdaptiveFlow(0.1)),
    "guided": (guided, DPMSolver(3)),
    "adaptive": (adaptive, Ancestral(6)),
    "encoded": (encoded, Ancestral(6)),
    "several": (several, DPMSolver(6)),
}


def by_parts(model: Diffusion, sampler: Sampler, n: int, **told: Tensor) -> Tensor:
    """The samples, shared out at random among three, who draw theirs in batches of their own."""
    order = torch.randperm(n, generator=seeded(5))
    with equal_calls(rows_of_call(n, model.dims, model.device)):
        parts = [model.sample(len(mine), sampler, 1, progress=False, index=mine, batch_size=size,
                              **{name: value[mine] for name, value in told.items()})
                 for mine, size in zip(order.tensor_split(3), (1, 2, 50), strict=True)]
    return torch.cat(parts)[order.argsort()]


@pytest.mark.parametrize("name", CASES)
def test_samples_do_not_depend_on_who_is_drawn_beside_them(name: str) -> None:
    make, sampler = CASES[name]
    model = make()
    told = {"label": torch.arange(N) % 10} if name == "guided" else {}
    whole = model.sample(N, sampler, 1, progress=False, **told)
    assert torch.equal(whole, by_parts(model, sampler, N, **told))
    assert whole.flatten(1).unique(dim=0).shape[0] == N


def test_neighbours_of_a_picture_do_not_depend_on_the_batch() -> None:
    model, x = load_pretrained("fashion_mnist"), torch.randint(0, 256, (20, *SHAPE))
    near = [model.boomerang(x, 1.0, Ancestral(8), progress=False, batch_size=size)
            for size in (256, 3)]
    assert torch.equal(*near)


def test_an_answer_is_cut_and_put_together() -> None:
    """Also where the rows do not divide, a value has no rows, or one row is all."""
    seen = []
    def network(z: Tensor, gamma: Tensor, label: Tensor, scale: float) -> Tensor:
        seen.append((len(z), len(gamma), len(label)))
        return scale * z + gamma[:, None] + label[:, None]
    z, gamma, label = torch.randn(7, 2), torch.arange(7.0), torch.arange(7)
    with equal_calls(3): cut = answer(network, z, gamma, label=label, scale=2.0)
    assert seen == [(3, 3, 3)] * 3 and torch.equal(cut, network(z, gamma, label, 2.0))
    with equal_calls(3): one = answer(network, z[:1], gamma[:1], label=label[:1], scale=1.0)
    assert one.shape == (1, 2) and seen[-1] == (3, 3, 3)
    with equal_calls(2), equal_calls(5): assert [p.stop for p in batches(5, 3)] == [4, 8]
    refused("rows = 0", equal_calls(0).__enter__)


@pytest.mark.parametrize("n", [2, 3])
def test_two_or_three_are_the_same_in_any_order(n: int) -> None:
    """A call of so few would tell the first from the second."""
    model = load_pretrained("digits")
    z, g = torch.randn(n, *model.shape, generator=seeded(0)), torch.full((n,), 0.4)
    back = torch.arange(n).flip(0)
    with torch.no_grad(), equal_calls(rows_of_call(n, model.dims, model.device)):
        one, other = (answer(model.network, z[order], g) for order in (torch.arange(n), back))
    assert torch.equal(one, other[back])


def test_no_examples_are_asked_as_they_are() -> None:
    with equal_calls(4): assert answer(nn.Linear(3, 2), torch.zeros(0, 3)).shape == (0, 2)


@pytest.mark.parametrize("dims", [1, 64, 784, 3072, 10**7])
def test_few_are_made_up(dims: int) -> None:
    """What is computed for nothing is less than a call, and no call is needlessly small."""
    for n in (1, 2, 5, 16, 17, 45, 100, 1000):
        rows = rows_of_call(n, dims, torch.device("cpu"))
        assert min(n, 16) <= rows <= max(n, 4) and -n % rows < rows
        assert rows * dims <= max(2**14, 16 * dims)
