"""Build the site into `_docs`: nbdev processes the notebooks, smalldocs lays them out, and every byte they need is copied beside them.

`nbdev-docs` renders the same notebooks with Quarto. This build needs only Python, and adds what a book needs: every exported definition
is printed where it is derived (name, docstring, signature with its notes, body), backticks link to it, and nothing is read from a network.
"""
import argparse
import ast
import json
import os
import re
import shutil
import sys
import textwrap
import time
from configparser import ConfigParser
from pathlib import Path, PurePosixPath

import yaml

ROOT = Path(__file__).resolve().parent.parent
NBS, STAGE, OUT = ROOT / "nbs", ROOT / "_proc" / ".site", ROOT / "_docs"
PREFIX = re.compile(r"^\d+[a-zA-Z0-9]*_")
BACKTICKS = re.compile(r"(\[?)`([^`\s]+?)(\(\))?`(\]\()?")
NB_LINK = re.compile(r"(\]\(\s*<?)([^)\s#>]+\.ipynb)")
CDN_KATEX = re.compile(r"https://cdn\.jsdelivr\.net/npm/katex@[^/\"]+/dist(?:/contrib)?")
KATEX_HEAD = ('<link rel="stylesheet" href="{0}assets/katex/katex.min.css"><script src="{0}assets/katex/katex.min.js" defer></script>'
              '<script src="{0}assets/katex/auto-render.min.js" defer></script>')


def settings() -> dict[str, str]:
    """The package metadata of settings.ini."""
    config = ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return dict(config["DEFAULT"])


def page_path(path: str) -> str:
    """Where nbdev puts a notebook's page: the number in front of its name is dropped, the folder stays."""
    p = PurePosixPath(path)
    return str(p.with_name(PREFIX.sub("", p.name.lower())))


class Symbols:
    """The exported names of the package and the place on the site that documents each."""
    def __init__(self) -> None:
        text = (ROOT / "mdm_nb" / "_modidx.py").read_text(encoding="utf-8")
        syms = ast.literal_eval(text[text.index("d = ") + 4:])["syms"]
        self.where: dict[str, tuple[str, str]] = {}  # full name: (page, anchor)
        self.short: dict[str, list[str]] = {}  # the name as prose writes it: full names
        taken = set()
        for names in syms.values():
            for full, (url, _) in names.items():
                page, _, anchor = url.partition("#")
                # `Bound` and `bound` share an anchor in the index, and a page may hold an id only once
                while (page, anchor) in taken: anchor += "-"
                taken.add((page, anchor))
                self.where[full] = page, anchor
                parts = full.split(".")
                for n in range(len(parts)): self.short.setdefault(".".join(parts[n:]), []).append(full)

    def find(self, name: str, page: str) -> tuple[str, str] | None:
        """The page and anchor of a name in backticks; one on the same page wins, private names and bare method names link nowhere."""
        found = [f for f in self.short.get(name, []) if ("." in name or len(f.split(".")) == 4) and "._" not in f]
        found = [f for f in found if self.where[f][0] == page] or found
        return self.where[found[0]] if found else None

    def link(self, text: str, page: str) -> str:
        """Turn names in backticks into links, outside code blocks, headings and links."""
        def one(m: re.Match) -> str:
            here = self.find(m[2], page)
            if here is None or (m[1] and m[4]): return m[0]
            target = "" if here[0] == page else "/" + here[0]
            return f"{m[1]}[`{m[2]}{m[3] or ''}`]({target}#{here[1]}){m[4] or ''}"
        out, fenced = [], False
        for line in text.split("\n"):
            if line.lstrip().startswith("```"): fenced = not fenced
            skip = fenced or line.startswith(("#", "    "))
            out.append(line if skip else BACKTICKS.sub(one, line))
        return "\n".join(out)


# ---------------------------------------------------------------- exported cells become definitions on the page

DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def first_line(node: ast.stmt) -> int:
    """The line a statement starts on, its decorators included."""
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def chunks(body: list[ast.stmt], start: int) -> list[tuple[int, int, ast.stmt]]:
    """Each statement with the lines it owns, from the end of the one before, so that a comment above it comes along."""
    out = []
    for node in body:
        out.append((start, node.end_lineno, node))
        start = node.end_lineno + 1
    return out


def is_card(name: str, node: ast.stmt) -> bool:
    """Whether a definition gets a heading of its own: public names, and special methods that are explained."""
    if name.startswith("__"): return name != "__init__" and ast.get_docstring(node) is not None
    return not name.startswith("_")


