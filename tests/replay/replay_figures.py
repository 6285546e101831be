"""What a log says in figures: requests, bodies fetched in vain, bursts, and how late news is noticed."""

from collections import Counter, defaultdict
from statistics import median

from tests.replay.replay_log import edited, exchanges, own
from tests.replay.replay_net import DAY, HOUR
from tests.replay.replay_time import moment

PRECONDITION_FAILED = 412
START_UP = 120.0  # seconds after a start that count as start-up


def in_vain(log):
    """Whole bodies that the source had already: (visit, why it came) for each."""
    found = []
    by_source = defaultdict(list)
    for visit in log.visits:
        by_source[visit.source].append(visit)
    for source, visits in by_source.items():
        script, before, status = log.scripts[source], None, None
        for visit in visits:
            refused, status = status == PRECONDITION_FAILED, own(visit)[-1].reply.status if own(visit) else None
            good = [one for one in own(visit) if one.reply.good and one.reply.status == 200]
            if not good:
                continue
            if before is not None and good[-1].reply.body == before[0].reply.body:
                why = "the server refuses conditions" if refused else _why(script, good[-1], *before)
                found.append((visit, why))
            before = good[-1], visit
    return found


def _why(script, one, before, visit):
    if not (before.reply.header(b"ETag") or before.reply.header(b"Last-Modified")):
        return "the server gives no validator"
    if before.url != one.url:
        return "it was led to another address"
    if edited(script, before.at, one.at):
        return "its owner edited the source"
    if one.header(b"If-None-Match") or one.header(b"If-Modified-Since"):
        return "the server ignores its own validators"
    if visit.report is None:
        return "we were killed before the first was stored"
    return "our fault"


def lateness(log):
    """Source → seconds from an entry's publication until it was answered and stored, entries of the run only."""
    first = {}
    for visit in log.visits:
        for one in own(visit):
            if one.reply.good and visit.report is not None and visit.report.failure is None:
                for guid in one.reply.guids:
                    first.setdefault((visit.source, guid), one.ended)
    found = defaultdict(list)
    for source, script in log.scripts.items():
        for number, at in enumerate(script.entries):
            guid = script.guid(number)
            if script.config.get("kind"):
                guid = f"http://{script.id}.example.org/{guid}"
            if at >= 0 and (source, guid) in first:
                found[source].append(first[source, guid] - at)
    return found


def bursts(log):
    """Most requests in a minute: at a start, in the first minute of an hour, elsewhere; and to one host.

    What a person asked for by hand is left out.
    """
    counts, hosts = Counter(), Counter()
    wished = {id(one) for visit in log.visits if visit.forced for one in visit.exchanges}
    for one in exchanges(log):
        if id(one) in wished:
            continue
        minute = int(moment(one.at).timestamp() // 60)
        counts[minute] += 1
        hosts[minute, one.host] += 1
    starts = {int(moment(at + s).timestamp() // 60) for at in log.starts for s in (0, START_UP)}
    usual = {minute: count for minute, count in counts.items() if minute not in starts}
    return {
        "fair share": sum(counts.values()) / (log.end / 60),
        "at a start": max(counts[minute] for minute in starts),
        "in the first minute of an hour": max((c for m, c in usual.items() if m % 60 == 0), default=0),
        "mean of those first minutes": sum(c for m, c in usual.items() if m % 60 == 0) / (log.end / HOUR),
        "anywhere else": max(usual.values(), default=0),
        "to one host": max(hosts.values()),
    }


def table(log, violations):
    """All of it as lines to print."""
    days = log.end / DAY
    asked, answered, late = Counter(), Counter(), lateness(log)
    for visit in log.visits:
        kind = log.scripts[visit.source].kind
        asked[kind] += len(visit.exchanges)
        answered[kind] += sum(one.reply.status == 304 for one in visit.exchanges)
    kinds = defaultdict(list)
    for source, script in log.scripts.items():
        kinds[script.kind].append(source)
    titles = ("late: half", "nine tenths", "all")
    yield f"{'kind':24}{'sources':>8}{'requests':>10}{'a day':>8}{'304':>6}{'entries':>9}" + "".join(
        f"{title:>12}" for title in titles
    )
    for kind, sources in kinds.items():
        waits = sorted(wait for source in sources for wait in late[source])
        told = (
            [_span(waits[min(len(waits) - 1, int(len(waits) * part))]) for part in (0.5, 0.9, 1.0)]
            if waits
            else ["-"] * 3
        )
        yield (
            f"{kind:24}{len(sources):8}{asked[kind]:10}{asked[kind] / days / len(sources):8.1f}"
            f"{answered[kind] / max(1, asked[kind]):6.0%}{len(waits):9}{told[0]:>12}{told[1]:>12}{told[2]:>12}"
        )
    waits = sorted(wait for many in late.values() for wait in many)
    yield ""
    total = sum(asked.values())
    each = total / days / len(log.scripts)
    yield f"{len(log.scripts)} sources, {days:g} days, {total} requests: {each:.1f} a source and day"
    yield f"answered with 304: {sum(answered.values()) / total:.0%}"
    yield f"news noticed after {_span(median(waits))} (half of it), {_span(waits[int(len(waits) * 0.9)])} (nine tenths)"
    yield "requests in a minute: " + ", ".join(f"{name} {count:.3g}" for name, count in bursts(log).items())
    vain = Counter(why for _, why in in_vain(log))
    yield f"whole bodies fetched although unchanged: {sum(vain.values())} " + ", ".join(
        f"{why} {n}" for why, n in vain.most_common()
    )
    yield f"statements violated: {len(violations)}"
    yield from (f"  {one}" for one in violations[:40])


def _span(seconds):
    return f"{seconds / 60:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"
