"""Faults in how texts and FAQs are kept. Clause: `PUT /api/business/me`, character for character."""

import html
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, unquote_plus

from tests.faults.catalogue import each_text, fault, read_as, save_as
from tests.faults.wrapped import Behind, Request, Response

EXACTLY = "PUT /api/business/me: character for character"
FAQS = "PUT /api/business/me: faqs"
LOWER = {
    "industry": "dental clinic",
    "description": "a family dental practice near the harbour.",
    "business_hours": "mon-fri 08:00-17:00",
    "common_services": "check-ups, cleaning",
    "greeting_style": "warm and professional",
    "timezone": None,
}
TITLED = {name: text and text.title() for name, text in LOWER.items()}
UPPER = {name: text and text.upper() for name, text in LOWER.items()}

TEXTS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("text_is_cut_at_100_characters", "Texts end after 100 characters.", lambda text: text[:100]),
    ("text_is_cut_at_255_characters", "Texts end after 255 characters.", lambda text: text[:255]),
    ("text_is_cut_at_1000_characters", "Texts end after 1000 characters.", lambda text: text[:1000]),
    ("text_is_cut_at_1999_characters", "Texts end after 1999 characters.", lambda text: text[:1999]),
    ("text_is_cut_at_2000_bytes", "Texts end after 2000 bytes.",
     lambda text: text.encode()[:2000].decode("utf-8", "ignore")),
    ("text_is_shortened_with_dots", "Long texts end in an ellipsis.",
     lambda text: text if len(text) <= 500 else text[:497] + "..."),
    ("text_is_trimmed", "Spaces around a text are lost.", str.strip),
    ("text_is_trimmed_on_the_left", "Spaces before a text are lost.", str.lstrip),
    ("text_is_trimmed_on_the_right", "Spaces after a text are lost.", str.rstrip),
    ("inner_spaces_are_joined", "Several spaces in a row become one.", lambda text: re.sub(" {2,}", " ", text)),
    ("white_space_is_joined", "Line breaks and tabs become spaces.", lambda text: re.sub(r"\s", " ", text)),
    ("carriage_returns_are_lost", "Line breaks of Windows become those of Unix.",
     lambda text: text.replace("\r\n", "\n")),
    ("carriage_returns_are_added", "Line breaks of Unix become those of Windows.",
     lambda text: re.sub("\r?\n", "\r\n", text)),
    ("line_breaks_are_lost", "Line breaks are left out.", lambda text: re.sub("[\r\n]", "", text)),
    ("line_breaks_become_markup", "Line breaks become `<br>`.", lambda text: re.sub("\r?\n", "<br>", text)),
    ("tabs_become_spaces", "Tabs become spaces.", lambda text: text.expandtabs(4)),
    ("text_is_escaped", "Texts are saved as HTML.", html.escape),
    ("ampersands_are_escaped", "Ampersands are saved as HTML.", lambda text: text.replace("&", "&amp;")),
    ("text_is_unescaped", "Texts are taken for HTML, and decoded.", html.unescape),
    ("markup_is_stripped", "All that looks like a tag is left out.", lambda text: re.sub("<[^>]*>", "", text)),
    ("scripts_are_stripped", "Scripts are left out.", lambda text: re.sub("<script>.*?</script>", "", text)),
    ("text_is_url_decoded", "Texts are taken for a part of a URL, and decoded.", unquote),
    ("plus_signs_become_spaces", "Texts are taken for a form, and decoded.", unquote_plus),
    ("text_is_composed", "Letters and accents are joined (NFC).", lambda text: unicodedata.normalize("NFC", text)),
    ("text_is_decomposed", "Letters and accents are parted (NFD).", lambda text: unicodedata.normalize("NFD", text)),
    ("text_is_simplified", "Letters are replaced by plainer ones (NFKC).",
     lambda text: unicodedata.normalize("NFKC", text)),
    ("text_is_ascii_with_question_marks", "Letters that are not ASCII become question marks.",
     lambda text: text.encode("ascii", "replace").decode()),
    ("accents_are_lost", "Accents are left out.",
     lambda text: unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()),
    ("emoji_are_lost", "Emoji are left out, as by a database that knows three bytes a letter.",
     lambda text: re.sub("[\U00010000-\U0010ffff]", "", text)),
    ("emoji_become_question_marks", "Emoji become question marks.",
     lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text)),
    ("joiners_are_lost", "What joins emoji to one is left out.", lambda text: text.replace("\u200d", "")),
    ("text_is_mojibake", "Texts are UTF-8 that was read as Latin-1.", lambda text: text.encode().decode("latin-1")),
    ("unicode_is_escaped", "Letters that are not ASCII are saved as \\u and a number.",
     lambda text: "".join(one if ord(one) < 128 else f"\\u{ord(one):04x}" for one in text)),
    ("backslashes_are_doubled", "Each backslash becomes two.", lambda text: text.replace("\\", "\\\\")),
    ("backslashes_are_lost", "Backslashes are left out.", lambda text: text.replace("\\", "")),
    ("escapes_are_decoded", "A backslash and an n become a line break.", lambda text: text.replace("\\n", "\n")),
    ("quotes_are_escaped", "Quotes get a backslash.", lambda text: re.sub("(['\"])", r"\\\1", text)),
    ("quotes_are_doubled", "Apostrophes become two.", lambda text: text.replace("'", "''")),
    ("quotes_are_lost", "Quotes are left out.", lambda text: re.sub("['\"]", "", text)),
    ("quotes_are_curled", "Straight quotes become curly ones.",
     lambda text: text.replace("'", "\u2019").replace('"', "\u201d")),
    ("null_text_becomes_null", "The text `null` becomes null.", lambda text: None if text == "null" else text),
    ("empty_text_becomes_null", "An empty text becomes null.", lambda text: text or None),
)  # fmt: skip
for name, sentence, change in TEXTS:
    fault(clause=EXACTLY, full={"settings": 4})(save_as(name, sentence, each_text(change)))

