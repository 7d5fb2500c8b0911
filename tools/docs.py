"""Build the site into `_docs`, with every byte that it needs.

nbdev processes the notebooks and smalldocs lays them out. `nbdev-docs` renders the same notebooks
with Quarto. This build needs only Python, and adds what a book needs: every exported definition is
printed where it is derived (tools/definitions.py), backticks link to it, and nothing is read from a
network.
"""
import argparse
import ast
import functools
import json
import os
import re
import shutil
import sys
import time
from configparser import ConfigParser
from pathlib import Path, PurePosixPath

import yaml
from definitions import ROOT, Definitions, Symbols, attribute, introduced
from equations import NAME as EQUATIONS
from equations import anchored, equations, notebook
from reference import NAME, reference

MADE = (NAME, EQUATIONS)  # pages that no notebook holds
NBS, STAGE, OUT = ROOT / "nbs", ROOT / "_proc" / ".site", ROOT / "_docs"
PREFIX = re.compile(r"^\d+[a-zA-Z0-9]*_")
NB_LINK = re.compile(r"(\]\(\s*<?)([^)\s#>]+\.ipynb)")
CDN_KATEX = re.compile(r"https://cdn\.jsdelivr\.net/npm/katex@[^/\"]+/dist(?:/contrib)?")
CAPTION = re.compile(r"(<figcaption>)(.*?)(</figcaption>)", re.DOTALL)
# a full stop or comma stays on the line of the short formula before it
SHORT_FORMULA = re.compile(r'(<span class="math inline">[^<]{1,40}</span>)([.,;:!?)]+)')
DISPLAY = re.compile(r"\$\$.*?\$\$", re.DOTALL)
KATEX_HEAD = (
    '<link rel="stylesheet" href="{0}assets/katex/katex.min.css">'
    '<script src="{0}assets/katex/katex.min.js" defer></script>'
    '<script src="{0}assets/katex/auto-render.min.js" defer></script>'
)


def settings() -> dict[str, str]:
    """The package metadata of settings.ini."""
    config = ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return dict(config["DEFAULT"])


def page_path(path: str) -> str:
    """Where nbdev puts a notebook's page: without the number in front of its name."""
    p = PurePosixPath(path)
    return str(p.with_name(PREFIX.sub("", p.name.lower())))


# ---------------------------------------------------------------- one notebook

def slug_of(heading: str) -> str:
    """The id that a heading gets."""
    words = "".join(c.lower() for c in heading if c.isalnum() or c.isspace() or c in "_-.")
    return "-".join(words.split())


def heading_ids(text: str, taken: set[str]) -> str:
    """Give a heading that shares its id with a symbol of the page another id.

    Links to the symbol must reach the symbol.
    """
    out, fenced = [], False
    for line in text.split("\n"):
        if line.startswith("```"): fenced = not fenced
        if not fenced and re.match(r"#{1,6} ", line) and "{#" not in line:
            slug = slug_of(line)
            if slug in taken: line += f" {{#about-{slug}}}"
        out.append(line)
    return "\n".join(out)


def breakable(text: str) -> str:
    """Display formulas that may go on in a new line after a wide space."""
    space = re.compile(r"\\qquad(?![a-zA-Z])")
    return DISPLAY.sub(lambda m: space.sub(r"\\qquad\\allowbreak ", m[0]), text)


def to_pages(text: str) -> str:
    """Links to notebooks as links to their pages."""
    return NB_LINK.sub(lambda m: m[1] + page_path(m[2]), text)


def without_flags(source: str) -> str:
    """A cell without its `#|` lines."""
    return "\n".join(line for line in source.split("\n") if not line.startswith("#|"))


def helpers(source: str) -> list[ast.FunctionDef]:
    """The functions of a cell that holds nothing else."""
    body = ast.parse(source).body
    found = [node for node in body if isinstance(node, ast.FunctionDef)]
    return found if len(found) == len(body) else []


def only_imports(source: str) -> bool:
    """Whether a cell imports names and does nothing else."""
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(source).body)


def folded(source: str, summary: str) -> str:
    """A cell whose code is shown on demand."""
    return f'#| code-fold: true\n#| code-summary: "{attribute(summary)}"\n{source}'


