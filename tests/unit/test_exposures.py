"""Credentials in responses are found by names and by shapes, and nothing harmless is."""

import json
from typing import Any

import jwt
import pytest
import requests

from acceptance.client.exposures import MOST_EXPOSURES, exposures_of
from tests.faults.exposures import (
    ARGON2,
    AWS,
    BCRYPT,
    DATABASE_URL,
    GITHUB,
    GOOGLE_ACCESS,
    GOOGLE_REFRESH,
    HEX,
    JWT_OF_ANOTHER,
    LETTERS,
    PBKDF2,
    PRIVATE_KEY,
    SCRYPT,
    SLACK,
    STRIPE,
)

PASSWORD = "correct-horse-battery-9"
ISSUED = "4f7a91bc-77de02fa"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"
SHAPES = {
    BCRYPT: "a password hash",
    ARGON2: "a password hash",
    SCRYPT: "a password hash",
    PBKDF2: "a password hash",
    PRIVATE_KEY: "a private key",
    STRIPE: "an API key",
    AWS: "an API key",
    GITHUB: "an API key",
    SLACK: "an API key",
    GOOGLE_REFRESH: "a token of Google",
    GOOGLE_ACCESS: "a token of Google",
    JWT_OF_ANOTHER: "a JWT",
    DATABASE_URL: "a URL with a password",
}


def response(
    body: object,
    status: int = 200,
    url: str = "https://api.example/api/business/me",
    sent: Any = None,
    reason: str = "OK",
    **headers: str,
) -> requests.Response:
    """Return a response to a request with the owner's token."""
    one = requests.Response()
    one.status_code, one.reason = status, reason
    one._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    one.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    request = requests.Request("POST" if sent else "GET", url, json=sent, headers={"Authorization": f"Bearer {TOKEN}"})
    one.request = request.prepare()
    return one


def token_of(**claims: Any) -> str:
    return jwt.encode(claims, "k" * 32)


def found(*arguments: Any, **options: Any) -> list[str]:
    return exposures_of(response(*arguments, **options), [PASSWORD])


@pytest.mark.parametrize(("secret", "kind"), SHAPES.items())
def test_known_shape_is_found_wherever_it_is(secret: str, kind: str) -> None:
    assert found({"a": {"b": [f"see {secret}"]}}) == [f"{kind} in the field 'a.b'"]
    assert found(f"<p>{secret}</p>".encode(), 500) == [f"{kind} in its body"]
    assert found({}, X_Debug=secret.replace("\n", " ")) == [f"{kind} in its header X-Debug"]
    assert found({}, reason=f"Bad {secret}") == [f"{kind} in its status line"]
    assert found({secret: 1}) == [f"{kind} in the name of a field"]


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "passwordHash",
        "hashed_password",
        "client_secret",
        "X-Api-Key",
        "SECRET_KEY",
        "googleRefreshToken",
        "twilio_auth_token",
        "api_keys",
        "privateKey",
        "recovery_codes",
        "password_digest",
        "credentials",
        "jwt",
        "pass_hash",
        "pwdHash",
        "password_hashed",
        "passwordhash",
        "secretAccessKey",
        "signing_secret",
        "webhookSigningKey",
        "SECRET_KEY_BASE",
        "clientsecret",
        "authToken",
        "jwt_key",
        "db_pass",
        "api_key_2",
    ],
)
def test_value_under_the_name_of_a_credential_is_one(name: str) -> None:
    assert found({name: ISSUED}) == [f"a credential in the field '{name}'"]
    assert found({name: [ISSUED]}) == [f"a credential in the field '{name}'"]


@pytest.mark.parametrize("name", ["password", "pwd", "db_pass", "SMTP_PASSWORD", "recovery_codes"])
def test_password_may_be_short(name: str) -> None:
    assert found({name: "4f7a-91bc"}) == [f"a credential in the field '{name}'"]


@pytest.mark.parametrize(
    "name",
    [
        "publishable_key",
        "public_key",
        "has_password",
        "token_type",
        "token_count",
        "next_page_token",
        "syncToken",
        "password_changed_at",
        "key",
        "etag",
        "private_key_id",
        "secret_name",
        "csrf_token",
        "avatar_hash",
        "monkey",
        "deltaToken",
        "fcm_token",
        "search_api_key",
        "boarding_pass",
        "password_reset_at",
    ],
)
def test_name_that_only_looks_like_one_is_harmless(name: str) -> None:
    assert found({name: ISSUED}) == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "short",
        "********",
        "sk_live_••••1234",
        "[redacted]",
        "configured",
        "not-set",
        "2026-01-02T03:04:05Z",
        "7c0e3f7a-52a4-4f5b-8d9e-0a4d3c1b2e6f",
        "/account/password",
        "https://app.example/reset",
        "two words 1",
        True,
        123456,
        None,
        f"pk_live_{LETTERS}",
        f"AIza{LETTERS}",
        "Mot-de-passe",
        "パスワードは8文字以上",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:crm-1a2b3c",
        "projects/123/secrets/twilio/versions/3",
        "$TWILIO_AUTH_TOKEN_2",
        "auth.token.expired.v2",
        "key_12ab",
    ],
)
def test_value_that_is_no_secret_is_harmless_under_any_name(value: object) -> None:
    assert found({"client_secret": value}) == []


