"""The target's OpenAPI document (3.0 or 3.1), compared with what a run relied on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from openapi_pydantic import parse_obj

from acceptance.client.endpoints import OPENAPI_PATH
from acceptance.client.exchanges import Call, FieldsRead

JSON = "application/json"
METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
NOT_RELIED_ON = (404, 405, 429)
"""Statuses of requests to unknown paths and with wrong methods, and of throttling."""

MOST_LINES = 20
MOST_PARTS = 50
"""How many alternatives of a schema are looked at."""

NUMBERS = {"integer", "number"}


@dataclass(frozen=True)
class Operation:
    """What the document declares of a method of a path.

    Attributes:
        needs_token: Whether it declares a security scheme.
        request: The schema of the request's JSON body, None where none is declared.
        responses: The schema of the response's JSON body for each status, for ranges such as `4XX`, and for `default`.
    """

    needs_token: bool
    request: Any
    responses: Mapping[str, Any]

    def declared(self, status: int) -> str | None:
        """Return what declares `status`, None where nothing does."""
        candidates = (str(status), f"{status // 100}XX", "default")
        return next((one for one in candidates if one in self.responses), None)


@dataclass(frozen=True)
class Undeclared:
    """Something that the document does not declare.

    Attributes:
        kind: `status` or `field`.
        name: The status or the name of the field.
        place: Where the field is: `request`, or `response 200`; empty for a status.
    """

    kind: Literal["status", "field"]
    name: str
    place: str = ""


class Document:
    """An OpenAPI document.

    Args:
        content: The JSON object.

    Raises:
        ValueError: It is no OpenAPI document of version 3.0 or 3.1.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._api = parse_obj(content)
        self._servers = [urlsplit(server.url).path for server in self._api.servers or ()]
        self._paths: Mapping[str, Any] = self._api.paths or {}

    def operations(self) -> Iterator[tuple[str, str, Operation]]:
        """Yield the method, the path and the declaration of each operation."""
        for path in self._paths:
            for method in METHODS:
                operation = self._operation(path, method)
                if operation:
                    yield method, path, operation

    def differences(self, calls: Iterable[Call], fields: Iterable[FieldsRead], url: str) -> list[str]:
        """Return what a run relied on that the document does not declare, or declares otherwise: a line an endpoint.

        Args:
            calls: The requests of the run.
            fields: The fields that it read from responses.
            url: The base URL of the target.
        """
        relied_on: dict[tuple[str, str], tuple[list[Call], list[FieldsRead]]] = {}
        for call in calls:
            if _is_relied_on(call.status) and not call.path.endswith(OPENAPI_PATH):
                relied_on.setdefault((call.method, call.path), ([], []))[0].append(call)
        for one in fields:
            if _is_relied_on(one.status):
                relied_on.setdefault((one.method, one.path), ([], []))[1].append(one)
        prefixes = ["", *(path.rstrip("/") for path in (urlsplit(url).path, *self._servers))]
        lines = []
        for (method, path), (sent, read) in sorted(relied_on.items()):
            found = list(self._undeclared(method, self._template(path, prefixes), sent, read))
            lines += [f"{method} {path}: {_in_words(found)}."] if found else []
        more = [f"And {len(lines) - MOST_LINES} more endpoints."] if len(lines) > MOST_LINES else []
        return [*lines[:MOST_LINES], *more]

    def _template(self, path: str, prefixes: Sequence[str]) -> str | None:
        """Return the path of the document that `path` is, or the template that it fits; None where there is none."""
        paths = [path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix)]
        exact = next((one for one in paths if one in self._paths), None)
        return exact or next((one for one in self._paths if any(_fits(path, one) for path in paths)), None)

    def _undeclared(
        self, method: str, path: str | None, calls: Iterable[Call], fields: Iterable[FieldsRead]
    ) -> Iterator[Undeclared | str]:
        """Yield what the document does not declare of the calls of one endpoint, or declares otherwise."""
        operation = None if path is None else self._operation(path, method)
        if operation is None:
            yield "the path is not declared" if path is None else "the method is not declared"
            return
        for call in calls:
            yield from self._of_call(call, operation)
        for one in fields:
            yield from self._of_fields(one, operation)

    def _of_call(self, call: Call, operation: Operation) -> Iterator[Undeclared | str]:
        if operation.declared(call.status or 0) is None:
            yield Undeclared("status", str(call.status))
        if call.sent and not self._has_fields(operation.request):
            yield "no field of the request is declared"
        elif call.sent:
            sent = (name for name in call.sent if self._types_of(operation.request, name) is None)
            yield from (Undeclared("field", name, "request") for name in sent)

    def _of_fields(self, read: FieldsRead, operation: Operation) -> Iterator[Undeclared | str]:
        schema = operation.responses.get(operation.declared(read.status) or "")
        place = f"response {read.status}"
        if operation.declared(read.status) and not self._has_fields(schema):
            yield f"no field of the {place} is declared"
        elif operation.declared(read.status):
            for name, types in read.types.items():
                declared = self._types_of(schema, name)
                if declared is None:
                    yield Undeclared("field", name, place)
                elif types and declared and not _overlap(types, declared):
                    is_declared, is_read = (" or ".join(sorted(one)) for one in (declared, types))
                    yield f"field {name} of the {place} is declared as {is_declared}, read as {is_read}"

    def _operation(self, path: str, method: str) -> Operation | None:
        """Return what is declared of a method, None where nothing is."""
        operation = getattr(self._paths[path], method.lower(), None) if method in METHODS else None
        if operation is None:
            return None
        security = operation.security if operation.security is not None else self._api.security
        return Operation(
            needs_token=bool(security),
            request=self._body(operation.requestBody),
            responses={
                status.upper().replace("DEFAULT", "default"): self._body(one)
                for status, one in (operation.responses or {}).items()
            },
        )

    def _body(self, described: Any) -> Any:
        """Return the schema of the JSON body of a request or response, None where there is none."""
        content = getattr(self._resolved(described), "content", None) or {}
        media = next((one for name, one in content.items() if name.partition(";")[0].strip().lower() == JSON), None)
        return None if media is None else media.media_type_schema

    def _resolved(self, described: Any) -> Any:
        """Return what a reference within the document names, None where it names nothing; no other file is read."""
        seen = set()
        while (reference := getattr(described, "ref", None)) is not None:
            kind, _, name = reference.removeprefix("#/components/").partition("/")
            described = (getattr(self._api.components, kind, None) or {}).get(name)
            if reference in seen:
                return None
            seen.add(reference)
        return described

    def _has_fields(self, schema: Any) -> bool:
        return any(getattr(one, "properties", None) for one in self._parts(schema))

    def _types_of(self, schema: Any, name: str) -> Collection[str] | None:
        """Return the types of a field, none where they are left open; None where the field is not declared."""
        declared = [(getattr(one, "properties", None) or {}) for one in self._parts(schema)]
        found = [self._types(properties[name]) for properties in declared if name in properties]
        if not found:
            return None
        return set[str]().union(*found) if all(found) else ()

    def _types(self, schema: Any) -> Collection[str]:
        """Return the types that a value may have, none where they are left open."""
        found: set[str] = set()
        for one in self._parts(schema):
            given = getattr(one, "type", None) or ()
            found |= {str(getattr(kind, "value", kind)) for kind in ([given] if isinstance(given, str) else given)}
            if getattr(one, "nullable", False):
                found.add("null")
        return found

    def _parts(self, schema: Any) -> list[Any]:
        """Return a schema and those that it is composed of, each of them once."""
        parts: list[Any] = []
        waiting = [schema]
        while waiting and len(parts) < MOST_PARTS:
            one = self._resolved(waiting.pop(0))
            if one is not None and not isinstance(one, bool) and not any(one is part for part in parts):
                parts.append(one)
                for name in ("allOf", "anyOf", "oneOf"):
                    waiting += getattr(one, name, None) or ()
        return parts


