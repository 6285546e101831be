"""Every foreign exception a visit can meet, mapped to a stable code in one function.

Messages never hold the address that was asked: it may carry secrets. They hold what the source shows of itself, or
the host of a later hop.
"""

from __future__ import annotations

import errno
import socket
import ssl
import zlib
from typing import TYPE_CHECKING

import h11
import httpx

from aggregator.errors import Code, FetchError

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Trouble(Exception):  # noqa: N818 - a word for what is not yet an error of a source
    """A visit that cannot go on: what the FetchError will say, once it is known whose visit it was."""

    def __init__(
        self,
        code: Code,
        text: str,
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        fresh_for: timedelta | None = None,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status
        self.retry_at = retry_at
        self.fresh_for = fresh_for


# Exact classes; a subclass that is not listed falls to its nearest listed ancestor.
HTTPX: dict[type[Exception], Code] = {
    httpx.HTTPError: Code.PROTOCOL,
    httpx.RequestError: Code.PROTOCOL,
    httpx.TransportError: Code.CONNECT,
    httpx.TimeoutException: Code.TIMEOUT,
    httpx.ConnectTimeout: Code.TIMEOUT,
    httpx.ReadTimeout: Code.TIMEOUT,
    httpx.WriteTimeout: Code.TIMEOUT,
    httpx.PoolTimeout: Code.TIMEOUT,
    httpx.NetworkError: Code.CONNECT,
    httpx.ConnectError: Code.CONNECT,
    httpx.ReadError: Code.CONNECT,
    httpx.WriteError: Code.CONNECT,
    httpx.CloseError: Code.CONNECT,
    httpx.ProxyError: Code.CONNECT,
    httpx.UnsupportedProtocol: Code.REFUSED_ADDRESS,
    httpx.ProtocolError: Code.PROTOCOL,
    httpx.LocalProtocolError: Code.PROTOCOL,
    httpx.RemoteProtocolError: Code.PROTOCOL,
    httpx.DecodingError: Code.PROTOCOL,
    httpx.TooManyRedirects: Code.REDIRECT,
    httpx.HTTPStatusError: Code.HTTP_STATUS,
    httpx.InvalidURL: Code.REFUSED_ADDRESS,
    httpx.CookieConflict: Code.INTERNAL,
    httpx.StreamError: Code.INTERNAL,
    httpx.StreamConsumed: Code.INTERNAL,
    httpx.StreamClosed: Code.INTERNAL,
    httpx.ResponseNotRead: Code.INTERNAL,
    httpx.RequestNotRead: Code.INTERNAL,
}
OTHERS: dict[type[Exception], Code] = {
    TimeoutError: Code.TIMEOUT,
    socket.gaierror: Code.DNS,
    ssl.SSLError: Code.TLS,
    OSError: Code.CONNECT,
    h11.LocalProtocolError: Code.PROTOCOL,
    h11.RemoteProtocolError: Code.PROTOCOL,
    zlib.error: Code.PROTOCOL,
}
CODES = HTTPX | OTHERS

# The machine is at its end, not the source.
OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


def fetch_error(error: Exception, source_id: str, place: str) -> FetchError:
    """The FetchError for whatever ended a visit. `place` is what may be shown of the address it happened at."""
    if isinstance(error, FetchError):
        return error
    if isinstance(error, Trouble):
        return FetchError(
            source_id,
            error.code,
            f"{error.text} ({place})",
            status=error.status,
            retry_at=error.retry_at,
            fresh_for=error.fresh_for,
        )
    code = _code(error)
    mapped = FetchError(source_id, code, f"{_words(error, code)} ({place})")
    if code is Code.INTERNAL:
        # Kept for a bug of ours only: h11 and httpx quote headers and addresses, and a logged cause would show them.
        mapped.__cause__ = error
    return mapped


def _code(error: Exception) -> Code:
    if isinstance(error, OSError) and error.errno in OURS:
        return Code.INTERNAL
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), Code.INTERNAL)


def _words(error: Exception, code: Code) -> str:  # noqa: C901, PLR0911 - one table, a line for each kind
    """What happened, in words that cannot quote the request: h11 and httpx put header values into theirs."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate cannot be trusted: {getattr(error, 'verify_message', 'unknown reason')}"
        case ssl.SSLError():
            return f"the TLS handshake failed: {getattr(error, 'reason', None) or 'the server ended it'}"
        case socket.gaierror():
            return f"the name cannot be resolved: {error.strerror or 'no answer'}"
        case TimeoutError():
            return "no answer in time"
        case OSError():
            return f"the connection failed: {error.strerror or type(error).__name__}"
        case h11.LocalProtocolError():
            return "a header of this source cannot be sent: it holds a line break or another forbidden character"
        case h11.RemoteProtocolError():
            # Behind the colon stands the line as it came: it may be a cookie.
            return f"the answer is not HTTP: {str(error).partition(': bytearray(')[0]}"
        case zlib.error():
            return "the compressed body is damaged"
        case httpx.InvalidURL():
            return "the address cannot be read"
        case httpx.UnsupportedProtocol():
            return "only http and https addresses are visited"
    if code is Code.INTERNAL:
        return f"an error of this program: {type(error).__name__}"
    return f"the visit failed: {type(error).__name__}"
