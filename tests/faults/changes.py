"""Changes that faults make to responses, to the settings in them and to the fields of an update."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.faults.middleware import Response

Change = Callable[[Response], Response]
Fields = dict[str, Any]
FieldsChange = Callable[[Fields], Fields]


def with_status(status: int) -> Change:
    """Give a response another status."""
    return lambda one: replace(one, status=status)


def with_headers(**headers: str) -> Change:
    """Give a response more headers; an underscore stands for a hyphen."""
    return lambda one: one.with_headers(**headers)


def with_body(body: str | bytes) -> Change:
    """Give a response another body and leave its headers."""
    return lambda one: one.with_body(body)


def body(change: Callable[[bytes], str | bytes]) -> Change:
    """Change the body of a response."""
    return lambda one: one.with_body(change(one.body))


def content(change: Callable[[Any], Any]) -> Change:
    """Change the value of a JSON body."""
    return lambda one: one.with_content(change(one.content))


def delivered(delivery: Literal["truncated", "reset", "slow", "chunked", "hinted"]) -> Change:
    """Let the connection deliver a response in another way."""
    return lambda one: replace(one, delivery=delivery)


def replaced_by(response: Response) -> Change:
    """Return `response` instead."""
    return lambda _: response


def json_response(status: int, value: object) -> Change:
    """Return a JSON response instead."""
    return replaced_by(Response.json(status, value))


def html_response(status: int, text: str = "Something broke") -> Change:
    """Return an HTML page instead."""
    return replaced_by(Response.html(status, text))


def empty_response(status: int) -> Change:
    """Return a response without a body instead."""
    return replaced_by(Response(status))


def redirect(location: str, status: int = 302) -> Change:
    """Return a redirect instead."""
    return replaced_by(Response(status, {"location": location}))


def as_html(response: Response) -> Response:
    """Replace a response by an HTML page with the same status."""
    return Response.html(response.status)


def as_json_string(response: Response) -> Response:
    """Put the JSON body of a response into a JSON string."""
    return response.with_content(response.body.decode())


def in_utf_16(response: Response) -> Response:
    """Encode the body of a response in UTF-16."""
    return response.with_body(response.body.decode().encode("utf-16"))


def twice(response: Response) -> Response:
    """Repeat the body of a response."""
    return response.with_body(response.body * 2)


def followed_by(tail: bytes) -> Change:
    """Append to the body of a response."""
    return body(lambda one: one + tail)


def truncated(length: int) -> Change:
    """Cut the body of a response."""
    return body(lambda one: one[:length])


def with_duplicate_field(name: str, value: Any) -> Change:
    """Add a field to a JSON object that already has one of that name."""
    return body(lambda one: one.rstrip()[:-1] + f", {json.dumps({name: value})[1:-1]}}}".encode())


def with_fields(**values: Any) -> FieldsChange:
    """Set fields of an object."""
    return lambda fields: fields | values


def without(*names: str) -> FieldsChange:
    """Remove fields from an object."""
    return lambda fields: {name: value for name, value in fields.items() if name not in names}


def in_list(value: Any) -> list[Any]:
    """Put a value into a list."""
    return [value]


def nested_in(name: str) -> Callable[[Any], Fields]:
    """Put a value into a field of an object."""
    return lambda value: {name: value}


def location(change: Callable[[str], str]) -> Change:
    """Change where a redirect leads."""
    return lambda one: one.with_headers(location=change(one.headers["location"]))


def query(change: FieldsChange) -> Change:
    """Change the query of a redirect; a list stands for a parameter that is repeated."""

    def changed(url: str) -> str:
        parameters = change(dict(parse_qsl(urlsplit(url).query)))
        return f"{url.partition('?')[0]}?{urlencode(parameters, doseq=True)}"

    return location(changed)


def duplicated(parameter: str) -> FieldsChange:
    """Repeat a parameter of a query."""
    return lambda parameters: parameters | {parameter: [parameters[parameter]] * 2}


def texts(change: Callable[[str], Any]) -> FieldsChange:
    """Change the texts among fields."""
    return lambda fields: {name: change(one) if isinstance(one, str) else one for name, one in fields.items()}


def text(name: str, change: Callable[[str], Any]) -> FieldsChange:
    """Change the text of one field, where it is there."""
    return lambda fields: fields | {name: change(fields[name])} if isinstance(fields.get(name), str) else fields


def faqs(change: Callable[[list[dict[str, Any]]], Any]) -> FieldsChange:
    """Change the FAQs among fields."""
    return lambda fields: fields | {"faqs": change(fields["faqs"])} if fields.get("faqs") else fields


def faq_texts(change: Callable[[str], str]) -> FieldsChange:
    """Change the texts of the FAQs among fields."""
    return faqs(lambda one: [{name: change(text) for name, text in faq.items()} for faq in one])
