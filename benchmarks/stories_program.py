"""How well stories are told apart by the whole program: feeds on loopback over simulated days, the export scored.

    python benchmarks/stories_program.py FILE.jsonl [--hours 6] [--errors 20]

FILE holds labelled entries (see `aggregator stories evaluate`). Every source of it is served as an RSS feed. The
real command visits all of them every few simulated hours (`fetch --all --now`) and finds what was printed by then;
what it says of the stories is read from `export --format jsonl`.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aggregator.pipeline.labelled import labelled
from aggregator.pipeline.score import missed_and_merged, score
from aggregator.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aggregator.pipeline.labelled import Labelled
    from aggregator.pipeline.score import Score

LISTED = 200  # entries of a feed, the newest
AGAIN = 6  # more rounds at the end: on a busy machine a visit may have been cut off
FETCH = "fetch:\n  min_interval: 1s\n  per_host: 64\n  host_gap: 0s\n  timeout: 60s\n  allow_hosts: ['{host}']\n"


class Site:
    """The feeds of a labelled file at a moment."""

    def __init__(self, rows: Sequence[Labelled]) -> None:
        self.names = {source: f"s{number}" for number, source in enumerate(dict.fromkeys(row.source for row in rows))}
        self.moments = arrivals(rows)
        self.now = self.moments[0]
        self._entries: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for row, moment in zip(rows, self.moments, strict=True):
            self._entries[self.names[row.source]].append((moment, _item(row)))

    def feed(self, name: str) -> bytes:
        """The feed with that id as it stands now, newest first."""
        items = [item for moment, item in self._entries[name] if moment <= self.now][-LISTED:]
        head = f"<title>{name}</title><link>https://{name}.example/</link><description>-</description>"
        text = f"{head}{''.join(reversed(items))}"
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
            f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{text}</channel></rss>'
        ).encode("utf-8", "replace")


def arrivals(rows: Sequence[Labelled]) -> list[datetime]:
    """When each entry appears in its feed: at its own date, but never before the one above it."""
    now = min((row.entry.published for row in rows if row.entry.published), default=datetime(2024, 1, 1, tzinfo=UTC))
    found: list[datetime] = []
    for row in rows:
        now = max(now, row.entry.published or now)
        found.append(now)
    return found


def _item(row: Labelled) -> str:
    entry = row.entry
    texts = {
        "title": entry.title.value if entry.title else None,
        "link": entry.link,
        'guid isPermaLink="false"': entry.guid,
        "description": entry.summary.value if entry.summary else None,
        "content:encoded": entry.content.value if entry.content else None,
        "pubDate": format_datetime(entry.published) if entry.published else None,
    }
    parts = (f"<{name}>{escape(text)}</{name.split()[0]}>" for name, text in texts.items() if text is not None)
    return f"<item>{''.join(parts)}</item>"


@contextmanager
def served(site: Site) -> Iterator[str]:
    """Serve the feeds; gives host and port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.strip("/").removesuffix(".xml")
            known = name in site.names.values()
            body = site.feed(name) if known else b""
            with suppress(ConnectionError):  # who waited too long on a busy machine asks again at the next visit
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def through_the_program(rows: Sequence[Labelled], folder: Path, step: timedelta) -> list[str]:
    """The story of each entry by the export, in the order of the rows, after the feeds were visited every `step`.

    Raises:
        RuntimeError: a command failed, or an entry is missing.
    """
    site = Site(rows)
    config = folder / "feeds.yaml"
    with served(site) as host:
        sources = "".join(f"  - {{id: {name}, url: 'http://{host}/{name}.xml'}}\n" for name in site.names.values())
        config.write_text(f"site:\n  url: https://site.example\n{FETCH.format(host=host)}sources:\n{sources}")
        found: list[str | None] = []
        for late in range(-math.ceil((site.moments[-1] - site.now) / step), AGAIN):
            site.now += step
            _command("fetch", "--all", "--quiet", "--now", site.now.isoformat(), "--config", str(config))
            if site.now < site.moments[-1]:
                continue
            known = _exported(_command("export", "--format", "jsonl", "--config", str(config)))
            found = [_story(known, site.names[row.source], row) for row in rows]
            if None not in found or late == AGAIN - 1:
                break
    if lost := [row.entry.guid or row.entry.link for row, story in zip(rows, found, strict=True) if story is None]:
        raise RuntimeError(f"{len(lost)} entries were not stored, among them {lost[:3]}")
    return [story for story in found if story is not None]


def _exported(lines: str) -> dict[tuple[object, object], str]:
    """The stories of what is stored, by source and every name of an entry."""
    known: dict[tuple[object, object], str] = {}
    for line in map(json.loads, lines.splitlines()):
        names = [line["guid"], *line["guids"], *((line["link"], canonical(line["link"])) if line["link"] else ())]
        known |= {(line["source"], name): line["story"] for name in names if name}
    return known


def _story(known: Mapping[tuple[object, object], str], source: str, row: Labelled) -> str | None:
    """The story of an entry. One that its feed prints twice, at one address, is stored once."""
    entry = row.entry
    names = (entry.guid, entry.link, canonical(entry.link) if entry.link else None)
    return next((known[source, name] for name in names if name is not None and (source, name) in known), None)


def _command(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "aggregator", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(words[:4])}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        )
    return done.stdout


def _table(result: Score) -> Iterator[str]:
    yield f"{result.entries} entries, {result.stories} stories labelled, {result.found} found"
    for name, rates in (("pairwise", result.pairs), ("B-cubed", result.bcubed)):
        yield f"{name:9} precision {rates.precision:.4f}  recall {rates.recall:.4f}  F1 {rates.f1:.4f}"
    for kinds in (result.variants, result.languages):
        yield "  ".join(f"{name} {kind.recall:.3f} ({kind.entries})" for name, kind in kinds.items())
    false = {name: family.false_pairs for name, family in result.families.items() if family.false_pairs}
    yield f"false pairs {false}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--hours", type=float, default=6, help="simulated hours between two visits")
    options.add_argument("--errors", type=int, default=0, help="show so many missed copies and false merges")
    given = options.parse_args()
    with given.file.open(encoding="utf-8") as lines:
        rows = labelled(lines, str(given.file))
    with TemporaryDirectory() as folder:
        found = through_the_program(rows, Path(folder), timedelta(hours=given.hours))
    print("\n".join(_table(score(rows, found))))
    for name, pairs in zip(("missed", "merged"), missed_and_merged(rows, found), strict=True):
        for first, place in pairs[: given.errors]:
            print(f"\n{name} ({', '.join(rows[place].variants)})\n  {_told(rows[first])}\n  {_told(rows[place])}")


def _told(row: Labelled) -> str:
    text = row.entry.content or row.entry.summary
    return (
        f"{row.entry.title.value if row.entry.title else '-'} | {' '.join(text.value.split())[:160] if text else '-'}"
    )


if __name__ == "__main__":
    main()
