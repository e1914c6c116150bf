"""Faults in what is saved. Clause: `PUT /api/business/me`, what was sent is what the next read gives back."""

import time
from typing import Any

from tests.faults.catalogue import fault, save_as
from tests.faults.moments import is_owners, owner_reads, remembering_the_owner
from tests.faults.wrapped import Behind, Request, Response

KEPT = "PUT /api/business/me: what was sent is what the next read gives back"
REST = "PUT /api/business/me: what was not sent is untouched"
LAG_SECONDS = 2.0
CACHE_SECONDS = 5.0
TEXTS = ("industry", "description", "business_hours", "common_services", "greeting_style")


def is_saved(request: Request, backend: Behind) -> bool:
    """Whether the owner saves something."""
    return request.is_update and is_owners(request, backend) and bool(request.fields)


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def update_is_swallowed(request: Request, backend: Behind) -> Response:
    """An update is answered 200 and forgotten."""
    if is_saved(request, backend):
        return Response.json(200, {"status": "success"})
    return await remembering_the_owner(request, backend)


def leaving_out(*names: str) -> Any:
    """Save all but some settings."""
    return lambda fields: {name: value for name, value in fields.items() if name not in names}


for setting in ("industry", "description", "business_hours", "common_services", "timezone", "greeting_style", "faqs"):
    fault(clause=KEPT, full={"settings": 4}, smoke=None if setting == "industry" else {})(
        save_as(f"{setting}_is_not_saved", f"An update of `{setting}` is accepted and forgotten.", leaving_out(setting))
    )


@fault(clause=KEPT, full={"settings": 4})
async def update_is_partly_saved(request: Request, backend: Behind) -> Response:
    """Of an update of several settings, only the first is saved."""
    fields = request.fields
    if request.is_update and fields:
        return await backend(request.with_fields(dict(list(fields.items())[:1])))
    return await backend(request)


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def update_is_saved_in_another_field(request: Request, backend: Behind) -> Response:
    """The industry is saved as the description."""
    fields = request.fields
    if request.is_update and fields and "industry" in fields:
        return await backend(request.with_fields({"description": fields.pop("industry")} | fields))
    return await backend(request)


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def update_shows_after_two_seconds(request: Request, backend: Behind) -> Response:
    """What was saved shows only two seconds later."""
    response = await remembering_the_owner(request, backend)
    if owner_reads(request, response):
        if time.monotonic() - backend.memory.get("saved at", 0.0) < LAG_SECONDS:
            return response.with_content(backend.memory.get("old", response.content))
        backend.memory["old"] = response.content
    elif is_saved(request, backend) and response.status == 200:
        backend.memory["saved at"] = time.monotonic()
    return response


async def _cached(request: Request, backend: Behind, seconds: float) -> Response:
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    cached_at, cached = backend.memory.get("cached", (0.0, response))
    if cached is response or time.monotonic() - cached_at > seconds:
        backend.memory["cached"] = (time.monotonic(), response)
        return response
    return cached if isinstance(cached, Response) else response


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def reads_are_cached_for_seconds(request: Request, backend: Behind) -> Response:
    """Reads come from a cache that no update clears, and that lasts for some seconds."""
    return await _cached(request, backend, CACHE_SECONDS)


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def reads_are_cached_for_ever(request: Request, backend: Behind) -> Response:
    """Reads come from a cache that nothing ever clears."""
    return await _cached(request, backend, float("inf"))


@fault(clause=KEPT, full={"settings": 4})
async def every_second_read_is_old(request: Request, backend: Behind) -> Response:
    """Every second read comes from a copy that gets no updates."""
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    backend.memory.setdefault("first", response)
    backend.memory["reads"] = backend.memory.get("reads", 0) + 1
    return response if backend.memory["reads"] % 2 else backend.memory["first"]


@fault(clause=KEPT, full={"settings": 4})
async def update_is_gone_at_the_second_read(request: Request, backend: Behind) -> Response:
    """What was saved shows once, and is not there any more at the next read."""
    if is_saved(request, backend):
        backend.memory.setdefault("saved", {}).update(request.fields or {})
        return Response.json(200, {"status": "success"})
    response = await remembering_the_owner(request, backend)
    if owner_reads(request, response):
        return response.with_content(response.content | backend.memory.pop("saved", {}))
    return response


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def last_update_is_lost(request: Request, backend: Behind) -> Response:
    """An update is saved only when the next one comes."""
    response = await remembering_the_owner(request, backend) if not is_saved(request, backend) else None
    if response:
        return response
    pending = backend.memory.get("pending")
    backend.memory["pending"] = request
    if pending:
        await backend(pending)
    return Response.json(200, {"status": "success"})


@fault(clause=KEPT, full={"settings": 4})
async def every_second_update_is_lost(request: Request, backend: Behind) -> Response:
    """Every second update is answered 200 and forgotten."""
    if is_saved(request, backend):
        backend.memory["updates"] = backend.memory.get("updates", 0) + 1
        if not backend.memory["updates"] % 2:
            return Response.json(200, {"status": "success"})
    return await remembering_the_owner(request, backend)


def in_addition(**values: Any) -> Any:
    """Save more than was sent, but nothing else than was sent."""
    return lambda fields: values | fields


@fault(clause=REST, full={"settings": 4})
async def update_is_saved_twice(request: Request, backend: Behind) -> Response:
    """The industry is also saved as the description."""
    fields = request.fields
    if request.is_update and fields and "industry" in fields:
        return await backend(request.with_fields({"description": fields["industry"]} | fields))
    return await backend(request)


for name, sentence, values in (
    ("update_wipes_the_rest", "Texts that were not sent become null.", dict.fromkeys(TEXTS)),
    ("update_empties_the_rest", "Texts that were not sent become empty.", dict.fromkeys(TEXTS, "")),
    ("update_resets_the_rest", "A time zone that was not sent is set to the default.", {"timezone": "Etc/UTC"}),
    ("update_empties_faqs", "FAQs that were not sent are gone.", {"faqs": []}),
    ("update_switches_the_receptionist_off", "The receptionist is off after an update of something else.",
     {"receptionist_enabled": False}),
):  # fmt: skip
    fault(clause=REST, full={"settings": 4})(save_as(name, sentence, in_addition(**values)))


@fault(clause=REST, full={"settings": 4}, account={"receptionist_enabled": False})
async def update_wipes_the_phone_number(request: Request, backend: Behind) -> Response:
    """The phone number is gone after an update of something else."""
    fields = request.fields
    if request.is_update and fields:
        return await backend(request.with_fields({"phone_number": None} | fields))
    return await backend(request)
