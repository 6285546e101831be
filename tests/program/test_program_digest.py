"""A topic of daily digests, through the whole program, day by day."""

from newsroom import News, rss

TOPICS = """topics:
  - {id: day, title: The day, digest: daily}
  - id: everything
"""


def told(title):
    return News(title=title, link=f"https://paper.example/{len(title)}", guid=title, text=f"<p>{title}, we hear.</p>")


def test_a_day_is_told_at_its_end_and_never_again(project):
    """London's midnight in summer is 23:00 UTC; a second publication and a later day change no byte of it."""
    newsroom = project.newsroom
    paper = newsroom.put("/paper.xml", rss([told("A ship sails"), told("A train leaves")]))
    project.write({"paper": paper}, topics=TOPICS, site="  timezone: Europe/London\n")
    project.ok("fetch", "--now", "2026-06-10T12:00:00Z")
    project.ok("publish", "--now", "2026-06-10T22:59:59Z")
    assert project.entries("day") == []
    assert len(project.entries("everything")) == 2
    told_at_noon = project.ok("explain", "https://paper.example/12")
    assert "it waits for the daily digest" in told_at_noon

    project.ok("publish", "--now", "2026-06-10T23:00:00Z")
    [entry] = project.entries("day")
    assert entry.title == "The day · 10 June 2026"
    assert entry.updated == entry.published == "2026-06-10T23:00:00+00:00"
    assert "A ship sails" in entry.content[0].value and "A train leaves" in entry.content[0].value
    first = {path: body for path, body in project.files().items() if path.startswith("topics/day")}
    assert len(first) == 4
    assert "in the digest of 2026-06-10, at place" in project.ok("explain", "https://paper.example/12")

    newsroom.put("/paper.xml", rss([told("A bus stops"), told("A ship sails")]))
    project.ok("fetch", "--all", "--now", "2026-06-11T09:00:00Z")
    project.ok("publish", "--now", "2026-06-11T09:05:00Z")
    assert {path: body for path, body in project.files().items() if path.startswith("topics/day")} == first

    project.ok("publish", "--now", "2026-06-12T08:00:00Z")
    newest, oldest = project.entries("day")
    assert newest.title == "The day · 11 June 2026"
    assert "A bus stops" in newest.content[0].value and "A ship" not in newest.content[0].value
    assert (oldest.id, oldest.updated, oldest.content[0].value) == (entry.id, entry.updated, entry.content[0].value)
    assert "digest   daily" in project.ok("preview", "day", "--since", "3650d")
