"""Backends that show credentials: in fields, headers, redirects and errors."""

import json

from tests.faults.catalogue import SECOND_ACCOUNT, every_capability, every_suite, fault
from tests.faults.changes import content, with_fields, with_headers
from tests.faults.conditions import login_succeeds, read_without_token_is_rejected, wrong_login_is_rejected
from tests.faults.middleware import CALLBACK, START, Request, Response, Upstream

CLAUSE = "no response holds a credential"
LETTERS = "ABcdEfGhIjkLmNoPqRsTuVwXyZ0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
GOOGLE = {"GOOGLE_CLIENT_ID": "client.apps.googleusercontent.com"}

# Joined, so that no scanner of repositories takes them for real.
BCRYPT = f"$2b$12${LETTERS[:53]}"
ARGON2 = f"$argon2id$v=19$m=65536,t=3,p=4${LETTERS[:22]}${LETTERS[:43]}"
SCRYPT = f"scrypt:32768:8:1${LETTERS[:16]}${LETTERS * 2}"
PBKDF2 = f"pbkdf2_sha256$600000${LETTERS[:22]}${LETTERS[:43]}="
STRIPE = "_".join(("sk", "live", LETTERS[:24]))
STRIPE_RESTRICTED = "_".join(("rk", "live", LETTERS[:24]))
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GOOGLE_REFRESH = f"1//{LETTERS[:40]}"
GOOGLE_ACCESS = f"ya29.{LETTERS[:40]}"
GOOGLE_SECRET = f"GOCSPX-{LETTERS[:28]}"
GITHUB = f"ghp_{LETTERS[:36]}"
SLACK = "-".join(("xoxb", "123456789012", LETTERS[:24]))
OPENAI = f"sk-proj-{LETTERS[:48]}"
SENDGRID = f"SG.{LETTERS[:22]}.{LETTERS[:43]}"
PRIVATE_KEY = f"-----BEGIN {'PRIVATE'} KEY-----\n{LETTERS}\n-----END {'PRIVATE'} KEY-----\n"
JWT_OF_ANOTHER = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keS1lbHNlIn0.c2lnbmF0dXJlLW9mLXNvbWVib2R5"
DATABASE_URL = f"postgresql://receptionist:{LETTERS[:16]}@db.internal:5432/receptionist"
HEX = "0123456789abcdef" * 2

# In the settings.
shown = fault(CLAUSE, full=every_suite(4), smoke=every_capability(4))

owner_has_a_bcrypt_hash = shown.settings(with_fields(owner={"email": "owner@wrapped.example", "password_hash": BCRYPT}))
settings_show_an_argon2_hash = shown.settings(with_fields(secret_question=ARGON2))
settings_show_a_scrypt_hash = shown.settings(with_fields(pin=SCRYPT))
settings_show_a_pbkdf2_hash = shown.settings(with_fields(hashed=PBKDF2))
settings_show_a_stripe_key = shown.settings(with_fields(billing={"key": STRIPE}))
settings_show_a_restricted_stripe_key = shown.settings(with_fields(billing=[STRIPE_RESTRICTED]))
settings_show_an_aws_key = shown.settings(with_fields(storage={"id": AWS}))
settings_show_a_google_refresh_token = shown.settings(with_fields(calendar={"google_refresh": GOOGLE_REFRESH}))
settings_show_a_google_access_token = shown.settings(with_fields(calendar=f"Bearer {GOOGLE_ACCESS}"))
settings_show_a_google_client_secret = shown.settings(with_fields(oauth=GOOGLE_SECRET))
settings_show_a_github_token = shown.settings(with_fields(deployed_with=GITHUB))
settings_show_a_slack_token = shown.settings(with_fields(alerts={"slack": SLACK}))
settings_show_an_openai_key = shown.settings(with_fields(model={"provider": "openai", "value": OPENAI}))
settings_show_a_sendgrid_key = shown.settings(with_fields(mail=SENDGRID))
settings_show_a_private_key = shown.settings(with_fields(service_account={"pem": PRIVATE_KEY}))
settings_show_the_token_of_another_user = shown.settings(with_fields(support_session=JWT_OF_ANOTHER))
settings_show_the_database_url = shown.settings(with_fields(debug={"database": DATABASE_URL}))
settings_show_a_password = shown.settings(with_fields(password="hunter2-2026"))
settings_show_a_twilio_token = shown.settings(with_fields(twilio={"account_sid": f"AC{HEX}", "auth_token": HEX}))
settings_show_an_api_key = shown.settings(with_fields(apiKey=HEX))
settings_show_a_client_secret = shown.settings(
    with_fields(integrations=[{"name": "crm", "clientSecret": "crm-7f3a9b2c51d0"}])
)
settings_show_recovery_codes = shown.settings(with_fields(recovery_codes=["4f7a-91bc", "77de-02fa"]))
settings_show_a_key_in_embedded_json = shown.settings(with_fields(config=json.dumps({"secret_key": HEX})))
settings_show_a_hash_in_a_list_of_staff = shown.settings(
    with_fields(staff=[{"name": "Ann", "has_password": True}, {"name": "Bob", "passwordHash": HEX}])
)


