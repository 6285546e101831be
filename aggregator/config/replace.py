"""Replaces a file by an edited version of itself: whole or not at all, and never over somebody else's edit."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.config.reading import read_bytes
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Write `after` where `before` was read. Mode, owner (where allowed) and a symbolic link stay.

    Raises:
        ConfigError: the file holds something else by now, or cannot be written.
    """
    target = path.resolve()
    try:
        with _alone(target.parent):
            if read_bytes(target) != before:
                raise ConfigError(
                    [Problem(path=str(path), message="was edited meanwhile; nothing is changed, try again")]
                )
            _write(target, after)
    except OSError as error:
        raise ConfigError([Problem(path=str(path), message=f"cannot be written: {error.strerror or error}")]) from None


def _write(target: Path, data: bytes) -> None:
    status = target.stat()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            with contextlib.suppress(PermissionError):  # only root may give a file away
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two edits at once follow one another. The lock is the folder's: the file itself is replaced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
