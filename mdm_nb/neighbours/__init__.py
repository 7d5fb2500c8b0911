"""Importing anything of this part brings the methods of counterfactual."""
from . import counterfactual  # noqa: F401
