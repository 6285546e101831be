"""When a source is visited next, and why: `after(due, outcome, settings, now) -> Visits`.

`offline` is its twin for when nothing at all can be reached; `postponed` looks again before a visit begins. Everything
here is pure; no rule reads a clock.

::

    after.py     outcome → everything the store remembers of the source       rhythm.py   a source's own pace
    plan.py      the rules, the strongest first, each with its sentence       backoff.py  failures
    skips.py     skipHours and skipDays                                       spread.py   deterministic jitter
    allowed.py   whether a source's own address is on fetch.allow_hosts       words.py    durations for people
    moved.py     permanent redirects, believed and asked directly             pattern.py  hours and days it publishes in
    pushed.py    sources whose hub pushes                             appointed.py  sources that publish by the clock
"""

from aggregator.steps.due.after import after, offline
from aggregator.steps.due.allowed import allowed
from aggregator.steps.due.moved import address
from aggregator.steps.due.plan import postponed
from aggregator.steps.due.pushed import resumed

__all__ = ["address", "after", "allowed", "offline", "postponed", "resumed"]
