"""Which hub to subscribe at, and to what: the feed says so itself (W3C WebSub §4).

Reading has put the links of the HTTP header before those in the document. The topic is the feed's `self`, which may
differ from the address that is polled; a feed that names none has no topic, for the polled address may hold secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from aggregator.domain.subscription import PushState, Subscription
from aggregator.steps.push.reach import is_web
from aggregator.steps.push.subscribe import left, takes_secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.domain.entry import FeedInfo

MOST_HUBS = 4
HTTP_PORT = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What a feed offers: the hubs that may be asked, in its order, and the topic."""

    hubs: tuple[str, ...]
    topic: str


def offered(
    info: FeedInfo | None, *, usable: Callable[[str], bool], own: Callable[[str], bool], secured: bool
) -> Offer | None:
    """What a feed offers, or None.

    `usable` says of a web address whether that hub may be asked, `own` whether it is on the owner's own network.
    `secured`: what is polled comes over https, so what is pushed must be signed, and a secret goes over https only.
    """
    if info is None or info.self_link is None or not is_web(info.self_link):
        return None
    named = (one for hub in info.hubs if is_web(hub) for one in ([hub] if own(hub) else _forms(hub, secured=secured)))
    hubs = tuple(hub for hub in dict.fromkeys(named) if usable(hub))[:MOST_HUBS]
    return Offer(hubs=hubs, topic=info.self_link) if hubs else None


def _forms(hub: str, *, secured: bool) -> list[str]:
    """The addresses of a hub, the best first.

    Many feeds still name over http what has long been there over https as well: that is asked first. Without a
    secret anyone on the way could write the source's news.
    """
    if takes_secret(hub):
        return [hub]
    parts = urlsplit(hub)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    better = [] if parts.port not in {None, HTTP_PORT} else [urlunsplit(("https", shown, *parts[2:]))]
    return better if secured else [*better, hub]


def follow(
    source_id: str, have: Subscription | None, offer: Offer | None, now: datetime, why: str
) -> list[Subscription]:
    """The subscriptions to store so that a source has the one its feed offers: changed ones, and a new one.

    `why` is said of one that is given up because nothing is offered.
    """
    if have is not None and offer is not None and have.topic == offer.topic and have.hub in offer.hubs:
        return [] if have.hubs == offer.hubs else [replace(have, hubs=offer.hubs)]
    changed = [] if have is None else [left(have, why if offer is None else "the feed names another hub or topic", now)]
    if offer is not None:
        fresh = Subscription(
            source_id=source_id,
            state=PushState.WANTED,
            hubs=offer.hubs,
            hub=offer.hubs[0],
            topic=offer.topic,
            next_try=now,
            reason="named by the feed, to be asked for",
        )
        changed.append(fresh)
    return changed
