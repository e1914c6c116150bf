"""Text from a backend, made safe for the place where it is shown: a console, a report, Markdown or an annotation."""

import html
import re

LONGEST_MARKDOWN = 500
WORD_JOINER = "\u2060"
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_WORKFLOW_COMMAND = re.compile(r"^(\s*:)(?=:)|(#)(?=#\[)")
_ROBOT_MARKUP = re.compile(r"""(?<![^\s"'(\[{])[*_`=|]|(?<=:)//|^-""")
_MARKDOWN_SYNTAX = re.compile(r"[\\`*_\[\]|~$#!]")
_BACKTICKS = re.compile("`+")


def for_console(text: str) -> str:
    """Return `text` so that no line of it is a workflow command of GitHub Actions.

    The runner of GitHub Actions breaks lines at a carriage return as well, skips leading blanks, and still reads the
    older `##[command]` anywhere in a line.
    """
    lines = _LINE_BREAK.split(text)
    return "\n".join(_WORKFLOW_COMMAND.sub(lambda found: f"{found.group()} ", line) for line in lines)


def for_robot(text: str) -> str:
    """Return `text` in one line in which Robot Framework's documentation syntax finds no bold, link, image or table."""
    return _ROBOT_MARKUP.sub(lambda found: WORD_JOINER + found.group(), " ".join(text.replace("|", "¦").split()))


def for_markdown(text: str) -> str:
    """Return `text` as Markdown that shows it as it is, in one line and shortened."""
    return html.escape(_MARKDOWN_SYNTAX.sub(r"\\\g<0>", _one_line(text)), quote=False)


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
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C")


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_MARKDOWN else f"{line[:LONGEST_MARKDOWN]}…"
