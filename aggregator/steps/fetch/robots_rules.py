"""The rules in a robots.txt that speak to us (RFC 9309 §2.2), and what they say of an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

AGENT = "aggregator"
MOST_RULES = 5_000
LONGEST_DELAY = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the group that speaks to us: (permitted?, path pattern), the longest match first."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float | None = None  # seconds, Crawl-delay: no part of the RFC, and meant

    @classmethod
    def read(cls, text: str) -> Rules:
        """Read a robots.txt: our own groups, else those of everybody."""
        ours: list[tuple[bool, str]] = []
        everybody: list[tuple[bool, str]] = []
        targets: list[list[tuple[bool, str]]] = []
        delays: dict[int, float] = {}
        named = in_rules = False
        for written in text.splitlines()[: 4 * MOST_RULES]:
            name, _, value = written.partition("#")[0].partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == "user-agent":
                targets = [] if in_rules else targets
                in_rules = False
                agent = re.match(r"[a-z_-]*", value.lower())
                if value == "*":
                    targets = [*targets, everybody]
                elif agent and agent[0] == AGENT:
                    named = True
                    targets = [*targets, ours]
            elif name in {"allow", "disallow"}:
                in_rules = True
                for target in targets if value else ():
                    target.append((name == "allow", _normal(value)))
            elif name == "crawl-delay" and (seconds := _seconds(value)):
                in_rules = True
                delays |= {id(target): seconds for target in targets}
        # RFC 9309 §2.2.2: the longest match counts, and of equal ones the one that permits.
        group = ours if named else everybody
        rules = sorted(group[:MOST_RULES], key=lambda rule: (-len(rule[1]), not rule[0]))
        return cls(tuple(rules), delays.get(id(group)))

    def permit(self, url: str) -> bool:
        """Whether an address may be visited."""
        return permitted(self.rules, url)


def permitted(rules: Iterable[tuple[bool, str]], url: str) -> bool:
    """Whether an address may be visited by these rules, the longest match first."""
    parts = urlsplit(url)
    path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    return next((allowed for allowed, pattern in rules if _matches(pattern, path)), True)


def _seconds(value: str) -> float | None:
    """A Crawl-delay that can be kept: a visit must end before its lease."""
    found = re.fullmatch(r"(\d{1,6})(?:\.(\d{1,3})\d*)?", value)
    return min(float(f"{found[1]}.{found[2] or 0}"), LONGEST_DELAY) if found else None


def _normal(path: str) -> str:
    """Percent-encoding in one spelling (RFC 9309 §2.2.2); what is reserved keeps its meaning."""
    return re.sub(r"(?:%[0-9A-Fa-f]{2})+|[^\x21-\x7e]+", lambda m: quote(unquote(m[0]), safe="~-._"), path[:2000])


def _matches(pattern: str, path: str) -> bool:
    """`*` is anything, `$` at the end is the end; linear in both."""
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for piece in pieces[1:]:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    if not pattern.endswith("$"):
        return True
    return place == len(path) or (len(pieces) > 1 and path.endswith(pieces[-1]))
