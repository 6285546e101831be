"""Where a page sends its visitor on: `<meta http-equiv=refresh>`, or the header of that name (HTML §4.2.5.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from aggregator.steps.parse.charset import decode
from aggregator.text.normalise import encodable
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from aggregator.domain.response import Response

LONGEST = 30  # seconds: a page that waits longer is meant to be read
_HEAD = 200_000  # characters looked at
_CONTENT = re.compile(
    r"\s*([0-9]{0,4})(?:\.[0-9.]*)?\s*[;,\s]\s*(?:url\s*=\s*)?(\"[^\"]*|'[^']*|[^\"'].*)", re.IGNORECASE
)


def sent_on(response: Response) -> str | None:
    """The absolute address that a page sends its visitor on to; None where it sends nobody, or to itself."""
    text = decode(response.body, response.header("content-type"), url=response.url).text[:_HEAD]
    tree = LexborHTMLParser(encodable(text))
    node = tree.css_first("base[href]")
    base = absolute(node.attributes.get("href") or "", response.url) if node is not None else None
    metas = [
        meta.attributes.get("content") or ""
        for meta in tree.css("meta[http-equiv]")
        # In <noscript> it is meant for who runs no scripts: nothing that was asked for stands behind that.
        if (meta.attributes.get("http-equiv") or "").strip().lower() == "refresh" and not _is_within_noscript(meta)
    ]
    for wish in (response.header("refresh"), *metas):
        found = _CONTENT.match(wish)
        if found is None or int(found[1] or 0) > LONGEST:
            continue
        target = absolute(encodable(found[2].strip().strip("\"'").strip()), base or response.url)
        if target and target.startswith(("http://", "https://")):
            target = target.partition("#")[0]
            return target if target != response.url.partition("#")[0] else None
    return None


def _is_within_noscript(node: object) -> bool:
    parent = getattr(node, "parent", None)
    while parent is not None:
        if parent.tag == "noscript":
            return True
        parent = parent.parent
    return False
