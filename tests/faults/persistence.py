"""Faults in what is stored: `PUT /api/business/me`, what was sent is what the next read returns."""

import html
import json
import re
import time
import unicodedata
from typing import Any
from urllib.parse import unquote, unquote_plus

from acceptance.account.marks import Mark
from tests.faults.catalogue import fault
from tests.faults.changes import faq_texts, faqs, text, texts, without
from tests.faults.conditions import has_owner_token, remember_token, settings_are_read
from tests.faults.middleware import Request, Response, Upstream

UPDATE = "PUT /api/business/me"
KEPT = f"{UPDATE}: what was sent is what the next read gives back"
REST = f"{UPDATE}: what was not sent is untouched"
EXACTLY = f"{UPDATE}: character for character"
LAG_SECONDS = 2.0
CACHE_SECONDS = 5.0
TEXTS = ("industry", "description", "business_hours", "common_services", "greeting_style")
EMOJI = re.compile("[\U00010000-\U0010ffff]")
LOWER = {
    "name": "harbour dental care",
    "industry": "dental clinic",
    "description": "a family dental practice near the harbour.",
    "business_hours": "mon-fri 08:00-17:00",
    "common_services": "check-ups, cleaning",
    "greeting_style": "warm and professional",
    "timezone": None,
}
TITLED = {name: text and text.title() for name, text in LOWER.items()}
UPPER = {name: text and text.upper() for name, text in LOWER.items()}


def is_owner_update(request: Request, upstream: Upstream) -> bool:
    """Return whether the owner saves something."""
    return request.is_update and has_owner_token(request, upstream) and bool(request.fields)


# What was sent.
kept = fault(KEPT, full={"settings": 4}, smoke={"settings": 4})
kept_in_full = fault(KEPT, full={"settings": 4})


@kept
async def update_is_swallowed(request: Request, upstream: Upstream) -> Response:
    """An update returns 200 and is not saved."""
    if is_owner_update(request, upstream):
        return Response.json(200, {"status": "success"})
    return await remember_token(request, upstream)


setting = fault(KEPT, full={"settings": 4}, smoke={})

industry_is_not_saved = kept_in_full.update(without("industry"))
description_is_not_saved = setting.update(without("description"))
business_hours_are_not_saved = setting.update(without("business_hours"))
common_services_are_not_saved = setting.update(without("common_services"))
timezone_is_not_saved = setting.update(without("timezone"))
greeting_style_is_not_saved = setting.update(without("greeting_style"))
faqs_are_not_saved = setting.update(without("faqs"))
name_is_not_saved = setting.update(without("name"))
vital = fault(KEPT, full={"settings": 4}, smoke={}, options=("--allow-destructive",))
phone_number_is_not_saved = vital.update(without("phone_number"))
receptionist_status_is_not_saved = vital.update(without("receptionist_enabled"))
receptionist_is_never_disabled = vital.update(
    lambda fields: without("receptionist_enabled")(fields) if fields.get("receptionist_enabled") is False else fields
)
update_is_partly_saved = kept_in_full.update(
    lambda fields: dict(list(fields.items())[:1]), "Of an update of several settings, only the first is saved."
)
update_is_saved_in_another_field = kept.update(
    lambda fields: (
        {"description": fields["industry"]} | without("industry")(fields) if "industry" in fields else fields
    ),
    "The industry is saved as the description.",
)


@kept
async def update_shows_after_two_seconds(request: Request, upstream: Upstream) -> Response:
    """Reads return an update only after two seconds."""
    response = await remember_token(request, upstream)
    if settings_are_read(request, response):
        if time.monotonic() - upstream.memory.get("saved at", 0.0) < LAG_SECONDS:
            return response.with_content(upstream.memory.get("old", response.content))
        upstream.memory["old"] = response.content
    elif is_owner_update(request, upstream) and response.status == 200:
        upstream.memory["saved at"] = time.monotonic()
    return response


async def read_from_cache(request: Request, upstream: Upstream, seconds: float) -> Response:
    """Return a read from a cache that expires after so many seconds."""
    response = await upstream(request)
    if not settings_are_read(request, response):
        return response
    cached_at, cached = upstream.memory.get("cached", (0.0, response))
    if cached is response or time.monotonic() - cached_at > seconds:
        upstream.memory["cached"] = (time.monotonic(), response)
        return response
    return cached if isinstance(cached, Response) else response


