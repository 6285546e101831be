"""The feed behind a page's address."""

import pytest
from newsdesk import ScriptedFetcher, StandingClock, done

from aggregator.domain.entry import FeedInfo
from aggregator.domain.outcome import Failure, Reading
from aggregator.domain.response import Response
from aggregator.domain.source import SourceKind
from aggregator.errors import Code, FetchError
from aggregator.pipeline import visit
from aggregator.pipeline.discover import NoFeedError, discover
from aggregator.pipeline.survey import surveyed

PAGE = b'<!doctype html><link rel="alternate" type="application/atom+xml" href="feed.atom">'
FEED = b"<feed>"


class Web(ScriptedFetcher):
    """Answers by address."""

    def fetch(self, request):
        answer = self.answers.get(request.url)
        if answer is None:
            return done(FetchError(request.source_id, Code.DNS, f"source {request.source_id!r}: cannot be resolved"))
        return done(Response(source_id=request.source_id, url=request.url, body=answer, received_at=self.clock.now()))


class Judge:
    """A body that begins with <feed is a feed; pages are read as they are."""

    def read(self, context, response, known, now, further=()):
        if context.kind is not SourceKind.FEED:
            return done(visit.read(context, (response,), known, now))
        if response.body.startswith(FEED):
            return done(Reading(info=FeedInfo(), items=()))
        said = "a web page came instead of a feed; it announces no feed"
        return done(surveyed(Failure(code=Code.NOT_A_FEED, message=said), context, response))


def found(url, answers):
    clock = StandingClock()
    return discover(url, Web(clock, answers=answers), Judge(), clock.now(), lambda address: f"<{address}>")


def test_a_feed_is_what_it_is():
    assert found("https://a.example/f", {"https://a.example/f": FEED}).note == ""


def test_a_sitemap_is_one():
    """It is written with its kind, an index of maps too."""
    body = b'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></sitemapindex>'
    answer = found("https://a.example/sitemap.xml", {"https://a.example/sitemap.xml": body})
    assert (answer.url, answer.kind) == ("https://a.example/sitemap.xml", SourceKind.SITEMAP)


def test_a_page_leads_to_its_feed():
    answers = {"https://a.example/blog/": PAGE, "https://a.example/blog/feed.atom": FEED}
    assert found("https://a.example/blog/", answers).url == "https://a.example/blog/feed.atom"


def test_what_cannot_be_visited_stands_as_given():
    """An owner on a train may still write feeds.yaml."""
    answer = found("https://a.example/f", {})
    assert answer.url == "https://a.example/f"
    assert answer.note == "it could not be visited and stands as given (cannot be resolved)"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"https://a.example/": b"<!doctype html>"}, "a web page came instead of a feed; it announces no feed"),
        ({"https://a.example/": PAGE}, "announces <https://a.example/feed.atom>, which cannot be visited: cannot be"),
        ({"https://a.example/": PAGE, "https://a.example/feed.atom": PAGE}, "feed.atom>, which is no feed"),
    ],
)
def test_no_feed_is_said_to_be_none(answers, says):
    with pytest.raises(NoFeedError) as error:
        found("https://a.example/", answers)
    assert says in str(error.value)


def link(href, kind="application/rss+xml", **more):
    told = " ".join(f'{name}="{value}"' for name, value in more.items())
    return f'<link rel="alternate" type="{kind}" href="{href}" {told}>'


HOME = "https://a.example/blog/post"


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (link("/f"), "https://a.example/f"),
        (link("f.xml", "application/rss+xml; charset=utf-8"), "https://a.example/blog/f.xml"),
        ("<link rel='ALTERNATE feed' href=//b.example/f>", "https://b.example/f"),
        ('<base href="https://c.example/x/">' + link("f"), "https://c.example/x/f"),
        (link("/json", "application/feed+json"), "https://a.example/json"),
        (link("/comments/feed/", title="Comments") + link("/feed/"), "https://a.example/feed/"),
        (link("/wp-json/wp/v2/posts/1", "application/json") + link("/feed/"), "https://a.example/feed/"),
        ('<link rel="alternate stylesheet" type="text/css" href="/s.css">' + link("/f"), "https://a.example/f"),
        ('<a href="/about">About</a><a href="/rss.php?id=1">RSS 订阅</a>', "https://a.example/rss.php?id=1"),
        ('<a href="/img/rss.png">RSS</a><a href="/news.rdf">XML</a>', "https://a.example/news.rdf"),
        ("<p>no word of it</p>", "https://a.example/feed"),
        ("<p>no word of it</p>", "https://a.example/atom.xml"),
        ("<p>no word of it</p>", "https://a.example/blog/feed"),
        (link("/broken") + link("/f"), "https://a.example/f"),
    ],
)
def test_feeds_are_found_as_browsers_and_readers_find_them(page, feed):
    """Links of the head, links of the page, the usual places; what is announced and no feed is passed over."""
    answers = {HOME: f"<!doctype html>{page}".encode(), "https://a.example/broken": b"<html>", feed: FEED}
    assert found(HOME, answers).url == feed


def test_a_feed_behind_the_page_that_stands_where_a_feed_is_announced():
    """A service that shows its feeds as web pages to people."""
    answers = {
        HOME: f"<!doctype html>{link('/f')}".encode(),
        "https://a.example/f": f"<!doctype html>{link('/f?format=xml')}".encode(),
        "https://a.example/f?format=xml": FEED,
    }
    assert found(HOME, answers).url == "https://a.example/f?format=xml"


def test_a_search_ends():
    """Pages that announce each other for ever are asked once each, and few of them."""

    class Endless(Web):
        def fetch(self, request):
            self.requests.append(request.url)
            body = "".join(link(f"{request.url}/{n}") for n in range(50)).encode()
            return done(Response(source_id="add", url=request.url, body=body, received_at=self.clock.now()))

    clock = StandingClock()
    web = Endless(clock)
    with pytest.raises(NoFeedError):
        discover(HOME, web, Judge(), clock.now(), str)
    assert len(web.requests) == len(set(web.requests)) < 60


def test_a_page_without_a_feed_comes_with_selectors_and_what_they_find():
    rows = "".join(
        f"<li><a href='/n/{n}.htm'>工业互联网新闻第{n}条</a><span>2026-11-{n:02}</span></li>" for n in range(1, 9)
    )
    with pytest.raises(NoFeedError) as error:
        found(HOME, {HOME: f"<!doctype html><ul class=list>{rows}</ul>".encode()})
    page = error.value.page
    assert (page.selectors.entry, page.selectors.date) == ("ul.list > li", "span")
    assert [item.title for item in page.first][-1] == "工业互联网新闻第8条"
