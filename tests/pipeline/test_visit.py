"""One visit's computing: what is new comes out clean, what is broken costs itself only."""

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from aggregator.domain.outcome import Failure, ReadContext, Reading
from aggregator.domain.response import Response
from aggregator.errors import Code
from aggregator.pipeline import visit
from aggregator.text.normalise import simplified

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FARM = Path(__file__).parents[3] / "shared" / "cases" / "stories" / "content-farm-copy"


def reading(body, known=frozenset(), now=NOW, max_entries=500):
    context = ReadContext(source_id="s", language=None, timezone=None, encoding=None, max_entries=max_entries)
    response = Response(source_id="s", url="https://example.org/feed", body=body.encode(), received_at=now)
    return visit.read(context, (response,), known, now)


def feed(*items):
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>T</title><link>https://example.org/</link>{inside}</channel></rss>"


def entry(number, day=None):
    date = f"<pubDate>2026-01-{day:02d}T00:00:00Z</pubDate>" if day else ""
    return f"<title>Title {number}</title><link>https://example.org/{number}</link>{date}"


def titles(found):
    return [item.title for item in found.items]


def test_items_come_oldest_first():
    found = reading(feed(entry(3, 3), entry(1, 1), entry(2, 2)))
    assert isinstance(found, Reading)
    assert titles(found) == ["Title 1", "Title 2", "Title 3"]
    assert [d.day for d in found.newest] == [3, 2, 1]
    assert (found.info.title, found.version, found.encoding, found.truncated) == ("T", "rss20", "utf-8", False)


def test_undated_items_come_last_entry_first():
    """Feeds stand newest first."""
    assert titles(reading(feed(entry(3), entry(2), entry(1)))) == ["Title 1", "Title 2", "Title 3"]


def test_the_newest_entries_are_kept_and_the_others_counted():
    found = reading(feed(entry(1, 1), entry(4, 4), entry(2, 2), entry(3, 3)), max_entries=2)
    assert (titles(found), found.left_out) == (["Title 3", "Title 4"], 2)
    undated = reading(feed(entry(4), entry(3), entry(2), entry(1)), max_entries=3)
    assert (titles(undated), undated.left_out) == (["Title 2", "Title 3", "Title 4"], 1)


def test_a_known_entry_is_not_done_again():
    first = reading(feed(entry(1), entry(2)))
    known = frozenset(item.raw_hash for item in first.items)
    second = reading(feed(entry(3), entry(1), entry(2)), known=known)
    assert titles(second) == ["Title 3"]
    assert sorted(second.unchanged) == sorted(known)


def test_no_time_and_no_neighbour_changes_a_reading():
    """Same bytes, same items, whenever they are read; all of it pickles."""
    body = feed(entry(1, 1), entry(2, 2))
    early, late = reading(body, now=datetime(1999, 1, 1, tzinfo=UTC)), reading(body)
    assert early.items == late.items
    assert (early.newest, len(late.newest)) == ((), 2)
    assert pickle.loads(pickle.dumps(late)) == late


def test_a_bad_document_is_a_failure_with_its_code():
    found = reading("<html>no feed</html>")
    assert isinstance(found, Failure) and found.code is Code.NOT_A_FEED
    assert reading("").code is Code.EMPTY


def test_a_truncated_document_keeps_its_whole_entries():
    """Its validators must not be kept: the reading says so."""
    found = reading(feed(entry(1), entry(2)).partition("<title>Title 2")[0])
    assert (titles(found), found.truncated) == (["Title 1"], True)


def test_a_bug_in_one_entry_costs_that_entry(monkeypatch):
    """With others left it is counted; where none is left the visit failed."""
    real = visit.clean

    def breaks(said, *rest):
        if "2" in said.title.value:
            raise RuntimeError("secret detail")
        return real(said, *rest)

    monkeypatch.setattr(visit, "clean", breaks)
    found = reading(feed(entry(1), entry(2)))
    assert (titles(found), found.left_out) == (["Title 1"], 1)
    alone = reading(feed(entry(2)))
    assert alone.code is Code.INTERNAL and "secret" not in alone.message


@pytest.mark.parametrize("form", ["plain", "html"])
@pytest.mark.parametrize("name", ["original", "copy"])
def test_the_content_farm_pair_is_read_right(name, form):
    """The clean article and the farm's copy of it: date and time, credited source, text without the noise."""
    if not FARM.is_dir():
        pytest.skip("../shared/cases/stories/content-farm-copy is not beside this checkout")
    facts = json.loads((FARM / "facts.json").read_text("utf-8"))
    text = (FARM / f"{name}.txt").read_text("utf-8")
    if form == "html":
        text = "".join(f"<p>{line}</p>" for line in text.splitlines() if line.strip())
    title, link = f"<title>{facts['title_guess']}</title>", "<link>http://m.007sbw.cn/1</link>"
    (item,) = reading(feed(f"{title}{link}<description>{escape(text)}</description>")).items
    assert item.published == datetime.fromisoformat(facts["published"])
    assert item.credit and simplified(item.credit.name) == facts["credited_source"]
    assert item.language == ("zh-Hans" if name == "original" else "zh-Hant")
    words = simplified(item.text)
    assert [part for part in facts["must_appear_in_clean_text"] if part not in words] == []
    for shown in (item.text, item.summary or ""):
        assert [part for part in facts["must_not_appear_in_clean_text"] if part in shown] == []
