"""The paths of the API that the runner itself calls; all others belong to the resources."""

HEALTH_PATH = "/health"
OPENAPI_PATH = "/openapi.json"
LOGIN_PATH = "/api/auth/login"
BUSINESS_PATH = "/api/business/me"


def is_login(method: str, path: str) -> bool:
    """Return whether a request is a login, which changes no settings."""
    return method == "POST" and path.partition("?")[0].endswith(LOGIN_PATH)
