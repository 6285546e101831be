"""A document of very many tags or very long texts, made thin: one pass, each tag looked at once.

Only what stands outside CDATA sections and escapes is tags here: HTML that is written as text is one text.
"""

from __future__ import annotations

import re

LONGEST_TEXT = 2_000_000  # characters between two tags or in a CDATA section, escapes included
MOST_ALIKE = 500  # elements of one name in an entry, or beside entries
DEEPEST = 200  # elements in each other; lxml ends a document at 256, feedparser takes 20 µs each
MOST_TAGS = 20_000  # of one entry, or beside entries
MOST_IN_ALL = 600_000  # tags; 15 MB of articles written as XHTML have 340,000
MOST_OPENED = 5_000  # entries that begin while none ends
MOST_BROKEN = 20_000  # tags that do not end; some searches go from each to the end of the document
_MARK = re.compile(r"<(?:(!\[CDATA\[)|(!--)|(/?)(?:[\w.-]{1,100}:)?([A-Za-z_][\w.-]{0,100}))")
_REST = re.compile(r"[^<>]*>")
_LEAF = re.compile(r"<([A-Za-z][\w:.-]{0,100})(?=[\s/>])[^<>]*(?:/>|>[^<]*</\1\s*>)")
_NAME = re.compile(r"[^\s/<>]+")
_ENTRY = re.compile(r"<(?:[\w.-]{1,100}:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_ENTRIES = frozenset({"item", "entry"})
_AROUND = frozenset({"rss", "channel", "rdf", "feed"})
_CDATA_END, _COMMENT_END = "]]>", "-->"


class FloodError(Exception):
    """There is more of something than any feed has; the message says of what."""


def thinned(text: str) -> str:
    """The document with long texts cut, comments gone and floods of elements ended.

    Raises:
        FloodError: it has more tags than are worth reading.
    """
    return _Pass(text).run()


class _Pass:
    """One way through a document: what is kept, what is open, and how much of everything there was."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: list[str] = []
        self._open: list[str] = []  # names as written, of what was kept
        self._around: int | None = None  # how many of them stand around entries
        self._hidden = 0  # open elements that were too deep to be kept
        self._alike: dict[str, int] = {}
        self._tags = self._all = self._opened = self._broken = 0

    def run(self) -> str:
        text, place = self._text, 0
        while found := _MARK.search(text, place):
            start = found.start()
            self._kept.append(text[place : min(start, place + LONGEST_TEXT)])
            if found[1]:
                place = self._behind(_CDATA_END, start)
                whole = place - start <= LONGEST_TEXT
                self._kept.append(text[start:place] if whole else text[start : start + LONGEST_TEXT] + _CDATA_END)
            elif found[2]:
                place = self._behind(_COMMENT_END, start)
            else:
                place = self._tag(found)
        self._kept.append(text[place : place + LONGEST_TEXT])
        return "".join(self._kept)

    def _behind(self, mark: str, start: int) -> int:
        found = self._text.find(mark, start)
        return len(self._text) if found < 0 else found + len(mark)

    def _tag(self, found: re.Match[str]) -> int:
        """Keep a tag, drop it, or more than it. Returns where to go on."""
        start, closing, entry = found.start(), bool(found[3]), found[4].lower() in _ENTRIES
        self._tags += 1
        self._all += 1
        if self._all > MOST_IN_ALL:
            raise FloodError(f"over {MOST_IN_ALL} tags")
        rest = _REST.match(self._text, found.end())
        if rest is None:  # no tag, or one with a `<` in it: the parsers' own affair
            self._broken += 1
            if self._broken > MOST_BROKEN:
                raise FloodError(f"over {MOST_BROKEN} tags that do not end")
            self._kept.append("<")
            return start + 1
        if entry:
            self._at_entry(closing=closing)
        elif self._tags > MOST_TAGS:
            return self._to_next_entry(start)
        elif not closing and (leaf := _LEAF.match(self._text, start)):
            count = self._alike[leaf[1]] = self._alike.get(leaf[1], 0) + 1
            if count > MOST_ALIKE:
                return leaf.end()
        end = rest.end()
        if closing:
            keep = self._closes(self._text[start + 2 : end - 1].rstrip())
        else:
            keep = self._text[end - 2] == "/" or self._opens(self._text[start + 1 : end - 1])
        if keep:
            self._kept.append(self._text[start:end])
        return end

    def _opens(self, inside: str) -> bool:
        """Whether there is room below for another element."""
        if len(self._open) >= DEEPEST:
            self._hidden += 1
            return False
        name = _NAME.match(inside)
        self._open.append(name[0] if name else inside)
        return True

    def _closes(self, name: str) -> bool:
        """Whether the end of an element is that of one that was kept."""
        if self._hidden:
            self._hidden -= 1
            return False
        if name in self._open:  # what was left open within it ends with it
            while self._open.pop() != name:
                pass
        return True

    def _at_entry(self, *, closing: bool) -> None:
        """Each entry has its own measure, and none begins within another."""
        self._alike.clear()
        self._tags = self._hidden = 0
        if closing:
            self._opened = 0
            return
        self._opened += 1
        if self._opened > MOST_OPENED:
            raise FloodError(f"over {MOST_OPENED} entries that do not end")
        if self._around is None:
            self._around = len(self._open)
        del self._open[self._around :]

    def _to_next_entry(self, start: int) -> int:
        """End the entry, or what stands beside entries, here."""
        around = self._around
        if around is None:
            around = sum(name.rpartition(":")[2].lower() in _AROUND for name in self._open[:2])
        following = _ENTRY.search(self._text, start)
        if following is None:
            around = 0
        self._kept.extend(f"</{name}>" for name in reversed(self._open[around:]))
        del self._open[around:]
        self._tags = self._hidden = 0
        return following.start() if following else len(self._text)
