"""An explanation in words and as JSON."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.app.cli.explained import as_json, as_text
from aggregator.domain.entry import FeedInfo
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.domain.topic import Copy
from aggregator.pipeline.explain import Explanation
from aggregator.steps.dedupe.compare import Headlines

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def explanation(**evidence):
    item = Item(
        source_id="one",
        keys=Keys(text=b"t"),
        raw_hash=b"r",
        text_hash=b"h",
        guid="g",
        link="https://one.example/1",
        title="A title",
    )
    stored = StoredItem(
        id=1,
        public_id="tag:desk.example,2026:one/1",
        item=item,
        first_seen=NOON,
        order_at=NOON,
        changed_at=NOON,
        story="tag:desk.example,2026:two/2",
        story_reason="nearest is X, but figures differ",
        story_rule="first",
        story_evidence=evidence,
    )
    return Explanation(stored=stored, copies=(), verdicts=())


def test_a_comparison_is_told_in_words():
    """What a person needs to judge the decision: how much, how rare, headlines, figures."""
    text = as_text(
        explanation(
            contained=0.761, rare=0.25, headlines="frame", figures_agree=2, figures_differ=3, veto="figures", item="X"
        )
    )
    assert "nearest is X, but figures differ" in text
    assert "76% of the shorter text's words stand in the other" in text
    assert "25% of what they share is found in no third story" in text
    assert "the headlines are alike but for some words" in text
    assert "2 are the same, 3 not" in text


@pytest.mark.parametrize("standing", Headlines)
def test_every_standing_of_two_headlines_has_words(standing):
    """What a decision stores, `explain` can say."""
    found = explanation(contained=0.5, rare=1.0, headlines=standing.value, figures_agree=0, figures_differ=0)
    assert any("headline" in line for line in as_text(found).splitlines())


def test_the_other_item_is_named_and_what_differs_is_shown():
    """A reader of a refusal sees the other's headline, outlet and link, and the words and figures that differ."""
    one = explanation(contained=0.7, rare=1.0, headlines="frame", figures_agree=0, figures_differ=1)
    item = replace(one.stored.item, title="Water off in Birch Street", text="From 7 to 12.")
    other = replace(item, title="Water off in Alder Street", text="From 6 to 12.", link="https://two.example/2")
    near = Copy(
        stored=replace(one.stored, id=2, item=other), rank=0, source_title="The Two", source_url="-", feed=FeedInfo()
    )
    text = as_text(replace(one, stored=replace(one.stored, item=item), nearest=near))
    assert "compared with “Water off in Alder Street” in The Two: https://two.example/2" in text
    assert "but for some words (here Birch; there Alder)" in text
    assert "0 are the same, 1 not (here 7; there 6)" in text


def test_where_no_texts_were_compared_nothing_is_said_of_them():
    assert "compared" not in as_text(explanation(item="X", source="two"))


def test_scripts_get_rule_and_evidence():
    told = as_json(explanation(contained=0.5, veto="figures"))
    assert told["story"]["rule"] == "first"
    assert told["story"]["evidence"] == {"contained": 0.5, "veto": "figures"}
