"""Faults in error responses: `every error` is a JSON object with error and message, and contains no stack trace."""

from tests.faults.catalogue import Expectation, fault
from tests.faults.changes import (
    as_html,
    as_json_string,
    content,
    followed_by,
    html_response,
    in_list,
    json_response,
    nested_in,
    redirect,
    with_body,
    with_fields,
    with_headers,
    with_status,
    without,
)
from tests.faults.conditions import (
    Condition,
    form_update_is_rejected,
    list_update_is_rejected,
    login_is_called_with_get,
    malformed_login_is_rejected,
    malformed_update_is_rejected,
    path_is_unknown,
    post_without_token_is_rejected,
    put_without_token_is_rejected,
    read_with_invalid_token_is_rejected,
    read_with_unsigned_token_is_rejected,
    read_without_token_is_rejected,
    receptionist_update_is_rejected,
    request_is_rejected,
    update_with_invalid_token_is_rejected,
    wrong_login_is_rejected,
)
from tests.faults.middleware import Response

FORM = "every error: error and message, as JSON"
TRACE = "every error: no stack trace"
EVERYWHERE = {"settings": 5, "calendar": 5}
ERROR = {"error": "failed", "message": "That did not work."}
PYTHON = 'Traceback (most recent call last):\n  File "/app/main.py", line 17, in refuse\n    raise ValueError(token)\n'
NODE = "TypeError: x is undefined\n    at async handler (/app/server.js:10:5)\n    at /app/router.js:7:12"


# Every error.
every_error = fault(FORM, full=EVERYWHERE, smoke={}, when=request_is_rejected)

every_error_is_a_page = every_error.response(as_html)
every_error_is_a_text = every_error.response(content(lambda error: error["message"]))
every_error_is_a_list = every_error.response(content(in_list))
every_error_is_empty = every_error.response(with_body(""))
every_error_is_the_fastapi_default = every_error.response(content(lambda error: {"detail": error["message"]}))
every_error_is_nested = every_error.response(content(nested_in("error")))
every_error_is_declared_text = every_error.response(with_headers(content_type="text/plain"))
every_error_is_a_json_string = every_error.response(as_json_string)
every_error_is_a_problem = every_error.response(
    with_headers(content_type="application/problem+json"), "Each error is declared `application/problem+json`."
)
every_error_has_trailing_data = every_error.response(followed_by(b"<br>"))
every_error_is_in_latin_1 = every_error.response(
    lambda one: Response(
        one.status,
        {"content-type": "application/json; charset=latin-1"},
        '{"error": "refused", "message": "Désolé."}'.encode("latin-1"),
    )
)
error_code_is_missing = every_error.response(content(without("error")))
error_code_is_empty = every_error.response(content(with_fields(error="")))
error_code_is_a_number = every_error.response(content(with_fields(error=17)))
error_code_is_true = every_error.response(content(with_fields(error=True)))
error_code_is_null = every_error.response(content(with_fields(error=None)))
error_code_is_a_list = every_error.response(content(with_fields(error=["refused"])))
error_message_is_missing = every_error.response(content(without("message")))
error_message_is_empty = every_error.response(content(with_fields(message="")))
error_message_is_null = every_error.response(content(with_fields(message=None)))
error_message_is_a_list = every_error.response(content(with_fields(message=["Refused."])))
error_message_is_a_number = every_error.response(content(with_fields(message=401)))
error_message_is_blank = every_error.response(content(with_fields(message=" ")))
error_message_is_a_page = every_error.response(
    content(with_fields(message="<html><body><h1>Refused</h1></body></html>"))
)
error_detail_is_a_page = every_error.response(content(with_fields(detail="<!DOCTYPE html><title>Error</title>")))


trace = fault(TRACE, full=EVERYWHERE, smoke={}, when=request_is_rejected)

error_detail_is_a_stack_trace = trace.response(content(with_fields(detail=PYTHON)))
error_message_is_a_stack_trace = trace.response(content(with_fields(message=PYTHON)))
error_field_is_a_stack_trace = trace.response(content(with_fields(trace=PYTHON.splitlines())))
error_detail_is_a_javascript_stack_trace = trace.response(content(with_fields(detail=NODE)))
error_detail_contains_a_stack_trace = trace.response(
    content(with_fields(detail={"debug": {"frames": PYTHON.splitlines()[1:]}}))
)