class Page:
    """What is done to every cell of one notebook."""
    def __init__(self, name: str, module: str, symbols: Symbols, config: dict[str, str]) -> None:
        self.folder = name.partition("/")[0]
        self.page = name.removesuffix(".ipynb") + ".html"
        self.symbols = symbols
        self.ids = {anchor for page, anchor in symbols.where.values() if page == self.page}
        full = f"{config['lib_name']}.{module}"
        self.definitions = Definitions(full, symbols, config) if module else None

    def define(self, cell: dict) -> None:
        """An exported cell becomes the definitions that it holds."""
        flags = set(getattr(cell, "directives_", {}))
        if cell.cell_type != "code" or self.definitions is None: return
        if "hide" in flags or not {"export", "exports", "exporti"} & flags: return
        cell.cell_type, cell.directives_ = "markdown", {}
        cell.source = self.definitions.of_cell(without_flags(cell.source))
        cell.pop("outputs", None)

    def fold(self, cell: dict) -> None:
        """Fold what a first reading can do without.

        That is, in the book, imports, helpers and how figures are drawn; all code of a training.
        """
        flags = getattr(cell, "directives_", {})
        if cell.cell_type != "code" or "code-fold" in flags: return
        code = without_flags(cell.source)
        if self.folder == "train":
            cell.source = folded(cell.source, "Code")
        elif self.folder != "learn": return
        elif "fig-cap" in flags:
            cell.source = folded(cell.source, "Code of the figure")
        elif only_imports(code):
            cell.source = folded(cell.source, "Imports")
        elif found := helpers(code):
            said = "; ".join(map(introduced, found))
            cell.source = folded(cell.source, f"Helper {said}")

    def prose(self, cell: dict) -> None:
        """Names in backticks and links to notebooks become links to pages."""
        if cell.cell_type == "markdown":
            if not cell.source.startswith(("::: {.symbol}", "```python")):
                text = heading_ids(without_flags(cell.source), self.ids)
                cell.source = breakable(self.symbols.link(anchored(text), self.page))
            cell.source = to_pages(cell.source)
        for out in cell.get("outputs", []):
            data = out.get("data") or {}
            if "text/markdown" not in data: continue
            text = "".join(data["text/markdown"])
            data["text/markdown"] = to_pages(self.symbols.link(text, self.page))


