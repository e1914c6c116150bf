"""Faults in the phone number and the receptionist: `GET /api/business/me`, phone_number and receptionist_enabled."""

from tests.faults.catalogue import Fault, fault
from tests.faults.changes import with_fields, without
from tests.faults.middleware import Request, Response, Upstream

PHONE = "GET /api/business/me: phone_number"
RECEPTIONIST = "GET /api/business/me: receptionist_enabled"

phone_number_is_missing = fault(PHONE, full={"twilio": 2}, smoke={"twilio": 2}).settings(without("phone_number"))

spelling = fault(PHONE, full={"twilio": 3}, smoke={"twilio": 3})
e164 = fault(f"{PHONE}: E.164", full={"twilio": 3}, smoke={"twilio": 3})

phone_number_is_national = e164.settings(with_fields(phone_number="(555) 123-4567"))
phone_number_has_spaces = e164.settings(with_fields(phone_number="+1 202 555 0143"))
phone_number_has_dashes = e164.settings(with_fields(phone_number="+1-202-555-0143"))
phone_number_has_parentheses = e164.settings(with_fields(phone_number="+1(202)5550143"))
phone_number_has_dots = e164.settings(with_fields(phone_number="+1.202.555.0143"))
phone_number_begins_with_00 = e164.settings(with_fields(phone_number="0012025550143"))
phone_number_has_no_plus = e164.settings(with_fields(phone_number="12025550143"))
phone_number_has_two_pluses = e164.settings(with_fields(phone_number="++12025550143"))
phone_number_has_a_zero_after_the_plus = e164.settings(with_fields(phone_number="+02025550143"))
phone_number_has_16_digits = e164.settings(with_fields(phone_number="+4930227300271234"))
phone_number_has_letters = e164.settings(with_fields(phone_number="+1800FLOWERS"))
phone_number_ends_in_a_line_break = e164.settings(with_fields(phone_number="+12025550143\n"))
phone_number_begins_with_a_space = e164.settings(with_fields(phone_number=" +12025550143"))
phone_number_ends_in_a_space = spelling.settings(with_fields(phone_number="+12025550143 "))
phone_number_has_no_break_spaces = spelling.settings(with_fields(phone_number="+1\u00a0202\u00a0555\u00a00143"))
phone_number_has_a_full_width_plus = spelling.settings(with_fields(phone_number="\uff0b12025550143"))
phone_number_is_an_address = spelling.settings(
    with_fields(phone_number="whatsapp:+12025550143"), "The phone number is a WhatsApp address of Twilio's."
)
phone_number_is_scientific = spelling.settings(with_fields(phone_number="+1.2025550143E10"))
phone_number_has_an_invisible_character = e164.settings(with_fields(phone_number="\u202a+12025550143"))
phone_number_has_full_width_digits = e164.settings(
    with_fields(phone_number="+" + "".join(chr(0xFEE0 + ord(digit)) for digit in "12025550143"))
)
phone_number_has_arabic_digits = e164.settings(
    with_fields(phone_number="+" + "".join(chr(0x0630 + ord(digit)) for digit in "12025550143"))
)
phone_number_is_the_text_null = e164.settings(with_fields(phone_number="null"))
phone_number_is_a_number = e164.settings(with_fields(phone_number=12025550143))
phone_number_is_a_list = e164.settings(with_fields(phone_number=["+12025550143"]))
phone_number_is_an_object = e164.settings(with_fields(phone_number={"e164": "+12025550143"}))
phone_number_is_false = e164.settings(with_fields(phone_number=False))
phone_number_has_an_extension = e164.settings(with_fields(phone_number="+12025550143x12"))
phone_number_is_a_url = e164.settings(with_fields(phone_number="tel:+12025550143"))
phone_number_is_two = e164.settings(with_fields(phone_number="+12025550143,+12025550144"))
phone_number_is_a_plus = e164.settings(with_fields(phone_number="+"))
phone_number_is_masked = e164.settings(with_fields(phone_number="+1202555****"))


async def forward(request: Request, upstream: Upstream) -> Response:
    """Forward a request."""
    return await upstream(request)


def impossible(number: str) -> Fault:
    """Declare an account whose phone number is E.164, and of no length that its country has."""
    expected = fault(f"{PHONE}: possible", full={"twilio": 3}, smoke={"twilio": 3}, account={"phone_number": number})
    return expected.function(forward)


phone_number_has_one_digit = impossible("+11")
phone_number_is_too_short_for_its_country = impossible("+12025")
phone_number_is_too_long_for_its_country = impossible("+120255501431")
phone_number_has_an_unknown_country = impossible("+9991234567")
phone_number_is_plus_one = fault(f"{PHONE}: possible", full={"twilio": 3}, smoke={"twilio": 3}).settings(
    with_fields(phone_number="+1")
)


def unassigned(number: str) -> Fault:
    """Declare an account whose phone number is possible, and in no range that is assigned."""
    expected = fault(f"{PHONE}: assigned", full={"twilio": 3}, smoke={}, account={"phone_number": number})
    return expected.function(forward)


phone_number_is_in_no_range = unassigned("+10005550143")
phone_number_has_a_trunk_prefix = unassigned("+4402079460018")


receptionist = fault(RECEPTIONIST, full={"twilio": 4}, smoke={"twilio": 4})

receptionist_state_is_missing = fault(RECEPTIONIST, full={"twilio": 2}, smoke={"twilio": 2}).settings(
    without("receptionist_enabled")
)
receptionist_state_is_null = receptionist.settings(with_fields(receptionist_enabled=None))
receptionist_state_is_a_text = receptionist.settings(with_fields(receptionist_enabled="true"))
receptionist_state_is_a_word = receptionist.settings(with_fields(receptionist_enabled="on"))
receptionist_state_is_empty = receptionist.settings(with_fields(receptionist_enabled=""))
receptionist_state_is_1 = receptionist.settings(with_fields(receptionist_enabled=1))
receptionist_state_is_0 = receptionist.settings(with_fields(receptionist_enabled=0))
receptionist_state_is_a_fraction = receptionist.settings(with_fields(receptionist_enabled=1.0))
receptionist_state_is_a_list = receptionist.settings(with_fields(receptionist_enabled=[True]))
receptionist_state_is_an_object = receptionist.settings(with_fields(receptionist_enabled={"enabled": True}))
receptionist_is_enabled_with_an_empty_phone_number = fault(
    "across fields: an enabled receptionist means a phone number", full={"settings": 5, "twilio": 4}, smoke={}
).settings(with_fields(phone_number=""))
receptionist_is_enabled_without_a_phone = fault(
    "across fields: an enabled receptionist means a phone number",
    full={"twilio": 4},
    smoke={},
    account={"phone_number": None, "receptionist_enabled": False},
).settings(with_fields(receptionist_enabled=True))
