"""A feed longer than fetch.max_entries: what there was no room for is told, a few of it, however long the feed is."""

from newsroom import paper, rss


def test_entries_beyond_the_limit_are_told_and_let_in_by_a_higher_one(project):
    """The newest are kept; the next twenty are remembered with the reason, and a higher limit stores all."""
    feed = project.newsroom.put("/paper.xml", rss(paper("paper", 60)))
    project.write({"paper": feed}, fetch="  max_entries: 10\n")
    project.ok("fetch", "--all")
    assert len(project.items()) == 10
    told = project.ok("status", "--dropped")
    assert "dropped: 20" in told
    assert "the feed has 50 entries more than fetch.max_entries allows" in told
    assert "paper reports item 49 of the day" in told
    assert "paper reports item 29 of the day" not in told
    assert "fetch.max_entries" in project.ok("explain", "https://paper.example/news/49")

    project.write({"paper": project.newsroom.put("/paper.xml", rss(paper("paper", 61)))}, fetch="  max_entries: 500\n")
    project.ok("fetch", "--all")
    assert len(project.items()) == 61
    assert "fetch.max_entries" not in project.ok("explain", "https://paper.example/news/49")