@kept
async def reads_are_cached_for_seconds(request: Request, upstream: Upstream) -> Response:
    """Reads are cached for five seconds; an update does not clear the cache."""
    return await read_from_cache(request, upstream, CACHE_SECONDS)


@kept
async def reads_are_cached_for_ever(request: Request, upstream: Upstream) -> Response:
    """Reads are cached without end; an update does not clear the cache."""
    return await read_from_cache(request, upstream, float("inf"))


async def read_replicas(request: Request, upstream: Upstream, count: int) -> Response:
    """Read from `count` replicas in turn, one of which gets no updates."""
    response = await upstream(request)
    if not settings_are_read(request, response):
        return response
    upstream.memory.setdefault("first", response)
    upstream.memory["reads"] = upstream.memory.get("reads", 0) + 1
    return response if upstream.memory["reads"] % count else upstream.memory["first"]


@kept_in_full
async def every_second_read_is_old(request: Request, upstream: Upstream) -> Response:
    """One of two replicas gets no updates."""
    return await read_replicas(request, upstream, 2)


@kept_in_full
async def every_third_read_is_old(request: Request, upstream: Upstream) -> Response:
    """One of three replicas gets no updates."""
    return await read_replicas(request, upstream, 3)


@kept_in_full
async def update_is_gone_at_the_second_read(request: Request, upstream: Upstream) -> Response:
    """Only the first read after an update returns it."""
    if is_owner_update(request, upstream):
        upstream.memory.setdefault("saved", {}).update(request.fields or {})
        return Response.json(200, {"status": "success"})
    response = await remember_token(request, upstream)
    if settings_are_read(request, response):
        return response.with_content(response.content | upstream.memory.pop("saved", {}))
    return response


@kept
async def last_update_is_lost(request: Request, upstream: Upstream) -> Response:
    """An update is saved only when the next one arrives."""
    if not is_owner_update(request, upstream):
        return await remember_token(request, upstream)
    pending = upstream.memory.get("pending")
    upstream.memory["pending"] = request
    if pending:
        await upstream(pending)
    return Response.json(200, {"status": "success"})


@kept_in_full
async def every_second_update_is_lost(request: Request, upstream: Upstream) -> Response:
    """Every second update returns 200 and is not saved."""
    if is_owner_update(request, upstream):
        upstream.memory["updates"] = upstream.memory.get("updates", 0) + 1
        if not upstream.memory["updates"] % 2:
            return Response.json(200, {"status": "success"})
    return await remember_token(request, upstream)


@kept
async def update_is_not_committed(request: Request, upstream: Upstream) -> Response:
    """An update is visible on its own connection alone."""
    uncommitted = upstream.memory.setdefault(request.scope["client"], {})
    if is_owner_update(request, upstream):
        uncommitted.update(request.fields or {})
        return Response.json(200, {"status": "success"})
    response = await remember_token(request, upstream)
    if settings_are_read(request, response):
        return response.with_content(response.content | uncommitted)
    return response


@kept
async def update_shows_in_its_response_alone(request: Request, upstream: Upstream) -> Response:
    """The response to an update contains it, and no read does."""
    if is_owner_update(request, upstream):
        settings = upstream.memory.get("settings", {})
        return Response.json(200, {"status": "success", "business": settings | (request.fields or {})})
    response = await remember_token(request, upstream)
    if settings_are_read(request, response):
        upstream.memory["settings"] = response.content
    return response


@kept_in_full
async def update_is_undone_by_the_next(request: Request, upstream: Upstream) -> Response:
    """An update reverts the one before it, but for the fields that both contain."""
    if not is_owner_update(request, upstream):
        response = await remember_token(request, upstream)
        if settings_are_read(request, response):
            upstream.memory.setdefault("settings", response.content)
        return response
    fields, last = request.fields or {}, upstream.memory.get("last", {})
    upstream.memory["last"] = fields
    settings = upstream.memory.get("settings", {})
    return await upstream(request.with_fields({name: settings.get(name) for name in last} | fields))


