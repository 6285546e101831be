"""The checked shapes of the five sections → the domain's settings, paths and store addresses made absolute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.config.addresses import check_expansion
from aggregator.config.values import show_duration
from aggregator.config.variables import references
from aggregator.domain.settings import (
    FetchSettings,
    HostLimit,
    PublishSettings,
    Site,
    StorageSettings,
    StorySettings,
)
from aggregator.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping as Map
    from pathlib import Path

    from aggregator.config.problems import Piece, Report
    from aggregator.config.shapes import FetchShape, PublishShape, SiteShape, StorageShape, StoriesShape

SQLITE = re.compile(r"sqlite(?:\+pysqlite)?://(.*)", re.DOTALL)
POSTGRES = re.compile(r"postgresql(?:\+psycopg)?://.+", re.DOTALL)


def site(shape: SiteShape) -> Site:
    """`site:`."""
    author = shape.author
    return Site(
        url=shape.url,
        title=shape.title,
        author_name=author.name if author else None,
        author_email=author.email if author else None,
        language=shape.language,
        timezone=shape.timezone,
        images=shape.images == "direct",
    )


def storage(
    shape: StorageShape, piece: Piece | None, base: Path, environ: Map[str, str], report: Report
) -> StorageSettings:
    """`storage:`, its address absolute."""
    settings = StorageSettings(url=shape.url, keep_for=shape.keep_for)
    if piece and not shape.keep_for:
        report.add(piece.place("keep_for"), piece.path("keep_for"), "must be longer than 0; write 90d")
    try:
        written = piece.written("url") if piece else ""
        check_expansion(written, environ)
        return StorageSettings(url=store_address(shape.url, base), keep_for=shape.keep_for)
    except ValueError as error:
        if piece:
            report.add(piece.place("url"), piece.path("url"), str(error))
        else:
            report.found.append(Problem(path=report.shown, key="storage.url", message=str(error)))
        return settings


def store_address(url: str, base: Path) -> str:
    """An SQLAlchemy URL with an absolute path, so that every working folder finds the same database.

    Raises:
        ValueError: another kind of store, or an address that cannot be read; the address is never quoted.
    """
    if any(ord(character) < ord(" ") for character in url):
        raise ValueError("holds a line break or control character")
    match = SQLITE.fullmatch(url)
    if match:
        return f"sqlite:///{_database(match.group(1), base)}"
    if not POSTGRES.fullmatch(url):
        if url.startswith("postgres://"):
            raise ValueError("write postgresql+psycopg:// instead of postgres://")
        raise ValueError("write sqlite:///var/aggregator.db or postgresql+psycopg://user:${DB_PASSWORD}@host/db")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError:
        raise ValueError("the port is no number; an @ or / in a password is written %40 or %2F") from None
    if not parts.path.strip("/"):
        raise ValueError("names no database; write postgresql+psycopg://user@host/db")
    return "postgresql+psycopg" + url[url.index(":") :]


def _database(rest: str, base: Path) -> str:
    if not rest.startswith("/") or rest == "/" or rest.startswith("/:memory:"):
        raise ValueError("the store must be a file: sqlite:///var/aggregator.db (three slashes, then the path)")
    if "?" in rest:
        raise ValueError("options after ? are not supported for SQLite; remove them")
    if rest.endswith("/"):
        raise ValueError("is a folder; name the file: sqlite:///var/aggregator.db")
    found = str(base / rest[1:])
    if "?" in found:
        raise ValueError("SQLite's file cannot lie in a folder with ? in its name; rename the folder")
    return found


def fetch(shape: FetchShape, piece: Piece | None, report: Report) -> FetchSettings:
    """`fetch:`; a first rhythm that is not written adapts to the bounds that are."""
    low, high = shape.min_interval, shape.max_interval
    if piece:
        _check_fetch(shape, piece, report)
    return FetchSettings(
        every=min(max(shape.every, low), max(low, high)),
        min_interval=low,
        max_interval=high,
        concurrency=shape.concurrency,
        per_host=shape.per_host,
        host_gap=shape.host_gap,
        hosts={host: HostLimit(per_host=each.per_host, host_gap=each.host_gap) for host, each in shape.hosts.items()},
        timeout=shape.timeout,
        max_body=int(shape.max_body),
        max_entries=shape.max_entries,
        contact=shape.contact,
        allow_hosts=tuple(dict.fromkeys(shape.allow_hosts)),
    )


def _check_fetch(shape: FetchShape, piece: Piece, report: Report) -> None:
    for name in ("every", "max_interval", "timeout"):
        if not getattr(shape, name):
            report.add(piece.place(name), piece.path(name), "must be longer than 0")
    low, high = shape.min_interval, shape.max_interval
    if low > high:
        name = "max_interval" if piece.scalar("max_interval") else "min_interval"
        message = f"min_interval ({show_duration(low)}) is longer than max_interval ({show_duration(high)})"
        report.add(piece.place(name), piece.path(name), f"{message}; raise the one or lower the other")
    elif piece.scalar("every") and shape.every and not low <= shape.every <= high:
        bounds = f"min_interval ({show_duration(low)}) and max_interval ({show_duration(high)})"
        report.add(piece.place("every"), piece.path("every"), f"must lie between {bounds}; change it or the bounds")
    seen: dict[str, str] = {}
    entries = piece.node.entries.get("hosts")
    for host in getattr(entries[1], "entries", {}) if entries else ():
        first = seen.setdefault(host.strip().lower(), host)
        if first != host:
            report.add(
                piece.place("hosts", host), piece.path("hosts", host), f"is the same host as {first!r}; keep one"
            )


def publish(shape: PublishShape, piece: Piece | None, base: Path, report: Report) -> PublishSettings:
    """`publish:`, its folder absolute."""
    directory = base / shape.directory
    if piece:
        place, key = piece.place("directory"), piece.path("directory")
        if shape.directory.startswith("~"):
            report.add(place, key, "~ is not expanded; write the whole path")
        elif _real(directory) in {base, *base.parents}:
            report.add(place, key, "must be a folder of its own, for files in it are replaced; write var/public")
    return PublishSettings(
        directory=directory,
        formats=tuple(dict.fromkeys(shape.formats)),
        hub=shape.hub,
        hub_shown=_hub_shown(shape, piece, report),
        hub_allow_hosts=tuple(dict.fromkeys(shape.hub_allow_hosts)),
    )


def _hub_shown(shape: PublishShape, piece: Piece | None, report: Report) -> str | None:
    """What feeds may announce of an outside hub's address that holds a variable: all before its query."""
    if piece is None or not (shape.hub or "").startswith("http") or not any(references(piece.written("hub"))):
        return None
    bare, _, _ = piece.written("hub").partition("?")
    if any(references(bare)):
        message = "feeds announce the hub's address: a variable may stand only behind its ?, which they leave out"
        report.add(piece.place("hub"), piece.path("hub"), message)
    return bare.replace("$${", "${")


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # symbolic links in a circle: writing will tell
        return path


def stories(shape: StoriesShape, piece: Piece | None, report: Report) -> StorySettings:
    """`stories:`."""
    if piece and not shape.window:
        report.add(
            piece.place("window"), piece.path("window"), "must be longer than 0; to join nothing write same_story: off"
        )
    return StorySettings(same_story=shape.same_story, window=shape.window)
