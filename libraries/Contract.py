"""Checks of the API's answers as keywords: each failure says what was promised and what was seen."""

import json
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from jsonschema import Draft202012Validator
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.account.change_tracking import RUN_MARK, refuse_values_of_other_runs
from acceptance.client.exchanges import status_of
from acceptance.client.json_body import read_json, why_not_json

CONTRACTS = Path(__file__).resolve().parents[1] / "resources" / "contracts"
LONGEST_SHOWN = 200
NOTHING = ("none", "null", "undefined")
"""What a parameter holds where a program put nothing into a URL."""

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar"
ERROR_WORDS = ("error", "denied", "fail", "invalid", "missing", "cancel", "expired")
NO_ERRORS = ("", "false", "no", "0", *NOTHING)
"""What a parameter that is named after an error holds where there was none."""

STACK_TRACES = re.compile(r"Traceback \(most recent call last\)|File \".+\", line \d+|\n\s+at (.+ )?\(?\S+:\d+:?\d*\)?")
PAGES = re.compile(r"<(!doctype|html|head|body|title|h1|pre)\b", re.IGNORECASE)


def shown(value: Any) -> str:
    """Return `value` as a failure message shows it: as JSON, in single quotes where it is text, shortened."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_SHOWN:
        return text
    return f"{text[:LONGEST_SHOWN]}… ({len(text):,} characters)"


def call_of(answer: requests.Response) -> str:
    """Return the call that `answer` belongs to: `GET /api/business/me`."""
    return f"{answer.request.method} {urlsplit(str(answer.request.url)).path}"


@cache
def contract(name: str) -> Draft202012Validator:
    """Return the JSON Schema `name` of `resources/contracts/`, ready to validate."""
    return Draft202012Validator(json.loads((CONTRACTS / f"{name}.schema.json").read_text(encoding="utf-8")))


def breaches(value: Any, name: str) -> list[str]:
    """Return what in `value` is not as the contract `name` says, a sentence each; empty where all is."""
    errors = sorted(contract(name).iter_errors(value), key=lambda error: str(error.json_path))
    return list(dict.fromkeys(_breach(error) for error in errors))


def _breach(error: Any) -> str:
    where = error.json_path.removeprefix("$.").removeprefix("$")
    if error.validator == "required":
        missing = [one for one in error.validator_value if one not in error.instance]
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    expected = error.schema.get("description") or f"{error.validator} {shown(error.validator_value)}"
    return f"{where or 'the answer'} is {shown(error.instance)}, but must be {expected}"


def holds(actual: Any, expected: Any) -> bool:
    """Whether `actual` is `expected`, character for character; objects inside lists may have more fields."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(actual) == len(expected) and all(map(holds, actual, expected))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(name in actual and holds(actual[name], value) for name, value in expected.items())
    return type(actual) is type(expected) and bool(actual == expected)


