"""What is of the wrong kind, an array or a text where a tensor or a number belongs, is refused.

The annotations, which are checked while tests run, would notice before the guards do, so these are
called without that check. `python tests/fuzz.py 25 near` tries all callables like this.
"""
from collections.abc import Callable
from inspect import unwrap
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mdm_nb.bounds.bound import _check as _judged
from mdm_nb.bounds.denoiser import Denoiser
from mdm_nb.bounds.discretize import Continuous, Discretization
from mdm_nb.bounds.error_bar import standard_error
from mdm_nb.contexts.other import sum_of_gamma
from mdm_nb.data.data import load
from mdm_nb.data.subsets import divide
from mdm_nb.gaussians.core import Keyed, as_numbers, randn, seeded, source_device
from mdm_nb.gaussians.errors import InputError, checked_seed
from mdm_nb.models.checks import _check_rows, check_labels, check_options, check_state
from mdm_nb.models.classifier import Classifier, check_pictures, noised
from mdm_nb.models.ddpm import _checked
from mdm_nb.models.encoder import Encoder
from mdm_nb.models.likelihood import Flow
from mdm_nb.models.method import checked_method
from mdm_nb.models.model import Diffusion
from mdm_nb.models.network import MLP, EncoderUNet, UNet
from mdm_nb.models.pyramid import Pyramid, _check
from mdm_nb.models.tangent import Dropout
from mdm_nb.neighbours.categorical import CBModel
from mdm_nb.processes.scalar import VP
from mdm_nb.processes.schedule import _endpoints
from mdm_nb.processes.slope import as_times
from mdm_nb.samplers.adaptive_flow import AdaptiveFlow
from mdm_nb.samplers.boomerang import boomerang
from mdm_nb.samplers.inverse import masked
from mdm_nb.samplers.quality import check_features

ARRAY, ROWS, LEVELS = np.zeros((2, 2)), torch.zeros(2, 2), Discretization(17)
PYRAMID = {"width": 8, "mult": (1, 2), "attention": (1,), "channels": 1}
SIZES = {
    UNet: {"channels": "1", "width": "8", "blocks": 1.0, "frequencies": 3.0},
    MLP: {"dims": "2", "width": "8", "features": "8", "frequencies": (1.0, "2")},
    EncoderUNet: {"channels": "1", "width": "8", "levels": None},
    Classifier: {"channels": "1", "width": "8", "classes": [3]},
    Dropout: {"p": "x"},
}


@pytest.mark.parametrize("kind", SIZES)
def test_sizes_of_networks(kind: type) -> None:
    for name, value in SIZES[kind].items():
        said = "dropout" if kind is Dropout else name
        with pytest.raises(InputError, match=f"^{said} = "):
            unwrap(kind.__init__)(kind.__new__(kind), **{name: value})


@pytest.mark.parametrize("wrong", [
    {"width": "8"}, {"channels": "1"}, {"mult": 2}, {"mult": (1, "2")}, {"attention": 1},
    {"attention": ("1",)},
])
def test_sizes_of_a_pyramid(wrong: dict) -> None:
    name = next(iter(wrong))
    with pytest.raises(InputError, match=f"^{name} = "): unwrap(_check)(**PYRAMID | wrong)


