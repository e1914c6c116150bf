"""Log in, read, start OAuth: the calendar can be connected, or the response explains why not."""

from tools.benchmarks.flow.client import Client, fail


def main() -> None:
    """Check the calendar."""
    client = Client()
    settings = client.settings()
    response = client.get("/oauth/google/start", business_id=str(settings["id"]))
    if response.status_code == 302:
        available = response.headers["Location"].startswith("https://accounts.google.com/")
    else:
        available = response.status_code == 200 and response.json()["available"] is False
    if not available:
        fail(3, f"GET /oauth/google/start returned {response.status_code}")
    if not isinstance(settings["google_calendar_connected"], bool):
        fail(4, "google_calendar_connected is no boolean")


if __name__ == "__main__":
    main()
