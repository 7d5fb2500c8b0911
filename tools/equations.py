"""The page of the formulas that other pages rely on, collected from where they are derived.

A formula is marked by a comment in the line above it, `<!-- eq label: What it is -->`, which no
reader sees. On the site it becomes a place that can be linked to, `#eq-label`.
"""
import json
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from book import Page, Part, parts

NAME = "equations.ipynb"
MARKED = re.compile(r"(?m)^<!-- eq ([a-z-]+): (.+) -->\n(\$\$(?:[^$]|\$(?!\$))+\$\$)$")
FRONT = """---
title: Equations
description: The formulas that other pages rely on, with the page that derives each.
browser-runnable: false
---
"""
HEAD = """What each symbol means is in the [glossary](glossary.ipynb). A name leads to the place
where the formula is derived.
"""


class Equation(NamedTuple):
    """A marked formula."""
    page: Page
    label: str
    name: str
    formula: str  # with its dollars

    @property
    def address(self) -> str:
        """Where it stands on the site, from the root."""
        return f"/{PurePosixPath(self.page.href)}#eq-{self.label}"


def of_page(page: Page) -> list[Equation]:
    """The marked formulas of a page."""
    return [Equation(page, *found) for found in MARKED.findall(page.prose)]


def of_part(part: Part) -> list[Equation]:
    """The marked formulas of a part, in the order of its pages."""
    return [equation for page in part.pages for equation in of_page(page)]


def anchored(text: str) -> str:
    """Markdown whose marked formulas can be linked to."""
    return MARKED.sub(r"::: {#eq-\1}\n\n\3\n\n:::", text)


def entry(equation: Equation) -> str:
    """A formula with its name and its page."""
    number = equation.page.text.split()[0]
    return f"[{equation.name}]({equation.address}), {number}\n\n{equation.formula}"


def equations() -> str:
    """The Markdown of the page."""
    lines = [HEAD]
    for part in parts():
        lines += [f"## {part.title}", *map(entry, of_part(part))]
    return "\n\n".join(lines)


def notebook(text: str) -> str:
    """The page, as a notebook."""
    front = {"cell_type": "raw", "metadata": {}, "source": FRONT}
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    return json.dumps({"cells": [front, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
