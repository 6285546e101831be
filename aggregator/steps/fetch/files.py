"""Sources of kind `file`: a feed in a local file, or all those of a folder, read as if they had been fetched."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from concurrent.futures import Future
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aggregator.domain.response import NotModified, Response, Validators
from aggregator.errors import Code, FetchError
from aggregator.steps.fetch.errors import Trouble, fetch_error

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from aggregator.domain.response import Request
    from aggregator.domain.settings import FetchSettings
    from aggregator.ports import Clock

# Nothing may happen on opening: no waiting for a pipe's writer, no terminal taken, no link followed at the last step.
FOLDER = b"inode/directory"
SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".json"})
MOST_FILES = 100
FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


def local_file(path: Path, base: Path, request: Request, *, max_body: int, now: datetime) -> Response | NotModified:
    """Read `path`, which must lie under `base`, links followed; its hash is the validator.

    Of a folder the answer lists the feeds in it, which are asked for next; its validator changes when one of them
    does.

    Args:
        path: the file, absolute.
        base: the folder of feeds.yaml.
        request: who asks, and the validators of the last reading.
        max_body: bytes.
        now: for `received_at`.

    Raises:
        FetchError: `refused_address` outside the folder or for what is no regular file, `connect` where it cannot be
            opened, `too_large`, `empty`.
    """
    headers: tuple[tuple[str, bytes], ...] = ()
    try:
        if path.is_dir():
            body, state = _listed(path, base)
            headers = (("content-type", FOLDER),)
        else:
            body = state = _read(path, base, max_body)
    except (Trouble, OSError, ValueError, RuntimeError) as error:
        raise fetch_error(_as_trouble(error), request.source_id, request.shown_url) from error
    etag = b'"' + hashlib.sha256(state).hexdigest().encode() + b'"'
    validators = Validators(etag=etag, url=path.as_uri())
    if request.validators is not None and request.validators == validators:
        return NotModified(source_id=request.source_id, received_at=now, validators=validators)
    return Response(
        source_id=request.source_id,
        url=path.as_uri(),
        headers=headers,
        body=body,
        received_at=now,
        validators=validators,
    )


def _listed(path: Path, base: Path) -> tuple[bytes, bytes]:
    """The feeds in a folder, an address a line; and what changes when one of them does."""
    real, home = path.resolve(strict=True), base.resolve(strict=True)
    if not real.is_relative_to(home):
        raise Trouble(Code.REFUSED_ADDRESS, "the folder is not under the folder of feeds.yaml")
    feeds = (one for one in real.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file())
    found = sorted(one for one in feeds if one.resolve().is_relative_to(home))[:MOST_FILES]
    if not found:
        raise Trouble(Code.EMPTY, f"the folder holds no feed: no file ends in {', '.join(sorted(SUFFIXES))}")
    stats = [(one, one.stat()) for one in found]
    state = "\n".join(
        f"{one.name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}" for one, stat in stats
    )
    return "\n".join(one.as_uri() for one in found).encode(), state.encode("utf-8", "surrogateescape")


def _read(path: Path, base: Path, max_body: int) -> bytes:
    real = path.resolve(strict=True)
    if not real.is_relative_to(base.resolve(strict=True)):
        raise Trouble(Code.REFUSED_ADDRESS, "the file is not under the folder of feeds.yaml")
    handle = os.open(real, FLAGS)
    with os.fdopen(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Trouble(Code.REFUSED_ADDRESS, "this is not a regular file")
        body = bytearray()
        # One byte more than allowed shows that there is more, whatever the size was said to be.
        while len(body) <= max_body and (data := file.read(max_body + 1 - len(body))):
            body += data
    if len(body) > max_body:
        raise Trouble(Code.TOO_LARGE, f"the file is larger than fetch.max_body, {max_body} bytes")
    if not body or body.isspace():
        raise Trouble(Code.EMPTY, "the file has no content")
    return bytes(body)


def _as_trouble(error: Exception) -> Trouble:
    match error:
        case Trouble():
            return error
        case OSError(errno=errno.ELOOP) | RuntimeError():  # pathlib says it in one or the other way
            return Trouble(Code.REFUSED_ADDRESS, "the file's links lead in a circle")
        case OSError():
            return Trouble(Code.CONNECT, f"the file cannot be read: {error.strerror}")
    return Trouble(Code.CONNECT, "the file's name cannot be used")


class FileFetcher:
    """`ports.Fetcher` for sources of kind `file`: their `url` is a `file:` URL or a plain path.

    Args:
        settings: for `max_body`.
        base: the folder of feeds.yaml; files lie under it.
        clock: for `received_at`.
    """

    def __init__(self, settings: FetchSettings, *, base: Path, clock: Clock) -> None:
        self._settings = settings
        self._base = base
        self._clock = clock

    def fetch(self, request: Request) -> Future[Response | NotModified]:
        """Read one file, at once: the future is done."""
        result: Future[Response | NotModified] = Future()
        try:
            path = self._base / _path(request.url)
            now = self._clock.now()
            result.set_result(local_file(path, self._base, request, max_body=self._settings.max_body, now=now))
        except FetchError as error:
            result.set_exception(error)
        return result

    def reconfigure(self, settings: FetchSettings) -> None:
        """Obey other settings from the next reading on."""
        self._settings = settings

    def close(self) -> None:
        """Nothing is kept open."""


def _path(url: str) -> str:
    return unquote(urlsplit(url).path) if url.startswith("file:") else url
