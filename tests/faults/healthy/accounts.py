"""Unusual accounts: their ids, phone numbers, texts and FAQs."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from tests.faults.catalogue import Fault, healthy
from tests.faults.changes import with_fields
from tests.faults.conditions import settings_are_read
from tests.faults.middleware import START, Function, Request, Response, Upstream
from tests.faults.oauth_start import GOOGLE


# Business ids.
def identify_as(value: Any) -> Function:
    """Return the function of a backend whose business has another id."""

    async def identified(request: Request, upstream: Upstream) -> Response:
        if request.path == START and parse_qs(request.query).get("business_id") == [str(value)]:
            request = replace(request, query="business_id=1")
        response = await upstream(request)
        if settings_are_read(request, response):
            return response.with_content(response.content | {"id": value})
        return response

    return identified


business_id = healthy("id", environment=GOOGLE)

id_is_a_text = business_id.function(identify_as("1"))
id_is_a_uuid = business_id.function(identify_as("0b9e2a34-5d1c-4c0e-9a3f-2f6f3a1f7c55"))
id_is_large = business_id.function(identify_as(123456789012345678))
id_is_zero = business_id.function(identify_as(0))
id_has_reserved_characters = business_id.function(identify_as("Qml6+/1&w=="))


async def forward(request: Request, upstream: Upstream) -> Response:
    """Forward a request."""
    return await upstream(request)


def account(**settings: Any) -> Fault:
    """Declare a healthy account with these settings."""
    return healthy("accounts", account=settings).function(forward)


def phone_number(number: str, description: str = "") -> Fault:
    """Declare a healthy account with this phone number."""
    return healthy("foreign numbers", account={"phone_number": number}).function(forward, description)


phone_number_is_german = phone_number("+493022730027")
phone_number_is_british = phone_number("+442079460018")
phone_number_is_italian = phone_number("+390669812345", "The phone number is Italian; a 0 is part of it.")
phone_number_is_japanese = phone_number("+81312345678")
phone_number_is_brazilian = phone_number("+551123456789")
phone_number_is_chinese = phone_number("+8613800138000")
phone_number_is_short = phone_number("+6834002", "The phone number is of Niue, and has four digits.")
phone_number_is_of_no_country = phone_number("+80012345678", "The phone number is an international freephone.")
phone_number_is_canadian = phone_number("+15067355000", "The phone number is Canadian; its country code is shared.")


# Settings.
account_has_no_phone = account(phone_number=None, receptionist_enabled=False)
phone_number_is_empty = healthy("accounts", account={"phone_number": None, "receptionist_enabled": False}).settings(
    with_fields(phone_number="")
)
receptionist_is_off = account(receptionist_enabled=False)
account_has_empty_settings = account(industry=None, timezone=None, faqs=[])
account_has_a_name_alone = account(
    phone_number=None,
    receptionist_enabled=False,
    industry=None,
    description=None,
    business_hours=None,
    common_services=None,
    timezone=None,
    greeting_style=None,
    faqs=[],
)
account_has_empty_texts = account(industry="", business_hours="", faqs=[])
account_has_long_texts = account(
    description="A family dental practice. " * 350,
    common_services="Cleaning, " * 900,
)
account_is_in_arabic = account(
    name="عيادة المرفأ 🦷",
    industry="عيادة أسنان",
    business_hours="من الأحد\nإلى الخميس",
)
account_is_in_berlin = account(timezone="Europe/Berlin")
account_has_robot_syntax = account(
    industry="${HOME} %{PATH} @{x} &{y} $x \\n",
    description="a=b  c    d | e\\",
    name="# ${EMPTY} ...",
)
account_has_control_characters = account(
    industry="a\x0bb\x1b[31mc\x7f\u2028d\ufffe",
    description="\u202etext\u2066",
)
account_has_json_like_texts = account(
    industry="null",
    description="{}",
    business_hours="[]",
    common_services="0",
    timezone="true",
)
account_has_quotes = account(
    industry="\"'`<!-- ]]> & &amp;",
    description="</script><b>'; DROP TABLE business; --",
)
account_has_full_columns = account(industry="i" * 250, greeting_style="g" * 50, business_hours="🦷" * 60)
account_has_one_letter = account(industry="x", description=" ", name="x")


# FAQs.
def change_faqs(sent: Callable[[Any], Any], read: Callable[[int, Any], Any]) -> Function:
    """Return the function of a backend that changes each FAQ of an update with `sent`, and of a read with `read`."""

    async def changed(request: Request, upstream: Upstream) -> Response:
        fields = request.fields
        if request.is_update and fields and isinstance(fields.get("faqs"), list):
            request = request.with_fields(fields | {"faqs": [sent(one) for one in fields["faqs"]]})
        response = await upstream(request)
        if not settings_are_read(request, response):
            return response
        faqs = [read(number, one) for number, one in enumerate(response.content["faqs"])]
        return response.with_content(response.content | {"faqs": faqs})

    return changed


faqs_have_ids = healthy("accounts").function(
    change_faqs(
        lambda one: {name: one[name] for name in ("question", "answer") if name in one},
        lambda number, one: one | {"id": number},
    )
)
numbers = count(1)
faqs_have_new_ids_in_each_response = healthy("accounts").function(
    change_faqs(
        lambda one: {name: one[name] for name in ("question", "answer") if name in one},
        lambda _, one: one | {"id": next(numbers)},
    )
)
faqs_have_more_fields = healthy("accounts").function(
    change_faqs(
        lambda one: {name: one.get(name, "") for name in ("question", "answer")},
        lambda _, one: one | {"position": 1, "enabled": True, "category": None, "tags": []},
    )
)
faqs_are_texts = healthy(
    "accounts", account={"faqs": [{"question": "Do you take new patients?", "answer": ""}]}
).function(change_faqs(lambda one: {"question": one, "answer": ""}, lambda _, one: one["question"]))
