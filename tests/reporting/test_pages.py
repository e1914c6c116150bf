"""The pages in a real Chromium: they load without a network, and begin with the verdict.

`make pictures` writes screenshots of them into `docs/images/`.
"""

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from tests.faults import CATALOGUE
from tests.faults.catalogue import SUITES
from tests.faults.proof import Trial, write
from tests.support.backends import backends
from tests.support.project import ROOT
from tests.support.runs import runner

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREEN = ViewportSize(width=1280, height=800)
NARROW_SCREEN = ViewportSize(width=400, height=800)
LOCAL = ("file:", "data:", "blob:")
KINDS = ("healthy", "broken")
PAGES = ("report.html", "log.html", "dashboard.html", "proof.html")
FAULTS = {"healthy": (), "broken": ("update_is_swallowed",)}
FAILED = "Saved Value Is Read Back"
SEEN = re.compile("Industry was saved as 'Dental clinic .*' but read back as 'Dental clinic'")
MEANINGS = {
    "healthy": "Everything that was checked is as promised.",
    "broken": "Saved settings are not read back, other settings changed, or credentials are shown",
}
EVIDENCE = re.compile(r"Evidence 1 of \d+: GET /api/business/me returned 200 OK")
DETAILS = {"report": "h2:has-text('Statistics')", "log": ".suite .suite"}
"""The first of what follows the summary: the statistics, or the suites."""

LARGEST_PICTURE_BYTES = 200_000
LAST_PROOF = ROOT / "results" / "proof.html"
MOMENT_MILLISECONDS = 200


@dataclass
class Visit:
    """A browser page that records errors.

    Attributes:
        errors: Errors of scripts and on the browser's console.
        remote_requests: The URLs of requests for anything but files.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    remote_requests: list[str] = field(default_factory=list)

    def open(self, path: Path) -> Page:
        """Open the file `path`, and return the page when it is loaded."""
        self.page.on("console", lambda one: self.errors.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda one: self.errors.append(str(one)))
        self.page.on("request", lambda one: None if one.url.startswith(LOCAL) else self.remote_requests.append(one.url))
        self.page.goto(path.as_uri(), wait_until="networkidle")
        return self.page


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pages")]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip(f"No browser is installed: none of {', '.join(BROWSERS)} is in the PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """A browser page in a window of the usual size."""
    page = chromium.new_page(viewport=SCREEN, reduced_motion="reduce")
    yield Visit(page)
    page.close()


@pytest.fixture(scope="module")
def results(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The results of a healthy and a broken run, with a proof without gaps and one with gaps."""
    folder = tmp_path_factory.mktemp("pages")
    run = runner(folder, folder / "states")
    found = {}
    for kind in KINDS:
        with backends(folder) as start:
            target = start(*FAULTS[kind])
            found[kind] = run("--full", "--history", str(folder / "history.db"), backend=target).results
        write(found[kind], [trial(is_detected=kind == "healthy")])
    return found


