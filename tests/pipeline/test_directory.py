"""The folder that any web server shows: whole by itself, without this program behind it."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest
from newsdesk import Newsdesk

from aggregator.domain.settings import Format
from aggregator.domain.topic import Topic
from aggregator.pipeline.directory import mirror, write_changed
from aggregator.pipeline.publish import publish

TOPICS = (
    Topic(id="all", title="All", limit=6),
    Topic(id="feeds-only", title="Feeds only", formats=(Format.ATOM,)),
    Topic(id="page-only", title="Page only", formats=(Format.HTML,)),
)
EVIL = '<form data-served></form><a data-served href="x">words</a>'


@pytest.fixture
def desk(database, tmp_path):
    """A topic with a story of two outlets, one that was corrected, an archive, and a text that looks like a mark."""
    made = Newsdesk(database, tmp_path, topics=TOPICS)
    same = "https://paper.example/same"
    rest = [f"{n}|https://one.example/{n}|News {n}" for n in range(6)]
    for lines, other in (
        (rest[:6], "u|https://two.example/u|Else"),
        ([f"s|{same}|Shared", f"e|https://one.example/e|{EVIL}", rest[3]], f"t|{same}|Shared"),
    ):
        made.fetcher.answers |= {"one": "\n".join(lines).encode(), "two": other.encode()}
        made.clock.forward(hours=1)
        made.collect(frozenset({"one", "two"}))
        publish(made.store, made.configuration, made.clock.now())
    made.fetcher.answers["one"] = f"s|{same}|Shared\ne|https://one.example/e|Mended: {EVIL}".encode()
    made.clock.forward(hours=1)
    made.collect(frozenset({"one"}))
    publish(made.store, made.configuration, made.clock.now())
    return made


def dead_links(folder):
    """Every relative link of every page in the folder that leads to no file, with the page it stands in."""
    found, seen = [], 0
    for page in folder.rglob("*.html"):
        base = f"https://copy.example/{page.relative_to(folder).as_posix()}"
        for element in html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False).iter():
            for name in ("href", "src", "action", "srcset"):
                target = urlsplit(urljoin(base, element.get(name) or ""))
                if element.get(name) is None or target.netloc != "copy.example":
                    continue
                seen += 1
                path = unquote(target.path).lstrip("/")
                if not (folder / path).is_file():
                    found.append((base, element.get(name)))
    assert seen > 20
    return found


def test_every_relative_link_of_the_copy_leads_to_a_file(desk, tmp_path):
    """Pages, feeds, styles and icons are all there; what only a server answers is not linked."""
    folder = tmp_path / "copy"
    mirror(desk.store, folder)
    assert dead_links(folder) == []
    page = (folder / "topics" / "all.html").read_text(encoding="utf-8")
    assert "Also reported by" in page and "Corrected" in page
    assert "<form" not in page and "<a data-served" not in page and 'href="../stories/' not in page
    assert "&gt;words&lt;" in page  # what others wrote stays as they wrote it


def test_feeds_name_a_style_that_is_there(desk, tmp_path):
    """From wherever they stand: who opens one in a browser sees headlines."""
    folder = tmp_path / "copy"
    mirror(desk.store, folder)
    feeds = [*folder.rglob("*.atom"), *folder.rglob("*.rss")]
    assert any("archive" in feed.parts for feed in feeds)
    for feed in feeds:
        found = re.search(r'<\?xml-stylesheet type="text/css" href="([^"]+)"\?>', feed.read_text(encoding="utf-8"))
        assert (feed.parent / found[1]).resolve() == (folder / "assets" / "feed.css").resolve()


def test_the_served_page_keeps_what_the_copy_cannot_have(desk, tmp_path):
    """Over HTTP the same page leads to the stories' own pages and to the search."""
    with desk.store.read() as rooms:
        body = rooms.documents.get("topics/all.html").document.body.decode()
    assert 'href="../stories/' in body and 'action="../search"' in body
    folder = tmp_path / "copy"
    mirror(desk.store, folder)
    assert mirror(desk.store, folder) == 0  # the copy counts as equal


def test_a_renamed_topics_copy_is_whole(desk, tmp_path):
    """Its old feeds go on with the news of today, its old page leads on, and nothing leads to them; until it ends."""
    folder = tmp_path / "copy"
    mirror(desk.store, folder)
    desk.reconfigure(topics=(replace(TOPICS[0], id="new", was="all"), *TOPICS[1:]))
    desk.clock.forward(seconds=timedelta(minutes=1).total_seconds())
    write_changed(desk.store, folder, publish(desk.store, desk.configuration, desk.clock.now()).changed)
    mirror(desk.store, folder)
    assert dead_links(folder) == []
    old = {file.suffix: file.read_bytes() for file in folder.glob("topics/all*.*")}
    assert {suffix: (folder / f"topics/new{suffix}").read_bytes() for suffix in (".atom", ".rss", ".json")} == {
        suffix: old[suffix] for suffix in (".atom", ".rss", ".json")
    }
    assert b'content="0; url=new.html"' in old[".html"]
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"topics/all" not in written
    desk.reconfigure(topics=TOPICS[1:])
    publish(desk.store, desk.configuration, desk.clock.now())
    mirror(desk.store, folder)
    assert not [*folder.glob("topics/all.*"), *folder.glob("topics/new.*")]
