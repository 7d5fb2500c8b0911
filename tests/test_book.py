"""The book as a whole: maps, glossary, equations, and links that say where they lead.

Everything is read from the notebooks; nothing is built, and nothing needs PyTorch.
"""
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))
import book
import docs
import equations

PARTS = book.parts()
PAGES = [page for part in PARTS for page in part.pages]
GLOSSARY = book.Page("glossary.ipynb", "Glossary")
TITLES = {p.href: p.title for p in PAGES}
TITLES |= {item["href"]: item["text"] for entry in book.sidebar() for item in
           entry.get("contents", [entry]) if item["href"] not in TITLES}
LINK = re.compile(r"\[([^\]]+)\]\(([^):#\s]*\.ipynb)(?:#([^)\s]+))?\)")
MADE = ("reference.ipynb", equations.NAME)  # by the build of the site
NAMES = [part.folder for part in PARTS]
WORDS = {"Six": 6, "Seven": 7, "Eight": 8, "Nine": 9, "Ten": 10, "Eleven": 11, "Twelve": 12,
         "Thirteen": 13, "Fourteen": 14, "Fifteen": 15, "Sixteen": 16}


def links(href: str, text: str) -> list[tuple[str, str, str]]:
    """What every link to a notebook is called, its path below nbs, and its place there."""
    folder = PurePosixPath(href).parent
    def target(path: str) -> str:
        return Path("/", folder, path).resolve().relative_to("/").as_posix()
    return [(name, target(path), place) for name, path, place in LINK.findall(text)]


def places(href: str) -> set[str]:
    """The ids of a page's headings, as the site gives them."""
    prose = re.sub(r"(?s)```.*?```", "", book.Page(href, "").prose)
    headings = re.findall(r"(?m)^#{1,6} (.+?)[ \t]*$", prose)
    return {docs.slug_of(heading) for heading in headings}


def columns(text: str) -> list[list[str]]:
    """The cells of the rows of all tables in some Markdown."""
    rows = re.findall(r"(?m)^\|(.+)\|$", text.replace(r"\|", "¦"))
    return [[cell.strip().replace("¦", r"\|") for cell in row.split("|")] for row in rows]


def symbols(cell: str) -> set[str]:
    """The single symbols that a cell of a table names, or its words."""
    formulas = re.findall(r"\$(.+?)\$", cell)
    if not formulas: return {cell}
    return {one.strip() for formula in formulas for one in re.split(r",\\ ", formula)}


# ---------------------------------------------------------------- maps

@pytest.mark.parametrize("part", PARTS, ids=NAMES)
def test_a_map_names_every_page_of_its_part_in_order(part: book.Part) -> None:
    assert part.map, f"{part.title} has no map: add nbs/learn/{part.folder}/000_map.ipynb"
    listed = part.map.prose.split("## The pages")[1].split("##")[0]
    lines = re.findall(r"(?m)^(\d+)\. (.+)$", listed)
    found = [(int(number), *links(part.map.href, line)[0][:2]) for number, line in lines]
    assert found == [(i, page.title, page.href) for i, page in enumerate(part.pages, 1)]


@pytest.mark.parametrize("part", PARTS, ids=NAMES)
def test_a_map_has_a_question_formulas_a_short_path_and_leads_on(part: book.Part) -> None:
    prose = part.map.prose
    assert re.search(r"(?m)^> .+\?$", prose) and 1 <= prose.count("$$") // 2 <= 4
    hurry, after = prose.split("## In a hurry")[1].split("## Next")
    assert links(part.map.href, hurry)
    assert links(part.map.href, after)[0][1] == part.pages[0].href


@pytest.mark.parametrize(("part", "following"), list(pairwise(PARTS)), ids=NAMES[:-1])
def test_the_last_page_of_a_part_shows_the_next_map(
    part: book.Part, following: book.Part
) -> None:
    after = part.pages[-1].prose.rsplit("## Next", 1)[1]
    assert following.map.href in [href for _, href, _ in links(part.pages[-1].href, after)]


def test_what_builds_on_what_is_read_from_the_imports() -> None:
    """Known ways, by hand; a page behind another is not drawn."""
    def ways(folder: str) -> dict[str, set[str]]:
        """File names without their endings, so that numbers may change."""
        part = next(part for part in PARTS if part.folder == folder)
        return {Path(page.href).stem: {Path(other.href).stem for other in found}
                for page, found in book.builds_on(part).items()}
    assert ways("gaussians")["03_chain"] == {"02_gaussian"}
    assert ways("bounds")["03_bound"] == {"01_discretize", "02_denoiser", "02_error_bar"}
    assert ways("contexts")["05_mulan"] == {"04_adaptive"}  # a page without a module