def as_json(nb: dict) -> str:
    """A processed notebook as smalldocs reads it, its front matter in a raw cell."""
    front = nb.frontmatter_
    front.pop("output-file", None)
    front["browser-runnable"] = False  # no notebook runs without PyTorch: do not offer it
    keep = ("cell_type", "id", "metadata", "source", "outputs", "execution_count")
    cells = [{k: c[k] for k in keep if k in c} for c in nb.cells if c.cell_type != "raw"]
    head = f"---\n{yaml.safe_dump(dict(front), allow_unicode=True)}---\n"
    cells.insert(0, {"cell_type": "raw", "metadata": {}, "source": head})
    for c in cells:
        if c["cell_type"] == "code": c.setdefault("outputs", [])
    metadata = {"kernelspec": {"language": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def stage_notebook(src: Path, symbols: Symbols, config: dict[str, str]) -> str:
    """Process one notebook with nbdev, where smalldocs finds it; returns its name there."""
    from nbdev import processors as P
    from nbdev.frontmatter import FrontmatterProc
    from nbdev.process import NBProcessor, read_nb
    name = page_path(src.relative_to(NBS).as_posix())
    nb = read_nb(src)
    page = Page(name, P._default_exp(nb), symbols, config)
    procs = [FrontmatterProc, P.populate_language, P.strip_ansi, P.hide_line, P.filter_stream_,
             P.rm_header_dash, page.define, P.clean_show_doc, P.rm_export, P.hide_,
             page.prose, P.add_fold, page.fold, P.strip_hidden_metadata]
    nb = NBProcessor(nb=nb, procs=procs, rm_directives="quarto", process=True).nb
    dest = STAGE / name
    dest.parent.mkdir(parents=True, exist_ok=True)
    dest.write_text(as_json(nb))
    return name


# ---------------------------------------------------------------- the site around the pages

def existing(items: list, where: str, pages: set[str], problems: list[str]) -> list:
    """The entries of a menu whose pages exist, by their short names; others are reported."""
    out = []
    for item in items:
        item = {"href": item} if isinstance(item, str) else dict(item)
        for entries in ("contents", "menu"):
            if entries in item: item[entries] = existing(item[entries], where, pages, problems)
        href = str(item.get("href", ""))
        if href.endswith(".ipynb"):
            item["href"] = page_path(href)
            if item["href"] not in pages:
                problems.append(f"the {where} names nbs/{href}, which does not exist")
                continue
        out.append(item)
    return out


def disagreements(web: dict, config: dict[str, str]) -> list[str]:
    """What `_quarto.yml` says otherwise than settings.ini."""
    keys = {"site-url": "doc_url", "repo-url": "git_url", "repo-branch": "branch"}
    wanted = {key: config[name] for key, name in keys.items()}
    return [f"_quarto.yml has {key}: {web.get(key)}, settings.ini has {want}"
            for key, want in wanted.items() if web.get(key) != want]


def stage_config(config: dict[str, str], pages: set[str]) -> tuple[dict, list[str]]:
    """smalldocs' copy of `_quarto.yml`, without pages that are missing, and what is wrong."""
    site = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
    web = site["website"]
    problems = disagreements(web, config)
    sidebar, navbar = web["sidebar"], web["navbar"]
    sidebar["contents"] = existing(sidebar["contents"], "sidebar", pages, problems)
    for side in ("left", "right"):
        navbar[side] = existing(navbar.get(side, []), "navbar", pages, problems)
    site["project"]["output-dir"] = "_site"
    # Quarto's; the pages here use the KaTeX in assets
    site["format"]["html"].pop("html-math-method", None)
    site.pop("execute", None)
    listed = json.dumps(sidebar)
    problems += [f"nbs/{p} is on no sidebar" for p in sorted(pages) if f'"{p}"' not in listed]
    return site, problems


def caption(m: re.Match) -> str:
    """Mathematics and code in a caption."""
    start, inner, end = m.groups()
    inner = re.sub(r"\$([^$]+)\$", r'<span class="math inline">\\(\1\\)</span>', inner)
    inner = re.sub(r"`([^`]+)`", r"<code>\1</code>", inner)
    return start + inner + end


def offline(page: Path, site: Path, sources: dict[str, str]) -> None:
    """Mend one page: KaTeX from `assets`, captions, links to the notebook's real name."""
    relative = page.relative_to(site)
    up = "../" * len(relative.parent.parts)
    text = CDN_KATEX.sub(f"{up}assets/katex", page.read_text(encoding="utf-8"))
    text = CAPTION.sub(caption, text)
    text = SHORT_FORMULA.sub(r'<span class="together">\1\2</span>', text)
    if r"\(" in text and "assets/katex" not in text:
        text = text.replace("</head>", KATEX_HEAD.format(up) + "</head>")
    name = relative.as_posix().removesuffix(".html") + ".ipynb"
    if name in sources: text = text.replace(f"/nbs/{name}", f"/nbs/{sources[name]}")
    if name in MADE: text = text.replace(f"/nbs/{name}", f"/tools/{name[:-6]}.py")
    page.write_text(text, encoding="utf-8")


def visible(path: Path) -> bool:
    """Whether no part of a path is hidden or private."""
    return not any(part.startswith((".", "_")) for part in path.relative_to(NBS).parts)


def stage(config: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Write what smalldocs reads; returns the notebook of every page, and what is wrong."""
    symbols = Symbols()
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    shutil.copytree(NBS / "assets", STAGE / "assets")
    notebooks = sorted(filter(visible, NBS.rglob("*.ipynb")))
    names = {p: p.relative_to(NBS).as_posix() for p in notebooks}
    sources = {stage_notebook(p, symbols, config): name for p, name in names.items()}
    if len(sources) < len(notebooks):
        raise SystemExit("two notebooks of one folder have the same name after their number")
    (STAGE / NAME).write_text(reference(symbols), encoding="utf-8")
    (STAGE / EQUATIONS).write_text(notebook(to_pages(breakable(equations()))), encoding="utf-8")
    site, problems = stage_config(config, {*sources, *MADE})
    text = yaml.safe_dump(site, sort_keys=False, allow_unicode=True)
    (STAGE / "_quarto.yml").write_text(text, encoding="utf-8")
    return sources, problems


def finish(built: Path, sources: dict[str, str]) -> None:
    """Make the site independent of any network, and put it in place."""
    for page in built.rglob("*.html"):
        offline(page, built, sources)
    for css in built.rglob("*.css"):
        text = css.read_text(encoding="utf-8")
        if "@import url(http" in text:
            css.write_text(re.sub(r"@import url\([^)]*\);?", "", text), encoding="utf-8")
    (built / ".nojekyll").touch()
    shutil.rmtree(OUT, ignore_errors=True)
    built.rename(OUT)


def build(strict: bool) -> int:
    """Build everything; 1 if `strict` and something is missing or broken."""
    os.chdir(ROOT)
    start = time.perf_counter()
    from smalldocs import highlight
    from smalldocs.site import build as render
    highlight.css_class = functools.cache(highlight.css_class)  # asked 275 000 times
    sources, problems = stage(settings())
    problems += render(STAGE, quiet=True).warnings
    finish(STAGE / "_site", sources)
    for p in problems:
        print(f"docs: {'error' if strict else 'warning'}: {p}", file=sys.stderr)
    seconds = f"{time.perf_counter() - start:.1f} s"
    print(f"docs: {len(sources)} pages in {OUT.name}/ in {seconds}; open {OUT.name}/index.html, "
          "or `make serve`")
    return int(strict and bool(problems))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strict", action="store_true",
                        help="fail on a page that is missing, unlisted, or has a broken link")
    sys.exit(build(parser.parse_args().strict))
