"""Pages that send their visitor on by `<meta http-equiv=refresh>`: followed once a visit, as any address is."""

from contextlib import ExitStack, closing
from datetime import timedelta

import pytest
from newsdesk import START, Newsdesk, done

from aggregator.domain.response import Response
from aggregator.domain.settings import FetchSettings
from aggregator.domain.source import Credentials, PageSelectors, Source, SourceKind
from aggregator.errors import Code
from aggregator.pipeline import visit
from aggregator.pipeline.discover import discover
from aggregator.steps.fetch import HttpFetcher, ObedientFetcher
from aggregator.steps.parse.refresh import sent_on
from storage import Database
from tests.steps.fetch.fetch_server import Server, answer

FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><guid>1</guid>'
    b"<title>News</title></item></channel></rss>"
)


def page(target, *, delay="0", more=""):
    return (
        f'<!doctype html><title>Moved</title><meta http-equiv="Refresh" content="{delay}; URL={target}">{more}'.encode()
    )


class InPlace:
    """Reads as a worker does, in place."""

    def read(self, context, response, known, now, further=()):
        return done(visit.read(context, (response, *further), known, now))

    def close(self): ...


@pytest.fixture
def servers():
    opened = [Server(), Server()]
    yield opened
    for one in opened:
        one.close()


@pytest.fixture
def desk(sqlite_url, tmp_path, servers):
    """A newsroom over the real fetcher: `read(kind=…)` visits the source at the first server once more."""
    settings = FetchSettings(
        host_gap=timedelta(0), per_host=9, allow_hosts=tuple(f"127.0.0.1:{one.port}" for one in servers)
    )

    class Desk(Newsdesk):
        def read(self, url="/", **more):
            address = servers[0].url(url)
            one = Source(id="one", url=address, shown_url=address, **more)
            if self.configuration.sources != (one,):
                self.reconfigure(sources=(one,), fetch=settings)
            return self.collect(frozenset({"one"}))["one"]

    with closing(Database.open(sqlite_url)) as store, ExitStack() as stack:
        made = Desk(store, tmp_path, sources=())
        web = stack.enter_context(closing(HttpFetcher(settings, clock=made.clock, user_agent_version="1")))
        obedient = ObedientFetcher(web, made.clock)
        made.collector._stations._fetchers = {SourceKind.FEED: web, SourceKind.PAGE: obedient}
        made.collector._stations._reader = InPlace()
        yield made


def test_a_feed_behind_a_refresh_is_read_and_asked_for_conditionally(desk, servers):
    """The owner's address stays the one that is asked first; the feed's validators go to the feed alone."""
    servers[0].routes |= {"/": answer(body=page("/feed.xml")), "/feed.xml": answer("200 OK", 'ETag: "f"', body=FEED)}
    report = desk.read()
    assert (report.new, report.failure) == (1, None)
    servers[0].routes["/feed.xml"] = answer("304 Not Modified", length=False)
    assert desk.read().unchanged
    assert servers[0].paths() == ["/", "/feed.xml"] * 2
    assert servers[0].asked[2].header("If-None-Match") is None
    assert servers[0].asked[3].header("If-None-Match") == b'"f"'
    assert desk.visits("one").moved_to is None


def test_it_is_followed_once(desk, servers):
    servers[0].routes |= {f"/{n or ''}": answer(body=page(f"/{n + 1}")) for n in range(5)}
    report = desk.read()
    assert (report.failure.code, report.failure.survey) == (Code.NOT_A_FEED, None)
    assert servers[0].paths() == ["/", "/1"]


def test_secrets_stay_at_home(desk, servers):
    """Elsewhere it is asked for as anybody would; on the same origin as the source itself."""
    servers[0].routes |= {"/": answer(body=page(servers[1].url("/f"))), "/here": answer(body=page("/f"))}
    servers[0].routes["/f"] = servers[1].routes["/f"] = answer(body=FEED)
    own = {"headers": (("X-Key", "s3cret"),), "auth": Credentials(user="me", password="s3cret")}
    assert desk.read(**own).new == 1
    assert servers[1].asked[0].header("X-Key") is servers[1].asked[0].header("Authorization") is None
    desk.read("/here", **own)
    assert servers[0].asked[-1].header("X-Key") == b"s3cret"


