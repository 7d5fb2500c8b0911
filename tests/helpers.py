"""What several test files need: coefficients by name, a refusal in one sentence, no device."""
from collections.abc import Callable

import pytest
from accelerate.state import AcceleratorState, GradientState
from torch import Tensor

from mdm_nb import InputError, Kernel, Process


def coefficients(process: Process, t: Tensor | float) -> tuple[Kernel, Tensor, Tensor]:
    """The kernel, A and N at a time."""
    at = process.at(t)
    return at.kernel, at.A, at.N


def pace_of(process: Process, t: Tensor | float) -> tuple[Tensor, Tensor]:
    """The noise level and its rate at a time."""
    at = process.at(t)
    return at.gamma, at.rate


def tail(process: Process, y: Tensor) -> Tensor:
    """The trailing blocks, which a network of the state's noise predicts."""
    if process.heads == process.K: return y
    return y[:, -1] if process.heads == 1 else y[:, -process.heads:]


def refused(message: str, call: Callable[..., object], *args: object, **options: object) -> None:
    """One sentence with a colon, after which it says what to do."""
    with pytest.raises(InputError, match=message) as e:
        call(*args, **options)
    said = str(e.value)
    assert "\n" not in said and not said.endswith(".") and ": " in said


def forget_devices() -> None:
    """Let accelerate choose a device and a precision anew, as it does in a new process."""
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
