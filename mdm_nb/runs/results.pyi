"""Written by tools/stubs.py: do not edit."""
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from .evaluation import Estimate
from .evaluation import Evaluation
from .record import Record

__all__ = [
    "Systems", "Result", "read_runs", "Budget", "budget_of", "by_budget", "Pooled", "pooled",
    "student_inside", "student_quantile", "Paired", "paired", "holm", "parameters_of"
]
class Result(NamedTuple):
    """A run that was evaluated, as its folder tells of it."""
    study: str
    system: str
    record: Record
    about: dict | None
    def evaluation(self, name: str = 'test') -> Evaluation:
        """What was measured under a name."""
def _result(root: Path, folder: Path) -> Result: ...
def read_runs(folder: Path | str) -> list[Result]:
    """Every run below a folder that has a record."""
class Budget(NamedTuple):
    """What runs must share for their bounds to be compared."""
    study: str
    data: str
    fingerprint: str
    steps: int | None
    batch_size: int | None
    split: str
    n: int | None
    histogram: float | None
    quantity: str
    unit: str
    @property
    def images(self) -> int | None:
        """Training images seen, each as often as it was."""
def budget_of(run: Result, name: str = 'test') -> Budget:
    """The budget of one run."""
Systems = dict[str, list[Result]]
def by_budget(runs: Sequence[Result], name: str = 'test') -> dict[Budget, Systems]:
    """Runs that may be compared, and within them the seeds of each system."""
class Pooled(NamedTuple):
    """A system over its seeds."""
    n: int
    mean: float
    se_seeds: float | None
    se_images: float
    parts: dict[str, tuple[float, float | None]]
    histogram: Estimate | None
    seconds: float | None
    hardware: tuple[str, ...]
def _over_seeds(values: Sequence[float]) -> tuple[float, float | None]: ...
def pooled(runs: Sequence[Result], name: str = 'test') -> Pooled:
    """Mean and standard errors over seeds and over images, term by term."""
def _check_one_budget(runs: Sequence[Result], name: str) -> None: ...
def _check_seeds(runs: Sequence[Result]) -> None: ...
def student_inside(t: float, df: int) -> float:
    """The probability of Student's law between −t and t."""
def student_quantile(level: float, df: int) -> float:
    """The t with so much of Student's law between −t and t."""
class Paired(NamedTuple):
    """One system less another, seed by seed."""
    n: int
    mean: float
    se: float
    low: float
    high: float
    p: float
def paired(
    ours: Sequence[Result],
    theirs: Sequence[Result],
    part: str = 'total',
    level: float = 0.95,
    name: str = 'test',
) -> Paired:
    """The mean difference over the seeds that both have, with Student's interval."""
def _by_seed(runs: Sequence[Result], part: str, name: str) -> dict[int, float]: ...
def _value(run: Result, part: str, name: str) -> float: ...
def holm(p: Sequence[float]) -> list[float]:
    """The p-values after Holm's correction: below α all at once, with error at most α."""
def parameters_of(run: Result) -> int | None:
    """Numbers that training moves in the model that the configuration of a run makes today."""
