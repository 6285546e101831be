"""The store: SQLAlchemy Core over SQLite and PostgreSQL, a file per table.

`Database.open(url)` is the way in; what it hands out are the rooms of `aggregator.ports`.
"""

from storage.database import Database
from storage.locks import Lock

__all__ = ["Database", "Lock"]
