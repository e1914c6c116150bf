"""The three paths of the API that a run itself needs; all others are the resources' business."""

HEALTH_PATH = "/health"
SIGN_IN_PATH = "/api/auth/login"
ACCOUNT_PATH = "/api/business/me"
