"""A topic's query as a tree. It is parsed, printed and matched in steps/select."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class Field(StrEnum):
    """Where a term is looked for."""

    ANY = ""  # title and text
    TITLE = "title"
    TEXT = "text"
    AUTHOR = "author"
    CATEGORY = "category"
    SOURCE = "source"
    TAG = "tag"
    LANG = "lang"
    LINK = "link"
    SITE = "site"


class Thing(StrEnum):
    """What `has:` asks for."""

    ENCLOSURE = "enclosure"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, kw_only=True, slots=True)
class Everything:
    """The empty query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A word, a phrase (`phrase`: was quoted) or a prefix (`prefix`: ended in *)."""

    text: str
    field: Field = Field.ANY
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Regex:
    """A google-re2 expression, on unfolded text."""

    pattern: str
    field: Field = Field.ANY


@dataclass(frozen=True, kw_only=True, slots=True)
class Has:
    """`has:image`."""

    thing: Thing


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """`words>300`: `op` is one of < <= > >= =."""

    op: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Age:
    """`age<2d`: in search and preview only."""

    op: str
    age: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """Negation."""

    part: Query


@dataclass(frozen=True, kw_only=True, slots=True)
class And:
    """All of them; two parts or more."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Or:
    """Any of them; two parts or more."""

    parts: tuple[Query, ...]


Query = Everything | Term | Regex | Has | Words | Age | Not | And | Or
