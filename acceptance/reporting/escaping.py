"""Text from a backend, made safe for the place where it is shown: a console, a report, Markdown or an annotation."""

import html
import re

LONGEST_MARKDOWN = 500
WORD_JOINER = "\u2060"
_NO_LINK = f":{WORD_JOINER}//"
_HTML, _NO_HTML = "*HTML*", f"*{WORD_JOINER}HTML*"
"""What makes a whole message HTML where Robot Framework finds it at the beginning."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Terminal escapes, what changes the direction of a line, and what nobody sees; but for the joiners of emoji and plain
direction marks."""

_COMMAND = re.compile(r"^(\s*:)(?=:)|(#)(?=#[a-z]*\[)|^([-+~^])(?=\3\3(?:\s|$))", re.IGNORECASE)
_ROBOT_MARKUP = re.compile(r"""(?<![^\s"'(\[{])[*_`=|]|(?<=:)//|^-""")
_MARKDOWN_SYNTAX = re.compile(r"[\\`*_\[\]|~$#!]")
_AUTOLINK = re.compile(r":(?=//)|@|www(?=\.)", re.IGNORECASE)
"""What GitHub makes a link or a mention of (GitHub Flavored Markdown section 6.9)."""

_BACKTICKS = re.compile("`+")


def for_console(text: str) -> str:
    """Return `text` so that it controls neither a terminal nor a pipeline that reads it.

    Controls become visible escapes. No line is a command: `::name::` and `##[name]` of GitHub Actions, whose runner
    breaks lines at a carriage return as well, skips leading blanks, and reads the second form anywhere in a line;
    `##vso[…]` of Azure Pipelines, `##teamcity[…]`, and `---` of Buildkite.
    """
    lines = _visible(text).split("\n")
    return "\n".join(_COMMAND.sub(lambda found: f"{found.group()} ", line) for line in lines)


def for_robot(text: str) -> str:
    """Return `text` in one line in which Robot Framework's documentation syntax finds no bold, link, image or table."""
    line = " ".join(_visible(text).replace("|", "¦").split())
    return _ROBOT_MARKUP.sub(lambda found: WORD_JOINER + found.group(), line)


def without_links(text: str, origin: str | None) -> str:
    """Return `text` so that Robot Framework takes nothing in it for HTML or for a link, but the URLs of `origin`.

    An invisible character after the colon keeps a URL from being one; `with_links` takes it out.
    """
    text = text.replace("://", _NO_LINK).replace(_HTML, _NO_HTML)
    if not origin:
        return text
    own = re.escape(origin.replace("://", _NO_LINK))
    return re.sub(rf"{own}(?=[/?#\s\"']|$)", lambda _: origin, text)


def with_links(text: str) -> str:
    """Return `text` as it was before `without_links`."""
    return text.replace(_NO_LINK, "://").replace(_NO_HTML, _HTML)


def for_markdown(text: str) -> str:
    """Return `text` as Markdown that shows it as it is, in one line and shortened; it has no links and no mentions."""
    line = html.escape(_MARKDOWN_SYNTAX.sub(r"\\\g<0>", _one_line(text)), quote=False)
    return _AUTOLINK.sub(lambda found: found.group() + WORD_JOINER, line)


def markdown_code(text: str) -> str:
    """Return `text` as a code span, in which nothing is Markdown or HTML (CommonMark section 6.1)."""
    line = _one_line(text)
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(line)), default=0))
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def for_annotation(text: str) -> str:
    """Return `text` as the message of a workflow command (GitHub's `toolkit/packages/core/src/command.ts`)."""
    return for_console(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def for_annotation_property(text: str) -> str:
    """Return `text` as the value of a property of a workflow command."""
    return for_annotation(text).replace(":", "%3A").replace(",", "%2C")


def _visible(text: str) -> str:
    """Return `text` with an escape in place of each control but tabs and line breaks."""
    text = _LINE_BREAK.sub("\n", with_links(text))
    return _CONTROLS.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def _one_line(text: str) -> str:
    line = " ".join(_visible(text).split())
    return line if len(line) <= LONGEST_MARKDOWN else f"{line[:LONGEST_MARKDOWN]}…"
