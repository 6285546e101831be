"""robots.txt is obeyed by RFC 9309 and asked for once a day; what it forbids is never asked for."""

from datetime import timedelta

import pytest

from aggregator.errors import Code, FetchError
from aggregator.steps.fetch.robots import ObedientFetcher
from aggregator.steps.fetch.robots_rules import Rules
from tests.steps.fetch.conftest import NOW, PATIENCE, ask
from tests.steps.fetch.fetch_server import answer

TEXT = """
User-agent: OtherBot
Disallow: /

User-Agent: *
Disallow: /private/   # a comment
Allow: /private/open
Disallow: /*.pdf$
Disallow: /a*b
Disallow: /%7Euser/ä
Disallow:
Sitemap: https://x.example/s.xml
"""


@pytest.mark.parametrize(
    ("path", "permitted"),
    [
        ("/", True),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/x.pdf", False),
        ("/x.pdf?y", True),
        ("/ab", False),
        ("/axxbc", False),
        ("/a?q=b", False),
        ("/~user/%C3%A4/x", False),
        ("/~user/b", True),
    ],
)
def test_the_longest_match_counts(path, permitted):
    assert Rules.read(TEXT).permit(f"https://x.example{path}") is permitted


def test_our_own_group_is_the_only_one_that_counts():
    """Groups of one name are one; the name's case and version do not matter."""
    rules = Rules.read(
        "User-agent: *\nDisallow: /\nUser-agent: Aggregator/1\nUser-agent: x\nDisallow: /a\n\n"
        "user-agent: aggregator\ndisallow: /b"
    )
    assert [rules.permit(f"https://x.example{path}") for path in ("/", "/a", "/b")] == [True, False, False]


@pytest.mark.parametrize(
    "text",
    ["", "<html>not found</html>", "\0\0", "Disallow: /", "User-agent: *", "User-agent: *\nAllow: /\nDisallow: /"],
)
def test_what_says_nothing_permits(text):
    assert Rules.read(text).permit("https://x.example/a")


def test_a_hostile_pattern_costs_nothing():
    """Many stars are no backtracking."""
    import time

    rules = Rules.read("User-agent: *\n" + "Disallow: /" + "*a" * 500 + "$\n")
    began = time.process_time()
    assert rules.permit("https://x.example/" + "a" * 1500 + "b")
    assert time.process_time() - began < 1


class Clock:
    at = NOW

    def now(self):
        return self.at


@pytest.fixture
def obedient(desk, server):
    fetcher = ObedientFetcher(desk.fetcher(server), Clock())
    server.routes |= {"/page": answer(body=b"<p>page</p>"), "/no": answer(body=b"<p>no</p>")}
    return fetcher


def get(fetcher, server, path="/page", **fields):
    return fetcher.fetch(ask(server.url(path), **fields)).result(PATIENCE)


def test_it_is_asked_for_once_a_day(obedient, server):
    """And not with what belongs to a source."""
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /no")
    for _ in range(3):
        assert get(obedient, server, headers=(("X-Key", "secret"),)).body == b"<p>page</p>"
    with pytest.raises(FetchError) as caught:
        get(obedient, server, "/no")
    assert caught.value.code is Code.REFUSED_ADDRESS
    assert "robots.txt" in caught.value.message
    assert server.paths() == ["/robots.txt", "/page", "/page", "/page"]
    assert server.asked[0].header("X-Key") is None
    assert server.asked[1].header("X-Key") == b"secret"
    obedient._clock.at = NOW + timedelta(hours=25)
    get(obedient, server)
    assert server.paths()[4:] == ["/robots.txt", "/page"]


def test_many_at_once_wait_for_one_question(obedient, server):
    server.routes["/robots.txt"] = lambda *_: (server.wait(0.3), answer(body=b""))[1]
    visits = [obedient.fetch(ask(server.url("/page"))) for _ in range(5)]
    assert [visit.result(PATIENCE).status for visit in visits] == [200] * 5
    assert server.paths().count("/robots.txt") == 1


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone"])
def test_one_that_is_not_there_permits(obedient, server, status):
    server.routes["/robots.txt"] = answer(status)
    assert get(obedient, server).status == 200


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down"])
def test_one_that_cannot_be_had_forbids_for_now(obedient, server, status):
    server.routes["/robots.txt"] = answer(status)
    with pytest.raises(FetchError) as caught:
        get(obedient, server)
    assert (caught.value.code, caught.value.status) == (Code.HTTP_STATUS, int(status[:3]))
    assert "/page" not in server.paths()
    server.routes["/robots.txt"] = answer("404 Not Found")
    obedient._clock.at = NOW + timedelta(minutes=11)
    assert get(obedient, server).status == 200


def test_a_cancelled_visit_ends(obedient, server):
    server.routes["/page"] = lambda *_: server.wait(30) and b""
    visit = obedient.fetch(ask(server.url("/page")))
    while "/page" not in server.paths():
        server.wait(0.01)
    assert visit.cancel()
    server.routes["/page"] = answer(body=b"x")
    assert get(obedient, server).body == b"x"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary"])
