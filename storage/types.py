"""Column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TSVECTOR

from aggregator.domain.times import utc

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC: timestamptz in PostgreSQL, whole microseconds since 1970 in SQLite.

    SQLite has no type for time, and its driver's text drops the zone: 10:00+08:00 would come back as a naive
    10:00. Integers sort, compare and index as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Integers where the database has no time with a zone."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive datetimes."""
        if value is None:
            return None
        moment = utc(value)
        return (moment - EPOCH) // MICROSECOND if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always UTC, whatever zone the session has."""
        if value is None:
            return None
        return EPOCH + timedelta(microseconds=value) if dialect.name == "sqlite" else value.astimezone(UTC)


# SQLite numbers rows itself only where the type is spelled INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")
# Order by bytes, the same under every locale a PostgreSQL server may have.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")
Json = JSON(none_as_null=True)
# Words with spaces between them: they hold nothing that either database would read as anything but a word.
IndexWords = Text().with_variant(TSVECTOR(), "postgresql")
