"""RSS 1.0: RDF, with Dublin Core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.app.demo.dialects.parts import attrs, beginning, html, rfc3339, tag

if TYPE_CHECKING:
    from aggregator.app.demo.printed import Issue, Printed

NAMESPACES = {
    "xmlns": "http://purl.org/rss/1.0/",
    "xmlns_rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmlns_content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns_dc": "http://purl.org/dc/elements/1.1/",
}


def write(issue: Issue) -> bytes:
    """The channel with its sequence, then the items."""
    sequence = "".join(f"<rdf:li{attrs(rdf_resource=entry.link)}/>" for entry in issue.entries)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<rdf:RDF{attrs(**NAMESPACES)}>",
            f"<channel{attrs(rdf_about=issue.address)}>",
            tag("title", issue.outlet.title),
            tag("link", issue.home),
            tag("description", issue.outlet.description),
            tag("dc:language", issue.outlet.language),
            tag("dc:date", rfc3339(issue.updated)),
            f"<items><rdf:Seq>{sequence}</rdf:Seq></items>",
            "</channel>",
            *map(_item, issue.entries),
            "</rdf:RDF>",
            "",
        ]
    ).encode()


def _item(entry: Printed) -> str:
    return "\n".join(
        [
            f"<item{attrs(rdf_about=entry.link)}>",
            tag("title", entry.title),
            tag("link", entry.link),
            tag("description", beginning(entry)),
            tag("content:encoded", html(entry)),
            tag("dc:date", rfc3339(entry.published)),
            tag("dc:creator", entry.author),
            tag("dc:subject", entry.category),
            "</item>",
        ]
    )
