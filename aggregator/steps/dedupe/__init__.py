"""Items → stories: who an entry is within its source, and which story it belongs to.

`identify` gives every entry of a document the keys it is known by; `one_each` keeps one entry for each name.
`sketch` is what is kept of an item's words to recognise copies of them; `worth_comparing` names the stories whose
texts may be its.
`decide` turns items, what the store knows of their keys, and the stories that are candidates into intents,
each with its reason. All are pure.
"""

from aggregator.steps.dedupe.decision import decide
from aggregator.steps.dedupe.keys import identify, one_each
from aggregator.steps.dedupe.shortlist import keys_of, worth_comparing
from aggregator.steps.dedupe.sketching import sketch

__all__ = ["decide", "identify", "keys_of", "one_each", "sketch", "worth_comparing"]
