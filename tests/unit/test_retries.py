"""A run sends again three requests at most, and none to the same endpoint twice, in all its processes."""

import time
from pathlib import Path

import pytest

from acceptance.client.retries import LAST_SEND_SECONDS, Retried, Retries


@pytest.mark.parametrize("is_shared", [False, True])
def test_each_endpoint_may_be_tried_again_once_and_three_in_all(tmp_path: Path, *, is_shared: bool) -> None:
    retries = Retries(tmp_path if is_shared else None)
    assert retries.may_begin("GET", "/a")
    retries.recovered("GET", "/a", "GET /a returned 502 Bad Gateway")
    assert not retries.may_begin("GET", "/a")
    assert retries.may_begin("PUT", "/a")
    assert retries.may_begin("GET", "/b")
    assert not retries.may_begin("GET", "/c")


def test_processes_share_what_was_sent_again(tmp_path: Path) -> None:
    one, other = Retries(tmp_path), Retries(tmp_path)
    assert one.may_begin("GET", "/a")
    one.recovered("GET", "/a", "GET /a returned 502 Bad Gateway")
    assert not other.may_begin("GET", "/a")
    assert other.all() == [Retried("GET", "/a", "GET /a returned 502 Bad Gateway")]
    assert other.all()[0].note == "GET /a returned 502 Bad Gateway; it was sent again and got a response."


def test_request_that_did_not_recover_is_no_note(tmp_path: Path) -> None:
    retries = Retries(tmp_path)
    assert retries.may_begin("GET", "/a")
    assert retries.all() == []


@pytest.mark.parametrize("is_shared", [False, True])
def test_requests_to_one_endpoint_that_meet_trouble_at_once_are_all_tried_again(
    tmp_path: Path, *, is_shared: bool
) -> None:
    retries = Retries(tmp_path if is_shared else None)
    assert [retries.may_begin("GET", "/a") for _ in range(4)] == [True, True, True, False]


def test_trouble_that_was_given_up_is_not_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retries = Retries(tmp_path)
    assert retries.may_begin("GET", "/a")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + LAST_SEND_SECONDS + 1)
    assert not retries.may_begin("GET", "/a")
