"""The outlets of the news world and what they write, read from `articles/*.toml`. Entry point: `library`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_OUTLETS = ("copies", "bulletins", "pinyin")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """A news outlet: `dialect` names the form of its feed, `moved` and `fails` the habits of its server."""

    id: str
    title: str
    description: str
    language: str
    dialect: str
    rank: int
    tags: tuple[str, ...]
    moved: bool = False  # its old address redirects for good
    fails: bool = False  # its server is unavailable now and then


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """A text as one outlet prints it. `canonical` is the page ('outlet/slug') its link leads to."""

    outlet: str
    slug: str
    title: str
    author: str
    category: str
    paragraphs: tuple[str, ...]
    canonical: str
    copied_link: bool = False  # the link carries the tracking parameters of this outlet
    corrected: str | None = None  # the headline some time later
    picture: str | None = None  # svg or png
    seconds: int | None = None  # of an episode's sound

    @property
    def key(self) -> str:
        """Its own address in the world: 'outlet/slug'."""
        return f"{self.outlet}/{self.slug}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Copying:
    """That an outlet prints another's article; `how` is explained in copies.toml."""

    of: str
    outlet: str
    how: str
    title: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bulletin:
    """A pattern of short notices, of which there is no end."""

    outlet: str
    author: str
    category: str
    title: str
    text: str
    picture: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """Everything that is written down: outlets by id, articles by 'outlet/slug'."""

    outlets: Mapping[str, Outlet]
    articles: Mapping[str, Article]
    copies: tuple[Copying, ...]
    bulletins: tuple[Bulletin, ...]
    words: Mapping[str, tuple[str, ...]]
    pinyin: Mapping[str, str]


@cache
def library() -> Library:
    """Read all articles, once."""
    outlets: dict[str, Outlet] = {}
    articles: dict[str, Article] = {}
    tables = {name.removesuffix(".toml"): table for name, table in _tables()}
    for name in sorted(set(tables) - set(_NOT_OUTLETS)):
        table = tables[name]
        outlets[name] = Outlet(id=name, **{**table["outlet"], "tags": tuple(table["outlet"]["tags"])})
        for entry in table.get("article", ()):
            article = _article(name, entry)
            articles[article.key] = article
    return Library(
        outlets=outlets,
        articles=articles,
        copies=tuple(
            Copying(of=entry["of"], outlet=entry["in"], how=entry["as"], title=entry.get("title"))
            for entry in tables["copies"]["copy"]
        ),
        bulletins=tuple(Bulletin(**{"picture": None, **entry}) for entry in tables["bulletins"]["bulletin"]),
        words={name: tuple(words) for name, words in tables["bulletins"]["words"].items()},
        pinyin=tables["pinyin"]["after"],
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Paragraphs are parted by empty lines."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def _tables() -> list[tuple[str, dict[str, Any]]]:
    folder = files("aggregator.app.demo") / "articles"
    return [(file.name, tomllib.loads(file.read_text(encoding="utf-8"))) for file in folder.iterdir()]


def _article(outlet: str, entry: Mapping[str, Any]) -> Article:
    rest = {name: value for name, value in entry.items() if name != "text"}
    return Article(
        outlet=outlet,
        canonical=f"{outlet}/{entry['slug']}",
        paragraphs=paragraphs(entry["text"]),
        **rest,
    )
