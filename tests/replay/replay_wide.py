"""The statements that no single source keeps: hosts, headers, plans, and what became of it all."""

import re
from collections import defaultdict
from datetime import timedelta
from math import inf

from tests.replay.replay_log import SOON, Broken, edited, elapsed, exchanges, own
from tests.replay.replay_net import DAY

AGENT = re.compile(rb"aggregator/[0-9.]+ \(\+https://desk\.example/bot(; \d+ subscribers?)?\)")
ACCEPT = b"application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
ACCEPT_PAGE = b"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1"
HEADERS = {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection", b"if-none-match", b"if-modified-since"}


def requests(log):
    """R1, R2, R3, R5: what a request says of us, and that it asks for nothing but what is written or led to."""
    for source, url in log.unknown:
        yield Broken("R5", source, 0.0, f"nobody named {url}")
    for visit in log.visits:
        config = log.scripts[visit.source].config
        own_names = {name.lower().encode() for name, _ in config.get("headers", ())}
        own_names |= {b"authorization"} if config.get("auth") else set()
        own_names |= {b"cookie"} if config.get("cookies") else set()
        for one in visit.exchanges:
            names = [name.lower() for name, _ in one.headers]
            if not AGENT.fullmatch(one.header(b"User-Agent") or b""):
                yield Broken("R1", visit.source, one.at, f"User-Agent {one.header(b'User-Agent')}")
            if one.method != "GET" or "#" in one.url or len(names) != len(set(names)):
                yield Broken("R2", visit.source, one.at, f"{one.method} {one.url}")
            if set(names) - HEADERS - own_names:
                yield Broken("R2", visit.source, one.at, f"sent {set(names) - HEADERS - own_names}")
            accept = ACCEPT_PAGE if config.get("kind") else ACCEPT
            if one.header(b"Accept") != accept or one.header(b"Accept-Encoding") != b"gzip, deflate":
                yield Broken("R3", visit.source, one.at, f"Accept {one.header(b'Accept')}")


def hosts(log):
    """P8: one request at a time to a host, and a second between them."""
    last = {}
    for one in exchanges(log):
        if one.in_flight:
            yield Broken("P8", one.source, one.at, f"{one.in_flight} others under way at {one.host}")
        gap = one.at - last.get(one.host, -inf)
        if gap < log.settings.host_gap.total_seconds() - 0.03:
            yield Broken("P8", one.source, one.at, f"{gap:.2f} s after the last request to {one.host}")
        last[one.host] = one.at


def held_hosts(log):
    """P5: once a second address of a host is refused with a Retry-After, it holds for all of the host."""
    held = defaultdict(dict)  # host → address → (when it was refused, for how long)
    moments = [(one.at, 1, one) for one in exchanges(log)]
    moments += [(one.ended, 0, one) for one in exchanges(log) if one.ended is not None]
    for at, kind, one in sorted(moments, key=lambda m: m[:2]):
        refused = held[one.host]
        if kind == 1:
            left = sorted(long - elapsed(log, since, at) for since, long in refused.values())
            if len(left) >= 2 and left[-2] > SOON:
                yield Broken("P5", one.source, at, f"{one.host} is held for {left[-2]:.0f} s more")
        elif one.reply.retry and one.reply.status >= 400:
            refused[one.url] = at, min(one.reply.retry, 7 * DAY)
        elif one.reply.good or one.reply.status == 304:
            refused.pop(one.url, None)


def plans(log):
    """E5: no source is visited before the time that was planned, whoever restarts."""
    planned = {}
    events = [(visit.at, 1, visit) for visit in log.visits if own(visit)]
    events += [(at, 0, (source, when)) for source, told in log.plans.items() for at, when, _ in told]
    for at, kind, what in sorted(events, key=lambda event: event[:2]):
        if kind == 0:
            planned[what[0]] = at, what[1]
        elif not what.forced and what.source in planned:
            since, when = planned[what.source]
            if edited(log.scripts[what.source], since, at) or any(
                since <= s <= at and abs(n) >= DAY for s, n in log.steps
            ):
                continue
            if when is None or own(what)[0].ours < when - timedelta(seconds=SOON):
                yield Broken("E5", what.source, at, f"planned for {when}")


def same_body(log):
    """E9: a body that came before is not read again."""
    for source, told in log.reads.items():
        kept = {}
        for at, digest in told:
            last = max((t for t, d in kept.items() if d == digest), default=None)
            newest = max(kept, default=None)
            script = log.scripts[source]
            failed = any(
                t >= (last or 0) - SOON and r.failure
                for t, _, r in log.plans.get(source, ())
                if t <= (last or 0) + SOON
            )
            if last is not None and last == newest and not edited(script, last, at) and not failed:
                yield Broken("E9", source, at, "the same body is read twice")
            kept[at] = digest


def outage(log):
    """When nothing can be reached it is our network: no source's failures are counted."""
    for source, (before, after) in log.outage.items():
        if (
            after is not None
            and after > before
            and not any(name in log.scripts[source].url for name, _, _ in log.broken)
        ):
            yield Broken("P7", source, log.down[-1][1], f"{after - before} failures counted in an outage of ours")


def bugs(log):
    """P6: whatever a header says, it never ends in an exception."""
    for at, report in log.reports:
        if report.failure is not None and report.failure.code.value == "internal":
            yield Broken("P6", report.source_id, at, report.failure.message)


def kept(log):
    """D7, D8 and E6: whatever a server did in between, every entry that could be had is stored."""
    got = defaultdict(set)
    for visit in log.visits:
        for one in own(visit):
            if one.reply.good and visit.report is not None and visit.report.failure is None:
                got[visit.source] |= set(one.reply.guids)
    for source, script in log.scripts.items():
        stored = set(log.stored.get(source, ()))
        if missing := {one for one in got[source] if one not in stored}:
            yield Broken(
                "D8", source, log.end, f"{len(missing)} entries were answered and not stored: {sorted(missing)[:3]}"
            )
        shown = {script.guid(n) for n, at in enumerate(script.entries) if 0 <= at < log.end - 1.5 * DAY}
        if script.config.get("kind"):
            shown = {f"http://{script.id}.example.org/{guid}" for guid in shown}
        if lost := {one for one in shown if one not in stored} - script.cannot:
            yield Broken("D8", source, log.end, f"{len(lost)} entries were never seen: {sorted(lost)[:3]}")
