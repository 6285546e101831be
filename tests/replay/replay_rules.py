"""The statements of polite fetching, checked against a log of requests as servers saw them.

Each rule is a generator of `Broken`; `broken(log)` is all of them. Times are true seconds. Where our own clock was put
forward between two requests that much less time may have passed between them: nobody can know better.
"""

from collections import defaultdict
from datetime import UTC
from itertools import pairwise

from tests.replay.replay_log import SOON, Broken, address, edited, elapsed, own, pairs
from tests.replay.replay_net import DAY, HOUR
from tests.replay.replay_wide import bugs, held_hosts, hosts, kept, outage, plans, requests, same_body

CONDITIONS = ((b"If-None-Match", b"ETag"), (b"If-Modified-Since", b"Last-Modified"))
THROTTLED = {429, 503}
REFUSED = {401, 403, 451}
MOST_HOPS = 10


def broken(log):
    """Every violation in a log."""
    found = []
    lives = defaultdict(list)
    for visit in log.visits:
        lives[visit.source].append(visit)
    for source, visits in lives.items():
        script = log.scripts[source]
        for rule in (validators, pace, wishes, refusals, backing_off, gone, redirects, secrets, auxiliary, never_lost):
            found += rule(log, script, visits)
    for rule in (requests, hosts, held_hosts, plans, same_body, outage, bugs, kept):
        found += rule(log)
    return sorted(found, key=lambda one: (one.at, one.rule))


def validators(log, script, visits):
    """E1 to E4, E6 to E8, D6: what a server gave with its last good answer, and that only, comes back to it."""
    expected, at = (None, {}), 0.0
    for visit in visits:
        if edited(script, at, visit.at):
            expected = (None, {})
        for one in own(visit):
            sent = {name: one.header(name) for name, _ in CONDITIONS if one.header(name) is not None}
            wanted = expected[1] if one.url == expected[0] else {}
            if sent != wanted:
                yield Broken(_which(sent, wanted, one.url, expected), visit.source, one.at, f"{sent} for {wanted}")
        at = visit.at
        if visit.report is not None and own(visit):
            expected = _vouched(own(visit)[-1], expected)


def _which(sent, wanted, url, expected):
    if sent and url != expected[0] and expected[0] is not None:
        return "D6"
    if not wanted:
        return "E2"
    return "E3" if sent else "E1"


def _vouched(last, expected):
    reply = last.reply
    if reply.good:
        return last.url, {name: reply.header(mark) for name, mark in CONDITIONS if reply.header(mark)}
    if reply.status == 304 and expected[1]:
        renewed = {name: reply.header(mark) for name, mark in CONDITIONS if reply.header(mark)}
        return last.url, expected[1] | renewed
    if reply.status == 412:  # it took them for preconditions
        return None, {}
    return expected


def pace(log, script, visits):
    """P1 and P2: not below the floor, and not while the answer is fresh."""
    floor = max(log.settings.min_interval.total_seconds(), 0)
    for before, after, gap in pairs(log, script, visits):
        if gap < floor - SOON - 31:  # the visit itself takes some of it
            yield Broken("P1", after.source, after.at, f"after {gap:.0f} s")
        last = own(before)[-1].reply
        fresh = min(last.fresh or 0.0, log.settings.max_interval.total_seconds())
        if (last.good or last.status in (304, 404)) and gap < fresh - SOON:
            yield Broken("P2", after.source, after.at, f"after {gap:.0f} s of {fresh:.0f}")


def wishes(log, script, visits):
    """P3 and P4: ttl and sy:updatePeriod, skipHours and skipDays of the last good document."""
    wish = None
    held = {id(after): gap for _, after, gap in pairs(log, script, visits)}
    for visit in visits:
        if wish is not None and id(visit) in held:
            least = min(wish.interval, log.settings.max_interval.total_seconds())
            if held[id(visit)] < least - SOON:
                yield Broken("P3", visit.source, visit.at, f"after {held[id(visit)]:.0f} s of {least:.0f}")
            ours = own(visit)[0].ours.astimezone(UTC)
            if ours.hour in wish.skip_hours and len(wish.skip_hours) < 24:
                yield Broken("P4", visit.source, visit.at, f"at {ours:%H:%M}")
            if ours.weekday() in wish.skip_days and len(wish.skip_days) < 7:
                yield Broken("P4", visit.source, visit.at, f"on {ours:%A}")
        good = [one.reply for one in own(visit) if one.reply.good]
        if good and visit.report is not None:
            wish = good[-1].wish


def refusals(log, script, visits):
    """P5, P6 and P9: no request before a Retry-After is over, by nobody's wish; an absurd one counts for a week."""
    until, began = 0.0, 0.0
    for visit in visits:
        now = elapsed(log, began, visit.at) + began
        if now < until - SOON and not edited(script, began, visit.at):
            rule = "P9" if visit.forced else "P5"
            yield Broken(rule, visit.source, visit.at, f"{until - now:.0f} s too early")
        if visit.report is None or not own(visit):
            continue
        last = own(visit)[-1]
        if last.reply.retry and last.ended:
            until, began = last.ended + min(last.reply.retry, 7 * DAY), last.ended


