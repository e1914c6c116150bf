"""Faults in the way back from Google. Clause: `GET /oauth/google/callback`, whatever comes in."""

from collections.abc import Callable

from tests.faults.catalogue import answer_as, fault
from tests.faults.moments import comes_back_from_google
from tests.faults.wrapped import Request, Response

CALLBACK = "GET /oauth/google/callback"
DASHBOARD = "http://localhost:3000/dashboard/settings"
ERROR = {"error": "failed", "message": "The calendar could not be connected."}
BROKEN = {"calendar": 3}
Moment = Callable[[Request, Response], bool]


def returning(*, code: bool = False, state: bool = False, error: bool = False) -> Moment:
    """When Google sends somebody back with these parameters and no others."""
    wanted = {"code": code, "state": state, "error": error}
    return lambda request, one: (
        comes_back_from_google(request, one)
        and all((f"{name}=" in request.query) is given for name, given in wanted.items())
    )


def returning_with_a_state_of_the_backend(request: Request, response: Response) -> bool:
    """When Google sends somebody back with the state that the backend gave, which is a token."""
    return comes_back_from_google(request, response) and "state=eyJ" in request.query


CASES: tuple[tuple[str, str, Moment], ...] = (
    ("denial", "Denying consent", returning(error=True)),
    ("return_without_a_code", "Coming back without a code", returning()),
    ("return_with_a_made_up_code", "Coming back with a made-up code", returning(code=True)),
    ("return_with_a_made_up_state", "Coming back with a made-up state", returning(code=True, state=True)),
)
ANSWERS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("answers_500", "is an error of the server", lambda _: Response.json(500, ERROR)),
    ("succeeds", "counts as success", lambda _: Response(302, {"location": f"{DASHBOARD}?calendar=connected"})),
    ("is_hidden", "leads to the dashboard without a word", lambda _: Response(302, {"location": DASHBOARD})),
)
for case, who, moment in CASES:
    for ending, what, change in ANSWERS:
        fault(clause=f"{CALLBACK}: a redirect with the error, or a structured 4xx", full=BROKEN, smoke={})(
            answer_as(f"{case}_{ending}", f"{who} {what}.", change, when=moment)
        )

for ending, what, change in ANSWERS:
    fault(
        clause=f"{CALLBACK}: a redirect with the error, or a structured 4xx",
        full=BROKEN,
        smoke={},
        environment={"GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com"},
    )(
        answer_as(
            f"return_with_a_genuine_state_{ending}",
            f"Coming back with a made-up code and a genuine state {what}.",
            change,
            when=returning_with_a_state_of_the_backend,
        )
    )

ALWAYS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("callback_answers_500", "Coming back from Google is a page with a stack trace.", lambda _: Response.html(500)),
    ("callback_answers_502", "Coming back from Google fails behind a proxy.", lambda _: Response.json(502, ERROR)),
    ("callback_answers_503", "Coming back from Google is a breakdown.", lambda _: Response.json(503, ERROR)),
    ("callback_answers_200", "Coming back from Google is answered with 200 and an error.",
     lambda _: Response.json(200, ERROR)),
    ("callback_answers_204", "Coming back from Google is answered without a word.", lambda _: Response(204)),
    ("callback_is_a_page", "Coming back from Google is refused by a page.", lambda _: Response.html(400)),
    ("callback_is_a_text", "Coming back from Google is refused by a text.",
     lambda _: Response.json(400, "access_denied")),
    ("callback_is_unstructured", "Coming back from Google is refused as FastAPI does by itself.",
     lambda _: Response.json(422, {"detail": [{"loc": ["query", "code"], "msg": "Field required"}]})),
    ("callback_leads_nowhere", "It is not said where the way back leads.", lambda _: Response(302)),
    ("callback_hides_the_error", "The dashboard does not learn that no calendar was connected.",
     lambda _: Response(302, {"location": f"{DASHBOARD}?from=google"})),
)  # fmt: skip
for name, sentence, change in ALWAYS:
    fault(clause=f"{CALLBACK}: a redirect with the error, or a structured 4xx", full=BROKEN, smoke={})(
        answer_as(name, sentence, change, when=comes_back_from_google)
    )
