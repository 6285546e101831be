"""A client certificate opens its source's own server, and is shown to no other."""

import ssl
import subprocess

import pytest

from aggregator.domain.source import ClientCertificate
from aggregator.errors import Code, FetchError
from tests.steps.fetch.conftest import PATIENCE, ask
from tests.steps.fetch.fetch_server import Server, answer

FEED = b"<rss/>"


@pytest.fixture
def strict_server(certificate):
    """Asks every client for the one certificate there is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.load_verify_locations(certificate[0])
    context.verify_mode = ssl.CERT_REQUIRED
    server = Server(context=context)
    yield server
    server.close()


def visit(desk, url, own, *servers, tls, **request):
    fetcher = desk.fetcher(
        tls=tls, allow_hosts=tuple(f"{name}:{s.port}" for s in servers for name in ("127.0.0.1", "localhost"))
    )
    return fetcher.fetch(ask(url, certificate=own, **request)).result(PATIENCE)


def test_a_server_that_asks_for_a_certificate_is_read(desk, strict_server, certificate, trusting):
    strict_server.routes["/"] = answer(body=FEED)
    url = strict_server.url(scheme="https")
    own = ClientCertificate(certificate=certificate[0], key=certificate[1])
    assert visit(desk, url, own, strict_server, tls=trusting).body == FEED
    assert visit(desk, url, own, strict_server, tls=trusting, verify_tls=False).body == FEED
    with pytest.raises(FetchError):
        visit(desk, url, None, strict_server, tls=trusting)


def test_another_origin_sees_no_certificate(desk, strict_server, tls_server, certificate, trusting):
    """A redirect leads to a server that asks for one as well: it gets none."""
    tls_server.routes["/"] = answer("302 Found", f"Location: {strict_server.url('/x', scheme='https')}")
    own = ClientCertificate(certificate=certificate[0], key=certificate[1])
    with pytest.raises(FetchError):
        visit(desk, tls_server.url(scheme="https"), own, tls_server, strict_server, tls=trusting)
    assert strict_server.asked == []
    assert len(tls_server.asked) == 1


def test_a_key_with_a_password_and_one_file_for_both(desk, strict_server, certificate, trusting, tmp_path):
    locked = tmp_path / "both.pem"
    command = ["openssl", "ec", "-aes256", "-passout", "pass:s3cr3t", "-in", str(certificate[1]), "-out", str(locked)]
    subprocess.run(command, check=True, capture_output=True)
    locked.write_bytes(locked.read_bytes() + certificate[0].read_bytes())
    strict_server.routes["/"] = answer(body=FEED)
    url = strict_server.url(scheme="https")
    own = ClientCertificate(certificate=locked, password="s3cr3t")
    assert visit(desk, url, own, strict_server, tls=trusting).body == FEED
    for password in ("wr0ng", None):  # OpenSSL would ask for one at the terminal
        with pytest.raises(FetchError) as caught:
            visit(desk, url, ClientCertificate(certificate=locked, password=password), strict_server, tls=trusting)
        assert caught.value.code is Code.TLS
        assert "client certificate" in caught.value.message
        assert "wr0ng" not in caught.value.message


def test_a_missing_certificate_is_said(desk, tls_server, trusting, tmp_path):
    own = ClientCertificate(certificate=tmp_path / "none.pem")
    with pytest.raises(FetchError) as caught:
        visit(desk, tls_server.url(scheme="https"), own, tls_server, tls=trusting)
    assert caught.value.code is Code.TLS
    assert "No such file" in caught.value.message
