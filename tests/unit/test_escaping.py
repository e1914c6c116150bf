"""Escaping of backend texts for a console, for pipelines, and for Robot Framework's documentation syntax."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from robot.utils import html_escape, html_format

from acceptance.reporting.escaping import (
    WORD_JOINER,
    for_annotation,
    for_annotation_property,
    for_console,
    for_markdown,
    for_robot,
    markdown_code,
    with_links,
    without_links,
)

CONTROLS = {
    "clear screen": ("\x1b[2J", "\\x1b[2J"),
    "title of the window (OSC)": ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
    "C1 control sequence": ("\x9b31m", "\\x9b31m"),
    "backspace": ("safe\x08\x08", "safe\\x08\\x08"),
    "right-to-left override": ("\u202ecod.exe", "\\u202ecod.exe"),
    "isolate": ("\u2066a\u2069", "\\u2066a\\u2069"),
    "zero width space": ("a\u200bb", "a\\u200bb"),
    "line separator": ("a\u2028::error::b", "a\\u2028::error::b"),
    "tag": ("a\U000e0041", "a\\U000e0041"),
    "half of a character": ("a\ud83e", "a\\ud83e"),
}
COMMANDS = [
    "::error::owned",
    "  ::set-output name=a::b",
    "a ##[error]b",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus text='a']",
    "--- folded",
    "+++ open",
    "ok\r::error::owned",
    "ok\n::error::owned",
    "section_start:1:a\r\x1b[0Kowned",
]


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


@pytest.mark.parametrize(("text", "shown"), CONTROLS.values(), ids=CONTROLS)
def test_control_is_shown_as_an_escape_everywhere(text: str, shown: str) -> None:
    assert for_console(text) == for_annotation(text) == for_robot(text).replace("\u2060", "") == shown
    assert for_annotation_property(text) == shown.replace(":", "%3A")
    assert markdown_code(text) == f"`{shown}`"
    assert for_markdown(text).replace("\\", "") == shown.replace("\\", "")


@pytest.mark.parametrize("text", ["🦷👩🏽‍⚕️", "שלום\u200e – \u200fأهلا", "a\tb\nc", "Zoë's “shop” …", "می‌خواهم"])  # noqa: RUF001
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert for_console(text) == text


@pytest.mark.parametrize("text", COMMANDS)
def test_no_line_is_a_command_of_a_pipeline(text: str) -> None:
    for line in re.split(r"[\r\n]", for_console(text)):
        assert not re.match(r"\s*::|---\s|\+\+\+\s", line)
        assert not re.search(r"##\w*\[|\x1b", line)


@given(st.text(max_size=40))
def test_console_gets_no_control_but_tab_and_line_break(text: str) -> None:
    assert not {one for one in for_console(text) if unicodedata.category(one) in ("Cc", "Cs")} - {"\t", "\n"}


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/x", "javascript://%0aalert(1)", "file:///etc/passwd", "http://127.0.0.1:80.evil.example/"],
)
def test_url_of_another_origin_is_no_link_and_reads_the_same_on_a_console(url: str) -> None:
    inert = without_links(f"It redirects to {url}", "http://127.0.0.1:80")
    assert "<a" not in html_escape(inert)
    assert for_console(inert) == with_links(inert) == f"It redirects to {url}"


@pytest.mark.parametrize("text", ["*HTML*<img src=x onerror=a()>", "*HTML* <b>x</b>", "see *HTML*"])
def test_message_is_no_html_and_reads_the_same_on_a_console(text: str) -> None:
    inert = without_links(text, None)
    assert not inert.startswith("*HTML*")
    assert for_console(inert) == with_links(inert) == text


@pytest.mark.parametrize("path", ["/api/business/me", "", "?a=b", "' and more"])
def test_url_of_the_backend_stays_a_link(path: str) -> None:
    text = f"GET http://127.0.0.1:80{path}"
    assert without_links(text, "http://127.0.0.1:80") == text
    assert '<a href="http://127.0.0.1:80' in html_escape(text)


@pytest.mark.parametrize("text", ["https://evil.example", "www.evil.example", "@everyone", "a@evil.example"])
def test_markdown_makes_no_link_and_no_mention(text: str) -> None:
    markdown = for_markdown(text)
    assert text not in markdown
    assert markdown.replace(WORD_JOINER, "") == text
