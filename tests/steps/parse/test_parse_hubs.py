"""Which hubs a response names, and in which order (WebSub §4)."""

import json
from datetime import UTC, datetime

import pytest

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.steps.parse import parse

CONTEXT = ReadContext(source_id="one", language=None, timezone=None, encoding=None, max_entries=10)
LINKS = '<{0}link rel="hub" href="https://c.example/"/><{0}link rel="self" href="https://one.example/document"/>'
ATOM = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{LINKS.format("")}</feed>'
RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>'
    f"{LINKS.format('atom:')}</channel></rss>"
)
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "feed_url": "https://one.example/document",
        "hubs": [{"type": "rssCloud", "url": "https://no.example/"}, {"type": "WebSub", "url": "https://c.example/"}],
        "items": [],
    }
)


def info(body, *links):
    headers = tuple(("link", link.encode()) for link in links)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    response = Response(
        source_id="one", url="https://one.example/polled", headers=headers, body=body.encode(), received_at=at
    )
    return parse(response, CONTEXT).info


@pytest.mark.parametrize("body", [ATOM, RSS, JSON], ids=["atom", "rss", "json"])
def test_w1_the_documents_own_hub_and_topic(body):
    found = info(body)
    assert (found.hubs, found.self_link) == (("https://c.example/",), "https://one.example/document")


@pytest.mark.parametrize("body", [ATOM, RSS, JSON], ids=["atom", "rss", "json"])
def test_w1_the_header_comes_before_the_document(body):
    """Several lines, several links in a line, several words in a rel: all of the header's hubs first, its self wins."""
    found = info(
        body,
        '<https://a.example/?x=1,2>; title="a, b"; rel=hub, <https://one.example/header>; rel="self alternate"',
        '<https://b.example/>; REL="next HUB", <https://c.example/>;rel=hub',
    )
    assert found.hubs == ("https://a.example/?x=1,2", "https://b.example/", "https://c.example/")
    assert found.self_link == "https://one.example/header"


def test_a_header_without_a_hub_leaves_the_documents_topic():
    assert info(ATOM, "<https://one.example/other>; rel=self").self_link == "https://one.example/document"