def without_docstring(lines: list[str], node: ast.stmt, start: int, end: int) -> list[str]:
    """The lines of a definition, without its docstring."""
    body = node.body
    doc = body[0] if ast.get_docstring(node) is not None else None
    keep = [i for i in range(start, end + 1) if doc is None or not doc.lineno <= i <= doc.end_lineno]
    out = [lines[i - 1] for i in keep]
    if doc is not None and len(body) == 1:
        while out and not out[-1].strip(): out.pop()
        out[-1] += " ..."
    return out


def tidy(lines: list[str]) -> str:
    """Code ready to print: dedented, no blank lines at its ends, never two in a row."""
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", textwrap.dedent("\n".join(lines))).strip("\n")


def card(full: str, node: ast.stmt, code: str, level: int, symbols: Symbols, source: str) -> str:
    """A definition as Markdown: its name, what it does in one sentence, and its code with a note on every argument."""
    name = full.split(".", 3)[3]
    page, anchor = symbols.where[full]
    doc = symbols.link(ast.get_docstring(node) or "", page)
    link = f'[source]({source}){{.symbol-source target="_blank"}}'
    title = name.replace("_", r"\_") if name.startswith("_") or ".__" in name else name
    return f"::: {{.symbol}}\n{'#' * level} {title} {{#{anchor} .symbol-name}}\n\n{link}\n\n{doc}\n\n```python\n{code}\n```\n:::\n"


class Definitions:
    """Print the cells that nbdev exports: each definition as a card, other statements as plain code, imports not at all."""
    def __init__(self, module: str, symbols: Symbols, config: dict[str, str]) -> None:
        self.module, self.symbols = module, symbols
        path = ROOT / (module.replace(".", "/") + ".py")
        self.file = f"{config['git_url']}/blob/{config['branch']}/{path.relative_to(ROOT)}"
        self.lines = self.line_numbers(path) if path.exists() else {}

    @staticmethod
    def line_numbers(path: Path) -> dict[str, int]:
        """The line of each definition in the module."""
        from nbdev.doclinks import patch_name
        out = {}
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, DEFS): continue
            name = patch_name(node)
            for n in name if isinstance(name, list) else [name]: out[n] = node.lineno
            if isinstance(node, ast.ClassDef): out |= {f"{node.name}.{m.name}": m.lineno for m in node.body if isinstance(m, DEFS)}
        return out

    def one(self, name: str, node: ast.stmt, code: str, level: int) -> str:
        """One card; plain code if the name is not in the index, as in a notebook that has not been exported yet."""
        full = f"{self.module}.{name}"
        if full not in self.symbols.where: return f"```python\n{code}\n```\n"
        return card(full, node, code, level, self.symbols, f"{self.file}#L{self.lines.get(name, 1)}")

    def of_class(self, node: ast.ClassDef, lines: list[str], start: int) -> list[str]:
        """A class: what is private stays with its head, each public method follows as a card of its own."""
        head, methods = without_docstring(lines, node, start, node.body[0].lineno - 1 if node.body else node.end_lineno), {}
        rest = chunks(node.body, first_line(node.body[0]))
        if ast.get_docstring(node) is not None: rest = rest[1:]
        for a, b, m in rest:
            if isinstance(m, DEFS) and (is_card(m.name, m) or m.name in methods): methods.setdefault(m.name, []).append((a, b, m))
            elif isinstance(m, DEFS): head += without_docstring(lines, m, a, b)
            else: head += lines[a - 1:b]
        code = tidy(head)
        if code.endswith(":"): code += " ..."
        out = [self.one(node.name, node, code, 3)]
        for name, parts in methods.items():
            code = "\n\n".join(tidy(without_docstring(lines, m, a, b)) for a, b, m in parts)
            out.append(self.one(f"{node.name}.{name}", parts[0][2], code, 4))
        return out

    def of_cell(self, source: str) -> str:
        """The Markdown of one exported cell."""
        from nbdev.doclinks import patch_name
        lines, plain, out = source.split("\n"), [], []
        def flush() -> None:
            code = tidy(plain)
            if code: out.append(f"```python\n{code}\n```\n")
            plain.clear()
        for start, end, node in chunks(ast.parse(source).body, 1):
            if isinstance(node, ast.Import | ast.ImportFrom): continue
            name = patch_name(node) if isinstance(node, DEFS) else None
            names = name if isinstance(name, list) else [name]
            if name is None or not is_card(names[0].rpartition(".")[2], node):
                plain.extend(lines[start - 1:end])
                continue
            flush()
            if isinstance(node, ast.ClassDef): out += self.of_class(node, lines, start)
            else: out.append(self.one(names[0], node, tidy(without_docstring(lines, node, start, end)), 4 if "." in names[0] else 3))
        flush()
        return "\n".join(out)


