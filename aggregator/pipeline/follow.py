"""What a feed says of hubs → the subscription its source has; and its rhythm when push ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.source import SourceKind
from aggregator.domain.subscription import LIVE
from aggregator.steps.due import allowed, resumed
from aggregator.steps.push import discover, subscribe
from aggregator.steps.push.reach import is_public

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.domain.subscription import Subscription
    from aggregator.ports import Rooms

CALLBACK = "websub"
HUB = "hub"  # our own, which we are no subscriber of


def follow(rooms: Rooms, source: Source, info: FeedInfo | None, configuration: Configuration, now: datetime) -> None:
    """See that a source has the subscription its feed offers, in this transaction."""
    have = rooms.subscriptions.live([source.id]).get(source.id)
    if have is not None or info is not None:
        settle(rooms, source, have, info, configuration=configuration, now=now)


def settle(
    rooms: Rooms,
    source: Source,
    have: Subscription | None,
    info: FeedInfo | None,
    *,
    configuration: Configuration,
    now: datetime,
) -> None:
    """The same for one whose subscription is known."""
    offer = _offered(source, info, configuration)
    changed: list[Subscription] = []
    kept = have
    if have is not None and offer is not None and not _is_ours(have, configuration):
        changed.append(subscribe.left(have, "site.url changed", now))
        kept = None
    why = "the source is paused" if not source.enabled else "its feed offers no hub that may be asked"
    changed += discover.follow(source.id, kept, offer, now, why)
    for one in changed:
        _store(rooms, one)
    if have is not None and any(one.id == have.id and one.state not in LIVE for one in changed):
        resume(rooms, have, source, configuration=configuration, now=now, why="push has ended")


def own_entries(url: str, configuration: Configuration) -> tuple[str, ...]:
    """The entries of `fetch.allow_hosts` that name the host of a source's address: its hub may be on these too.

    An entry of another port of that host counts, if the source is on one itself; what else is listed does not: a feed
    must not make us post forms to whatever is on the owner's network.
    """
    entries = configuration.fetch.allow_hosts
    if not allowed(url, entries):
        return ()
    host = urlsplit(url).hostname or ""
    shown = f"[{host}]" if ":" in host else host
    at_port = {entry: f"http://{shown}:{entry.rpartition(':')[2]}/" for entry in entries}
    return tuple(entry for entry in entries if allowed(url, (entry,)) or allowed(at_port[entry], (entry,)))


def distrust(rooms: Rooms, one: Subscription, source: Source, configuration: Configuration, now: datetime) -> None:
    """A delivery was lost on us: what it held is for a poll to find."""
    rooms.subscriptions.put(replace(one, delivered_at=None, proven=False))
    resume(rooms, one, source, configuration=configuration, now=now, why="a delivery could not be read")


def resume(
    rooms: Rooms, one: Subscription, source: Source | None, *, configuration: Configuration, now: datetime, why: str
) -> None:
    """Polling back in the source's own rhythm, where it had been slowed because of this subscription."""
    visits = rooms.sources.visits(one.source_id) if one.proven and source is not None else None
    if source is not None and visits is not None:
        rooms.subscriptions.hasten(source.id, resumed(source, visits, configuration.fetch, now, why))


def _store(rooms: Rooms, one: Subscription) -> None:
    if one.id:
        rooms.subscriptions.put(one)
    else:
        rooms.subscriptions.add(one)


def _is_ours(have: Subscription, configuration: Configuration) -> bool:
    return have.callback is None or have.callback.startswith(f"{configuration.site.url}/{CALLBACK}/")


def _offered(source: Source, info: FeedInfo | None, configuration: Configuration) -> discover.Offer | None:
    """What a feed offers that may be taken.

    A hub must be able to call us back. While site.url is not public only hubs can that are the owner's own: on an
    entry of `fetch.allow_hosts` that names the source's host.
    """
    if not source.enabled or source.kind is not SourceKind.FEED:
        return None
    entries = own_entries(source.url, configuration)
    public = is_public(configuration.site.url)
    ours = f"{configuration.site.url}/{HUB}"
    return discover.offered(
        info,
        usable=lambda hub: hub != ours and (public or allowed(hub, entries)),
        own=lambda hub: allowed(hub, entries),
        secured=source.url.lower().startswith("https:"),
    )
