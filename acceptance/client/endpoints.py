"""The three paths of the API that a run itself needs; all others are the resources' business."""

HEALTH_PATH = "/health"
SIGN_IN_PATH = "/api/auth/login"
ACCOUNT_PATH = "/api/business/me"


def is_sign_in(method: str, path: str) -> bool:
    """Whether a request signs in, which changes nothing."""
    return method == "POST" and path.partition("?")[0].endswith(SIGN_IN_PATH)
