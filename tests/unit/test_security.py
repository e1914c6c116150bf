"""Two rejected logins are compared, and responses that caches may share are found."""

from typing import Any

import pytest
import requests

from Security import Security, caching_problem, without_ids_and_times

EMAIL = "nobody@unknown.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"request_id": "a", "message": "no"}, {"request_id": "b", "message": "no"}),
        ({"requestId": "V1StGXR8", "durationMs": 231}, {"requestId": "Z5jdHi6B", "durationMs": 229}),
        ([{"msg": f"{EMAIL} rejected"}], [{"msg": "Nobody@Unknown.example rejected"}]),
        (
            {"detail": "ref 7c0e3f7a-52a4-4f5b-8d9e-0a4d3c1b2e6f"},
            {"detail": "ref 2f1c9d50-0d5f-4b5e-9a55-64a2f5d0c9aa"},
        ),
        ({"timestamp": "2026-01-02T03:04:05Z"}, {"timestamp": "2026-01-02T03:04:06.5Z"}),
        ({"detail": "at 2026-01-02T03:04:05Z"}, {"detail": "at 2026-01-02T03:04:06Z"}),
        ({"took": 0.25}, {"took": 0.75}),
        ([{"msg": f"{EMAIL} rejected"}], [{"msg": f"{EMAIL} rejected"}]),
    ],
)
def test_responses_that_differ_in_ids_and_times_are_alike(one: Any, other: Any) -> None:
    assert without_ids_and_times(one, EMAIL) == without_ids_and_times(other, EMAIL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"message": "no such user"}, {"message": "wrong password"}),
        ({"message": "no"}, {"message": "no", "hint": "register"}),
        ({"attempts_left": 4}, {"attempts_left": 5}),
        ({"error": "user_not_found"}, {"error": "invalid_credentials"}),
    ],
)
def test_responses_that_say_who_has_an_account_differ(one: Any, other: Any) -> None:
    assert without_ids_and_times(one, EMAIL) != without_ids_and_times(other, EMAIL)


@pytest.mark.parametrize(
    ("directives", "problem"),
    [
        ("", None),
        ("private, max-age=60", None),
        ("no-store", None),
        ("no-store, public", None),
        ("max-age=60", None),
        ("s-maxage=0", None),
        ("publicity=1", None),
        ("public", "public"),
        ("max-age=0, Public", "Public"),
        ("s-maxage=300, must-revalidate", "s-maxage=300"),
    ],
)
def test_directive_that_lets_caches_share_a_response_is_found(directives: str, problem: str | None) -> None:
    response = requests.Response()
    response.headers["Cache-Control"] = directives
    assert caching_problem(response) == problem


def test_only_fields_that_say_who_a_business_is_and_whose_are_taken_from_another_one() -> None:
    own: dict[str, Any] = {
        "id": 1,
        "owner_id": 1,
        "ownerEmail": "a@b.example",
        "tenant_id": 5,
        "name": "One",
        "website": "one.example",
    }
    own |= {"updated_at": "2026-01-02", "version": 3, "is_public": True, "voice_id": "v1", "plan": "free"}
    other = {name: f"other {value}" if isinstance(value, str) else value + 1 for name, value in own.items()}
    other["tenant_id"] = 5
    taken = Security().get_fields_of_other_owner(own, other)
    assert taken == {"id": 2, "owner_id": 2, "ownerEmail": "other a@b.example"}
