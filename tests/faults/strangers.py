"""Faults in who may read. Clause: `GET /api/business/me`, no token, a forged one or a changed one: 401."""

from collections.abc import Callable

from tests.faults.catalogue import answer_as, answered, every_suite, fault
from tests.faults.moments import as_owner, forged_token_is_refused, remembering_the_owner, visitor_is_refused
from tests.faults.wrapped import Behind, Request, Response

CLOSED = "GET /api/business/me: no token, a forged one or a changed one: 401"
ERROR = {"error": "refused", "message": "Sign in first."}


@fault(clause=CLOSED, full=every_suite(1), smoke=every_suite(1))
@answered(
    lambda _: Response.json(401, {"error": "invalid_token", "message": "The token is invalid."}),
    when=lambda request, _: request.is_read,
)
def good_token_is_refused() -> None:
    """The token that was just given out is refused."""


@fault(clause=CLOSED, full=every_suite(1), smoke={})
async def anybody_can_read(request: Request, backend: Behind) -> Response:
    """Settings are shown without a token."""
    response = await remembering_the_owner(request, backend)
    return await as_owner(request, backend) or response if visitor_is_refused(request, response) else response


async def _trusting(request: Request, backend: Behind, is_trusted: Callable[[list[str], list[str]], bool]) -> Response:
    """Take a refused token for the owner's where `is_trusted`, which is given the parts of both."""
    response = await remembering_the_owner(request, backend)
    parts, owners = (request.token or "").split("."), backend.memory.get("token", "").split(".")
    if forged_token_is_refused(request, response) and len(parts) == 3 == len(owners) and is_trusted(parts, owners):
        return await as_owner(request, backend) or response
    return response


@fault(clause=CLOSED, full=every_suite(1), smoke={})
async def forged_token_is_accepted(request: Request, backend: Behind) -> Response:
    """The signature of a token is not looked at."""
    return await _trusting(request, backend, lambda parts, owners: True)


@fault(clause=CLOSED, full=every_suite(1), smoke={})
async def changed_token_is_accepted(request: Request, backend: Behind) -> Response:
    """Claims that were changed under a good signature are believed."""
    return await _trusting(request, backend, lambda parts, owners: parts[2] == owners[2])


@fault(clause=CLOSED, full=every_suite(1), smoke={})
async def resigned_token_is_accepted(request: Request, backend: Behind) -> Response:
    """The owner's claims are believed under anybody's signature."""
    return await _trusting(request, backend, lambda parts, owners: parts[:2] == owners[:2])


@fault(clause=CLOSED, full=every_suite(1), smoke={})
async def unsigned_token_is_accepted(request: Request, backend: Behind) -> Response:
    """A token with `alg: none` is taken for a signed one."""
    return await _trusting(request, backend, lambda parts, owners: not parts[2])


VISITORS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("visitor_answers_200", "Without a token, the answer is 200 with an error in it.",
     lambda _: Response.json(200, ERROR)),
    ("visitor_redirects", "Without a token, the answer leads to a login page.",
     lambda _: Response(302, {"location": "/login"})),
    ("visitor_answers_400", "Having no token counts as a malformed request.", lambda _: Response.json(400, ERROR)),
    ("visitor_answers_403", "Without a token, settings are forbidden instead of asking to sign in.",
     lambda _: Response.json(403, ERROR)),
    ("visitor_answers_404", "Without a token, settings are not found.", lambda _: Response.json(404, ERROR)),
    ("visitor_answers_422", "Having no token counts as a missing field.", lambda _: Response.json(422, ERROR)),
    ("visitor_answers_500", "Having no token is an error of the server.", lambda _: Response.json(500, ERROR)),
)  # fmt: skip
for name, sentence, change in VISITORS:
    fault(clause=CLOSED, full=every_suite(1), smoke={})(answer_as(name, sentence, change, when=visitor_is_refused))

FORGERS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("forged_token_answers_200", "To a forged token, the answer is 200 with an error in it.",
     lambda _: Response.json(200, ERROR)),
    ("forged_token_redirects", "A forged token leads to a login page.",
     lambda _: Response(302, {"location": "/login"})),
    ("forged_token_answers_403", "A forged token is forbidden instead of asking to sign in.",
     lambda _: Response.json(403, ERROR)),
    ("forged_token_answers_422", "A forged token counts as a malformed request.", lambda _: Response.json(422, ERROR)),
    ("forged_token_answers_500", "A forged token is an error of the server.", lambda _: Response.json(500, ERROR)),
)  # fmt: skip
for name, sentence, change in FORGERS:
    fault(clause=CLOSED, full=every_suite(1), smoke={})(answer_as(name, sentence, change, when=forged_token_is_refused))
