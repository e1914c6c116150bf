#!/usr/bin/env bash
# Verifies a deployment: backend_post_deploy_verify.sh [URL]   (see --help and docs/deploy.md)
#
# Exit code: 0 healthy; 1, 2, 3 the settings, calendar or twilio API alone is broken; 4 several are, or another one;
# 5 no verdict. The account is taken from E2E_EMAIL and E2E_PASSWORD, the URL from the argument or from API_URL.
set -euo pipefail

readonly NO_VERDICT=5
trap 'exit "$NO_VERDICT"' INT TERM HUP
root="$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)"

give_up() {
    echo "backend_post_deploy_verify.sh: $1" >&2
    exit "$NO_VERDICT"
}

missing_packages() {
    "$1" -c 'import importlib.util, sys; print(*(n for n in sys.argv[1:] if importlib.util.find_spec(n) is None))' \
        robot pabot RequestsLibrary JSONLibrary filelock jsonschema jwt phonenumbers platformdirs psutil pydantic requests
}

# The first Python that has the packages: of the activated environment, of the project, or of the system. It replaces
# this process, so that a signal to this script reaches the run, which then restores the account.
advice=
for python in ${VIRTUAL_ENV:+"$VIRTUAL_ENV/bin/python"} "$root/.venv/bin/python" python3; do
    if ! { python="$(command -v -- "$python")" && missing="$(missing_packages "$python" 2> /dev/null)"; }; then
        continue
    fi
    if [[ -z $missing ]]; then
        exec "$python" "$root/run_tests.py" post-deploy "$@"
    fi
    how="'make setup' in $root, or '$python -m pip install --require-hashes -r $root/requirements.lock'"
    advice="${advice:-$python lacks ${missing// /, }; run $how}"
done
give_up "${advice:-there is no python3; install Python 3.11 or later, then run 'make setup' in $root}."
