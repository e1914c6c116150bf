"""Faults in phone and receptionist. Clauses: `GET /api/business/me`, phone_number and receptionist_enabled."""

from typing import Any

from tests.faults.catalogue import fault, having, read_as, without

PHONE = "GET /api/business/me: phone_number"
RECEPTIONIST = "GET /api/business/me: receptionist_enabled"

fault(clause=PHONE, full={"twilio": 2}, smoke={"twilio": 2})(
    read_as(
        "phone_number_is_missing",
        "There is no phone number among the settings, not even null.",
        without("phone_number"),
    )
)

SHAPES: tuple[tuple[str, str, Any], ...] = (
    ("phone_number_is_national", "The phone number is written as people in its country do.", "(555) 123-4567"),
    ("phone_number_has_spaces", "The phone number holds spaces.", "+1 202 555 0143"),
    ("phone_number_has_dashes", "The phone number holds dashes.", "+1-202-555-0143"),
    ("phone_number_has_parentheses", "The phone number holds parentheses.", "+1(202)5550143"),
    ("phone_number_has_dots", "The phone number holds dots.", "+1.202.555.0143"),
    ("phone_number_begins_with_00", "The phone number begins with 00 instead of +.", "0012025550143"),
    ("phone_number_has_no_plus", "The phone number lacks its +.", "12025550143"),
    ("phone_number_has_two_pluses", "The phone number begins with two +.", "++12025550143"),
    ("phone_number_has_a_zero_after_the_plus", "A zero follows the +.", "+02025550143"),
    ("phone_number_has_16_digits", "The phone number has 16 digits.", "+4930227300271234"),
    ("phone_number_has_letters", "The phone number is spelt in letters.", "+1800FLOWERS"),
    ("phone_number_ends_in_a_line_break", "A line break follows the phone number.", "+12025550143\n"),
    ("phone_number_begins_with_a_space", "A space precedes the phone number.", " +12025550143"),
    ("phone_number_has_an_invisible_mark", "An invisible mark precedes the phone number.", "\u202a+12025550143"),
    ("phone_number_has_full_width_digits", "The digits of the phone number are not ASCII.",
     "+" + "".join(chr(0xFEE0 + ord(digit)) for digit in "12025550143")),
    ("phone_number_has_arabic_digits", "The digits of the phone number are Arabic-Indic.",
     "+" + "".join(chr(0x0630 + ord(digit)) for digit in "12025550143")),
    ("phone_number_is_empty", "The phone number is an empty text instead of null.", ""),
    ("phone_number_is_the_text_null", "The phone number is the text `null`.", "null"),
    ("phone_number_is_a_number", "The phone number is a number instead of a text.", 12025550143),
    ("phone_number_is_a_list", "The phone number is a list.", ["+12025550143"]),
    ("phone_number_is_an_object", "The phone number is an object.", {"e164": "+12025550143"}),
    ("phone_number_is_false", "The phone number is `false`.", False),
    ("phone_number_has_an_extension", "The phone number has an extension.", "+12025550143x12"),
    ("phone_number_is_a_url", "The phone number is a link.", "tel:+12025550143"),
    ("phone_number_is_two", "Two phone numbers are in one text.", "+12025550143,+12025550144"),
    ("phone_number_is_a_plus", "The phone number is a + alone.", "+"),
    ("phone_number_is_masked", "The phone number is masked.", "+1202555****"),
)  # fmt: skip
for name, sentence, number in SHAPES:
    fault(clause=f"{PHONE}: E.164", full={"twilio": 3}, smoke={"twilio": 3})(
        read_as(name, sentence, having(phone_number=number))
    )

# Smoke looks at the shape alone.
PLANS: tuple[tuple[str, str, str], ...] = (
    ("phone_number_has_one_digit", "The phone number is a country code and one digit.", "+11"),
    ("phone_number_is_too_short_for_its_country", "The phone number is too short for its country.", "+12025"),
    ("phone_number_is_too_long_for_its_country", "The phone number is too long for its country.", "+120255501431"),
    ("phone_number_has_an_unknown_country", "The phone number begins with a code that no country has.", "+9991234567"),
    ("phone_number_is_in_no_range", "Nobody in its country can have such a phone number.", "+10005550143"),
    ("phone_number_has_a_trunk_prefix", "The phone number keeps the 0 for calls within its country.", "+4402079460018"),
)
for name, sentence, number in PLANS:
    fault(clause=f"{PHONE}: known to its country", full={"twilio": 3}, smoke={})(
        read_as(name, sentence, having(phone_number=number))
    )
fault(clause=f"{PHONE}: known to its country", full={"twilio": 3})(
    read_as("phone_number_is_plus_one", "The phone number is a country code alone.", having(phone_number="+1"))
)

fault(clause=RECEPTIONIST, full={"twilio": 2}, smoke={"twilio": 2})(
    read_as(
        "receptionist_state_is_missing",
        "It is not said whether the receptionist answers calls.",
        without("receptionist_enabled"),
    )
)

STATES: tuple[tuple[str, str, Any], ...] = (
    ("receptionist_state_is_null", "Whether the receptionist answers is null.", None),
    ("receptionist_state_is_a_text", "Whether the receptionist answers is the text `true`.", "true"),
    ("receptionist_state_is_a_word", "Whether the receptionist answers is the text `on`.", "on"),
    ("receptionist_state_is_empty", "Whether the receptionist answers is an empty text.", ""),
    ("receptionist_state_is_1", "Whether the receptionist answers is the number 1.", 1),
    ("receptionist_state_is_0", "Whether the receptionist answers is the number 0.", 0),
    ("receptionist_state_is_a_list", "Whether the receptionist answers is a list.", [True]),
    ("receptionist_state_is_an_object", "Whether the receptionist answers is an object.", {"enabled": True}),
)
for name, sentence, state in STATES:
    fault(clause=RECEPTIONIST, full={"twilio": 4}, smoke={"twilio": 4})(
        read_as(name, sentence, having(receptionist_enabled=state))
    )
