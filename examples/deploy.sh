#!/usr/bin/env bash
# Deploys, verifies, and rolls back a broken release: examples/deploy.sh URL
#
# The steps are shell commands in the environment:
#   DEPLOY_COMMAND    starts the new version              docker compose -f docker-compose.prod.yml up -d --build
#   ROLLBACK_COMMAND  starts the old version again            git checkout "$PREVIOUS" && docker compose … up -d --build
#   EXPECT_BUILD      the build that /health must name then     (optional; "$(git rev-parse HEAD)")
#   PREVIOUS_BUILD    the same of the old version               (optional)
#   ALERT_COMMAND     sends "$ALERT_MESSAGE" to the team     (optional; the message is always on stderr)
#
# It ends with the exit code of the verification, also after a rollback: 0 means deployed and healthy.
set -euo pipefail

if [[ $# -ne 1 || -z ${DEPLOY_COMMAND:-} || -z ${ROLLBACK_COMMAND:-} ]]; then
    echo "usage: DEPLOY_COMMAND=… ROLLBACK_COMMAND=… [ALERT_COMMAND=…] deploy.sh URL" >&2
    exit 5
fi
url="$1"
verify="$(dirname -- "${BASH_SOURCE[0]}")/../backend_post_deploy_verify.sh"

alert_team() {
    echo "ALERT: $1" >&2
    ALERT_MESSAGE="$1" bash -c "${ALERT_COMMAND:-:}" || echo "ALERT_COMMAND failed." >&2
}

roll_back() {
    echo "Rolling back: $1"
    if ! bash -c "$ROLLBACK_COMMAND"; then
        alert_team "$1, and the rollback FAILED: act now."
    elif ! EXPECT_BUILD="${PREVIOUS_BUILD:-}" "$verify" "$url"; then
        alert_team "$1. It is rolled back, and the old version could not be verified either: act now."
    else
        echo "Rolled back; the old version is healthy."
    fi
}

if ! bash -c "$DEPLOY_COMMAND"; then
    alert_team "DEPLOY_COMMAND failed; it is unknown what runs at $url."
    exit 5
fi

code=0 # not "verify; code=$?", since -e ends the script at a command that fails
"$verify" "$url" || code=$?

case $code in
    0) echo "Deployed: the backend is healthy." ;;
    1) roll_back "Settings API broken" ;;
    2) roll_back "Calendar API broken" ;;
    3) roll_back "Twilio API broken" ;;
    4)
        alert_team "Multiple APIs broken at $url: CRITICAL, rolling back."
        roll_back "Multiple APIs broken"
        ;;
    *) # No verdict: the release may be fine, so a person decides.
        alert_team "The release at $url could not be verified (exit code $code); it stays until you decide."
        ;;
esac
exit "$code"
