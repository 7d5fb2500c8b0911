"""Written by tools/stubs.py: do not edit."""
from typing import NamedTuple
from typing import Any

__all__ = [
    "JOURNALS", "NEURIPS", "ICLR", "ICML", "PAPERS", "JASA", "JMLR", "Paper"
]
JOURNALS: tuple[str, ...]
class Paper(NamedTuple):
    """What one cites."""
    authors: str
    title: str
    year: int | None
    venue: str | None
    arxiv: str | None = None
    url: str | None = None
    volume: int | None = None
    pages: str | None = None
    doi: str | None = None
    publisher: str | None = None
    def bibtex(self, key: str) -> str:
        """The entry, one field to a line."""
NEURIPS: str
ICLR: str
ICML: str
PAPERS: dict[str, Any]
JASA: str
JMLR: str
