"""No spelling of a private address is ever dialled by the program: as a source, or where a source redirects to."""

import json
import sys
from concurrent.futures import Future
from contextlib import closing
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.domain.settings import FetchSettings
from aggregator.errors import ConfigError
from aggregator.pipeline.discover import NoFeedError, discover
from aggregator.pipeline.visit import read
from aggregator.steps.fetch import HttpFetcher
from aggregator.steps.fetch import dial as dialling
from aggregator.wiring import SystemClock
from tests.hostile.hostile_network import redirect
from tests.hostile.watched import calls, hooked
from tests.program.command import Project
from tests.steps.fetch.fetch_server import Server, answer

CORPUS = Path(__file__).parents[3] / "shared" / "cases" / "hostile" / "hostile_urls.txt"
HEAD = """\
site: {{url: http://news.example.org}}
fetch: {{per_host: 32, host_gap: 0s, allow_hosts: ['127.0.0.1:{port}']}}
"""


def lines(sources):
    return "sources:\n" + "".join(f"  - {json.dumps({'id': n, 'url': u})}\n" for n, u in sources.items())


def accepted(project, head, url):
    """Whether feeds.yaml takes this address at all: what is no web address is refused there."""
    project.config.write_text(head + lines({"one": url}), encoding="utf-8")
    try:
        load(project.config)
    except ConfigError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="ip6-localhost and the like are Linux's names")
def test_no_hostile_address_is_connected_to(tmp_path):
    """Every process of the program is watched: it calls the one server that is allowed, and nobody else."""
    if not CORPUS.exists():
        pytest.skip("shared/cases/hostile is not beside this checkout")
    urls = CORPUS.read_text("utf-8").splitlines()
    assert len(urls) == 56
    with closing(Server()) as server, closing(Project(tmp_path, server)) as project:
        head = HEAD.format(port=server.port)
        direct = {f"direct-{n}": url for n, url in enumerate(urls) if accepted(project, head, url)}
        assert len(direct) > 30
        server.routes = {f"/{n}": redirect(url.encode()) for n, url in enumerate(urls)}
        hops = {f"hop-{n}": server.url(f"/{n}") for n in range(len(urls))}
        project.config.write_text(head + lines(direct | hops) + "topics:\n  - id: all\n", encoding="utf-8")
        told = json.loads(project.ok("fetch", "--json", **hooked(tmp_path)))
        codes = {report["source"]: report["error"] and report["error"]["code"] for report in told}
        assert set(codes) == set(direct) | set(hops)
        # Three names without an address, and no answer between them, are an outage: it depends on who ends first.
        unknown = {"dns", "offline"}
        assert set(codes.values()) <= {"refused_address", "redirect", "http_status"} | unknown
        assert {codes[name] for name in direct} <= {"refused_address"} | unknown
        assert calls(tmp_path) == {f"127.0.0.1 {server.port}"}


def named_by_documents(server, urls):
    """Pages whose next page is a hostile address, and indexes whose sitemaps are: id → source."""
    sources = {}
    for number, url in enumerate(urls):
        page = f'<article><a href="/x{number}">t</a></article><a class="next" href="{escape(url)}">next</a>'
        server.routes[f"/page{number}"] = answer(body=page.encode())
        selectors = {"entry": "article", "next": "a.next"}
        sources[f"page-{number}"] = {"url": server.url(f"/page{number}"), "kind": "page", "page": selectors}
        index = f"<sitemapindex><sitemap><loc>{escape(url)}</loc></sitemap></sitemapindex>"
        server.routes[f"/map{number}"] = answer(body=index.encode())
        sources[f"map-{number}"] = {"url": server.url(f"/map{number}"), "kind": "sitemap"}
    return sources


