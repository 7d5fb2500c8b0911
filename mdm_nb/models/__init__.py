"""Importing anything of this part brings the methods of coding, density, nearby."""
from . import coding, density, nearby  # noqa: F401
