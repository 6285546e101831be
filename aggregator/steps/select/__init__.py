"""Stories → a topic's selection. Entry points: `parse_query`, `Matcher` (which items a topic takes), `select`."""

from aggregator.steps.select.errors import QueryError
from aggregator.steps.select.parse import parse_query
from aggregator.steps.select.printing import print_query

__all__ = ["QueryError", "parse_query", "print_query"]
