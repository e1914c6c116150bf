"""Faults in refusals that are met at one place alone, or in one word alone. Clause: `every error`."""

from collections.abc import Callable

from tests.faults.catalogue import answer_as, fault, having, telling
from tests.faults.errors import EVERYWHERE, FORM, HOW, STACK, TRACE
from tests.faults.moments import (
    forged_token_is_refused,
    forged_update_is_refused,
    is_refused,
    nothing_is_there,
    visitors_update_is_refused,
)
from tests.faults.wrapped import LOGIN, Request, Response

ERROR = {"error": "failed", "message": "That did not work."}
STATUS = "every error: no 500 for a condition that can be expected"
NEW_ACCOUNT = {"phone_number": None, "receptionist_enabled": False}
NODE = "TypeError: x is undefined\n    at async handler (/app/server.js:10:5)\n    at /app/router.js:7:12"
Moment = Callable[[Request, Response], bool]


def list_is_refused(request: Request, response: Response) -> bool:
    """Where an update is a list."""
    return request.is_update and response.status in (400, 422) and request.body.startswith(b"[")


def form_is_refused(request: Request, response: Response) -> bool:
    """Where an update is no JSON at all."""
    return request.is_update and response.status in (400, 422) and request.body.startswith(b"industry=")


def receptionist_is_refused(request: Request, response: Response) -> bool:
    """Where the receptionist cannot be enabled."""
    return request.is_update and response.status == 400 and "receptionist_enabled" in (request.fields or {})


def unsigned_token_is_refused(request: Request, response: Response) -> bool:
    """Where the settings are read with a token that is not signed."""
    return forged_token_is_refused(request, response) and (request.token or "").endswith(".")


def update_by_post_is_refused(request: Request, response: Response) -> bool:
    """Where an update came by POST without a token."""
    return visitors_update_is_refused(request, response) and request.method == "POST"


def update_by_put_is_refused(request: Request, response: Response) -> bool:
    """Where an update came by PUT without a token."""
    return visitors_update_is_refused(request, response) and request.method == "PUT"


def method_is_refused(request: Request, response: Response) -> bool:
    """Where the sign-in was read."""
    return request.path == LOGIN and request.method == "GET"


WHERE: tuple[tuple[str, str, Moment], ...] = (
    ("update_of_a_visitor", "An update without a token", update_by_put_is_refused),
    ("update_of_a_forger", "An update with a forged token", forged_update_is_refused),
    ("update_by_post_of_a_visitor", "An update by POST without a token", update_by_post_is_refused),
    ("update_that_is_a_list", "An update that is a list", list_is_refused),
    ("update_that_is_a_form", "An update that is no JSON", form_is_refused),
    ("unsigned_token", "A read with an unsigned token", unsigned_token_is_refused),
    ("wrong_method", "A wrong method", method_is_refused),
)
for where, what, moment in WHERE:
    for ending, how, change in HOW:
        fault(clause=FORM, full={"settings": 5}, smoke={})(
            answer_as(f"{where}_is_refused_by_a_{ending}", f"{what} is refused by {how}.", change, when=moment)
        )
fault(clause=FORM, full={"settings": 5}, smoke={}, account=NEW_ACCOUNT)(
    answer_as(
        "receptionist_without_a_phone_is_refused_by_a_page",
        "Enabling the receptionist on an account without a phone number is refused by a page.",
        lambda one: Response.html(one.status),
        when=receptionist_is_refused,
    )
)
fault(clause="PUT /api/business/me: enabling the receptionist without a phone number: 400", full={"settings": 3},
      smoke={}, account=NEW_ACCOUNT)(
    answer_as(
        "receptionist_without_a_phone_answers_422",
        "Enabling the receptionist on an account without a phone number counts as malformed.",
        lambda one: one.with_status(422),
        when=receptionist_is_refused,
    )
)  # fmt: skip

EVERY: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("code_of_errors_is_null", "The code of errors is null.", telling(having(error=None))),
    ("code_of_errors_is_a_list", "The code of errors is a list.", telling(having(error=["refused"]))),
    ("message_of_errors_is_a_number", "The message of errors is a number.", telling(having(message=401))),
    ("message_of_errors_is_blank", "The message of errors is a space.", telling(having(message=" "))),
    ("message_of_errors_is_a_page", "The message of errors is a page.",
     telling(having(message="<html><body><h1>Refused</h1></body></html>"))),
    ("detail_of_errors_is_a_page", "The detail of errors is a page.",
     telling(having(detail="<!DOCTYPE html><title>Error</title>"))),
    ("every_error_is_json_in_a_text", "Each error is JSON in a text.", lambda one: one.with_content(one.body.decode())),
    ("every_error_is_a_problem", "Each error is declared `application/problem+json`.",
     lambda one: one.with_headers(content_type="application/problem+json")),
    ("every_error_has_a_tail", "Something follows each error.", lambda one: one.with_body(one.body + b"<br>")),
    ("every_error_is_in_latin_1", "Each error is declared Latin-1, and is.",
     lambda one: Response(one.status, {"content-type": "application/json; charset=latin-1"},
                          '{"error": "refused", "message": "Désolé."}'.encode("latin-1"))),
)  # fmt: skip
for name, sentence, change in EVERY:
    fault(clause=FORM, full=EVERYWHERE, smoke={})(answer_as(name, sentence, change, when=is_refused))

TRACES: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("errors_show_frames_of_javascript", "Errors show a stack trace of JavaScript.", telling(having(detail=NODE))),
    (
        "errors_show_a_nested_stack_trace",
        "Errors show a stack trace somewhere deep in their detail.",
        telling(having(detail={"debug": {"frames": STACK.splitlines()[1:]}})),
    ),
)
for name, sentence, change in TRACES:
    fault(clause=TRACE, full=EVERYWHERE, smoke={})(answer_as(name, sentence, change, when=is_refused))

NOWHERE: tuple[tuple[str, str, Moment, Callable[[Response], Response]], ...] = (
    ("unknown_path_redirects", "A path that is not there leads to the dashboard.", nothing_is_there,
     lambda _: Response(302, {"location": "/dashboard"})),
    ("unknown_path_answers_422", "A path that is not there counts as malformed.", nothing_is_there,
     lambda _: Response.json(422, ERROR)),
    ("wrong_method_answers_500", "A wrong method is an error of the server.", method_is_refused,
     lambda _: Response.json(500, ERROR)),
)  # fmt: skip
for name, sentence, moment, change in NOWHERE:
    fault(clause=STATUS, full={"settings": 5}, smoke={})(answer_as(name, sentence, change, when=moment))
