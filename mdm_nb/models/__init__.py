"""Importing anything of this part brings the methods of coding, density, nearby, profile."""
from . import coding, density, nearby, profile  # noqa: F401
