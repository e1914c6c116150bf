"""Log in, read, write, read: settings are saved."""

import uuid

from tools.benchmarks.flow.client import Client, fail


def main() -> None:
    """Check the settings."""
    client = Client()
    before = client.settings()
    update = {"industry": f"{(before['industry'] or '').partition(' [')[0]} [{uuid.uuid4().hex[:8]}]"}
    client.save(update)
    after = client.settings()
    if after["industry"] != update["industry"]:
        fail(4, "the update was not saved")


if __name__ == "__main__":
    main()
