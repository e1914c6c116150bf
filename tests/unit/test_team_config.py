"""`acceptance.toml`: what a team decides once is read strictly, and every mistake is one sentence."""

from pathlib import Path

import pytest

from acceptance.config import ConfigurationError, TeamConfig, read_team_config


def test_missing_file_gives_the_defaults(tmp_path: Path) -> None:
    assert read_team_config(tmp_path / "acceptance.toml") == TeamConfig()


def test_budgets_are_milliseconds_by_endpoint(tmp_path: Path) -> None:
    path = tmp_path / "acceptance.toml"
    path.write_text('[budgets]\n"GET /health" = 100\n"PUT /api/business/me" = 1.5\n')
    assert read_team_config(path).budgets == {"GET /health": 100.0, "PUT /api/business/me": 1.5}


@pytest.mark.parametrize("at", ["$.build", "release.commit", "$['a b'][0]", "header:X-Build"])
def test_build_is_at_a_jsonpath_or_in_a_header(at: str, tmp_path: Path) -> None:
    path = tmp_path / "acceptance.toml"
    path.write_text(f'[build]\nat = "{at}"\n')
    assert read_team_config(path).build.at == at


@pytest.mark.parametrize("at", ["", "$.[", "a b", "$.a(", "header:", "header:X Build", "header:Ä"])
def test_location_of_the_build_that_does_not_work_is_one_sentence(at: str, tmp_path: Path) -> None:
    path = tmp_path / "acceptance.toml"
    path.write_text(f'[build]\nat = "{at}"\n')
    with pytest.raises(ConfigurationError) as raised:
        read_team_config(path)
    assert str(raised.value) == f"{path}: '{at}' is neither a JSONPath, such as $.build, nor header:NAME."


@pytest.mark.parametrize(
    "content",
    ["[", "\x00", "x = 1", "budgets = []", '[budgets]\n"get /health" = 1', '[budgets]\n"GET health" = 1',
     '[build]\nat = 1', '[build]\nwhere = "$.build"',
     '[budgets]\n"GET /health" = nan', '[budgets]\n"GET /health" = 2026-01-01', '[budgets]\n"GET /health" = [1]'],
)  # fmt: skip
def test_mistake_is_one_sentence_that_names_the_file(content: str, tmp_path: Path) -> None:
    path = tmp_path / "acceptance.toml"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        read_team_config(path)
    assert str(raised.value).startswith(str(path))
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)
