"""Diffusion models trained and judged by likelihood."""

__version__ = "0.1.0"
