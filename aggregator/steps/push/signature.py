"""`X-Hub-Signature: method=hex`: an HMAC of a delivered body under the subscription's secret (WebSub §7.1)."""

from __future__ import annotations

import hashlib
import hmac
import re

METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
DEFAULT_METHOD = "sha256"
LONGEST_SECRET = 199  # bytes: "MUST be less than 200 bytes in length" (WebSub §5.1)
_HEADER = re.compile(r"\s*([A-Za-z0-9]+)=([0-9A-Fa-f]+)\s*", re.ASCII)


def sign(secret: str, body: bytes, method: str = DEFAULT_METHOD) -> str:
    """The header's value for a body, as `sha256=…` in lower-case hex.

    Raises:
        ValueError: the method is none of WebSub's.
    """
    if method not in METHODS:
        raise ValueError(f"{method!r} is no signature method; write one of {', '.join(sorted(METHODS))}")
    return f"{method}={_hexdigest(secret, body, method)}"


def verify(secret: str, body: bytes, header: str | None) -> bool:
    """Whether the header signs the body under the secret, compared in constant time.

    A missing or empty header, an empty value, an unknown method or a digest cut short is wrong.
    """
    found = _read(header)
    return found is not None and hmac.compare_digest(_hexdigest(secret, body, found[0]), found[1])


def is_signature(header: str | None) -> bool:
    """Whether the header could sign anything: told before a body is read."""
    return _read(header) is not None


def _read(header: str | None) -> tuple[str, str] | None:
    found = _HEADER.fullmatch(header or "")
    if found is None or (method := found[1].lower()) not in METHODS:
        return None
    return method, found[2].lower()


def _hexdigest(secret: str, body: bytes, method: str) -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
