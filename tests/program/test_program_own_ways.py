"""What one source is asked with, and no other: its cookies, its name for us."""

from base64 import b64encode
from contextlib import closing

from newsroom import paper, rss

from tests.steps.fetch.fetch_proxy import LoopbackProxy


def test_cookies_and_user_agent_are_one_sources_own(newsroom, project):
    """Cookies, secrets expanded, stay with the source's origin: a redirect elsewhere gets the name only."""
    for name in "abc":
        newsroom.put(f"/{name}.xml", rss(paper(name, 1)))
    away = newsroom.url.replace("127.0.0.1", "localhost")
    project.write(
        {
            "a": {"url": newsroom.url + "/a.xml", "cookies": {"sid": "${SID}", "lang": "zh"}, "user_agent": "Mine/1"},
            "b": newsroom.url + "/b.xml",
            "c": {
                "url": newsroom.put("/away", b"", status=302, Location=away + "/c.xml"),
                "cookies": {"k": "v"},
                "user_agent": "Mine/2",
            },
        }
    )
    text = project.config.read_text(encoding="utf-8")
    text = text.replace("allow_hosts: [", f'allow_hosts: ["{away.removeprefix("http://")}", ')
    project.config.write_text(text, encoding="utf-8")
    out = project.ok("fetch", "--json", SID="s3cr3t")
    sent = {visit.path: (visit.headers.get("cookie"), visit.headers["user-agent"]) for visit in newsroom.visits}
    assert sent["/a.xml"] == ("sid=s3cr3t; lang=zh", "Mine/1")
    assert sent["/b.xml"][0] is None
    assert sent["/b.xml"][1].startswith("aggregator/")
    assert sent["/away"] == ("k=v", "Mine/2")
    assert sent["/c.xml"] == (None, "Mine/2")
    assert "s3cr3t" not in out + project.ok("status", "--json", SID="s3cr3t")
    assert len(project.run("export", "--format", "jsonl", SID="s3cr3t").out.splitlines()) == 3


def test_a_source_has_its_own_proxy_and_its_secret_shows_nowhere(newsroom, project):
    """The target is on the allow list, the proxy is not: its address is the owner's word."""
    with closing(LoopbackProxy(credentials=b"Basic " + b64encode(b"me:s3cr3t"))) as proxy:
        project.write(
            {
                "a": {
                    "url": newsroom.put("/a.xml", rss(paper("a", 1))),
                    "proxy": f"http://me:${{PASSWORD}}@127.0.0.1:{proxy.port}",
                },
                "b": newsroom.put("/b.xml", rss(paper("b", 1))),
            }
        )
        out = project.ok("fetch", "--json", PASSWORD="s3cr3t")
        assert [head.split(b" ")[1].rpartition(b"/")[2] for head in proxy.heads] == [b"a.xml"]
    project.run("fetch", "--all", PASSWORD="s3cr3t")
    told = out + project.ok("status", "--json", PASSWORD="s3cr3t")
    assert '"connect"' in told
    assert "s3cr3t" not in told
    assert len(project.run("export", "--format", "jsonl", PASSWORD="s3cr3t").out.splitlines()) == 2