@pytest.mark.parametrize(
    "text",
    [
        f"data:image/png;base64,iVBORw0KGgo{LETTERS}AKIAIOSFODNN7EXAMPLE1//{LETTERS}==",
        "https://maps.example/@48.1,11.5:12z@x",
        "postgres://app:***@db/app",
        "https://user:password@api.example",
        f"https://app.example/oauth?state={JWT_OF_ANOTHER}&x=1",
        f"$5.00 {HEX} cus_{LETTERS[:14]} AC{HEX}",
        "$5$10$15$20$25$30$35$40$45$50",
        "https://docs.example:443?mail=info@docs.example",
        "https://docs.example,phone:+4930123456,mail:info@docs.example",
        f"https://media.example/logo.png?X-Amz-Credential={AWS}%2F20260102%2Feu&X-Amz-Security-Token={LETTERS}&x=1",
        f"https://media.example/logo.png?AWSAccessKeyId={AWS}&Expires=1",
        "https://zoom.example/j/123?x=1&amp;pwd=Abc123Def456",
        "xoxo-from-all-of-us-at-harbour",
        "SG.Orchard-Road-Shopping-Mall.Marina-Bay-Sands-Hotel",
        jwt.encode({"iss": "supabase", "role": "anon"}, "k" * 32),
    ],
)
def test_text_that_only_looks_like_a_secret_is_harmless(text: str) -> None:
    assert found({"note": text}, Link=text) == []


def test_what_the_request_sent_and_the_token_of_the_caller_are_harmless() -> None:
    renewed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3IiwianRpIjoiOSJ9.b3RoZXJzaWduYXR1cmU"
    assert found({"echo": TOKEN, "token": TOKEN, "renewed": renewed}, Authorization=f"Bearer {TOKEN}") == []
    assert found({"password": PASSWORD, "again": f"got {PASSWORD}"}, sent={"password": PASSWORD}) == []
    assert found({"again": f"got {PASSWORD}"}) == ["the password of the account in the field 'again'"]


def test_login_returns_the_tokens_of_its_caller_and_no_others() -> None:
    login: dict[str, Any] = {"url": "https://api.example/api/auth/login", "sent": {"email": "a@b.example"}}
    assert found({"access_token": TOKEN, "refresh_token": LETTERS, "user": {"token": TOKEN}}, **login) == []
    tokens = {"refresh_token": token_of(jti="9"), "sessionToken": LETTERS, "data": {"refresh": token_of(jti="1")}}
    assert found({"access_token": TOKEN, **tokens}, **login) == []
    nested = {"access_token": token_of(user={"id": 7}), "refreshToken": token_of(userId="7", jti="1")}
    assert found(nested, **login) == []
    assert found({"access_token": TOKEN, "refresh_token": token_of(sub="8")}, **login) == [
        "a JWT in the field 'refresh_token'"
    ]
    user = {"google_refresh_token": LETTERS, "passwordHash": BCRYPT}
    assert found({"access_token": TOKEN, "user": user}, **login) == [
        "a credential in the field 'user.google_refresh_token'",
        "a password hash in the field 'user.passwordHash'",
    ]


def test_parameters_of_a_redirect_are_searched_but_for_those_of_oauth() -> None:
    harmless = f"https://accounts.google.com/o?client_id=1&state={JWT_OF_ANOTHER}&code_challenge={LETTERS}"
    assert found({}, 302, Location=harmless) == []
    expected = ["a credential in the parameter 'client_secret' of its header Location"]
    assert found({}, 302, Location=f"{harmless}&client_secret={ISSUED}") == expected
    assert found({}, 302, Location=f"/app#access_token={ISSUED}")[0].startswith("a credential in the parameter")


def test_error_may_name_fields_and_not_their_values() -> None:
    assert found({"password": "too_short", "detail": {"token": "missing"}}, 422) == []
    assert found({"message": "password: at least 8 characters"}, 422) == []
    assert found({"errors": {"password": ["min_length_8"], "token": "ERR_TOKEN_401"}}, 400) == []
    assert found({"message": "Invalid token: signature-verification-failed-E401"}, 401) == []
    assert found({"detail": f"JWT_SECRET={HEX} is wrong"}, 500) == [
        "a credential in 'JWT_SECRET' in the field 'detail'"
    ]
    page = f"<pre>SECRET_KEY = '{HEX}'\nDEBUG = True</pre>".encode()
    assert found(page, 500) == ["a credential in 'SECRET_KEY' in its body"]


def test_owners_own_text_is_harmless() -> None:
    assert found({"description": "Wifi password: Guest2024, door code 1234#"}) == []


def test_password_in_a_connection_string_is_found() -> None:
    shown = found({"db": "Server=db.internal;User Id=sa;Password=Zq8-vn4!"})
    assert shown == ["a connection string in the field 'db'"]
    assert found({"db": "Server=db.internal;User Id=sa;Password=********"}) == []


def test_json_in_a_string_is_searched() -> None:
    assert found({"config": json.dumps({"secret_key": HEX})}) == ["a credential in the field 'config.secret_key'"]


def test_number_of_exposures_is_bounded() -> None:
    assert len(found([{f"password{'x' * number}_secret": HEX} for number in range(200)])) == MOST_EXPOSURES
