"""Has feeds.yaml been edited? Answered by looking, which works for every editor and every mount.

Editors replace the file, truncate and rewrite it, or swing a symbolic link (a config map); notification APIs
tell these apart and miss some on network mounts. A look costs one `stat`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Signature = tuple[tuple[int, int, int, int] | None, ...]


class ConfigWatch:
    """`changed()` is True once for each edit, when two looks in a row found the same new files."""

    def __init__(self, path: Path, included: Iterable[Path] = ()) -> None:
        self._path = path
        self._included = tuple(included)
        self._taken = self._look()
        self._last = self._taken

    def follow(self, included: Iterable[Path]) -> None:
        """Look at these included files from here on; what was seen of the others stays seen."""
        wanted = tuple(dict.fromkeys(included))
        if wanted != self._included:
            seen = dict(zip((self._path, *self._included), self._taken, strict=True))
            self._included = wanted
            self._taken = tuple(seen[path] if path in seen else _look(path) for path in (self._path, *wanted))
            self._last = self._taken

    def changed(self) -> bool:
        """Look. A file that is being written is left alone until the next look."""
        now = self._look()
        settled = now == self._last
        self._last = now
        if not settled or now[0] is None or now == self._taken:
            return False
        self._taken = now
        return True

    def _look(self) -> Signature:
        return tuple(map(_look, (self._path, *self._included)))


def _look(path: Path) -> tuple[int, int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def is_blank(path: Path) -> bool:
    """Whether a file holds nothing but blank lines and comments."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return not any(line.strip() and not line.lstrip().startswith("#") for line in lines)
