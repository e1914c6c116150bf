"""Phone numbers: real ones pass, wrong ones fail with the reason, which Robot Framework shows."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from robot.api import ExecutionResult

from E164 import why_not_e164, why_not_in_numbering_plan

Judge = Callable[[object], str | None]

LIBRARIES = Path(__file__).parents[2] / "libraries"

REAL_NUMBERS = {
    "+12024561414": "US White House, switchboard",
    "+12129631234": "US United Nations, New York",
    "+16139924793": "CA Parliament of Canada, public information",
    "+442073238000": "GB British Museum",
    "+35318961000": "IE Trinity College Dublin",
    "+33140205317": "FR Louvre",
    "+37793153600": "MC Oceanographic Museum",
    "+49302270": "DE Bundestag, switchboard",
    "+43126060": "AT United Nations, Vienna",
    "+41227676111": "CH CERN",
    "+41227305111": "CH International Telecommunication Union",
    "+35243031": "LU Court of Justice of the European Union",
    "+3222991111": "BE European Commission, switchboard",
    "+31206747000": "NL Rijksmuseum",
    "+4533375500": "DK Folketing",
    "+4684051000": "SE Government Offices",
    "+4722249090": "NO Government, switchboard",
    "+35894321": "FI Parliament",
    "+3545630500": "IS Althingi",
    "+34913302800": "ES Prado",
    "+351217823000": "PT Gulbenkian Foundation",
    "+39055294883": "IT Uffizi, whose area code keeps its zero",
    "+390669883145": "VA Vatican Museums",
    "+302109000900": "GR Acropolis Museum",
    "+48226942500": "PL Sejm",
    "+420224372423": "CZ Prague Castle",
    "+902125120480": "TR Topkapi Palace",
    "+97226708811": "IL Israel Museum",
    "+971600565566": "AE Louvre Abu Dhabi",
    "+2034839999": "EG Bibliotheca Alexandrina",
    "+254207621234": "KE United Nations, Nairobi",
    "+27214813800": "ZA Iziko Museums",
    "+911123015321": "IN Rashtrapati Bhavan",
    "+6563323659": "SG National Museum",
    "+85227249042": "HK Museum of History",
    "+81338221111": "JP Tokyo National Museum",
    "+82220779000": "KR National Museum of Korea",
    "+61292507111": "AU Sydney Opera House",
    "+6443817000": "NZ Te Papa",
    "+525555536266": "MX National Museum of Anthropology",
    "+551131495959": "BR Museum of Art, São Paulo",
    "+541143443600": "AR Casa Rosada",
    "+80067891011": "001 Europe Direct, a freephone number of no country",
}

WRONG_SHAPES = [
    ("", "is empty"),
    ("+", "no digits"),
    ("+4", "has 1 digit"),
    ("+1234567890123456", "has 16 digits; E.164 allows 15"),
    ("+" + "1" * 5000, "has 5000 digits"),
    ("442073238000", "does not begin with '+' but with '4'"),
    ("00442073238000", "does not begin with '+' but with '0'"),
    (" +442073238000", "does not begin with '+' but with a space"),
    ("\ufeff+442073238000", "begin with '+' but with the invisible character ZERO WIDTH NO-BREAK SPACE"),
    ("\uff0b442073238000", "FULLWIDTH PLUS SIGN"),
    ("tel:+442073238000", "does not begin with '+' but with 't'"),
    ("null", "does not begin with '+' but with 'n'"),
    ("+0442073238000", "leading zero after '+'"),
    ("++442073238000", "holds '+' at position 2"),
    ("+44 20 7946 0018", "'+44 20 7946 0018' holds a space at position 4; E.164 allows digits only"),
    ("+44-20-7946-0018", "holds '-' at position 4"),
    ("+44(0)2079460018", "holds '(' at position 4"),
    ("+442079460018x12", "holds 'x' at position 14"),
    ("+1800FLOWERS", "holds 'F' at position 6"),
    ("+44207946001\t8", "a tab"),
    ("+442079460018\n", "a line break at position 14 (the end)"),
    ("+442079460018\r\n", "a carriage return at position 14"),
    ("+44\u00a02079460018", "the invisible character NO-BREAK SPACE at position 4"),
    ("+44207946\u200b0018", "the invisible character ZERO WIDTH SPACE at position 10"),
    ("\u202a+442079460018\u202c", "LEFT-TO-RIGHT EMBEDDING"),
    ("+4420794600\x0018", "the invisible character U+0000"),
    ("+44207946001\u20e38", "the invisible character COMBINING ENCLOSING KEYCAP"),
    ("+44207946001\ud8008", "U+D800"),
    ("+44207946001٣", "holds the non-ASCII digit '٣' (ARABIC-INDIC DIGIT THREE) at position 13"),
    ("+44207946001\uff18", "non-ASCII digit '\uff18' (FULLWIDTH DIGIT EIGHT)"),
    ("+4420794600²8", "SUPERSCRIPT TWO"),
    ("+44207946O0é8", "holds 'O' at position 10"),
    ("+4420794600é8", "the character 'é' (LATIN SMALL LETTER E WITH ACUTE)"),
    (None, "is null, not text"),
    (True, "is a boolean, not text"),
    (12345, "12345 is a number (int), not text"),
    (10**5000, "is a number (int), not text"),
    (442079460018.0, "is a number (float), not text"),
    (b"+442079460018", "is bytes, not text"),
    (["+442079460018"], "is a list, not text"),
    ({"number": "+442079460018"}, "is an object (dict), not text"),
    (object(), "is of type object, not text"),
]

NOT_IN_PLAN = [
    ("+21012345678", "unknown country code"),
    ("+99912345678", "unknown country code"),
    ("+23", "unknown country code"),
    ("+44", "too short for country code +44 (GB and others)"),
    ("+442", "too short for country code +44"),
    ("+35212", "too short for country code +352 (LU)"),
    ("+1202456141", "too short for country code +1 (US and others)"),
    ("+4420732380001", "too long for country code +44 (GB and others)"),
    ("+5215555536266", "too long for country code +52 (MX)"),
    ("+80012345", "too short for the international code +800"),
    ("+4930", "lacks an area code of country code +49 (DE)"),
    (
        "+12001234567",
        f"according to phonenumbers {phonenumbers.__version__}; if the range is new, 'make lock setup' renews",
    ),
    ("+12001234567", "not in an assigned range of country code +1"),
    ("+440000000000", "not in an assigned range of country code +44"),
    ("+4402073238000", "holds a prefix for calls within country code +44 (GB and others)"),
    ("+4402073238000", "from abroad the number is +442073238000"),
]

both_judges = pytest.mark.parametrize("judge", [why_not_e164, why_not_in_numbering_plan])


@both_judges
@pytest.mark.parametrize("number", [pytest.param(number, id=owner) for number, owner in REAL_NUMBERS.items()])
def test_real_published_number_is_accepted(judge: Judge, number: str) -> None:
    assert judge(number) is None


def test_real_numbers_come_from_the_countries_that_the_table_names() -> None:
    found = {number: phonenumbers.region_code_for_number(phonenumbers.parse(number)) for number in REAL_NUMBERS}

    assert found == {number: owner.split()[0] for number, owner in REAL_NUMBERS.items()}
    assert len(set(found.values())) >= 20


def test_number_that_the_country_dials_without_area_code_is_accepted() -> None:
    assert why_not_in_numbering_plan("+13101234") is None


@pytest.mark.parametrize("number", ["+10", "+999999999999999"])
def test_shape_is_two_to_fifteen_digits_in_any_numbering_plan(number: str) -> None:
    assert why_not_e164(number) is None
    assert one_line(why_not_in_numbering_plan(number))


@both_judges
@pytest.mark.parametrize(("value", "phrase"), WRONG_SHAPES, ids=[phrase for _, phrase in WRONG_SHAPES])
def test_wrong_shape_is_rejected_with_the_reason(judge: Judge, value: object, phrase: str) -> None:
    assert phrase in one_line(judge(value))


@pytest.mark.parametrize(("number", "phrase"), NOT_IN_PLAN)
def test_number_outside_its_numbering_plan_has_the_shape_and_is_rejected_with_the_reason(
    number: str, phrase: str
) -> None:
    assert why_not_e164(number) is None
    assert f"{number!r} " in one_line(why_not_in_numbering_plan(number))
    assert phrase in one_line(why_not_in_numbering_plan(number))


@both_judges
def test_long_value_is_shortened_in_the_reason(judge: Judge) -> None:
    assert one_line(judge("0044" * 1000)).startswith("'0044004400440044004400440044004…' does not begin with '+'")


@both_judges
def test_object_is_not_shown_in_the_reason(judge: Judge) -> None:
    assert "s3cret" not in one_line(judge({"access_token": "s3cret"}))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
DIGITS = "0123456789"


@st.composite
def example_numbers(draw: st.DrawFn) -> str:
    """Draw an example number of `phonenumbers`, formatted by it as E.164."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    number_type = draw(st.sampled_from(sorted(phonenumbers.PhoneNumberType.values())))
    number = phonenumbers.example_number_for_type(region, number_type)
    assume(number is not None)
    assert number is not None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@st.composite
