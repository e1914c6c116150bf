"""Faults in the settings that the owner edits, as read. Clauses: `GET /api/business/me`, text settings and faqs."""

from typing import Any

from tests.faults.catalogue import fault, having, read_as, without

READ = "GET /api/business/me"
TEXTS = ("industry", "description", "business_hours", "common_services", "timezone", "greeting_style")
WRONG: tuple[tuple[str, str, Any], ...] = (
    ("industry", "a_list", ["Dental clinic"]),
    ("description", "an_object", {"en": "A family practice"}),
    ("business_hours", "an_object", {"monday": "08:00-17:00"}),
    ("common_services", "a_list", ["Cleaning", "Fillings"]),
    ("timezone", "a_number", -5),
    ("greeting_style", "false", False),
    ("faqs", "null", None),
    ("faqs", "a_text", "[]"),
    ("faqs", "an_object", {"question": "Where?", "answer": "Here."}),
    ("faqs", "a_number", 2),
)


def smoke(setting: str) -> dict[str, int] | None:
    """Nothing: smoke looks at no setting but the one that it may write."""
    return None if setting == "industry" else {}


for setting in (*TEXTS, "faqs"):
    fault(clause=f"{READ}: {setting}", full={"settings": 2}, smoke=smoke(setting))(
        read_as(
            "faqs_are_missing" if setting == "faqs" else f"{setting}_is_missing",
            f"There is no `{setting}` among the settings, not even null.",
            without(setting),
        )
    )

for setting, kind, value in WRONG:
    be, expected = ("are", "a list") if setting == "faqs" else ("is", "text or null")
    fault(clause=f"{READ}: {setting}", full={"settings": 2}, smoke=smoke(setting))(
        read_as(
            f"{setting}_{be}_{kind}",
            f"`{setting}` {be} {kind.replace('_', ' ')} where {expected} is promised.",
            having(**{setting: value}),
        )
    )
