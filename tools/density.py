"""How dense is the code? Syntax nodes per line, long lines, one-line functions, by module."""
import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 100  # characters of a line, as in pyproject.toml
DENSE = 20  # syntax nodes of a line, beyond which it has to be read twice


def nodes_by_line(source: str) -> dict[int, int]:
    """Syntax nodes that start on each line inside a function's body."""
    count: dict[int, int] = {}
    for function in ast.walk(ast.parse(source)):
        for statement in function.body if isinstance(function, ast.FunctionDef) else ():
            for node in ast.walk(statement):
                line = getattr(node, "lineno", None)
                if line: count[line] = count.get(line, 0) + 1
    return count


def one_liners(source: str) -> int:
    """Functions whose body stands on the line of their `def`."""
    functions = (f for f in ast.walk(ast.parse(source)) if isinstance(f, ast.FunctionDef))
    return sum(f.body[0].lineno == f.lineno for f in functions)


def row(path: Path) -> tuple[str, int, float, float, int, int]:
    """Name, lines, median of nodes per line, share of dense lines, long lines, one-liners."""
    source = path.read_text(encoding="utf-8")
    nodes = list(nodes_by_line(source).values()) or [0]
    lines = source.splitlines()
    dense = 100 * sum(n > DENSE for n in nodes) / len(nodes)
    name = f"{path.parent.name}.{path.stem}"
    long = sum(len(s) > LIMIT for s in lines)
    return name, len(lines), statistics.median(nodes), dense, long, one_liners(source)


def main(folder: Path) -> None:
    """Print a table of the modules below a folder, and of all of them together."""
    modules = sorted(p for p in folder.rglob("*.py") if not p.name.startswith("_"))
    rows = [row(p) for p in modules]
    every = [n for p in modules for n in nodes_by_line(p.read_text(encoding="utf-8")).values()]
    print(f"{'module':24} {'lines':>5} {'nodes':>6} {'dense':>7} {'long':>5} {'one-line':>8}")
    for name, lines, median, dense, long, short in rows:
        print(f"{name:24} {lines:5} {median:6.1f} {dense:5.1f} % {long:5} {short:8}")
    dense = 100 * sum(n > DENSE for n in every) / len(every)
    length, long = sum(r[1] for r in rows), sum(r[4] for r in rows)
    short = sum(r[5] for r in rows)
    median = statistics.median(every)
    print(f"{'all':24} {length:5} {median:6.1f} {dense:5.1f} % {long:5} {short:8}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "mdm_nb")