def test_what_is_private_is_refused(desk, servers):
    servers[0].routes["/"] = answer(body=page("http://10.0.0.1/feed"))
    assert desk.read().failure.code is Code.REFUSED_ADDRESS


def test_a_page_source_obeys_robots_txt_there(desk, servers):
    selectors = PageSelectors(entry="article", link="a@href", title="a")
    servers[0].routes |= {
        "/": answer(body=page("/list")), "/old": answer(body=page("/closed")),
        "/robots.txt": answer(body=b"User-agent: *\nDisallow: /closed"),
        "/list": answer(body=b'<!doctype html><article><a href="/1">One headline</a></article>'),
    }  # fmt: skip
    assert desk.read(kind=SourceKind.PAGE, page=selectors).new == 1
    report = desk.read("/old", kind=SourceKind.PAGE, page=selectors)
    assert report.failure.code is Code.REFUSED_ADDRESS
    assert "/closed" not in servers[0].paths()


def test_a_page_with_entries_stays_where_it_is(desk, servers):
    """News pages reload themselves."""
    body = page("/elsewhere", more='<article><a href="/1">One headline</a></article>')
    servers[0].routes["/"] = answer(body=body)
    assert desk.read(kind=SourceKind.PAGE, page=PageSelectors(entry="article", link="a@href", title="a")).new == 1
    assert "/elsewhere" not in servers[0].paths()


def test_add_finds_the_feed_behind_a_refresh(desk, servers):
    """Also one that the page there announces; every document is looked through by the reader."""
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    servers[0].routes |= {
        "/": answer(body=page("/news/")), "/straight": answer(body=page("/feed.xml")),
        "/news/": answer(body=f"<!doctype html>{link}".encode()), "/feed.xml": answer(body=FEED),
    }  # fmt: skip
    web = desk.collector._stations._fetchers[SourceKind.FEED]
    for start in ("/", "/straight"):
        found = discover(servers[0].url(start), web, InPlace(), START, str)
        assert found.url == servers[0].url("/feed.xml")


BASE = "https://a.example/dir/page"


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ('<meta http-equiv="refresh" content="0;url=/f">', "https://a.example/f"),
        ("<META HTTP-EQUIV=REFRESH CONTENT=\"5; URL='f.xml'\">", "https://a.example/dir/f.xml"),
        ('<meta http-equiv=refresh content="0, https://b.example/f#x">', "https://b.example/f"),
        ('<base href="https://c.example/"><meta http-equiv=refresh content="1.5;url=f">', "https://c.example/f"),
        ('<meta http-equiv=refresh content="300;url=/f">', None),
        ('<meta http-equiv=refresh content="0">', None),
        ('<meta http-equiv=refresh content="0;url=page#top">', None),
        ('<meta http-equiv=refresh content="0;url=javascript:alert(1)">', None),
        ('<meta http-equiv=refresh content="0;url=file:///etc/passwd">', None),
        ('<noscript><meta http-equiv=refresh content="0;url=/nojs"></noscript>', None),
        ('<!-- <meta http-equiv=refresh content="0;url=/old"> -->', None),
        ('<meta name=refresh content="0;url=/f">', None),
        ('<meta http-equiv=refresh content="' + "0" * 9999 + ';url=/f">', None),
    ],
)
def test_where_a_page_sends_on_to(html, target):
    """As browsers read it; long waits are for people, and nothing but web addresses is followed."""
    body = f"<!doctype html><html><head>{html}</head>".encode()
    assert sent_on(Response(source_id="a", url=BASE, body=body, received_at=START)) == target


def test_the_header_of_that_name_counts_too():
    headers = (("refresh", b"0; url=/f"),)
    response = Response(source_id="a", url=BASE, body=b"<html>", headers=headers, received_at=START)
    assert sent_on(response) == "https://a.example/f"
