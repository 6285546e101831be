"""A mistake in a query, and the words for it."""

from __future__ import annotations

from aggregator.errors import AggregatorError


class QueryError(AggregatorError):
    """A query that cannot be read. `column` counts from 1 in its text; `message` says what to write instead."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.message = message
        self.column = column

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int]]:
        return type(self), (self.message, self.column)
