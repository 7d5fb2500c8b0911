"""Write README.md from nbs/index.ipynb, so that the front page of the site and of the repository are one text.

Figures are saved under nbs/assets/readme. With `--check` nothing is written: the exit status says whether the files are current.
"""
import argparse
import base64
import json
import re
import sys
from pathlib import Path

import yaml
from docs import NBS, ROOT, page_path, settings

FIGURES = NBS / "assets" / "readme"
HIDDEN = re.compile(r"^#\|\s*(hide|default_exp|include:\s*false)\b", re.MULTILINE)
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)(\))")
CALLOUT = re.compile(r"^::: \{\.callout-(\w+)(?:[^}]*title=\"([^\"]*)\")?[^}]*\}\n(.*?)\n:::[ \t]*$", re.DOTALL | re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def joined(text: str | list[str]) -> str:
    """A notebook stores text as one string or as lines."""
    return text if isinstance(text, str) else "".join(text)


def options(source: str) -> tuple[dict[str, str], str]:
    """The `#|` lines at the top of a cell, and the rest of it."""
    lines = source.split("\n")
    top = [line for line in lines if line.startswith("#|")]
    told = [line[3:] for line in top if ": " in line or line.startswith("#|  ")]  # or goes on with a text
    found = yaml.safe_load("\n".join(told)) or {}
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in found.items()}, "\n".join(lines[len(top):]).strip("\n")


def link(m: re.Match, doc_url: str) -> str:
    """A link of the notebook as the repository's front page needs it: pages on the site, pictures in the repository."""
    start, target, end = m.groups()
    if re.match(r"[a-z]+:|#", target): return m[0]
    path, hash_, anchor = target.partition("#")
    if path.endswith(".ipynb"): return start + doc_url.rstrip("/") + "/" + page_path(path).replace(".ipynb", ".html") + hash_ + anchor + end
    return f"{start}nbs/{target}{end}"


def callout(m: re.Match) -> str:
    """A Quarto callout as the repository host writes one."""
    body = ([f"**{m[2]}**", ""] if m[2] else []) + m[3].strip("\n").split("\n")
    return "\n".join([f"> [!{m[1].upper()}]", *(f"> {line}".rstrip() for line in body)])


def prose(source: str, doc_url: str) -> str:
    """A Markdown cell, without nbdev's flags and Quarto's attributes."""
    text = "\n".join(line for line in source.split("\n") if not line.startswith("#|"))
    text = re.sub(r"(\]\([^)]*\))\{[^}]*\}", r"\1", CALLOUT.sub(callout, text))
    return LINK.sub(lambda m: link(m, doc_url), text).strip("\n")


def output(out: dict, opts: dict[str, str], number: int, figures: dict[str, bytes]) -> str:
    """One stored output: a picture becomes a file, text a block."""
    data = out.get("data") or {}
    if "image/png" in data:
        name = f"{opts.get('label', f'figure-{number}')}.png"
        figures[name] = base64.b64decode(joined(data["image/png"]))
        words = re.sub(r"[$`]", "", opts.get("fig-alt") or opts.get("fig-cap") or "figure")
        caption = opts.get("fig-cap", "")
        return f"![{words}](nbs/assets/readme/{name})" + (f"\n\n*{caption}*" if caption else "")
    if "text/markdown" in data: return joined(data["text/markdown"]).strip("\n")
    if out.get("name") == "stderr" or "text/html" in data: return ""
    text = ANSI.sub("", joined(out.get("text") or data.get("text/plain") or "")).rstrip()
    return f"```text\n{text}\n```" if text else ""


def convert(notebook: Path) -> tuple[str, dict[str, bytes]]:
    """README.md's text and the figures it shows."""
    parts, figures, doc_url = [], {}, settings()["doc_url"]
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = joined(cell["source"])
        if HIDDEN.search(source) or cell["cell_type"] == "raw": continue
        if cell["cell_type"] == "markdown":
            parts.append(prose(source, doc_url))
            continue
        opts, code = options(source)
        if code and opts.get("echo") != "false": parts.append(f"```python\n{code}\n```")
        if opts.get("output") != "false":
            parts += [output(o, opts, len(figures) + 1, figures) for o in cell.get("outputs", [])]
    note = f"<!-- Written by `make readme` from {notebook.relative_to(ROOT).as_posix()}: edit that. -->"
    return "\n\n".join([note, *(p for p in parts if p)]) + "\n", figures


def main() -> int:
    """Write the files, or say which of them are out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    check = parser.parse_args().check
    notebook = NBS / "index.ipynb"
    if not notebook.exists():
        print(f"readme: {notebook.relative_to(ROOT)} does not exist", file=sys.stderr)
        return 1
    text, figures = convert(notebook)
    want = {ROOT / "README.md": text.encode(), **{FIGURES / name: data for name, data in figures.items()}}
    stale = [p for p, data in want.items() if not p.exists() or p.read_bytes() != data]
    extra = [p for p in FIGURES.glob("*") if p not in want]
    if check:
        for p in stale + extra: print(f"readme: {p.relative_to(ROOT)} is not what nbs/index.ipynb says: run `make readme`", file=sys.stderr)
        return int(bool(stale + extra))
    if figures: FIGURES.mkdir(parents=True, exist_ok=True)
    for p in stale: p.write_bytes(want[p])
    for p in extra: p.unlink()
    changed = ", ".join(str(p.relative_to(ROOT)) for p in stale + extra)
    print(f"readme: wrote {changed}" if changed else "readme: current")
    return 0


if __name__ == "__main__": sys.exit(main())
