"""What ruamel.yaml stumbled over → what the owner wrote, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from aggregator.config.values import printable
from aggregator.errors import Problem

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError

NOTHING_FITS = "look for a missing quote, colon or bracket, or for wrong indentation"
QUOTE = "put the whole value into single quotes"

_QUOTED_THEN_MORE = re.compile(r"""^[^'"#]*?[:-]\s+(?:"[^"]*"|'[^']*')\s*(?=[^\s#])""")
_COLON_INSIDE = re.compile(r"^[^'\"#]*?:\s+[^'\"#\s][^#]*:(?:\s|$)")
_RESERVED = re.compile(r"[:\-\[,]\s+([@`%*&!|>])")


def tag_cure(tag: str, text: str) -> str:
    """A value began with `!`."""
    if tag.startswith("tag:yaml.org,2002:"):
        short = "!!" + tag.removeprefix("tag:yaml.org,2002:")
        return f"the YAML tag {printable(short, 60)} is not allowed here; write the plain value"
    example = f": '{printable(tag, 60)}{' ' if text else ''}{printable(text, 60)}'" if "'" not in tag + text else ""
    return f"a value beginning with ! is a YAML tag; {QUOTE}{example}"


def alias_cure(name: str) -> str:
    """A value began with `*`, and nothing is named so."""
    return (
        f"a value beginning with * refers to an anchor, and there is no &{printable(name, 60)}; {QUOTE} if * is meant"
    )


def syntax_problem(error: YAMLError, text: str, shown: str) -> Problem:
    """ruamel.yaml's own error as a problem with place and cure. The one mapping of its exceptions."""
    if isinstance(error, ReaderError):
        line, column = _line_and_column(text, error.position)
        character = error.character if isinstance(error.character, str) else chr(error.character)
        message = f"the character U+{ord(character[:1] or chr(0)):04X} is not allowed in YAML; remove it"
        return Problem(path=shown, line=line, column=column, message=message)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if not isinstance(error, MarkedYAMLError) or mark is None:
        return Problem(path=shown, line=1, column=1, message=f"the file is not YAML; {NOTHING_FITS}")
    lines = re.split(r"\r\n|\r|\n", text)
    said = str(error.problem or "")
    line, cure = _cure(lines, mark.line, said, error)
    column = mark.column + 1 if line == mark.line else len(lines[line]) - len(lines[line].lstrip()) + 1
    return Problem(path=shown, line=line + 1, column=column, message=cure)


def _cure(lines: list[str], at: int, said: str, error: MarkedYAMLError) -> tuple[int, str]:
    """The line (from 0) that is to blame, and the sentence for it."""
    row = lines[at] if at < len(lines) else ""
    above = lines[at - 1] if 0 < at <= len(lines) else ""
    if "\\t" in said or "tab" in said or "\t" in row[: len(row) - len(row.lstrip())]:
        return at, "a tab cannot indent YAML; use spaces"
    if "found character" in said and "start any token" in said:
        found = re.search(r"found character '(.)'", said)
        return at, f"a value cannot begin with {found.group(1) if found else 'this character'}; {QUOTE}"
    opened = _never_closed(error, said)
    if opened:
        started = error.context_mark.line if error.context_mark is not None else at
        return min(started, len(lines) - 1), opened
    for line, candidate in ((at, row), (at - 1, above)):  # the scanner often notices on the line after
        if _QUOTED_THEN_MORE.search(candidate):
            apostrophe = "'" in candidate and '"' not in candidate
            example = f"""{QUOTE}, such as query: '"a phrase" OR word'"""
            cure = "an apostrophe in single quotes is written ''" if apostrophe else example
            return line, f"there is more text after the closing quote; {cure}"
    return at, _cure_of_row(row, above, said)


def _never_closed(error: MarkedYAMLError, said: str) -> str:
    context = str(error.context or "")
    if "flow mapping" in context or "flow sequence" in context:
        bracket, closing = ("{", "}") if "mapping" in context else ("[", "]")
        return f"this {bracket} is not closed by {closing}, or a comma or quote is missing in it"
    if "while scanning a quoted scalar" in context and "end of stream" in said:
        return "this quote is never closed; close it, or put the text into the other quotes"
    return ""


def _cure_of_row(row: str, above: str, said: str) -> str:
    if "mapping values are not allowed" in said:
        if _COLON_INSIDE.search(row):
            return f"a text with `: ` in it must be quoted; {QUOTE}"
        if above.strip() and ":" not in above:
            return "a key and its value are written `key: value`; the colon is missing on the line above"
    if "mapping values are not allowed" in said or "found '<block mapping start>'" in said:
        return "this line's indentation does not fit: the keys of one entry begin in the same column"
    if "sequence entries are not allowed" in said:
        return f"a list begins on the line below its key; {QUOTE} if the text begins with a hyphen"
    reserved = _RESERVED.search(row)
    if reserved:
        return f"a value beginning with {reserved.group(1)} means something else in YAML; {QUOTE}"
    return f"this is not YAML here ({printable(said, 60) or 'no reason given'}); {NOTHING_FITS}"


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1