# ---------------------------------------------------------------- one notebook

def heading_ids(text: str, taken: set[str]) -> str:
    """Give a heading that shares its id with a symbol of the page another id, so that links to the symbol reach the symbol."""
    out, fenced = [], False
    for line in text.split("\n"):
        if line.startswith("```"): fenced = not fenced
        if not fenced and re.match(r"#{1,6} ", line) and "{#" not in line:
            words = "".join(c.lower() for c in line if c.isalnum() or c.isspace() or c in "_-.")
            slug = "-".join(words.split())
            if slug in taken: line += f" {{#about-{slug}}}"
        out.append(line)
    return "\n".join(out)


def stage_notebook(src: Path, symbols: Symbols, config: dict[str, str]) -> str:
    """Process one notebook with nbdev and write it where smalldocs finds it; returns its name there."""
    from nbdev import processors as P
    from nbdev.frontmatter import FrontmatterProc
    from nbdev.process import NBProcessor, read_nb
    name = page_path(src.relative_to(NBS).as_posix())
    page = name.removesuffix(".ipynb") + ".html"
    nb = read_nb(src)
    module = P._default_exp(nb)
    definitions = Definitions(f"{config['lib_name']}.{module}", symbols, config) if module else None
    ids = {a for p, a in symbols.where.values() if p == page}

    def define(cell: dict) -> None:
        flags = getattr(cell, "directives_", {})
        if cell.cell_type != "code" or "hide" in flags or not {"export", "exports", "exporti"} & set(flags) or definitions is None: return
        cell.cell_type, cell.directives_ = "markdown", {}
        cell.source = definitions.of_cell("\n".join(line for line in cell.source.split("\n") if not line.startswith("#|")))
        cell.pop("outputs", None)

    def prose(cell: dict) -> None:
        if cell.cell_type == "markdown" and not cell.source.startswith(("::: {.symbol}", "```python")):
            cell.source = "\n".join(line for line in cell.source.split("\n") if not line.startswith("#|"))
            cell.source = symbols.link(heading_ids(cell.source, ids), page)
        if cell.cell_type == "markdown": cell.source = NB_LINK.sub(lambda m: m[1] + page_path(m[2]), cell.source)
        for out in cell.get("outputs", []):
            data = out.get("data") or {}
            if "text/markdown" in data: data["text/markdown"] = symbols.link("".join(data["text/markdown"]), page)

    procs = [FrontmatterProc, P.populate_language, P.strip_ansi, P.hide_line, P.filter_stream_, P.rm_header_dash, define, P.clean_show_doc,
             P.rm_export, P.clean_magics, P.hide_, prose, P.add_fold, P.strip_hidden_metadata]
    nb = NBProcessor(nb=nb, procs=procs, rm_directives="quarto", process=True).nb
    front = nb.frontmatter_
    front.pop("output-file", None)
    front["browser-runnable"] = False  # no notebook here runs without PyTorch, so smalldocs need not offer it
    cells = [{k: c[k] for k in ("cell_type", "id", "metadata", "source", "outputs", "execution_count") if k in c} for c in nb.cells
             if c.cell_type != "raw"]
    cells.insert(0, {"cell_type": "raw", "metadata": {}, "source": f"---\n{yaml.safe_dump(dict(front), allow_unicode=True)}---\n"})
    for c in cells:
        if c["cell_type"] == "code": c.setdefault("outputs", [])
    dest = STAGE / name
    dest.parent.mkdir(parents=True, exist_ok=True)
    dest.write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4, "nbformat_minor": 5}))
    return name


# ---------------------------------------------------------------- the site around the pages

