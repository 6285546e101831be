"""A subscription's life: what is asked of the hub, and what its answers change (W3C WebSub §5).

::

    wanted → asked() → verified() → active → asked() before the lease ends → verified() …
               ↓ refused(), denied()            ↓ ended_lease(), denied()
             wanted, tried again later        wanted: polling is back to its own rhythm
    any → left() → asked() → verified() → ended

What is asked for is stored before the hub hears of it, so its verification is expected whatever happens to us
meanwhile. Jitter comes in as a share from 0 to 1.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from aggregator.domain.subscription import LIVE, PushState, Subscription
from aggregator.steps.push.reach import is_loopback

if TYPE_CHECKING:
    from datetime import datetime

WANTED_LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=30)
WINDOW = timedelta(hours=1)  # how long a verification is expected after it was asked for
RENEW_AT = 2 / 3  # of the lease, or a little earlier
SPREAD = 0.1
LEAST = timedelta(seconds=30)  # between renewals, however short the leases are that a hub grants
SOONEST, OFTEN = timedelta(seconds=5), timedelta(minutes=5)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=15), timedelta(days=7)
DAY = timedelta(days=1)
LEAVING_TRIES = 3
_LONGEST_WHY = 200
_DIGITS = re.compile(r"[0-9]{1,12}", re.ASCII)


def takes_secret(hub: str) -> bool:
    """Whether a secret may be told to that hub: over https, or without leaving this machine (WebSub §5.1)."""
    return urlsplit(hub).scheme == "https" or is_loopback(hub)


def asked(subscription: Subscription, *, callback: str, secret: str, now: datetime, share: float) -> Subscription:
    """The subscription at the moment its hub is asked; `callback` and `secret` are for one that has none yet."""
    one = replace(
        subscription,
        callback=subscription.callback or callback,
        failures=subscription.failures + 1,  # until the hub has verified it
        asked_until=now + WINDOW,
    )
    if one.state is PushState.ACTIVE:
        return replace(one, next_try=_before_the_end(one, now, share))
    if one.state is PushState.WANTED and one.secret is None and takes_secret(one.hub):
        one = replace(one, secret=secret)
    words = "its end was asked for" if one.state is PushState.LEAVING else "asked for"
    return replace(
        one,
        next_try=now + max(WINDOW, _backoff(one.failures, share)),
        reason=f"{words}, the hub is to verify it",
    )


def form(subscription: Subscription) -> bytes:
    """What the hub is asked, as `application/x-www-form-urlencoded` in UTF-8."""
    subscribe = subscription.state is not PushState.LEAVING
    fields = {
        "hub.callback": subscription.callback or "",
        "hub.mode": "subscribe" if subscribe else "unsubscribe",
        "hub.topic": subscription.topic,
    }
    if subscribe:
        fields["hub.lease_seconds"] = str(int(WANTED_LEASE.total_seconds()))
        if subscription.secret is not None and takes_secret(subscription.hub):
            fields["hub.secret"] = subscription.secret
    return urlencode(fields, errors="surrogatepass").encode("ascii")


def expects(subscription: Subscription, mode: str, topic: str, now: datetime) -> bool:
    """Whether a hub's question is about what was asked of it, and not too late."""
    wanted = "unsubscribe" if subscription.state is PushState.LEAVING else "subscribe"
    return (
        subscription.state is not PushState.ENDED
        and subscription.asked_until is not None
        and now <= subscription.asked_until
        and mode == wanted
        and topic == subscription.topic
    )


def lease_of(text: str | None) -> int | None:
    """`hub.lease_seconds` as it can be believed: a positive number of seconds, 30 days at most; else None."""
    found = _DIGITS.fullmatch((text or "").strip())
    seconds = int(found[0]) if found else 0
    return min(seconds, int(LONGEST_LEASE.total_seconds())) or None


def verified(
    subscription: Subscription, *, subscribe: bool, lease: int | None, now: datetime, share: float
) -> Subscription:
    """After the hub asked whether we meant it, and was told yes. Without a lease it has the one asked for."""
    if subscribe and subscription.state in LIVE:
        length = WANTED_LEASE if lease is None else timedelta(seconds=lease)
        until = now + length
        renew = now + max(length * (RENEW_AT - SPREAD * share), SOONEST)
        return replace(
            subscription,
            state=PushState.ACTIVE,
            lease_until=until,
            next_try=max(min(renew, until), now + LEAST),
            failures=0,
            reason="the hub delivers",
        )
    if not subscribe and subscription.state is PushState.LEAVING:
        return ended(subscription, subscription.reason, now)
    return subscription


