"""RSS 2.0 in several habits, and RSS 0.91."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.app.demo.dialects.parts import attrs, beginning, html, rfc822, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.app.demo.printed import Issue, Printed

NAMESPACES = {
    "xmlns_atom": "http://www.w3.org/2005/Atom",
    "xmlns_content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns_dc": "http://purl.org/dc/elements/1.1/",
    "xmlns_itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "xmlns_media": "http://search.yahoo.com/mrss/",
}


def summary(issue: Issue) -> bytes:
    """An agency's RSS 2.0: the beginning of each text, an opaque guid."""

    def entry(printed: Printed) -> list[str]:
        return [
            tag("guid", printed.guid, isPermaLink="false"),
            tag("description", beginning(printed)),
            tag("category", printed.category),
            tag("dc:creator", printed.author),
        ]

    return _rss2(issue, entry).encode()


def full(issue: Issue) -> bytes:
    """RSS 2.0 with content:encoded, as newspapers' systems write it."""
    return _rss2(issue, _full_entry).encode()


def gb18030(issue: Issue) -> bytes:
    """RSS 2.0 in the Chinese standard's own encoding, named in the XML declaration alone."""
    return _rss2(issue, _full_entry, encoding="GB18030").encode("gb18030")


def podcast(issue: Issue) -> bytes:
    """RSS 2.0 with enclosures and the itunes names."""

    def entry(printed: Printed) -> list[str]:
        lines = [
            tag("guid", printed.guid, isPermaLink="false"),
            tag("description", " ".join(printed.paragraphs)),
            tag("itunes:author", printed.author),
        ]
        if printed.file is not None:
            length = str(printed.file.length)
            lines.append(f"<enclosure{attrs(url=printed.file.url, length=length, type=printed.file.type)}/>")
            lines.append(tag("itunes:duration", f"00:00:{printed.file.seconds or 0:02d}"))
        return lines

    about = [tag("itunes:author", issue.outlet.title), tag("itunes:explicit", "false")]
    return _rss2(issue, entry, about=about).encode()


def media(issue: Issue) -> bytes:
    """RSS 2.0 with pictures in Media RSS."""

    def entry(printed: Printed) -> list[str]:
        lines = [
            tag("guid", printed.link, isPermaLink="true"),
            tag("description", html(printed)),
            tag("category", printed.category),
        ]
        if printed.file is not None:
            size = {"url": printed.file.url, "width": "320", "height": "180"}
            lines.append(f"<media:content{attrs(**size, type_=printed.file.type, medium='image')}>")
            lines.append(tag("media:credit", printed.author, role="photographer"))
            lines.append("</media:content>")
            lines.append(f"<media:thumbnail{attrs(**size)}/>")
        return lines

    return _rss2(issue, entry).encode()


def minimal(issue: Issue) -> bytes:
    """RSS 0.91 as of 1999: title, link, description, and nothing that tells two entries apart for certain."""
    items = "\n".join(
        f"<item>{tag('title', entry.title)}{tag('link', entry.link)}{tag('description', beginning(entry))}</item>"
        for entry in issue.entries
    )
    head = "\n".join([*_channel(issue), tag("pubDate", rfc822(issue.updated))])
    return (f'<?xml version="1.0"?>\n<rss version="0.91">\n<channel>\n{head}\n{items}\n</channel>\n</rss>\n').encode()


def _full_entry(printed: Printed) -> list[str]:
    return [
        tag("guid", printed.guid, isPermaLink="false"),
        tag("description", beginning(printed)),
        f"<content:encoded><![CDATA[{html(printed)}]]></content:encoded>",
        tag("category", printed.category),
        tag("dc:creator", printed.author),
    ]


def _rss2(
    issue: Issue, entry: Callable[[Printed], list[str]], *, encoding: str = "UTF-8", about: list[str] | None = None
) -> str:
    items = (
        "\n".join(
            [
                "<item>",
                tag("title", printed.title),
                tag("link", printed.link),
                tag("pubDate", rfc822(printed.published)),
                *entry(printed),
                "</item>",
            ]
        )
        for printed in issue.entries
    )
    self_link = f"<atom:link{attrs(rel='self', href=issue.address, type='application/rss+xml')}/>"
    return "\n".join(
        [
            f'<?xml version="1.0" encoding="{encoding}"?>',
            f'<rss version="2.0"{attrs(**NAMESPACES)}>',
            "<channel>",
            *_channel(issue),
            self_link,
            tag("lastBuildDate", rfc822(issue.updated)),
            *(about or []),
            *items,
            "</channel>",
            "</rss>",
            "",
        ]
    )


def _channel(issue: Issue) -> list[str]:
    return [
        tag("title", issue.outlet.title),
        tag("link", issue.home),
        tag("description", issue.outlet.description),
        tag("language", issue.outlet.language),
    ]
