"""Importing anything of this part brings the methods of density, nearby."""
from . import density, nearby  # noqa: F401
