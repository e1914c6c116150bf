#!/usr/bin/env bash
# Verifies, deploys, verifies again, and rolls back what the release broke: examples/deploy.sh URL
#
# The steps are shell commands in the environment:
#   DEPLOY_COMMAND    starts the new version              docker compose -f docker-compose.prod.yml up -d --build
#   ROLLBACK_COMMAND  starts the old version again            git checkout "$PREVIOUS" && docker compose … up -d --build
#   EXPECT_BUILD      the build that /health must name then     (optional; "$(git rev-parse HEAD)")
#   PREVIOUS_BUILD    the same of the old version               (optional)
#   ALERT_COMMAND     sends "$ALERT_MESSAGE" to the team     (optional; the message is always on stderr)
#
# The report of the release is in OUTPUT_DIR (default: results); before and rollback below it have those of the
# verifications before the deployment and after a rollback.
# It ends with the exit code of the verification after the deployment, also after a rollback: 0 means deployed and
# healthy, 1 to 4 that the release broke something, 5 that no failure is known to be its own.
set -euo pipefail

if [[ $# -ne 1 || -z ${DEPLOY_COMMAND:-} || -z ${ROLLBACK_COMMAND:-} ]]; then
    echo "usage: DEPLOY_COMMAND=… ROLLBACK_COMMAND=… [ALERT_COMMAND=…] deploy.sh URL" >&2
    exit 5
fi
url="$1"
script="$(readlink -m -- "$(readlink -f -- "${BASH_SOURCE[0]}")/../../backend_post_deploy_verify.sh")"
if [[ ! -x $script ]]; then
    echo "deploy.sh: there is no $script; correct its path in this copy. Nothing is deployed." >&2
    exit 5
fi
results="${OUTPUT_DIR:-"$(dirname -- "$script")/results"}"
baseline="$results/before"
{ rm -rf -- "$baseline" && mkdir -p -- "$baseline"; } || exit 5 # -e would end the script with 1

alert_team() {
    echo "ALERT: $1" >&2
    ALERT_MESSAGE="$1" bash -c "${ALERT_COMMAND:-:}" || echo "ALERT_COMMAND failed." >&2
}

# Verifies what runs at the URL; sets $code to the exit code, and $advice to the advice, empty where there is none.
verify() {
    code=0 # not "…; code=$?", since -e ends the script at a command that fails
    "$script" "$url" "$@" | tee -i "$baseline/console" || code=${PIPESTATUS[0]}
    ((code <= 5)) || code=5 # it was killed
    advice="$(sed -n 's/^Advice: *//p' "$baseline/console")"
}

# Rolls back, and compares the old version with what it was before the deployment: it need not be better. The exit code
# of the script stays that of the release.
roll_back() {
    local code advice # of the old version
    echo "Rolling back: $1"
    if ! bash -c "$ROLLBACK_COMMAND"; then
        alert_team "$1, and the rollback FAILED: act now."
        return
    fi
    EXPECT_BUILD="${PREVIOUS_BUILD:-}" verify --baseline "$baseline" --output-dir "$results/rollback" \
        --log-dir "$results/rollback"
    case $code in
        0) echo "Rolled back; the old version is healthy." ;;
        5) alert_team "$1. It is rolled back. ${advice:-The old version could not be verified: act now.}" ;;
        *) alert_team "$1. It is rolled back, and the old version is broken, too: act now." ;;
    esac
}

echo "Before the deployment:"
trap 'exit 5' INT TERM HUP # an interrupt ends the verification with 5; nothing is deployed then
code=0
EXPECT_BUILD="${PREVIOUS_BUILD:-}" "$script" "$url" --wait 0 --output-dir "$baseline" --log-dir "$baseline" | sed '/^Advice:/d' || code=${PIPESTATUS[0]}
trap 'alert_team "The deployment was interrupted; it is unknown what runs at $url."; exit 5' INT TERM HUP
echo "Before the deployment, the exit code is $code."

if ! bash -c "$DEPLOY_COMMAND"; then
    alert_team "DEPLOY_COMMAND failed; it is unknown what runs at $url."
    exit 5
fi

verify --baseline "$baseline"

case $code in
    0) echo "Deployed: the backend is healthy." ;;
    1) roll_back "Settings API broken" ;;
    2) roll_back "Calendar API broken" ;;
    3) roll_back "Twilio API broken" ;;
    4)
        alert_team "Multiple APIs broken at $url: CRITICAL, rolling back."
        roll_back "Multiple APIs broken"
        ;;
    *) # No verdict, or broken as before: no failure is known to be the release's own, so a person decides.
        alert_team "The release at $url stays until you decide (exit code $code). ${advice:-It could not be verified.}"
        ;;
esac
exit "$code"
