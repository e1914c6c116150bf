"""Values that the tests send: forms, marked texts and FAQs, stress texts, and credentials that must be rejected."""

import unicodedata
from collections.abc import Callable
from typing import Any, Literal

from robot.api import SkipExecution
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.account.marks import Before, Mark, run_mark, without_marks
from E164 import why_not_e164
from run_state import run_state

FREE_TEXTS = ("industry", "business_hours", "common_services", "greeting_style", "description")
"""The settings that hold any text."""

FORM = (*FREE_TEXTS, "timezone", "name", "faqs")
PHONE_SETTINGS = ("phone_number", "receptionist_enabled")
"""The settings that a form contains only where the number is valid: the receptionist cannot be enabled without one."""

LONGEST_NEW_TEXT = 50
"""The longest text in place of a shorter one, in characters and in bytes: columns may be as short as that."""

STRESS_TEXT = 'é’"<b>&\\🦷'  # noqa: RUF001
ZERO_WIDTH_JOINER = "\u200d"
SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")

MarkMaker = Callable[[Before], Mark]


def marked_text(mark: MarkMaker, present: str | None = None, *, in_front: bool = False) -> str:
    """Return `present` with a mark of the run, shortened so that it fits where `present` does.

    Args:
        mark: Makes the mark of the run, from what `present` was before.
        present: The present text; the marks in it are replaced.
        in_front: Whether the mark stands before the text, not after it.
    """
    text, before = without_marks(present or "")
    before = before or ("null" if present is None else "whole" if present else "empty")
    room = len(str(mark(before))) + 1
    characters = max(LONGEST_NEW_TEXT, len(present or "")) - room
    octets = max(LONGEST_NEW_TEXT, len((present or "").encode("utf-8", "surrogatepass"))) - room
    kept = shortened(text, characters, octets)
    made = str(mark(before if kept == text else "shortened"))
    return " ".join(part for part in ((made, kept) if in_front else (kept, made)) if part)


def shortened(text: str, characters: int, octets: int) -> str:
    """Return as much of `text` as has at most so many characters and UTF-8 bytes; no visible character is cut."""
    end = min(len(text), characters)
    while len(text[:end].encode("utf-8", "surrogatepass")) > octets:
        end -= 1
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return text[:end]


def _continues(text: str, position: int) -> bool:
    """Return whether the character at `position` belongs to the one before it."""
    one = text[position]
    is_mark = unicodedata.category(one) in ("Mn", "Me", "Mc") or SKIN_TONES[0] <= one <= SKIN_TONES[1]
    return is_mark or ZERO_WIDTH_JOINER in (one, text[position - 1])


def stress_text(mark: Mark) -> str:
    """Return a marked text of several scripts between white space, as short as a text in any setting may be."""
    return f" {mark}{STRESS_TEXT}\n"


def marked_faqs(mark: Mark, present: list[Any] | None = None) -> list[Any]:
    """Return the FAQs that are `present` and a marked one, which has the same structure as the first."""
    present = present or []
    first = present[0] if present else {"question": "", "answer": ""}
    if not isinstance(first, dict):
        return [*present, stress_text(mark)]
    added = {
        name: stress_text(mark) if isinstance(value, str) else value for name, value in first.items() if name != "id"
    }
    return [*present, added]


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class TestData:
    """Returns the values that the tests send.

    Forms and new values contain a mark that names the run, so that a value that was left behind can be recognised.
    """

    @keyword
    def get_marked_text(self, present: str | None = None) -> str:
        """Return a text that differs from the `present` one by the mark of this run, and fits where it does."""
        state = run_state()
        text = marked_text(state.mark, present)
        return text if text != present else marked_text(state.mark, present, in_front=True)

    @keyword("Get Marked FAQs")
    def get_marked_faqs(self, present: list[Any] | None = None) -> list[Any]:
        """Return the `present` FAQs and a marked one, which has the same structure as the first."""
        return marked_faqs(run_state().mark("whole"), present)

    @keyword
    def get_stress_text(self) -> str:
        """Return a marked text of several scripts between white space, at most 50 bytes long."""
        return stress_text(run_state().mark("shortened"))

    @keyword
    def get_form(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return what the dashboard saves: all `settings` as they are, but for one text, which is marked.

        That text is the shortest that is not empty. The phone settings belong to the form where they are valid. The
        settings that the team configuration excludes never do; the test is skipped where it excludes all texts.
        """
        state = run_state()
        marked = _text_to_mark(settings)
        names = (*FORM, *(PHONE_SETTINGS if _has_phone(settings) else ()))
        form = {name: settings[name] for name in names if name in settings and name not in state.excluded_settings}
        return form | {marked: self.get_marked_text(settings[marked])}

    @keyword
    def get_second_form(self, before: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
        """Return a form of the `present` settings that saves again what they were `before` the first form.

        So a backend that damages them is distinguished from a client that has edited them meanwhile.
        """
        form = self.get_form(present)
        marked = self.get_changes(present, form)
        return {name: value if name in marked else before.get(name, value) for name, value in form.items()}

    @keyword
    def get_marked_update(self, settings: dict[str, Any]) -> dict[str, str]:
        """Return an update of the text that a form marks, with a value that differs from the one in `settings`."""
        name = _text_to_mark(settings)
        return {name: self.get_marked_text(settings[name])}

    @keyword
    def get_changes(self, settings: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of `form` whose value is not that in `settings`."""
        return {name: value for name, value in form.items() if value != settings[name]}

    @keyword
    def skip_if_excluded(self, setting: str) -> None:
        """Skip the current test where the team configuration excludes the `setting` from being saved."""
        if setting in run_state().excluded_settings:
            raise SkipExecution(f"Not saved: acceptance.toml excludes {setting}.")

    @keyword
    def get_included_settings(self, *settings: str) -> list[str]:
        """Return those of the `settings` that the team configuration does not exclude from being saved."""
        return [name for name in settings if name not in run_state().excluded_settings]

    @keyword
    def get_invalid_login(
        self, credentials: Literal["wrong password", "unknown user", "malformed body"]
    ) -> dict[str, str] | str:
        """Return the body of a login that must be rejected.

        A backend that counts failed logins may lock their address. So the unknown user is another one in each run, and
        a wrong password is tried on the second account where there is one.
        """
        state = run_state()
        if credentials == "malformed body" or state.target is None:
            return '{"email":'
        account = state.target.other or state.target
        email = f"nobody-{state.run}@unknown.example" if credentials == "unknown user" else account.email
        return {"email": email, "password": f"not-the-password-{state.run}"}


def _has_phone(settings: dict[str, Any]) -> bool:
    """Return whether the phone settings are valid, so that a backend cannot reject them."""
    is_boolean = isinstance(settings.get("receptionist_enabled"), bool)
    return is_boolean and why_not_e164(settings.get("phone_number")) is None


def _text_to_mark(settings: dict[str, Any]) -> str:
    """Return the text that already has the mark, else the shortest that is not empty, else the first."""
    state = run_state()
    names = [name for name in FREE_TEXTS if name in settings and name not in state.excluded_settings]
    texts = {name: settings[name] or "" for name in names if isinstance(settings[name], str | None)}
    if not texts:
        raise SkipExecution("There is no text setting that the run may save.")
    marked = [name for name, text in texts.items() if run_mark(state.run) in text]
    filled = [name for name, text in texts.items() if text]
    return next(iter(marked), None) or min(filled or texts, key=lambda name: len(texts[name]))