def damaged_numbers(draw: st.DrawFn) -> str:
    """Draw an example number with one error."""
    number = draw(example_numbers())
    place = draw(st.integers(0, len(number) - 1))
    inserted = draw(st.characters(exclude_characters=DIGITS) | st.sampled_from("٣８² -.()+\n\u200b\u00a0"))
    assume(number[place] != inserted)
    more = draw(st.text(DIGITS, min_size=17 - len(number), max_size=30))
    return draw(
        st.sampled_from(
            [
                number.removeprefix("+"),
                number[:place] + inserted + number[place + 1 :],
                number[:place] + inserted + number[place:],
                number + inserted,
                "+0" + number[2:],
                number + more,
            ]
        )
    )


@given(ANYTHING | st.from_regex(r"\+[0-9]{0,17}", fullmatch=True))
def test_any_value_has_a_result_and_the_plan_is_never_laxer_than_the_shape(value: object) -> None:
    wrong_shape = why_not_e164(value)
    wrong_plan = why_not_in_numbering_plan(value)

    if wrong_shape is None:
        assert wrong_plan is None or one_line(wrong_plan)
    else:
        assert one_line(wrong_shape) == wrong_plan


@settings(deadline=None)
@given(example_numbers())
def test_number_that_phonenumbers_formats_as_e164_is_accepted(number: str) -> None:
    assert why_not_e164(number) is None
    assert why_not_in_numbering_plan(number) is None


