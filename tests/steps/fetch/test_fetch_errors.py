"""Every foreign exception has a code."""

import errno
import socket
import ssl
import zlib

import h11
import httpx
import pytest

from aggregator.errors import Code, FetchError
from aggregator.steps.fetch.errors import HTTPX, Trouble, fetch_error


def test_every_exception_of_httpx_is_listed():
    """Fails when the library grows a new one, so that somebody decides what it means."""
    grown = {kind for kind in vars(httpx).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert grown == set(HTTPX)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no such name"), Code.DNS),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), Code.CONNECT),
        (OSError(errno.ENETUNREACH, "unreachable"), Code.CONNECT),
        (OSError(errno.EMFILE, "too many open files"), Code.INTERNAL),
        (TimeoutError(), Code.TIMEOUT),
        (ssl.SSLError(1, "handshake"), Code.TLS),
        (ssl.SSLCertVerificationError(1, "verify"), Code.TLS),
        (h11.RemoteProtocolError("x"), Code.PROTOCOL),
        (h11.LocalProtocolError("x"), Code.PROTOCOL),
        (zlib.error("x"), Code.PROTOCOL),
        (httpx.InvalidURL("x"), Code.REFUSED_ADDRESS),
        (Trouble(Code.EMPTY, "x"), Code.EMPTY),
        (RuntimeError("a bug"), Code.INTERNAL),
        (MemoryError(), Code.INTERNAL),
    ],
)
def test_foreign_errors_become_codes(error, code):
    mapped = fetch_error(error, "a", "shown")
    assert (type(mapped), mapped.code, mapped.source_id) == (FetchError, code, "a")
    assert "shown" in mapped.message


def test_only_a_bug_of_ours_keeps_its_cause():
    """Others could show a header or an address in a logged traceback."""
    bug = RuntimeError("x")
    assert fetch_error(bug, "a", "p").__cause__ is bug
    assert fetch_error(h11.LocalProtocolError("Illegal header value b's3cret'"), "a", "p").__cause__ is None
