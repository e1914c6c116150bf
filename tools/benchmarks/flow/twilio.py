"""Log in, read: the phone number is E.164, and an enabled receptionist has one."""

import re

from tools.benchmarks.flow.client import Client, fail


def main() -> None:
    """Check the phone."""
    settings = Client().settings()
    number, enabled = settings["phone_number"], settings["receptionist_enabled"]
    if number is not None and not re.fullmatch(r"\+[1-9][0-9]{1,14}", number):
        fail(3, "the phone number is not E.164")
    if not isinstance(enabled, bool) or (enabled and not number):
        fail(4, "the receptionist's state is inconsistent")


if __name__ == "__main__":
    main()
