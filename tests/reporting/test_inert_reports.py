"""Texts of a backend are inert in every report: in a real Chromium, all links are clicked, and nothing happens.

The only links to another place are those to traces, which the team has decided on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Dialog, Page, Request

from tests.reporting.test_pages import LOCAL, chromium  # noqa: F401
from tests.support.project import copy_project
from tests.support.runs import Outcome, runner
from tests.support.text_backend import text_backend

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("inert reports")]

TEXTS = [
    "javascript:owned()//",
    "javascript://%0aowned()",
    "see javascript://x/%0aowned() now",
    "data:text/html,<script>opener.owned()</script>",
    "see data://text/html,<script>owned()</script> now",
    "//evil.example/x",
    "https://evil.example/x.png",
    "see https://evil.example/?q=1, ftp://evil.example and HTTP://EVIL.example",
    "file:///etc/passwd",
    "<img src=x onerror=owned()>",
    "\"><script>owned()</script><a href='javascript:owned()'>x</a>",
    "</script><script>owned()</script>",
    "</pre></td></div><svg onload=owned()>",
    "*HTML*<img src=x onerror=owned()>",
    "*HTML* <a href=javascript:owned()>x</a>",
    "[javascript:owned()|click here]",
    "[https://evil.example|https://evil.example/x.png]",
    "| [//evil.example|x] | *bold* |",
    "![x](https://evil.example/a.png) [x](javascript:owned()) <https://evil.example> @everyone www.evil.example",
    "`code` ~~~ # heading\n\n- [ ] x\n<details><summary>evil.example",
    "%{HOME} ${EVIL} @{EVIL}",
    "&lt;img src=x onerror=owned()&gt; &#60;script&#62;owned()&#60;/script&#62;",
    "\\x3cimg src=x onerror=owned()\\x3e \\u003cscript\\u003eowned()\\u003c/script\\u003e",
]
TRACE = "https://tempo.example.com/trace/"
PAGES = ("report.html", "log.html", "dashboard.html")
KINDS = ("success", "error")
WATCH = "window.happened = 0; window.owned = () => { window.happened += 1 };"
EXPAND = "() => { expandAll('s1'); return new Promise(done => setTimeout(done, 1500)) }"
LINKS = "[...document.querySelectorAll('a[href], area[href], svg [href]')]"
CLICK = f"link => {LINKS}.filter(one => one.getAttribute('href') == link).forEach(one => one.click())"
FOLLOW = "link => { const one = document.body.appendChild(document.createElement('a')); one.href = link; one.click() }"
ROBOTS_OWN = re.compile(r"javascript:(void\(0\)|(expand|collapse)\w*\('[\w-]*'\))")
OF_THE_MAKERS = re.compile(r"https?://(robotframework\.org|(marketsquare\.)?github\.(com|io))/|/admin$")


@pytest.fixture(scope="module", params=KINDS)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The outcome of a run against a backend that puts the texts into everything, in successes or also in errors."""
    folder = tmp_path_factory.mktemp("inert")
    root = copy_project(folder / "project")
    with (root / "acceptance.toml").open("a") as file:
        file.write(f'\n[trace]\nurl = "{TRACE}{{trace_id}}"\n')
    run = runner(folder, folder / "states")
    is_broken = request.param == "error"
    with text_backend(lambda *_: TEXTS, folder, is_broken=is_broken) as (backend, _):
        history = ("--history", str(folder / "history.db"))
        outcome = run("--full", *history, "--", "--loglevel", "TRACE", backend=backend, root=root)
    assert outcome.summary, outcome.stdout
    return outcome


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:  # noqa: F811
    """A page that counts what the texts execute."""
    page = chromium.new_page()
    page.add_init_script(WATCH)
    yield page
    page.context.close()


@dataclass
class Watch:
    """What a page did that it must not do.

    Attributes:
        requests: The URLs of requests for anything but files.
        popups: How many windows it opened.
        dialogs: The texts of its dialogs.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    popups: int = 0
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._on_request)
        self.page.on("popup", self._on_popup)
        self.page.on("dialog", self._on_dialog)

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(LOCAL):
            self.requests.append(request.url)

    def _on_popup(self, _: Page) -> None:
        self.popups += 1

    def _on_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def should_be_quiet(self) -> None:
        """Fails where something was executed, requested or opened."""
        assert (self.requests, self.popups, self.dialogs) == ([], 0, [])
        assert self.page.evaluate("happened") == 0


@pytest.mark.parametrize("name", PAGES)
def test_all_links_can_be_clicked_and_nothing_happens(name: str, outcome: Outcome, page: Page) -> None:
    watch, address = Watch(page), (outcome.results / name).as_uri()
    page.goto(address, wait_until="networkidle")
    if name == "log.html":
        page.evaluate(EXPAND)
    if name != "dashboard.html":
        assert "evil.example" in page.content()
    links: list[str] = page.evaluate(f"{LINKS}.map(one => one.getAttribute('href'))")
    assert len(links) > 3
    assert [link for link in links if not is_own(link, outcome)] == []
    within = [link for link in links if link.startswith(("#", f"{name}#")) or ROBOTS_OWN.fullmatch(link)]
    for link in dict.fromkeys(within):
        page.evaluate(CLICK, link)
    watch.should_be_quiet()
    assert page.url.partition("#")[0] == address
    for link in dict.fromkeys(link for link in links if link.startswith(PAGES) and link not in within):
        page.goto(address, wait_until="networkidle")
        with page.expect_navigation(wait_until="networkidle"):
            page.evaluate(FOLLOW, link)
        watch.should_be_quiet()
        assert page.url.partition("#")[0].rpartition("/")[0] == address.rpartition("/")[0]


def traces_of(outcome: Outcome) -> set[str]:
    """Return the URLs of the traces of a run."""
    return {f"{TRACE}{call['trace_id']}" for call in outcome.verdict["calls"]}


@pytest.mark.parametrize("name", ["report.html", "log.html"])
def test_traces_of_first_failures_are_links(name: str, outcome: Outcome, page: Page) -> None:
    page.goto((outcome.results / name).as_uri(), wait_until="networkidle")
    links: list[str] = page.evaluate(f"{LINKS}.map(one => one.getAttribute('href'))")
    suites = outcome.verdict["suites"].values()
    expected = {f"{TRACE}{suite['trace_id']}" for suite in suites if suite["trace_id"]}
    assert expected
    assert {link for link in links if link.startswith(TRACE)} >= expected


def is_own(link: str, outcome: Outcome) -> bool:
    """Return whether `link` is one of the run: to its pages, suites, target or traces; or of the makers of the page."""
    target = re.compile(rf"{re.escape(str(outcome.verdict['target']))}([/?#]|$)")
    is_of_run = link.partition("#")[0] in ("", *PAGES) or link.endswith(".robot") or target.match(link)
    return bool(is_of_run or link in traces_of(outcome) or ROBOTS_OWN.fullmatch(link) or OF_THE_MAKERS.match(link))


def test_summary_has_no_link_but_to_traces_and_no_mention(outcome: Outcome) -> None:
    text = (outcome.results / "summary.md").read_text("utf-8")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    links = {str(one.attrs["href"]) for one in inline if one.type == "link_open"}
    assert links
    assert links <= traces_of(outcome)
    assert not kinds & {"image", "html_inline", "html_block", "fence", "code_block"}
    plain = "".join(one.content for one in inline if one.type == "text")
    assert not re.search(r"://|www\.|@\w", plain)
