"""What the fork server loads before the first worker starts: workers share these pages instead of loading them each.

Importing this module is its whole purpose: it reads one small document, so that dictionaries are loaded and
patterns compiled, and then keeps the collector from writing to what is shared.
"""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from aggregator.app import worker  # noqa: F401 - to have it loaded
from aggregator.app.memory import give_back
from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.pipeline import visit

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_FEED = """<rss version="2.0"><channel><title>臺灣</title><item><title>臺灣</title><link>https://example.org/</link>
<pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate>
<description>&lt;p&gt;臺灣&lt;/p&gt;</description></item></channel></rss>"""

visit.read(
    ReadContext(source_id="preload", language=None, timezone=None, encoding=None, max_entries=1),
    (Response(source_id="preload", url="https://example.org/", body=_FEED.encode(), received_at=_NOW),),
    frozenset(),
    _NOW,
)
give_back()
gc.collect()
gc.freeze()
