"""Documents made to exhaust a parser are cut before it sees them; ordinary ones are left as they are."""

import pytest
from lxml import etree

from aggregator.errors import Code, ParseError
from aggregator.steps.parse.bounded import MOST_ENTRIES, bounded
from aggregator.steps.parse.thinned import DEEPEST, LONGEST_TEXT, MOST_ALIKE, MOST_IN_ALL, MOST_TAGS
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
        rss(
            "<item><div>" + "<p>an <b>xhtml</b><br/> text</p>" * 100 + "</div></item>" * 100 + "<item><a/></item>" * 99
        ),
        rss("<item><title>a < b &amp; c</title><p>never <p><b>closed</b><br><i>x</i></item>" * 1_900),
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


def test_whoever_keeps_more_entries_has_more_read():
    """Half of what is read stands at either end: in both, as many as are kept."""
    many = rss("".join(f"<item><guid>{n}</guid></item>" for n in range(20_000)))
    assert bounded(many, "s", 2_000).count("<item>") == 4_000
    assert bounded(many, "s", 10).count("<item>") == MOST_ENTRIES


@pytest.mark.parametrize("closed", [True, False])
def test_elements_hundreds_deep_keep_their_texts_and_what_follows(closed):
    """A parser needs 20 µs for each, and stops altogether where they are too deep."""
    deep = "<a>" * 19_000 + "text" + "</a>" * (19_000 if closed else 0)
    short = bounded(rss(f"<item>{deep}</item><item><c/><guid>2</guid></item>{'<item/>' * 1_990}"), "s")
    assert short.count("<a>") < DEEPEST
    assert "text" in short
    assert "</item><item><c/><guid>2</guid></item><item/>" in short
    if closed:
        etree.fromstring(short)


def test_an_entry_of_far_too_many_elements_ends_there_and_the_next_is_read():
    flood = "".join(f"<a><b{n}/>" for n in range(MOST_TAGS))
    first = bounded(rss(f"<item><guid>1</guid>{flood}</item><item><guid>2</guid></item>"), "s")
    beside = bounded(rss(f"{flood}<item><guid>1</guid></item>{flood}"), "s")
    for short in (first, beside):
        assert short.count("<b") < 2 * MOST_TAGS
        assert "<guid>1</guid>" in short
        etree.fromstring(short)
    assert first.endswith("<item><guid>2</guid></item></channel></rss>")


@pytest.mark.parametrize(
    "flood", ["<item>" * 25_000, ("<item>" + "<a><b/></a>" * 5_000 + "</item>") * (MOST_IN_ALL // 15_000 + 1)]
)
def test_more_than_any_feed_has_is_refused(flood):
    """Entries in entries without end; more tags than are worth reading."""
    with pytest.raises(ParseError) as caught:
        bounded(rss(flood), "s")
    assert caught.value.code is Code.PARSE_LIMIT


def test_more_namespaces_than_any_feed_has_are_refused():
    """The same prefix declared again and again, as word processors do, is harmless."""
    assert bounded(rss("<o:p xmlns:o='u:o'/>" * 400), "s")
    with pytest.raises(ParseError) as caught:
        bounded(rss("".join(f"<x{n}:y xmlns:x{n}='u:{n}'/>" for n in range(1000))), "s")
    assert caught.value.code is Code.PARSE_LIMIT


def test_a_tag_with_far_too_many_attributes_keeps_its_name():
    flood = " ".join(f"a{n}=1" for n in range(5000))
    assert without_attribute_floods(f"<p {flood}>text</p><img {flood}/>") == "<p>text</p><img/>"
