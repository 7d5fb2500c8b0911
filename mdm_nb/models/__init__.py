"""Importing anything of this part brings the methods of density, nearby, profile."""
from . import density, nearby, profile  # noqa: F401