# One error.


def default(response: Response) -> Response:
    """Replace an error by FastAPI's default."""
    return Response.json(response.status, {"detail": "Not like this"})


def one_error(when: Condition) -> Expectation:
    """Return the expectation for one error that is not structured."""
    return fault(FORM, full={"settings": 5}, smoke={}, when=when)


wrong_login = one_error(wrong_login_is_rejected)
malformed_login = one_error(malformed_login_is_rejected)
read_without_token = one_error(read_without_token_is_rejected)
read_with_invalid_token = one_error(read_with_invalid_token_is_rejected)
read_with_unsigned_token = one_error(read_with_unsigned_token_is_rejected)
put_without_token = one_error(put_without_token_is_rejected)
post_without_token = one_error(post_without_token_is_rejected)
update_with_invalid_token = one_error(update_with_invalid_token_is_rejected)
malformed_update = one_error(malformed_update_is_rejected)
list_update = one_error(list_update_is_rejected)
form_update = one_error(form_update_is_rejected)
unknown_path = one_error(path_is_unknown)
wrong_method = one_error(login_is_called_with_get)

wrong_login_returns_a_page = wrong_login.response(as_html)
wrong_login_returns_the_fastapi_default = wrong_login.response(default)
malformed_login_returns_a_page = malformed_login.response(as_html)
malformed_login_returns_the_fastapi_default = malformed_login.response(default)
read_without_token_returns_a_page = read_without_token.response(as_html)
read_without_token_returns_the_fastapi_default = read_without_token.response(default)
read_with_invalid_token_returns_a_page = read_with_invalid_token.response(as_html)
read_with_invalid_token_returns_the_fastapi_default = read_with_invalid_token.response(default)
read_with_unsigned_token_returns_a_page = read_with_unsigned_token.response(as_html)
read_with_unsigned_token_returns_the_fastapi_default = read_with_unsigned_token.response(default)
put_without_token_returns_a_page = put_without_token.response(as_html)
put_without_token_returns_the_fastapi_default = put_without_token.response(default)
post_without_token_returns_a_page = post_without_token.response(as_html)
post_without_token_returns_the_fastapi_default = post_without_token.response(default)
update_with_invalid_token_returns_a_page = update_with_invalid_token.response(as_html)
update_with_invalid_token_returns_the_fastapi_default = update_with_invalid_token.response(default)
malformed_update_returns_a_page = malformed_update.response(as_html)
malformed_update_returns_the_fastapi_default = malformed_update.response(default)
list_update_returns_a_page = list_update.response(as_html)
list_update_returns_the_fastapi_default = list_update.response(default)
form_update_returns_a_page = form_update.response(as_html)
form_update_returns_the_fastapi_default = form_update.response(default)
unknown_path_returns_a_page = unknown_path.response(as_html)
unknown_path_returns_the_fastapi_default = unknown_path.response(default)
wrong_method_returns_a_page = wrong_method.response(as_html)
wrong_method_returns_the_fastapi_default = wrong_method.response(default)
receptionist_without_a_phone_returns_a_page = fault(
    FORM,
    full={"settings": 5},
    smoke={},
    account={"phone_number": None, "receptionist_enabled": False},
    when=receptionist_update_is_rejected,
).response(as_html, "Enabling the receptionist without a phone number returns an HTML page.")


# An unknown path, a wrong method.
status_404 = fault("every error: 404", full={"settings": 5}, smoke={}, when=path_is_unknown)
unknown_path_returns_the_dashboard = status_404.response(html_response(200, "Dashboard"))
unknown_path_returns_500 = status_404.response(with_status(500))
unknown_path_returns_200 = status_404.response(with_status(200))


EXPECTED = "every error: no 500 for a condition that can be expected"
not_found = fault(EXPECTED, full={"settings": 5}, smoke={}, when=path_is_unknown)

unknown_path_redirects = not_found.response(redirect("/dashboard"))
unknown_path_returns_422 = not_found.response(json_response(422, ERROR))
wrong_method_returns_500 = fault(EXPECTED, full={"settings": 5}, smoke={}, when=login_is_called_with_get).response(
    json_response(500, ERROR)
)