def test_what_a_redirect_leads_to_needs_permission_too(obedient, server, other_server, status):
    """On the same host by its rules, on another one by that one's."""
    server.routes |= {
        "/robots.txt": answer(body=b"User-agent: *\nDisallow: /no"),
        "/moved": answer(status, "Location: /no"),
        "/away": answer(status, f"Location: {other_server.url('/secret')}"),
        "/fine": answer(status, "Location: /page"),
    }
    for path in ("/moved", "/away"):
        with pytest.raises(FetchError) as caught:
            get(obedient, server, path)
        assert caught.value.code is Code.REFUSED_ADDRESS
    assert get(obedient, server, "/fine").body == b"<p>page</p>"
    assert "/no" not in server.paths()
    assert other_server.asked == []  # not listed: not even its robots.txt is asked for


def test_another_hosts_robots_txt_is_asked_without_what_is_the_sources_own(desk, server, other_server):
    fetcher = ObedientFetcher(
        desk.fetcher(allow_hosts=(f"127.0.0.1:{server.port}", f"127.0.0.1:{other_server.port}")), Clock()
    )
    server.routes["/page"] = answer("302 Found", f"Location: {other_server.url('/a')}")
    other_server.routes |= {"/robots.txt": answer(body=b"User-agent: *\nDisallow: /b"), "/a": answer(body=b"x")}
    assert get(fetcher, server, headers=(("X-Key", "secret"),)).body == b"x"
    assert other_server.paths() == ["/robots.txt", "/a"]
    assert all(asked.header("X-Key") is None for asked in other_server.asked)
    server.routes["/page"] = answer("302 Found", f"Location: {other_server.url('/b')}")
    with pytest.raises(FetchError):
        get(fetcher, server)
    assert "/b" not in other_server.paths()


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5),
        ("User-agent: *\nCrawl-delay: 1.5\nUser-agent: aggregator\nCrawl-delay: 2", 2),
        ("User-agent: x\nCrawl-delay: 9\nUser-agent: *\nDisallow: /a", None),
        ("User-agent: *\nCrawl-delay: 86400", 60),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
    ],
)
def test_a_crawl_delay_is_read_of_the_group_that_counts(text, delay):
    assert Rules.read(text).delay == delay


def test_a_crawl_delay_is_kept_between_two_requests(obedient, server):
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nCrawl-delay: 0.7")
    visits = [obedient.fetch(ask(server.url("/page"))) for _ in range(2)]
    assert [visit.result(PATIENCE).status for visit in visits] == [200] * 2
    first, second = (asked for asked in server.asked if asked.path == "/page")
    assert second.at - first.at >= 0.7


def test_what_one_source_cannot_reach_another_may(desk, server):
    """A stranger's link to an address that only its own source may visit closes that to nobody."""
    fetcher = ObedientFetcher(desk.fetcher(server), Clock())
    server.routes["/page"] = answer(body=b"x")
    with pytest.raises(FetchError) as caught:
        get(fetcher, server, listed=False)
    assert caught.value.code is Code.REFUSED_ADDRESS
    assert get(fetcher, server).body == b"x"
    with pytest.raises(FetchError):
        get(fetcher, server, listed=False)


def test_a_broken_proxy_of_one_source_closes_the_host_to_no_other(obedient, server):
    with pytest.raises(FetchError):
        get(obedient, server, proxy="http://127.0.0.1:1")
    assert get(obedient, server).status == 200


class Restarts:
    """Programs over one database, one after the other: each keeps what it learnt, and knows nothing else."""

    def __init__(self, desk, server, store):
        self.clock, self._desk, self._server, self._store = Clock(), desk, server, store
        self.again()

    def again(self):
        self.fetcher = ObedientFetcher(self._desk.fetcher(self._server), self.clock)
        self.fetcher.remember_in(self._store)

    def get(self, path="/page", **fields):
        """What becomes of a visit, and how often robots.txt was asked for because of it."""
        before = self._server.paths().count("/robots.txt")
        try:
            came = get(self.fetcher, self._server, path, **fields).status
        except FetchError as error:
            came = error
        if learnt := self.fetcher.learnt():
            with self._store.write() as rooms:
                rooms.robots.put(learnt)
        return came, self._server.paths().count("/robots.txt") - before


@pytest.fixture
def restarts(desk, server, database):
    server.routes |= {"/page": answer(body=b"<p>page</p>"), "/no": answer(body=b"<p>no</p>")}
    return Restarts(desk, server, database)


def test_a_restart_asks_no_host_again(restarts, server):
    """The rules and the pause between two requests are kept a day, whoever asked for them."""
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /no\nCrawl-delay: 0.7")
    assert restarts.get() == (200, 1)
    restarts.again()
    assert restarts.get() == (200, 0)
    refused, asked = restarts.get("/no")
    assert (refused.code, asked) == (Code.REFUSED_ADDRESS, 0)
    restarts.get()
    first, second = (asked for asked in server.asked[2:] if asked.path == "/page")
    assert second.at - first.at >= 0.7
    restarts.clock.at = NOW + timedelta(hours=25)
    restarts.again()
    assert restarts.get() == (200, 1)


