"""The three paths of the API that a run itself needs; all others are the resources' business."""

HEALTH_PATH = "/health"
LOGIN_PATH = "/api/auth/login"
BUSINESS_PATH = "/api/business/me"


def is_login(method: str, path: str) -> bool:
    """Whether a request signs in, which changes nothing."""
    return method == "POST" and path.partition("?")[0].endswith(LOGIN_PATH)
