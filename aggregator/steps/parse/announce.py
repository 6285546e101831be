"""The feed that a page announces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.steps.parse.charset import decode
from aggregator.steps.parse.html import announced
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from aggregator.domain.response import Response


def announced_feed(response: Response) -> str | None:
    """The absolute address of the first feed a page announces; None where it announces none."""
    href = announced(decode(response.body, response.header("content-type")).text)
    return absolute(href, response.url) if href else None
