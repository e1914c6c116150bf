#!/usr/bin/env bash
# Verifies a deployment: backend_post_deploy_verify.sh [URL]   (--help says more; docs/deploy.md says all)
#
# Exit code: 0 healthy; 1, 2, 3 the settings, calendar or twilio API alone is broken; 4 several are, or another one;
# 5 no verdict. The account is taken from E2E_EMAIL and E2E_PASSWORD, the URL from API_URL where it is not given.
set -euo pipefail

readonly NO_VERDICT=5
trap 'exit "$NO_VERDICT"' INT TERM HUP
root="$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)"

give_up() {
    echo "backend_post_deploy_verify.sh: $1" >&2
    exit "$NO_VERDICT"
}

# The activated environment, the project's own, or whatever there is.
find_python() {
    local candidate
    for candidate in ${VIRTUAL_ENV:+"$VIRTUAL_ENV/bin/python"} "$root/.venv/bin/python" python3; do
        if command -v -- "$candidate"; then
            return
        fi
    done
    give_up "Python 3.11 or later is needed, and there is no python3."
}

python="$(find_python)"
missing="$("$python" -c '
import importlib.util, sys
print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))
' robot pabot RequestsLibrary JSONLibrary filelock jsonschema phonenumbers platformdirs psutil requests)" ||
    give_up "$python does not run."
if [[ -n $missing ]]; then
    give_up "$python lacks ${missing// /, }. Run 'make setup' in $root, or '$python -m pip install --require-hashes -r $root/requirements.lock'."
fi

# It takes this process's place, so that whoever ends this script ends the run, and waits for the account to be put back.
exec "$python" "$root/run_tests.py" post-deploy "$@"
