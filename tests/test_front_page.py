"""The example that newcomers copy first: the one of the front page runs as it stands."""
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONG = "range(400)"


def example() -> str:
    """The code of the front page that trains on digits."""
    cells = json.loads((ROOT / "nbs" / "index.ipynb").read_text(encoding="utf-8"))["cells"]
    found = ["".join(c["source"]) for c in cells if LONG in "".join(c["source"])]
    assert len(found) == 2  # the figure's and the reader's
    return found[1]


def test_the_example_of_the_front_page_runs() -> None:
    names: dict = {}
    exec(example().replace(LONG, "range(3)"), names)  # noqa: S102, a page of ours
    assert names["bound"].protocol.startswith("digits, test, n = 300")
    assert 2 < names["bound"].bpd < 20
    assert all(p.isfinite().all() for p in names["model"].parameters())


def test_the_readme_shows_it() -> None:
    code = "\n".join(line for line in example().split("\n") if not line.startswith("#|"))
    assert code.strip() in (ROOT / "README.md").read_text(encoding="utf-8")
