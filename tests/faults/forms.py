"""Faults in the form of good answers: their status, their encoding, their JSON. Clauses: the calls with 200."""

import json
from collections.abc import Callable
from typing import Any

from tests.faults.catalogue import answer_as, every_suite, fault, having, read_as, telling
from tests.faults.moments import forged_token_is_refused, owner_reads, owner_signs_in, owner_updates
from tests.faults.wrapped import Request, Response

LOGIN = "POST /api/auth/login"
READ = "GET /api/business/me"
UPDATE = "PUT /api/business/me"
CLOSED = f"{READ}: no token, a forged one or a changed one: 401"
DEEP = 200_000


def with_field_twice(name: str, value: Any) -> Callable[[Response], Response]:
    """Give an object a field that it has already, with another value."""
    return lambda one: one.with_body(one.body.rstrip()[:-1] + f", {json.dumps({name: value})[1:-1]}}}".encode())


def in_utf_16(one: Response) -> Response:
    """Encode an answer as Windows likes it."""
    return one.with_body(one.body.decode().encode("utf-16"))


SIGN_INS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("login_answers_202", "Signing in is put off.", lambda one: one.with_status(202)),
    ("login_answers_206", "Signing in is answered with a part.", lambda one: one.with_status(206)),
    ("login_is_in_utf_16", "The answer with the token is in UTF-16.", in_utf_16),
    ("login_holds_nan", "The answer with the token holds NaN, which no JSON has.",
     telling(having(expires_in=float("nan")))),
    ("login_has_a_tail", "Something follows the token.", lambda one: one.with_body(one.body + b"\n<!-- 3 ms -->")),
    ("login_answers_twice", "The answer with the token is there twice, one after the other.",
     lambda one: one.with_body(one.body + one.body)),
    ("login_is_json_in_a_text", "The answer with the token is JSON in a text.",
     lambda one: one.with_content(one.body.decode())),
    ("login_gives_two_tokens", "The answer holds `access_token` twice, with different values.",
     with_field_twice("access_token", "a.b.c")),
)  # fmt: skip
for name, sentence, change in SIGN_INS:
    fault(clause=f"{LOGIN}: 200", full=every_suite(1), smoke=every_suite(1))(
        answer_as(name, sentence, change, when=owner_signs_in)
    )

TOKENS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("token_has_four_parts", "The access token has a part too many.", lambda token: f"{token}.e30"),
    (
        "token_is_encrypted",
        "The access token has five parts, as encrypted ones have.",
        lambda token: f"{token}.e30.e30",
    ),
    ("token_is_padded", "The parts of the access token end in `=`.", lambda token: token.replace(".", "==.")),
    ("token_is_in_a_list", "The access token is in a list.", lambda token: [token]),
    ("token_ends_in_a_line_break", "A line break follows the access token.", lambda token: f"{token}\n"),
    ("token_is_in_quotes", "The access token is in quotes.", lambda token: f'"{token}"'),
    ("token_is_the_text_null", "The access token is the text `null`.", lambda _: "null"),
    ("token_is_true", "The access token is `true`.", lambda _: True),
)
for name, sentence, token_change in TOKENS:

    def given(one: Response, change: Callable[[str], object] = token_change) -> Response:
        return one.with_content(one.content | {"access_token": change(one.content["access_token"])})

    fault(clause=f"{LOGIN}: access_token", full=every_suite(1), smoke=every_suite(1))(
        answer_as(name, sentence, given, when=owner_signs_in)
    )

KINDS: tuple[tuple[str, str, Any], ...] = (
    ("token_type_is_empty", "The kind of the token is an empty text.", ""),
    ("token_type_is_jwt", "The token is said to be of the kind `JWT`.", "JWT"),
    ("token_type_has_a_space", "A space follows the kind of the token.", "bearer "),
    ("token_type_is_a_list", "The kind of the token is a list.", ["bearer"]),
)
for name, sentence, kind in KINDS:
    fault(clause=f"{LOGIN}: token_type and user", full=every_suite(1), smoke=every_suite(1))(
        answer_as(name, sentence, telling(having(token_type=kind)), when=owner_signs_in)
    )

