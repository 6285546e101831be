"""The outlets' own pages, plain on purpose: where an entry's link leads."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.app.demo.outlets import Outlet
    from aggregator.app.demo.printed import Printed
    from aggregator.app.demo.world import World

STYLE = (
    "body{font:1.1rem/1.6 Georgia,serif;max-width:38rem;margin:2rem auto;padding:0 1rem}"
    "small{color:GrayText}img{max-width:100%}:root{color-scheme:light dark}"
)


def front(world: World) -> bytes:
    """Every outlet with its feed."""
    rows = "".join(
        f'<li><a href="/{outlet.id}">{escape(outlet.title)}</a>: {escape(outlet.description)} '
        f'<small><a href="{world.advertised(outlet)}">feed</a></small></li>'
        for outlet in world.outlets.values()
    )
    return _page("en", "The news world of Merrow", f"<p>Everything here is invented.</p><ul>{rows}</ul>")


def outlet_page(world: World, outlet: Outlet, entries: Iterable[Printed]) -> bytes:
    """An outlet's headlines; announces its feed."""
    rows = "".join(
        f'<li><a href="{escape(entry.link)}">{escape(entry.title)}</a> '
        f"<small>{entry.published:%d %b %H:%M}</small></li>"
        for entry in entries
    )
    feed = f'<link rel="alternate" type="application/rss+xml" href="{world.path(outlet)}">'
    return _page(outlet.language, outlet.title, f"<p>{escape(outlet.description)}</p><ul>{rows}</ul>", head=feed)


def article_page(outlet: Outlet, entry: Printed) -> bytes:
    """One article."""
    text = "".join(f"<p>{escape(part)}</p>" for part in entry.paragraphs)
    file = entry.file
    shown = ""
    if file is not None:
        picture = file.type.startswith("image/")
        shown = f'<img src="{file.url}" alt="">' if picture else f'<audio controls src="{file.url}"></audio>'
    by = f"<p><small>{escape(entry.author)}, {entry.published:%d %b %Y %H:%M} UTC</small></p>"
    back = f'<p><a href="/{outlet.id}">{escape(outlet.title)}</a></p>'
    return _page(outlet.language, entry.title, by + shown + text + back)


def _page(language: str, title: str, body: str, *, head: str = "") -> bytes:
    direction = ' dir="rtl"' if language == "ar" else ""
    return (
        f'<!doctype html><html lang="{language}"{direction}><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>{head}</head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>\n"
    ).encode()
