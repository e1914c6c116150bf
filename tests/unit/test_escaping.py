"""Escaping of backend texts for Robot Framework's documentation syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from robot.utils import html_format

from acceptance.reporting.escaping import for_robot


@given(st.text(alphabet="ab *_`|=[]/:.<>&'\"\n-%png", max_size=60))
def test_text_of_a_backend_becomes_no_markup(text: str) -> None:
    shown = html_format(f"Seen: {for_robot(text)}") + html_format(for_robot(text))
    assert not any(tag in shown for tag in ("<b>", "<i>", "<code>", "<a ", "<img", "<table", "<ul>", "<pre", "<hr"))


@pytest.mark.parametrize(
    "text", ["http://evil.example/pixel.png", "*bold* and _italic_", "[data:image/png;base64,AA|x]", "a | b", "= x ="]
)
def test_text_of_a_backend_is_shown_as_it_is(text: str) -> None:
    shown = html_format(f"Seen: {for_robot(text)}").replace("\u2060", "")
    assert shown == f"<p>Seen: {text.replace('|', '¦')}</p>"
