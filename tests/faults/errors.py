"""Faults in how errors are told. Clause: `every error` is an object with error and message, and no stack trace."""

from collections.abc import Callable

from tests.faults.catalogue import answer_as, answered, fault, having, telling, without
from tests.faults.moments import (
    forged_token_is_refused,
    is_refused,
    malformed_sign_in_is_refused,
    malformed_update_is_refused,
    nothing_is_there,
    visitor_is_refused,
    wrong_sign_in_is_refused,
)
from tests.faults.wrapped import Request, Response

FORM = "every error: error and message, as JSON"
TRACE = "every error: no stack trace"
STATUS = "every error: 404"
EVERYWHERE = {"settings": 5, "calendar": 3}
STACK = 'Traceback (most recent call last):\n  File "/app/main.py", line 17, in refuse\n    raise ValueError(token)\n'


EVERY: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("every_error_is_a_page", "Each error has the right status, and a page for a body.",
     lambda one: Response.html(one.status)),
    ("every_error_is_a_text", "Each error is a text instead of an object.", telling(lambda error: error["message"])),
    ("every_error_is_a_list", "Each error is a list of errors.", telling(lambda error: [error])),
    ("every_error_is_empty", "Each error has the right status, and nothing to say.", lambda one: one.with_body("")),
    ("every_error_is_the_default", "Each error is what FastAPI says by itself.",
     telling(lambda error: {"detail": error["message"]})),
    ("every_error_is_nested", "Each error is one level deeper than promised.", telling(lambda error: {"error": error})),
    ("every_error_is_declared_text", "Each error is JSON, but is declared plain text.",
     lambda one: one.with_headers(content_type="text/plain")),
    ("code_of_errors_is_missing", "Errors have no code for programs.", telling(without("error"))),
    ("code_of_errors_is_empty", "The code of errors is an empty text.", telling(having(error=""))),
    ("code_of_errors_is_a_number", "The code of errors is a number.", telling(having(error=17))),
    ("code_of_errors_is_true", "The code of errors is `true`.", telling(having(error=True))),
    ("message_of_errors_is_missing", "Errors have no message for people.", telling(without("message"))),
    ("message_of_errors_is_empty", "The message of errors is an empty text.", telling(having(message=""))),
    ("message_of_errors_is_null", "The message of errors is null.", telling(having(message=None))),
    ("message_of_errors_is_a_list", "The message of errors is a list.", telling(having(message=["Refused."]))),
)  # fmt: skip
for name, sentence, change in EVERY:
    fault(clause=FORM, full=EVERYWHERE, smoke={})(answer_as(name, sentence, change, when=is_refused))

for name, sentence, change in (
    ("errors_show_a_stack_trace_as_detail", "Errors show a stack trace beside their message.",
     telling(having(detail=STACK))),
    ("errors_show_a_stack_trace_as_message", "The message of errors is a stack trace.", telling(having(message=STACK))),
    ("errors_show_a_stack_trace_as_a_field", "Errors show a stack trace in a field of its own.",
     telling(having(trace=STACK.splitlines()))),
):  # fmt: skip
    fault(clause=TRACE, full=EVERYWHERE, smoke={})(answer_as(name, sentence, change, when=is_refused))

WHERE: tuple[tuple[str, str, Callable[[Request, Response], bool]], ...] = (
    ("refused_sign_in", "A refused sign-in", wrong_sign_in_is_refused),
    ("malformed_sign_in", "A sign-in that cannot be read", malformed_sign_in_is_refused),
    ("refused_visitor", "A read without a token", visitor_is_refused),
    ("refused_token", "A read with a forged token", forged_token_is_refused),
    ("refused_update", "An update that cannot be read", malformed_update_is_refused),
    ("unknown_path", "A path that is not there", nothing_is_there),
)
HOW: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("page", "a page", lambda one: Response.html(one.status)),
    ("default", "what FastAPI says by itself", lambda one: Response.json(one.status, {"detail": "Not like this"})),
)
for where, what, moment in WHERE:
    for ending, how, change in HOW:
        fault(clause=FORM, full={"settings": 5}, smoke={})(
            answer_as(f"{where}_is_a_{ending}", f"{what} is refused by {how}.", change, when=moment)
        )


@fault(clause=STATUS, full={"settings": 5}, smoke={})
@answered(lambda _: Response.html(200, "Dashboard"), when=nothing_is_there)
def unknown_path_is_the_dashboard() -> None:
    """A path that is not there is answered with the page of the dashboard."""


@fault(clause=STATUS, full={"settings": 5}, smoke={})
@answered(lambda one: one.with_status(500), when=nothing_is_there)
def unknown_path_answers_500() -> None:
    """A path that is not there is an error of the server."""


@fault(clause=STATUS, full={"settings": 5}, smoke={})
@answered(lambda one: one.with_status(200), when=nothing_is_there)
def unknown_path_answers_200() -> None:
    """A path that is not there is answered with 200, and an error in the body."""