def first_difference(actual: str, expected: str) -> str:
    """Return where two texts part, in words."""
    pairs = enumerate(zip(actual, expected, strict=False), start=1)
    position = next((index for index, (one, other) in pairs if one != other), min(len(actual), len(expected)) + 1)
    return f"they differ from character {position:,} on (saved {len(expected):,}, read back {len(actual):,})"


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class Contract:
    """Compares answers, which are the response objects of RequestsLibrary, with what the API's contract gives."""

    @keyword
    def status_should_be_one_of(self, answer: requests.Response, *statuses: int) -> None:
        """Fails unless the status of `answer` is one of `statuses`."""
        if answer.status_code not in statuses:
            expected = " or ".join(f"{status} {HTTPStatus(status).phrase}" for status in statuses)
            raise AssertionError(f"{call_of(answer)} was answered {status_of(answer)}; the contract gives {expected}.")

    @keyword
    def status_should_not_be(self, answer: requests.Response, status: int) -> None:
        """Fails where the status of `answer` is `status`."""
        if answer.status_code == status:
            raise AssertionError(f"{call_of(answer)} was answered {status_of(answer)}, with a token just given out.")

    @keyword
    def declared_status_should_be_one_of(self, answer: requests.Response, *statuses: str) -> None:
        """Fails where `answer` holds an object whose `status` is none of `statuses`; its form does not matter here."""
        try:
            content = read_json(answer.content)
        except ValueError:
            return
        status = content.get("status", statuses[0]) if isinstance(content, dict) else statuses[0]
        if status not in statuses:
            raise AssertionError(f"{call_of(answer)} was answered with the status {shown(status)}: no success.")

    @keyword
    def should_not_be_an_error(self, answer: requests.Response) -> None:
        """Fails where `answer` declares no status, and has the form of an error instead; else its form is no matter."""
        try:
            content = read_json(answer.content)
        except ValueError:
            return
        if isinstance(content, dict) and "status" not in content and not breaches(content, "error"):
            raise AssertionError(
                f"{call_of(answer)} was answered {status_of(answer)} with the error {shown(content['error'])}."
            )

    @keyword("JSON Object Of")
    def json_object_of(self, answer: requests.Response) -> dict[str, Any]:
        """Return the JSON object in the body of `answer`.

        Fails unless the body is a JSON object in UTF-8 (RFC 8259 section 8.1).
        """
        try:
            value = read_json(answer.content)
        except UnicodeDecodeError:
            raise AssertionError(f"{call_of(answer)} was answered in an encoding other than UTF-8.") from None
        except ValueError as error:
            body = shown(answer.text.strip())
            raise AssertionError(f"{call_of(answer)} was answered with {body}, which is not JSON: {error}.") from None
        if not isinstance(value, dict):
            raise AssertionError(f"{call_of(answer)} was answered with JSON that is not an object: {shown(value)}.")
        return value

    @keyword("Content Type Should Be JSON")
    def content_type_should_be_json(self, answer: requests.Response) -> None:
        """Fails unless `answer` declares itself `application/json`, in UTF-8 where it names a charset."""
        flaw = why_not_json(answer.headers.get("Content-Type", ""))
        if flaw:
            raise AssertionError(f"{call_of(answer)} was answered with {flaw}.")

    @keyword
    def should_keep_contract(self, value: Any, name: str) -> None:
        """Fails unless `value` is as the JSON Schema `name` of `resources/contracts` says."""
        found = breaches(value, name)
        if found:
            raise AssertionError(f"The answer breaks the contract “{name}”: {'; '.join(found)}.")

    @keyword
    def setting_that_holds_a_text(self, settings: dict[str, Any], *fields: str) -> str:
        """Return the first of `fields` that holds a text in `settings`, and simply the first where none does."""
        return next((field for field in fields if settings.get(field) and isinstance(settings[field], str)), fields[0])

    @keyword
    def settings_should_read(self, settings: dict[str, Any], saved: dict[str, Any]) -> None:
        """Fails unless each setting that was `saved` is in `settings` exactly as it was sent."""
        for field, value in saved.items():
            self._setting_should_read(settings, field, value)

    def _setting_should_read(self, settings: dict[str, Any], field: str, expected: Any) -> None:
        name = field.replace("_", " ").capitalize().replace("Faqs", "FAQs")
        saved = f"{name} {'were' if name.endswith('s') else 'was'} saved as {shown(expected)}"
        if field not in settings:
            raise AssertionError(f"{saved}, but nothing of it was read back.")
        actual = settings[field]
        if holds(actual, expected):
            return
        refuse_values_of_other_runs({field: actual}, RUN_MARK.findall(str(expected)))
        message = f"{saved}, but read back as {shown(actual)}"
        if isinstance(actual, str) and isinstance(expected, str) and len(expected) > LONGEST_SHOWN:
            message += f"; {first_difference(actual, expected)}"
        raise AssertionError(f"{message}.")

    @keyword
    def settings_should_be_untouched(
        self, before: dict[str, Any], after: dict[str, Any], *fields: str, sent: dict[str, Any] | None = None
    ) -> None:
        """Fails unless each of the `fields`, but for those `sent`, is `after` an update as it was `before`."""
        there = [name for name in fields if name in before and name not in (sent or {})]
        touched = [name for name in there if name not in after or not holds(after[name], before[name])]
        if touched:
            changes = "; ".join(f"{name} was {shown(before[name])} and is {shown(after.get(name))}" for name in touched)
            raise AssertionError(f"Settings changed that were not sent: {changes}.")

    @keyword
    def should_be_a_client_error(self, answer: requests.Response) -> None:
        """Fails unless the status of `answer` is one of 400 to 499."""
        if not 400 <= answer.status_code < 500:
            raise AssertionError(
                f"{call_of(answer)} was answered {status_of(answer)}; the contract gives a refusal (4xx)."
            )

    @keyword
    def should_hold_no_stack_trace(self, answer: requests.Response) -> None:
        """Fails where the body of `answer` shows a stack trace."""
        if STACK_TRACES.search(answer.text.replace("\\n", "\n").replace('\\"', '"')):
            raise AssertionError(f"{call_of(answer)} was answered {status_of(answer)} with a stack trace.")

    @keyword
    def should_hold_no_page(self, answer: requests.Response) -> None:
        """Fails where the body of `answer` holds HTML."""
        if PAGES.search(answer.text):
            raise AssertionError(f"{call_of(answer)} was answered {status_of(answer)} with HTML.")

    @keyword
    def scope_should_hold_a_calendar(self, scope: str) -> None:
        """Fails unless one of the scopes in `scope`, between spaces, is one of Google's for calendars."""
        if not any(one == CALENDAR_SCOPE or one.startswith(f"{CALENDAR_SCOPE}.") for one in scope.split()):
            raise AssertionError(f"Google is not asked for a calendar: the scope is {shown(scope)}.")

    @keyword
    def redirect_target_of(self, answer: requests.Response) -> str:
        """Return the URL that `answer` redirects to.

        Fails unless it is a 302 with a `Location` (RFC 9110 section 10.2.2).
        """
        location = answer.headers.get("Location", "")
        if answer.status_code != requests.codes.found or not location:
            raise AssertionError(
                f"{call_of(answer)} was answered {status_of(answer)}"
                f"{'' if location else ' without a Location'}; the contract gives a redirect (302)."
            )
        return location

    @keyword
    def redirect_should_lead_to(self, target: str, origin: str) -> None:
        """Fails unless the URL `target` is on `origin`, which is a scheme and a host."""
        if _origin(target) != origin:
            raise AssertionError(f"The redirect leads to {_origin(target)}, not to {origin}.")

    @keyword
    def redirect_should_not_lead_to(self, target: str, origin: str) -> None:
        """Fails where the URL `target` is on `origin`, which is a scheme and a host."""
        if _origin(target) == origin:
            raise AssertionError(f"The redirect leads to {origin}.")

    @keyword
    def query_parameter_of(self, target: str, name: str) -> str:
        """Return the value of the query parameter `name` of the URL `target`.

        Fails unless it is there once, and not empty.
        """
        values = parse_qs(urlsplit(target).query, keep_blank_values=True).get(name, [])
        if len(values) != 1 or values[0].strip().lower() in ("", *NOTHING):
            raise AssertionError(f"The redirect must have the parameter '{name}' once, with a value; it has {values}.")
        return values[0]

    @keyword("URL Should Be Absolute")
    def url_should_be_absolute(self, url: str) -> None:
        """Fails unless `url` has a scheme, http or https, and a host, and no fragment (RFC 6749 section 3.1.2)."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or (parts.hostname or "none") in NOTHING or "#" in url:
            raise AssertionError(
                f"The way back from Google is {shown(url)}, which is no absolute URL, or has a fragment."
            )

    @keyword
    def redirect_should_carry_an_error(self, target: str) -> None:
        """Fails unless the URL `target` tells the dashboard, in its query or fragment, that something went wrong."""
        parts = urlsplit(target)
        parameters = [*parse_qsl(parts.query.lower()), *parse_qsl(parts.fragment.lower())]
        told = [f"{name}={value}" for name, value in parameters if value.strip() not in NO_ERRORS]
        if not any(word in one for one in told for word in ERROR_WORDS):
            raise AssertionError(f"The redirect to {parts.netloc}{parts.path} carries no error to show.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
