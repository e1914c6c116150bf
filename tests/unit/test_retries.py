"""A run sends again three requests at most, and none to the same endpoint twice, in all its processes."""

from pathlib import Path

import pytest

from acceptance.client.retries import Retried, Retries


@pytest.mark.parametrize("is_shared", [False, True])
def test_each_endpoint_may_be_tried_again_once_and_three_in_all(tmp_path: Path, *, is_shared: bool) -> None:
    retries = Retries(tmp_path if is_shared else None)
    assert retries.may_begin("GET", "/a")
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
