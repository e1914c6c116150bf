"""Checks of responses as keywords: status, JSON, JSON Schema, and the structure of errors."""

import json
import os
import re
from functools import cache
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

import requests
from jsonschema import Draft202012Validator
from robot.api.deco import keyword, library

import project_root  # noqa: F401
from acceptance.client.exchanges import (
    CALLS_DIRECTORY_VARIABLE,
    FieldsRead,
    call_of,
    record_fields,
    status_of,
)
from acceptance.client.explanation import explanation_of, page_of, why_not_readable
from acceptance.client.json_body import read_json, why_not_json
from acceptance.exit_codes import AUTHENTICATION
from acceptance.texts import LONGEST_SHOWN, cut, named
from run_state import failure

SCHEMAS = Path(__file__).resolve().parents[1] / "resources" / "schemas"
MOST_MISMATCHES = 20
STACK_TRACES = re.compile(
    r"""Traceback \(most recent call last\)|File "[^"\n]{1,300}", line \d"""
    r"""|^[^\S\n]++at (?:[^\n]{1,300} )?\(?\S{1,300}:\d""",
    re.MULTILINE,
)
HTML_TAGS = re.compile(r"<(!doctype|html|head|body|title|h1|pre)\b", re.IGNORECASE)


class JSONObject(dict[str, Any]):
    """A JSON object that a response contained.

    Attributes:
        response: The response.
    """

    def __init__(self, fields: dict[str, Any], response: requests.Response) -> None:
        super().__init__(fields)
        self.response = response


