"""A fetcher against a loopback server: what every test of this room begins with."""

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from shutil import which

import pytest

from aggregator.domain.response import Request
from aggregator.domain.settings import FetchSettings
from aggregator.steps.fetch import HttpFetcher
from aggregator.steps.fetch.tls import client_context
from tests.steps.fetch.fetch_server import Server

NOW = datetime(2026, 3, 4, 10, 17, 23, tzinfo=UTC)
PATIENCE = 60  # seconds a test waits for what should come at once


class StandingClock:
    def now(self):
        return NOW


@cache
def tls_context():
    """Made once: reading the machine's authorities takes 90 ms."""
    return client_context()


class Desk:
    """Opens fetchers and asks them; closes them all at the end."""

    def __init__(self):
        self.fetchers = []

    def fetcher(self, server=None, *, resolver=None, tls=None, subscribers=0, **settings):
        """A fetcher that may visit `server` and knows no gap, unless told otherwise."""
        defaults = {
            "host_gap": timedelta(0),
            "per_host": 32,
            "timeout": timedelta(seconds=20),
            "allow_hosts": (f"{server.address if server.family == 2 else '[' + server.address + ']'}:{server.port}",)
            if server
            else (),
        }
        fetcher = HttpFetcher(
            FetchSettings(**(defaults | settings)),
            clock=StandingClock(),
            user_agent_version="1.2",
            subscribers=subscribers,
            resolver=resolver,
            tls=tls or tls_context(),
        )
        self.fetchers.append(fetcher)
        return fetcher

    def get(self, url, *, server=None, request=None, **settings):
        """One visit by a fetcher of its own."""
        return self.fetcher(server, **settings).fetch(ask(url, **(request or {}))).result(PATIENCE)

    def close(self):
        for fetcher in self.fetchers:
            fetcher.close()


def ask(url, **fields):
    return Request(**({"source_id": "a", "url": url, "shown_url": "https://shown.example/feed"} | fields))


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def other_server():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for localhost and 127.0.0.1, signed by itself: (certificate, key)."""
    if not which("openssl"):
        pytest.skip("the openssl program is not installed")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Server(context=context)
    yield server
    server.close()


@pytest.fixture
def trusting(certificate):
    """A client's context that knows the self-made certificate."""
    return ssl.create_default_context(cafile=certificate[0])
