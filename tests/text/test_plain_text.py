"""Markup as plain text, damage repaired where it is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.plain import mended, one_line, paragraphs


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("<p>One</p><p>two<br>three</p>", "One\ntwo\nthree"),
        ("<p>One\n two</p>", "One two"),
        ("a<b>b</b>c &amp; d", "abc & d"),
        ("<td>a</td><td>b</td>", "a b"),
        ("<script>x</script>y<style>z</style>", "y"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", "漢字"),
        ('<a title="a > b" href="x">t</a>', "t"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ],
)
def test_blocks_are_lines(given_, expected):
    assert paragraphs(given_) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("ldquo;x rdquo;", "“x ”"),
        ("they said&ldquo; x", "they said&ldquo; x"),
        ("donâ€™t", "don’t"),
        ("cafÃ©", "café"),
        ("Ä°stanbul", "İstanbul"),
        ("Å‚Ã³dÅº", "łódź"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("donÃ¢â‚¬â„¢t", "don’t"),
        ("it鈥檚 鈥淗ere", "it’s “Here"),
        ("宸ヤ笟浜掕仈缃�", "工业互联�"),
        ("ngÆ°á»\ufffdi phá»¥ ná»¯ cá»¥t chÃ¢n", "ngư\ufffdi phụ nữ cụt chân"),
        ("DziÄ™kujÄ™, Å¼e sÄ… caÅ‚e", "Dziękuję, że są całe"),
        ("pauml;auml;stauml;, don#39;t", "päästä, don't"),
        ("sharing; it&bigcirc; tab #39;s", "sharing; it&bigcirc; tab #39;s"),
        ("Buchstabe „Ä“, donâ€™t", "Buchstabe „Ä“, don’t"),
        ("Buchstabe „Ä“ und À la carte", "Buchstabe „Ä“ und À la carte"),
        ("横浜市西区みなとみらい", "横浜市西区みなとみらい"),
        ("涓涓细流汇成大海", "涓涓细流汇成大海"),
        ("&amp;nbsp;x &amp;quot;y", "&amp;nbsp;x &amp;quot;y"),
        ("São Paulo", "São Paulo"),
        ("camp; amp;", "camp; amp;"),
    ],
)
def test_only_certain_damage_is_mended(given_, expected):
    assert mended(given_) == expected


@given(st.text(alphabet=st.sampled_from("<>&;/'\"abp!-= \n\x00漢(shí)ldquo"), max_size=200), st.booleans())
def test_no_markup_breaks_a_line(text, markup):
    assert "\n" not in one_line(text, markup=markup)
    assert "\n\n" not in paragraphs(text)