READS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("read_answers_202", "Reading is put off.", lambda one: one.with_status(202)),
    ("read_answers_203", "Reading is answered by a proxy that changed something.", lambda one: one.with_status(203)),
    ("read_answers_207", "Reading is answered with several states at once.", lambda one: one.with_status(207)),
    ("read_answers_226", "Reading is answered with what changed since.", lambda one: one.with_status(226)),
    ("read_answers_301", "Reading is declared as moved for ever.",
     lambda _: Response(301, {"location": "/api/business/me/"})),
    ("read_answers_304", "Reading is answered with: as before.", lambda _: Response(304)),
    ("read_answers_307", "Reading leads to the path with a slash.",
     lambda _: Response(307, {"location": "/api/business/me/"})),
    ("settings_are_in_utf_16", "The settings are in UTF-16.", in_utf_16),
    ("settings_are_there_twice", "The settings are there twice, one after the other.",
     lambda one: one.with_body(one.body + b"\n" + one.body)),
    ("settings_have_single_quotes", "The settings are written as Python writes them.",
     lambda one: one.with_body(str(one.content))),
    ("settings_have_a_trailing_comma", "A comma follows the last setting.",
     lambda one: one.with_body(one.body.rstrip()[:-1] + b",}")),
    ("settings_are_guarded", "A guard against scripts precedes the settings.",
     lambda one: one.with_body(b")]}',\n" + one.body)),
    ("settings_are_nested_without_end", "The settings are nested deeper than anybody reads.",
     lambda one: one.with_body(one.body.rstrip()[:-1] + b', "x": ' + b"[" * DEEP + b"]" * DEEP + b"}")),
    ("settings_hold_infinity", "The settings hold Infinity, which no JSON has.",
     telling(having(rating=float("inf")))),
    ("id_is_there_twice", "The settings say twice, and differently, which business it is.",
     with_field_twice("id", 4711)),
    ("phone_number_is_there_twice", "The settings say twice, and differently, which phone number it is.",
     with_field_twice("phone_number", "+12025550199")),
)  # fmt: skip
for name, sentence, change in READS:
    fault(clause=f"{READ}: 200", full=every_suite(2), smoke=every_suite(2))(
        answer_as(name, sentence, change, when=owner_reads)
    )

TYPES: tuple[tuple[str, str, str], ...] = (
    ("settings_are_declared_text_json", "The settings are declared `text/json`.", "text/json"),
    ("settings_are_declared_a_problem", "The settings are declared a problem.", "application/problem+json"),
    ("settings_are_declared_json_api", "The settings are declared `application/vnd.api+json`.",
     "application/vnd.api+json"),
    ("settings_are_declared_javascript", "The settings are declared a script.", "application/javascript"),
    ("settings_are_declared_utf_16", "The settings are UTF-8, but are declared UTF-16.",
     "application/json; charset=utf-16"),
    ("settings_are_declared_vaguely", "The settings are declared `application/*`.", "application/*"),
)  # fmt: skip
for name, sentence, content_type in TYPES:

    def declared(one: Response, as_type: str = content_type) -> Response:
        return one.with_headers(content_type=as_type)

    fault(clause=f"{READ}: Content-Type: application/json", full={"settings": 5}, smoke={})(
        answer_as(name, sentence, declared, when=owner_reads)
    )

SIGN_IN_TYPES = (
    ("login_is_declared_text", "The token is JSON, but is declared plain text.", "text/plain"),
    ("login_is_declared_latin_1", "The token is declared Latin-1.", "application/json; charset=latin-1"),
)
for name, sentence, content_type in SIGN_IN_TYPES:

    def declared_token(one: Response, as_type: str = content_type) -> Response:
        return one.with_headers(content_type=as_type)

    fault(clause=f"{LOGIN}: Content-Type: application/json", full={"settings": 5}, smoke={})(
        answer_as(name, sentence, declared_token, when=owner_signs_in)
    )