def _in_words(found: Iterable[Undeclared | str]) -> str:
    """Return what was found about an endpoint, that of one kind and place together."""
    sentences: list[str] = []
    names: dict[tuple[str, str], set[str]] = {}
    for one in found:
        if isinstance(one, Undeclared):
            names.setdefault((one.kind, one.place), set()).add(one.name)
        else:
            sentences.append(one)
    for (kind, place), those in names.items():
        several, where = len(those) > 1, f" of the {place}" if place else ""
        plural = {"status": "statuses", "field": "fields"}[kind] if several else kind
        sentences.append(f"{plural} {', '.join(sorted(those))}{where} {'are' if several else 'is'} not declared")
    return "; ".join(dict.fromkeys(sentences))


def _is_relied_on(status: int | None) -> bool:
    return status is not None and status < 500 and status not in NOT_RELIED_ON


def _overlap(some: Collection[str], others: Collection[str]) -> bool:
    """Return whether a value may be of a type in both; an integer is a number, too."""
    return not set(some).isdisjoint(others) or all(NUMBERS & set(types) for types in (some, others))


def _fits(path: str, template: str) -> bool:
    """Return whether a path fits a template; a segment with a parameter fits any."""
    segments, others = path.split("/"), template.split("/")
    if len(segments) != len(others):
        return False
    return all(one == other or "{" in other for one, other in zip(segments, others, strict=True))