for name, sentence, change, account in (
    ("text_is_cut_at_50_characters", "Texts end after 50 characters.", lambda text: text[:50], LOWER),
    ("text_is_in_lower_case", "Texts are saved in lower case.", str.lower, LOWER),
    ("text_is_case_folded", "Texts are saved as if for a comparison.", str.casefold, LOWER),
    ("text_is_in_upper_case", "Texts are saved in upper case.", str.upper, UPPER),
    ("text_is_in_title_case", "Each word of a text gets a capital.", str.title, TITLED),
):
    fault(clause=EXACTLY, full={"settings": 4}, account=account)(save_as(name, sentence, each_text(change)))


@fault(clause=EXACTLY, full={"settings": 4})
async def empty_text_is_not_saved(request: Request, backend: Behind) -> Response:
    """An empty text counts as not sent."""
    fields = request.fields
    if request.is_update and fields:
        return await backend(request.with_fields({name: value for name, value in fields.items() if value != ""}))
    return await backend(request)


@fault(clause="PUT /api/business/me: 200", full={"settings": 3}, smoke={})
async def empty_text_is_refused(request: Request, backend: Behind) -> Response:
    """An empty text counts as malformed."""
    if request.is_update and "" in (request.fields or {}).values():
        return Response.json(422, {"error": "validation_error", "message": "Must not be empty."})
    return await backend(request)


@fault(clause="PUT /api/business/me: 200", full={"settings": 3}, smoke={})
async def long_text_is_refused(request: Request, backend: Behind) -> Response:
    """A text of more than a thousand characters counts as malformed."""
    if request.is_update and len(request.body) > 1000:
        return Response.json(422, {"error": "validation_error", "message": "Too long."})
    return await backend(request)


def with_faqs(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change FAQs that are saved."""
    return lambda fields: fields | {"faqs": change(fields["faqs"])} if fields.get("faqs") else fields


FAQ_LISTS: tuple[tuple[str, str, Callable[[list[dict[str, Any]]], Any]], ...] = (
    ("faqs_are_sorted", "FAQs are saved in another order.",
     lambda faqs: faqs if len(faqs) < 3 else faqs[::-1]),
    ("last_faq_is_lost", "A third FAQ is left out.", lambda faqs: faqs[:2]),
    ("faqs_are_emptied", "FAQs are saved as an empty list.", lambda faqs: faqs if len(faqs) == 2 else []),
    ("faq_answers_are_lost", "Of each further FAQ, only the question is saved.",
     lambda faqs: faqs[:2] + [one | {"answer": ""} for one in faqs[2:]]),
    ("faqs_are_added_twice", "Each further FAQ is saved twice.", lambda faqs: faqs + faqs[2:]),
)  # fmt: skip
for name, sentence, faq_change in FAQ_LISTS:
    fault(clause=FAQS, full={"settings": 4}, smoke={})(save_as(name, sentence, with_faqs(faq_change)))


def as_text_once_edited(settings: dict[str, Any]) -> dict[str, Any]:
    """Give FAQs as JSON in a text once there are more than there were."""
    faqs = settings["faqs"]
    return settings | {"faqs": json.dumps(faqs) if len(faqs) > 2 else faqs}


fault(clause=FAQS, full={"settings": 4}, smoke={})(
    read_as("faqs_are_saved_as_a_text", "FAQs that were saved read as JSON in a text.", as_text_once_edited)
)