WRONG: dict[str, Callable[[], object]] = {
    "seed = 'x': give a whole number": lambda: unwrap(seeded)("x"),
    "seed = 1.5: give a whole number": lambda: unwrap(Keyed.__init__)(
        Keyed(0, range(2)), 1.5, range(2)),
    "seed = True": lambda: seeded(True),
    "total = '4'": lambda: unwrap(Keyed.__init__)(Keyed(0, range(2)), 0, range(2), "4"),
    "index = 'ab': give": lambda: unwrap(Keyed.__init__)(Keyed(0, range(2)), 0, "ab"),
    "generator is a str: give": lambda: source_device("x"),
    "t = 'a': give a number": lambda: unwrap(as_times)("a"),
    "t = None: give a number": lambda: unwrap(as_times)(None),
    "gamma_0 = 'a': give a number": lambda: unwrap(_endpoints)("a", 5.0),
    "data is a ndarray": lambda: unwrap(Discretization.check)(Discretization(4), ARRAY),
    "data is a list": lambda: unwrap(Continuous.check)(Continuous(), [0.5]),
    "values is a ndarray": lambda: unwrap(standard_error)(ARRAY[0]),
    "mask is a list": lambda: unwrap(masked)([1, 0]),
    "fake is a ndarray": lambda: unwrap(check_features)(torch.zeros(2, 2), ARRAY, 1, ""),
    "process is of type ndarray": lambda: unwrap(Denoiser.__init__)(Denoiser(VP()), ARRAY),
    "model is of type ndarray": lambda: unwrap(_judged)(ARRAY, ROWS, LEVELS, None, None, None),
    "discretization is 17": lambda: unwrap(_judged)(Denoiser(VP()), ROWS, 17, None, None, None),
    "data have shape ..: give a tensor": lambda: unwrap(_judged)(
        Denoiser(VP()), [[1.0]], LEVELS, None, None, None),
    "the state is a ndarray": lambda: unwrap(check_state)(ARRAY, (2,), (2,)),
    "shape .2,. and type ndarray": lambda: unwrap(check_labels)(ARRAY[0], 2, 3),
    "method = AdaptiveFlow: give elbo": lambda: checked_method(AdaptiveFlow(), MLP(2, 8, 1)),
    "method = MLP: give elbo": lambda: checked_method(MLP(2, 8, 1), MLP(2, 8, 1)),
    "method = Flow: give Flow..": lambda: unwrap(checked_method)(Flow, None),
    "method = flow: give elbo, ode or iw": lambda: unwrap(checked_method)("flow", None),
    "exact = 'no': give True": lambda: unwrap(Flow.__init__)(Flow.__new__(Flow), exact="no"),
    "x is a ndarray": lambda: unwrap(noised)(VP(), ARRAY, 0.5),
    "process is a Flow": lambda: unwrap(noised)(Flow(), torch.zeros(2, 2), 0.5),
    "label is not a tensor of 2 rows: .* as torch.full..2,., 0.": lambda: unwrap(_check_rows)(
        {"label": [3]}, 2),
    "variance is 'None': choose": lambda: unwrap(_checked)(
        SimpleNamespace(network=None), None, None, None),
    "classifier is a str": lambda: unwrap(check_pictures)("x", None, ARRAY, ARRAY),
}


SWITCHES = {
    "exact": lambda on: unwrap(Flow.__init__)(Flow(), exact=on),
    "bounded": lambda on: unwrap(Encoder.__init__)(Encoder(), bounded=on),
    "waves": lambda on: unwrap(Pyramid.__init__)(Pyramid(**PYRAMID), **PYRAMID, waves=on),
    "free_variance": lambda on: unwrap(check_options)("v", None, on, 1.0),
    "shuffle": lambda on: unwrap(divide)({"train": ROWS.repeat(20, 1)}, shuffle=on),
    "download": lambda on: unwrap(load)("digits", None, on),
    "released": lambda on: unwrap(sum_of_gamma)((2,), 2, released=on),
    "standardise": lambda on: unwrap(CBModel.__init__)(object.__new__(CBModel), standardise=on),
    "infer": lambda on: unwrap(boomerang)(Denoiser(VP()), ROWS, infer=on),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_on_or_off(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} = 'no': give True or False"): SWITCHES[name]("no")


def test_the_switches_of_a_sample_and_a_loss() -> None:
    model = Diffusion(MLP(2, 8, 1), shape=(2,), discretization=LEVELS)
    for name in ("denoise", "noisy_decoder"):
        with pytest.raises(InputError, match=f"{name} = 'no'"):
            unwrap(Diffusion.sample)(model, 2, **{name: "no"})
    with pytest.raises(InputError, match="min_variance = 'no'"):
        unwrap(Diffusion.loss)(model, ROWS.long(), min_variance="no")


@pytest.mark.parametrize("said", WRONG)
def test_one_sentence_says_so(said: str) -> None:
    with pytest.raises(InputError, match=said) as refused: WRONG[said]()
    assert "\n" not in str(refused.value) and ". " not in str(refused.value)


def test_what_may_be_given_in_several_ways() -> None:
    for value in ([0.5, 1.0], np.array([0.5, 1.0]), torch.tensor([0.5, 1.0])):
        assert as_numbers("t", value).tolist() == [0.5, 1.0]
    same = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    assert as_numbers("t", same) is same
    assert torch.equal(randn((3,), seeded(-1)), randn((3,), seeded(2**64 - 1)))
    assert checked_seed(np.int64(3)) == 3
