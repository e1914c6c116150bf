"""The target's OpenAPI document (3.0 or 3.1), compared with what a run relied on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from openapi_pydantic import parse_obj

from acceptance.client.exchanges import Call, FieldsRead
from acceptance.texts import cut

JSON = ("application/json", "application/*", "*/*")
METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
NOT_RELIED_ON = (404, 405, 429)
"""Statuses of requests to unknown paths and with wrong methods, and of throttling."""

MOST_LINES = 20
MOST_PARTS = 200
"""How many schemas one may be composed of, and how many references may follow one another."""

COMPOSITIONS = ("allOf", "anyOf", "oneOf")
NUMBERS = {"integer", "number"}


class Unknown(Exception):
    """What the document declares is not known: a reference leads nowhere in it, or a schema has too many parts."""


@dataclass(frozen=True)
class Operation:
    """What the document declares of a method of a path.

    Attributes:
        needs_token: Whether it declares a security scheme.
        request: The request's body, None where there is none.
        responses: The responses, by their statuses, ranges such as `4XX`, and `default`.
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
            calls: The requests of the run, without that for the document.
            fields: The fields that it read from responses.
            url: The base URL of the target.
        """
        sent = [one for one in calls if _is_relied_on(one.status)]
        read = [one for one in fields if _is_relied_on(one.status)]
        prefixes = ["", *(path.rstrip("/") for path in (urlsplit(url).path, *self._servers))]
        paths = {
            path: self._declared_path(path, prefixes)
            for path in {*(one.path for one in sent), *(one.path for one in read)}
        }
        relied_on: dict[tuple[str, str], tuple[list[Call], list[FieldsRead]]] = {}
        for call in sent:
            relied_on.setdefault((call.method, paths[call.path]), ([], []))[0].append(call)
        for one in read:
            relied_on.setdefault((one.method, paths[one.path]), ([], []))[1].append(one)
        lines = []
        for (method, path), those in sorted(relied_on.items()):
            found = list(self._undeclared(method, path, *those))
            lines += [f"{method} {cut(path)}: {_in_words(found)}."] if found else []
        more = [f"And {len(lines) - MOST_LINES} more endpoints."] if len(lines) > MOST_LINES else []
        return [*lines[:MOST_LINES], *more]

    def _declared_path(self, path: str, prefixes: Sequence[str]) -> str:
        """Return the declared path that `path` is, or else fits; `path` itself where there is none."""
        paths = [path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix)]
        fitting = (one for one in self._paths if any(_fits(path, one) for path in paths))
        return min(fitting, key=_places_of_parameters, default=path)

    def _undeclared(
        self, method: str, path: str, calls: Sequence[Call], fields: Iterable[FieldsRead]
    ) -> Iterator[Undeclared | str]:
        """Yield what the document does not declare of the calls of one endpoint, or declares otherwise."""
        operation = self._operation(path, method) if path in self._paths else None
        if operation is None:
            if any(call.status is not None and call.status < HTTPStatus.BAD_REQUEST for call in calls):
                yield f"the {'method' if path in self._paths else 'path'} is not declared"
            return
        yield from (Undeclared("status", str(one.status)) for one in calls if not operation.declared(one.status or 0))
        with suppress(Unknown):
            body = self._resolved(operation.request, "requestBodies")
            yield from self._of_fields({name: () for call in calls for name in call.sent}, body, "request")
        for one in fields:
            status = operation.declared(one.status)
            with suppress(Unknown):
                if status:
                    body = self._resolved(operation.responses[status], "responses")
                    yield from self._of_fields(one.types, body, f"response {one.status}")

    def _of_fields(self, types: Mapping[str, Collection[str]], body: Any, place: str) -> Iterator[Undeclared | str]:
        """Yield which fields a body does not declare, or declares as another type.

        Args:
            types: The types that the run accepts for each field, none where it accepts all.
            body: The body, None where none is declared.
            place: Where it is.

        Raises:
            Unknown: What is declared is not known.
        """
        declared = self._fields(body) if types else {}
        if types and not declared:
            yield f"no field of the {place} is declared"
            return
        for name, those in types.items():
            others = self._types(declared.get(name, ()))
            if name not in declared:
                yield Undeclared("field", name, place)
            elif those and others and not _overlap(those, others):
                is_declared, is_read = (" or ".join(sorted(one)) for one in (others, those))
                yield f"field {name} of the {place} is declared as {is_declared}, read as {is_read}"

    def _operation(self, path: str, method: str) -> Operation | None:
        """Return what is declared of a method of a declared path, None where nothing is."""
        operation = getattr(self._paths[path], method.lower(), None) if method in METHODS else None
        if operation is None:
            return None
        responses = operation.responses or {}
        security = operation.security if operation.security is not None else self._api.security
        return Operation(
            needs_token=bool(security),
            request=operation.requestBody,
            responses={status.upper().replace("DEFAULT", "default"): one for status, one in responses.items()},
        )

    def _fields(self, body: Any) -> Mapping[str, Sequence[Any]]:
        """Return the fields of a JSON body, those of all its alternatives, with the schemas of each.

        Raises:
            Unknown: What is declared is not known.
        """
        content = getattr(body, "content", None) or {}
        schemas = [getattr(media, "media_type_schema", None) for name, media in content.items() if _is_json(name)]
        fields: dict[str, list[Any]] = {}
        for one in self._parts(filter(None, schemas)):
            for name, value in (one.properties or {}).items():
                fields.setdefault(name, []).append(value)
        return fields

    def _types(self, schemas: Iterable[Any]) -> Collection[str]:
        """Return the types that a value of one of `schemas` may have, none where they are left open."""
        found: set[str] = set()
        try:
            parts = self._parts(schemas)
        except Unknown:
            return found
        for one in parts:
            given = one.type or ()
            found |= {str(kind.value) for kind in (given if isinstance(given, list) else [given]) if kind}
            if getattr(one, "nullable", False):
                found.add("null")
            if not given and not _is_composed(one):
                return ()
        return found

    def _parts(self, schemas: Iterable[Any]) -> Sequence[Any]:
        """Return `schemas` and those that they are composed of, each of them once, without mere references.

        Raises:
            Unknown: A reference leads nowhere, or there are too many.
        """
        parts: dict[int, Any] = {}
        waiting = list(schemas)
        while waiting:
            one = self._resolved(waiting.pop(), "schemas")
            if id(one) in parts:
                continue
            if len(parts) == MOST_PARTS:
                raise Unknown
            parts[id(one)] = one
            reference = _reference(one)
            waiting += [] if reference is None else [self._component(reference, "schemas")]
            waiting += [part for name in COMPOSITIONS for part in getattr(one, name) or ()]
        return list(parts.values())

    def _resolved(self, described: Any, kind: str) -> Any:
        """Return what a component of this kind is that may be a mere reference; no other file is read.

        Raises:
            Unknown: The reference leads nowhere.
        """
        for _ in range(MOST_PARTS):
            if not _is_mere_reference(described):
                return described
            described = self._component(described.ref, kind)
        raise Unknown

    def _component(self, reference: str, kind: str) -> Any:
        """Return the component of this kind that `reference` names (RFC 6901).

        Raises:
            Unknown: It names none.
        """
        place, _, name = reference.rpartition("/")
        components = getattr(self._api.components, kind, None) if place == f"#/components/{kind}" else None
        try:
            return (components or {})[unquote(name).replace("~1", "/").replace("~0", "~")]
        except KeyError:
            raise Unknown from None


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


def _is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name in JSON or name.endswith("+json")


def _is_mere_reference(described: Any) -> bool:
    return described is not None and "ref" in type(described).model_fields


def _reference(schema: Any) -> str | None:
    """Return the reference that a schema has beside other keywords, which is an extra of its model."""
    reference = getattr(schema, "$ref", None)
    return reference if isinstance(reference, str) else None


def _is_composed(schema: Any) -> bool:
    return _reference(schema) is not None or any(getattr(schema, name) for name in COMPOSITIONS)


def _overlap(some: Collection[str], others: Collection[str]) -> bool:
    """Return whether a value may be of a type in both; an integer is a number, too."""
    return not set(some).isdisjoint(others) or all(NUMBERS & set(types) for types in (some, others))


def _fits(path: str, template: str) -> bool:
    """Return whether a path fits a template; a segment with a parameter fits any."""
    segments, others = path.split("/"), template.split("/")
    if len(segments) != len(others):
        return False
    return all(one == other or "{" in other for one, other in zip(segments, others, strict=True))


def _places_of_parameters(template: str) -> tuple[bool, ...]:
    return tuple("{" in segment for segment in template.split("/"))
