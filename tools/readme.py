"""Write README.md from nbs/index.ipynb: the site and the repository have one front page.

Figures are saved under nbs/assets/readme. With `--check` nothing is written: the exit status says
whether the files are current.
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
CALLOUT = re.compile(
    r"^::: \{\.callout-(\w+)(?:[^}]*title=\"([^\"]*)\")?[^}]*\}\n(.*?)\n:::[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def joined(text: str | list[str]) -> str:
    """A notebook stores text as one string or as lines."""
    return text if isinstance(text, str) else "".join(text)


def as_text(value: object) -> str:
    """A value of a `#|` line as it was written."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def options(source: str) -> tuple[dict[str, str], str]:
    """The `#|` lines at the top of a cell, and the rest of it."""
    lines = source.split("\n")
    top = [line for line in lines if line.startswith("#|")]
    told = [line[3:] for line in top if ": " in line or line.startswith("#|  ")]  # or goes on
    found = yaml.safe_load("\n".join(told)) or {}
    rest = "\n".join(lines[len(top):]).strip("\n")
    return {k: as_text(v) for k, v in found.items()}, rest


def link(m: re.Match, doc_url: str) -> str:
    """A link as the repository needs it: pages on the site, pictures in the repository."""
    start, target, end = m.groups()
    if re.match(r"[a-z]+:|#", target): return m[0]
    path, hash_, anchor = target.partition("#")
    if not path.endswith(".ipynb"): return f"{start}nbs/{target}{end}"
    page = page_path(path).replace(".ipynb", ".html")
    return f"{start}{doc_url.rstrip('/')}/{page}{hash_}{anchor}{end}"


def callout(m: re.Match) -> str:
    """A Quarto callout as the repository host writes one."""
    title = [f"**{m[2]}**", ""] if m[2] else []
    body = title + m[3].strip("\n").split("\n")
    quoted = [f"> {line}".rstrip() for line in body]
    return "\n".join([f"> [!{m[1].upper()}]", *quoted])


def prose(source: str, doc_url: str) -> str:
    """A Markdown cell, without nbdev's flags and Quarto's attributes."""
    text = "\n".join(line for line in source.split("\n") if not line.startswith("#|"))
    text = CALLOUT.sub(callout, text)
    text = re.sub(r"(\]\([^)]*\))\{[^}]*\}", r"\1", text)
    return LINK.sub(lambda m: link(m, doc_url), text).strip("\n")


def picture(name: str, opts: dict[str, str]) -> str:
    """A saved figure, with its caption."""
    caption = opts.get("fig-cap", "")
    words = re.sub(r"[$`]", "", opts.get("fig-alt") or caption or "figure")
    image = f"![{words}](nbs/assets/readme/{name})"
    return f"{image}\n\n*{caption}*" if caption else image


def output(out: dict, opts: dict[str, str], number: int, figures: dict[str, bytes]) -> str:
    """One stored output: a picture becomes a file, text a block."""
    data = out.get("data") or {}
    if "image/png" in data:
        label = opts.get("label", f"figure-{number}")
        figures[f"{label}.png"] = base64.b64decode(joined(data["image/png"]))
        return picture(f"{label}.png", opts)
    if "text/markdown" in data: return joined(data["text/markdown"]).strip("\n")
    if out.get("name") == "stderr" or "text/html" in data: return ""
    raw = joined(out.get("text") or data.get("text/plain") or "")
    text = ANSI.sub("", raw).rstrip()
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
    source = notebook.relative_to(ROOT).as_posix()
    note = f"<!-- Written by `make readme` from {source}: edit that. -->"
    return "\n\n".join([note, *(p for p in parts if p)]) + "\n", figures


def report(paths: list[Path]) -> None:
    """Say which files are out of date."""
    for p in paths:
        name = p.relative_to(ROOT)
        print(f"readme: {name} is not what nbs/index.ipynb says: run `make readme`",
              file=sys.stderr)


def write(wanted: dict[Path, bytes], stale: list[Path], extra: list[Path]) -> None:
    """Write what is out of date, and remove what nobody shows."""
    if len(wanted) > 1: FIGURES.mkdir(parents=True, exist_ok=True)
    for p in stale: p.write_bytes(wanted[p])
    for p in extra: p.unlink()
    changed = ", ".join(str(p.relative_to(ROOT)) for p in stale + extra)
    print(f"readme: wrote {changed}" if changed else "readme: current")


def main() -> int:
    """Write the files, or say which of them are out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true",
                        help="write nothing; exit with 1 if a file is out of date")
    check = parser.parse_args().check
    notebook = NBS / "index.ipynb"
    if not notebook.exists():
        print(f"readme: {notebook.relative_to(ROOT)} does not exist", file=sys.stderr)
        return 1
    text, figures = convert(notebook)
    wanted = {ROOT / "README.md": text.encode()}
    wanted |= {FIGURES / name: data for name, data in figures.items()}
    stale = [p for p, data in wanted.items() if not p.exists() or p.read_bytes() != data]
    extra = [p for p in FIGURES.glob("*") if p not in wanted]
    if check:
        report(stale + extra)
        return int(bool(stale + extra))
    write(wanted, stale, extra)
    return 0


if __name__ == "__main__":
    sys.exit(main())
