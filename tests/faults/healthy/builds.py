"""Builds: what `/health` and headers name, also where two versions respond in turn. No run that expects none fails."""

from collections.abc import Iterable
from itertools import chain, cycle, repeat

from tests.faults.catalogue import Fault, healthy
from tests.faults.changes import content, with_fields, with_status
from tests.faults.conditions import settings_are_read
from tests.faults.middleware import Request, Response, Upstream

OLD, NEW = "9f8e7d6", "abc1234"
CHECKS_BEFORE_SUITES = 3
HOSTILE_BUILD = "x\r::error::owned\n::stop-commands::t <script>1</script> | `z` [a](b) " + "y" * 5_000


def naming(builds: Iterable[str]) -> Fault:
    """Declare a backend whose `/health` names one of `builds` after the other."""

    async def named(request: Request, upstream: Upstream) -> Response:
        response = await upstream(request)
        if request.path != "/health":
            return response
        following = upstream.memory.setdefault("builds", iter(builds))
        return content(with_fields(build=next(following)))(response)

    return healthy("builds").function(named)


health_names_two_builds_in_turn = naming(cycle((NEW, OLD)))
health_names_the_old_build_when_the_suites_run = naming(chain([NEW] * CHECKS_BEFORE_SUITES, repeat(OLD)))
health_names_another_build_later = naming(chain([NEW] * (CHECKS_BEFORE_SUITES + 3), repeat(OLD)))
health_names_the_new_build_after_a_while = naming(chain([OLD, NEW, OLD, NEW, NEW, OLD], repeat(NEW)))
health_names_a_hostile_build = naming(repeat(HOSTILE_BUILD))


@healthy("builds").function
async def health_returns_503(request: Request, upstream: Upstream) -> Response:
    """`/health` returns 503, and everything else works."""
    response = await upstream(request)
    return with_status(503)(response) if request.path == "/health" else response


@healthy("builds").function
async def health_names_the_new_build_and_returns_503_when_the_suites_run(
    request: Request, upstream: Upstream
) -> Response:
    """`/health` names a build at the checks before the suites, and returns 503 from then on."""
    response = await upstream(request)
    if request.path != "/health":
        return response
    checks = upstream.memory["checks"] = upstream.memory.get("checks", 0) + 1
    return content(with_fields(build=NEW))(response) if checks <= CHECKS_BEFORE_SUITES else with_status(503)(response)


@healthy("builds").function
async def responses_name_two_builds_in_turn(request: Request, upstream: Upstream) -> Response:
    """The header `X-Build` of each response names one of two builds in turn."""
    response = await upstream(request)
    builds = upstream.memory.setdefault("builds", cycle((NEW, OLD)))
    return response.with_headers(x_build=next(builds))


@healthy("builds").function
async def first_read_has_another_field(request: Request, upstream: Upstream) -> Response:
    """The first read of the business has a field that no other one has."""
    response = await upstream(request)
    if not settings_are_read(request, response) or upstream.memory.get("is read"):
        return response
    upstream.memory["is read"] = True
    return content(with_fields(voice="warm"))(response)
