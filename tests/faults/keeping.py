"""Faults in what is kept that show in some texts, or at some reads, alone. Clause: `PUT /api/business/me`."""

import html
import re
from collections.abc import Callable
from typing import Any

from tests.faults.catalogue import each_text, fault, read_as, save_as
from tests.faults.encoding import EXACTLY, FAQS, with_faqs
from tests.faults.moments import owner_reads, owner_updates, remembering_the_owner
from tests.faults.saving import KEPT, REST, in_addition, is_saved
from tests.faults.wrapped import Behind, Request, Response

TEXTS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("line_break_at_the_end_is_lost", "A line break at the end of a text is left out.",
     lambda text: text.removesuffix("\n")),
    ("hard_spaces_become_spaces", "Non-breaking spaces become common ones.", lambda text: text.replace("\u00a0", " ")),
    ("invisible_spaces_are_lost", "Spaces of no width are left out.", lambda text: text.replace("\u200b", "")),
    ("soft_hyphens_are_lost", "Soft hyphens are left out.", lambda text: text.replace("\u00ad", "")),
    ("directions_are_lost", "Marks for the direction of writing are left out.",
     lambda text: re.sub("[\u200e\u200f]", "", text)),
    ("line_separators_become_line_breaks", "Line separators of Unicode become line breaks.",
     lambda text: text.replace("\u2028", "\n")),
    ("curly_quotes_are_straightened", "Curly quotes become straight ones.", lambda text: text.replace("\u2019", "'")),
    ("dashes_are_shortened", "Dashes become hyphens.", lambda text: text.replace("\u2013", "-")),
    ("skin_tones_are_lost", "Emoji lose their skin tone.", lambda text: re.sub("[\U0001f3fb-\U0001f3ff]", "", text)),
    ("variation_selectors_are_lost", "What makes a sign an emoji is left out.",
     lambda text: text.replace("\ufe0f", "")),
    ("percents_are_formatted", "A percent sign is taken for a format.", lambda text: text.replace("%", "%%")),
    ("digits_become_a_number", "A text of digits becomes one of the number.",
     lambda text: str(int(text)) if text.isdecimal() else text),
    ("true_text_is_capitalised", "The text `true` goes through Python.",
     lambda text: "True" if text == "true" else text),
    ("json_text_is_compacted", "A text that is JSON loses its spaces.",
     lambda text: text.replace(" ", "") if text[:1] in "[{" else text),
    ("text_is_cut_at_1024_characters", "Texts end after 1024 characters.", lambda text: text[:1024]),
)  # fmt: skip
for name, sentence, change in TEXTS:
    fault(clause=EXACTLY, full={"settings": 4})(save_as(name, sentence, each_text(change)))


def in_one(setting: str, change: Callable[[str], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change one text alone, where it is saved."""
    return lambda fields: (
        fields | {setting: change(fields[setting])} if isinstance(fields.get(setting), str) else fields
    )


ONE: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
    ("description_is_trimmed", "Spaces around the description are lost.", "description", str.strip),
    ("business_hours_are_trimmed_on_the_right", "Spaces after the opening hours are lost.", "business_hours",
     str.rstrip),
    ("greeting_style_is_escaped", "The greeting style is saved as HTML.", "greeting_style", html.escape),
    ("business_hours_lose_zeros", "Opening hours that are digits become one number.", "business_hours",
     lambda text: str(int(text)) if text.isdecimal() else text),
)  # fmt: skip
for name, sentence, setting, change in ONE:
    fault(clause=EXACTLY, full={"settings": 4})(save_as(name, sentence, in_one(setting, change)))


def in_faqs(change: Callable[[str], str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change the texts of FAQs that are saved."""
    return with_faqs(lambda faqs: [{name: change(text) for name, text in one.items()} for one in faqs])


IN_FAQS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("faqs_are_escaped", "Questions and answers are saved as HTML.", html.escape),
    ("faqs_lose_emoji", "Emoji in questions and answers are left out.",
     lambda text: re.sub("[\U00010000-\U0010ffff]", "", text)),
    ("faqs_lose_accents", "Accents in questions and answers become question marks.",
     lambda text: text.encode("ascii", "replace").decode()),
    ("faqs_are_trimmed", "Spaces around questions and answers are lost.", str.strip),
)  # fmt: skip
for name, sentence, faq_change in IN_FAQS:
    fault(clause=FAQS, full={"settings": 4}, smoke={})(save_as(name, sentence, in_faqs(faq_change)))


def split_emoji(settings: dict[str, Any]) -> dict[str, Any]:
    """Leave half of each emoji, as JavaScript does where it cuts a text in the middle of one."""
    return {
        name: re.sub("[\U00010000-\U0010ffff]", "\ud83e", value) if isinstance(value, str) else value
        for name, value in settings.items()
    }


fault(clause=EXACTLY, full={"settings": 4})(
    read_as("emoji_are_cut_in_half", "Of each emoji, half is there when it is read.", split_emoji)
)


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def update_is_not_committed(request: Request, backend: Behind) -> Response:
    """What was saved shows on the connection that it was sent on, and on no other."""
    unfinished = backend.memory.setdefault(request.scope["client"], {})
    if is_saved(request, backend):
        unfinished.update(request.fields or {})
        return Response.json(200, {"status": "success"})
    response = await remembering_the_owner(request, backend)
    return response.with_content(response.content | unfinished) if owner_reads(request, response) else response


@fault(clause=KEPT, full={"settings": 4})
async def every_third_read_is_old(request: Request, backend: Behind) -> Response:
    """One of three replicas gets no updates."""
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    backend.memory.setdefault("first", response)
    backend.memory["reads"] = backend.memory.get("reads", 0) + 1
    return response if backend.memory["reads"] % 3 else backend.memory["first"]


@fault(clause=KEPT, full={"settings": 4}, smoke={"settings": 4})
async def update_shows_in_its_answer_alone(request: Request, backend: Behind) -> Response:
    """The answer to an update shows what was sent, and no read ever does."""
    if is_saved(request, backend):
        found = backend.memory.get("found", {})
        return Response.json(200, {"status": "success", "business": found | (request.fields or {})})
    response = await remembering_the_owner(request, backend)
    if owner_reads(request, response):
        backend.memory["found"] = response.content
    return response


@fault(clause=KEPT, full={"settings": 4})
async def update_is_undone_by_the_next(request: Request, backend: Behind) -> Response:
    """An update brings back what the one before it has changed, but for what both sent."""
    if not is_saved(request, backend):
        response = await remembering_the_owner(request, backend)
        if owner_reads(request, response):
            backend.memory.setdefault("found", response.content)
        return response
    fields, last = request.fields or {}, backend.memory.get("last", {})
    backend.memory["last"] = fields
    found = backend.memory.get("found", {})
    return await backend(request.with_fields({name: found.get(name) for name in last} | fields))


@fault(clause=f"{REST}, by POST too", full={"settings": 4}, smoke={})
async def update_by_post_wipes_the_rest(request: Request, backend: Behind) -> Response:
    """What was not sent by POST becomes null."""
    if is_saved(request, backend) and request.method == "POST":
        rest = dict.fromkeys(("description", "business_hours", "common_services", "greeting_style"))
        return await backend(request.with_fields(rest | (request.fields or {})))
    return await remembering_the_owner(request, backend)


@fault(clause="PUT /api/business/me: POST is an alias where offered", full={"settings": 3}, smoke={})
async def update_by_post_answers_201(request: Request, backend: Behind) -> Response:
    """Saving by POST is answered as if something had been created."""
    response = await backend(request)
    is_by_post = owner_updates(request, response) and request.method == "POST"
    return response.with_status(201) if is_by_post else response


@fault(clause="PUT /api/business/me: POST is an alias where offered", full={"settings": 4}, smoke={})
async def update_by_post_is_trimmed(request: Request, backend: Behind) -> Response:
    """What was saved by POST is cut after ten characters."""
    if request.is_update and request.method == "POST" and request.fields:
        return await backend(request.with_fields(each_text(lambda text: text[:10])(request.fields)))
    return await backend(request)


for name, sentence, values in (
    ("update_renames_the_business", "The business is called by the default after an update.", {"name": "My Business"}),
    ("update_changes_the_phone_number", "An update of something else gives the phone number a new form.",
     {"phone_number": "+12025550199"}),
):  # fmt: skip
    fault(clause=REST, full={"settings": 4}, smoke={"settings": 4})(save_as(name, sentence, in_addition(**values)))