def trial(is_detected: bool) -> Trial:
    """Return a trial for the proof."""
    fault = next(one for one in CATALOGUE.values() if one.expected.full == {"twilio": 3})
    expected, healthy = {**dict.fromkeys(SUITES, 0), "twilio": 3}, dict.fromkeys(SUITES, 0)
    return Trial(fault.name, "full", expected, expected if is_detected else healthy)


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Writes a screenshot of a page if `--pictures` is set."""
    directory: Path | None = request.config.getoption("pictures")

    def shoot(page: Page, name: str) -> None:
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
            before, picture = b"", page.screenshot()
            while picture != before:  # charts are animated
                page.wait_for_timeout(MOMENT_MILLISECONDS)
                before, picture = picture, page.screenshot()
            assert len(picture) <= LARGEST_PICTURE_BYTES, name
            (directory / f"{name}.png").write_bytes(picture)

    return shoot


def should_be_in_order(*locators: Locator) -> None:
    """Fails unless all are visible, and each comes before the next in the document."""
    for locator in locators:
        expect(locator).to_be_visible()
    for one, following in itertools.pairwise(locators):
        is_before = "(one, other) => one.compareDocumentPosition(other) === Node.DOCUMENT_POSITION_FOLLOWING"
        assert one.evaluate(is_before, following.element_handle()), f"{one} does not come before {following}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PAGES)
def test_page_loads_without_a_network(name: str, kind: str, results: dict[str, Path], visit: Visit) -> None:
    visit.open(results[kind] / name)
    assert (visit.errors, visit.remote_requests) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DETAILS)
def test_verdict_and_state_of_each_capability_come_first(
    name: str, kind: str, results: dict[str, Path], visit: Visit, keep: Callable[[Page, str], None]
) -> None:
    page = visit.open(results[kind] / f"{name}.html")
    verdict = page.get_by_role("heading", name=re.compile(f"^{kind.capitalize()}: full run against"))
    states = [page.get_by_role("cell", name=capability, exact=True).first for capability in SUITES]
    details = page.locator(DETAILS[name]).first
    should_be_in_order(verdict, *states, details)
    should_be_in_order(verdict, page.get_by_text(MEANINGS[kind]).first, details)
    if name == "report":
        keep(page, f"report-{kind}")


@pytest.mark.parametrize("name", DETAILS)
def test_first_failure_comes_first_then_since_when_it_is_there_what_to_do_and_the_table(
    name: str, results: dict[str, Path], visit: Visit
) -> None:
    page = visit.open(results["broken"] / f"{name}.html")
    should_be_in_order(
        page.get_by_text(SEEN).first,
        page.get_by_text(re.compile(r"^New in this run\. Trace [0-9a-f]{32}\.$")).first,
        page.get_by_text("What to do:").first,
        page.get_by_role("cell", name=SUITES[0], exact=True).first,
        page.locator(DETAILS[name]).first,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_fits_a_narrow_screen(
    scheme: Literal["light", "dark"], results: dict[str, Path], visit: Visit, keep: Callable[[Page, str], None]
) -> None:
    visit.page.set_viewport_size(NARROW_SCREEN)
    visit.page.emulate_media(color_scheme=scheme)
    page = visit.open(results["broken"] / "report.html")
    expect(page.get_by_text("What to do:").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW_SCREEN["width"]
    if scheme == "light":
        keep(page, "report-narrow")


def test_evidence_is_one_click_away_from_the_first_failure(
    results: dict[str, Path], visit: Visit, keep: Callable[[Page, str], None]
) -> None:
    page = visit.open(results["broken"] / "report.html")
    page.get_by_role("link", name=FAILED).first.click()
    expect(page.get_by_text(EVIDENCE)).to_be_visible()
    expect(page.get_by_text(re.compile("To repeat it:")).first).to_be_visible()
    keep(page, "log-broken")


def test_evidence_of_any_failed_test_is_two_clicks_away(results: dict[str, Path], visit: Visit) -> None:
    page = visit.open(results["broken"] / "report.html")
    page.get_by_role("link", name="Phase 4, consistency").click()
    page.get_by_role("link", name=re.compile("Update By POST Saves Only What Was Sent")).click()
    expect(page.get_by_text(EVIDENCE)).to_be_visible()


def test_endpoints_are_timed_in_the_report(results: dict[str, Path], visit: Visit) -> None:
    page = visit.open(results["healthy"] / "report.html")
    row = page.locator("tr", has_text="PUT /api/business/me").last
    expect(row).to_have_text(re.compile(r"PUT /api/business/me\s*\d+(\s*[\d,]+ ms){4}\s*█+"))


def test_dashboard_counts_both_runs(results: dict[str, Path], visit: Visit, keep: Callable[[Page, str], None]) -> None:
    page = visit.open(results["broken"] / "dashboard.html")
    expect(page.get_by_text("Run Statistics (2)")).to_be_visible()
    keep(page, "dashboard")


def accessibility_violations(page: Page) -> list[str]:
    """Return the serious accessibility violations of the page."""
    found = Axe().run(page).response["violations"]
    return [one["help"] for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("kind", KINDS)
def test_proof_page_has_no_serious_accessibility_violation(kind: str, results: dict[str, Path], visit: Visit) -> None:
    assert accessibility_violations(visit.open(results[kind] / "proof.html")) == []


@pytest.mark.parametrize(("kind", "verdict"), [("healthy", "Every fault is detected"), ("broken", "There are gaps")])
def test_proof_begins_with_whether_it_has_gaps(
    kind: str, verdict: str, results: dict[str, Path], visit: Visit, keep: Callable[[Page, str], None]
) -> None:
    page = visit.open(results[kind] / "proof.html")
    should_be_in_order(page.get_by_role("heading", name=verdict), page.get_by_role("table").first)
    if LAST_PROOF.exists():
        keep(visit.open(LAST_PROOF), "proof")
