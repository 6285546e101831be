"""WebSub, both ways (W3C Recommendation, 23 January 2018). Everything here is pure.

::

    signature.py   `method=hex` over a body: made and checked (§7.1, §7.2)
"""

from aggregator.steps.push.signature import sign, verify

__all__ = ["sign", "verify"]
