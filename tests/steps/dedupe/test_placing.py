"""New items → stories: made articles, and what becomes of them on their way through other outlets."""

import html
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from opencc import OpenCC
from writing import TITLE, article, chinese, edited, item, known_stories, placed, words

from aggregator.domain.sketch import Neighbours
from aggregator.domain.story import StoryRule
from aggregator.steps.dedupe.placing import EXEMPLARS, LIST, Shelf

MONDAY = datetime(2024, 3, 4, 8, tzinfo=UTC)


COPIES = {
    "reprint": lambda text: ("b", TITLE, f"<div>{text}</div>"),
    "markup": lambda text: ("b", TITLE, f"<h2>{TITLE}</h2><p>{text.replace('. ', '.</p><p>')}</p>"),
    "new headline": lambda text: ("b", "Something quite different above it", text),
    "label": lambda text: ("b", f"Breaking: {TITLE}", text),
    "outlet's name": lambda text: ("b", f"{TITLE} - The Other Paper", text),
    "first paragraph": lambda text: ("b", TITLE, " ".join(text.split()[:45])),
    "cut summary": lambda text: ("b", TITLE, " ".join(text.split()[:30])[:-3] + "…"),
    "later paragraph": lambda text: ("b", TITLE, " ".join(text.split()[60:95])),
    "boilerplate behind": lambda text: ("b", TITLE, f"{text} Subscribe to our newsletter. {article(77, 30)}"),
    "credit before": lambda text: ("b", TITLE, f"QUANE, May 5 (Agency) - {text}"),
    "copy-edited": lambda text: ("b", TITLE, edited(text, 3, 0.07)),
    "edited heavily": lambda text: ("b", TITLE, edited(text, 3, 0.18)),
    "a sentence moved": lambda text: ("b", TITLE, ". ".join((s := text.split(". "))[3:] + s[:3])),
    "broken entities": lambda text: ("b", TITLE, html.escape(text).replace(". ", ". &amp;ldquo;")),
    "full width": lambda text: ("b", TITLE, "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in text)),
}


@pytest.mark.parametrize("what", COPIES)
def test_a_copy_joins_its_original_in_either_order(what):
    """Whatever an outlet does to an article, it stays one story, whichever copy comes first."""
    text = article(11, 160)
    one, other = item("a", TITLE, text), item(*COPIES[what](text))
    assert placed(one, other)[0] == [0, 0]
    assert placed(other, one)[0] == [0, 0]


def test_traditional_and_simplified_chinese_are_one():
    converter = OpenCC("t2s")
    traditional = "臺灣工業互聯網產業園舉行成立大會，" * 3 + chinese(5)
    simplified = converter.convert(traditional)
    one = item("a", "工业互联网产业园举行成立大会消息", simplified, language="zh-Hans")
    other = item("b", "工業互聯網產業園舉行成立大會消息", traditional, language="zh-Hant")
    assert placed(one, other)[0] == [0, 0]


def notice(place, day, hour, number):
    return (
        f"A vehicle was damaged in {place} on {day} May at {hour} o'clock. An unknown driver left the scene of the "
        f"accident without giving particulars. The damage is put at {number} crowns. Witnesses are asked to call the "
        "station at any time of the day."
    )


def test_issues_of_a_template_stay_apart():
    """Other day, place and figures in one frame are other news, from the first two issues on."""
    issues = [
        item(f"s{n}", f"{place}: witnesses wanted after accident", notice(place, n + 3, n + 7, 500 + 70 * n))
        for n, place in enumerate(["Mill Road", "Port Street", "East Bridge", "Long Lane", "North Gate", "Old Quay"])
    ]
    stories, reasons = placed(*issues)
    assert stories == list(range(6))
    assert all(reason.evidence["veto"] for reason in reasons[1:])


def test_a_copy_of_a_template_s_issue_joins_that_issue():
    """Refusing every template would cost the copies."""
    issues = [
        item(f"s{n}", f"{place}: witnesses wanted after accident", notice(place, n + 3, n + 7, 500 + 70 * n))
        for n, place in enumerate(["Mill Road", "Port Street", "East Bridge"])
    ]
    again = item("copy", "Port Street: witnesses wanted after accident", notice("Port Street", 4, 8, 570))
    assert placed(*issues, again)[0] == [0, 1, 2, 1]


def test_a_shared_background_does_not_join_two_stories():
    background = article(50, 60)
    one = item("a", "First news of the harbour and its ships", f"{article(51, 60)} {background}")
    other = item("b", "Second news of quite another kind here", f"{article(52, 60)} {background}")
    stories, reasons = placed(one, other)
    assert stories == [0, 1]
    assert reasons[1].evidence["veto"] == "background"


def test_a_newsletter_is_a_story_of_its_own_and_joins_nothing():
    """Not even what is printed after it, and whose beginning it holds."""
    first, second, third = (article(seed, 70) for seed in (61, 62, 63))
    letter = " ".join(f"{t.split('. ')[0]}. {t.split('. ')[1]}. {t.split('. ')[2]}." for t in (first, second, third))
    items = [
        item("a", "Alpha news in a headline of its own", first),
        item("b", "Beta report with a different headline", second),
        item("c", "Your morning letter with all the news", letter),
        item("d", "Gamma story that came after the letter", third),
    ]
    stories, reasons = placed(*items)
    assert stories == [0, 1, 2, 3]
    assert "newsletter" in reasons[2].text


def test_parts_of_a_series_stay_apart():
    """One boilerplate sentence is half of a short text; who else has it makes it nobody's."""
    note = "Note of the editors: our newsroom brings a series of reports in these days, and this is a part of it."
    parts = [
        item(f"s{n}", f"Series about {' '.join(words(400 + n, 4))}", f"{note} {article(410 + n, 22)}") for n in range(5)
    ]
    assert placed(*parts)[0] == list(range(5))


def test_a_letter_joins_no_story_that_it_quotes_at_its_end():
    """Even where its other stories are not known: it begins with other news."""
    quoted = article(61, 50)
    letter = f"{article(64, 60)} {article(65, 60)} {quoted}"
    story, mail = item("a", "Alpha news in a headline of its own", quoted), item("b", "All the news tonight", letter)
    for items in ((story, mail), (mail, story)):
        stories, reasons = placed(*items)
        assert stories == [0, 1]
        assert reasons[1].evidence["veto"] == "quoted"


def test_a_running_headline_of_one_source_joins_nothing():
    """Live pages and columns: one headline, other news under it."""
    title = "What happened on the harbour while we were asleep"
    days = [item("a", title, f"{article(500 + n, 90)} Read on tomorrow in this place.", guid=str(n)) for n in range(3)]
    assert placed(*days)[0] == [0, 1, 2]


def test_a_corrected_figure_in_a_long_text_is_a_correction():
    text = article(71, 100) + " The damage was put at 500 crowns by the owners. " + article(72, 60)
    assert placed(item("a", TITLE, text), item("b", TITLE, text.replace("500", "700")))[0] == [0, 0]


def test_a_headline_alone_joins_the_one_story_that_has_it():
    """From another outlet: a source that prints its headline again has other news under it."""
    full = item("a", TITLE, article(81))
    bare = item("search", f"{TITLE} - The Paper")
    stories, reasons = placed(full, bare)
    assert stories == [0, 0]
    assert reasons[1].rule == StoryRule.HEADLINE_ONLY
    assert placed(bare, full)[0] == [0, 0]
    assert placed(item("a", TITLE, guid="1"), item("a", TITLE, guid="2"))[0] == [0, 1]


def test_a_headline_that_two_stories_have_joins_neither():
    """A running headline tells nothing."""
    running = "The news of the morning from around the harbour"
    one, two = item("a", running, article(91)), item("b", running, article(92))
    assert placed(one, two, item("search", running))[0] == [0, 1, 2]


CUT = "Harbour of Quane opens its third basin to ships from the whole"


@pytest.mark.parametrize(
    ("headline", "joins"),
    [
        (CUT, True),
        (f"Video: {CUT}", True),  # a label before it
        (f"{CUT} country", True),  # whole
        ("Harbour of Quane opens its first basin to boats from the whole country", False),  # a frame
        ("Harbour of Quane", False),  # hardly anything is left
        (f"{CUT} of 4 May", False),  # a day behind it
    ],
)
def test_a_headline_cut_at_its_end_counts_as_equal(headline, joins):
    """Some feeds print only so many letters of it. With a fair part of the text it is the same story."""
    part = article(11, 160).split()
    text = " ".join(part[:70] + words(5, 90))  # less than half of it
    original = item("a", f"{CUT} country", " ".join(part))
    stories, (_, reason) = placed(original, item("b", headline, text))
    assert (stories == [0, 0]) == joins
    if joins and headline != f"{CUT} country":
        assert reason.evidence["headlines"] == "cut"
        assert "one headline is the other's beginning" in reason.text


def test_short_headlines_are_no_headlines():
    assert placed(item("a", "Weather", guid="1"), item("b", "Weather", guid="2"))[0] == [0, 1]


def test_every_decision_says_what_it_rests_on():
    text = article(11, 160)
    _, (first, second) = placed(item("a", TITLE, text), item("b", "Another headline above it", text))
    assert first.text
    assert second.rule == StoryRule.SAME_TEXT
    assert second.evidence["item"] == "item 0"
    assert second.evidence["source"] == "a"
    assert second.evidence["contained"] == 1.0
    assert "100% of the shorter text" in second.text


def test_the_index_learns_little_from_copies():
    """A verbatim copy and a cut summary add no row; an original adds its fingerprints and its headline."""
    text = article(11, 160)
    shelf = Shelf(Neighbours())
    first = shelf.put(item("a", TITLE, text), "one").lesson
    assert first.exemplar
    assert len(first.keys) > 8
    for copy in (item("b", TITLE, text), item("c", TITLE, " ".join(text.split()[:40]))):
        lesson = shelf.put(copy, copy.source_id).lesson
        assert not lesson.exemplar
        assert lesson.keys == ()


def test_a_phrase_of_everybody_is_listed_a_few_times_only():
    """Reads stay bounded: that is what a template's text comes to."""
    shelf = Shelf(Neighbours())
    tail = article(7, 60)
    lessons = [
        shelf.put(item(f"s{n}", f"Headline number {n} of many", f"{article(100 + n)} {tail}"), f"i{n}").lesson
        for n in range(9)
    ]
    listed = [key for lesson in lessons for key in lesson.keys]
    assert max(map(listed.count, listed)) == LIST


def test_a_story_keeps_a_few_exemplars():
    """A story that is rewritten again and again costs no more than a few comparisons."""
    text = article(11, 160)
    shelf = Shelf(Neighbours())
    items = [item(f"s{n}", TITLE, f"{text} {article(300 + n, 90)}") for n in range(8)]
    lessons = [shelf.put(it, it.source_id) for it in items]
    assert {one.beside for one in lessons[1:]} <= {it.source_id for it in items}
    assert sum(one.lesson.exemplar for one in lessons) == EXEMPLARS


def test_an_item_that_grew_is_known_by_its_new_words():
    """A stub that is filled later: a copy of the later part joins it."""
    stub = article(11, 30)
    full = f"{stub} {article(12, 150)}"
    shelf = Shelf(Neighbours())
    assert shelf.put(item("a", TITLE, stub), "stub").beside is None
    later = item("b", TITLE, article(12, 150))
    lesson = shelf.learn(item("a", TITLE, full), "stub", -1)
    assert lesson.exemplar
    assert shelf.put(later, "later").beside == "stub"


def test_a_small_correction_teaches_the_index_nothing():
    text = article(11, 160)
    shelf = Shelf(Neighbours())
    shelf.put(item("a", TITLE, text), "one")
    lesson = shelf.learn(item("a", TITLE, text.replace(text.split()[50], "corrected")), "one", -1)
    assert (lesson.keys, lesson.exemplar) == ((), False)


def excerpts():
    """An article, and two outlets' excerpts of it that have nothing but the headline in common."""
    text = article(11, 200)
    parts = text.split()
    return [
        item("a", TITLE, " ".join(parts[:60])),
        item("b", TITLE, " ".join(parts[120:180])),
        item("c", TITLE, text),
    ]


def test_two_stories_that_a_fuller_copy_shows_to_be_one_are_merged():
    """The older story stays; the reason tells of both."""
    lead, later, full = excerpts()
    stored = Shelf(Neighbours())
    one, two = stored.place(lead.sketch, "a"), stored.put(later, "later")
    assert (one.exemplar, two.story, two.beside) == (None, None, None)
    shelf = Shelf(known_stories({7: (lead, "tag:lead"), 9: (later, "tag:later")}))
    intent = shelf.put(full, "full")
    assert (intent.story, intent.merges) == (7, (9,))
    assert "their stories are one" in intent.reason.text
    assert shelf.put(item("d", TITLE, full.text), "again").story == 7


def test_a_text_that_holds_two_others_under_another_headline_merges_nothing():
    lead, later, full = excerpts()
    shelf = Shelf(known_stories({7: (lead, "tag:lead"), 9: (later, "tag:later")}))
    assert shelf.put(item("c", "All the news of the night in one letter", full.text), "x").merges == ()


RUNNING = "The most important news of this Monday morning"


def days_apart(later, days, *, before):
    """Where an item goes that came so many days after a stored one."""
    near = known_stories({7: (before, "tag:before")})
    exemplars = {7: tuple(replace(one, at=MONDAY) for one in near.exemplars[7])}
    shelf = Shelf(replace(near, exemplars=exemplars, now=MONDAY + timedelta(days=days)))
    return shelf.put(later, "later").story


@pytest.mark.parametrize(("days", "story"), [(0.5, 7), (6.5, None)])
def test_a_bare_headline_is_that_of_these_days(days, story):
    """A search feed's item joins the article of the day, not the one that stood under the same words last week."""
    text, bare = item("a", RUNNING, article(31)), item("b", f"{RUNNING} - The Paper")
    assert days_apart(bare, days, before=text) == story
    assert days_apart(text, days, before=bare) == story


@pytest.mark.parametrize(("days", "story"), [(0.5, 7), (6.5, None)])
def test_an_equal_headline_days_later_does_not_vouch_for_a_shared_passage(days, story):
    """A third of the text under one headline is a copy on its day, and boilerplate of the same column a week later."""
    shared, ours, theirs = article(33, 56), article(34, 90), article(35, 90)
    before, later = item("a", RUNNING, f"{shared} {ours}"), item("b", RUNNING, f"{shared} {theirs}")
    assert days_apart(later, days, before=before) == story


def test_a_whole_copy_joins_days_later():
    text = article(36)
    assert days_apart(item("b", RUNNING, text), 6.5, before=item("a", RUNNING, text)) == 7


def test_a_wholly_contained_excerpt_under_a_headline_of_few_words_is_a_copy():
    """The longer text begins with something else, but prints it under the very same two words."""
    long = item("one", "Basin three", article(61, 300))
    excerpt = item("two", "Basin three", " ".join(long.text.split()[150:200]))
    stories, _ = placed(long, excerpt)
    assert stories == [0, 0]


def test_a_short_notice_under_its_dated_headline_is_a_copy_though_others_have_its_words():
    """Figures and days in an equal headline name the issue of a template."""
    form = " ".join(words(62, 24))
    issues = [item(f"s{day}", f"Notes {day} May", f"{form}. At {day + 7} {words(day, 1)[0]}") for day in range(5, 9)]
    copy = item("other", "Notes 6 May", f"{form}. At 13 {words(6, 1)[0]} more here")
    stories, _ = placed(*issues, copy)
    assert stories == [0, 1, 2, 3, 1]


@pytest.mark.parametrize(("days", "story"), [(1, 7), (4, None)])
def test_two_thirds_of_a_brief_notice_days_later_are_another_one(days, story):
    """A firm's next announcement repeats how it describes itself."""
    shared, ours, theirs = words(63, 20), words(64, 5), words(65, 5)
    before = item("a", "Alpha opens a first basin", " ".join([*shared[:16], *ours, *shared[16:]]))
    later = item("b", "Zeta moves the old crane", " ".join([*shared[:16], *theirs, *shared[16:]]))
    assert days_apart(later, days, before=before) == story
