"""Documents made to exhaust a parser are cut before it sees them; ordinary ones are left as they are."""

import pytest

from aggregator.errors import Code, ParseError
from aggregator.steps.parse.bounded import LONGEST_TEXT, MOST_ALIKE, MOST_ENTRIES, bounded
from aggregator.text.floods import without_attribute_floods


def rss(inside):
    return f"<rss version='2.0'><channel><title>F</title>{inside}</channel></rss>"


@pytest.mark.parametrize(
    "document",
    [
        rss("<item><title>&lt;b&gt; a > b</title><!-- x --><description><![CDATA[<p a=1>x</p>]]></description></item>"),
        rss("<item><title>t</title></item>" * 400 + "x" * 100_000),
        rss("<item>" + "<category>c</category>" * MOST_ALIKE + "</item>"),
        rss(f"<item><x {'a=1 ' * 100} src='data:{'A' * 50_000}'/></item>"),
    ],
)
def test_an_ordinary_document_is_left_as_it_is(document):
    assert bounded(document, "s") == document


@pytest.mark.parametrize("opening", ["<description>", "<description><![CDATA["])
def test_a_text_of_megabytes_is_cut_and_the_rest_stays(opening):
    closing = "]]></description>" if "CDATA" in opening else "</description>"
    document = rss(f"<item>{opening}{'long ' * 1_000_000}{closing}<guid>1</guid></item>")
    short = bounded(document, "s")
    assert len(short) < LONGEST_TEXT + 1000
    assert short.endswith(f"{closing}<guid>1</guid></item></channel></rss>")


def test_floods_of_equal_elements_end_and_begin_anew_with_each_entry():
    flood = "<category>c</category><enclosure url='u'/>" * (3 * MOST_ALIKE)
    short = bounded(rss(f"<item>{flood}</item>" * 20), "s")
    assert short.count("<category>") == short.count("<enclosure ") == 20 * MOST_ALIKE
    assert short.count("<item>") == 20


def test_of_a_million_entries_those_at_both_ends_are_read():
    """The newest stand at one end."""
    short = bounded(rss("".join(f"<item><guid>{n}</guid></item>" for n in range(20_000))), "s")
    assert short.count("<item>") == MOST_ENTRIES
    assert "<guid>0</guid>" in short
    assert "<guid>19999</guid>" in short
    assert "<guid>10000</guid>" not in short


def test_more_namespaces_than_any_feed_has_are_refused():
    """The same prefix declared again and again, as word processors do, is harmless."""
    assert bounded(rss("<o:p xmlns:o='u:o'/>" * 400), "s")
    with pytest.raises(ParseError) as caught:
        bounded(rss("".join(f"<x{n}:y xmlns:x{n}='u:{n}'/>" for n in range(1000))), "s")
    assert caught.value.code is Code.PARSE_LIMIT


def test_a_tag_with_far_too_many_attributes_keeps_its_name():
    flood = " ".join(f"a{n}=1" for n in range(5000))
    assert without_attribute_floods(f"<p {flood}>text</p><img {flood}/>") == "<p>text</p><img/>"
