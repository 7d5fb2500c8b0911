"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from typing import Any

__all__ = [
    "NEURIPS", "ICLR", "ICML", "PAPERS", "Paper"
]
class Paper(NamedTuple):
    """What one cites."""
    authors: str
    title: str
    year: int | None
    venue: str | None
    arxiv: str | None = None
    url: str | None = None
    def bibtex(self, key: str) -> str:
        """The entry, one field to a line."""
NEURIPS: str
ICLR: str
ICML: str
PAPERS: dict[str, Any]
