"""The built site: every name documented, every link whole, nothing fetched from elsewhere, readable on a phone.

`make docs` builds what these tests read. The first half reads the files; the second opens every page in headless Chromium.
"""
import functools
import html.parser
import http.server
import importlib.util
import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NoReturn
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_docs"
PAGES = sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html")) if SITE.is_dir() else []
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

# Text a reader sees that still looks like TeX; code may show it, and KaTeX keeps the source for screen readers.
RAW_TEX = r"""() => {
  const seen = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    if (n.parentElement.closest("code, pre, script, style, textarea, .katex")) continue;
    if (/\$\$|\\\(|\\\[|\\[a-zA-Z]{2,}|\$[^$\s][^$]*\$/.test(n.data)) seen.push(n.data.trim().slice(0, 120));
  }
  document.querySelectorAll(".katex-error").forEach((e) => seen.push("KaTeX: " + e.title));
  document.querySelectorAll(".math").forEach((e) => { if (!e.querySelector(".katex")) seen.push("not set: " + e.textContent.slice(0, 80)); });
  return seen;
}"""
# What sticks out at the right and cannot be scrolled to: the page hides its overflow, so its own width says too little.
OVERFLOW = r"""() => {
  const d = document.documentElement, out = [], main = document.querySelector("main");
  if (d.scrollWidth > window.innerWidth) out.push(`the page is ${d.scrollWidth} wide in a window of ${window.innerWidth}`);
  const boxed = (e) => { for (let a = e.parentElement; a && a !== main; a = a.parentElement) if (getComputedStyle(a).overflowX !== "visible") return true; };
  document.querySelectorAll("main *, footer *").forEach((e) => {
    const r = e.getBoundingClientRect();
    if (r.width && r.right > window.innerWidth + 1 && !e.closest(".katex-mathml") && !boxed(e)) out.push(`${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`);
  });
  return out.slice(0, 6);
}"""


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
        if tag in ("script", "img", "iframe", "source", "video", "audio") and a.get("src"): self.loads.append(a["src"])
        if tag == "link" and a.get("rel") not in ("canonical", "alternate") and a.get("href"): self.loads.append(a["href"])
        if tag == "img": self.pictures.append(a)


@pytest.fixture(scope="module")
def pages() -> dict[str, Reader]:
    """Every page of the site, read."""
    if "index.html" not in PAGES: absent("there is no built site: run `make docs`")
    return {name: Reader(SITE / name) for name in PAGES}


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    """The build script, which knows where each symbol belongs."""
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
    assert (ROOT / "nbs" / "_quarto.yml").resolve() == ROOT / "_quarto.yml", "nbdev-docs must read the same configuration"


def test_every_exported_symbol_is_documented(pages: dict[str, Reader], docs: ModuleType) -> None:
    missing = []
    for full, (page, anchor) in docs.Symbols().where.items():
        if any(part.startswith("_") for part in full.split(".")[3:]): continue
        if page not in pages or anchor not in pages[page].ids: missing.append(f"{full} -> {page}#{anchor}")
    assert not missing, "\n".join(missing)


def test_a_definition_shows_its_signature_and_notes(pages: dict[str, Reader]) -> None:
    text = re.sub(r"<[^>]+>", "", (SITE / "learn" / "gaussians" / "core.html").read_text(encoding="utf-8"))
    assert "def expand(" in text and "# coefficients" in text


def test_ids_are_unique(pages: dict[str, Reader]) -> None:
    twice = {name: [i for i, n in Counter(page.ids).items() if n > 1] for name, page in pages.items()}
    assert not any(twice.values()), {k: v for k, v in twice.items() if v}


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
    outside = [f"{n}: {u}" for n, p in pages.items() for u in p.loads if urlsplit(u).scheme in ("http", "https") or u.startswith("//")]
    for css in SITE.rglob("*.css"):
        outside += [f"{css.name}: {u}" for u in re.findall(r"(?:url\(|@import\s+)['\"]?((?:https?:)?//[^'\")]+)", css.read_text(encoding="utf-8"))]
    assert not outside, "\n".join(outside)


def test_pictures_have_a_description(pages: dict[str, Reader]) -> None:
    bare = [f"{n}: {p.get('src', '')[:60]}" for n, page in pages.items() for p in page.pictures if p.get("alt") is None]
    assert not bare, "give the cell a `#| fig-alt:` line\n" + "\n".join(bare)


def test_llms_txt_lists_every_page(pages: dict[str, Reader]) -> None:
    text = (SITE / "llms.txt").read_text(encoding="utf-8")
    missing = [n for n in pages if n.replace(".html", ".llms.md") not in text]
    assert not missing
    assert all((SITE / n.replace(".html", ".llms.md")).is_file() for n in pages)


def test_sidebar_is_written_by_hand() -> None:
    sections = [e.get("section") for e in yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))["website"]["sidebar"]["contents"]]
    assert ["Learn", "Guides", "Training notebooks", "Reference"] == [s for s in sections if s]


# ---------------------------------------------------------------- in the browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve without a line in the log for each request."""
    def log_message(self, *args: object) -> None: pass


@pytest.fixture(scope="module")
def server(pages: dict[str, Reader]) -> Iterator[str]:
    """The site's address on this machine."""
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Headless Chromium, the system's own."""
    if importlib.util.find_spec("playwright") is None: absent("playwright is not installed: `pip install -e .[docs]`")
    from playwright.sync_api import sync_playwright
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None: absent("no Chromium on this machine: on Debian, `apt-get install chromium`")
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield b
        b.close()


@pytest.fixture
def tab(browser: object, server: str) -> Iterator[tuple[object, list[str]]]:
    """A fresh page, and the list of what goes wrong on it."""
    context = browser.new_context(viewport=DESK, color_scheme="light")
    page, wrong = context.new_page(), []
    page.on("console", lambda m: wrong.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: wrong.append(f"script error: {e}"))
    page.on("requestfailed", lambda r: wrong.append(f"failed: {r.url}"))
    page.on("request", lambda r: None if r.url.startswith((server, "data:", "blob:")) else wrong.append(f"another host: {r.url}"))
    page.on("response", lambda r: wrong.append(f"status {r.status}: {r.url}") if r.status >= 400 else None)
    yield page, wrong
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES or ["index.html"])
def test_page(name: str, tab: tuple, server: str) -> None:
    page, wrong = tab
    page.goto(server + name, wait_until="networkidle")
    assert not wrong, wrong
    assert page.evaluate(RAW_TEX) == []
    gone = page.evaluate("() => [...document.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.src.slice(0, 100))")
    assert gone == []
    assert page.evaluate(OVERFLOW) == []
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(100)
    assert page.evaluate(OVERFLOW) == []
    assert not wrong, wrong


@pytest.mark.browser
def test_search_finds_tweedie(tab: tuple, server: str) -> None:
    page, wrong = tab
    page.goto(server, wait_until="networkidle")
    page.locator("input[type=search]").first.fill("Tweedie")
    page.wait_for_selector(".search-result", timeout=5000)
    found = page.eval_on_selector_all(".search-result", "(rs) => rs.map((r) => r.getAttribute('href'))")
    assert any("learn/gaussians/score.html" in href for href in found), found
    page.locator(".search-result", has_text="Tweedie").first.click()
    page.wait_for_load_state("networkidle")
    assert not wrong, wrong


@pytest.mark.browser
def test_dark_and_light(tab: tuple, server: str) -> None:
    page, wrong = tab
    def brightness() -> float: return sum(map(float, re.findall(r"[\d.]+", page.evaluate("() => getComputedStyle(document.body).backgroundColor"))[:3]))
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
