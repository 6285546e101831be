"""Everything that can go wrong, as one tree.

::

    AggregatorError
    ├ ConfigError(problems)             the owner must edit or call differently; exit 2
    ├ SourceError(source_id, code)      recorded, backed off; the cycle goes on
    │  ├ FetchError                     no usable response
    │  └ ParseError                     a response, but no feed in it
    ├ TopicError(topic_id)              the other topics are published
    └ StorageError                      nothing can go on; exit 1

Foreign exceptions are mapped where they enter, in one function per library. A bug of ours met while working on one
source has no class: the boundary that owns the source logs it with its cause and records `Code.INTERNAL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta


class Code(StrEnum):
    """Why a source failed: stable words for scripts and for `status`."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    PROTOCOL = "protocol"
    REDIRECT = "redirect"
    REFUSED_ADDRESS = "refused_address"
    HTTP_STATUS = "http_status"
    CHALLENGE = "challenge"
    NOT_A_FEED = "not_a_feed"
    PARSE_LIMIT = "parse_limit"
    PARSE_FAILED = "parse_failed"
    EMPTY = "empty"
    OFFLINE = "offline"
    INTERNAL = "internal"


class AggregatorError(Exception):
    """Base of every error this program raises on purpose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One mistake in a configuration, where it stands and what to write instead.

    `line` and `column` count from 1; 0 where the mistake has no place (a missing file, a busy port).
    """

    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    key: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """`feeds.yaml:12:5: sources[3].url: what is wrong; what to write instead`."""
        place = f"{self.path}:{self.line}:{self.column}: " if self.line else (f"{self.path}: " if self.path else "")
        note = "warning: " if self.warning else ""
        return f"{place}{note}{self.key}{': ' if self.key else ''}{self.message}"


class ConfigError(AggregatorError):
    """The owner must edit feeds.yaml or call the program differently. Carries every mistake at once."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        found = (Problem(message=problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(map(str, found)))
        self.problems = found

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class SourceError(AggregatorError):
    """One source failed. `code` is stable; the message is for people and holds no secret."""

    def __init__(
        self,
        source_id: str,
        code: Code,
        message: str,
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        fresh_for: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.source_id = source_id
        self.code = code
        self.message = message
        self.status = status
        self.retry_at = retry_at
        self.fresh_for = fresh_for


class FetchError(SourceError):
    """No usable response.

    `retry_at` is the server's own Retry-After, in UTC, or None; `fresh_for` is how long its answer holds
    (Cache-Control, Expires), or None.
    """


class ParseError(SourceError):
    """A response came, but nothing that could be read as a feed."""


class TopicError(AggregatorError):
    """One topic could not be selected or rendered; the others are published."""

    def __init__(self, topic_id: str, message: str) -> None:
        super().__init__(f"topic {topic_id!r}: {message}")
        self.topic_id = topic_id


class StorageError(AggregatorError):
    """The store failed: nothing can go on."""