@fault(f"{UPDATE}: another run on the same account", full=None)
async def another_run_writes_the_same_field(request: Request, upstream: Upstream) -> Response:
    """Between an update and the next read, another run saves a value of its own."""
    response = await upstream(request)
    if request.is_update and request.fields:
        marked = [name for name, value in request.fields.items() if "[acceptance run " in str(value)]
        values = dict.fromkeys(marked, f"Theirs {Mark.of('00000000', 'whole', time.time() + 600)}")
        await upstream(request.with_fields(values))
    return response


# What was not sent.
rest = fault(REST, full={"settings": 4})

update_is_saved_twice = rest.update(
    lambda fields: {"description": fields["industry"]} | fields if "industry" in fields else fields,
    "The industry is also saved as the description.",
)
update_clears_the_rest = rest.update(lambda fields: dict.fromkeys(TEXTS) | fields)
update_empties_the_rest = rest.update(lambda fields: dict.fromkeys(TEXTS, "") | fields)
update_resets_the_rest = fault(REST, full={"settings": 4}, left=("timezone",)).update(
    lambda fields: {"timezone": "Etc/UTC"} | fields, "A time zone that was not sent is set to the default."
)
update_empties_faqs = rest.update(lambda fields: {"faqs": []} | fields, "FAQs that were not sent are deleted.")
update_disables_the_receptionist = fault(REST, full={"settings": 4}, left=("receptionist_enabled",)).update(
    lambda fields: {"receptionist_enabled": False} | fields, "An update of another field disables the receptionist."
)
update_clears_the_phone_number = fault(REST, full={"settings": 4}, account={"receptionist_enabled": False}).update(
    lambda fields: {"phone_number": None} | fields, "An update of another field sets the phone number to null."
)
update_renames_the_business = fault(REST, full={"settings": 4}, smoke={}, left=("name",)).update(
    lambda fields: {"name": "My Business"} | fields
)
update_changes_the_phone_number = fault(REST, full={"settings": 4}, smoke={}, left=("phone_number",)).update(
    lambda fields: {"phone_number": "+12025550199"} | fields
)


form_clears_the_timezone = fault(REST, full={"settings": 4}, smoke={"settings": 4}).update(
    lambda fields: fields | {"timezone": None} if "name" in fields and "timezone" in fields else fields,
    "An update of several settings sets the time zone to null, although it was sent.",
)


damaging = fault(
    REST,
    full={"settings": 4},
    smoke={"settings": 4},
    verdict="not-restored",
    restored=False,
    account={"name": "Café Zoë", "description": "Prävention, auch für Kinder"},
)
update_loses_accents_everywhere = damaging.update(texts(lambda text: text.encode("ascii", "replace").decode()))
update_keeps_one_faq = fault(
    REST, full={"settings": 4}, smoke={"settings": 4}, verdict="not-restored", restored=False
).update(faqs(lambda one: one[:1]))
update_resets_the_timezone = fault(REST, full={"settings": 4}, smoke={"settings": 4}).update(
    lambda fields: fields | {"timezone": "Etc/UTC"} if "timezone" in fields and len(fields) > 1 else fields,
    "An update of several settings resets the time zone, although it was sent.",
)


@fault(f"{REST}, by POST too", full={"settings": 4}, smoke={})
async def update_by_post_clears_the_rest(request: Request, upstream: Upstream) -> Response:
    """What was not sent by POST becomes null."""
    if is_owner_update(request, upstream) and request.method == "POST":
        cleared = dict.fromkeys(("description", "business_hours", "common_services", "greeting_style"))
        return await upstream(request.with_fields(cleared | (request.fields or {})))
    return await remember_token(request, upstream)


# Texts, character for character.
exact = fault(EXACTLY, full={"settings": 4})

