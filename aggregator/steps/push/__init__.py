"""WebSub, both ways (W3C Recommendation, 23 January 2018). Everything here is pure.

::

    signature.py   `method=hex` over a body: made and checked (§7.1, §7.2)
    discover.py    what a feed offers → the subscriptions it should have (§4)
    subscribe.py   a subscription's life: asked, verified, renewed, refused, denied, left (§5)
    trust.py       when polling is slowed, and when no more
    reach.py       whether others can follow an address
    hub*.py        our own hub: what a request wants, what a delivery is, how often strangers may ask (§5, §7)
"""

from aggregator.steps.push.signature import sign, verify

__all__ = ["sign", "verify"]
