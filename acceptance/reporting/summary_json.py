"""`summary.json`: the facts of a run for other programs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from acceptance.client.exchanges import Call
from acceptance.reporting.baseline import Comparison
from acceptance.reporting.run_result import RunResult

SUITE_FIELDS = (
    *("exit_code", "meaning", "passed", "failed", "skipped", "known", "seconds", "first_failure", "since"),
    *("trace_id", "known_issues"),
)


def write_summary(result: RunResult, path: Path) -> None:
    """Write the facts of `result`, and the verdict of each suite by its name, as JSON to `path`."""
    parts = {"shard": result.shard, "run": result.run, "shards": result.shards}
    facts: dict[str, Any] = {
        "target": result.url,
        "account": result.account_id,
        "mode": result.mode,
        "read_only": result.read_only,
        "exit_code": result.exit_code,
        "verdict": result.verdict.status,
        "interrupted": result.interrupted,
        "baseline": _baseline(result.baseline),
        "seconds": result.seconds,
        "logins": result.logins,
        "refused_logins": result.refused_logins,
        "requests": result.requests,
        "build": result.build,
        "expected_build": result.expected_build,
        "restored": result.restored,
        "pending": list(result.pending),
        "side_effects": list(result.side_effects),
        "retried": [asdict(one) for one in result.retried],
        "openapi": list(result.openapi),
        "notes": list(result.notes),
        "calls": [_facts(call) for call in result.calls],
        **{name: value for name, value in parts.items() if value is not None},
        "suites": {suite.name: {field: getattr(suite, field) for field in SUITE_FIELDS} for suite in result.suites},
    }
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _facts(call: Call) -> dict[str, Any]:
    return {name: value for name, value in asdict(call).items() if name not in ("fields", "exposures", "sent")}


def _baseline(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    facts: dict[str, Any] = {"used": comparison.is_used, "reason": comparison.reason or None}
    for change, tests in comparison.tests.items():
        facts[change] = [{"suite": one.suite, "test": one.test} for one in tests]
    return facts
