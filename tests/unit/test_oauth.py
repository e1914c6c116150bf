"""Redirect URIs and the redirects of the OAuth callback, on a public host and on this machine."""

import pytest

from OAuth import callback_location_problem, redirect_uri_problem


@pytest.mark.parametrize(
    "uri", ["https://api.example.com/oauth/google/callback", "https://api.example.com:8443/callback?x=1"]
)
def test_redirect_uri_on_a_public_host_is_usable(uri: str) -> None:
    assert redirect_uri_problem(uri, on_loopback=False) is None


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("http://api.example.com/callback", "not https"),
        ("https://localhost/callback", "no public host name"),
        ("https://api/callback", "no public host name"),
        ("https://api.local/callback", "no public host name"),
        ("https://api.internal/callback", "no public host name"),
        ("https://api.localhost/callback", "no public host name"),
        ("https://api.localhost./callback", "no public host name"),
        ("https://192.0.2.7/callback", "no public host name"),
        ("https://[2001:db8::1]/callback", "no public host name"),
        ("https://user@api.example.com/callback", "user name"),
        ("https://api.example.com/callback#top", "fragment"),
        ("https://api.example.com/callback#", "fragment"),
        ("/callback", "no absolute URL"),
        ("https:///callback", "no absolute URL"),
        ("https://undefined/callback", "no absolute URL"),
        ("app.example://callback", "no absolute URL"),
        ("https://[::1/callback", "malformed"),
    ],
)
def test_redirect_uri_that_google_cannot_use_is_named(uri: str, problem: str) -> None:
    assert problem in str(redirect_uri_problem(uri, on_loopback=False))


@pytest.mark.parametrize("uri", ["http://localhost:8000/callback", "http://127.0.0.1/callback", "http://api/callback"])
def test_backend_on_this_machine_may_have_any_redirect_uri(uri: str) -> None:
    assert redirect_uri_problem(uri, on_loopback=True) is None


@pytest.mark.parametrize(
    "location",
    [
        "/",
        "/dashboard?error=denied",
        "https://app.example.com/?error=denied",
        "http://192.0.2.7/",
        "http://[2001:db8::1]/",
    ],
)
@pytest.mark.parametrize("on_loopback", [False, True])
def test_callback_may_redirect_to_a_path_or_to_any_host(location: str, *, on_loopback: bool) -> None:
    assert callback_location_problem(location, on_loopback=on_loopback) is None


@pytest.mark.parametrize("location", ["http://localhost:3000/", "http://127.0.0.1:3000/", "http://[::1]/"])
def test_callback_may_redirect_to_this_machine_only_from_this_machine(location: str) -> None:
    assert callback_location_problem(location, on_loopback=True) is None
    assert "own machine" in str(callback_location_problem(location, on_loopback=False))


@pytest.mark.parametrize(
    "location",
    ["//app.example.com/", "/\\app.example.com/", "dashboard", "", "?error=denied", "javascript:alert(1)", "https:///",
     "ftp://app.example.com/", "https://dashboard/", "https://[::1"],
)  # fmt: skip
@pytest.mark.parametrize("on_loopback", [False, True])
def test_callback_that_no_browser_can_follow_is_refused(location: str, *, on_loopback: bool) -> None:
    assert callback_location_problem(location, on_loopback=on_loopback)
