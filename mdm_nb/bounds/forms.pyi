"""Written by tools/stubs.py: do not edit."""
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple
import torch
from torch import Tensor
from ..gaussians.core import Randomness
from ..processes.process import Process

__all__ = [
    "Score", "FORMS", "ism_term", "hsm_term", "dsm_term", "quadrature", "cubature", "Truncated",
    "truncated", "tweedie_offset"
]
Score = Callable[[Tensor, Tensor], Tensor]
def _shaped(name: str, value: Tensor, shape: tuple[int, ...]) -> Tensor: ...
def _trace(M: Tensor, x: Tensor) -> Tensor: ...
def ism_term(
    process: Process,
    score: Score,
    x: Tensor,
    t: Tensor,
    eps: Tensor,
    probe: Tensor | None = None,
) -> Tensor:
    """Implicit score matching, −½‖s‖²_N − div(N s) + d tr A, at one y_t (Singhal et al. 2023)."""
def _axes(y: Tensor) -> Iterator[Tensor]: ...
def _matched(
    L: Tensor,
    A: Tensor,
    N: Tensor,
    score: Score,
    mean: Tensor,
    x: Tensor,
    t: Tensor,
    eps: Tensor,
) -> Tensor: ...
def hsm_term(process: Process, score: Score, x: Tensor, t: Tensor, eps: Tensor) -> Tensor:
    """Hybrid score matching, ½E‖∇log q‖²_N − ½‖s − ∇log q‖²_N + d tr A (Dockhorn et al. 2022)."""
def _whole(process: Process, x: Tensor, v0: Tensor | None) -> Tensor: ...
def dsm_term(
    process: Process,
    score: Score,
    x: Tensor,
    t: Tensor,
    eps: Tensor,
    v0: Tensor | None = None,
) -> Tensor:
    """Denoising score matching, as `hsm_term` with q(y_t | x, v_0) (Singhal et al. 2023)."""
def quadrature(process: Process, nodes: int) -> tuple[Tensor, Tensor]:
    """Gauss–Legendre nodes in what the process's clock shows: log τ, or γ for one block."""
def cubature(shape: tuple[int, ...], device: torch.device | str | None = None) -> Tensor:
    """Points whose plain average of any quadratic is its mean under N(0, I)."""
FORMS: tuple[str, str, str]
def _blocks(process: Process, form: str) -> int: ...
def _start(process: Process) -> Tensor: ...
def _split(process: Process, noise: Tensor) -> tuple[Tensor, Tensor | None]: ...
def _term(
    process: Process,
    score: Score,
    x: Tensor,
    t: Tensor,
    noise: Tensor,
    form: str,
    probe: Tensor | None = None,
) -> Tensor: ...
def _expectation(
    f: Callable[[Tensor], Tensor],
    n: int,
    shape: tuple[int, ...],
    device: torch.device,
) -> Tensor: ...
class Truncated(NamedTuple):
    """A classical lower estimate whose integral stops at ε, in nats; not always of log p(x)."""
    prior: Tensor
    path: Tensor
    entropy: Tensor
    correction: Tensor
    estimates: str
    @property
    def total(self) -> Tensor:
        """The sum of the four parts."""
def _log_prior(process: Process, x: Tensor) -> Tensor: ...
def _entropy(process: Process, x: Tensor) -> Tensor: ...
def _drawn(
    process: Process,
    score: Score,
    x: Tensor,
    form: str,
    draws: int,
    generator: Randomness,
    hutchinson: bool,
) -> Tensor: ...
def _integrated(process: Process, score: Score, x: Tensor, form: str, nodes: int) -> Tensor: ...
def truncated(
    process: Process,
    score: Score,
    x: Tensor,
    form: str = 'hsm',
    correction: str = 'none',
    nodes: int | None = None,
    draws: int = 1,
    generator: Randomness = None,
    hutchinson: bool = False,
) -> Truncated:
    """E log π(y_1), an integral from ε on, v_0's entropy, a correction (Singhal et al. 2023)."""
def _check(
    process: Process,
    x: Tensor,
    form: str,
    correction: str,
    nodes: int | None,
    draws: int,
    hutchinson: bool,
) -> None: ...
def tweedie_offset(
    process: Process,
    score: Score,
    x: Tensor,
    eps: Tensor,
    v0: Tensor | None = None,
) -> Tensor:
    """½E‖ε‖² − ½‖ε + Lᵀs‖² + d log det Φ: log p(y_0|y_ε) − log q(y_ε|y_0) (Singhal et al. 2023)."""
def _offset(
    process: Process,
    score: Score,
    x: Tensor,
    nodes: int | None,
    draws: int,
    generator: Randomness,
) -> Tensor: ...
