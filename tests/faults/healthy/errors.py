"""Unusual errors that keep the contract."""

from tests.faults.catalogue import healthy
from tests.faults.changes import content, json_response, with_fields, with_headers, with_status
from tests.faults.conditions import login_is_called_with_get, malformed_update_is_rejected, request_is_rejected
from tests.faults.middleware import Response

ERROR = {"error": "E-4711", "message": "That did not work."}

errors = healthy("errors", when=request_is_rejected)

errors_have_no_detail = errors.response(content(lambda error: {name: error[name] for name in ("error", "message")}))
errors_have_null_details = errors.response(content(with_fields(detail=None, action=None)))
errors_have_a_list_as_detail = errors.response(
    content(with_fields(detail=[{"loc": ["body", "email"], "msg": "Field required"}]))
)
errors_have_more_fields = errors.response(
    content(
        with_fields(status=422, timestamp="2025-01-01T00:00:00Z", docs="https://docs.wrapped.example", trace_id="5f")
    )
)
errors_are_in_german = errors.response(content(with_fields(message="Das ging nicht.")))
errors_have_unknown_codes = errors.response(content(with_fields(error="E-4711")))
errors_have_long_actions = errors.response(
    content(with_fields(action={"label": "Log in", "href": "/login"}, detail=["one", {"two": 2}]))
)
errors_contain_angle_brackets = errors.response(content(with_fields(detail="1 < 2 && 3 > 2; use <email>")))
errors_name_a_line = errors.response(content(with_fields(detail="Expecting value: line 1 column 2 (char 1)")))
errors_have_cache_control = errors.response(
    with_headers(cache_control="no-store", www_authenticate='Bearer realm="api", error="invalid_token"')
)
errors_have_no_www_authenticate = errors.response(
    lambda one: Response(one.status, {"content-type": "application/json"}, one.body)
)

malformed_requests_return_400 = healthy("errors", when=lambda _, one: one.status == 422).response(with_status(400))
malformed_updates_return_400 = healthy("errors", when=malformed_update_is_rejected).response(with_status(400))

wrong_method = healthy("errors", when=login_is_called_with_get)
wrong_method_returns_400 = wrong_method.response(json_response(400, ERROR))
wrong_method_returns_401 = wrong_method.response(json_response(401, ERROR))
wrong_method_returns_404 = wrong_method.response(json_response(404, ERROR))
