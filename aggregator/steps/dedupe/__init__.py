"""Items → stories: who an entry is within its source, and which story it belongs to.

`identify` gives every entry of a document the keys it is known by; `one_each` keeps one entry for each name.
`decide` turns items, what the store knows of their keys, and the stories that are candidates into intents,
each with its reason. All three are pure.
"""

from aggregator.steps.dedupe.decision import decide
from aggregator.steps.dedupe.keys import identify, one_each

__all__ = ["decide", "identify", "one_each"]
