"""Fields, headers and logins that look like an exposure, and are harmless."""

import base64
import json
from typing import Any

from tests.faults.authorization import GOOGLE, is_unknown, with_state
from tests.faults.catalogue import SECOND_ACCOUNT, healthy
from tests.faults.changes import content, with_fields, with_headers
from tests.faults.conditions import login_succeeds, settings_are_read, wrong_login_is_rejected
from tests.faults.exposures import HEX, LETTERS
from tests.faults.middleware import START, Request, Response, Upstream

UUID = "7c0e3f7a-52a4-4f5b-8d9e-0a4d3c1b2e6f"
PNG = f"data:image/png;base64,iVBORw0KGgo{LETTERS}AKIAIOSFODNN7EXAMPLE1//{LETTERS}sk-{LETTERS}=="
MASKED_KEY = "_".join(("sk", "live", "••••1234"))

harmless = healthy("nothing private")

settings_show_a_publishable_key = harmless.settings(with_fields(stripe={"publishable_key": f"pk_live_{LETTERS[:24]}"}))
settings_show_a_public_key = harmless.settings(with_fields(public_key=f"-----BEGIN PUBLIC KEY-----\n{LETTERS}"))
settings_show_a_customer_id = harmless.settings(with_fields(stripe_customer=f"cus_{LETTERS[:14]}"))
settings_show_a_twilio_account = harmless.settings(with_fields(twilio_account_sid=f"AC{HEX}", call_sid=f"CA{HEX}"))
settings_show_a_masked_key = harmless.settings(with_fields(api_key=MASKED_KEY, secret_key="sk_...1234"))
settings_show_a_masked_password = harmless.settings(with_fields(password="********", client_secret="[redacted]"))
settings_show_whether_there_is_a_password = harmless.settings(with_fields(has_password=True, password_set=True))
settings_show_the_state_of_a_secret = harmless.settings(with_fields(client_secret="configured", auth_token="not-set"))
settings_show_when_a_password_was_changed = harmless.settings(
    with_fields(password_changed_at="2026-01-02T03:04:05Z", token_expires="2027-01-01", secret="2026-01-02")
)
settings_show_counts_of_tokens = harmless.settings(
    with_fields(tokens_used=123456, token_limit=1000000, max_tokens="4096")
)
settings_show_uuids = harmless.settings(with_fields(session_token=UUID, api_key_id=UUID, token_id=UUID))
settings_show_an_avatar = harmless.settings(with_fields(avatar=PNG, avatar_hash=HEX, logo=f"/img/{HEX}.png"))
settings_show_tokens_of_lists = harmless.settings(
    with_fields(next_page_token=LETTERS, sync_token=LETTERS, cursor=LETTERS)
)
settings_show_links = harmless.settings(
    with_fields(
        password="/account/password",
        reset_password="https://app.example/reset",
        website="https://a:b.example/@c",
        database="postgres://app:***@db/app",
    )
)
settings_show_the_kind_of_a_token = harmless.settings(
    with_fields(token_type="bearer", auth={"secret": None, "token": ""})
)
settings_show_a_key_of_a_map = harmless.settings(
    with_fields(maps_api_key=f"AIza{LETTERS[:35]}", key="harbour-dental-1")
)
settings_show_a_public_sentry_url = harmless.settings(with_fields(dsn=f"https://{HEX}@o1.ingest.example/7"))
settings_have_an_etag = healthy("nothing private", when=settings_are_read).response(
    with_headers(etag=f'W/"{HEX}"', x_trace=HEX, x_csrf_token=HEX)
)
settings_may_be_kept_by_the_browser = healthy("nothing private", when=settings_are_read).response(
    with_headers(cache_control="private, max-age=60", vary="Authorization")
)
settings_may_not_be_kept = healthy("nothing private", when=settings_are_read).response(
    with_headers(cache_control="no-store, max-age=0", pragma="no-cache")
)
settings_are_open_without_credentials = healthy("nothing private", when=settings_are_read).response(
    with_headers(access_control_allow_origin="*")
)

login_gives_a_session = healthy("nothing private", when=login_succeeds)

