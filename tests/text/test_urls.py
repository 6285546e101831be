"""The form of an address to publish, and the form to compare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.urls import canonical, clean_link, site


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://www.example.org/a/"),
        ("https://EXAMPLE.org:443/a", "http://example.org:80/a"),
        ("https://example.org/a?utm_source=rss&id=1", "https://example.org/a?id=1"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://m.example.org/a", "https://example.org/a"),
        ("https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A"),
        ("https://amp.example.org/a", "https://example.org/a"),
        ("https://example.org/2026/story/amp/", "https://example.org/2026/story"),
        ("https://example.org/story.amp.html", "https://example.org/story.html"),
        ("https://example.org/story?amp=1", "https://example.org/story"),
        ("https://example.org/story?outputType=amp&id=3", "https://example.org/story?id=3"),
        ("https://www.google.com/amp/s/example.org/story", "https://example.org/story"),
        ("https://example-org.cdn.ampproject.org/c/s/example.org/story", "https://example.org/story"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://example.org/%7Euser/ä", "https://example.org/~user/%C3%A4"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a/../b", "https://example.org/b"),
        ("https://mp.weixin.qq.com/s?__biz=x&mid=1&scene=27&chksm=9", "https://mp.weixin.qq.com/s?__biz=x&mid=1"),
    ],
)
def test_variants_of_one_address_are_equal(one, other):
    assert canonical(one) == canonical(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/?id=1", "https://example.org/?id=2"),
        ("https://example.org/#!/one", "https://example.org/#!/two"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://m.co/a", "https://co/a"),
        ("https://example.org/camp", "https://example.org/c"),
        ("https://example.org/amplifier", "https://example.org/lifier"),
        ("https://example.org/a?ref=3", "https://example.org/a"),
        ("https://news.example.org/a", "https://example.org/a"),
        ("https://example.org/A", "https://example.org/a"),
    ],
)
def test_different_pages_stay_different(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "url",
    ["", "  ", "javascript:alert(1)", "mailto:a@b.c", "file:///etc/passwd", "http://", "https:///x", "data:,x",
     "urn:x:1", "http://[::1", "http://exa mple.org/", "/relative", "tag:example.org,2026:1", "http://example.org:99999/"],
)  # fmt: skip
def test_what_is_no_web_address_has_neither_form(url):
    assert canonical(url) is None
    assert clean_link(url) is None


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("/a", "https://example.org/feed.xml", "https://example.org/a"),
        ("a?x=1&utm_medium=rss", "https://example.org/b/feed", "https://example.org/b/a?x=1"),
        ("//cdn.example.org/i.png", "https://example.org/", "https://cdn.example.org/i.png"),
        (" https://example.org/a\n ", None, "https://example.org/a"),
        ("https://example.org/a?b=2&a=1#part", None, "https://example.org/a?b=2&a=1#part"),
        ("https://example.org/a?fbclid=1#part", None, "https://example.org/a#part"),
        ("https://www.lemonde.fr/x.html#xtor=RSS-3208", None, "https://www.lemonde.fr/x.html"),
        ("https://example.org/a b", None, "https://example.org/a%20b"),
        ("https://example.org/新闻?q=工业", None, "https://example.org/新闻?q=工业"),
        ("https://www.theguardian.com/x?CMP=share_btn", None, "https://www.theguardian.com/x"),
        ("https://example.org/?CMP=1", None, "https://example.org/?CMP=1"),
        ("https://example.org/?url=http%3A%2F%2Fx%2F%3Futm_source%3D1", None, "https://example.org/?url=http%3A%2F%2Fx%2F%3Futm_source%3D1"),
        ("java\nscript:alert(1)", "https://example.org/", None),
        ("?q", "https://example.org/a", "https://example.org/a?q"),
        ("#f", "https://example.org/a", "https://example.org/a#f"),
    ],
)  # fmt: skip
def test_the_published_form_changes_no_more_than_it_must(url, base, expected):
    assert clean_link(url, base) == expected


@given(st.text(max_size=60), st.sampled_from([None, "https://example.org/a/b?c", "nonsense", "http://[x"]))
def test_no_text_breaks_an_address(text, base):
    """Whatever stands where an address should, the answer is a web address or None."""
    for link in (clean_link(text, base), clean_link("http://" + text, base), clean_link("//" + text, base)):
        assert link is None or link.startswith(("http://", "https://"))
        assert link is None or clean_link(link) == link
    key = canonical("https://" + text)
    assert key is None or "utm_" not in key.split("?")[0] or "utm_" in text


def test_site_is_the_host():
    assert site("https://user@News.Example.org:8443/a") == "news.example.org"
    assert site("nothing") == ""