text_is_cut_at_100_characters = exact.update(texts(lambda text: text[:100]))
text_is_cut_at_255_characters = exact.update(texts(lambda text: text[:255]))
text_is_cut_at_1000_characters = exact.update(texts(lambda text: text[:1000]))
text_is_cut_at_1024_characters = exact.update(texts(lambda text: text[:1024]))
text_is_cut_at_1999_characters = exact.update(texts(lambda text: text[:1999]))
text_is_cut_at_2000_bytes = exact.update(texts(lambda text: text.encode()[:2000].decode("utf-8", "ignore")))
text_is_cut_with_an_ellipsis = exact.update(
    texts(lambda text: text if len(text) <= 500 else text[:497] + "..."), "Long texts are cut, with an ellipsis."
)
text_is_trimmed = exact.update(texts(str.strip))
text_is_trimmed_on_the_left = exact.update(texts(str.lstrip))
text_is_trimmed_on_the_right = exact.update(texts(str.rstrip))
description_is_trimmed = exact.update(text("description", str.strip))
business_hours_are_trimmed_on_the_right = exact.update(text("business_hours", str.rstrip))
inner_spaces_are_joined = exact.update(texts(lambda text: re.sub(" {2,}", " ", text)))
white_space_is_normalized = exact.update(texts(lambda text: re.sub(r"\s", " ", text)))
no_break_spaces_become_spaces = exact.update(texts(lambda text: text.replace("\u00a0", " ")))
zero_width_spaces_are_lost = exact.update(texts(lambda text: text.replace("\u200b", "")))
soft_hyphens_are_lost = exact.update(texts(lambda text: text.replace("\u00ad", "")))
direction_marks_are_lost = exact.update(texts(lambda text: re.sub("[\u200e\u200f]", "", text)))
line_separators_become_line_breaks = exact.update(texts(lambda text: text.replace("\u2028", "\n")))
line_break_at_the_end_is_lost = exact.update(texts(lambda text: text.removesuffix("\n")))
carriage_returns_are_lost = exact.update(texts(lambda text: text.replace("\r\n", "\n")))
carriage_returns_are_added = exact.update(texts(lambda text: re.sub("\r?\n", "\r\n", text)))
line_breaks_are_lost = exact.update(texts(lambda text: re.sub("[\r\n]", "", text)))
line_breaks_become_markup = exact.update(texts(lambda text: re.sub("\r?\n", "<br>", text)))
tabs_become_spaces = exact.update(texts(lambda text: text.expandtabs(4)))
text_is_escaped = exact.update(texts(html.escape))
greeting_style_is_escaped = exact.update(text("greeting_style", html.escape))
ampersands_are_escaped = exact.update(texts(lambda text: text.replace("&", "&amp;")))
text_is_unescaped = exact.update(texts(html.unescape))
markup_is_stripped = exact.update(texts(lambda text: re.sub("<[^>]*>", "", text)))
scripts_are_stripped = exact.update(texts(lambda text: re.sub("<script>.*?</script>", "", text)))
text_is_url_decoded = exact.update(texts(unquote))
plus_signs_become_spaces = fault(EXACTLY, full={"settings": 3}, smoke={"settings": 3}).update(
    texts(unquote_plus), "Plus signs become spaces, also in the phone number."
)
percents_are_doubled = exact.update(texts(lambda text: text.replace("%", "%%")))
text_is_normalized_to_nfc = exact.update(texts(lambda text: unicodedata.normalize("NFC", text)))
text_is_normalized_to_nfd = exact.update(texts(lambda text: unicodedata.normalize("NFD", text)))
text_is_normalized_to_nfkc = exact.update(texts(lambda text: unicodedata.normalize("NFKC", text)))
text_is_ascii_with_question_marks = exact.update(
    texts(lambda text: text.encode("ascii", "replace").decode()), "Characters outside ASCII become question marks."
)
accents_are_lost = exact.update(
    texts(lambda text: unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode())
)
emoji_are_lost = exact.update(
    texts(lambda text: EMOJI.sub("", text)), "Emoji are removed, as by MySQL's three-byte utf8."
)
emoji_become_question_marks = exact.update(texts(lambda text: EMOJI.sub("?", text)))
emoji_are_cut_in_half = exact.settings(
    texts(lambda text: EMOJI.sub("\ud83e", text)), "Reads return half a surrogate pair for each emoji."
)
skin_tones_are_lost = exact.update(texts(lambda text: re.sub("[\U0001f3fb-\U0001f3ff]", "", text)))
variation_selectors_are_lost = exact.update(texts(lambda text: text.replace("\ufe0f", "")))
joiners_are_lost = exact.update(texts(lambda text: text.replace("\u200d", "")))
text_is_mojibake = exact.update(
    texts(lambda text: text.encode().decode("latin-1")), "Texts are UTF-8 that was read as Latin-1."
)
unicode_is_escaped = exact.update(
    texts(lambda text: "".join(one if ord(one) < 128 else f"\\u{ord(one):04x}" for one in text))
)
backslashes_are_doubled = exact.update(texts(lambda text: text.replace("\\", "\\\\")))
backslashes_are_lost = exact.update(texts(lambda text: text.replace("\\", "")))
escapes_are_decoded = exact.update(texts(lambda text: text.replace("\\n", "\n")))
quotes_are_escaped = exact.update(texts(lambda text: re.sub("(['\"])", r"\\\1", text)))
quotes_are_doubled = exact.update(texts(lambda text: text.replace("'", "''")))
quotes_are_lost = exact.update(texts(lambda text: re.sub("['\"]", "", text)))
quotes_become_typographic = exact.update(texts(lambda text: text.replace("'", "\u2019").replace('"', "\u201d")))
typographic_quotes_become_straight = exact.update(texts(lambda text: text.replace("\u2019", "'")))
dashes_become_hyphens = exact.update(texts(lambda text: text.replace("\u2013", "-")))
digits_lose_leading_zeros = exact.update(texts(lambda text: str(int(text)) if text.isdecimal() else text))
business_hours_lose_leading_zeros = exact.update(
    text("business_hours", lambda text: str(int(text)) if text.isdecimal() else text)
)
true_text_is_capitalised = exact.update(texts(lambda text: "True" if text == "true" else text))
json_text_is_compacted = exact.update(texts(lambda text: text.replace(" ", "") if text[:1] in "[{" else text))
null_text_becomes_null = exact.update(texts(lambda text: None if text == "null" else text))
empty_text_becomes_null = exact.update(texts(lambda text: text or None))
exact_for_lower_case = fault(EXACTLY, full={"settings": 4}, account=LOWER)
text_is_cut_at_50_characters = exact_for_lower_case.update(texts(lambda text: text[:50]))
text_is_in_lower_case = exact_for_lower_case.update(texts(str.lower))
text_is_case_folded = exact_for_lower_case.update(texts(str.casefold))
text_is_in_upper_case = fault(EXACTLY, full={"settings": 4}, account=UPPER).update(texts(str.upper))
text_is_in_title_case = fault(EXACTLY, full={"settings": 4}, account=TITLED).update(texts(str.title))