@pytest.mark.skipif(sys.platform != "linux", reason="ip6-localhost and the like are Linux's names")
def test_no_address_that_a_page_or_sitemap_names_is_connected_to(tmp_path):
    """The next page, the maps of an index and robots.txt: nothing but the source's own origin."""
    if not CORPUS.exists():
        pytest.skip("shared/cases/hostile is not beside this checkout")
    with closing(Server()) as server, closing(Project(tmp_path, server)) as project:
        sources = named_by_documents(server, CORPUS.read_text("utf-8").splitlines())
        listed = "sources:\n" + "".join(f"  - {json.dumps({'id': n} | source)}\n" for n, source in sources.items())
        project.config.write_text(HEAD.format(port=server.port) + listed + "topics:\n  - id: all\n", encoding="utf-8")
        told = json.loads(project.ok("fetch", "--json", **hooked(tmp_path)))
        assert {report["source"]: report["error"] for report in told} == dict.fromkeys(sources)
        assert calls(tmp_path) == {f"127.0.0.1 {server.port}"}
        assert sum(report["new"] for report in told) == len(sources) // 2


@pytest.mark.skipif(sys.platform != "linux", reason="ip6-localhost and the like are Linux's names")
def test_no_address_that_an_entry_links_to_is_connected_to(tmp_path):
    """`full_text` visits what feeds link to, and where that redirects: nothing but what is allowed."""
    if not CORPUS.exists():
        pytest.skip("shared/cases/hostile is not beside this checkout")
    urls = CORPUS.read_text("utf-8").splitlines()
    with closing(Server()) as server, closing(Project(tmp_path, server)) as project:
        server.routes = {f"/{n}": redirect(url.encode()) for n, url in enumerate(urls)}
        links = [*urls, *(server.url(f"/{n}") for n in range(len(urls)))]
        sources = {}
        for number in range(0, len(links), 20):  # so many pages a visit asks for
            items = "".join(
                f"<item><title>Headline {at}</title><guid>{at}</guid><link>{escape(link)}</link></item>"
                for at, link in enumerate(links[number : number + 20])
            )
            feed = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
            server.routes[f"/feed{number}"] = answer(body=feed.encode())
            sources[f"feed-{number}"] = {"url": server.url(f"/feed{number}"), "full_text": True}
        listed = "sources:\n" + "".join(f"  - {json.dumps({'id': n} | source)}\n" for n, source in sources.items())
        project.config.write_text(HEAD.format(port=server.port) + listed + "topics:\n  - id: all\n", encoding="utf-8")
        told = json.loads(project.ok("fetch", "--json", **hooked(tmp_path)))
        assert sum(report["new"] for report in told) == len(links)
        assert len([path for path in server.paths() if path[1:].isdigit()]) == len(urls)
        assert calls(tmp_path) == {f"127.0.0.1 {server.port}"}


@pytest.mark.skipif(sys.platform != "linux", reason="ip6-localhost and the like are Linux's names")
def test_no_address_that_a_page_announces_as_its_feed_is_connected_to(monkeypatch):
    """Not by `add` either, and not one of fetch.allow_hosts: the owner wrote the page's address, not the feed's."""
    if not CORPUS.exists():
        pytest.skip("shared/cases/hostile is not beside this checkout")
    dialled, dial = set(), dialling._dial
    monkeypatch.setattr(dialling, "_dial", lambda address: dialled.add(address[1][:2]) or dial(address))
    with closing(Server()) as server, closing(Server()) as other:
        clock = SystemClock()
        settings = FetchSettings(
            host_gap=timedelta(0), allow_hosts=(f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}")
        )
        named = [*CORPUS.read_text("utf-8").splitlines(), other.url("/feed")]
        with closing(HttpFetcher(settings, clock=clock, user_agent_version="1")) as fetcher:
            for number, url in enumerate(named):
                link = f'<!doctype html><link rel="alternate" type="application/rss+xml" href="{escape(url)}">'
                server.routes[f"/{number}"] = answer(body=link.encode())
                with pytest.raises(NoFeedError):
                    discover(server.url(f"/{number}"), fetcher, InPlace(), clock.now(), lambda shown: shown)
        assert len(server.asked) >= len(named)
        assert other.asked == []
        assert dialled == {("127.0.0.1", server.port)}


class InPlace:
    """Reads in this process."""

    def read(self, context, response, known, now, further=()):
        future = Future()
        future.set_result(read(context, (response, *further), known, now))
        return future
