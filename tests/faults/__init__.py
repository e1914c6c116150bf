"""The catalogue: backends that break one promise each, and backends that are unusual but break none.

Each fault is one function; `catalogue` says what is written down of it, `wrapped` how it meets a request. A new one is
written into the module of its capability, and is tried by `test_faults.py` from then on.
"""

from tests.faults import calendar, leaking, production, reading, settings, sign_in, twilio, variations
from tests.faults.catalogue import CATALOGUE, Fault

__all__ = [
    "CATALOGUE",
    "Fault",
    "calendar",
    "leaking",
    "production",
    "reading",
    "settings",
    "sign_in",
    "twilio",
    "variations",
]
