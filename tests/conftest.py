"""Every call into the package is checked against its annotations while the tests run."""
from collections.abc import Iterator

import pytest
import torch
from beartype import BeartypeConf, BeartypeDecorPlace
from beartype.claw import beartype_package
from hypothesis import settings

# The same examples every time: what passes here passes elsewhere.
settings.register_profile("fixed", derandomize=True)
settings.load_profile("fixed")

# First means innermost: `@patch` hands back nothing that could be decorated.
_conf = BeartypeConf(
    is_pep484_tower=True,
    claw_decor_place_func=BeartypeDecorPlace.FIRST,
    claw_decor_place_type=BeartypeDecorPlace.FIRST,
)
beartype_package("mdm_nb", conf=_conf)

# Options that make a training as short as one can be.
TINY = {
    "width": 8, "blocks": 1, "batch_size": 16, "warmup": 3,
    "valid_every": 4, "valid_examples": 20, "valid_times": 1, "checkpoint_every": 4,
}


@pytest.fixture(scope="module")
def short_walks() -> Iterator[None]:
    """Who does not say in how many steps to draw samples draws them in three, not in hundreds.

    For tests of what is written and where; `test_diffusion` holds the usual numbers of steps.
    """
    from mdm_nb.models.model import Diffusion
    usual = Diffusion.default_sampler
    def short(self: Diffusion, steps: int | None = None) -> object:
        return usual(self, 3 if steps is None and self.T is None else steps)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(Diffusion, "default_sampler", short)
        yield


@pytest.fixture(autouse=True, scope="session")
def _threads() -> None:
    # One thread: the tensors are small, and sums come out the same on every machine.
    torch.set_num_threads(1)
