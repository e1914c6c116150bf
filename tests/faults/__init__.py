"""The catalogue: backends that break one promise each, and backends that are unusual but break none.

Each fault is one function; `catalogue` says what is written down of it, `moments` when it strikes, `wrapped` how it
meets a request. A new one is written into the module of its clause, and is tried by `test_faults.py` from then on.
"""

from tests.faults import (
    across,
    calendar,
    encoding,
    ending,
    errors,
    forms,
    keeping,
    leading,
    leaking,
    login,
    production,
    reading,
    refusing,
    returning,
    saving,
    strangers,
    texts,
    twilio,
    updating,
    variations,
    variations_of_accounts,
    variations_of_answers,
    variations_of_habits,
)
from tests.faults.catalogue import CATALOGUE, Fault

__all__ = [
    "CATALOGUE",
    "Fault",
    "across",
    "calendar",
    "encoding",
    "ending",
    "errors",
    "forms",
    "keeping",
    "leading",
    "leaking",
    "login",
    "production",
    "reading",
    "refusing",
    "returning",
    "saving",
    "strangers",
    "texts",
    "twilio",
    "updating",
    "variations",
    "variations_of_accounts",
    "variations_of_answers",
    "variations_of_habits",
]
