"""Faults in how updates are answered. Clauses: `PUT /api/business/me`, good ones, malformed ones, strangers'."""

from collections.abc import Callable

from tests.faults.catalogue import answer_as, answered, fault, with_status
from tests.faults.moments import (
    as_owner,
    forged_update_is_refused,
    is_owners,
    malformed_update_is_refused,
    owner_updates,
    remembering_the_owner,
    visitors_update_is_refused,
)
from tests.faults.wrapped import Behind, Request, Response

UPDATE = "PUT /api/business/me"
ACCEPTED = f"{UPDATE}: 200"
MALFORMED = f"{UPDATE}: malformed body: 400 or 422"
CLOSED = f"{UPDATE}: no token or a forged one: 401"
FORM = f"{UPDATE}: an object, as JSON"
ERROR = {"error": "failed", "message": "The settings cannot be saved."}


@fault(clause=ACCEPTED, full={"settings": 3}, smoke={"settings": 3})
async def update_answers_500(request: Request, backend: Behind) -> Response:
    """Nothing can be saved, and a page with a stack trace says so."""
    return Response.html(500) if request.is_update and request.fields else await backend(request)


NOT_ACCEPTED: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("update_answers_201", "An update is answered as if something had been created.", lambda one: one.with_status(201)),
    ("update_answers_202", "An update is put off, and may come later.", lambda one: one.with_status(202)),
    ("update_answers_204", "An update is answered without a word.", lambda _: Response(204)),
    ("update_redirects", "An update leads somewhere else.", lambda _: Response(302, {"location": "/dashboard"})),
    ("update_answers_400", "A good update is called malformed.", lambda _: Response.json(400, ERROR)),
    ("update_answers_403", "The owner is forbidden to save.", lambda _: Response.json(403, ERROR)),
    ("update_answers_404", "There is nothing to save to.", lambda _: Response.json(404, ERROR)),
    ("update_answers_422", "A good update does not pass the validation.", lambda _: Response.json(422, ERROR)),
    ("update_answers_503", "An update fails because something behind is down.", lambda _: Response.json(503, ERROR)),
    ("update_declares_an_error", "An update is answered 200, with `status: error` in it.",
     lambda one: one.with_content(one.content | {"status": "error"})),
    ("update_declares_a_failure", "An update is answered 200, with `status: failed` in it.",
     lambda one: one.with_content({"status": "failed"})),
)  # fmt: skip
for name, sentence, change in NOT_ACCEPTED:
    fault(clause=ACCEPTED, full={"settings": 3}, smoke={"settings": 3})(
        answer_as(name, sentence, change, when=owner_updates)
    )


@fault(clause=f"{UPDATE}: POST is an alias where offered", full={"settings": 3}, smoke={})
async def update_by_post_answers_500(request: Request, backend: Behind) -> Response:
    """Saving by POST is offered, and is an error of the server."""
    if request.is_update and request.method == "POST" and request.fields:
        return Response.json(500, ERROR)
    return await backend(request)


@fault(clause=f"{UPDATE}: POST is an alias where offered", full={"settings": 4}, smoke={})
async def update_by_post_is_swallowed(request: Request, backend: Behind) -> Response:
    """Saving by POST is answered 200 and forgotten."""
    if request.is_update and request.method == "POST" and is_owners(request, backend):
        return Response.json(200, {"status": "success"})
    return await remembering_the_owner(request, backend)


@fault(clause=ACCEPTED, full={"settings": 3}, smoke={}, verdict="not-restored", restored=False, slow=True)
async def only_the_first_update_is_accepted(request: Request, backend: Behind) -> Response:
    """After one update nothing can be saved any more, so that nobody can put the account back."""
    if not request.is_update or not request.fields:
        return await backend(request)
    if backend.memory.get("updated"):
        return Response.json(503, {"error": "database_unavailable", "message": "The database is read-only."})
    response = await backend(request)
    backend.memory["updated"] = response.status == 200
    return response


FORMLESS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("update_answers_a_list", "An update is answered with a list.", lambda one: one.with_content([one.content])),
    ("update_answers_a_text", "An update is answered with a text.", lambda one: one.with_content("success")),
    ("update_answers_null", "An update is answered with null.", lambda one: one.with_content(None)),
    ("update_answers_nothing", "An update is answered with 200 and an empty body.", lambda one: one.with_body("")),
    ("update_answers_a_page", "An update is answered with 200 and a page.", lambda _: Response.html(200, "Saved")),
    ("update_is_declared_text", "The answer to an update is JSON, but is declared plain text.",
     lambda one: one.with_headers(content_type="text/plain")),
    ("update_is_truncated", "The answer to an update stops halfway.", lambda one: one.with_body(one.body[:40])),
)  # fmt: skip
for name, sentence, change in FORMLESS:
    fault(clause=FORM, full={"settings": 5})(answer_as(name, sentence, change, when=owner_updates))

