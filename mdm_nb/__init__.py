"""Diffusion models trained and judged by likelihood: the names below are loaded when first used."""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "Gaussian": "gaussian", "LinearGaussian": "gaussian", "Mixture": "score", "Linear": "schedule", "Cosine": "schedule",
    "Monotone": "schedule", "Custom": "schedule", "Beta": "schedule", "Kernel": "lyapunov", "kernel": "lyapunov", "Process": "process",
    "VP": "process", "VE": "process", "SubVP": "process", "MDM": "mdm", "CLD": "mdm", "PSLD": "mdm", "ALDA": "mdm", "MALDA": "mdm",
    "LearnedMDM": "mdm", "Discretization": "discretize", "Continuous": "discretize", "Bound": "bound", "MLP": "network",
    "UNet": "network", "DDIM": "sample", "Ancestral": "sample", "EulerMaruyama": "sample", "ProbabilityFlow": "sample",
    "Diffusion": "diffusion", "Encoder": "encoder", "Encoded": "encoder", "EncodedFlow": "encoder", "EncoderUNet": "network",
    "load": "data", "Config": "config", "Run": "run", "InputError": "core",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME: raise AttributeError(f"module 'mdm_nb' has no attribute {name!r}")
    return getattr(import_module(f"mdm_nb.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
