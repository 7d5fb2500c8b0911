"""Exported cells become definitions on the page, and names in backticks become links to them."""
import ast
import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BACKTICKS = re.compile(r"(\[?)`([^`\s]+?)(\(\))?`(\]\()?")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def names_of(name: str | list[str]) -> list[str]:
    """What nbdev calls a definition: one name, or several if it is patched into several classes."""
    return name if isinstance(name, list) else [name]


def first_sentence(node: Definition) -> str:
    """The first sentence of a docstring, without its full stop and its sources."""
    text = " ".join((ast.get_docstring(node) or node.name).split())
    text = re.sub(r" \([^()]*(?:\d{4}|Eqs?\.|Sec\.|Appendix|Makin)[^()]*\)", "", text)
    return re.split(r"\.(?:\s|$)", text)[0]


def introduced(node: Definition) -> str:
    """The name of a definition, and its sentence if it has one."""
    return node.name if ast.get_docstring(node) is None else f"{node.name}: {first_sentence(node)}"


def attribute(text: str) -> str:
    """Text without what would end an attribute of Markdown."""
    return re.sub(r'["`{}\\]', "", text)


class Symbols:
    """The exported names of the package and the place on the site that documents each."""
    def __init__(self) -> None:
        text = (ROOT / "mdm_nb" / "_modidx.py").read_text(encoding="utf-8")
        syms = ast.literal_eval(text[text.index("d = ") + 4:])["syms"]
        self.where: dict[str, tuple[str, str]] = {}  # full name: (page, anchor)
        self.short: dict[str, list[str]] = {}  # the name as prose writes it: full names
        for names in syms.values():
            for full, (url, _) in names.items():
                page, _, anchor = url.partition("#")
                self.add(full, page, anchor)

    def add(self, full: str, page: str, anchor: str) -> None:
        """Note where a name is documented, under every end of it that prose may write."""
        # `Bound` and `bound` share an anchor in the index, and a page may hold an id only once
        while (page, anchor) in self.where.values():
            anchor += "-"
        self.where[full] = page, anchor
        parts = full.split(".")
        for n in range(len(parts)):
            name = ".".join(parts[n:])
            self.short.setdefault(name, []).append(full)

    def find(self, name: str, page: str) -> tuple[str, str] | None:
        """The page and anchor of a name in backticks; one on the same page wins.

        Private names and bare method names link nowhere.
        """
        found = [f for f in self.short.get(name, []) if "._" not in f]
        if "." not in name: found = [f for f in found if f.count(".") == 3]
        found = [f for f in found if self.where[f][0] == page] or found
        return self.where[found[0]] if found else None

    def link(self, text: str, page: str) -> str:
        """Turn names in backticks into links, outside code blocks, headings and links."""
        def one(m: re.Match) -> str:
            here = self.find(m[2], page)
            before, name, call, after = m.groups()
            if here is None or (before and after): return m[0]
            target = "" if here[0] == page else "/" + here[0]
            return f"{before}[`{name}{call or ''}`]({target}#{here[1]}){after or ''}"
        out, fenced = [], False
        for line in text.split("\n"):
            if line.lstrip().startswith("```"): fenced = not fenced
            skip = fenced or line.startswith(("#", "    "))
            out.append(line if skip else BACKTICKS.sub(one, line))
        return "\n".join(out)


def first_line(node: ast.stmt) -> int:
    """The line a statement starts on, its decorators included."""
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def last_line(node: ast.stmt) -> int:
    """The line a statement ends on."""
    return node.end_lineno or node.lineno


def chunks(body: list[ast.stmt], start: int) -> list[tuple[int, int, ast.stmt]]:
    """Each statement with the lines it owns: a comment above it comes along."""
    out = []
    for node in body:
        end = last_line(node)
        out.append((start, end, node))
        start = end + 1
    return out


def is_card(name: str, node: Definition) -> bool:
    """Whether a definition gets a heading: public names, and special methods with docstrings."""
    if not name.startswith("__"): return not name.startswith("_")
    return name != "__init__" and ast.get_docstring(node) is not None


def without_docstring(lines: list[str], node: Definition, start: int, end: int) -> list[str]:
    """The lines of a definition, without its docstring."""
    if ast.get_docstring(node) is None: return lines[start - 1:end]
    doc = node.body[0]
    inside = range(doc.lineno, last_line(doc) + 1)
    out = [lines[i - 1] for i in range(start, end + 1) if i not in inside]
    if len(node.body) > 1: return out
    while out and not out[-1].strip():
        out.pop()
    out[-1] += " ..."
    return out


def tidy(lines: list[str]) -> str:
    """Code ready to print: dedented, no blank lines at its ends, never two in a row."""
    code = textwrap.dedent("\n".join(lines))
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", code).strip("\n")


def plain_code(code: str) -> str:
    """Code without a heading."""
    return f"```python\n{code}\n```\n"


def folded_code(code: str, summary: str) -> str:
    """Code that is shown on demand."""
    fold = f'code-fold="true" code-summary="{attribute(summary)}"'
    return f"```{{.python .cell-code {fold}}}\n{code}\n```\n"