login_sets_tokens_of_the_caller = login_gives_a_session.response(
    content(with_fields(refresh_token=LETTERS, id_token=f"eyJhbGciOiJub25lIn0.{LETTERS[:20]}.{LETTERS[:20]}", csrf=HEX))
)
login_gives_the_user_their_token = login_gives_a_session.response(
    content(lambda body: body | {"user": {**body["user"], "token": body["access_token"]}})
)
user_has_a_masked_address = login_gives_a_session.response(
    content(with_fields(user={"email": "o***r@wrapped.example"}))
)
user_has_other_ids = login_gives_a_session.response(
    content(lambda body: body | {"user": {**body["user"], "id": 4711, "business_id": 1, "ref": UUID}})
)


@harmless
async def settings_renew_the_token_in_a_header(request: Request, upstream: Upstream) -> Response:
    """Each read renews the token of the caller: same subject, another id."""
    response = await upstream(request)
    if not request.is_read or response.status != 200 or request.token is None:
        return response
    header, payload, signature = request.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    renewed = base64.urlsafe_b64encode(json.dumps(claims | {"jti": UUID}).encode()).rstrip(b"=").decode()
    return response.with_headers(x_renewed_token=f"{header}.{renewed}.{signature}")


@healthy("nothing private", environment=GOOGLE | SECOND_ACCOUNT)
async def state_is_a_jwt(request: Request, upstream: Upstream) -> Response:
    """The state is a signed token, which Google hands back."""
    response = await upstream(request)
    if request.path != START or response.status != 302:
        return response
    memory = upstream.memory
    memory["starts"] = memory.get("starts", 0) + 1
    claims = (
        base64.urlsafe_b64encode(json.dumps({"sub": "oauth", "n": memory["starts"]}).encode()).rstrip(b"=").decode()
    )
    return with_state(response, f"eyJhbGciOiJIUzI1NiJ9.{claims}.{LETTERS[:43]}")


def with_ids_and_times(body: dict[str, Any]) -> dict[str, Any]:
    """Add what differs between two responses to the same request."""
    import time
    import uuid

    return body | {"request_id": uuid.uuid4().hex, "timestamp": time.time(), "detail": f"ref {uuid.uuid4()}"}


rejected_logins_have_ids_and_times = healthy("nothing private", when=wrong_login_is_rejected).response(
    content(with_ids_and_times)
)
unknown_user_gets_another_header = healthy("nothing private", when=is_unknown).response(with_headers(x_bucket="b"))


@healthy("nothing private")
async def rejected_logins_repeat_the_address(request: Request, upstream: Upstream) -> Response:
    """A rejected login names the address that was sent."""
    response = await upstream(request)
    if not wrong_login_is_rejected(request, response):
        return response
    return response.with_content({**response.content, "detail": f"Rejected: {(request.fields or {}).get('email')}"})


owners_are_separate = healthy(
    "nothing private", environment=SECOND_ACCOUNT | GOOGLE, options=("--allow-destructive",)
).function(lambda request, upstream: upstream(request), "There is a second account, and destructive tests are allowed.")
updates_with_unknown_fields_are_rejected = healthy(
    "nothing private", environment=SECOND_ACCOUNT, options=("--allow-destructive",)
)


@updates_with_unknown_fields_are_rejected
async def an_id_in_an_update_is_refused(request: Request, upstream: Upstream) -> Response:
    """An update that contains an id is refused."""
    if request.is_update and "id" in (request.fields or {}):
        return Response.json(422, {"error": "unknown_field", "message": "id cannot be set."})
    return await upstream(request)


@healthy("nothing private", environment=SECOND_ACCOUNT, options=("--allow-destructive",))
async def owners_may_set_other_fields(request: Request, upstream: Upstream) -> Response:
    """Each business has a website, which its owner may set, and a time that changes with each update."""
    owner = upstream.memory.setdefault(str(request.token), {"website": f"{len(upstream.memory)}.example", "updated": 0})
    fields = dict(request.fields or {})
    if request.is_update:
        if "website" in fields:
            owner["website"] = fields.pop("website")
        owner["updated"] += 1
        request = request.with_fields(fields) if request.fields else request
    response = await upstream(request)
    if not (request.is_read or request.is_update) or response.status != 200:
        return response
    updated = f"2026-01-01T00:00:00.{owner['updated']:06}Z"
    return response.with_content({**response.content, "website": owner["website"], "updated_at": updated})