def test_a_pause_that_is_wished_no_more_ends(obedient, server):
    """Before, it was kept until the program ended."""
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nCrawl-delay: 60")
    get(obedient, server)
    pace = obedient._fetcher._pace
    assert list(pace._wishes.values()) == [60]
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /no")
    obedient._clock.at = NOW + timedelta(hours=25)
    pace._wishes = dict.fromkeys(pace._wishes, 0.01)  # or this test would wait for a minute
    pace._queues.clear()
    get(obedient, server)
    assert pace._wishes == {}


def test_a_restart_does_not_ask_a_host_in_trouble_again(restarts, server):
    """Ten minutes, or as long as its Retry-After says; the way of one source with a proxy is its own affair."""
    server.routes["/robots.txt"] = answer("503 Busy", "Retry-After: 3600")
    refused, asked = restarts.get()
    assert (refused.status, refused.retry_at, asked) == (503, NOW + timedelta(hours=1), 1)
    restarts.again()
    refused, asked = restarts.get()
    assert (refused.status, refused.retry_at, asked) == (503, NOW + timedelta(hours=1), 0)
    assert "robots.txt of its host cannot be had: HTTP 503" in refused.message
    restarts.clock.at = NOW + timedelta(minutes=61)
    server.routes["/robots.txt"] = answer("404 Not Found")
    assert restarts.get() == (200, 1)


def test_in_long_trouble_the_last_rules_count(restarts, server):
    """RFC 9309 §2.4: while it cannot be had; at first nothing is permitted at all."""
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /no")
    restarts.get()
    server.routes["/robots.txt"] = answer("500 Oops")
    for hours, page in ((25, 500), (30, 500), (37.5, 200), *((24 * day, 200) for day in (8, 15, 22, 29, 36, 43))):
        restarts.clock.at = NOW + timedelta(hours=hours)
        restarts.again()
        came, asked = restarts.get()
        assert (getattr(came, "status", came), asked) == (page, 1), hours
    assert restarts.get("/no")[0].code is Code.REFUSED_ADDRESS


def test_one_that_never_could_be_had_forbids_for_a_month(restarts, server):
    """RFC 9309 §2.3.1.4."""
    server.routes["/robots.txt"] = answer("500 Oops")
    for days, page in ((0, 500), (1, 500), (8, 500), (15, 500), (22, 500), (29.9, 500), (30.1, 200)):
        restarts.clock.at = NOW + timedelta(days=days)
        restarts.again()
        came, asked = restarts.get()
        assert (getattr(came, "status", came), asked) == (page, 1), days


def test_a_month_away_is_no_month_of_trouble(restarts, server):
    """Two failures and nothing between them, as of a machine that was switched off, open no host."""
    server.routes["/robots.txt"] = answer("500 Oops")
    for days in (0, 31, 38):
        restarts.clock.at = NOW + timedelta(days=days)
        restarts.again()
        assert restarts.get()[0].status == 500, days


def test_what_a_clock_that_was_ahead_wrote_is_not_kept_until_then(restarts, server):
    """Neither over a restart, nor in one program whose clock was set back."""
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /page")
    restarts.clock.at = NOW + timedelta(days=900)
    assert restarts.get()[0].code is Code.REFUSED_ADDRESS
    server.routes["/robots.txt"] = answer("404 Not Found")
    restarts.clock.at = NOW
    restarts.again()
    assert [restarts.get(), restarts.get()] == [(200, 1), (200, 0)]


def test_the_store_takes_back_nothing_newer(restarts, server):
    """What this program was told a moment ago may not be stored yet."""
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /page")
    restarts.get()
    restarts.clock.at = NOW + timedelta(hours=25)
    server.routes["/robots.txt"] = answer("404 Not Found")
    assert get(restarts.fetcher, server).status == 200
    restarts.fetcher._recall(server.url("").rstrip("/"), restarts.clock.at)
    assert restarts.get() == (200, 0)


def test_one_behind_endless_redirects_is_none(obedient, server):
    """RFC 9309 §2.3.1.2."""
    server.routes["/robots.txt"] = answer("302 Found", "Location: /robots.txt?")
    server.routes["/robots.txt?"] = answer("302 Found", "Location: /robots.txt")
    assert get(obedient, server).status == 200


def test_a_huge_set_of_rules_is_kept_in_memory_alone(restarts, server):
    lines = b"".join(b"Disallow: /%d/%s\n" % (number, b"x" * 1000) for number in range(100))
    server.routes["/robots.txt"] = answer(body=b"User-agent: *\n" + lines)
    assert [restarts.get()[1], restarts.get()[1]] == [1, 0]
    restarts.again()
    assert restarts.get() == (200, 1)


@pytest.mark.parametrize("url", ["http://[bad]/x", "http://\u2100.example/", "http://[::1", "https://[1.2.3.4]/"])
def test_what_is_no_address_fails_as_any_visit_does(obedient, url):
    assert isinstance(obedient.fetch(ask(url)).exception(PATIENCE), FetchError)
