"""Faults in signing in. Clauses: `POST /api/auth/login` with right credentials, wrong ones and malformed ones."""

from collections.abc import Callable

from tests.faults.catalogue import answer_as, answered, every_suite, fault, having, telling, without
from tests.faults.moments import malformed_sign_in_is_refused, owner_signs_in, wrong_sign_in_is_refused
from tests.faults.wrapped import Behind, Request, Response

LOGIN = "POST /api/auth/login"
UNKNOWN = b"nobody@"


@fault(clause=f"{LOGIN}: 200", full=every_suite(1), smoke=every_suite(1))
@answered(lambda _: Response.html(500), when=lambda request, _: request.is_login)
def login_answers_500_as_html() -> None:
    """Signing in ends in a page with a stack trace."""


@fault(clause=f"{LOGIN}: 200", full=every_suite(1), smoke=every_suite(1))
@answered(lambda one: one.with_status(401), when=owner_signs_in)
def login_refuses_the_right_password() -> None:
    """The owner's own password is refused."""


ANSWERS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("login_answers_201", "Signing in is answered with 201.", lambda one: one.with_status(201)),
    ("login_answers_204", "Signing in is answered with 204, and no token.", lambda _: Response(204)),
    ("login_redirects", "Signing in redirects to a page.", lambda _: Response(302, {"location": "/login?next=/"})),
    (
        "login_answers_400",
        "The owner's credentials are called malformed.",
        lambda _: Response.json(400, {"error": "bad_request", "message": "Cannot read this."}),
    ),
    (
        "login_answers_403",
        "The owner is forbidden to sign in.",
        lambda _: Response.json(403, {"error": "forbidden", "message": "No."}),
    ),
    (
        "login_answers_404",
        "There is no way to sign in.",
        lambda _: Response.json(404, {"error": "not_found", "message": "Not found."}),
    ),
    (
        "login_answers_500",
        "Signing in is an error of the server, in due form.",
        lambda _: Response.json(500, {"error": "internal_error", "message": "Something went wrong."}),
    ),
    (
        "login_answers_503",
        "Nobody can sign in because something behind the server is down.",
        lambda _: Response.json(503, {"error": "database_unavailable", "message": "Try again."}),
    ),
    ("login_answers_a_page", "Signing in is answered with 200 and a page.", lambda _: Response.html(200, "Welcome")),
    ("login_answers_nothing", "Signing in is answered with 200 and an empty body.", lambda one: one.with_body("")),
    ("login_is_truncated", "The answer with the token stops halfway.", lambda one: one.with_body(one.body[:60])),
    (
        "login_answers_a_list",
        "The answer with the token is a list of one.",
        lambda one: one.with_content([one.content]),
    ),
    (
        "login_answers_the_bare_token",
        "The answer is the token alone, as a text.",
        lambda one: one.with_content(one.content["access_token"]),
    ),
    ("login_answers_null", "The answer to signing in is null.", lambda one: one.with_content(None)),
    (
        "login_is_wrapped_in_data",
        "The token is one level deeper than promised.",
        lambda one: one.with_content({"data": one.content}),
    ),
)
for name, sentence, change in ANSWERS:
    fault(clause=f"{LOGIN}: 200", full=every_suite(1), smoke=every_suite(1))(
        answer_as(name, sentence, change, when=owner_signs_in)
    )


@fault(clause=f"{LOGIN}: access_token", full=every_suite(1), smoke=every_suite(1))
@answered(lambda one: one.with_content({"token": one.content["access_token"]}), when=owner_signs_in)
def login_gives_token_under_another_name() -> None:
    """The token is in a field `token`, where no client looks for it."""


TOKENS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("token_is_null", "The access token is null.", lambda _: None),
    ("token_is_empty", "The access token is an empty text.", lambda _: ""),
    ("token_is_a_number", "The access token is a number.", lambda _: 12345),
    ("token_is_an_object", "The access token is an object that holds the token.", lambda token: {"value": token}),
    ("token_is_opaque", "The access token is a random text, not a JWT.", lambda _: "0f6b1c2d3e4f5a6b7c8d9e0f"),
    ("token_has_two_parts", "The access token lacks its signature.", lambda token: token.rpartition(".")[0]),
    ("token_has_an_empty_signature", "The token is not signed.", lambda token: token.rpartition(".")[0] + "."),
    ("token_is_not_base64url", "The token holds signs that no JWT has.", lambda token: token.replace("e", "!", 1)),
    ("token_begins_with_bearer", "The token already begins with `Bearer`.", lambda token: f"Bearer {token}"),
    ("token_holds_no_json", "The token has three parts, but no JSON is in them.", lambda _: "abcd.efgh.ijkl"),
)


def with_token_as(change: Callable[[str], object]) -> Callable[[Response], Response]:
    """Change the token of an answer to a sign-in."""
    return lambda one: one.with_content(one.content | {"access_token": change(one.content["access_token"])})


