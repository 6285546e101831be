"""Subscriptions from other readers."""

import pytest

from aggregator.config.edit import add_sources
from aggregator.config.load import load
from aggregator.config.opml import DEEPEST, read_opml
from aggregator.errors import ConfigError

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="News"><outline text="World &amp; UK">
    <outline type="rss" text="BBC" title="BBC World" xmlUrl="https://bbc.example/rss" htmlUrl="https://bbc.example/"/>
    <outline type="rss" text="  中文  新闻 " XMLURL="https://zh.example/feed?a=1&amp;b=2"/>
  </outline></outline>
  <!-- later -->
  <outline xmlUrl="https://plain.example/atom"/>
  <outline text="again" xmlUrl="https://bbc.example/rss"/>
  <outline text="mail" xmlUrl="mailto:x@example.org"/>
  <outline text="secret" xmlUrl="https://x.example/${KEY}"/>
</body></opml>"""


def outlines(tmp_path, text):
    path = tmp_path / "list.opml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_opml(path)


def test_folders_become_tags_and_each_address_stands_once(tmp_path):
    found = {one.url: one for one in outlines(tmp_path, NESTED)}
    assert list(found) == [
        "https://bbc.example/rss",
        "https://zh.example/feed?a=1&b=2",
        "https://plain.example/atom",
        "mailto:x@example.org",
        "https://x.example/${KEY}",
    ]
    bbc, chinese, plain, mail, secret = found.values()
    assert (bbc.title, bbc.tags, bbc.problem) == ("BBC World", ("News", "World & UK"), None)
    assert (chinese.title, plain.title, plain.tags) == ("中文 新闻", None, ())
    assert mail.problem and secret.problem


BROKEN = {
    "cut off": '<opml><body><outline text="A"><outline xmlUrl="https://a.example/"/><outline xmlUrl="https://b.exa',
    "bare ampersands": '<opml><body><outline text="R & D" xmlUrl="https://a.example/?x=1&y=2"/></body></opml>',
    "no opml around it": '<outline xmlUrl="https://a.example/"/>',
    "blank lines first": '\n\n  <?xml version="1.0"?><opml><body><outline xmlUrl="https://a.example/"/></body></opml>',
    "wrong encoding": b'<?xml version="1.0" encoding="UTF-8"?><opml><body><outline text="\xff\xfe" xmlUrl="https://a.example/"/></body></opml>',
    "namespaces": '<o:opml xmlns:o="x"><o:body><o:outline o:xmlUrl="https://a.example/"/></o:body></o:opml>',
    "an entity bomb": '<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>',
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_lists_are_read_as_far_as_they_can_be(case, tmp_path):
    assert outlines(tmp_path, BROKEN[case])[0].url.startswith("https://a.example/")


@pytest.mark.parametrize("text", ["", "   ", "no xml", "<opml><body/></opml>", '{"a": 1}', b"\x00\xff"])
def test_what_names_no_feed_says_so(text, tmp_path):
    with pytest.raises(ConfigError, match="OPML"):
        outlines(tmp_path, text)


def test_folders_without_end_do_no_harm(tmp_path):
    deep = "".join(f'<outline text="f{n}">' for n in range(DEEPEST + 50))
    (found,) = outlines(tmp_path, f'<opml>{deep}<outline xmlUrl="https://a.example/"/>')
    assert len(found.tags) <= DEEPEST


@pytest.mark.parametrize(
    "text", ["", "# mine\n", "sources: []\n", "sources:\n  - url: https://bbc.example/rss\n", "sources: [{url: 'https://bbc.example/rss'}]"]
)  # fmt: skip
def test_all_are_written_in_one_edit(text, tmp_path):
    """What is there already is passed over, and so is what can be no source; the file stays sound."""
    path = tmp_path / "feeds.yaml"
    path.write_text(text)
    added, passed = add_sources(path, outlines(tmp_path, NESTED))
    there = "bbc" in text
    assert len(added) == (2 if there else 3)
    assert [url for url, _ in passed] == ["https://bbc.example/rss"] * there + [
        "mailto:x@example.org",
        "https://x.example/${KEY}",
    ]
    sources = load(path, {}).sources
    assert [source.url for source in sources][-1] == "https://plain.example/atom"
    assert len({source.id for source in sources}) == 3
    assert path.read_text().startswith(text.rstrip("\n]}'[ ")[:10])
    assert add_sources(path, outlines(tmp_path, NESTED))[0] == []


def test_a_thousand_feeds_take_a_moment(tmp_path):
    """The file is read a few times, not once for each."""
    import time

    many = "".join(f'<outline text="Feed {n}" xmlUrl="https://h{n}.example/feed"/>' for n in range(1000))
    path = tmp_path / "feeds.yaml"
    path.write_text("sources: []\n")
    began = time.process_time()
    assert len(add_sources(path, outlines(tmp_path, f"<opml><body>{many}</body></opml>"))[0]) == 1000
    assert time.process_time() - began < 30
