"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from torch import Tensor
from .fields import Box
from .posterior import LogLikelihood

__all__ = [
    "Chains", "hmc"
]
class Chains(NamedTuple):
    """What chains have drawn, and how well."""
    samples: Tensor
    accepted: Tensor
    r_hat: Tensor
    ess: Tensor
    @property
    def mean(self) -> Tensor:
        """Mean over all draws."""
    @property
    def sd(self) -> Tensor:
        """Standard deviation over all draws."""
def hmc(
    log_likelihood: LogLikelihood,
    starts: Tensor,
    prior: Box | None = None,
    samples: int = 300,
    warmup: int = 100,
    accept: float = 0.8,
    seed: int = 0,
) -> Chains:
    """Hamiltonian Monte Carlo for a posterior, by Pyro."""
def _checked_starts(
    starts: Tensor,
    prior: Box | None,
    samples: int,
    warmup: int,
    accept: float,
) -> Tensor: ...
def _check_answer(nats: list[Tensor]) -> None: ...
