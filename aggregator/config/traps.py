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


def _cure(  # noqa: PLR0911  # one case a trap
    lines: list[str], at: int, said: str, error: MarkedYAMLError
) -> tuple[int, str]:
    """The line (from 0) that is to blame, and the sentence for it."""
    row = lines[at] if at < len(lines) else ""
    started = error.context_mark.line if error.context_mark is not None else at
    if "\\t" in said or "tab" in said or row[: len(row) - len(row.lstrip())].count("\t"):
        return at, "a tab cannot indent YAML; use spaces"
    if "found character" in said and "start any token" in said:
        found = re.search(r"found character '(.)'", said)
        which = found.group(1) if found else "this character"
        return at, f"a value cannot begin with {which}; {QUOTE}"
    if "while scanning a quoted scalar" in str(error.context or "") and "end of stream" in said:
        return min(
            started, len(lines) - 1
        ), "this quote is never closed; close it, or put the text into the other quotes"
    for line in dict.fromkeys((at, max(at - 1, 0))):  # the scanner often notices on the line after
        candidate = lines[line] if line < len(lines) else ""
        if _QUOTED_THEN_MORE.search(candidate):
            return line, f"""there is more text after the closing quote; {QUOTE}, such as query: '"a phrase" OR word'"""
    if "mapping values are not allowed" in said and _COLON_INSIDE.search(row):
        return at, f"a text with `: ` in it must be quoted; {QUOTE}"
    reserved = _RESERVED.search(row)
    if reserved:
        return at, f"a value beginning with {reserved.group(1)} means something else in YAML; {QUOTE}"
    if "could not find expected ':'" in said:
        return at, "a key and its value are written `key: value`; the colon is missing, or the line is indented wrongly"
    return at, f"this is not YAML here ({printable(said, 60) or 'no reason given'}); {NOTHING_FITS}"


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1