@shown
async def settings_show_the_password_of_the_owner(request: Request, upstream: Upstream) -> Response:
    """The settings show the password of the login, in a field of any name."""
    response = await upstream(request)
    if request.is_login and response.status == 200:
        upstream.memory["password"] = (request.fields or {})["password"]
    if request.is_read and response.status == 200:
        return response.with_content({**response.content, "last_note": f"changed to {upstream.memory['password']}"})
    return response


# In the login, which each suite depends on.
logged_in = fault(CLAUSE, full=every_suite(4), smoke=every_suite(4), when=login_succeeds)

login_shows_the_hash_of_the_user = logged_in.response(
    content(lambda body: body | {"user": {**body["user"], "password_hash": BCRYPT}})
)
login_shows_the_google_token_of_the_user = logged_in.response(
    content(lambda body: body | {"user": {**body["user"], "google_refresh_token": GOOGLE_REFRESH}})
)
login_shows_a_reset_token = logged_in.response(
    content(lambda body: body | {"user": {**body["user"], "password_reset_token": HEX}})
)
login_shows_a_key_in_a_header = logged_in.response(with_headers(x_upstream_key=OPENAI))
login_shows_an_api_key_in_a_header = logged_in.response(with_headers(x_api_key=HEX))

every_response_shows_the_database_url_in_a_header = fault(CLAUSE, full=every_suite(4), smoke=every_suite(4)).response(
    with_headers(x_debug_dsn=DATABASE_URL)
)

# In responses to other requests.
update_shows_a_hash = fault(
    CLAUSE,
    full={"settings": 4, "security": 4},
    smoke={"settings": 4},
    environment=SECOND_ACCOUNT,
    when=lambda request, response: request.is_update and response.status == 200,
).response(content(with_fields(audit={"by": "owner", "password_hash": BCRYPT})))

wrong_login_shows_the_hash = fault(
    CLAUSE, full={"settings": 4, "security": 4}, smoke={}, when=wrong_login_is_rejected
).response(content(with_fields(detail=f"bcrypt.checkpw failed for {BCRYPT}")))

rejected_read_shows_the_signing_key = fault(
    CLAUSE, full=every_capability(4), smoke={}, when=read_without_token_is_rejected
).response(content(with_fields(detail=f"JWT_SECRET_KEY={HEX} does not match")))

unknown_path_shows_a_key = fault(
    CLAUSE, full={"settings": 4}, smoke={}, when=lambda request, response: response.status == 404
).response(content(with_fields(detail=f"no route; env: STRIPE_SECRET_KEY={STRIPE}")))

start_shows_the_client_secret = fault(
    CLAUSE,
    full={"calendar": 4, "security": 4},
    smoke={"calendar": 4},
    environment=GOOGLE,
    when=lambda request, response: request.path == START and response.status == 302,
).response(lambda one: one.with_headers(location=f"{one.headers['location']}&client_secret={HEX}"))

start_shows_a_private_key = fault(
    CLAUSE,
    full={"calendar": 4, "security": 4},
    smoke={"calendar": 4},
    when=lambda request, response: request.path == START and response.status == 200,
).response(content(with_fields(credentials={"type": "service_account", "private_key": PRIVATE_KEY})))

callback_hands_on_a_google_token = fault(
    CLAUSE,
    full={"calendar": 4},
    smoke={},
    when=lambda request, response: request.path == CALLBACK and response.status == 302,
).response(lambda one: one.with_headers(location=f"{one.headers['location']}&access_token={GOOGLE_ACCESS}"))
