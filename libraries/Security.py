"""Checks of what a response must not reveal, and whom it must not serve."""

import re
import time
from typing import Any

import requests
from robot.api import SkipExecution, logger
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.account.marks import run_mark
from acceptance.client.exchanges import call_of, status_of
from acceptance.client.json_body import json_value
from acceptance.credentials import words_of
from acceptance.exit_codes import ApiFailure
from OAuth import origin
from Responses import outcome, shown
from run_state import failure, run_state

_PROTECTED = re.compile(
    r"_?id|uuid|owner|tenant|owner_?email"
    r"|(?:owner|user|account|tenant|business|company|organi[sz]ation|workspace)_?(?:id|uuid)",
    re.IGNORECASE,
)
"""The names of fields that no owner may set: who a business is, and whose."""

MOST_SHOWN = 3
NEXT_SECOND = 1.1
_ID_OR_TIME = re.compile(
    r"[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}|\d{2,}(?:[-:.T+]\d{2,})+Z?|\d{9,}(?:\.\d+)?", re.IGNORECASE
)
_ID_OR_TIME_WORD = re.compile(
    "id|ref|reference|trace|instance|span|ray|nonce|time|timestamp|date|at|ms|seconds|duration|elapsed|took|length"
)
"""The words at the end of the names of ids and times."""

_SHARED_CACHES = re.compile(r"(?:^|,)\s*(public|s-maxage\s*=\s*\"?(?!0\b)[^,]*)\s*(?=,|$)", re.IGNORECASE)
_NO_CACHES = re.compile(r"(?:^|,)\s*(?:no-store|private)\s*(?=,|$)", re.IGNORECASE)


def without_ids_and_times(value: Any, email: str) -> Any:
    """Return a JSON value without what differs between two responses to the same request: ids, times, the address."""
    if isinstance(value, dict):
        names = [name for name in value if not any(map(_ID_OR_TIME_WORD.fullmatch, words_of(name)[-1:]))]
        return {name: without_ids_and_times(value[name], email) for name in names}
    if isinstance(value, list):
        return [without_ids_and_times(one, email) for one in value]
    if isinstance(value, str):
        return _ID_OR_TIME.sub("•", re.sub(re.escape(email), "•", value, flags=re.IGNORECASE))
    return None if isinstance(value, float) else value


def caching_problem(response: requests.Response) -> str | None:
    """Return the directive that lets shared caches keep `response` (RFC 9111 section 5.2.2), None without one."""
    directives = response.headers.get("Cache-Control", "")
    found = _SHARED_CACHES.search(directives)
    return found[1].strip() if found and not _NO_CACHES.search(directives) else None


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class Security:
    """Checks of what a response must not reveal, and whom it must not serve."""

    @keyword
    def responses_should_show_no_credential(self) -> None:
        """Fails where a response to this suite, to the login or to the health check shows a credential.

        Credentials are found by the names of fields and by known shapes. A response may show what its own request
        contained, and the token of the caller.
        """
        found = list(dict.fromkeys(run_state().exposures))
        if found:
            more = f"; and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
            raise ApiFailure(f"{'; '.join(found[:MOST_SHOWN])}{more}.")

    @keyword
    def responses_should_be_indistinguishable(self, first: requests.Response, second: requests.Response) -> None:
        """Fails unless two responses have the same status, and the same body but for ids, times and the address."""
        compared = []
        for response in (first, second):
            email = str((json_value(response.request.body) or {}).get("email"))
            body = json_value(response.content)
            text = response.content.decode("utf-8", "replace") if body is None else body
            compared.append((response.status_code, without_ids_and_times(text, email)))
        if compared[0] != compared[1]:
            what = "status" if compared[0][0] != compared[1][0] else "body"
            raise failure(
                f"{call_of(first.request)} returned another {what} for an unknown user than for a wrong password, so "
                f"that anybody can find out who has an account: {status_of(first)}, {status_of(second)}.",
                second,
            )

    @keyword
    def response_should_not_be_publicly_cacheable(self, response: requests.Response) -> None:
        """Fails where shared caches may keep the `response`, which is for the caller alone."""
        directive = caching_problem(response)
        if directive:
            problem = f"{outcome(response)} with Cache-Control: {directive}, expected none that lets others read it."
            raise failure(problem, response)

    @keyword
    def origin_should_not_be_trusted(self, response: requests.Response, foreign: str) -> None:
        """Fails where the `response` lets pages of the `foreign` origin read it with the user's credentials."""
        headers = response.headers
        allows_credentials = headers.get("Access-Control-Allow-Credentials", "").strip().lower() == "true"
        if allows_credentials and headers.get("Access-Control-Allow-Origin", "").strip() == foreign:
            raise failure(f"{outcome(response)}, and allows {foreign} to read it with credentials.", response)

    @keyword
    def redirect_should_not_lead_to(self, response: requests.Response, unexpected: str) -> None:
        """Fails where the `response` redirects to the `unexpected` origin."""
        location = response.headers.get("Location", "")
        if response.is_redirect and origin(location) == unexpected:
            raise failure(f"{outcome(response)} to {unexpected}, expected a rejection.", response)

    @keyword
    def note_missing_header(self, response: requests.Response, status: int, header: str) -> None:
        """Note where the `response` has the `status` and lacks the `header` that RFC 9110 asks for."""
        if response.status_code == status and header not in response.headers:
            logger.warn(f"{outcome(response)} without {header}, which RFC 9110 asks for.")

    @keyword
    def skip_if_same_business(self, own: dict[str, Any], other: dict[str, Any]) -> None:
        """Skip the current test where both accounts have the same business."""
        if own.get("id") == other.get("id"):
            raise SkipExecution("Both accounts have the same business.")

    @keyword
    def settings_should_not_contain_mark(self, settings: dict[str, Any]) -> None:
        """Fails where one of the `settings` of another owner contains the mark of this run."""
        found = sorted(name for name, value in settings.items() if run_mark(run_state().run) in str(value))
        if found:
            names = ", ".join(found)
            raise failure(f"What the owner saved is in the settings of another owner: {names}.", settings)

    @keyword
    def get_fields_of_other_owner(self, own: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """Return the fields in which two businesses differ and that no owner may set, with the values of the other.

        What else differs may be the owner's to set, such as a website, or change with each update, such as a time.
        """
        names = [name for name in own if _PROTECTED.fullmatch(name) and name in other and own[name] != other[name]]
        return {name: other[name] for name in names if isinstance(other[name], str | int)}

    @keyword
    def wait_until_next_second(self) -> None:
        """Wait until the backend's clock shows another second, which a signed state may hold."""
        time.sleep(NEXT_SECOND)

    @keyword
    def state_should_be_unguessable(self, first: str, second: str, business_id: str | int) -> None:
        """Fails unless two values of `state` differ, and none is the id of the business."""
        if str(business_id) in (first, second):
            raise ApiFailure("The state of OAuth start is the id of the business, which others know.")
        if first == second:
            raise ApiFailure(f"OAuth start returned the same state twice: {shown(first)}.")
