"""A feed that moved for good: followed, believed after days, then asked where it is; feeds.yaml stays as it was."""

import json

from newsroom import paper, rss


def test_a_moved_feed_is_asked_at_its_new_address(newsroom, project):
    newsroom.put("/new.xml", rss(paper("a", 2)))
    url = newsroom.put("/old.xml", b"", status=301, Location="/new.xml")
    project.write({"a": url})
    before = project.config.read_bytes()
    seen = []
    for day in (1, 2, 3, 4, 11, 12):
        newsroom.forget()
        project.ok("fetch", "--all", "--now", f"2026-03-{day:02}T12:00:00Z")
        (source,) = json.loads(project.ok("status", "--json"))["sources"]
        seen.append(([visit.path for visit in newsroom.visits], source["moved_to"]))
    moved = newsroom.url + "/new.xml"
    both = ["/old.xml", "/new.xml"]
    assert seen == [
        (both, None),
        (both, None),
        (both, moved),
        (["/new.xml"], moved),
        (["/new.xml"], moved),
        (both, moved),
    ]
    assert newsroom.visits[-1].conditional
    assert len(project.items()) == 2
    assert project.config.read_bytes() == before
