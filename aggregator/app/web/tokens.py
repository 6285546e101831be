"""Who may read what is not public: a token as `?token=` or as Basic password (RFC 7617), whatever the user name.

A token is 192 random bits, so its plain digest is as good as a slow one; nothing here writes it anywhere.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import Request

    from aggregator.ports import Store

OPERATOR = "operator"  # what the operator's own token opens
CHALLENGE = {"WWW-Authenticate": 'Basic realm="news", charset="UTF-8"'}
_LONGEST = 200  # characters of a token that are looked at
_TOKEN_BYTES = 24


def new_token() -> str:
    """A token that nobody can guess, of letters that pass through addresses unchanged."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def require(request: Request, store: Store, topic_id: str) -> bytes:
    """Let a request pass that shows a token of the topic, and tell the digest of that token.

    Raises:
        HTTPException: 401, which makes browsers and readers ask for a password.
    """
    with store.read() as rooms:
        known = rooms.tokens.digests(topic_id)
    shown = [digest(token) for token in _shown(request)]
    # Every pair is compared, each in constant time: the time tells neither which nor how much of it was right.
    right = [one for one in shown if sum(hmac.compare_digest(one, other) for other in known)]
    if not right:
        raise HTTPException(401, headers=CHALLENGE)
    return right[0]


def has_tokens(store: Store, topic_id: str) -> bool:
    """Whether any token of the topic exists."""
    with store.read() as rooms:
        return bool(rooms.tokens.digests(topic_id))


def _shown(request: Request) -> list[str]:
    found = request.query_params.getlist("token")[:1]
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            _, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return found
        found += [password] if colon else []
    return [token for token in found if 0 < len(token) <= _LONGEST]
