"""The catalogue: backends that break one clause of the contract, and healthy backends that are unusual.

Each fault stands under its name in the module of its area. `catalogue` defines what is recorded of it, `conditions`
when it applies, `changes` what it changes, and `middleware` how it changes requests and responses. `test_faults.py`
runs the suites against each of them.
"""

from tests.faults import (
    auth,
    authorization,
    errors,
    exposures,
    hardening,
    late_commits,
    network,
    oauth_callback,
    oauth_start,
    persistence,
    phone,
    secrets,
    settings_read,
    settings_write,
)
from tests.faults.catalogue import collect
from tests.faults.healthy import (
    accounts,
    builds,
    calendar,
    login,
    look_alikes,
    openapi,
    passing,
    responses,
    saving,
    starting,
    throttling,
)
from tests.faults.healthy import errors as healthy_errors

CATALOGUE = collect(
    (
        auth,
        authorization,
        exposures,
        hardening,
        settings_read,
        settings_write,
        persistence,
        oauth_start,
        oauth_callback,
        phone,
        errors,
        late_commits,
        network,
        secrets,
        accounts,
        builds,
        calendar,
        healthy_errors,
        login,
        look_alikes,
        openapi,
        passing,
        responses,
        saving,
        starting,
        throttling,
    )
)
