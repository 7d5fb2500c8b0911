"""Written by tools/stubs.py: do not edit."""
from .linear import MDM
from .schedule import Schedule

__all__ = [
    "CLD", "PSLD", "ALDA", "MALDA"
]
def _positive(name: str, value: float) -> float: ...
def _not_negative(name: str, value: float) -> float: ...
class CLD(MDM):
    """Langevin diffusion, critical by default: noise on a velocity (Dockhorn et al. 2022)."""
    def __init__(
        self,
        M: float = 0.25,
        Gamma: float | None = None,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
class PSLD(MDM):
    """Phase-space Langevin diffusion: as CLD, with friction on x too (Pandey & Mandt 2023)."""
    def __init__(
        self,
        Gamma: float = 0.01,
        nu: float | None = None,
        M: float = 0.25,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
class ALDA(MDM):
    """Third-order Langevin diffusion: two integrations from noise to x (Mou et al. 2021)."""
    def __init__(
        self,
        L: float = 1.0,
        g: float | None = None,
        xi: float | None = None,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
class MALDA(MDM):
    """All pairs of K blocks coupled, noise on all but x (Singhal et al. 2023); K = 2 is CLD."""
    def __init__(
        self,
        K: int = 3,
        M: float = 1.0,
        V0: float = 0.01,
        clock: Schedule | None = None,
    ) -> None: ...
