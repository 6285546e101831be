"""The last look at texts and addresses before they go out."""

import pytest

from aggregator.steps.render.plain import address, email_address, excerpt, language_tag, media_type, plain, web_address


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
