"""One address → one response: `HttpFetcher.fetch(Request)` gives a future of `Response` or `NotModified`.

::

    fetcher.py    the face: a future a visit; the event loop and its thread are private
    pace.py       whose turn it is: slots and gaps per host, a total
    visit.py      one visit: hops by hand under one deadline        ask.py          what a hop sends
    transport.py  one hop: one guarded connection, h11 over it      conditional.py  validators, opaque
    guard.py      which resolved addresses may be dialled           answers.py      freshness, Retry-After
    lookup.py     names, in threads of their own                    inflate.py      bounded decompression
    wire.py       bytes of one connection                           tls.py          verification, our certificates
    dial.py       the first of several addresses that answers       proxy.py        a source's own way to the net
    challenge.py  walls that want a person, by name               socks.py        the same through SOCKS 5
    holds.py      hosts that asked to be left alone               robots.py       for pages and sitemaps
    call.py       requests that are no visit: WebSub's            robots_rules.py what a robots.txt says of us
    errors.py     every foreign exception → a FetchError's code     files.py        kind: file
"""

from aggregator.steps.fetch.fetcher import HttpFetcher
from aggregator.steps.fetch.files import FileFetcher, local_file
from aggregator.steps.fetch.robots import ObedientFetcher

__all__ = ["FileFetcher", "HttpFetcher", "ObedientFetcher", "local_file"]
