"""Written by tools/stubs.py: do not edit."""
from typing import Self
from torch import Tensor
from ..gaussians.core import Exact
from ..gaussians.core import Randomness

__all__ = [
    "Contextual"
]
class Contextual(Exact):
    """A part of a diffusion that may differ between examples; here it does not, and is free."""
    latent: int
    classes: int
    data_shape: tuple[int, ...] | None = None
    stands: bool
    def given(
        self,
        x: Tensor | None = None,
        n: int = 1,
        generator: Randomness = None,
        **cond: Tensor,
    ) -> tuple[Self, dict[str, Tensor]]:
        """The part that belongs to some examples, and what its context costs: itself, nothing."""
    @property
    def context(self) -> dict[str, Tensor]:
        """What a network is told besides the noise level; nothing."""
    def subset(self, index: Tensor) -> Self:
        """The part for some of the examples that `given` was told of: itself, without a context."""
    def charge(self, x: Tensor) -> dict[str, Tensor]:
        """log q(c|x) − log p(c) of the context itself, whose mean is what `given` says: nothing."""