@exact
async def empty_text_is_not_saved(request: Request, upstream: Upstream) -> Response:
    """An empty text is not saved."""
    fields = request.fields
    if request.is_update and fields:
        return await upstream(request.with_fields({name: value for name, value in fields.items() if value != ""}))
    return await upstream(request)


# FAQs.
faq = fault(f"{UPDATE}: faqs", full={"settings": 4}, smoke={})

faqs_are_reversed = faq.update(faqs(lambda one: one if len(one) < 3 else one[::-1]))
last_faq_is_lost = faq.update(faqs(lambda one: one[:2]))
faqs_are_emptied = faq.update(faqs(lambda one: one if len(one) == 2 else []))
faq_answers_are_lost = faq.update(
    faqs(lambda one: one[:2] + [further | {"answer": ""} for further in one[2:]]),
    "The answers of further FAQs are not stored.",
)
faqs_are_added_twice = faq.update(faqs(lambda one: one + one[2:]), "Further FAQs are stored twice.")
faqs_are_escaped = faq.update(faq_texts(html.escape))
faqs_lose_emoji = faq.update(faq_texts(lambda text: EMOJI.sub("", text)))
faqs_lose_accents = faq.update(faq_texts(lambda text: text.encode("ascii", "replace").decode()))
faqs_are_trimmed = faq.update(faq_texts(str.strip))


def faqs_as_text(settings: dict[str, Any]) -> dict[str, Any]:
    """Turn FAQs into a string of JSON where there are more than two."""
    faqs = settings["faqs"]
    return settings | {"faqs": json.dumps(faqs) if len(faqs) > 2 else faqs}


faqs_are_saved_as_a_text = faq.settings(faqs_as_text)


@fault("what was sent is read back, by PUT", full={"settings": 4}, smoke={"settings": 4})
async def put_saves_nothing_but_post_does(request: Request, upstream: Upstream) -> Response:
    """An update by PUT is accepted and not saved; one by POST is saved."""
    if request.is_update and request.method == "PUT" and request.token:
        return await upstream(request.with_fields({})) if request.fields else await upstream(request)
    return await upstream(request)
