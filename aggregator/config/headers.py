"""A source's own request headers: which names and values may be sent (RFC 9110 §5.5, §5.6.2)."""

from __future__ import annotations

import re

MAX_VALUE = 8000

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
_COOKIE = re.compile(
    r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}|\"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}\""
)
_OURS = {
    "host": "it follows from the address",
    "if-none-match": "the program asks conditionally by itself",
    "if-modified-since": "the program asks conditionally by itself",
    "if-match": "the program asks conditionally by itself",
    "if-unmodified-since": "the program asks conditionally by itself",
    "if-range": "the program asks for whole documents",
    "range": "the program asks for whole documents",
    "a-im": "the program asks for whole documents",
    "accept-encoding": "the program says itself what it can unpack",
    "user-agent": "write it as `user_agent` of the source, or set fetch.contact",
    "connection": "the connection is the program's own",
    "keep-alive": "the connection is the program's own",
    "proxy-connection": "the connection is the program's own",
    "proxy-authorization": "write user and password into `proxy` of the source",
    "transfer-encoding": "a request has no body",
    "content-length": "a request has no body",
    "content-encoding": "a request has no body",
    "content-type": "a request has no body",
    "trailer": "a request has no body",
    "expect": "a request has no body",
    "te": "the connection is the program's own",
    "upgrade": "the connection is the program's own",
    "http2-settings": "the connection is the program's own",
}


def header_name(name: str) -> str:
    """A name that may be sent.

    Raises:
        ValueError: with the reason.
    """
    if not _TOKEN.fullmatch(name):
        raise ValueError("is no header name: letters, digits and hyphens only")
    reason = _OURS.get(name.lower())
    if reason:
        raise ValueError(f"this header cannot be set: {reason}")
    return name


def cookie_name(name: str) -> str:
    """The name of a cookie (RFC 6265 §4.1.1).

    Raises:
        ValueError: with the reason.
    """
    if not _TOKEN.fullmatch(name):
        raise ValueError("is no cookie's name: letters, digits and hyphens only")
    return name


def cookie_value(value: str) -> str:
    """The value of a cookie; never shown.

    Raises:
        ValueError: with the reason, without the value.
    """
    if not _COOKIE.fullmatch(value):
        raise ValueError("the value holds a character that no cookie can carry; write one cookie a line, without `;`")
    return value


def header_value(value: str) -> str:
    """A value that may be sent; never shown.

    Raises:
        ValueError: with the reason, without the value.
    """
    if "\r" in value or "\n" in value:
        raise ValueError("the value holds a line break; a header is one line")
    value = value.strip(" \t")
    if not value:
        raise ValueError("the value is empty; write one or remove the header")
    if len(value) > MAX_VALUE:
        raise ValueError(f"the value is longer than {MAX_VALUE} characters")
    if not _VALUE.fullmatch(value):
        raise ValueError("the value holds characters that no header can carry; use ASCII")
    return value
