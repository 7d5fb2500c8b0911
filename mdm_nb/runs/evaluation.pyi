"""Written by tools/stubs.py: do not edit."""
from typing import NotRequired
from typing import TypedDict
import torch
from ..bounds.bound import Bound
from ..data.data import ImageData
from ..data.stored import Images
from ..models.method import Cost

__all__ = [
    "UNIFORM", "HISTOGRAM", "Estimate", "BaselineScore", "baselines", "Evaluation", "quantity",
    "versions", "hardware", "make_evaluation", "terms_of", "headline", "results_table"
]
class Estimate(TypedDict):
    """A mean over examples and its standard error."""
    mean: float
    se: float
class BaselineScore(Estimate):
    """What a model without a network scores."""
    n: int
UNIFORM: str
HISTOGRAM: str
def baselines(data: ImageData, images: Images | None = None) -> dict[str, BaselineScore]:
    """What two models without a network score on some images."""
class Evaluation(TypedDict):
    """One measurement: what came out, by which protocol, and what it took."""
    split: str
    n: int | None
    draws: int | None
    seed: int | None
    quantity: str
    protocol: str
    unit: str
    total: Estimate
    parts: dict[str, Estimate]
    baselines: dict[str, BaselineScore]
    calls: int | None
    seconds: float | None
    versions: dict[str, str] | None
    hardware: str | None
    finished: str
    method: NotRequired[str]
    tolerance: NotRequired[float]
    status: NotRequired[str]
def quantity(
    labelled: bool,
    says: str = 'upper bound on',
    reads: str = 'discrete decoder',
) -> str:
    """What is measured, in words."""
def versions() -> dict[str, str]:
    """What a number may depend on besides options and data."""
def hardware(device: torch.device | str) -> str:
    """The name of a device, as people know it."""
def _estimates(bound: Bound, split: str) -> dict[str, Estimate]: ...
def _check_same_images(n: int, baselines: dict[str, BaselineScore]) -> None: ...
def make_evaluation(
    bound: Bound,
    split: str,
    draws: int,
    seed: int,
    baselines: dict[str, BaselineScore],
    cost: Cost | None = None,
    device: torch.device | str = 'cpu',
    labelled: bool = False,
) -> Evaluation:
    """What an evaluation found, ready for a record."""
def terms_of(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    """The bound and its parts, as `Bound.terms` gives them."""
def headline(evaluation: Evaluation) -> str:
    """The result in one line."""
def results_table(evaluation: Evaluation) -> str:
    """The bound and its parts beside the baselines on the same images."""
