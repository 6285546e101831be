"""A database with many made items behind it, filled as the program would fill it, only faster."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING

import sqlalchemy

from aggregator.domain.source import Source
from aggregator.steps.dedupe.placing import LIST
from aggregator.steps.dedupe.shingles import figures, fingerprints, shingles
from storage import Database
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

TITLE = 9  # tokens
FILLED = ("sources", "identities", "stories", "items", "story_exemplars")
BATCH = 5_000  # rows


def fill(path: Path, texts: Iterable[NDArray[np.uint32]], now: datetime) -> int:
    """Make a database in which each text is an item and a story of its own. Returns how many there are."""
    with closing(Database.open(f"sqlite:///{path}")) as store, store.write() as rooms:
        rooms.sources.sync([Source(id="background", url="https://background.example/", shown_url="-")], now)
    listed: dict[int, int] = defaultdict(int)
    postings: list[tuple[int, int]] = []
    count = 0
    moment = int(now.timestamp() * 1_000_000)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("PRAGMA cache_size=-1000000")
        source = database.execute("SELECT pk FROM sources").fetchone()[0]
        for count, text in enumerate(texts, 1):
            hashes = shingles(text)
            for key in fingerprints(hashes):
                if listed[key] < LIST:
                    listed[key] += 1
                    postings.append((key, count))
            _item(database, count, source, moment)
            database.execute(
                "INSERT INTO story_exemplars (item, story, several, headline_only, headlines, bare, title, figures, "
                "shingles) VALUES (?, ?, 0, 0, ?, x'', ?, ?, ?)",
                (
                    count,
                    count,
                    (count << 20).to_bytes(8, "little"),
                    text[:TITLE].astype("<u4").tobytes(),
                    figures(text).astype("<u4").tobytes(),
                    hashes.astype("<u2").tobytes(),
                ),
            )
        # In the order of arrival, as they would have come: pages filled in the order of their keys have no room for
        # another row, and every item measured later would split some.
        database.executemany("INSERT INTO story_postings (key, story) VALUES (?, ?)", postings)
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count


def carry(path: Path, url: str) -> None:
    """Copy what `fill` made to an empty PostgreSQL database."""
    with closing(Database.open(url)):
        pass
    made, engine = (sqlalchemy.create_engine(one) for one in (f"sqlite:///{path}", url))
    with made.connect() as here, engine.begin() as there:
        for name in FILLED:
            table = metadata.tables[name]
            rows = here.execute(sqlalchemy.select(table)).mappings()
            while part := rows.fetchmany(BATCH):
                there.execute(sqlalchemy.insert(table), [dict(row) for row in part])
        # Two million rows of two numbers: row by row they would take minutes.
        postings = here.execute(sqlalchemy.text("SELECT key, story FROM story_postings"))
        with there.connection.cursor().copy("COPY story_postings (key, story) FROM STDIN") as copying:
            for row in postings:
                copying.write_row(tuple(row))
        for name in ("sources", "identities", "stories"):
            newest = sqlalchemy.text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'pk'), (SELECT max(pk) FROM {name}))"
            )
            there.execute(newest)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(sqlalchemy.text("ANALYZE"))
    made.dispose()
    engine.dispose()


def _item(database: sqlite3.Connection, number: int, source: int, moment: int) -> None:
    name = f"tag:background,2026:{number}"
    database.execute(
        "INSERT INTO identities (pk, source, public_id, last_seen) VALUES (?, ?, ?, ?)", (number, source, name, moment)
    )
    database.execute(
        "INSERT INTO stories (pk, public_id, first_seen, last_copy) VALUES (?, ?, ?, ?)", (number, name, moment, moment)
    )
    database.execute(
        "INSERT INTO items (pk, source, story, story_reason, first_seen, order_at, changed_at, text_key, text_hash, "
        'words, untitled, truncated, title, text, guids) VALUES (?, ?, ?, \'{"rule": "first", "text": ""}\', ?, ?, ?, '
        "x'00', x'00', 0, 0, 0, 'made', '', '[]')",
        (number, source, number, moment, moment, moment),
    )