UNREADABLE: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("malformed_update_answers_200", "An update that cannot be read is answered as saved.",
     lambda _: Response.json(200, {"status": "success"})),
    ("malformed_update_answers_500", "An update that cannot be read is an error of the server.",
     lambda _: Response.json(500, ERROR)),
    ("malformed_update_answers_401", "An update that cannot be read counts as a stranger's.",
     lambda _: Response.json(401, ERROR)),
)  # fmt: skip
for name, sentence, change in UNREADABLE:
    fault(clause=MALFORMED, full={"settings": 3}, smoke={})(
        answer_as(name, sentence, change, when=malformed_update_is_refused)
    )


@fault(clause=MALFORMED, full={"settings": 4}, smoke={})
async def malformed_update_is_partly_saved(request: Request, backend: Behind) -> Response:
    """Of an update that breaks off, what came is saved, though it is answered with a refusal."""
    response = await backend(request)
    start = '{"industry": "'
    text = request.body.decode("utf-8", "replace")
    if malformed_update_is_refused(request, response) and text.startswith(start):
        await backend(request.with_fields({"industry": text.removeprefix(start)}))
    return response


@fault(clause=f"{UPDATE}: enabling the receptionist without a phone number: 400", full={"settings": 3}, smoke={},
       account={"phone_number": None, "receptionist_enabled": False})  # fmt: skip
async def receptionist_can_be_enabled_without_a_phone(request: Request, backend: Behind) -> Response:
    """Enabling the receptionist on an account without a phone number is answered as saved."""
    response = await backend(request)
    is_refused = request.is_update and response.status == 400
    return Response.json(200, {"status": "success"}) if is_refused else response


@fault(clause=f"{UPDATE}: enabling the receptionist without a phone number: 400", full={"settings": 3}, smoke={},
       account={"phone_number": None, "receptionist_enabled": False})  # fmt: skip
@answered(
    lambda _: Response.json(500, ERROR),
    when=lambda request, one: request.is_update and one.status == 400,
)
def receptionist_without_a_phone_answers_500() -> None:
    """Enabling the receptionist on an account without a phone number is an error of the server."""


async def _saving_for(request: Request, backend: Behind, *, forged: bool, is_admitted: bool) -> Response:
    response = await remembering_the_owner(request, backend)
    is_strangers = forged_update_is_refused if forged else visitors_update_is_refused
    if not is_strangers(request, response):
        return response
    saved = await as_owner(request, backend) or response
    return saved if is_admitted else response


@fault(clause=CLOSED, full={"settings": 3}, smoke={})
async def strangers_can_save(request: Request, backend: Behind) -> Response:
    """An update without a token is saved."""
    return await _saving_for(request, backend, forged=False, is_admitted=True)


@fault(clause=CLOSED, full={"settings": 3}, smoke={})
async def forgers_can_save(request: Request, backend: Behind) -> Response:
    """An update with a forged token is saved."""
    return await _saving_for(request, backend, forged=True, is_admitted=True)


@fault(clause=CLOSED, full={"settings": 4}, smoke={})
async def strangers_are_refused_after_saving(request: Request, backend: Behind) -> Response:
    """An update without a token is answered with 401, and is saved nevertheless."""
    return await _saving_for(request, backend, forged=False, is_admitted=False)


@fault(clause=CLOSED, full={"settings": 4}, smoke={})
async def forgers_are_refused_after_saving(request: Request, backend: Behind) -> Response:
    """An update with a forged token is answered with 401, and is saved nevertheless."""
    return await _saving_for(request, backend, forged=True, is_admitted=False)


STRANGERS: tuple[tuple[str, str, int], ...] = (
    ("answers_200", "is answered 200, and not saved", 200),
    ("answers_403", "is forbidden instead of asking to sign in", 403),
    ("answers_422", "counts as malformed", 422),
    ("answers_500", "is an error of the server", 500),
)
for ending, sentence, status in STRANGERS:
    for who, what, moment in (
        ("visitors_update", "An update without a token", visitors_update_is_refused),
        ("forgers_update", "An update with a forged token", forged_update_is_refused),
    ):
        fault(clause=CLOSED, full={"settings": 3}, smoke={})(
            answer_as(
                f"{who}_{ending}",
                f"{what} {sentence}.",
                with_status(status),
                when=moment,
            )
        )
