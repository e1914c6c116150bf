"""Values that the tests send: marked texts and FAQs, stress texts, and credentials that must be rejected."""

from typing import Any, Literal

from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.account.marks import run_mark
from run_state import run_state

LONGEST_KEPT = 500
STRESS_LENGTH = 2_000
STRESS_PATTERN = ' Zoë’s "Café" & <b>более</b> C:\\ 🦷 שלום'  # noqa: RUF001
STRESS_FAQ = ' Zoë’s "Café" & <b>более</b> C:\\new 🦷 שלום '  # noqa: RUF001


def marked_text(run: str, present: str | None = None) -> str:
    """Return `present`, shortened where necessary, with a mark that names the run."""
    return f"{(present or '')[:LONGEST_KEPT]} [{run_mark(run)}]".strip()


def marked_faqs(run: str, present: list[Any] | None = None) -> list[Any]:
    """Return the FAQs that are `present` and a marked one, which has the same structure as the first."""
    present = present or []
    first = present[0] if present else {"question": "", "answer": ""}
    if not isinstance(first, dict):
        return [*present, marked_text(run, "FAQ") + STRESS_FAQ]
    added = {
        name: marked_text(run, name) + STRESS_FAQ if isinstance(value, str) else value
        for name, value in first.items()
        if name != "id"
    }
    return [*present, added]


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class TestData:
    """Returns the values that the tests send.

    Each value that is saved contains a mark. The mark names the run, so that a value that was left behind can be
    recognised.
    """

    @keyword
    def get_marked_text(self, present: str | None = None) -> str:
        """Return the `present` text, shortened where necessary, with the mark of this run."""
        return marked_text(run_state().run, present)

    @keyword("Get Marked FAQs")
    def get_marked_faqs(self, present: list[Any] | None = None) -> list[Any]:
        """Return the `present` FAQs and a marked one, which has the same structure as the first."""
        return marked_faqs(run_state().run, present)

    @keyword
    def get_stress_text(self, present: str | None = None) -> str:
        """Return a marked text of two thousand characters of many scripts, between white space."""
        text = marked_text(run_state().run, present) + STRESS_PATTERN * STRESS_LENGTH
        return f" {text[: STRESS_LENGTH - 2]}\n"

    @keyword
    def get_first_setting_with_text(self, settings: dict[str, Any], *fields: str) -> str:
        """Return the first of `fields` that is a non-empty text in `settings`, or the first field if there is none."""
        return next((field for field in fields if settings.get(field) and isinstance(settings[field], str)), fields[0])

    @keyword
    def get_invalid_login(
        self, credentials: Literal["wrong password", "unknown user", "malformed body"]
    ) -> dict[str, str] | str:
        """Return the body of a login that must be rejected."""
        state = run_state()
        if credentials == "malformed body":
            return '{"email":'
        if credentials == "unknown user":
            return {"email": "nobody@unknown.example", "password": "a-wrong-password"}
        return {"email": state.email, "password": f"not-the-password-{state.run}"}
