"""Certificates of a server, signed by an authority that is made for the test."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

NAMES = "subjectAltName=IP:127.0.0.1,DNS:api.example.com"


def server_certificate(directory: Path, days: int) -> tuple[ssl.SSLContext, Path, float]:
    """Make a certificate for 127.0.0.1 and api.example.com.

    Args:
        directory: Where its files go.
        days: How long it is valid.

    Returns:
        The TLS context of the server, the certificate of the authority, and when the other one expires (Unix time).
    """
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key, certificate = directory / "server.key", directory / "server.pem"
    authority_key, authority = directory / "authority.key", directory / "authority.pem"
    new: list[str | Path] = ["req", "-x509", "-nodes", "-newkey", "rsa:2048"]
    _openssl(*new, "-subj", "/CN=Authority", "-days", "30", "-keyout", authority_key, "-out", authority)
    _openssl(
        *(*new, "-subj", "/CN=api.example.com", "-days", str(days), "-addext", NAMES),
        *("-CA", authority, "-CAkey", authority_key, "-keyout", key, "-out", certificate),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    end = _openssl("x509", "-noout", "-enddate", "-in", certificate).strip().removeprefix("notAfter=")
    return context, authority, ssl.cert_time_to_seconds(end)


def _openssl(*arguments: str | Path) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout
