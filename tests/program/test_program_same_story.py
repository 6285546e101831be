"""What is one thing in the world is one entry in a topic, whatever publishers do to its addresses."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from newsroom import News, paper, rss
from opencc import OpenCC

CASE = Path(__file__).parents[3] / "shared" / "cases" / "stories" / "content-farm-copy"


def pass_once(project, moment):
    project.ok("fetch", "--all", "--now", moment)
    project.ok("publish", "--now", moment)


PAIRS = {
    "tracking": ("https://one.example/news/1", "https://one.example/news/1?utm_source=copy&utm_medium=rss"),
    "scheme": ("https://two.example/news/1", "http://two.example/news/1"),
    "slash": ("https://three.example/news/1", "https://three.example/news/1/"),
    "mixed": ("https://four.example/news/1?id=7", "https://four.example/news/1?fbclid=abc&id=7#top"),
}


def test_the_same_page_in_two_sources_is_one_entry_of_a_topic(newsroom, project):
    """Two items each, one story each: the better-ranked copy is shown, however its address is written."""
    made = [News(title=f"Made: {name}", link=one, guid=f"made-{name}") for name, (one, _) in PAIRS.items()]
    copies = [News(title=f"Copied: {name}", link=other, guid=f"copy-{name}") for name, (_, other) in PAIRS.items()]
    project.write(
        {
            "copier": {"url": newsroom.put("/copier.xml", rss(copies))},
            "maker": {"url": newsroom.put("/maker.xml", rss(made)), "rank": 10},
        }
    )
    pass_once(project, "2026-03-02T12:00:00Z")
    items = project.items()
    assert len(items) == 2 * len(PAIRS)
    assert len({item["story"] for item in items}) == len(PAIRS)
    assert sum(item["represents_story"] for item in items) == len(PAIRS)
    assert sorted(entry.title for entry in project.entries()) == sorted(f"Made: {name}" for name in PAIRS)


def test_different_pages_stay_apart(newsroom, project):
    """The same title or a query that means something does not make two pages one."""
    news = [
        News(title="Weather", link=f"https://paper.example/?article={number}", guid=str(number), text=f"<p>{number}.")
        for number in range(3)
    ]
    project.write({"a": newsroom.put("/a.xml", rss(news))})
    pass_once(project, "2026-03-02T12:00:00Z")
    assert len(project.entries()) == 3


CHANGES = {
    "guid churn": lambda entry: replace(entry, guid=f"{entry.guid}?session=42"),
    "no guid any more": lambda entry: replace(entry, guid=None),
    "https": lambda entry: replace(entry, link=entry.link.replace("http:", "https:")),
    "https in a permalink guid": lambda entry: replace(
        entry, link=entry.link.replace("http:", "https:"), guid=entry.guid.replace("http:", "https:")
    ),
    "trailing slash": lambda entry: replace(entry, link=entry.link + "/"),
    "trailing slash in a permalink guid": lambda entry: replace(entry, link=entry.link + "/", guid=entry.guid + "/"),
    "tracking parameters": lambda entry: replace(entry, link=entry.link + "?utm_campaign=spring"),
    "another link": lambda entry: replace(entry, link=entry.link.replace("/news/", "/2026/news/")),
}


def test_publishers_habits_announce_nothing_twice(newsroom, project):
    """The entries keep their ids, `updated` stands still, and nothing is stored a second time."""
    papers = {}
    for number, change in enumerate(CHANGES):
        entries = [replace(entry, link=entry.link.replace("https:", "http:")) for entry in paper(f"p{number}", 6)]
        if "permalink" in change:
            entries = [replace(entry, guid=entry.link, permalink=True) for entry in entries]
        papers[change] = (f"/p{number}.xml", entries)
    project.write(
        {f"p{number}": newsroom.put(path, rss(entries)) for number, (path, entries) in enumerate(papers.values())}
    )
    pass_once(project, "2026-03-02T12:00:00Z")
    old = told_by_outlet(project)
    assert {name: len(entries) for name, entries in old.items()} == {f"p{number}": 6 for number in range(len(CHANGES))}
    for change, (path, entries) in papers.items():
        newsroom.put(path, rss([CHANGES[change](entry) for entry in entries]))
    pass_once(project, "2026-03-02T13:00:00Z")
    assert newsroom.answers == {200: 2 * len(CHANGES)}
    new = told_by_outlet(project)
    assert {change for number, change in enumerate(CHANGES) if new[f"p{number}"] != old[f"p{number}"]} == set()
    assert len(project.items()) == 6 * len(CHANGES)


def told_by_outlet(project):
    """Id, title and `updated` of each published entry, by the paper its title names."""
    told = {}
    for entry in project.entries():
        told.setdefault(entry.title.split()[0], []).append((entry.id, entry.title, entry.updated))
    return told


def test_a_rebuilt_database_gives_the_same_ids(newsroom, project):
    """site.url, source id and first copy decide an id, not the database."""
    project.write({"a": newsroom.put("/a.xml", rss(paper("a", 6)))})
    pass_once(project, "2026-03-02T12:00:00Z")
    first = [entry.id for entry in project.entries()]
    for file in (project.folder / "var").glob("aggregator.db*"):
        file.unlink()
    pass_once(project, "2026-03-02T15:00:00Z")
    assert [entry.id for entry in project.entries()] == first


@pytest.mark.parametrize("first", ["original", "farm"])
def test_the_article_and_its_content_farm_copy_are_one_story_of_the_outlet_they_credit(newsroom, project, first):
    """In either order of arrival: the right instant, although one date has no zone, and the original is shown."""
    if not CASE.is_dir():
        pytest.skip(f"no {CASE}: the shared cases are not beside this checkout")
    facts = json.loads((CASE / "facts.json").read_text(encoding="utf-8"))
    original = (CASE / "original.txt").read_text(encoding="utf-8")
    copy = (CASE / "copy.txt").read_text(encoding="utf-8")
    title, text = original.split("\n", 1)
    published = datetime.fromisoformat(facts["published"])
    entries = {
        "original": News(title=title, link="https://original.example/1", text=_html(text), published=published),
        "farm": News(title=None, link=facts["copied_by_url"] + "/1", text=_html(copy), published="2021-04-09 09:17:00"),
    }
    sources = {
        "original": {"url": newsroom.put("/o.xml", rss([])), "language": "zh-Hans", "title": facts["credited_source"]},
        "farm": {"url": newsroom.put("/f.xml", rss([])), "language": "zh-Hant", "timezone": "Asia/Shanghai"},
    }
    project.write(sources)
    for moment, name in (("12", first), ("13", "farm" if first == "original" else "original")):
        newsroom.put("/o.xml" if name == "original" else "/f.xml", rss([entries[name]]))
        project.ok("fetch", "--all", "--now", f"2026-03-02T{moment}:00:00Z")
    project.ok("publish", "--now", "2026-03-02T14:00:00Z")
    items = {item["source"]: item for item in project.items()}
    assert set(items) == {"original", "farm"}
    assert items["original"]["story"] == items["farm"]["story"]
    assert items["original"]["represents_story"]
    assert [entry.title for entry in project.entries()] == [title]
    for item in items.values():
        assert datetime.fromisoformat(item["published"]) == published
        assert item["title"]
    for item in items.values():
        (told,) = json.loads(project.ok("explain", item["link"], "--json"))
        assert OpenCC("t2s").convert(told["credit"]) == facts["credited_source"]  # each in its own script


def _html(text):
    return "".join(f"<p>{line}</p>" for line in text.splitlines() if line.strip())
