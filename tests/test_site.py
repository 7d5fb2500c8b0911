"""The built site: every name documented, every link whole, nothing from elsewhere, fit for a phone.

`make docs` builds what these tests read. The first half reads the files; the second opens every
page in headless Chromium.
"""
import functools
import html.parser
import http.server
import importlib.util
import json
import os
import re
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import NoReturn
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_docs"
PAGES = sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LOADING = ("script", "img", "iframe", "source", "video", "audio")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

# Everything that is asked of a page at one width, in one call. Folds are closed, then opened.
LOOK = r"""() => {
  const root = document.documentElement, main = document.querySelector("main"), out = [];
  const width = window.innerWidth, say = (what, e) => out.push(`${what}: ${e.slice(0, 90)}`);
  document.querySelectorAll("details").forEach((e) => { e.open = false; });
  document.querySelectorAll(".callout-collapse").forEach((e) => e.classList.remove("show"));
  // A screen has 800 px.
  const list = location.pathname.endsWith("/reference.html");  // looked up, not read through
  if (width > 1000 && !list && root.scrollHeight > 23.5 * 800)
    say("too long", `${(root.scrollHeight / 800).toFixed(1)} screens: fold proofs and checks`);
  document.querySelectorAll("details").forEach((e) => { e.open = true; });
  document.querySelectorAll(".callout-collapse").forEach((e) => e.classList.add("show"));

  // Text a reader sees that still looks like TeX; code may show it, and KaTeX keeps the source for
  // screen readers.
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const tex = /\$\$|\\\(|\\\[|\\[a-zA-Z]{2,}|\$[^$\s][^$]*\$/;
  for (let n = walk.nextNode(); n; n = walk.nextNode())
    if (tex.test(n.data) && !n.parentElement.closest("code, pre, script, style, textarea, .katex"))
      say("TeX", n.data.trim());
  document.querySelectorAll(".katex-error").forEach((e) => say("KaTeX", e.title));
  document.querySelectorAll(".math").forEach((e) => {
    if (!e.querySelector(".katex")) say("not set", e.textContent);
  });
  for (const i of document.images)
    if (!i.complete || !i.naturalWidth) say("did not load", i.src);

  // What sticks out at the right and cannot be scrolled to: the page hides its overflow, so its own
  // width says too little.
  if (root.scrollWidth > width) say("page", `${root.scrollWidth} wide in a window of ${width}`);
  const boxed = (e) => {
    for (let a = e.parentElement; a && a !== main; a = a.parentElement)
      if (getComputedStyle(a).overflowX !== "visible") return true;
  };
  document.querySelectorAll("main *, footer *").forEach((e) => {
    const r = e.getBoundingClientRect();
    if (r.width && r.right > width + 1 && !e.closest(".katex-mathml") && !boxed(e))
      say("outside", `${e.tagName}.${e.className}: ${e.textContent}`);
  });

  // What has a box of its own fits it: nobody scrolls sideways for the end of a formula.
  document.querySelectorAll(".math.display, .sd-table, .cell-output-display, pre").forEach((e) => {
    if (e.scrollWidth > e.clientWidth + 1)
      say(`${e.className || e.tagName} is ${e.scrollWidth} wide in ${e.clientWidth}`,
        (e.querySelector("annotation") || e).textContent.trim());
  });
  // A line of code is one line, where there is room for 100 characters.
  if (width > 1000) document.querySelectorAll("pre.sourceCode").forEach((e) => {
    const style = getComputedStyle(e), pad = parseFloat(style.paddingTop) * 2;
    const lines = e.textContent.replace(/\n$/, "").split("\n");
    if (e.clientHeight > pad + (lines.length + 0.5) * parseFloat(style.lineHeight))
      say("a line of code wraps", lines.reduce((a, b) => a.length > b.length ? a : b));
  });
  return out.slice(0, 8);
}"""
SETTLED = """() => document.fonts.ready.then(() =>
  [...document.querySelectorAll(".math")].every((e) => e.querySelector(".katex")))"""
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"


def absent(reason: str) -> NoReturn:
    """Skip on a machine that lacks something; fail where the test must run."""
    if os.environ.get("CI"): pytest.fail(reason)
    pytest.skip(reason)


