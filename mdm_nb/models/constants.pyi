"""Written by tools/stubs.py: do not edit."""
from torch import Tensor
from torch import nn

__all__ = [
    "constants", "Remembering", "check_drawn"
]
def constants(module: nn.Module) -> dict[str, Tensor]:
    """The buffers that a `state_dict` does not list."""
def _same(a: object, b: object) -> bool: ...
def _in_words(value: object) -> str: ...
class Remembering(nn.Module):
    """A module whose `state_dict` remembers the constants that the weights belong to."""
    settings: tuple[str, ...] = ()
    def _constants(self) -> dict[str, object]: ...
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
def check_drawn(y: Tensor) -> None:
    """Raise `InputError` if a sample is not finite."""
