"""The parts and pages of the book, in the order of the sidebar, and which page builds on which."""
import ast
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
NBS, PACKAGE = ROOT / "nbs", "mdm_nb"
WIDTH, ROW = 4.3, 0.235  # of the figure of a map, inches


@dataclass(frozen=True)
class Page:
    """An entry of the sidebar: a notebook, and the module that it makes, if any."""
    href: str  # its path below nbs
    text: str  # number and title

    @property
    def title(self) -> str:
        """The title without its number."""
        return re.sub(r"^\d+\.\d+ ", "", self.text)

    @property
    def sources(self) -> list[str]:
        """The text of its code cells."""
        return ["".join(c["source"]) for c in cells(self.href) if c["cell_type"] == "code"]

    @property
    def prose(self) -> str:
        """Its Markdown."""
        found = ("".join(c["source"]) for c in cells(self.href) if c["cell_type"] == "markdown")
        return "\n\n".join(found)

    @property
    def module(self) -> str:
        """The module that it exports, such as `bounds.bound`; empty if it exports none."""
        found = re.search(r"#\| ?default_exp (\S+)", "\n".join(self.sources))
        return found[1] if found else ""


@dataclass(frozen=True)
class Part:
    """A numbered section of the sidebar."""
    title: str  # with its number
    pages: tuple[Page, ...]  # without the map
    map: Page | None  # the page that opens it

    @property
    def folder(self) -> str:
        """The folder of its pages and of its modules."""
        return Path(self.pages[0].href).parent.name


@cache
def cells(href: str) -> list[dict]:
    """The cells of a notebook."""
    return json.loads((NBS / href).read_text(encoding="utf-8"))["cells"]


def is_map(page: Page) -> bool:
    """Whether a page is the map of its part."""
    return Path(page.href).stem == "000_map"


@cache
def sidebar() -> list[dict]:
    """The entries of the sidebar."""
    settings = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
    return settings["website"]["sidebar"]["contents"]


def parts() -> list[Part]:
    """The numbered sections, in order."""
    out = []
    for entry in sidebar():
        if not re.match(r"\d", entry.get("section", "")): continue
        pages = [Page(item["href"], item["text"]) for item in entry["contents"]]
        opening = next(filter(is_map, pages), None)
        out.append(Part(entry["section"], tuple(p for p in pages if p != opening), opening))
    return out


@cache
def homes() -> dict[str, str]:
    """The module of every public name, from the package's own lookup."""
    tree = ast.parse((ROOT / PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assigned = (node for node in tree.body if isinstance(node, ast.Assign))
    home = next(node.value for node in assigned if ast.unparse(node.targets[0]) == "_HOME")
    return ast.literal_eval(home)


def modules_of(node: ast.ImportFrom, part: str) -> set[str]:
    """The modules of the package that a statement in a module of a part takes names from."""
    names = [alias.name for alias in node.names]
    path = (node.module or "").split(".")
    if node.level == 1: return {f"{part}.{n}" for n in ([node.module] if node.module else names)}
    if node.level == 2: return {node.module or ""}
    if path[0] != PACKAGE: return set()
    if len(path) == 1: return {homes()[n] for n in names if n in homes()}
    if len(path) == 2: return {f"{path[1]}.{n}" for n in names}
    return {".".join(path[1:3])}


def imports(page: Page) -> set[str]:
    """The modules of the package that a page's module imports; without a module, its cells."""
    part, _, name = page.module.partition(".")
    file = ROOT / PACKAGE / part / f"{name}.py"
    texts = [file.read_text(encoding="utf-8")] if name else page.sources
    nodes = (node for text in texts for node in ast.walk(ast.parse(text)))
    found = (modules_of(node, part) for node in nodes if isinstance(node, ast.ImportFrom))
    return set().union(*found)


def builds_on(part: Part) -> dict[Page, set[Page]]:
    """For each page the pages of its part that it builds on, without those behind another."""
    by_module = {page.module: page for page in part.pages if page.module}
    direct = {page: {by_module[m] for m in imports(page) if m in by_module} - {page}
              for page in part.pages}
    def behind(page: Page) -> set[Page]:
        return direct[page].union(*map(behind, direct[page]))
    return {page: found - set().union(*map(behind, found)) for page, found in direct.items()}


def size_of(rows: int) -> tuple[float, float]:
    """Width and height of the figure of a map, inches."""
    return WIDTH, ROW * (rows + 0.6)