class Reader(html.parser.HTMLParser):
    """The ids, links, pictures and loaded files of one page."""
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids, self.links, self.loads, self.pictures = [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if a.get("id"): self.ids.append(a["id"])
        if tag == "a" and a.get("href"): self.links.append(a["href"])
        if tag in LOADING and a.get("src"): self.loads.append(a["src"])
        elsewhere = a.get("rel") in ("canonical", "alternate")
        if tag == "link" and not elsewhere and a.get("href"): self.loads.append(a["href"])
        if tag == "img": self.pictures.append(a)


@pytest.fixture(scope="module")
def pages() -> dict[str, Reader]:
    """Every page of the site, read."""
    if "index.html" not in PAGES: absent("there is no built site: run `make docs`")
    return {name: Reader(SITE / name) for name in PAGES}


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    """The build script, which knows where each symbol belongs."""
    sys.path.append(str(ROOT / "tools"))  # where what it imports lies
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- the files


def test_every_listed_page_is_built(pages: dict[str, Reader], docs: ModuleType) -> None:
    listed = re.findall(r"href: (\S+\.ipynb)", (ROOT / "_quarto.yml").read_text(encoding="utf-8"))
    assert listed
    missing = [n for n in listed if docs.page_path(n).replace(".ipynb", ".html") not in pages]
    assert not missing, f"on the sidebar but not built: {missing}"
    linked = (ROOT / "nbs" / "_quarto.yml").resolve()
    assert linked == ROOT / "_quarto.yml", "nbdev-docs must read the same configuration"


def test_every_exported_symbol_is_documented(pages: dict[str, Reader], docs: ModuleType) -> None:
    missing = []
    for full, (page, anchor) in docs.Symbols().where.items():
        if any(part.startswith("_") for part in full.split(".")[3:]): continue
        if page not in pages or anchor not in pages[page].ids:
            missing.append(f"{full} -> {page}#{anchor}")
    assert not missing, "\n".join(missing)


def test_a_definition_shows_its_signature_and_notes(pages: dict[str, Reader]) -> None:
    page = (SITE / "learn" / "gaussians" / "core.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    assert "def expand(" in text and "# coefficients" in text


def test_ids_are_unique(pages: dict[str, Reader]) -> None:
    for name, page in pages.items():
        twice = [i for i, n in Counter(page.ids).items() if n > 1]
        assert not twice, name


def test_links_lead_somewhere(pages: dict[str, Reader]) -> None:
    broken = []
    for name, page in pages.items():
        for href in page.links:
            if urlsplit(href).scheme in ("http", "https", "mailto"): continue
            target, anchor = urldefrag(urljoin(f"http://site/{name}", href))
            path = unquote(urlsplit(target).path).lstrip("/") or "index.html"
            if path.endswith("/"): path += "index.html"
            known = not anchor or path not in pages or unquote(anchor) in pages[path].ids
            if not known or not (SITE / path).is_file(): broken.append(f"{name}: {href}")
    assert not broken, "\n".join(broken)


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Reader]) -> None:
    loads = [(name, url) for name, page in pages.items() for url in page.loads]
    outside = [f"{name}: {url}" for name, url in loads if re.match(r"(https?:)?//", url)]
    fetched = re.compile(r"(?:url\(|@import\s+)['\"]?((?:https?:)?//[^'\")]+)")
    for css in SITE.rglob("*.css"):
        text = css.read_text(encoding="utf-8")
        outside += [f"{css.name}: {url}" for url in fetched.findall(text)]
    assert not outside, "\n".join(outside)


def test_pictures_have_a_description(pages: dict[str, Reader]) -> None:
    pictures = [(name, p) for name, page in pages.items() for p in page.pictures]
    bare = [f"{name}: {p.get('src', '')[:60]}" for name, p in pictures if p.get("alt") is None]
    assert not bare, "give the cell a `#| fig-alt:` line\n" + "\n".join(bare)


def test_llms_txt_lists_every_page(pages: dict[str, Reader]) -> None:
    text = (SITE / "llms.txt").read_text(encoding="utf-8")
    missing = [n for n in pages if n.replace(".html", ".llms.md") not in text]
    assert not missing
    assert all((SITE / n.replace(".html", ".llms.md")).is_file() for n in pages)


# ---------------------------------------------------------------- numbers, titles and order


def sidebar() -> list[dict]:
    """The entries of the sidebar, in order."""
    settings = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
    return settings["website"]["sidebar"]["contents"]


def parts() -> list[dict]:
    """The numbered sections: the parts of the book."""
    return [e for e in sidebar() if re.match(r"\d", e.get("section", ""))]


def learn() -> list[tuple[str, str]]:
    """Text and notebook of each page of the book, in the order of the sidebar."""
    return [(page["text"], page["href"]) for part in parts() for page in part["contents"]]


def markdown(href: str) -> str:
    """The prose of a notebook."""
    cells = json.loads((ROOT / "nbs" / href).read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


BOOK = learn()
IDS = [href for _, href in BOOK]
READ = [href for href in IDS if not href.endswith("000_map.ipynb")]  # from first to last


def test_the_sidebar_holds_parts_then_guides_then_trainings() -> None:
    sections = [e["section"] for e in sidebar() if "section" in e]
    assert sections[:len(parts())] == [p["section"] for p in parts()]
    assert sections[len(parts()):] == ["Guides", "Training notebooks"]


def test_numbers_are_dense_and_in_order() -> None:
    assert len(parts()) >= 6
    for i, part in enumerate(parts(), 1):
        assert re.match(rf"{i}\. \S", part["section"]), part["section"]
        for j, page in enumerate(part["contents"]):  # the map is page 0
            assert re.match(rf"{i}\.{j} \S", page["text"]), page["text"]


def test_files_of_a_part_lie_in_one_folder_in_their_order() -> None:
    for part in parts():
        paths = [Path(page["href"]) for page in part["contents"]]
        assert len({p.parent for p in paths}) == 1, part["section"]
        assert [p.name for p in paths] == sorted(p.name for p in paths), part["section"]


def test_every_learn_page_is_on_the_sidebar() -> None:
    nbs = ROOT / "nbs"
    written = [p.relative_to(nbs).as_posix() for p in (nbs / "learn").rglob("[!.]*.ipynb")]
    assert sorted(p for p in written if ".ipynb_checkpoints" not in p) == sorted(IDS)


@pytest.mark.parametrize(("text", "href"), BOOK, ids=IDS)
def test_a_title_is_what_the_sidebar_says(text: str, href: str) -> None:
    title, *others = re.findall(r"(?m)^# (.+)$", re.sub(r"(?s)```.*?```", "", markdown(href)))
    assert title == text
    assert not others, "a page has one title"


@pytest.mark.parametrize(("href", "following"), list(pairwise(READ)), ids=READ[:-1])
def test_next_leads_to_the_page_that_follows(href: str, following: str) -> None:
    prose = markdown(href)
    headings = re.findall(r"(?m)^## (.+?)[ \t]*$", prose)
    assert headings[-1] == "Next", "the last section of a page is Next"
    links = re.findall(r"\]\(([^)#\s]+\.ipynb)", prose.rsplit("## Next", 1)[1])
    assert links, "Next holds a link"
    folder = ROOT / "nbs" / Path(href).parent
    assert os.path.relpath(folder / links[0], ROOT / "nbs") == following


def test_the_last_page_leads_somewhere() -> None:
    assert re.search(r"\]\(\S+\.ipynb", markdown(IDS[-1]).rsplit("## Next", 1)[1])


# ---------------------------------------------------------------- in the browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve without a line in the log for each request."""
    def log_message(self, *args: object) -> None: pass


@pytest.fixture(scope="module")
def server(pages: dict[str, Reader]) -> Iterator[str]:
    """The site's address on this machine."""
    handler = functools.partial(Quiet, directory=SITE)
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., object]]:
    """Starts headless Chromium, the system's own, with options."""
    if importlib.util.find_spec("playwright") is None:
        absent("playwright is not installed: `pip install -e .[docs]`")
    from playwright.sync_api import sync_playwright
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None: absent("no Chromium on this machine: on Debian, `apt-get install chromium`")
    with sync_playwright() as p:
        usual = ["--no-sandbox", "--disable-dev-shm-usage"]
        yield lambda *more: p.chromium.launch(executable_path=found, args=[*usual, *more])


