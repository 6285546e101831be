"""What a request to our hub wants, and whether a callback meant it: pure (W3C WebSub §5).

Nothing of a request is repeated in an answer: it would be a way to write through us.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from aggregator.domain.hub import Mode, Reply, Wish
from aggregator.steps.push.signature import LONGEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.call import Answer
    from aggregator.domain.hub import HubLimits

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 16_384  # bytes
MOST_FIELDS = 100
LONGEST_ADDRESS = 2_000  # characters
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 §2.3
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_SECONDS = re.compile(r"[0-9]{1,18}", re.ASCII)
_SUCCESS = range(200, 300)


class _Wrong(Exception):  # noqa: N818  # not an error of the program: it ends the reading of one request
    """A request that is not carried out; the text is the answer's."""


def read_wish(content_type: str, body: bytes, limits: HubLimits) -> Wish | Reply:
    """The request, or the answer to one that cannot be carried out. Parameters we do not know are passed over."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return Reply(status=415, text=f"send the parameters as {FORM}")
    try:
        fields = _fields(body)
        mode = _mode(_one(fields, "hub.mode"))
        if mode is Mode.PUBLISH:
            return _news(fields)
        return Wish(
            mode=mode,
            topic=plain_topic(_needed(fields, "hub.topic")),
            callback=_callback(_needed(fields, "hub.callback")),
            lease=_lease(fields, limits) if mode is Mode.SUBSCRIBE else timedelta(0),
            secret=_secret(_one(fields, "hub.secret")),
        )
    except _Wrong as wrong:
        return Reply(status=400, text=str(wrong))


def plain_topic(topic: str) -> str:
    """A topic's address with its unreserved characters decoded (§5.1): `%61` is `a`."""

    def decoded(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0]

    return _ESCAPED.sub(decoded, topic)


def asked(callback: str, wish: Wish, challenge: str) -> str:
    """The callback's address with the question whether it wants this (§5.3); its own query stays in front."""
    said = {"hub.mode": wish.mode.value, "hub.topic": wish.topic, "hub.challenge": challenge}
    if wish.mode is Mode.SUBSCRIBE:
        said["hub.lease_seconds"] = str(int(wish.lease.total_seconds()))
    return _with(callback, said)


def denied(callback: str, topic: str, reason: str) -> str:
    """The callback's address with the news that the subscription has ended (§5.2)."""
    return _with(callback, {"hub.mode": Mode.DENIED.value, "hub.topic": topic, "hub.reason": reason})


def confirmed(answer: Answer, challenge: str) -> bool:
    """Whether the callback meant it: success, and the challenge alone as body. A redirect is none (§5.3)."""
    return answer.status in _SUCCESS and answer.body == challenge.encode()


def link_header(hub: str, topic: str) -> str:
    """Both links of a topic in one `Link` header, for what is served and for what is delivered (§4, §7)."""
    return f'<{ascii_address(hub)}>; rel="hub", <{ascii_address(topic)}>; rel="self"'


def ascii_address(address: str) -> str:
    """The address as a header can hold it (RFC 3987 §3.1): the host in IDNA, the rest percent-encoded."""
    if address.isascii():
        return address
    parts = urlsplit(address)
    with suppress(UnicodeError):  # what is no host name is nobody's
        parts = parts._replace(netloc=parts.netloc.encode("idna").decode("ascii"))
    return quote(urlunsplit(parts), safe=_PRINTABLE)


def _with(callback: str, said: dict[str, str]) -> str:
    if "?" not in callback:
        return f"{callback}?{urlencode(said)}"
    joint = "" if callback.endswith(("?", "&")) else "&"
    return f"{callback}{joint}{urlencode(said)}"


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, separator="&"
        )
    except ValueError:  # UnicodeDecodeError is one
        raise _Wrong(f"the form cannot be read; send at most {MOST_FIELDS} fields, percent-encoded as UTF-8") from None


def _one(fields: Sequence[tuple[str, str]], name: str) -> str:
    values = {value for key, value in fields if key == name}
    if len(values) > 1:
        raise _Wrong(f"{name} is given more than once")
    return next(iter(values), "")


def _needed(fields: Sequence[tuple[str, str]], name: str) -> str:
    found = _one(fields, name)
    if not found:
        raise _Wrong(f"{name} is missing")
    if len(found) > LONGEST_ADDRESS:
        raise _Wrong(f"{name} is longer than {LONGEST_ADDRESS} characters")
    return found


def _mode(text: str) -> Mode:
    if text not in {Mode.SUBSCRIBE, Mode.UNSUBSCRIBE, Mode.PUBLISH}:
        raise _Wrong("hub.mode must be subscribe or unsubscribe")
    return Mode(text)


def _news(fields: Sequence[tuple[str, str]]) -> Wish:
    """What others tell hubs after news. We are the publisher and know already; the topics are only looked at."""
    topics = [plain_topic(value) for key, value in fields if key in {"hub.topic", "hub.url"}]
    if not topics:
        raise _Wrong("hub.topic is missing")
    return Wish(mode=Mode.PUBLISH, topic=topics[0], topics=tuple(topics))


def _callback(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _Wrong("hub.callback is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise _Wrong("hub.callback must be an http or https address")
    if not text.isascii() or not text.isprintable() or any(character in ' \\<>"^`{|}' for character in text):
        raise _Wrong("hub.callback must be percent-encoded ASCII")  # so that what is called is exactly what was given
    if "@" in parts.netloc:
        raise _Wrong("hub.callback must hold no user or password")
    if "#" in text:
        raise _Wrong("hub.callback must have no # part")
    return text


def _secret(text: str) -> str | None:
    if len(text.encode()) > LONGEST_SECRET:
        raise _Wrong(f"hub.secret must be shorter than {LONGEST_SECRET + 1} bytes")
    return text or None


def _lease(fields: Sequence[tuple[str, str]], limits: HubLimits) -> timedelta:
    text = _one(fields, "hub.lease_seconds").strip()
    if not text:
        return limits.usual_lease
    if not _SECONDS.fullmatch(text):
        raise _Wrong("hub.lease_seconds must be a positive whole number")
    asked_for = min(int(text), int(limits.longest_lease.total_seconds()))
    return max(timedelta(seconds=asked_for), limits.shortest_lease)
