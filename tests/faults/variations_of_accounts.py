"""Healthy backends whose account is unusual: its id, its numbers, its texts. Clause: `variations`."""

from typing import Any
from urllib.parse import parse_qs

from tests.faults.calendar import GOOGLE
from tests.faults.catalogue import Function, as_usual, titled, variation
from tests.faults.moments import owner_reads
from tests.faults.wrapped import START, Behind, Request, Response


def known_as(name: str, sentence: str, value: Any) -> Function:
    """A backend that calls the business by another id, wherever it is read or asked for."""

    async def function(request: Request, backend: Behind) -> Response:
        if request.path == START and parse_qs(request.query).get("business_id") == [str(value)]:
            request = Request(
                request.method, request.path, "business_id=1", request.headers, request.body, request.scope
            )
        response = await backend(request)
        if owner_reads(request, response):
            return response.with_content(response.content | {"id": value})
        return response

    return titled(function, name, sentence)


for name, sentence, value in (
    ("id_is_a_text", "The id of the business is a text of digits.", "1"),
    ("id_is_a_uuid", "The id of the business is a UUID.", "0b9e2a34-5d1c-4c0e-9a3f-2f6f3a1f7c55"),
    ("id_is_large", "The id of the business is an integer of 18 digits.", 123456789012345678),
    ("id_is_zero", "The id of the business is the integer 0.", 0),
    ("id_has_special_signs", "The id of the business holds signs that a URL must escape.", "Qml6+/1&w=="),
):
    variation(of="id", environment=GOOGLE)(known_as(name, sentence, value))

for name, sentence, number in (
    ("phone_number_is_foreign", "The business is in Berlin.", "+493022730027"),
    ("phone_number_is_british", "The business is in London.", "+442079460018"),
    ("phone_number_is_italian", "The business is in Rome, where a 0 is part of the number.", "+390669812345"),
    ("phone_number_is_japanese", "The business is in Tokyo.", "+81312345678"),
    ("phone_number_is_brazilian", "The business is in São Paulo.", "+551123456789"),
    ("phone_number_is_chinese", "The business has a Chinese mobile.", "+8613800138000"),
    ("phone_number_is_short", "The business is on Niue, whose numbers have four digits.", "+6834002"),
    ("phone_number_is_of_no_country", "The number is free of charge all over the world.", "+80012345678"),
    ("phone_number_is_canadian", "The business shares a country code with others.", "+15067355000"),
):
    variation(of="foreign numbers", account={"phone_number": number})(as_usual(name, sentence))

for name, sentence, account in (
    (
        "account_has_no_phone",
        "The account is new: there is no phone number, and the receptionist is off.",
        {"phone_number": None, "receptionist_enabled": False},
    ),
    ("receptionist_is_off", "There is a phone number, and the receptionist is off.", {"receptionist_enabled": False}),
    (
        "account_has_empty_settings",
        "Some settings were never filled in.",
        {"industry": None, "timezone": None, "faqs": []},
    ),
    (
        "account_has_nothing_but_a_name",
        "No setting was ever filled in.",
        {
            "phone_number": None,
            "receptionist_enabled": False,
            "industry": None,
            "description": None,
            "business_hours": None,
            "common_services": None,
            "timezone": None,
            "greeting_style": None,
            "faqs": [],
        },
    ),
    ("account_has_empty_texts", "Some settings are empty texts.", {"industry": "", "business_hours": "", "faqs": []}),
    (
        "account_has_long_texts",
        "Texts are as long as they may be.",
        {"description": "A family dental practice. " * 350, "common_services": "Cleaning, " * 900},
    ),
    (
        "account_is_in_arabic",
        "Texts are written from right to left, and the name has an emoji.",
        {"name": "عيادة المرفأ 🦷", "industry": "عيادة أسنان", "business_hours": "من الأحد\nإلى الخميس"},
    ),
    ("account_is_in_berlin", "The time zone is the one that a test would choose.", {"timezone": "Europe/Berlin"}),
):
    variation(of="accounts", account=account)(as_usual(name, sentence))


@variation(of="accounts")
async def faqs_have_ids(request: Request, backend: Behind) -> Response:
    """Each FAQ has an id when it is read."""
    fields = request.fields
    if request.is_update and fields and isinstance(fields.get("faqs"), list):
        bare = [{name: one[name] for name in ("question", "answer") if name in one} for one in fields["faqs"]]
        request = request.with_fields(fields | {"faqs": bare})
    response = await backend(request)
    if not owner_reads(request, response):
        return response
    faqs = [one | {"id": number} for number, one in enumerate(response.content["faqs"])]
    return response.with_content(response.content | {"faqs": faqs})