def watched(context: object, server: str) -> tuple[object, list[str]]:
    """A page, and the list of what goes wrong on it."""
    page, wrong = context.new_page(), []
    page.set_default_navigation_timeout(120_000)  # milliseconds; a busy machine is slow
    own = (server, "data:", "blob:")
    def note(bad: bool, text: str) -> None:
        if bad: wrong.append(text)
    page.on("console", lambda m: note(m.type in ("error", "warning"), f"{m.type}: {m.text}"))
    page.on("pageerror", lambda e: note(True, f"script error: {e}"))
    page.on("requestfailed", lambda r: note(True, f"failed: {r.url}"))
    page.on("request", lambda r: note(not r.url.startswith(own), f"another host: {r.url}"))
    page.on("response", lambda r: note(r.status >= 400, f"status {r.status}: {r.url}"))
    return page, wrong


@pytest.fixture(scope="module")
def reader(launch: Callable[..., object], server: str) -> Iterator[tuple[object, list[str]]]:
    """One tab for all pages: scripts, styles and fonts are read once."""
    # nobody looks at its frames: to make them beside the page costs a third of all
    browser = launch("--disable-threaded-compositing")
    yield watched(browser.new_context(viewport=DESK, color_scheme="light"), server)
    browser.close()


@pytest.fixture(scope="module")
def browser(launch: Callable[..., object]) -> Iterator[object]:
    """With frames, without which nothing can be clicked."""
    yield launch()