@pytest.mark.parametrize("part", PARTS, ids=NAMES)
def test_the_figure_of_a_map_has_a_row_for_every_page(part: book.Part) -> None:
    """A page that was added since has none: run the notebook of the map."""
    outputs = [o for c in book.cells(part.map.href) for o in c.get("outputs", [])]
    drawn = [o["data"] for o in outputs if "image/png" in o.get("data", {})]
    width, height = re.search(r"(\d+)x(\d+)", "".join(drawn[0]["text/plain"])).groups()
    expected = book.size_of(len(part.pages))
    assert float(width) / float(height) == pytest.approx(expected[0] / expected[1], rel=0.01)


# ---------------------------------------------------------------- glossary and equations

def test_the_notation_is_in_the_glossary() -> None:
    notation = book.Page("learn/gaussians/01_core.ipynb", "").prose
    tables = notation.split("## The vocabulary")[1].split("## What may be handed in")[0]
    wanted = [one for row in columns(tables) for one in symbols(row[0])]
    known = set().union(*(symbols(row[0]) for row in columns(GLOSSARY.prose)))
    missing = [one for one in wanted if one not in known | {"symbol", "---"}]
    assert len(wanted) > 40 and not missing


def test_the_glossary_is_in_order_and_has_no_entry_twice() -> None:
    names = [row[0] for row in columns(GLOSSARY.prose.split("## Terms")[1])][2:]
    assert len(names) > 80
    assert names == sorted(names, key=lambda name: name.lower().replace("é", "e"))
    every = Counter(row[0] for row in columns(GLOSSARY.prose))
    assert not [name for name, n in every.items() if n > 1 and name not in ("symbol", ":--")]


def test_links_of_the_glossary_resolve_and_are_called_what_they_lead_to() -> None:
    wrong = []
    for name, href, place in links(GLOSSARY.href, GLOSSARY.prose.split("## Symbols")[1]):
        if TITLES.get(href) != name: wrong.append(f"{name}: {href} is {TITLES.get(href)}")
        if place and place not in places(href): wrong.append(f"{href} has no #{place}")
    assert not wrong, "\n".join(wrong)


def test_every_part_has_marked_formulas_and_none_is_lost() -> None:
    every = [e for part in PARTS for e in equations.of_part(part)]
    assert all(equations.of_part(part) for part in PARTS)
    twice = [label for label, n in Counter(e.label for e in every).items() if n > 1]
    assert not twice
    marks = sum(page.prose.count("<!-- eq ") for page in PAGES)
    assert len(every) == marks, "a mark stands in the line above a formula of its own lines"


def test_the_page_of_equations_holds_them_all_and_leads_to_their_places() -> None:
    text = equations.equations()
    for equation in (e for part in PARTS for e in equations.of_part(part)):
        assert equation.formula in text and f"]({equation.address})" in text
        assert f"::: {{#eq-{equation.label}}}" in equations.anchored(equation.page.prose)


def test_what_is_no_mark_stays_as_it_is() -> None:
    text = "<!-- eq a: Far from it -->\n\n$$x$$\n\n<!-- eq b: Near -->\n$$\ny\n$$\nand $z$"
    assert equations.MARKED.findall(text) == [("b", "Near", "$$\ny\n$$")]
    assert equations.anchored(text).startswith("<!-- eq a: Far from it -->\n\n$$x$$")


# ---------------------------------------------------------------- what links and numbers say

WRITTEN = [href for href in TITLES if href not in MADE and (book.NBS / href).exists()]


def plain(title: str) -> str:
    """A title without capitals and article."""
    return re.sub(r"^(the|a|an) ", "", title.lower().strip(" .:"))


def test_a_link_that_bears_the_title_of_a_page_leads_to_it() -> None:
    """Titles of one word are words of the language as well."""
    by_title = {plain(title): href for href, title in TITLES.items() if " " in plain(title)}
    wrong = []
    for href in WRITTEN:
        for name, target, _ in links(href, book.Page(href, "").prose):
            meant = by_title.get(plain(name), target)
            if TITLES[meant] != TITLES.get(target, TITLES[meant]):
                wrong.append(f"{href}: [{name}] leads to {target}")
    assert not wrong, "\n".join(wrong)


def test_statements_are_as_many_as_their_box_says() -> None:
    box = re.compile(r'title="(\w+) statements"\}\n(.*?)\n:::', re.DOTALL)
    found = [(page.href, word, len(re.findall(r"(?m)^[-*] ", text)))
             for page in PAGES for word, text in box.findall(page.prose)]
    assert len(found) > 8
    assert not [entry for entry in found if WORDS[entry[1]] != entry[2]]


def test_no_formula_has_its_backslashes_twice() -> None:
    """Two of them break a line, which no formula within a line does."""
    inline = re.compile(r"(?<!\$)\$(?!\$)([^$\n]+)\$(?!\$)")
    wrong = [f"{href}: ${formula}$" for href in WRITTEN
             for formula in inline.findall(re.sub(r"(?s)```.*?```|\$\$.*?\$\$", "",
                                                  book.Page(href, "").prose))
             if re.search(r"\\\\[a-zA-Z,]", formula) and "begin" not in formula]
    assert not wrong, "\n".join(wrong)
