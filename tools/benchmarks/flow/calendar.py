"""Sign in, read, start: the calendar can be connected, or it is said why not."""

from tools.benchmarks.flow.client import Client, fail


def main() -> None:
    """Check the calendar."""
    client = Client()
    settings = client.settings()
    answer = client.get("/oauth/google/start", business_id=str(settings["id"]))
    if answer.status_code == 302:
        available = answer.headers["Location"].startswith("https://accounts.google.com/")
    else:
        available = answer.status_code == 200 and answer.json()["available"] is False
    if not available:
        fail(3, f"GET /oauth/google/start was answered {answer.status_code}")
    if not isinstance(settings["google_calendar_connected"], bool):
        fail(4, "the calendar's state is neither yes nor no")


if __name__ == "__main__":
    main()
