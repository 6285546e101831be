"""The replay's judge: of every statement it knows a life that keeps it and one that breaks it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from aggregator.domain.source import Credentials
from tests.replay.replay_log import Log
from tests.replay.replay_net import DAY, HOUR, Exchange, Reply, Visit, Wish
from tests.replay.replay_rules import broken
from tests.replay.replay_script import Script
from tests.replay.replay_time import START, moment
from tests.replay.replay_wide import ACCEPT

URL, OTHER = "http://a.example.org/feed", "http://b.example.net/feed"
ETAG = {b"If-None-Match": b'"1"'}
GOOD = Reply(headers=((b"ETag", b'"1"'),), body=b"<rss/>", good=True, guids=("a-0",))
SAME = Reply(status=304)
GONE, BUSY = Reply(status=410), Reply(status=429, retry=4 * HOUR)
CASES = {}


def exchange(at, reply, sent=ETAG, *, url=URL, source="a", **more):
    headers = {b"Host": b"a", b"User-Agent": b"aggregator/1.0 (+https://desk.example/bot)", b"Accept": ACCEPT,
               b"Accept-Encoding": b"gzip, deflate", b"Connection": b"close"} | sent  # fmt: skip
    headers |= more.pop("headers", {})
    fields = {"ours": moment(at), "method": "GET", "ended": at + 0.1} | more
    return Exchange(source=source, url=url, at=at, headers=tuple(headers.items()), reply=reply, **fields)


def visit(at, reply=SAME, sent=ETAG, *, failure=None, forced=False, source="a", hops=(), **more):
    """A visit of one request, after `hops`: (reply, url, what was sent) of what led there."""
    code = SimpleNamespace(code=SimpleNamespace(value=failure), message="") if failure else None
    chain = [
        exchange(at + n, one, *(known or [{}]), url=url, source=source) for n, (one, url, *known) in enumerate(hops)
    ]
    last = exchange(at + len(hops), reply, sent, source=source, **more)
    return Visit(source=source, exchanges=[*chain, last], forced=forced, report=SimpleNamespace(failure=code))


def failed(at, status, sent=ETAG, code="http_status", **more):
    return visit(at, Reply(status=status, **more), sent, failure=code)


def life(*visits, script=None, **more):
    """A log of these visits of one source (or of those that are named), until shortly after the last."""
    names = {one.source for one in visits}
    scripts = {
        n: Script(id=n, kind="k", url=URL if n == "a" else f"http://a.example.org/{n}", entries=[]) for n in names
    }
    for name, value in (script or {}).items():
        setattr(scripts["a"], name, value)
    stored = {name: {"a-0": START} for name in names}
    usual = {"stored": stored, "end": max(one.at for one in visits) + HOUR}
    return Log(scripts=scripts, visits=list(visits), **(usual | more))


def case(rule):
    def remember(make):
        CASES[f"{rule}-{make.__name__}"] = rule, make
        return make

    return remember


FIRST = visit(0, GOOD, {})


@case("E1")
def forgets_the_validator(bad):
    return life(FIRST, visit(HOUR, sent={} if bad else ETAG))


@case("E1")
def sends_one_of_two(bad):
    both = Reply(headers=((b"ETag", b'W/"\xe9"'), (b"Last-Modified", b"then")), good=True)
    sent = {b"If-None-Match": b'W/"\xe9"'} | ({} if bad else {b"If-Modified-Since": b"then"})
    return life(visit(0, both, {}), visit(HOUR, sent={} if bad else sent))


@case("E2")
def makes_a_date_up(bad):
    return life(visit(0, Reply(good=True), {}), visit(HOUR, sent={b"If-Modified-Since": b"Mon"} if bad else {}))


@case("E3")
def sends_the_validator_before_the_last(bad):
    new = Reply(headers=((b"ETag", b'"2"'),), good=True)
    return life(FIRST, visit(HOUR, new), visit(2 * HOUR, sent=ETAG if bad else {b"If-None-Match": b'"2"'}))


@case("E3")
def does_not_renew_it_by_a_304(bad):
    new = Reply(status=304, headers=((b"ETag", b'"2"'),))
    return life(FIRST, visit(HOUR, new), visit(2 * HOUR, sent=ETAG if bad else {b"If-None-Match": b'"2"'}))


@case("E3")
def believes_a_document_that_cannot_be_read(bad):
    page = visit(HOUR, Reply(headers=((b"ETag", b'"page"'),)), failure="not_a_feed")
    return life(FIRST, page, visit(3 * HOUR, sent={b"If-None-Match": b'"page"'} if bad else ETAG))


@case("E2")
def keeps_it_over_an_edit(bad):
    edits = [(HOUR / 2, {"url": OTHER})]
    return life(FIRST, visit(HOUR, GOOD, ETAG if bad else {}, url=OTHER), script={"edits": edits})


@case("E5")
def comes_before_its_plan(bad):
    plans = {"a": [(1.0, moment(2 * HOUR), None)]}
    return life(FIRST, visit(HOUR if bad else 2 * HOUR), plans=plans)


@case("E8")
def hurries_after_a_304_to_nothing(bad):
    bare = Reply(good=True)
    return life(visit(0, bare, {}), failed(HOUR, 304, {}, "protocol"), visit(HOUR + (700 if bad else 1000), bare, {}))


@case("E9")
def reads_the_same_body_twice(bad):
    return life(FIRST, reads={"a": [(0.1, b"1"), (HOUR, b"1" if bad else b"2")]})


@case("P1")
def comes_below_the_floor(bad):
    return life(FIRST, visit(300 if bad else 601))


@case("P2")
def comes_while_it_is_fresh(bad):
    fresh = Reply(status=304, fresh=3 * HOUR)
    return life(FIRST, visit(HOUR, fresh), visit((3 if bad else 5) * HOUR))


@case("P3")
def overlooks_a_ttl(bad):
    wish = Reply(headers=GOOD.headers, good=True, wish=Wish(interval=6 * HOUR))
    return life(visit(0, wish, {}), visit((2 if bad else 7) * HOUR))


@case("P4")
def comes_in_skipped_hours(bad):
    wish = Reply(headers=GOOD.headers, good=True, wish=Wish(skip_hours=frozenset({6})))
    return life(visit(0, wish, {}), visit(HOUR if bad else 3 * HOUR))


@case("P4")
def comes_on_a_skipped_day(bad):
    wish = Reply(headers=GOOD.headers, good=True, wish=Wish(skip_days=frozenset({1})))
    return life(visit(0, wish, {}), visit(DAY - HOUR * 2 if bad else 17 * HOUR))


@case("P5")
def does_not_wait_as_told(bad):
    return life(FIRST, visit(HOUR, BUSY, failure="http_status"), visit((3 if bad else 6) * HOUR))


@case("P5")
def asks_a_third_address_of_a_host_that_refused_two(bad):
    busy = [visit(n * 2.0, BUSY, {}, source=name, url=f"http://a.example.org/{name}", failure="http_status")
            for n, name in enumerate("bc")]  # fmt: skip
    third = visit(HOUR if bad else 5 * HOUR, GOOD, {})
    return life(*(busy if bad else busy[:1]), third) if bad else life(*busy, third)


@case("P5")
def hurries_after_a_refusal_without_a_time(bad):
    return life(FIRST, failed(HOUR, 429), failed(HOUR + 1000, 429), visit(HOUR + 1000 + (1000 if bad else 2000)))


@case("P6")
def trips_over_a_header(bad):
    report = SimpleNamespace(
        source_id="a", failure=SimpleNamespace(code=SimpleNamespace(value="internal"), message="x")
    )
    return life(FIRST, reports=[(1.0, report)] if bad else [])


@case("P7")
def hurries_after_failures(bad):
    return life(
        FIRST, failed(HOUR, 404), failed(2 * HOUR, 404), failed(3 * HOUR, 404), visit((3.5 if bad else 5) * HOUR)
    )


@case("P7")
def comes_back_soon_where_it_is_not_wanted(bad):
    return life(FIRST, failed(HOUR, 403), visit((3 if bad else 6) * HOUR))


@case("P7")
def comes_back_soon_to_a_challenge(bad):
    return life(FIRST, failed(HOUR, 503, code="challenge", challenge=True), visit((3 if bad else 6) * HOUR))


@case("P7")
def visits_what_is_gone(bad):
    visits = [FIRST, failed(HOUR, 410), failed(8 * HOUR, 410), visit(20 * HOUR)]
    return life(*(visits if bad else visits[:3]))


@case("P7")
def gives_a_source_up(bad):
    return life(FIRST, failed(HOUR, 404), end=(40 if bad else 20) * HOUR)


@case("P7")
def counts_failures_in_an_outage_of_ours(bad):
    return life(FIRST, outage={"a": (0, 3 if bad else 0)}, down=[(0.5, 1.0)])


@case("P8")
def asks_twice_at_once(bad):
    return life(FIRST, visit(HOUR, in_flight=1 if bad else 0))


@case("P8")
def leaves_a_host_no_pause(bad):
    second = visit(0.5 if bad else 1.5, GOOD, {}, source="b", url="http://a.example.org/b")
    return life(FIRST, second)


@case("P9")
def obeys_a_person_against_the_server(bad):
    return life(FIRST, visit(HOUR, BUSY, failure="http_status"), visit((3 if bad else 6) * HOUR, forced=True))


@case("P10")
def asks_for_robots_all_the_time(bad):
    visits = [visit(10, GOOD, {}), visit(12 * HOUR), visit(25 * HOUR)]
    for one in (visits[0], visits[1 if bad else 2]):
        one.exchanges.insert(0, exchange(one.at - 2, Reply(status=404), {}, url="http://a.example.org/robots.txt"))
    return life(*visits)


@case("R1")
def pretends_to_be_a_browser(bad):
    return life(visit(0, GOOD, {b"User-Agent": b"Mozilla/5.0"} if bad else {}))


@case("R2")
def says_where_it_comes_from(bad):
    return life(visit(0, GOOD, {b"Referer": b"http://x.example/"} if bad else {}))


@case("R2")
def asks_for_the_head_first(bad):
    return life(visit(0, GOOD, {}, method="HEAD" if bad else "GET"))


@case("R3")
def takes_what_it_cannot_read(bad):
    return life(visit(0, GOOD, {b"Accept-Encoding": b"br"} if bad else {}))


@case("R5")
def polls_what_a_link_named(bad):
    return life(FIRST, unknown=[("a", OTHER)] if bad else [])


def led(at, status=301, sent=ETAG, reply=SAME):
    return visit(at, reply, sent, url=OTHER, hops=[(Reply(status=status), URL)])


@case("D1")
def believes_a_move_too_soon(bad):
    three = [led(0, sent={}, reply=GOOD), led(13 * HOUR), led((20 if bad else 26) * HOUR)]
    return life(*three, visit(30 * HOUR, url=OTHER))


@case("D1")
def never_asks_the_old_address_again(bad):
    three = [led(0, sent={}, reply=GOOD), led(13 * HOUR), led(26 * HOUR)]
    direct = [visit(26 * HOUR + n * DAY, url=OTHER) for n in range(1, 8 if not bad else 11)]
    return life(*three, *direct)


@case("D2")
def believes_a_move_for_now(bad):
    direct = visit(40 * HOUR, url=OTHER) if bad else led(40 * HOUR, 302)
    return life(led(0, 302, {}, GOOD), led(20 * HOUR, 302), led(30 * HOUR, 302), direct)


@case("D3")
def goes_in_a_circle(bad):
    hops = [(Reply(status=302), URL), (Reply(status=302), OTHER)] + ([(Reply(status=302), URL)] if bad else [])
    return life(visit(0, GOOD, {}, url="http://c.example/", hops=hops))


@case("D4")
def leaves_the_secured_wire(bad):
    secured = "https://a.example.org/feed"
    hops = [(Reply(status=302), secured)]
    script = {"url": secured, "config": {"auth": Credentials(user="u", password="p")}}
    return life(visit(0, GOOD, {}, url=URL if bad else secured + "2", hops=hops), script=script)


@case("D5")
def hands_a_password_on(bad):
    script = {"config": {"auth": Credentials(user="u", password="p")}}
    sent = {b"Authorization": b"Basic x"} if bad else {}
    return life(visit(0, GOOD, sent, url=OTHER, hops=[(Reply(status=302), URL)]), script=script)


@case("D6")
def sends_validators_of_another_address(bad):
    hops = [(Reply(status=302), URL, ETAG)]
    return life(FIRST, visit(HOUR, GOOD, ETAG if bad else {}, url=OTHER, hops=hops))


@case("D8")
def loses_what_was_answered(bad):
    return life(FIRST, stored={} if bad else {"a": {"a-0": START}})


@pytest.mark.parametrize("name", CASES)
def test_the_judge_sees_what_is_broken_and_nothing_else(name):
    """Every statement has a life that breaks it and its twin that does not."""
    rule, make = CASES[name]
    assert [str(one) for one in broken(make(bad=False))] == []
    assert {one.rule for one in broken(make(bad=True))} == {rule}


def test_a_clock_that_is_put_forward_is_no_excuse_for_more():
    """Two hours of a wait may be missing where our clock was put forward by two, and not more."""
    forward = [(2 * HOUR, 2 * HOUR)]
    visits = [FIRST, visit(HOUR, BUSY, failure="http_status")]
    assert broken(life(*visits, visit(3.2 * HOUR), steps=forward)) == []
    assert {one.rule for one in broken(life(*visits, visit(2.8 * HOUR), steps=forward))} == {"P5"}


def test_every_statement_has_a_case():
    wanted = (
        {f"E{n}" for n in (1, 2, 3, 5, 8, 9)}
        | {f"P{n}" for n in range(1, 11)}
        | {f"D{n}" for n in (1, 2, 3, 4, 5, 6, 8)}
    )
    assert {rule for rule, _ in CASES.values()} == wanted | {"R1", "R2", "R3", "R5"}


def test_time_is_told_right():
    assert moment(HOUR) - START == timedelta(hours=1)