def refused(
    subscription: Subscription, why: str, *, heard: bool, retry_at: datetime | None, now: datetime, share: float
) -> Subscription:
    """The hub said no, or nothing: asked again later, the next of the feed's hubs where there are several.

    A hub that was not `heard` may have heard us: its verification is still expected.
    """
    if subscription.state is PushState.LEAVING and subscription.failures >= LEAVING_TRIES:
        return ended(subscription, why, now)
    if subscription.state is PushState.ACTIVE:
        return replace(
            subscription, next_try=_later(_before_the_end(subscription, now, share), retry_at, subscription.lease_until)
        )
    wait = _backoff(subscription.failures, share)
    if not heard:  # it, or our own network, may be back any day
        wait = min(wait, DAY)
    at = _later(now + wait, retry_at, None)
    if subscription.state is PushState.WANTED:
        subscription = replace(_elsewhere(subscription), asked_until=None if heard else subscription.asked_until)
    return replace(subscription, next_try=at, reason=why)


def overdue(subscription: Subscription, now: datetime) -> Subscription:
    """The same when its next try has come: over, lapsed, or at another hub where this one never verified."""
    until = subscription.lease_until
    if subscription.state is PushState.LEAVING:
        over = subscription.failures >= LEAVING_TRIES or (until is not None and until <= now)
        return ended(subscription, subscription.reason, now) if over else subscription
    if lease_ended(subscription, now):
        return lapsed(subscription, now)
    if subscription.state is PushState.WANTED and subscription.asked_until is not None and subscription.failures:
        return _elsewhere(subscription)
    return subscription


def denied(subscription: Subscription, why: str, now: datetime, share: float) -> Subscription:
    """The hub will not deliver, or no longer (WebSub §5.2)."""
    if subscription.state not in LIVE:
        return subscription if subscription.state is PushState.ENDED else ended(subscription, "denied by the hub", now)
    failures = max(1, subscription.failures)
    wait = max(DAY * (1 + SPREAD * share), _backoff(failures, share))
    said = " ".join("".join(c if c.isprintable() else " " for c in why[:_LONGEST_WHY]).split())
    return replace(
        _elsewhere(subscription),
        state=PushState.WANTED,
        failures=failures,
        asked_until=None,
        lease_until=None,
        next_try=now + wait,
        reason="denied by the hub" + (f": {said}" if said else ""),
        proven=False,
        delivered_at=None,
    )


def lease_ended(subscription: Subscription, now: datetime) -> bool:
    """Whether an active one is not active any more, because nobody renewed it."""
    until = subscription.lease_until
    return subscription.state is PushState.ACTIVE and until is not None and until <= now


def lapsed(subscription: Subscription, now: datetime) -> Subscription:
    """After its lease ended: asked for anew at once."""
    return replace(
        subscription,
        state=PushState.WANTED,
        lease_until=None,
        next_try=now,
        reason="its lease ended before the hub renewed it",
        proven=False,
        delivered_at=None,
    )


def left(subscription: Subscription, why: str, now: datetime) -> Subscription:
    """Given up by us; the hub is told, unless it never heard of us."""
    if subscription.callback is None:
        return ended(subscription, why, now)
    return replace(
        subscription,
        state=PushState.LEAVING,
        failures=0,
        asked_until=None,
        next_try=now,
        reason=why,
        proven=False,
        delivered_at=None,
    )


def ended(subscription: Subscription, why: str, now: datetime) -> Subscription:
    """Over: its callback is gone. From now on `lease_until` tells when that was."""
    return replace(
        subscription,
        state=PushState.ENDED,
        asked_until=None,
        lease_until=now,
        next_try=None,
        reason=why,
        proven=False,
        delivered_at=None,
    )


def _elsewhere(subscription: Subscription) -> Subscription:
    """The same at the next of the feed's hubs, as a stranger: another hub must not know this one's secret."""
    hubs = subscription.hubs
    if len(hubs) == 1 or subscription.hub not in hubs:
        return subscription
    following = hubs[(hubs.index(subscription.hub) + 1) % len(hubs)]
    return replace(subscription, hub=following, callback=None, secret=None)


def _before_the_end(subscription: Subscription, now: datetime, share: float) -> datetime:
    """When a renewal is tried again: several times before the lease ends, and then."""
    until = subscription.lease_until or now
    left_over = until - now
    wait = max(min(left_over / 3, _backoff(subscription.failures, share)), min(left_over / 2, OFTEN), SOONEST)
    return min(now + wait, max(until, now))


def _later(at: datetime, wish: datetime | None, end: datetime | None) -> datetime:
    chosen = at if wish is None else max(at, wish)
    return chosen if end is None else min(chosen, end)


def _backoff(failures: int, share: float) -> timedelta:
    """It doubles from a quarter of an hour to a week."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(max(failures, 1) - 1, 16)
    return min(doubled, LONGEST_RETRY) * (1 + SPREAD * share)
