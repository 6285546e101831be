"""Nothing foreign runs in the pages that are only served, nor in a feed: judged by a checker that shares no pattern."""

import importlib.util
import json
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest
from web_desk import NOON, SOURCE, TOPIC

from aggregator.app.web.health import Health
from aggregator.app.web.pages import message_page, page, status_page
from aggregator.app.web.search import _Found, _parts
from aggregator.domain.audience import Audience
from aggregator.domain.entry import Author, Category, Enclosure, Entry, FeedInfo, Media, Origin, Text
from aggregator.domain.item import Keys
from aggregator.domain.outcome import Failure, ReadContext
from aggregator.domain.settings import Configuration, Site
from aggregator.domain.source import SourceReport, SourceStatus, Visits
from aggregator.errors import Code
from aggregator.steps.clean import clean
from aggregator.steps.render import render_topic
from aggregator.steps.render.outgoing import outgoing

sys.path.append(str(Path(__file__).parents[2] / "steps" / "render"))  # the news that rendering is tested with
from render_news import SITE, copy, selected, selection

HOSTILE = Path(__file__).parents[4] / "shared" / "cases" / "hostile"
CONTEXT = ReadContext(source_id="world", language=None, timezone=None, encoding=None, max_entries=500)
EACH = 100  # payloads of one page


@cache
def oracle():
    if not HOSTILE.exists():
        pytest.skip("needs the hostile cases beside the checkout")
    spec = importlib.util.spec_from_file_location("xsscheck", HOSTILE / "xsscheck.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def payloads():
    oracle()
    return [case["payload"] for case in json.loads((HOSTILE / "xss_payloads.json").read_text(encoding="utf-8"))]


def batches():
    every = payloads()
    return [every[start : start + EACH] for start in range(0, len(every), EACH)]


def hostile_item(text):
    """What cleaning leaves of an entry that says it in every field."""
    html = Text(value=text, base="https://example.org/")
    entry = Entry(
        raw_hash=b"", guid=text, link=text, title=html, summary=html, content=html, comments=text, rights=text,
        authors=(Author(name=text, email=text, uri=text),), categories=(Category(term=text, scheme=text, label=text),),
        enclosures=(Enclosure(url=text, type=text, title=text),), language=text,
        media=(Media(role="content", url=text, type=text, description=text, credit=text),),
        origin=Origin(id=text, title=text, link=text, feed_url=text, rights=text, icon=text),
    )  # fmt: skip
    return clean(entry, Keys(text=b"t" * 16), CONTEXT, FeedInfo(title=text, link=text))


def hostile_story(text, number):
    """A story of it and of another outlet that says the same."""
    feed = FeedInfo(id=text, title=text, link=text, self_link=text, icon=text, rights=text, language=text)
    other = copy(replace(hostile_item(text), source_id="paper"), number=10_000 + number, source_title=text, feed=feed)
    return selected(hostile_item(text), number=number, others=[other], source_title=text, source_url=text, feed=feed)


def search_page(texts):
    """What was looked for, what was wrong with it, and what was found."""
    stories = [outgoing(hostile_story(text, number), TOPIC) for number, text in enumerate(texts)]
    found = [
        _Found(entry=story, title=_parts(story.title, texts[:3]), excerpt=_parts(story.excerpt, ("a", "<")))
        for story in stories
    ]
    said = " ".join(texts)
    return page(
        "search.html", Site(title=texts[0]), query=said, asked=quote(said, safe=""), problem=said, found=found,
        cut=True, zone=UTC,
    )  # fmt: skip


def status_pages(texts):
    """Sources and topics that say it in whatever a source or the file can say, for the operator."""
    reports = [
        SourceReport(
            id=f"s{number}", title=text, shown_url=text, status=SourceStatus.FAILING, items=1,
            visits=Visits(
                failure=Failure(code=Code.HTTP_STATUS, message=text), failures=3, failed_at=NOON, moved_to=text,
                next_visit_reason=text, last_visit=NOON,
            ),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    topics = tuple(replace(TOPIC, id=f"t{number}", title=text) for number, text in enumerate(texts))
    configuration = Configuration(
        path=Path("/nowhere/feeds.yaml"), site=Site(title=texts[0]), sources=(SOURCE,), topics=topics
    )
    health = Health(started=NOON, config_error=" ".join(texts))
    return "".join(
        status_page(
            configuration, health, reports, counts={}, hub={}, audience={"t0": Audience(direct=1)},
            arrivals={"s0": [1] * 28}, now=datetime.now(UTC), number=number, operator=True,
        )
        for number in (1, 2)
    )  # fmt: skip


def message_pages(texts):
    return "".join(message_page(Site(title=text), text, text) for text in texts[:10])


@pytest.mark.parametrize("made", [search_page, status_pages, message_pages])
def test_nothing_foreign_runs_in_what_is_served(made):
    """Search, status and messages: public payloads in every field add nothing that could run."""
    check = oracle()
    own = {
        size: Counter(check.findings(made(["harmless"] * size), page=True)) for size in {EACH, len(payloads()) % EACH}
    }
    for texts in batches():
        assert Counter(check.findings(made(texts), page=True)) - own[len(texts)] == Counter()


def shown_by_readers(body):
    """Of an XML feed, by entry: what readers take for HTML, and the link."""
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    return {
        entry.id: (
            {entry.get("summary", ""), *(part.value for part in entry.get("content", ()))} - {""},
            entry.title,
            None if entry.get("guidislink") else entry.get("link"),
        )
        for entry in parsed.entries
    }


def test_nothing_foreign_runs_in_feeds():
    """Of every format what readers show as HTML: titles, summaries, contents, with the names of other outlets."""
    check, shown = oracle(), 0
    for texts in batches():
        stories = [hostile_story(text, number) for number, text in enumerate(texts)]
        documents, _ = render_topic(selection(*stories, title=texts[0], description=texts[0]), SITE)
        bodies = {document.path.rpartition(".")[2]: document.body for document in documents}
        atom, rss = (shown_by_readers(bodies[form]) for form in ("atom", "rss"))
        entries = json.loads(bodies["json"])["items"]
        assert [entry["id"] for entry in entries] == list(atom) == list(rss)
        for entry in entries:
            parts, _, link = atom[entry["id"]]
            again, title, _ = rss[entry["id"]]
            # Judged once: the formats say the same. RSS has no type for titles, and many readers take them for HTML.
            wrong = parts | again | {entry.get("content_html", ""), title}
            assert [found for part in wrong for found in check.findings(part)] == [], entry["id"]
            assert all(url is None or url.startswith(("http://", "https://")) for url in (link, entry.get("url")))
            shown += 1
    assert shown > 0.9 * len(payloads())
