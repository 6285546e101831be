"""Logging: fixed event names with fields, one line each, for people or as JSON. Entry point: `configure`.

::

    2026-11-22T12:44:11Z warning source_failed source=lwn code=http_status status=503

Texts from other people's servers end up in fields. Two things hold whatever they contain: a value stays within
its line (control, ANSI and bidirectional characters are written as escapes), and a credential is cut out of it.
"""

from __future__ import annotations

import json as jsonlib
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

import structlog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from structlog.typing import EventDict, Processor, WrappedLogger

CUT = "[cut]"
LONGEST = 2_000  # characters of one value: a line stays readable and a log disk stays whole
LONGEST_TRACE = 20_000
LIBRARIES = 3  # the verbosity from which on libraries tell what happens
CHATTY = ("alembic", "apscheduler", "asyncio", "httpcore", "httpx", "uvicorn", "uvicorn.access", "uvicorn.error")

# C0, DEL and C1 (ANSI starts there), zero-width and bidirectional controls, line separators, lone surrogates.
_DANGEROUS = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_BARE = re.compile(r"[^\s\"'=\\]+")  # a value of these stands without quotes
# Both expressions start at a fixed text, so that they are linear on any input.
_USER_INFO = re.compile(r"(?<=://)[^/?#\s]*@")
_SECRET = re.compile(
    r"((?:token|password|passwd|secret|signature|api_?key)(?:=|%3d)|\bbearer\s+)[^&#\s\"'<>]+",
    re.IGNORECASE,
)
_SECRET_FIELDS = frozenset({"authorization", "cookie", "password", "secret", "token"})

_COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}
_FIRST = ("timestamp", "level", "event")
_SUBJECTS = ("source", "topic")  # before the other fields: a line says at once whom it is about
_TRACES = ("exception", "stack")


def configure(verbosity: int, *, json: bool | None = None, stream: TextIO | None = None) -> None:
    """Set logging up for the whole process; a second call replaces the first.

    Args:
        verbosity: -1 errors, 0 warnings, 1 what happens, 2 details, 3 the libraries' voices too.
        json: JSON Lines; None asks the environment: `AGGREGATOR_LOG=json`.
        stream: where lines go; None is standard error.
    """
    out = sys.stderr if stream is None else stream
    as_json = os.environ.get("AGGREGATOR_LOG", "").strip().lower() == "json" if json is None else json
    level = _level(verbosity)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_one_logger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _name_the_library],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _as_json if as_json else _Console(colours=_has_colours(out)),
            ],
        ),
    )
    _route(handler, level=level, libraries=logging.INFO if verbosity >= LIBRARIES else max(level, logging.WARNING))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut user-info and secrets out of every field, and every value down to a bearable length."""
    return {
        key: CUT if key.lower() in _SECRET_FIELDS else _plain(value, LONGEST_TRACE if key in _TRACES else LONGEST)
        for key, value in event.items()
        if not key.startswith("_")
    } | {key: value for key, value in event.items() if key.startswith("_")}


def _level(verbosity: int) -> int:
    levels = (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
    return levels[min(max(verbosity + 1, 0), 3)]


def _one_logger(*_names: object) -> logging.Logger:
    return logging.getLogger("aggregator")


def _route(handler: logging.Handler, *, level: int, libraries: int) -> None:
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(libraries)
    logging.getLogger("aggregator").setLevel(level)
    for name in CHATTY:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(libraries)


def _has_colours(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _name_the_library(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A library's sentence becomes a field, so that our fixed event names stay ours."""
    record = event["_record"]
    return {**event, "event": "library", "name": record.name, "message": event["event"]}


def _plain(value: object, longest: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {
            str(_plain(str(key), longest)): CUT if str(key).lower() in _SECRET_FIELDS else _plain(part, longest)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part, longest) for part in value]
    text = value if isinstance(value, str) else str(value)
    # Cut after redacting: half of a URL would hide where its user-info ends.
    text = _SECRET.sub(rf"\1{CUT}", _USER_INFO.sub(f"{CUT}@", text))
    return text if len(text) <= longest else text[:longest] + "…"


def _escape(text: str) -> str:
    return _DANGEROUS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {key: event[key] for key in (*_FIRST, *_SUBJECTS) if key in event}
    return _escape(jsonlib.dumps(first | dict(event), ensure_ascii=False, default=str))


class _Console:
    """`time level event key=value …`; a traceback follows behind a margin that no value can leave."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> str:
        level = str(event.get("level", ""))
        head = [
            _field(event.get("timestamp", "")),
            self._paint(_field(level), _COLOURS.get(level, "")),
            self._paint(_field(event.get("event", "")), "1"),
        ]
        fields = [
            f"{self._paint(_field(key), '36')}={_field(value)}"
            for key, value in sorted(event.items(), key=lambda one: one[0] not in _SUBJECTS)
            if key not in _FIRST and key not in _TRACES
        ]
        return "\n".join([" ".join([*head, *fields]), *_margin(event)])

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours and colour else text


def _margin(event: Mapping[str, object]) -> list[str]:
    traces = [str(event[key]) for key in _TRACES if event.get(key)]
    return [f"    | {_escape(line)}" for trace in traces for line in trace.split("\n")]


def _field(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else jsonlib.dumps(value, ensure_ascii=False, default=str)
    if not _BARE.fullmatch(text) and isinstance(value, str):
        text = jsonlib.dumps(text, ensure_ascii=False)
    return _escape(text)
