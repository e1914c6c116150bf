"""Validation of phone numbers in ITU-T E.164 format, as plain functions and as Robot keywords.

`why_not_e164` checks the format alone. With the `phonenumbers` library `why_not_possible` also checks the length for
the country, and `why_not_in_numbering_plan` the assigned ranges. All return `None` or one line that gives the reason,
and none raises.
"""

import unicodedata

import phonenumbers
from phonenumbers import ValidationResult
from robot.api.deco import keyword, library

__all__ = ["E164", "why_not_e164", "why_not_in_numbering_plan", "why_not_possible"]

MIN_DIGITS = 2
"""A country code has at least one digit, and so has the number after it."""

MAX_DIGITS = 15
"""ITU-T E.164 (11/2010), clause 6: country code and national number together, the `+` not counted."""

LONGEST_QUOTE = 32
LARGEST_QUOTED_INTEGER = 10**MAX_DIGITS
ASCII_DIGITS = frozenset("0123456789")
WORDS_FOR_WHITESPACE = {" ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a carriage return"}
WORDS_FOR_TYPES: tuple[tuple[type, str], ...] = (
    (type(None), "is null"),
    (bool, "is a boolean"),
    (int, "is a number (int)"),
    (float, "is a number (float)"),
    (bytes, "is bytes"),
    (list, "is a list"),
    (dict, "is an object (dict)"),
)
WORDS_FOR_LENGTHS = {
    ValidationResult.TOO_SHORT: "is too short for",
    ValidationResult.TOO_LONG: "is too long for",
    ValidationResult.INVALID_LENGTH: "has a length that no number has in",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks an area code of",
}


def why_not_e164(value: object) -> str | None:
    """Return why a value is not in E.164 format.

    The format is a string of `+`, a first digit 1-9 and further ASCII digits: 2 to 15 digits in all, nothing else.
    Source of the rule: ITU-T E.164 (11/2010), clause 6. The `+` is the notation of ITU-T E.123.

    Args:
        value: Any value. Text is quoted in the reason, shortened where it is long. Of other values only integers are
            quoted, since an object may contain secrets.

    Returns:
        `None` for a valid format, otherwise one line such as
        `'+44 20 7946 0018' holds a space at position 4; E.164 allows digits only`. Positions start at 1.
    """
    if not isinstance(value, str):
        return _why_not_text(value)
    if not value:
        return "is empty"
    fault = _fault_in_format(value)
    return f"{_quoted(value)} {fault}" if fault else None


def why_not_in_numbering_plan(value: object) -> str | None:
    """Return why a value is not a number in the numbering plan of its country.

    Checks the format first, as `why_not_e164` does; then the country code, the length and the assigned ranges, with
    the `phonenumbers` library (the metadata of Google's libphonenumber). Codes without a country, such as +800, have
    their own plan. A number with a national trunk prefix, as in `+44 020…`, is rejected although the library ignores
    the prefix: in ITU-T E.164 (11/2010) a prefix is not part of the number.

    Args:
        value: Any value.

    Returns:
        `None` for a number that can be assigned, otherwise one line such as
        `'+4420' is too short for country code +44 (GB and others)`.
    """
    reason = why_not_e164(value)
    if reason or not isinstance(value, str):
        return reason
    fault = _fault_in_length(value) or _fault_in_range(value)
    return f"{_quoted(value)} {fault}" if fault else None


def why_not_possible(value: object) -> str | None:
    """Return why a value is not a number of a possible length for its country.

    Checks the format first, as `why_not_e164` does; then country code and length. The assigned ranges, which change
    more often, are not checked.

    Args:
        value: Any value.

    Returns:
        `None` for a possible number, otherwise one line.
    """
    reason = why_not_e164(value)
    if reason or not isinstance(value, str):
        return reason
    fault = _fault_in_length(value)
    return f"{_quoted(value)} {fault}" if fault else None


def _why_not_text(value: object) -> str:
    kind = next((words for known, words in WORDS_FOR_TYPES if isinstance(value, known)), None)
    fault = f"{kind or f'is of type {type(value).__name__}'}, not text"
    is_quotable = type(value) is int and abs(value) < LARGEST_QUOTED_INTEGER
    return f"{value} {fault}" if is_quotable else fault


