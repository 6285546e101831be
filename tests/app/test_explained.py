"""An explanation in words and as JSON."""

from datetime import UTC, datetime

from aggregator.app.cli.explained import as_json, as_text
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.pipeline.explain import Explanation

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
    assert "76% of the shorter text is in the other" in text
    assert "25% of that in no other look-alike" in text
    assert "one headline with other words in it" in text
    assert "2 figures agree, 3 differ" in text


def test_where_no_texts_were_compared_nothing_is_said_of_them():
    assert "compared" not in as_text(explanation(item="X", source="two"))


def test_scripts_get_rule_and_evidence():
    told = as_json(explanation(contained=0.5, veto="figures"))
    assert told["story"]["rule"] == "first"
    assert told["story"]["evidence"] == {"contained": 0.5, "veto": "figures"}