UPDATES: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("update_answers_205", "An update is answered with: clear the form.", lambda _: Response(205)),
    ("update_answers_206", "An update is answered as done in part.", lambda one: one.with_status(206)),
    ("update_answers_207", "An update is answered with several states at once.", lambda one: one.with_status(207)),
    ("update_answers_303", "An update leads to a read.", lambda _: Response(303, {"location": "/api/business/me"})),
    ("update_answers_308", "An update leads to the path with a slash, for ever.",
     lambda _: Response(308, {"location": "/api/business/me/"})),
    ("update_answers_409", "An update always meets a conflict.",
     lambda _: Response.json(409, {"error": "conflict", "message": "Somebody else edited it."})),
    ("update_is_pending", "An update is answered 200, with `status: pending` in it.",
     telling(having(status="pending"))),
    ("update_declares_null", "An update is answered 200, with a status of null.", telling(having(status=None))),
    ("update_declares_true", "An update is answered 200, with a status of `true`.", telling(having(status=True))),
    ("update_tells_an_error_with_200", "An update is answered 200, with an error and a message.",
     lambda _: Response.json(200, {"error": "database_unavailable", "message": "Nothing was saved."})),
)  # fmt: skip
for name, sentence, change in UPDATES:
    fault(clause=f"{UPDATE}: 200", full={"settings": 3}, smoke={"settings": 3})(
        answer_as(name, sentence, change, when=owner_updates)
    )

FORMLESS: tuple[tuple[str, str, Callable[[Response], Response]], ...] = (
    ("update_answers_true", "An update is answered with `true`.", lambda one: one.with_content(True)),
    ("update_answers_twice", "The answer to an update is there twice.", lambda one: one.with_body(one.body + one.body)),
    ("update_answers_in_utf_16", "The answer to an update is in UTF-16.", in_utf_16),
)
for name, sentence, change in FORMLESS:
    fault(clause=f"{UPDATE}: an object, as JSON", full={"settings": 5})(
        answer_as(name, sentence, change, when=owner_updates)
    )


def made_up_token_is_refused(request: Request, response: Response) -> bool:
    """Where somebody comes with a token that is no JWT at all."""
    return forged_token_is_refused(request, response) and (request.token or "").count(".") != 2


for name, sentence, answer in (
    ("made_up_token_answers_500", "A token that is no JWT at all is an error of the server.",
     Response.json(500, {"error": "internal_error", "message": "Not enough segments."})),
    ("made_up_token_answers_422", "A token that is no JWT at all counts as a malformed request.",
     Response.json(422, {"error": "validation_error", "message": "Not a token."})),
):  # fmt: skip
    fault(clause=CLOSED, full=every_suite(1), smoke={})(
        answer_as(name, sentence, lambda _, answer=answer: answer, when=made_up_token_is_refused)  # type: ignore[misc]
    )


STATES: tuple[tuple[str, str, dict[str, Any], dict[str, int]], ...] = (
    ("calendar_state_is_yes", "Whether a calendar is connected is the text `yes`.",
     {"google_calendar_connected": "yes"}, {"calendar": 4}),
    ("calendar_state_is_a_list", "Whether a calendar is connected is a list of none.",
     {"google_calendar_connected": []}, {"calendar": 4}),
    ("receptionist_state_is_a_fraction", "Whether the receptionist answers is the number 1.0.",
     {"receptionist_enabled": 1.0}, {"twilio": 4}),
    ("phone_number_ends_in_a_space", "A space follows the phone number.", {"phone_number": "+12025550143 "},
     {"twilio": 3}),
    ("phone_number_has_hard_spaces", "The phone number holds non-breaking spaces.",
     {"phone_number": "+1\u00a0202\u00a0555\u00a00143"}, {"twilio": 3}),
    ("phone_number_has_a_full_width_plus", "The + of the phone number is not ASCII.",
     {"phone_number": "\uff0b12025550143"}, {"twilio": 3}),
    ("phone_number_is_an_address", "The phone number is what Twilio calls a WhatsApp address.",
     {"phone_number": "whatsapp:+12025550143"}, {"twilio": 3}),
    ("phone_number_is_scientific", "The phone number went through a spreadsheet.", {"phone_number": "+1.2025550143E10"},
     {"twilio": 3}),
)  # fmt: skip
for name, sentence, values, codes in STATES:
    fault(clause=f"{READ}: {next(iter(values))}", full=codes, smoke=codes)(read_as(name, sentence, having(**values)))
