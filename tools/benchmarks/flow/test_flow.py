"""The three scripts as tests, for `pytest --numprocesses 3`."""

from tools.benchmarks.flow import calendar, settings, twilio


def test_settings() -> None:
    settings.main()


def test_calendar() -> None:
    calendar.main()


def test_twilio() -> None:
    twilio.main()
