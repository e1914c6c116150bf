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


TRACE_URLS = [
    "https://tempo.example.com/trace/{trace_id}",
    "http://localhost:16686/trace/{trace_id}?uiFind=a_b*c",
    "https://app.example.com/#/traces?id={trace_id}&from=(now-1h)&orgId=1",
    "https://grafana.example.com/explore?left=%7B%22query%22:%22{trace_id}%22%7D",
]
NO_TRACE_URLS = [
    "",
    "https://tempo.example.com/trace/",
    "https://tempo.example.com/{trace_id}/{trace_id}",
    "https://tempo.example.com/{trace_id}/{span_id}",
    "https://tempo.example.com/trace/{}",
    "https://{trace_id}.example.com/",
    "https:///trace/{trace_id}",
    "https://tempo.example.com:port/{trace_id}",
    "https://tempo.example.com:0/{trace_id}",
    "https://owner:hunter22@tempo.example.com/{trace_id}",
    "https://hunter22@tempo.example.com/{trace_id}",
    "https://tempo.example.com/{trace_id}?api_key=hunter22",
    "https://tempo.example.com/{trace_id}#access_token=hunter22",
    "javascript:alert(1)//{trace_id}",
    "ftp://tempo.example.com/{trace_id}",
    "//tempo.example.com/{trace_id}",
    "tempo.example.com/{trace_id}",
    "https://tempo.example.com/{trace_id}|x",
    "https://tempo.example.com/[{trace_id}]",
    "https://tempo.example.com/<{trace_id}>",
    "https://tempo.example.com/ {trace_id}",
    "https://tempo.example.com/{trace_id}\\n",
    'https://tempo.example.com/"{trace_id}',
    "https://tempo.example.com/ä/{trace_id}",
]


def with_trace_url(url: str, directory: Path) -> Path:
    """Write a configuration with this URL of a trace, and return its path."""
    path = directory / "acceptance.toml"
    path.write_text(f"[trace]\nurl = '{url}'\n")
    return path


@pytest.mark.parametrize("url", TRACE_URLS)
def test_url_of_a_trace_has_one_place_for_its_id(url: str, tmp_path: Path) -> None:
    assert read_team_config(with_trace_url(url, tmp_path)).trace.url == url


@pytest.mark.parametrize("url", NO_TRACE_URLS)
def test_unusable_url_of_a_trace_is_one_sentence_that_does_not_repeat_it(url: str, tmp_path: Path) -> None:
    path = with_trace_url(url, tmp_path)
    with pytest.raises(ConfigurationError) as raised:
        read_team_config(path)
    assert str(raised.value) == (
        f"{path}: the url of [trace] is no http(s) URL without credentials and with one {{trace_id}} after the host; "
        'write it like "https://tempo.example.com/trace/{trace_id}".'
    )


@pytest.mark.parametrize(
    "content",
    ["[", "\x00", "x = 1", "budgets = []", '[budgets]\n"get /health" = 1', '[budgets]\n"GET health" = 1',
     '[trace]\nurl = 1', '[trace]\nuri = "https://x"', '[build]\nat = 1', '[build]\nwhere = "$.build"',
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