def is_small_print(name: str, node: Definition) -> bool:
    """Whether a first reading can do without the code: special methods, properties of one line."""
    if name.startswith("__"): return name != "__call__"
    marks = {ast.unparse(d) for d in node.decorator_list}
    said = ast.get_docstring(node) is not None
    one_line = len(node.body) - said == 1 and isinstance(node.body[-1], ast.Return)
    return one_line and not marks.isdisjoint({"property", "patch(as_prop=True)"})


def card(
    full: str, node: Definition, code: str, level: int, symbols: Symbols, source: str
) -> str:
    """A definition as Markdown: name, one sentence, and code with a note on every argument."""
    name = full.split(".", 3)[3]
    page, anchor = symbols.where[full]
    doc = symbols.link(ast.get_docstring(node) or "", page)
    link = f'[source]({source}){{.symbol-source target="_blank"}}'
    title = name.replace("_", r"\_") if name.startswith("_") or ".__" in name else name
    heading = f"{'#' * level} {title} {{#{anchor} .symbol-name}}"
    hidden = isinstance(node, ast.FunctionDef) and is_small_print(name.rpartition(".")[2], node)
    printed = folded_code(code, "Code") if hidden else plain_code(code)
    parts = [f"::: {{.symbol}}\n{heading}", link, doc, f"{printed}:::\n"]
    return "\n\n".join(parts)


class Definitions:
    """Print exported cells: a definition as a card, other statements as code, no imports."""
    def __init__(self, module: str, symbols: Symbols, config: dict[str, str]) -> None:
        self.module, self.symbols = module, symbols
        path = ROOT / (module.replace(".", "/") + ".py")
        tree = f"{config['git_url']}/blob/{config['branch']}"
        self.file = f"{tree}/{path.relative_to(ROOT)}"
        self.lines = self.line_numbers(path) if path.exists() else {}

    @staticmethod
    def line_numbers(path: Path) -> dict[str, int]:
        """The line of each definition in the module."""
        from nbdev.doclinks import patch_name
        out = {}
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, DEFS): continue
            out |= dict.fromkeys(names_of(patch_name(node)), node.lineno)
            if not isinstance(node, ast.ClassDef): continue
            methods = (m for m in node.body if isinstance(m, DEFS))
            out |= {f"{node.name}.{m.name}": m.lineno for m in methods}
        return out

    def one(self, name: str, node: Definition, code: str, level: int) -> str:
        """One card; plain code if the name is not in the index, because it was not exported yet."""
        full = f"{self.module}.{name}"
        if full not in self.symbols.where: return plain_code(code)
        source = f"{self.file}#L{self.lines.get(name, 1)}"
        return card(full, node, code, level, self.symbols, source)

    def of_class(self, node: ast.ClassDef, lines: list[str], start: int) -> list[str]:
        """A class: private methods stay with its head, a public one is a card of its own."""
        head = without_docstring(lines, node, start, node.body[0].lineno - 1)
        methods: dict[str, list[tuple[int, int, Definition]]] = {}
        rest = chunks(node.body, first_line(node.body[0]))
        if ast.get_docstring(node) is not None: rest = rest[1:]
        for a, b, m in rest:
            if not isinstance(m, DEFS): head += lines[a - 1:b]
            elif is_card(m.name, m) or m.name in methods:
                methods.setdefault(m.name, []).append((a, b, m))
            else: head += without_docstring(lines, m, a, b)
        code = tidy(head)
        if code.endswith(":"): code += " ..."
        cards = [self.of_method(node.name, lines, parts) for parts in methods.values()]
        return [self.one(node.name, node, code, 3), *cards]

    def of_method(
        self, owner: str, lines: list[str], parts: list[tuple[int, int, Definition]]
    ) -> str:
        """A method, or a property with its setter."""
        code = "\n\n".join(tidy(without_docstring(lines, m, a, b)) for a, b, m in parts)
        node = parts[0][2]
        return self.one(f"{owner}.{node.name}", node, code, 4)

    def of_definition(self, name: str, node: Definition, lines: list[str], start: int) -> list[str]:
        """The cards of a definition at the top level of a cell."""
        if isinstance(node, ast.ClassDef): return self.of_class(node, lines, start)
        code = tidy(without_docstring(lines, node, start, last_line(node)))
        return [self.one(name, node, code, 4 if "." in name else 3)]

    def of_cell(self, source: str) -> str:
        """The Markdown of one exported cell."""
        from nbdev.doclinks import patch_name
        lines, plain, out = source.split("\n"), [], []
        def flush() -> None:
            code = tidy(plain)
            if code: out.append(plain_code(code))
            plain.clear()
        for start, end, node in chunks(ast.parse(source).body, 1):
            if isinstance(node, ast.Import | ast.ImportFrom): continue
            if not isinstance(node, DEFS):
                plain.extend(lines[start - 1:end])
                continue
            name = names_of(patch_name(node))[0]
            flush()
            if is_card(name.rpartition(".")[2], node):
                out += self.of_definition(name, node, lines, start)
            else:
                hidden = tidy(lines[start - 1:end])
                out.append(folded_code(hidden, f"Private {introduced(node)}"))
        flush()
        return "\n".join(out)
