"""From feeds to documents and back again: nothing doubled, nothing rewritten, nothing asked twice."""

import json
import re
from pathlib import Path

import feedparser
import pytest
from newsroom import News, atom, paper, rss

FEEDS, ITEMS = 20, 20
TAG = re.compile(r"^tag:news\.example\.org,2026:paper-\d+/[0-9A-Za-z_-]+$")


@pytest.fixture(scope="module")
def published(shared_project):
    """Twenty feeds of twenty items, RSS and Atom in turn, fetched and published once."""
    site = shared_project.newsroom
    shared_project.write(
        {
            f"paper-{number}": site.put(
                f"/paper-{number}.xml",
                (atom if number % 2 else rss)(paper(f"paper-{number}", ITEMS), title=f"Paper {number}"),
            )
            for number in range(FEEDS)
        }
    )
    shared_project.ok("fetch")
    shared_project.ok("publish")
    assert sorted(visit.path for visit in site.visits) == sorted(f"/paper-{number}.xml" for number in range(FEEDS))
    assert not any(visit.conditional for visit in site.visits)
    return shared_project


def test_a_second_pass_changes_nothing_and_asks_conditionally(published):
    """400 items once; after `fetch --all` and `publish` every document is the same, byte for byte."""
    site = published.newsroom
    items, files = published.items(), published.files()
    assert len(items) == len({(item["source"], item["guid"]) for item in items}) == FEEDS * ITEMS
    assert {"topics/everything.atom", "topics/everything.rss", "topics/everything.json"} <= set(files)
    assert {"topics/everything.html", "index.html", "topics.opml"} <= set(files)

    site.forget()
    published.ok("fetch", "--all")
    published.ok("publish")
    assert len(site.visits) == FEEDS
    assert all("if-none-match" in visit.headers for visit in site.visits)
    assert site.answers == {304: FEEDS}
    assert published.files() == files
    assert published.items() == items


def test_the_formats_agree_entry_for_entry(published):
    """Atom, RSS and JSON Feed tell the same ids, titles and links in the same order; ids are tag: URIs."""
    files = published.files()
    from_atom = _told(feedparser.parse(files["topics/everything.atom"]).entries)
    from_rss = _told(feedparser.parse(files["topics/everything.rss"]).entries)
    feed = json.loads(files["topics/everything.json"])
    from_json = [(item["id"], item["title"], item["url"]) for item in feed["items"]]
    assert from_atom == from_rss == from_json
    assert len({entry[0] for entry in from_atom}) == FEEDS * ITEMS
    assert all(TAG.match(entry[0]) for entry in from_atom)


def test_a_source_that_is_not_due_is_left_alone(published):
    """A second `fetch` without --all visits nothing: every source was visited a moment ago."""
    published.newsroom.forget()
    published.ok("fetch")
    assert published.newsroom.visits == []


def _told(entries):
    return [(entry.id, entry.title, entry.link) for entry in entries]


def test_a_body_that_is_sent_again_is_not_news(newsroom, project):
    """A server that ignores validators and touches its channel costs a transfer, not a rewrite."""
    body = rss(paper("deaf", 5))
    url = newsroom.put("/deaf.xml", body, ETag="", Last_Modified="")
    project.write({"deaf": url})
    project.ok("fetch")
    project.ok("publish")
    files = project.files()
    newsroom.put("/deaf.xml", body.replace(b"<channel>", b"<channel><ttl>5</ttl>"), ETag="", Last_Modified="")
    project.ok("fetch", "--all")
    project.ok("publish")
    assert newsroom.answers == {200: 2}
    assert project.files() == files


def test_the_database_lies_beside_feeds_yaml(newsroom, project, tmp_path_factory):
    """From another folder --config, or AGGREGATOR_CONFIG, finds the same database and the same documents."""
    project.write({"a": newsroom.put("/a.xml", rss(paper("a", 3)))})
    project.ok("fetch")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    project.ok("publish", cwd=elsewhere)
    out = project.ok("export", cwd=elsewhere, config=False, AGGREGATOR_CONFIG=str(project.config))
    assert len(out.splitlines()) == 3
    relative = Path("..") / project.folder.relative_to(elsewhere.parent)
    assert len(project.ok("export", "--config", str(relative / "feeds.yaml"), cwd=elsewhere, config=False)) == len(out)
    assert list(elsewhere.iterdir()) == []
    assert len(project.entries()) == 3


def test_a_failing_source_is_data_not_a_failure_of_the_command(newsroom, project):
    """One source fails alone: exit 0, the reason is in `status`, the others are published."""
    project.write(
        {
            "good": newsroom.put("/good.xml", rss(paper("good", 2))),
            "broken": newsroom.put("/broken.xml", b"down", status=500),
            "page": newsroom.put("/page.xml", b"<!doctype html><title>Hello</title><p>Hello"),
        }
    )
    assert project.run("fetch").code == 0
    project.ok("publish")
    assert len(project.entries()) == 2
    status = {source["id"]: source for source in json.loads(project.ok("status", "--json"))["sources"]}
    assert (status["good"]["state"], status["good"]["error"]) == ("ok", None)
    assert (status["broken"]["state"], status["broken"]["error"]["code"]) == ("failing", "http_status")
    assert status["page"]["error"]["code"] == "not_a_feed"
    assert all(source["next_visit"] and source["next_visit_reason"] for source in status.values())


def test_an_edit_of_an_entry_is_one_entry_with_new_words(newsroom, project):
    """The id stays, the title is the new one, `updated` moves forward, and nothing is announced anew."""
    first, *rest = paper("a", 3)
    url = newsroom.put("/a.xml", rss([first, *rest]))
    project.write({"a": url})
    project.ok("fetch", "--now", "2026-03-02T12:00:00Z")
    project.ok("publish", "--now", "2026-03-02T12:00:00Z")
    before = {entry.id: entry for entry in project.entries()}
    edited = News(
        title="Quite another headline", link=first.link, guid=first.guid, text=first.text, published=first.published
    )
    newsroom.put("/a.xml", rss([edited, *rest]))
    project.ok("fetch", "--all", "--now", "2026-03-02T13:00:00Z")
    project.ok("publish", "--now", "2026-03-02T13:00:00Z")
    after = {entry.id: entry for entry in project.entries()}
    assert set(after) == set(before)
    moved = {key for key, entry in after.items() if entry.updated_parsed != before[key].updated_parsed}
    assert [after[key].title for key in moved] == ["Quite another headline"]
    assert all(after[key].updated_parsed > before[key].updated_parsed for key in moved)
