"""Stories → a topic's selection. Entry points: `parse_query`, `Matcher` (which items a topic takes), `select`."""

from aggregator.steps.select.asked import asked
from aggregator.steps.select.clauses import compile_query
from aggregator.steps.select.decided import NOTHING, by_kind, decided, settled
from aggregator.steps.select.errors import QueryError
from aggregator.steps.select.fingerprint import fingerprint
from aggregator.steps.select.flood import flood
from aggregator.steps.select.matcher import MATCHER_VERSION, Matcher, digest
from aggregator.steps.select.needed import needed
from aggregator.steps.select.parse import parse_query
from aggregator.steps.select.periods import period_of
from aggregator.steps.select.prepared import Prepared
from aggregator.steps.select.printing import print_query
from aggregator.steps.select.selection import representative, select
from aggregator.steps.select.sense import sense, without
from aggregator.steps.select.verdicts import reason as decide_query

__all__ = [
    "MATCHER_VERSION",
    "NOTHING",
    "Matcher",
    "Prepared",
    "QueryError",
    "asked",
    "by_kind",
    "compile_query",
    "decide_query",
    "decided",
    "digest",
    "fingerprint",
    "flood",
    "needed",
    "parse_query",
    "period_of",
    "print_query",
    "representative",
    "select",
    "sense",
    "settled",
    "without",
]