@settings(deadline=None)
@given(damaged_numbers())
def test_damaged_number_is_rejected_with_a_reason(number: str) -> None:
    assert one_line(why_not_e164(number)) == why_not_in_numbering_plan(number)


ROBOT_SUITE = """\
*** Settings ***
Library    E164

*** Test Cases ***
Real Number
    Should Be E164 Number    +442073238000
    Should Be In Numbering Plan    +442073238000

Shape Alone
    Should Be E164 Number    +99912345678

Unknown Country
    Should Be In Numbering Plan    +99912345678

Number With Spaces
    Should Be E164 Number    +44 20 7323 8000

Integer
    Should Be E164 Number    ${12345}

Integer In Plan
    Should Be In Numbering Plan    ${12345}

Null
    Should Be E164 Number    ${None}
"""


@pytest.fixture(scope="module")
def robot_verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Run the suite above with the real `robot`; give status and message of each test, from output.xml."""
    folder = tmp_path_factory.mktemp("robot")
    suite = folder / "phone.robot"
    suite.write_text(ROBOT_SUITE, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "robot", "--log", "NONE", "--report", "NONE", "--pythonpath", LIBRARIES, suite],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    result = ExecutionResult(folder / "output.xml")
    return {test.name: (test.status, test.message) for test in result.suite.all_tests}


@pytest.mark.parametrize("name", ["Real Number", "Shape Alone"])
def test_keyword_passes_in_robot(robot_verdicts: dict[str, tuple[str, str]], name: str) -> None:
    assert robot_verdicts[name] == ("PASS", "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Unknown Country", "Phone number '+99912345678' begins with an unknown country code"),
        ("Number With Spaces", "Phone number '+44 20 7323 8000' holds a space at position 4; E.164 allows digits only"),
        ("Integer", "Phone number 12345 is a number (int), not text"),
        ("Integer In Plan", "Phone number 12345 is a number (int), not text"),
        ("Null", "Phone number is null, not text"),
    ],
)
def test_keyword_fails_in_robot_with_the_reason(
    robot_verdicts: dict[str, tuple[str, str]], name: str, message: str
) -> None:
    assert robot_verdicts[name] == ("FAIL", message)


def one_line(reason: str | None) -> str:
    """Return the reason, which must fit on a line of a report."""
    assert reason
    assert reason.splitlines() == [reason]
    assert len(reason) < 250
    return reason
