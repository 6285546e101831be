"""The file's bytes → its text, or the one problem that keeps it from being read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 32_000_000  # ten thousand sources are about 1.5 MB
BOM = "\ufeff"
FIRST_ONE = "`aggregator init` writes a first one"


def read_text(path: Path) -> str:
    """The text of feeds.yaml as it stands in the file, line ends untouched; a UTF-8 byte order mark is kept.

    Raises:
        ConfigError: there is no such file, it cannot be read, it is no text in UTF-8, or it is huge.
    """
    return decode(read_bytes(path), str(path))


def read_bytes(path: Path, *, cure: str = FIRST_ONE) -> bytes:
    """The bytes of a regular file or pipe, at most `MAX_BYTES`. `cure`: what to do where there is none.

    Raises:
        ConfigError: as for `read_text`.
    """
    shown = str(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _refusal(shown, "is a folder; give the file inside it, such as feeds.yaml")
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise _refusal(shown, "is not a regular file; give a YAML file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refusal(shown, f"there is no such file; {cure}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else None
        raise _refusal(shown, f"cannot be read: {reason or 'no valid file name'}") from None
    if len(data) > MAX_BYTES:
        raise _refusal(shown, f"is larger than {MAX_BYTES // 1_000_000} MB; is it the right file?")
    return data


def decode(data: bytes, shown: str) -> str:
    """UTF-8 bytes → text.

    Raises:
        ConfigError: with the place of the first byte that is not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"the file is not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8 in your editor"
        raise ConfigError([Problem(path=shown, line=line, column=column, message=message)]) from None


def _refusal(shown: str, message: str) -> ConfigError:
    return ConfigError([Problem(path=shown, message=message)])
