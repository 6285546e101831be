"""The served side: published documents with their validators, the status page, and what machines ask for.

Nothing is rendered here but the status and error pages; documents come from the store as they were published.
"""

from aggregator.app.web.application import create_app
from aggregator.app.web.audience import ReaderCount
from aggregator.app.web.health import Health
from aggregator.app.web.serve import Server

__all__ = ["Health", "ReaderCount", "Server", "create_app"]