def _fault_in_format(text: str) -> str | None:
    if text[0] != "+":
        return f"does not begin with '+' but with {_character(text[0])}"
    digits = text[1:]
    for position, char in enumerate(digits, start=2):
        if char not in ASCII_DIGITS:
            end = " (the end)" if position == len(text) else ""
            return f"holds {_character(char)} at position {position}{end}; E.164 allows digits only"
    if not digits:
        return "has no digits after '+'"
    if digits[0] == "0":
        return "has a leading zero after '+'; no country code begins with 0"
    if len(digits) < MIN_DIGITS:
        return f"has 1 digit; a country code and a number take at least {MIN_DIGITS}"
    if len(digits) > MAX_DIGITS:
        return f"has {len(digits)} digits; E.164 allows {MAX_DIGITS}"
    return None


def _country_code(number: str) -> int | None:
    prefixes = (int(number[1:end]) for end in (2, 3, 4))
    return next((code for code in prefixes if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), None)


def _fault_in_length(number: str) -> str | None:
    country_code = _country_code(number)
    if country_code is None:
        return "begins with an unknown country code"
    plan = _plan(country_code)
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return f"is too short for {plan}"
    if phonenumbers.is_valid_number(parsed):  # some countries have shorter numbers than their possible lengths say
        return None
    fault = WORDS_FOR_LENGTHS.get(phonenumbers.is_possible_number_with_reason(parsed))
    return f"{fault} {plan}" if fault else None


def _fault_in_range(number: str) -> str | None:
    """Return the fault of a number of a possible length."""
    plan = _plan(int(str(_country_code(number))))
    parsed = phonenumbers.parse(number)
    if not phonenumbers.is_valid_number(parsed):
        return (
            f"is not in an assigned range of {plan}, according to phonenumbers {phonenumbers.__version__}; "
            "if the range is new, 'make lock setup' renews that library"
        )
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if international != number:
        return f"holds a prefix for calls within {plan}; from abroad the number is {international}"
    return None


def _plan(country_code: int) -> str:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[country_code]
    if phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY in regions:
        return f"the international code +{country_code}"
    others = " and others" if len(regions) > 1 else ""
    return f"country code +{country_code} ({regions[0]}{others})"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…")


def _character(char: str) -> str:
    if char in WORDS_FOR_WHITESPACE:
        return WORDS_FOR_WHITESPACE[char]
    if char.isascii() and char.isprintable():
        return repr(char)
    name = unicodedata.name(char, f"U+{ord(char):04X}")
    if char.isdigit():
        return f"the non-ASCII digit {char!r} ({name})"
    if char.isprintable() and not unicodedata.category(char).startswith("M"):
        return f"the character {char!r} ({name})"
    return f"the invisible character {name}"


@library(scope="GLOBAL", version="1.0.0", doc_format="MARKDOWN")
class E164:
    """Checks of phone numbers against ITU-T E.164 (11/2010), the international numbering plan.

    Values are not converted: a phone number that an API sends as a JSON number is rejected, not turned into text.
    """

    @keyword
    def should_be_e164_number(self, number: object) -> None:
        """Check that a phone number is in E.164 format.

        Fails unless it is text of `+`, a first digit 1-9 and further digits: 15 digits at most, nothing else.

        Args:
            number: The phone number as the API sent it.

        Raises:
            AssertionError: One line that gives the reason.
        """
        _fail_if(why_not_e164(number))

    @keyword
    def should_be_possible_number(self, number: object) -> None:
        """Check that a phone number is in E.164 format and of a possible length for its country.

        Fails unless the `phonenumbers` library knows country code and length.

        Args:
            number: The phone number as the API sent it.

        Raises:
            AssertionError: One line that gives the reason.
        """
        _fail_if(why_not_possible(number))

    @keyword
    def should_be_in_numbering_plan(self, number: object) -> None:
        """Check that a phone number is in E.164 format and in an assigned range of its country.

        Fails unless the `phonenumbers` library knows country code, length and range.

        Args:
            number: The phone number as the API sent it.

        Raises:
            AssertionError: One line that gives the reason.
        """
        _fail_if(why_not_in_numbering_plan(number))


def _fail_if(reason: str | None) -> None:
    if reason:
        raise AssertionError(f"Phone number {reason}")
