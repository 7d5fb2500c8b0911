"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from torch import Tensor
from torch.utils.data import Dataset
from ..gaussians.core import Randomness
from .model import Diffusion
from ..samplers.sample import Sampler

__all__ = [
    "way_back", "Displacement", "Augmented", "enlarged", "burying_snr"
]
def way_back(model: Diffusion) -> Sampler:
    """How that is done if nothing is said, whatever variances were learned."""
class Displacement(NamedTuple):
    """How far pictures were moved, and how far they should have been; per dimension."""
    snr: float
    moved: float
    se: float
    expected: float
    def __str__(self) -> str:
        """One line."""
def _checked_ratios(model: Diffusion, snrs: object, n: int) -> list[float]: ...
def _expected(
    model: Diffusion,
    x: Tensor,
    snr: float,
    seed: int,
    batch_size: int,
    **cond: Tensor,
) -> Tensor: ...
class Augmented(Dataset):
    """Pictures that are now and then replaced by one of their variants."""
    images: Tensor
    variants: Tensor
    labels: Tensor | None
    share: float
    generator: Randomness
    def __init__(
        self,
        images: Tensor,
        variants: Tensor,
        labels: Tensor | None = None,
        share: float = 0.5,
        generator: Randomness = None,
    ) -> None: ...
    def __len__(self) -> int:
        """How many originals there are."""
    def __getitem__(self, i: int | Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """An original or one of its variants, by the lot."""
    @classmethod
    def of(
        cls,
        model: Diffusion,
        images: Tensor,
        labels: Tensor | None = None,
        snr: float = 10.0,
        copies: int = 4,
        share: float = 0.5,
        sampler: Sampler | None = None,
        seed: int = 0,
        generator: Randomness = None,
        progress: bool = True,
        **cond: Tensor,
    ) -> Augmented:
        """A data set with variants that a model draws."""
def _check_choice(images: Tensor, labels: Tensor | None, share: float) -> None: ...
def enlarged(small: Tensor, shape: tuple[int, ...], levels: int = 256) -> Tensor:
    """The same pictures at another size, by bicubic interpolation."""
def burying_snr(rough: Tensor, true: Tensor, kappa: float = 2.0) -> float:
    """1 / (κ mean (rough − true)²), the ratio at which noise buries a damage."""
