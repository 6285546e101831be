"""The last look at texts and addresses before they go out."""

import pytest

from aggregator.steps.render.plain import (
    address,
    caption,
    email_address,
    excerpt,
    identifier,
    language_tag,
    media_type,
    plain,
    web_address,
    xml_text,
)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("https://x.example/a?b=1&c=%E5%B7%A5#d", "https://x.example/a?b=1&c=%E5%B7%A5#d"),
        ("https://x.example/工业 a", "https://x.example/%E5%B7%A5%E4%B8%9Aa"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://x.example/100%", "https://x.example/100%25"),
        ("https://x.example/%%30", "https://x.example/%25%30"),
        ("https://x.example/\x00a\x9f", "https://x.example/a"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
        ("magnet:?xt=urn:btih:abc", "magnet:?xt=urn:btih:abc"),
        ("java\tscript:alert(1)", None),
        (" javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//x.example/", None),
        ("/a", None),
        ("x", None),
        ("http://www.<script>.com/", None),
        ("https://[bad", None),
        ("", None),
        (None, None),
    ],
)
def test_address(said, written):
    """Absolute, ASCII and harmless, or none at all."""
    assert address(said) == written


def test_web_address():
    """Only what a browser opens."""
    assert web_address("HTTPS://x.example/") == "https://x.example/"
    assert web_address("mailto:desk@example.org") is None


def test_plain_keeps_words_apart():
    """Blocks that end part words; tags inside a word do not; entities are read once."""
    assert plain("<p>One</p><p>two<br>three <b>fo</b>ur &amp;lt; &lt;five</p>") == "One two three four &lt; <five"
    assert plain(None) == ""


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("short", 10, "short"),
        ("one two three", 9, "one two…"),
        ("one, two three", 6, "one…"),
        ("abcdefghijklmnop", 8, "abcdefg…"),
        ("记者从会议上获悉，平台已经落地", 10, "记者从会议上获悉…"),
        ("  white \n space  ", 20, "white space"),
    ],
)
def test_excerpt(text, length, cut):
    """Cut at a word where words are spaced, after any character where they are not, never over the length."""
    assert excerpt(text, length) == cut
    assert len(cut) <= length


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (language_tag, ("en", "zh-Hant-TW"), ("", "en_GB", '"><script>', "e", None)),
        (media_type, ("audio/mpeg", "application/atom+xml"), ("mp3", "<svg>/x", "/", "a/b/c", "", None)),
        (email_address, ("a.b+c@example.org",), ("a", "a@b@c", "<a@b>", "a@", "a b@c", None)),
    ],
)
def test_small_checks(check, good, bad):
    """What is not well-formed is left out rather than written."""
    assert [check(value) for value in good] == list(good)
    assert [check(value) for value in bad] == [None] * len(bad)


@pytest.mark.parametrize(
    "title",
    [
        "The <dialog> element",
        "</b> is no tag",
        "a<!--b",
        "&lt;b&gt;",
        "AT&copy",
        "x &#x41; y",
        "&4you",
        "alpha&omega",
        "<?php",
    ],
)
def test_a_title_shows_as_it_stands(title):
    """A browser that takes a title for HTML shows every sign of it, and nothing is parsed as a tag or an entity."""
    from html import unescape

    import html5lib

    shown = caption(title)
    assert shown.replace("\u2060", "") == title
    assert unescape(shown) == shown
    assert "".join(html5lib.parseFragment(shown).itertext()) == shown


@pytest.mark.parametrize("title", ["AT&T", "R&D, Q&A", "3 < 5 > 2", "a & b", "<3", "工业 & 互联网"])
def test_a_harmless_title_is_untouched(title):
    """Signs that no reader can take for markup stay alone."""
    assert caption(title) == title


def test_a_lost_letter_is_shown():
    """U+FFFD came with the text; written on, it would be taken for our fault."""
    assert xml_text("na\ufffdve") == "na\u25a1ve"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("http://Example.ORG", "http://example.org/"),
        ("HTTPS://example.org:443/a/./b/../c?x=%7e", "https://example.org/a/c?x=~"),
        ("http://example.org:8080/%c3%a9", "http://example.org:8080/%C3%A9"),
        ("http://example.org/", "http://example.org/"),
        ("tag:example.org,2005:a/b", "tag:example.org,2005:a/b"),
        ("urn:isbn:12", "urn:isbn:12"),
        ("urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6", "urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6"),
        ("urn:uuid:60a76c80", None),
        ("urn:x:1", None),
        ("tag:example.org", None),
        ("http://example.org:port/", None),
        ("a name", None),
        ("", None),
        (None, None),
    ],
)
def test_identifier(said, written):
    """A feed's id in normal form: Atom's processors compare ids letter by letter."""
    assert identifier(said) == written