def backing_off(log, script, visits):
    """P5 without a Retry-After, P7 and E8: 15 minutes, doubled to a day; four hours for a server that says no."""
    failed = 0
    for before, after, gap in pairs(log, script, visits):
        reply = own(before)[-1].reply
        if before.report.failure is None:
            failed = 0
            continue
        failed += 1
        least = min(DAY, 900.0 * 2 ** min(failed - 1, 16))
        refused = reply.status in REFUSED or reply.challenge
        if refused:
            least = max(least, 4 * HOUR)
        if reply.status == 410:
            least = 3 * HOUR
        if reply.retry:
            least = 0.0
        unreached = before.report.failure.code.value in ("timeout", "connect", "dns", "tls", "offline")
        if gap < least - SOON and not unreached:
            rule = "P5" if reply.status in THROTTLED and not refused else "E8" if reply.status == 304 else "P7"
            yield Broken(rule, after.source, after.at, f"{gap:.0f} s after failure {failed}, not {least:.0f}")


def gone(log, script, visits):
    """P7: two 410, hours apart, end polling."""
    first, over = None, False
    for visit in visits:
        if over and not visit.forced and not edited(script, over, visit.at):
            yield Broken("P7", visit.source, visit.at, "visited although it is gone")
        last = own(visit)[-1] if own(visit) else None
        if last is None or last.reply.status != 410:
            first = None
        elif first is None:
            first = last.at
        elif last.at - first >= 3 * HOUR:
            over = last.at


def never_lost(log, script, visits):
    """P7: nothing but 410 ends polling, and no wait is longer than a day, or what the server asked for."""
    moments = [0.0, *(visit.at for visit in visits), log.end]
    host = script.url.split("/")[2]
    for start, end in pairwise(moments):
        before = next((v for v in reversed(visits) if v.at <= start and own(v)), None)
        most = 1.12 * max(DAY, log.settings.max_interval.total_seconds()) + 900
        last = own(before)[-1].reply if before else None
        if last is not None:
            most = max(most, 1.12 * min(last.retry or 0.0, 7 * DAY))
            wish = last.wish
            most += 3 * DAY * bool(wish.skip_days) + DAY * bool(wish.skip_hours)
        if script.wish.skip_days:
            most += 5 * DAY
        most += sum(max(0.0, min(end, b) - max(start, a)) for a, b in log.down + log.off)
        most += sum(max(0.0, min(end, b) - max(start, a)) for name, a, b in log.broken if name == host)
        most += DAY * any(start <= b <= end for name, _, b in log.broken if name == host)
        most += sum(-seconds for at, seconds in log.steps if start <= at <= end and seconds < 0)
        state = log.states.get(script.id)
        if end - start > most and not (state is not None and state.gone):
            yield Broken("P7", script.id, end, f"not visited for {(end - start) / HOUR:.0f} h")


def redirects(log, script, visits):
    """D1, D2, D3: who is asked first, when a move is believed, and how far a chain is followed."""
    believed, seen, since, last, asked_own = None, 0, 0.0, 0.0, 0.0
    for visit in visits:
        chain = own(visit)
        if not chain:
            continue
        home = address(script, visit.at)
        if chain[0].url == home:
            asked_own = visit.at
        elif not (seen >= 3 and elapsed(log, since, last) >= DAY - SOON and chain[0].url == believed):
            yield Broken("D1" if believed else "D2", visit.source, visit.at, f"asked {chain[0].url} first")
        elif visit.at - asked_own > 8.5 * DAY:
            yield Broken("D1", visit.source, visit.at, "the configured address is not asked any more")
        urls = [one.url for one in chain]
        if len(urls) > MOST_HOPS + 1 or len(set(urls)) < len(urls):
            yield Broken("D3", visit.source, visit.at, f"{len(urls)} requests: {urls[-1]}")
        if visit.report is None or visit.report.failure is not None or chain[0].url != home:
            continue
        permanent = len(chain) > 1 and all(one.reply.status in (301, 308) for one in chain[:-1])
        target = chain[-1].url if permanent else None
        if target is None or target != believed:
            believed, seen, since = target, 0, chain[-1].ended
        seen, last = seen + 1, chain[-1].ended


def secrets(log, script, visits):
    """D4 and D5: what belongs to an origin stays there, and off the open wire."""
    own_names = {b"authorization", b"cookie", *(name.lower().encode() for name, _ in script.config.get("headers", ()))}
    if not own_names & {b"x-key"} and not script.config.get("auth"):
        return
    for visit in visits:
        origin = address(script, visit.at).split("/")[:3]
        for one in own(visit):
            if one.url.split("/")[:3] != origin and own_names & {name.lower() for name, _ in one.headers}:
                yield Broken("D5", visit.source, one.at, f"credentials sent to {one.url}")
            if origin[0] == "https:" and one.url.startswith("http:"):
                yield Broken("D4", visit.source, one.at, "from https to http")


def auxiliary(log, script, visits):
    """P10: robots.txt once a day, whatever came of it (its own trouble: not more often than the page)."""
    asked = [one for visit in visits for one in visit.exchanges if one.url.endswith("/robots.txt")]
    for before, after in pairwise(asked):
        restarted = any(before.at <= at <= after.at for at in log.starts)
        if elapsed(log, before.at, after.at) < DAY - SOON and not restarted and before.reply.status < 500:
            yield Broken(
                "P10", script.id, after.at, f"asked for robots.txt again after {(after.at - before.at) / HOUR:.1f} h"
            )
