"""The seams: small protocols, one per need. Steps and pipelines take these; wiring.py supplies what is real.

Everything here is synchronous. Waiting is hidden behind futures: the fetcher's event loop and the reader's
processes are private to the classes that implement them.
"""

from aggregator.ports.audience import AudienceStore
from aggregator.ports.collecting import AppliedStore, DropStore, ItemStore, SourceStore, StoryStore
from aggregator.ports.days import DayStore
from aggregator.ports.digests import DigestStore
from aggregator.ports.filling import FillingStore
from aggregator.ports.hub import HubStore
from aggregator.ports.publishing import ArchiveStore, DocumentStore, SearchStore, TokenStore, TopicStore
from aggregator.ports.push import SubscriptionStore
from aggregator.ports.robots import RobotsStore
from aggregator.ports.store import Rooms, Store
from aggregator.ports.visiting import Caller, Clock, Fetcher, Reader

__all__ = [
    "AppliedStore",
    "ArchiveStore",
    "AudienceStore",
    "Caller",
    "Clock",
    "DayStore",
    "DigestStore",
    "DocumentStore",
    "DropStore",
    "Fetcher",
    "FillingStore",
    "HubStore",
    "ItemStore",
    "Reader",
    "RobotsStore",
    "Rooms",
    "SearchStore",
    "SourceStore",
    "Store",
    "StoryStore",
    "SubscriptionStore",
    "TokenStore",
    "TopicStore",
]