def stage_config(config: dict[str, str], pages: set[str]) -> tuple[dict, list[str]]:
    """smalldocs' copy of `_quarto.yml`: pages by their short names, missing pages left out and reported."""
    site = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
    problems: list[str] = []
    web = site["website"]
    for key, want in (("site-url", config["doc_url"]), ("repo-url", config["git_url"]), ("repo-branch", config["branch"])):
        if web.get(key) != want: problems.append(f"_quarto.yml has {key}: {web.get(key)}, settings.ini has {want}")

    def entries(items: list, where: str) -> list:
        out = []
        for item in items:
            item = {"href": item} if isinstance(item, str) else dict(item)
            if "contents" in item:
                item["contents"] = entries(item["contents"], where)
                if not item["contents"]: continue
            href = str(item.get("href", ""))
            if href.endswith(".ipynb"):
                item["href"] = page_path(href)
                if item["href"] not in pages:
                    problems.append(f"the {where} names nbs/{href}, which does not exist")
                    continue
            out.append(item)
        return out
    web["sidebar"]["contents"] = entries(web["sidebar"]["contents"], "sidebar")
    for side in ("left", "right"): web["navbar"][side] = entries(web["navbar"].get(side, []), "navbar")
    site["project"]["output-dir"] = "_site"
    site["format"]["html"].pop("html-math-method", None)  # Quarto's; the pages here use the KaTeX in assets
    site.pop("execute", None)
    listed = json.dumps(web["sidebar"])
    problems += [f"nbs/{p} is on no sidebar" for p in sorted(pages) if f'"{p}"' not in listed]
    return site, problems


def offline(page: Path, site: Path, sources: dict[str, str]) -> None:
    """Mend one page: KaTeX from `assets`, mathematics and code in captions, links to the notebook under its real name."""
    up = "../" * len(page.relative_to(site).parent.parts)
    text = CDN_KATEX.sub(f"{up}assets/katex", page.read_text(encoding="utf-8"))

    def caption(m: re.Match) -> str:
        inner = re.sub(r"\$([^$]+)\$", r'<span class="math inline">\\(\1\\)</span>', m[2])
        return m[1] + re.sub(r"`([^`]+)`", r"<code>\1</code>", inner) + m[3]
    text = re.sub(r"(<figcaption>)(.*?)(</figcaption>)", caption, text, flags=re.DOTALL)
    # a full stop or comma stays on the line of the short formula before it
    text = re.sub(r'(<span class="math inline">[^<]{1,40}</span>)([.,;:!?)]+)', r'<span class="together">\1\2</span>', text)
    if r"\(" in text and "assets/katex" not in text: text = text.replace("</head>", KATEX_HEAD.format(up) + "</head>")
    name = page.relative_to(site).as_posix().removesuffix(".html") + ".ipynb"
    if name in sources: text = text.replace(f"/nbs/{name}", f"/nbs/{sources[name]}")
    page.write_text(text, encoding="utf-8")


def build(strict: bool) -> int:
    """Build everything; 1 if `strict` and something is missing or broken."""
    os.chdir(ROOT)
    start = time.perf_counter()
    from smalldocs.site import build as render
    config, symbols = settings(), Symbols()
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    shutil.copytree(NBS / "assets", STAGE / "assets")
    notebooks = sorted(p for p in NBS.rglob("*.ipynb") if not any(part.startswith((".", "_")) for part in p.relative_to(NBS).parts))
    sources = {stage_notebook(p, symbols, config): p.relative_to(NBS).as_posix() for p in notebooks}
    if len(sources) < len(notebooks): raise SystemExit("two notebooks of one folder have the same name after their number")
    site, problems = stage_config(config, set(sources))
    (STAGE / "_quarto.yml").write_text(yaml.safe_dump(site, sort_keys=False, allow_unicode=True), encoding="utf-8")
    problems += render(STAGE, quiet=True).warnings
    built = STAGE / "_site"
    for page in built.rglob("*.html"): offline(page, built, sources)
    for css in built.rglob("*.css"):
        text = css.read_text(encoding="utf-8")
        if "@import url(http" in text: css.write_text(re.sub(r"@import url\([^)]*\);?", "", text), encoding="utf-8")
    (built / ".nojekyll").touch()
    shutil.rmtree(OUT, ignore_errors=True)
    built.rename(OUT)
    for p in problems: print(f"docs: {'error' if strict else 'warning'}: {p}", file=sys.stderr)
    print(f"docs: {len(sources)} pages in {OUT.name}/ in {time.perf_counter() - start:.1f} s; open {OUT.name}/index.html, or `make serve`")
    return int(strict and bool(problems))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="fail on a page that is missing, unlisted, or has a broken link")
    sys.exit(build(parser.parse_args().strict))
