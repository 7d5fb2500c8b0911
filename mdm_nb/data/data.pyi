"""Written by tools/stubs.py: do not edit."""
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from torch import Tensor
from .contents import Contents
from .formats import Labelled
from .stored import Images

__all__ = [
    "digest", "digest_labels", "ImageData", "load", "read_digits", "batch_index", "batch_at"
]
def digest(splits: tuple[Images, ...], levels: int) -> str:
    """SHA-256 over the levels, then the shape and the bytes of every split in order."""
def digest_labels(splits: tuple[Tensor, ...], classes: int) -> str:
    """SHA-256 over the number of classes, then the count and the labels of every split in order."""
_SPLITS: dict[str, str]
def _check_images(name: str, split: str, x: Images, levels: int) -> None: ...
def _check_highest(name: str, split: str, highest: int, levels: int) -> None: ...
def _check_labels(name: str, split: str, y: Tensor, n: int, classes: int) -> None: ...
def _check_parts(name: str, labels: dict[str, Tensor], classes: tuple[str, ...]) -> None: ...
@dataclass(frozen=True, eq=False, repr=False)
class ImageData:
    """Images in three disjoint parts, with levels, labels if any, origin and fingerprints."""
    name: str
    train: Tensor
    valid: Tensor
    test: Tensor
    levels: int
    where: str
    note: str = ''
    labels: dict[str, Tensor] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    fingerprint: str = field(init=False)
    label_fingerprint: str = field(init=False)
    def __post_init__(self) -> None: ...
    def _check_shapes(self) -> None: ...
    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
    @property
    def counts(self) -> tuple[int, int, int]:
        """Number of training, validation and test images."""
    def __repr__(self) -> str: ...
def load(
    name: str | Path,
    root: str | Path | None = None,
    download: bool = True,
    valid_fraction: float | None = None,
    levels: int | None = None,
) -> ImageData:
    """Load images by name or from a path, with their labels if they have some."""
def _near(name: str, known: Iterable[str]) -> str: ...
def _build(
    name: str,
    parts: dict[str, Labelled],
    fraction: float,
    shuffle: bool,
    levels: int,
    where: str,
    note: str,
    classes: tuple[str, ...],
) -> ImageData: ...
def _load_path(path: Path, fraction: float | None, levels: int | None) -> ImageData: ...
def _agreed(levels: int | None, found: Contents, path: Path) -> int | None: ...
def _tell_levels(found: Contents, path: Path) -> int: ...
def _load_named(
    name: str,
    root: Path,
    download: bool,
    fraction: float | None,
    levels: int | None,
) -> ImageData: ...
def _read_named(name: str, root: Path, download: bool) -> tuple[dict[str, Labelled], str, str]: ...
def _check_counts(name: str, parts: dict[str, Labelled], where: str) -> None: ...
def _check_fingerprint(data: ImageData) -> None: ...
def read_digits() -> dict[str, Labelled]:
    """Read scikit-learn's digits (Alpaydin and Kaynak 1998), shuffled once and for all."""
def batch_index(n: int, batch_size: int, step: int, seed: int = 0) -> Tensor:
    """The images of a training step, a function of seed and step: each at most once in an epoch."""
def batch_at(x: Images, batch_size: int, step: int, seed: int = 0) -> Tensor:
    """The training batch of a step: the images at `batch_index`."""