def shown(value: Any) -> str:
    """Return `value` as a failure message shows it: text in single quotes, other values as JSON, shortened."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_SHOWN:
        return text
    return f"{text[:LONGEST_SHOWN]}… ({len(text):,} characters)"


def outcome(response: requests.Response) -> str:
    """Return request and status of `response`: `GET /api/business/me returned 401 Unauthorized`."""
    return f"{call_of(response.request)} returned {status_of(response)}"


def json_or_none(response: requests.Response) -> Any:
    """Return the JSON value in the body of `response`, None where there is none."""
    try:
        return read_json(response.content)
    except ValueError:
        return None


@cache
def read_schema(schema: str) -> dict[str, Any]:
    """Return the JSON Schema `schema` of `resources/schemas/`."""
    return json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def validator(schema: str) -> Draft202012Validator:
    """Return a validator for a schema."""
    return Draft202012Validator(read_schema(schema))


def mismatches(value: Any, schema: str) -> list[str]:
    """Return where `value` does not match `schema`, one clause for each error; empty where it matches."""
    errors = sorted(islice(validator(schema).iter_errors(value), MOST_MISMATCHES), key=lambda one: str(one.json_path))
    return list(dict.fromkeys(_mismatch(error) for error in errors))


def types_of(schema: str) -> dict[str, list[str]]:
    """Return the JSON types that `schema` accepts for each of its fields, none for a field of any type."""
    found = {}
    for name, described in read_schema(schema).get("properties", {}).items():
        given = [one.get("type", []) for one in (described, *described.get("anyOf", ()))]
        found[name] = [kind for kinds in given for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return found


def record_read(value: Any, schema: str) -> None:
    """Record, for the comparison with OpenAPI, that a check read the fields of `schema` from a response."""
    response, directory = getattr(value, "response", None), os.environ.get(CALLS_DIRECTORY_VARIABLE)
    if response is not None and directory:
        method, _, path = call_of(response.request).partition(" ")
        types = {name: kinds for name, kinds in types_of(schema).items() if name in value}
        fields = FieldsRead(method, path, response.status_code, types)
        record_fields(Path(directory), fields, str(os.getpid()))


def _mismatch(error: Any) -> str:
    where = cut(error.json_path.removeprefix("$.").removeprefix("$"))
    if error.validator == "required":
        missing = [one for one in error.validator_value if one not in error.instance]
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    expected = error.schema.get("description") or f"{error.validator} {shown(error.validator_value)}"
    return f"{where or 'the response'} is {shown(error.instance)}, expected {expected}"


def status_problem(response: requests.Response, *statuses: int) -> str | None:
    """Return what is wrong with the status of `response`, None where it is one of `statuses`."""
    if response.status_code in statuses:
        return None
    expected = " or ".join(f"{status} {HTTPStatus(status).phrase}" for status in statuses)
    return f"{outcome(response)}, expected {expected}{_reason(response)}"


def _reason(response: requests.Response) -> str:
    """Return what explains an unexpected status, as the end of a failure message."""
    explanation = explanation_of(response)
    return f": {explanation}" if explanation else "."


@library(scope="GLOBAL", version="1.0", doc_format="MARKDOWN")
class Responses:
    """Checks responses, which are the response objects of RequestsLibrary, against the contract of the API."""

    @keyword
    def response_status_should_be(self, response: requests.Response, *statuses: int) -> None:
        """Fails unless the status of `response` is one of `statuses`."""
        problem = status_problem(response, *statuses)
        if problem:
            raise failure(problem, response)

    @keyword
    def response_should_not_be_unauthorized(self, response: requests.Response) -> None:
        """Fails where the status of `response` is 401; the failure belongs to phase 1."""
        if response.status_code == requests.codes.unauthorized:
            problem = f"{outcome(response)} for the token that the login had just issued."
            raise failure(problem, response, AUTHENTICATION)

    @keyword
    def response_should_be_client_error(self, response: requests.Response) -> None:
        """Fails unless the status of `response` is one of 400 to 499."""
        if not 400 <= response.status_code < 500:
            raise failure(f"{outcome(response)}, expected a client error (4xx){_reason(response)}", response)

    @keyword("Get JSON Object")
    def get_json_object(self, response: requests.Response) -> dict[str, Any]:
        """Return the JSON object in the body of `response`.

        Fails unless the body is a JSON object in UTF-8 (RFC 8259 section 8.1).
        """
        try:
            value = read_json(response.content)
        except ValueError as error:
            found = why_not_readable(response)
            if found:
                raise failure(f"{outcome(response)} with {found}, expected JSON.", response) from None
            if isinstance(error, UnicodeDecodeError):
                raise failure(f"{call_of(response.request)} returned a body that is not UTF-8.", response) from None
            problem = f"{outcome(response)} with {shown(response.text.strip())}, which is not JSON: {error}."
            raise failure(problem, response) from None
        if not isinstance(value, dict):
            raise failure(f"{outcome(response)} with {shown(value)}, expected a JSON object.", response)
        return JSONObject(value, response)

    @keyword("Content Type Should Be JSON")
    def content_type_should_be_json(self, response: requests.Response) -> None:
        """Fails unless `response` declares itself `application/json`, in UTF-8 where it names a charset."""
        flaw = why_not_json(response.headers.get("Content-Type", ""))
        if flaw:
            page = page_of(response)
            raise failure(f"{outcome(response)} with {flaw}{f': {page}' if page else '.'}", response)

    @keyword
    def error_should_be_structured(self, response: requests.Response) -> None:
        """Fails unless the body of `response` has an error code and a message, as the schema `error` says."""
        error = self.get_json_object(response)
        found = mismatches(error, "error")
        if found:
            there = f"the body has {named(error) or 'no field'} only"
            raise failure(f"{outcome(response)} without a structured error: {'; '.join(found)}; {there}.", response)
        record_read(error, "error")

    @keyword
    def value_should_be_found(self, values: list[Any], field: str, source: dict[str, Any]) -> None:
        """Fails where no `values` of the `field` were found in `source`."""
        if not values:
            raise failure(f"{field} is missing from the response.", source)

    @keyword
    def should_match_schema(self, value: Any, schema: str) -> None:
        """Fails unless `value` matches the JSON Schema `schema` of `resources/schemas`."""
        found = mismatches(value, schema)
        if found:
            raise failure(f"The response does not match the schema “{schema}”: {'; '.join(found)}.", value)
        record_read(value, schema)

    @keyword
    def response_should_not_contain_stack_trace(self, response: requests.Response) -> None:
        """Fails where the body of `response` contains a stack trace."""
        if STACK_TRACES.search(response.text.replace("\\n", "\n").replace('\\"', '"')):
            raise failure(f"{outcome(response)} with a stack trace.", response)

    @keyword("Response Should Not Contain HTML")
    def response_should_not_contain_html(self, response: requests.Response) -> None:
        """Fails where the body of `response` contains HTML."""
        if HTML_TAGS.search(response.text):
            raise failure(f"{outcome(response)} with HTML.", response)