for name, sentence, token_change in TOKENS:
    fault(clause=f"{LOGIN}: access_token", full=every_suite(1), smoke=every_suite(1))(
        answer_as(name, sentence, with_token_as(token_change), when=owner_signs_in)
    )

FIELDS = (
    ("token_type_is_missing", "It is not said what kind of token it is.", without("token_type")),
    ("token_type_is_wrong", "The token is said to be of the kind `mac`.", having(token_type="mac")),
    ("token_type_is_null", "The kind of the token is null.", having(token_type=None)),
    ("user_is_missing", "It is not said who signed in.", without("user")),
    ("user_is_null", "The one who signed in is null.", having(user=None)),
    ("user_is_a_list", "The one who signed in is a list.", having(user=[])),
    ("user_is_a_text", "The one who signed in is a text instead of an object.", having(user="owner")),
)
for name, sentence, field_change in FIELDS:
    fault(clause=f"{LOGIN}: token_type and user", full=every_suite(1), smoke=every_suite(1))(
        answer_as(name, sentence, telling(field_change), when=owner_signs_in)
    )


@fault(clause=f"{LOGIN}: too many: 429", full=every_suite(5), smoke=every_suite(5), verdict="throttled")
async def login_is_throttled_for_an_hour(request: Request, backend: Behind) -> Response:
    """Nobody may sign in for an hour, which says nothing about the API."""
    if not request.is_login:
        return await backend(request)
    error = {"error": "too_many_attempts", "message": "Try again in an hour."}
    return Response.json(429, error).with_headers(retry_after="3600")


async def _letting_in(request: Request, backend: Behind, *, unknown: bool) -> Response:
    response = await backend(request)
    if owner_signs_in(request, response):
        backend.memory["answer"] = response
    if wrong_sign_in_is_refused(request, response) and (UNKNOWN in request.body) is unknown:
        answer: Response = backend.memory.get("answer", response)
        return answer
    return response


@fault(clause=f"{LOGIN}: wrong password: 401", full={"settings": 1}, smoke={})
async def wrong_password_signs_in(request: Request, backend: Behind) -> Response:
    """Any password opens the account."""
    return await _letting_in(request, backend, unknown=False)


@fault(clause=f"{LOGIN}: unknown user: 401", full={"settings": 1}, smoke={})
async def unknown_user_signs_in(request: Request, backend: Behind) -> Response:
    """Somebody who has no account is signed in."""
    return await _letting_in(request, backend, unknown=True)


REFUSAL = {"error": "refused", "message": "The e-mail address or the password is wrong."}
REFUSALS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("wrong_password_answers_200", "A wrong password is answered with 200, and an error in the body.",
     lambda _: Response.json(200, REFUSAL)),
    ("wrong_password_answers_400", "A wrong password is called malformed.", lambda _: Response.json(400, REFUSAL)),
    ("wrong_password_answers_403", "A wrong password is forbidden.", lambda _: Response.json(403, REFUSAL)),
    ("wrong_password_answers_404", "A wrong password is not found.", lambda _: Response.json(404, REFUSAL)),
    ("wrong_password_answers_500", "A wrong password is an error of the server.",
     lambda _: Response.json(500, REFUSAL)),
    ("wrong_password_redirects", "A wrong password leads to a page.",
     lambda _: Response(302, {"location": "/login?error=wrong"})),
)  # fmt: skip
for name, sentence, change in REFUSALS:
    fault(clause=f"{LOGIN}: wrong password: 401", full={"settings": 1}, smoke={})(
        answer_as(name, sentence, change, when=wrong_sign_in_is_refused)
    )


@fault(clause=f"{LOGIN}: unknown user: 401", full={"settings": 1}, smoke={})
@answered(
    lambda _: Response.json(404, {"error": "not_found", "message": "There is no such user."}),
    when=lambda request, one: wrong_sign_in_is_refused(request, one) and UNKNOWN in request.body,
)
def unknown_user_answers_404() -> None:
    """It is told whether somebody has an account."""


MALFORMED: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("malformed_sign_in_answers_500", "A sign-in that cannot be read is an error of the server.",
     lambda _: Response.json(500, REFUSAL)),
    ("malformed_sign_in_answers_200", "A sign-in that cannot be read is answered with 200.",
     lambda _: Response.json(200, REFUSAL)),
    ("malformed_sign_in_answers_401", "A sign-in that cannot be read counts as a wrong password.",
     lambda _: Response.json(401, REFUSAL)),
)  # fmt: skip
for name, sentence, change in MALFORMED:
    fault(clause=f"{LOGIN}: malformed body: 400 or 422", full={"settings": 1}, smoke={})(
        answer_as(name, sentence, change, when=malformed_sign_in_is_refused)
    )
