"""Trace contexts and links: the headers keep the grammar of the W3C, no id is masked, and no text of others links."""

from itertools import pairwise

import pytest
import requests
from robot.utils import html_format

from acceptance.client.trace import new_traceparent, next_traceparent, trace_id_of
from acceptance.redaction import Redactor
from acceptance.reporting.escaping import for_robot
from acceptance.reporting.traces import trace_for_markdown, trace_for_robot, trace_id_in, trace_text
from tests.support.traces import TRACEPARENT

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
URL = "https://tempo.example.com/trace/{trace_id}"
LINK = f"https://tempo.example.com/trace/{TRACE_ID}"


def request_with(traceparent: str) -> requests.PreparedRequest:
    """Return a request with this header."""
    return requests.Request("GET", "http://127.0.0.1", headers={"traceparent": traceparent}).prepare()


def test_request_of_a_trace_has_a_header_in_the_grammar_and_a_span_of_its_own() -> None:
    headers = [new_traceparent(Redactor())]
    for _ in range(1_000):
        headers.append(next_traceparent(headers[-1]))
    for one in headers:
        assert TRACEPARENT.fullmatch(one)
    assert {trace_id_of(request_with(one)) for one in headers} == {headers[0].split("-")[1]}
    assert len(set(headers)) == len(headers)
    assert all(one.split("-")[2] != other.split("-")[2] for one, other in pairwise(headers))


def test_traces_are_different() -> None:
    assert len({trace_id_of(request_with(new_traceparent(Redactor()))) for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize("password", ["1234", "beef", "BEEF", "00ff"])
def test_trace_id_contains_no_short_password_by_chance(password: str) -> None:
    redactor = Redactor()
    redactor.add(password)
    for _ in range(3_000):
        trace_id = new_traceparent(redactor).split("-")[1]
        assert redactor.mask(f'"trace_id": "{trace_id}"') == f'"trace_id": "{trace_id}"'


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "00",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE_ID}-00f067aa0ba902b7-01-more",
    ],
)
def test_header_that_is_not_in_the_grammar_is_no_trace(traceparent: str) -> None:
    assert trace_id_of(request_with(traceparent)) is None


@pytest.mark.parametrize("url", ["", URL])
def test_trace_id_is_read_from_metadata_with_and_without_a_link(url: str) -> None:
    assert trace_id_in({"Trace": trace_for_robot(TRACE_ID, url)}) == TRACE_ID


@pytest.mark.parametrize("metadata", [{}, {"Trace": ""}, {"Trace": "none"}, {"Owner": TRACE_ID}])
def test_metadata_without_a_trace_id_name_none(metadata: dict[str, str]) -> None:
    assert trace_id_in(metadata) is None


def test_trace_id_is_a_link_where_there_is_a_url() -> None:
    assert trace_text(TRACE_ID, URL) == LINK
    assert html_format(trace_for_robot(TRACE_ID, URL)) == f'<p><a href="{LINK}">{TRACE_ID}</a></p>'
    assert trace_for_markdown(TRACE_ID, URL) == f"[{TRACE_ID}](<{LINK}>)"


def test_trace_id_is_text_where_there_is_no_url() -> None:
    assert {write(TRACE_ID, "") for write in (trace_text, trace_for_robot, trace_for_markdown)} == {TRACE_ID}


@pytest.mark.parametrize("text", ["[javascript:owned()//", f"[{TRACE_ID}|x]", "https://evil.example", "[a|b] [c|"])
def test_text_of_a_backend_after_a_link_is_no_part_of_it_and_no_link(text: str) -> None:
    shown = html_format(f"{trace_for_robot(TRACE_ID, URL)}. {for_robot(text)}")
    assert shown.count("<a ") == shown.count(f'<a href="{LINK}">{TRACE_ID}</a>') == 1
