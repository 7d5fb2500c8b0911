"""Written by tools/stubs.py: do not edit."""
from collections.abc import Mapping
from typing import SupportsIndex
from torch import Tensor
from torch import nn

__all__ = [
    "constants", "Remembering"
]
def constants(module: nn.Module) -> dict[str, Tensor]:
    """The buffers that a `state_dict` does not list."""
def _same(a: object, b: object) -> bool: ...
def _in_words(value: object) -> str: ...
def _plain(name: str) -> str: ...
class Remembering(nn.Module):
    """A module whose `state_dict` remembers the constants that the weights belong to."""
    settings: tuple[str, ...] = ()
    def _constants(self) -> dict[str, object]: ...
    def _shown(self, name: str, value: object) -> str: ...
    def _save_to_state_dict(
        self,
        destination: dict[str, Tensor],
        prefix: str,
        keep_vars: bool,
    ) -> None: ...
    def _load_from_state_dict(
        self,
        state_dict: dict[str, Tensor],
        prefix: str,
        local_metadata: dict,
        *more: object,
    ) -> None: ...
    def load_state_dict(
        self,
        state_dict: Mapping[str, Tensor],
        *how: bool,
        **more: bool,
    ) -> object:
        """As in torch; weights of a compiled network and of a plain one are the same weights."""
    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple: ...
    def __copy__(self) -> Remembering: ...
    def __deepcopy__(self, memo: dict[int, object]) -> Remembering: ...
def check_picklable(module: nn.Module) -> None:
    """Raise `InputError` if some part holds a function that a pickle cannot name."""
_FAR: float
_MANY: float
def check_drawn(y: Tensor, levels: int | None = None) -> None:
    """Raise `InputError` if a sample is not finite; warn if many values are off the grey scale."""
def check_prediction(prediction: object, wanted: tuple[int, ...]) -> None:
    """Raise `InputError` unless a network returned real numbers of the right shape."""
