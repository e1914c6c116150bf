"""The workflow to copy calls the workflow of this repository with what that declares, on the documented events."""

import re
from collections.abc import Mapping
from typing import Any

from tests.support.project import ROOT
from tests.support.workflows import read_workflow

EVENTS = {
    "pull_request": "pull request",
    "push": "push to main or master",
    "schedule": "every week",
    "deployment_status": "a deployment has succeeded",
    "workflow_dispatch": "by hand, or from another repository",
}


EXAMPLE = read_workflow(ROOT / "examples" / "acceptance.yml")
(CALL,) = EXAMPLE["jobs"].values()


def called() -> Mapping[str, Any]:
    """Return the workflow that the example calls."""
    repository, _, path = CALL["uses"].partition("/.github/")
    path, _, version = path.partition("@")
    assert (repository, version) == ("your-organisation/acceptance", "v1")
    return read_workflow(ROOT / ".github" / path)


def test_secrets_and_inputs_are_those_that_the_called_workflow_declares() -> None:
    declared = called()["on"]["workflow_call"]
    assert {"PROD_API_URL", "E2E_EMAIL", "E2E_PASSWORD"} <= CALL["secrets"].keys() <= declared["secrets"].keys()
    assert CALL.get("with", {}).keys() <= declared["inputs"].keys()
    assert all(value == f"${{{{ secrets.{name} }}}}" for name, value in CALL["secrets"].items())


def test_it_grants_what_the_called_workflow_needs() -> None:
    assert EXAMPLE["permissions"] == {}
    assert CALL["permissions"] == called()["permissions"]


def test_events_are_those_of_the_called_workflow_and_of_the_documentation() -> None:
    ours = called()["on"]
    assert EXAMPLE["on"].keys() == ours.keys() - {"workflow_call"} == EVENTS.keys()
    assert EXAMPLE["on"]["push"] == ours["push"]
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    table = text.partition("| event |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([^|]*?) \|", table, re.MULTILINE) == list(EVENTS.values())