@pytest.fixture
def tab(browser: object, server: str) -> Iterator[tuple[object, list[str]]]:
    """A fresh page, and the list of what goes wrong on it."""
    context = browser.new_context(viewport=DESK, color_scheme="light")
    yield watched(context, server)
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES or ["index.html"])
def test_page(name: str, reader: tuple, server: str) -> None:
    page, wrong = reader
    wrong.clear()
    found = {}
    page.goto(server + name, wait_until="load")
    # to ask once draws no frame; to wait draws one after another
    if not page.evaluate(SETTLED): page.wait_for_function(SETTLED)
    # the next page begins at the width where this one ends: a layout less for each
    first = page.viewport_size
    for size in (first, PHONE if first == DESK else DESK):
        page.set_viewport_size(size)
        found[size["width"]] = page.evaluate(LOOK)
    assert not wrong, wrong
    assert not any(found.values()), "\n".join(map(str, found.items()))


@pytest.mark.browser
def test_what_does_not_fit_is_noticed(reader: tuple, server: str) -> None:
    page, _ = reader
    page.set_viewport_size(DESK)
    page.goto(server + "learn/gaussians/core.html", wait_until="load")
    page.wait_for_function(SETTLED)
    page.evaluate("""() => {
      const wide = "<div style='width: 3000px'>wide</div>", main = document.querySelector("main");
      for (const kind of ["math display", "sd-table"])
        main.insertAdjacentHTML("beforeend", `<div class='${kind}'>${wide}</div>`);
      main.querySelector("pre.sourceCode code").append("x".repeat(140));
      main.insertAdjacentHTML("beforeend", "<div style='height: 20000px'></div>");
    }""")
    found = "\n".join(page.evaluate(LOOK))
    assert "math display is 3000 wide" in found and "sd-table is 3000 wide" in found
    assert "a line of code wraps" in found and "too long" in found


@pytest.mark.browser
def test_search_finds_tweedie(tab: tuple, server: str) -> None:
    page, wrong = tab
    page.goto(server, wait_until="networkidle")
    page.locator("input[type=search]").first.fill("Tweedie")
    page.wait_for_selector(".search-result", timeout=5000)
    hrefs = "(results) => results.map((r) => r.getAttribute('href'))"
    found = page.eval_on_selector_all(".search-result", hrefs)
    assert any("learn/gaussians/score.html" in href for href in found), found
    page.locator(".search-result", has_text="Tweedie").first.click()
    page.wait_for_load_state("networkidle")
    assert not wrong, wrong


@pytest.mark.browser
def test_dark_and_light(tab: tuple, server: str) -> None:
    page, wrong = tab
    def brightness() -> float:
        channels = re.findall(r"[\d.]+", page.evaluate(BACKGROUND))[:3]
        return sum(map(float, channels))
    page.goto(server, wait_until="networkidle")
    assert brightness() > 600
    page.locator(".quarto-color-scheme-toggle").first.click()
    page.wait_for_timeout(300)
    assert brightness() < 150
    page.reload(wait_until="networkidle")
    assert brightness() < 150, "the choice is kept"
    assert not wrong, wrong


@pytest.mark.browser
def test_the_menu_opens_on_a_phone(tab: tuple, server: str) -> None:
    page, _ = tab
    page.set_viewport_size(PHONE)
    page.goto(server + "learn/gaussians/core.html", wait_until="networkidle")
    link = page.locator("#quarto-sidebar a", has_text="Quickstart")
    assert link.bounding_box()["x"] < 0
    page.locator(".quarto-btn-toggle").first.click()
    page.wait_for_timeout(400)
    assert link.bounding_box()["x"] >= 0
