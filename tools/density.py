"""How dense is the code? Syntax nodes per line, long lines and one-line functions, by module."""
import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 100  # characters of a line, as in pyproject.toml
HEAD = f"{'module':24} {'lines':>5} {'nodes':>6} {'dense':>7} {'long':>5} {'one-line':>8}"
DENSE = 20  # syntax nodes of a line, beyond which it has to be read twice


def functions(source: str) -> list[ast.FunctionDef]:
    """Every function of a module, methods and inner functions too."""
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]


def lines_of_bodies(source: str) -> Iterator[int]:
    """The line of every syntax node inside a function's body."""
    for function in functions(source):
        for statement in function.body:
            for node in ast.walk(statement):
                line = getattr(node, "lineno", None)
                if line is not None: yield line


def nodes_by_line(source: str) -> dict[int, int]:
    """Syntax nodes that start on each line inside a function's body."""
    count: dict[int, int] = {}
    for line in lines_of_bodies(source):
        count[line] = count.get(line, 0) + 1
    return count


def one_liners(source: str) -> int:
    """Functions whose body stands on the line of their `def`."""
    return sum(f.body[0].lineno == f.lineno for f in functions(source))


@dataclass(frozen=True)
class Row:
    """What is measured of a module, or of several together."""
    name: str
    lines: int
    nodes: list[int]  # of every line inside a function's body
    long: int  # lines over the limit
    short: int  # functions of one line

    def __str__(self) -> str:
        """One line of the table."""
        nodes = self.nodes or [0]
        median = statistics.median(nodes)
        dense = 100 * sum(n > DENSE for n in nodes) / len(nodes)
        head = f"{self.name:24} {self.lines:5} {median:6.1f}"
        return f"{head} {dense:5.1f} % {self.long:5} {self.short:8}"


def row(path: Path) -> Row:
    """The row of one module."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    long = sum(len(line) > LIMIT for line in lines)
    name = f"{path.parent.name}.{path.stem}"
    nodes = list(nodes_by_line(source).values())
    return Row(name, len(lines), nodes, long, one_liners(source))


def together(rows: list[Row]) -> Row:
    """The row of all modules."""
    nodes = [n for r in rows for n in r.nodes]
    lines = sum(r.lines for r in rows)
    long = sum(r.long for r in rows)
    return Row("all", lines, nodes, long, sum(r.short for r in rows))


def main(folder: Path) -> None:
    """Print a table of the modules below a folder, and of all of them together."""
    modules = sorted(p for p in folder.rglob("*.py") if not p.name.startswith("_"))
    rows = [row(p) for p in modules]
    print(HEAD)
    for r in [*rows, together(rows)]:
        print(r)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "mdm_nb")
