"""Two real sites that feed one another: the news goes round once."""

import json
from contextlib import closing

import feedparser
import pytest
from command import Project
from newsroom import paper, rss

FORMS = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@pytest.fixture
def sites(tmp_path, newsroom):
    """Two projects; what each published is served by the newsroom under its name, as a web server in front would."""
    folders = [tmp_path / name for name in ("east", "west")]
    for folder in folders:
        folder.mkdir()
    with closing(Project(folders[0], newsroom)) as east, closing(Project(folders[1], newsroom)) as west:
        yield {"east": east, "west": west}


def write(sites, name, sources, more=""):
    """A site of its own address that shows every copy by itself: the setting in which loops grow."""
    project = sites[name]
    project.write(sources, more=f"stories:\n  same_story: off\n{more}")
    text = project.config.read_text(encoding="utf-8")
    project.config.write_text(
        text.replace("http://news.example.org", f"{project.newsroom.url}/{name}"), encoding="utf-8"
    )


def turn(sites, name):
    """One site reads, publishes, and is served; the entries it shows."""
    project = sites[name]
    project.ok("fetch", "--all")
    project.ok("publish")
    files = project.files()
    for form, kind in FORMS.items():
        body = files[f"topics/everything.{form}"]
        project.newsroom.put(f"/{name}/topics/everything.{form}", body, Content_Type=kind)
    project.newsroom.put(f"/{name}-mirror", files["topics/everything.rss"], Content_Type=FORMS["rss"])
    return len(feedparser.parse(files["topics/everything.atom"]).entries)


def test_two_sites_that_read_one_another_do_not_grow(sites, newsroom):
    """News goes round once: what left from here is dropped in every format, and our own feed is refused."""
    there = {f"west-{form}": f"{newsroom.url}/west/topics/everything.{form}" for form in FORMS}
    news = newsroom.put("/feed", rss(paper("harbour", 3)), Content_Type="application/rss+xml")
    write(sites, "east", {"harbour": news, "mirror": f"{newsroom.url}/east-mirror", **there})
    write(sites, "west", {"east": f"{newsroom.url}/east/topics/everything.atom"})
    assert [(turn(sites, "east"), turn(sites, "west")) for _ in range(2)] == [(3, 3)] * 2
    told = json.loads(sites["east"].ok("status", "--dropped", "--json"))
    dropped = [(drop["source"], drop["rule"]) for drop in told["dropped"]]
    assert sorted(dropped) == [(source, "loop") for source in sorted(there) for _ in range(3)]
    [mirror] = [source for source in told["sources"] if source["id"] == "mirror"]
    assert mirror["error"]["code"] == "refused_address" and "our own feed" in mirror["error"]["message"]
    assert "our own news coming back" in sites["east"].ok("explain", told["dropped"][0]["guid"])


def test_check_refuses_our_own_address(sites, newsroom):
    """A source under site.url that is a document of ours is a mistake of the file."""
    write(sites, "east", {"self": f"{newsroom.url}/east/topics/everything.atom"})
    refused = sites["east"].run("check")
    assert refused.code == 2 and "sources[0].url: is a document of this very site" in refused.out + refused.err
