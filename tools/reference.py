"""The page of all public names, module by module in reading order, each with its sentence."""
import ast
import json
from pathlib import Path

import api
from definitions import ROOT, Symbols, first_sentence

NAME = "reference.ipynb"
DEFINED = (ast.FunctionDef, ast.ClassDef)
TITLES = {
    "gaussians": "Gaussians", "processes": "Processes", "bounds": "The bound",
    "samplers": "The way back", "models": "Models", "contexts": "Contexts", "data": "Data",
    "runs": "Runs", "neighbours": "Neighbours",
}
FRONT = """---
title: Reference
description: Every public name, with one sentence, and the page that derives and defines it.
browser-runnable: false
---
"""
HEAD = """`from mdm_nb import X` works for every name on this page. A name leads to its
definition: signature, arguments with shapes and units, and the reasoning around it. Methods are
listed on those pages.
"""


def sentences(module: Path) -> dict[str, str]:
    """What each definition of a module says about itself."""
    body = ast.parse(module.read_text(encoding="utf-8")).body
    return {node.name: first_sentence(node) for node in body if isinstance(node, DEFINED)}


def rows(module: Path, symbols: Symbols) -> list[str]:
    """A table of the public names of a module."""
    said, part = sentences(module), module.parent.name
    out = []
    for name in api.public(module):
        place = symbols.where.get(f"mdm_nb.{part}.{module.stem}.{name}")
        if place is None: continue  # a constant: it stands on its page without a card
        sentence = said.get(name, "").replace("|", "\\|")
        out.append(f"| [`{name}`](/{place[0]}#{place[1]}) | {sentence} |")
    return ["| name | what it is |", "|:--|:--|", *out] if out else []


def reference(symbols: Symbols) -> str:
    """The page, as a notebook."""
    lines, part = [HEAD], ""
    for module in api.modules(ROOT):
        table = rows(module, symbols)
        if not table: continue
        if module.parent.name != part: lines.append(f"## {TITLES[part := module.parent.name]}\n")
        lines += [f"### {part}.{module.stem}\n", *table, ""]
    front = {"cell_type": "raw", "metadata": {}, "source": FRONT}
    cell = {"cell_type": "markdown", "metadata": {}, "source": "\n".join(lines)}
    return json.dumps({"cells": [front, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
