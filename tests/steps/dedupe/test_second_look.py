"""Copies that come before their originals, and what a later, fuller copy shows of them."""

from datetime import UTC, datetime

from writing import TITLE, article, edited, item, known_stories, placed

from aggregator.domain.story import StoryCandidate, StoryRule
from aggregator.steps.dedupe import worth_comparing
from aggregator.steps.dedupe.decision import decide
from aggregator.steps.dedupe.placing import Shelf

MONDAY = datetime(2024, 3, 4, 8, tzinfo=UTC)
REWRITTEN = "Ships of Quane find a basin more to moor in"


def test_a_story_has_the_headlines_of_all_its_copies():
    """The first to come had a headline of its own; a cut copy under the original's is still one of it."""
    text = article(51, 160)
    first, original = item("a", REWRITTEN, text), item("b", TITLE, text)
    later = item("c", TITLE, " ".join(text.split()[60:95]))
    assert placed(first, original, later)[0] == [0, 0, 0]
    assert placed(first, later)[0] == [0, 1]  # without the original nothing vouches for the passage


def test_a_label_before_another_s_label_is_none_of_the_headline():
    text = article(52, 160)
    one = item("a", f"【Talks】{TITLE}", text)
    passage = " ".join(text.split()[60:95])
    assert placed(one, item("b", f"Breaking: 【Talks】{TITLE}", passage))[0] == [0, 0]


def test_pieces_of_a_story_are_no_template_to_its_original():
    """Two edited copies that had too little in common to be one: the original joins both, and makes them one."""
    text = article(53, 160)
    one, other = item("a", TITLE, edited(text, 1, 0.2)), item("b", REWRITTEN, edited(text, 2, 0.15))
    assert placed(one, other)[0] == [0, 1]
    shelf = Shelf(
        known_stories({7: (one, "tag:one"), 8: (item("c", TITLE, text), "tag:copy"), 9: (other, "tag:other")})
    )
    intent = shelf.put(item("d", TITLE, text), "original")
    assert (intent.story, intent.merges) == (7, (8, 9))


def test_an_item_at_a_known_address_still_shows_what_its_text_shows():
    """The link decides where it goes; a story that has its text is the same one."""
    text = article(54, 160)
    excerpt = item("a", TITLE, " ".join(text.split()[60:95]))
    full = item("b", TITLE, text, link="https://b.example/story")
    candidate = StoryCandidate(
        story=9,
        public_id="tag:9",
        first_seen=MONDAY,
        item_public_id="tag:m",
        source_id="m",
    )
    near = known_stories({7: (excerpt, "tag:excerpt")})
    (intent,) = decide([full], {}, {full.keys.story_link: candidate}, frozenset(), "https://x.example/", near=near)
    assert (intent.story.story, intent.story.merges, intent.story.reason.rule) == (7, (9,), StoryRule.SAME_LINK)


def test_a_bare_headline_that_came_first_follows_the_story_with_its_text():
    """A search feed was faster than the papers, and the papers' texts found each other by themselves."""
    text = article(55, 160)
    bare, copy = item("search", f"{TITLE} - The Paper"), item("a", REWRITTEN, text)
    shelf = Shelf(known_stories({7: (bare, "tag:bare"), 9: (copy, "tag:copy")}))
    intent = shelf.put(item("b", TITLE, text), "original")
    assert (intent.story, intent.merges) == (7, (9,))


def test_a_round_up_that_comes_first_takes_no_article():
    """It prints a headline and an opening as its first item: whoever printed that opening alone is no copy of it."""
    lead = article(56, 28)
    letter = item("a", "All the news of this evening", f"{TITLE}. {lead} Storm on the coast. {article(57, 28)}")
    brief = item("b", TITLE, lead)
    assert placed(letter, brief)[0] == [0, 1]
    assert placed(brief, letter)[0] == [0, 1]


def test_an_introduction_makes_no_copy():
    """A column opens with the same sentences every week; half of a short text, and then other news."""
    opening = article(58, 28)
    one = item("a", "Notes from the window", f"{opening} {article(59, 24)}")
    other = item("a", "The lost umbrella", f"{opening} {article(60, 24)}")
    assert placed(one, other)[0] == [0, 1]


def test_a_headline_with_another_day_in_it_is_the_next_page_of_its_kind():
    opening = article(61, 40)
    one = item("a", "Live ticker on the budget, 11 February", f"{opening} {article(62, 10)}")
    other = item("a", "Live ticker on the budget, 12 February", f"{opening} {article(63, 10)}")
    assert placed(one, other)[0] == [0, 1]


def test_read_more_is_no_text():
    """A headline with two words under it is placed by the headline."""
    text = article(64, 160)
    assert placed(item("a", TITLE, text), item("b", TITLE, "Read more"))[0] == [0, 0]
    assert placed(item("a", TITLE, text), item("b", TITLE, "Up 4 points"))[0] == [0, 1]


def test_the_tenth_issue_of_a_template_is_still_found():
    """A template's words are listed under its first issues only; its figures find the later ones."""
    form = article(65, 40)
    issues = [
        item(
            "a",
            f"Prices on day {n}",
            f"On day {n} crude was {n * 37} crowns, gas {n * 53}, coal {n * 71}. {form}",
        )
        for n in range(1, 11)
    ]
    copy = item("b", "Prices on day 10", issues[9].text)
    assert placed(*issues, copy)[0] == [*range(10), 9]


def test_a_long_text_to_the_letter_is_no_frame():
    """A headline of its own that begins like the other: the text tells, if nothing at all is different in it."""
    text = f"{article(66, 90)} In 2024 there were 12 of 48 ships. {article(67, 60)}"
    one = item("a", "Harbour of Quane opens", text)
    other = item("b", "Harbour of Quane closes", text)
    third = item("c", "Something else", f"{article(68, 60)} {' '.join(text.split()[:70])}")
    assert placed(third, one, other)[0][1:] == [1, 1]


def test_a_headline_that_waits_is_looked_at_however_much_of_the_text_another_story_has():
    """Weighed by its words alone it would fall off the list of a long text's look-alikes."""
    text = item("a", TITLE, article(71, 400))
    like = dict.fromkeys(text.sketch.fingerprints, (1,))
    waiting = dict.fromkeys(item("search", TITLE).sketch.headlines, (2,))
    assert worth_comparing(text.sketch, {**like, **waiting}) == (1, 2)


def test_of_two_bare_headlines_the_first_gets_the_article():
    """Two search feeds were quicker than the outlet, and nothing else has that headline."""
    stories, _ = placed(item("search", TITLE), item("find", f"{TITLE} - Paper"), item("a", TITLE, article(72)))
    assert stories == [0, 1, 0]


def test_a_retitled_copy_does_not_draw_in_the_newsletter_that_prints_its_article():
    """The letter came when nobody could know it for one: it has the article's headline and most of its text."""
    text = f"{article(73, 60)} In 2024 there were 12 of 48 ships at 7 quays. {article(75, 90)}"
    letter = f"{TITLE}. {' '.join(text.split()[:110])}. {article(74, 100)}"
    near = known_stories({1: (item("a", TITLE, text), "tag:a"), 2: (item("a", "Tonight in short", letter), "tag:b")})
    intent = Shelf(near).put(item("c", "Fishermen ask for loans and a wall", text), "copy")
    assert (intent.story, intent.merges) == (1, ())
