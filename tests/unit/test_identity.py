"""A login whose token and user contradict each other or the address is of somebody else."""

from typing import Any

import jwt
import pytest

from acceptance.client.identity import identity_problem

EMAIL = "Owner@Example.com"
ONE, TWO = "7c0e3f7a-52a4-4f5b-8d9e-0a4d3c1b2e6f", "2f1c9d50-0d5f-4b5e-9a55-64a2f5d0c9aa"


def problem(claims: dict[str, Any], user: dict[str, Any]) -> str | None:
    return identity_problem(jwt.encode(claims, "k" * 32, algorithm="HS256"), user, EMAIL)


@pytest.mark.parametrize(
    ("claims", "user"),
    [
        ({}, {}),
        ({"sub": "owner"}, {"name": "Zoë"}),
        ({"sub": "owner@example.com"}, {"email": "OWNER@EXAMPLE.COM"}),
        ({"sub": "7", "email": "owner@example.com "}, {"id": 7}),
        ({"sub": ONE}, {"id": ONE.upper()}),
        ({"sub": ONE}, {"id": 7}),
        ({"sub": "7"}, {"id": 1, "business_id": 7}),
        ({"sub": "auth0|7"}, {"id": 8}),
        ({"sub": ONE.replace("-", "")}, {"id": ONE}),
        ({"sub": "7", "id": 991}, {"id": 7}),
        ({"sub": "9"}, {"id": 7, "account": {"id": 9}}),
        ({"user": {"id": 7}}, {"id": 7}),
        ({"sub": "7"}, {"email": "o***r@example.com"}),
        ({"sub": "7", "id": True}, {"id": "7", "email": None}),
    ],
)
def test_login_of_the_owner_has_no_problem(claims: dict[str, Any], user: dict[str, Any]) -> None:
    assert problem(claims, user) is None


@pytest.mark.parametrize(
    ("claims", "user", "expected"),
    [
        ({}, {"email": "other@example.com"}, "'email' of 'user' is not the address of the login"),
        ({"email": "other@example.com"}, {}, "'email' of its token is not the address of the login"),
        ({"sub": "other@example.com"}, {}, "'sub' of its token is not the address of the login"),
        ({"upn": "other@example.com"}, {"email": EMAIL}, "'upn' of its token is not the address of the login"),
        ({"sub": "8"}, {"id": 7}, "'sub' of its token is none of the ids in 'user'"),
        ({"userId": "5f0c9aa2f1c9d500d5f4b5e9"}, {"_id": "5f0c9aa2f1c9d500d5f4b5e0"}, "'userId' of its token is none"),
        ({"user": {"id": 8}}, {"id": 7}, "'id' of its token is none of the ids in 'user'"),
        ({}, {"emailAddress": "other@example.com"}, "'emailAddress' of 'user' is not the address of the login"),
        ({"user_id": TWO}, {"id": ONE}, "'user_id' of its token is none of the ids in 'user'"),
    ],
)
def test_login_of_somebody_else_has_one(claims: dict[str, Any], user: dict[str, Any], expected: str) -> None:
    assert str(problem(claims, user)).startswith(expected)


def test_address_may_be_kept_without_its_tag() -> None:
    token = jwt.encode({"sub": "owner@example.com"}, "k" * 32)
    assert identity_problem(token, {"email": "owner@example.com"}, "own.er+e2e@example.com") is None
    assert identity_problem(token, {"email": "owner+two@example.com"}, "owner+one@example.com")
