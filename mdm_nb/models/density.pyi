"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from torch import Tensor

__all__ = [
    "ESTIMATES", "LowerBound"
]
ESTIMATES: int
_ENOUGH: int
_SIGNS: int
def _enough(method: str) -> int: ...
class LowerBound(NamedTuple):
    """An estimate of a lower bound on log p(x), for each example, or what `quantity` says."""
    value: Tensor
    se: Tensor
    times: int
    method: str = 'elbo'
    quantity: str = 'lower bound on log p(x)'
    tolerance: float | None = None
    seed: int | None = None
    calls: int = 0
    terms: dict[str, Tensor] | None = None
    protocol: str = ''
    dims: int = 0
    levels: int | None = None
    @property
    def nats(self) -> Tensor:
        """−log p(x) of each example, or the bound on it: what `bpd` has the mean of."""
    @property
    def bits(self) -> Tensor:
        """The same in bits per dimension; a density has none."""
    @property
    def few(self) -> bool:
        """Are there too few draws for the standard error?"""
    @property
    def status(self) -> str:
        """Is there a number for every example?"""
    def __repr__(self) -> str: ...
    def times_for(self, se: float) -> int:
        """How many draws would bring the standard error of every example down to `se`, about."""
