"""A newcomer's first evening: sources, a query, mistakes, a look ahead, and the page that shows it."""

from newsroom import News, rss

HARBOUR = [
    News(title="A ship sails from Harwich", link="https://b.example/1", guid="b1", text="<p>The ferry left.</p>"),
    News(title="Sponsored: toy ships", link="https://b.example/2", guid="b2", text="<p>Buy them.</p>"),
    News(title="工業互聯網的船", link="https://b.example/3", guid="b3", text="<p>推出 5G</p>"),
    News(title="A train leaves", link="https://b.example/4", guid="b4", text="<p>On time.</p>"),
]
PAPER = [News(title="Another ship arrives", link="https://a.example/1", guid="a1", text="<p>It docked.</p>")]


def test_a_newcomer_makes_a_topic(project):
    """Each step answers what was asked, and nothing but the wanted edit is ever applied."""
    newsroom = project.newsroom
    project.write({"paper": newsroom.put("/paper.xml", rss(PAPER))}, topics="topics:\n  - id: everything\n")
    running = project.daemon()
    running.shows("/topics/everything.atom", "Another ship arrives")

    # A page's address is all that is known of the second source.
    newsroom.put("/harbour.xml", rss(HARBOUR, title="Harbour news"))
    page = newsroom.put("/", b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/harbour.xml">')
    assert "the page announces its feed at" in project.ok("add", page, "--id", "harbour", "--tag", "sea")
    running.shows("/topics/everything.atom", "A train leaves")

    # What would a query hold? Three mistakes, each told with its place and its cure, and the daemon goes on.
    good = project.config.read_text(encoding="utf-8")
    for query, says in (
        ("ship OR", "OR has nothing to join on its right"),
        ("titel:ship", "did you mean 'title:'"),
        ("ship AND (sail", "("),
    ):
        told = project.run("preview", "--query", query)
        assert told.code == 2 and says in told.err
        draft = project.folder / "draft.yaml"
        draft.write_text(good + f"  - id: ships\n    query: '{query}'\n", encoding="utf-8")
        told = project.run("plan", str(draft))
        assert told.code == 2 and "draft.yaml:" in told.err and "topics[1].query" in told.err
    project.config.write_text(good + "  - id: ships\n    query: 'titel:ship'\n", encoding="utf-8")
    running.shows("/status", "titel", timeout=10)
    project.config.write_text(good, encoding="utf-8")

    query = "ship* OR 船 -sponsored"
    told = project.ok("preview", "--query", query)
    assert "holds    4 stories of 4 items" in told  # NOT binds before AND, AND before OR: the exclusion is 船's alone
    query = "(ship* OR 船) -sponsored"
    told = project.ok("preview", "--query", query)
    assert "holds    3 stories of 3 items" in told
    assert "-sponsored: alone keeps out 1 item" in told
    assert "船: alone brings in 1 item" in told

    draft.write_text(good + f"  - id: ships\n    query: '{query}'\n", encoding="utf-8")
    told = project.ok("plan", str(draft))
    assert "  + ships  3 would enter, 0 would leave" in told
    assert "工業互聯網的船" in told
    assert "ships" not in project.ok("status")

    # Saved, it is live; and what the plan said is true.
    project.config.write_text(draft.read_text(encoding="utf-8"), encoding="utf-8")
    text = running.shows("/topics/ships.atom", "工業互聯網的船", timeout=15)
    assert "Another ship arrives" in text and "toy ships" not in text
    assert project.ok("plan").startswith("nothing would change")
    assert "<mark>ship</mark>" in running.get("/search?q=ship")[1]
    assert "toy ships" in project.ok("search", "sponsored")
    told = project.ok("explain", "https://b.example/2")
    assert "not ships: -sponsored: excludes it: “Sponsored” in the title" in told

    # The source is taken out again: its stories leave, and the file is what it was but for the topic.
    project.ok("remove", "harbour")
    running.until("/topics/ships.atom", lambda status, found: status == 200 and "船" not in found, timeout=15)
    assert running.end() == 0
