"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from ..data.data import ImageData
from ..data.stored import Images
from ..models.method import Judgement
from ..models.method import Method
from ..models.model import Diffusion
from mdm_nb.runs.evaluation import Evaluation
from .partial import Partial
from .run import Run
from ..samplers.sample import Sampler

__all__ = [
    "ranks", "share", "lay_together", "gather", "parted", "added", "usual_batch", "evaluate",
    "draw_together", "draws", "known_labels", "add_up", "measure", "draw_samples", "draw_metrics",
    "draw_clock", "judge"
]
def ranks() -> tuple[int, int]:
    """Which of how many processes this is."""
def share(n: int, rank: int, world: int) -> Tensor:
    """The positions that one process takes care of."""
def lay_together(rows: Tensor, mine: Tensor, total: int) -> Tensor:
    """Put together what the processes found, in order."""
def gather(bound: Judgement, mine: Tensor, total: int) -> Judgement:
    """The bound on a split of which the processes measured parts."""
def parted(n: int) -> tuple[int, int]:
    """Who shares the work: all processes, unless there are more of them than there is to do."""
def added(*found: Judgement) -> Judgement:
    """What was measured of all of them, and what that took together."""
def usual_batch(method: Method | None) -> int:
    """How many examples to measure at a time, so that what takes many calls is saved often."""
def evaluate(
    model: Diffusion,
    images: Images,
    labels: Tensor | None = None,
    batch_size: int = 256,
    times: int = 1,
    seed: int = 0,
    progress: bool = True,
    split: str = 'data',
    method: Method | None = None,
    kept: Partial | None = None,
) -> Judgement:
    """The bound on a split, measured by all processes together."""
def draw_together(
    model: Diffusion,
    n: int,
    sampler: Sampler,
    seed: int = 0,
    denoise: bool = False,
    progress: bool = True,
    **cond: Tensor,
) -> Tensor:
    """The samples of `Diffusion.sample`, drawn by all processes together."""
def draws(n: int) -> int:
    """Ten draws an image, or as many as make 10,000 in all if that is fewer, and never none."""
def known_labels(model: Diffusion, data: ImageData, split: str) -> Tensor | None:
    """The classes of a split, if the model is told them."""
def add_up(number: int) -> int:
    """The sum over the processes."""
def measure(
    model: Diffusion,
    data: ImageData,
    split: str = 'test',
    batch_size: int = 256,
    times: int | None = None,
    seed: int = 0,
    progress: bool = True,
    method: Method | None = None,
    kept: Partial | None = None,
) -> tuple[Judgement, Evaluation]:
    """Evaluate a split, with its baselines and its cost."""
def draw_samples(
    run: Run,
    model: Diffusion,
    levels: int,
    progress: bool = True,
    step: int | None = None,
) -> None:
    """Write samples.png, or samples/STEP.png on the way: 64 samples, drawn by all processes."""
def draw_metrics(run: Run, baseline: float) -> None:
    """Write curves.png, and process.png if the ends of the process moved."""
def draw_clock(run: Run, model: Diffusion) -> None:
    """Write clock.png if every pixel has a clock of its own."""
def judge(
    run: Run,
    model: Diffusion,
    data: ImageData,
    progress: bool = True,
    evaluation: bool = True,
    samples: bool = True,
) -> Judgement | None:
    """Evaluate on the test split; the first process leaves pictures, a record and a card."""
def _evaluate_test(run: Run, model: Diffusion, data: ImageData, progress: bool) -> Judgement: ...
