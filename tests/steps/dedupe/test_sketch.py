"""Words → sketch: what is equal in two spellings, and what is kept of a text."""

import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
from writing import article, chinese, item, words

from aggregator.steps.dedupe import sketch
from aggregator.steps.dedupe.headlines import forms, key
from aggregator.steps.dedupe.shingles import BEGINNING, WIDEST, WINDOW, figures, fingerprints, shingles, spans
from aggregator.steps.dedupe.tokens import CHARACTER, FIGURE, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Storm, he said", "the storm he said"),
        ("café Über", "cafe uber"),
        ("Ｔｈｅ　ｓｔｏｒｍ", "the storm"),
        ("工業互聯網", "工业互联网"),
        ("1,234.5 men", "1234.5 men"),
        ("ко\u0301фе", "кофе"),
        ("المُدَرِّس", "المدرس"),
    ],
)
def test_spellings_of_one_text_have_the_same_tokens(one, other):
    """Case, width, accents, script variants, grouping of figures and marks inside words make no difference."""
    assert tokens(one, 99).tolist() == tokens(other, 99).tolist()


def test_a_token_says_what_it_is():
    """Figures and calendar words change from issue to issue; characters are counted in longer shingles."""
    found = tokens("On Tuesday 5 men", 99)
    assert [bool(number & FIGURE) for number in found] == [False, True, True, False]
    assert all(number & CHARACTER for number in tokens("公司カナ", 99))
    assert not any(number & CHARACTER for number in tokens("한국어 русский", 99))


def test_unspaced_scripts_are_read_character_by_character():
    assert tokens("ข่าวด่วน", 99).size > 4
    assert tokens("速報です", 99).size == 4


def test_a_long_text_counts_up_to_its_limit():
    assert tokens("word " * 5000, 1500).size == 1500


def test_shingles_are_the_same_in_every_process():
    """They are stored: a number that depends on the process would recognise nothing after a restart."""
    code = (
        "from aggregator.steps.dedupe.shingles import shingles; from aggregator.steps.dedupe.tokens import tokens;"
        "print(shingles(tokens('Storm über 工业互联网平台 nears the coast', 99)).tolist())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(shingles(tokens("storm uber 工業互聯網平臺 nears the coast", 99)).tolist())


@pytest.mark.parametrize("count", range(8))
def test_texts_of_any_length_have_shingles(count):
    for text in (" ".join("abcdefgh"[:count]), "甲乙丙丁戊己庚辛"[:count], "a" + "甲乙丙丁戊己庚"[: max(0, count - 1)]):
        hashes = shingles(tokens(text, 99))
        assert (hashes.size > 0) == (tokens(text, 99).size > 0)
        assert len(fingerprints(hashes)) == (1 if hashes.size else 0)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("length", "start", "run"), [(90, 30, WINDOW), (400, 10, WINDOW), (400, 200, WIDEST), (900, 40, WIDEST)]
)
def test_every_common_run_of_a_window_shares_a_fingerprint(seed, length, start, run):
    """What a random sample cannot promise of an excerpt."""
    long = words(seed, length)
    part = long[start : start + run + 2]  # a shingle spans three words
    quote = words(1000 + seed, 20) + part + words(2000 + seed, 20)
    one, other = (fingerprints(shingles(tokens(" ".join(text), 999))) for text in (long, quote))
    assert set(one) & set(other)


@pytest.mark.parametrize("seed", range(20))
def test_a_passage_further_on_in_another_long_text_is_found(seed):
    """Narrow windows here and wide ones there have the same smallest shingles."""
    part = words(seed, WIDEST + 2)
    texts = (words(1000 + seed, 300) + part, part + words(2000 + seed, 300))
    one, other = (fingerprints(shingles(tokens(" ".join(text), 999))) for text in texts)
    assert set(one) & set(other)


def test_one_shingle_in_twenty_of_a_long_text_is_a_fingerprint():
    """Each is a row on a page of its own."""
    hashes = shingles(tokens(article(1, 1400), 1500))
    assert 0.025 < len(fingerprints(hashes)) / hashes.size < 0.06
    beginning = fingerprints(hashes[:BEGINNING])
    assert set(beginning) <= set(fingerprints(hashes))


def test_figures_are_compared_in_the_same_surroundings():
    """Other figures around them make no difference, other words do."""
    one, other = figures(tokens("closed at 5 points on 3 May", 99)), figures(tokens("closed at 7 points on 4 May", 99))
    assert one[:, 0].tolist() == other[:, 0].tolist()
    assert (one[:, 1] == other[:, 1]).tolist() == [False, False, True]
    assert figures(tokens("no figure", 99)).shape == (0, 2)


def equal(one, other):
    """As compare.py asks it: a form that lost its label equals only a whole one."""
    a, b = forms(one), forms(other)
    own, others = set(map(key, a.own)), set(map(key, b.own))
    return bool(own & (others | set(map(key, b.bare))) or set(map(key, a.bare)) & others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Breaking: Storm nears the northern coast", "Storm nears the northern coast"),
        ("UPDATE 2-Storm nears the northern coast", "Storm nears the northern coast"),
        ("Storm nears the northern coast - The Paper", "Storm nears the northern coast | Other Paper"),
        ("【专题】暴风雨逼近北部海岸地区", "暴風雨逼近北部海岸地區"),
        ("暴风雨逼近北部海岸地区_某某网", "特讯！暴风雨逼近北部海岸地区"),
        ("“Storm” nears — the northern coast", "'Storm' nears, the northern coast"),
    ],
)
def test_labels_and_names_of_outlets_leave_a_headline_equal(one, other):
    assert equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mill Road: witnesses wanted after accident", "Port Road: witnesses wanted after accident"),
        ("天海公司：关于股份变动的公告通知", "地山公司：关于股份变动的公告通知"),
        ("Market report for the region - 3 May", "Market report for the region - 4 May"),
    ],
)
def test_what_stands_before_a_colon_on_both_sides_is_no_label(one, other):
    """Two notices of one form are not equal because their subjects look like labels."""
    assert not equal(one, other)


def test_an_entry_that_only_repeats_its_headline_has_no_text():
    """Search feeds give the headline again as a link, and the outlet's name."""
    title = "Storm nears the northern coast as towns prepare"
    read = item("search", f"{title} - The Paper", f'<a href="https://a.example/1">{title}</a> <font>The Paper</font>')
    assert read.sketch.headline_only
    assert read.sketch.headlines
    assert not item("paper", title, article(1)).sketch.headline_only


def test_a_sketch_is_small_and_can_be_sent():
    """A worker sends it with every item."""
    made = item("a", "Some headline of a certain length", chinese(1, 700)).sketch
    assert len(pickle.dumps(made)) < 5000
    assert pickle.loads(pickle.dumps(made)) == made
    assert np.frombuffer(made.shingles, "<u2").size == 696


@pytest.mark.parametrize(
    "text",
    [
        "1" * 200_000,
        "1." * 100_000,
        "\u0301" * 200_000,
        "a\u0301" * 100_000,
        "|" * 200_000,
        "词" * 200_000,
        "- " * 100_000,
    ],
    ids=["digits", "groups", "marks", "accents", "bars", "characters", "dashes"],
)
def test_a_hostile_text_costs_no_more_than_a_long_one(text):
    """Every pattern is linear: the slowest of these takes a tenth of a second."""
    start = time.process_time()
    made = item("a", text[:2000], text)
    sketch(made)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("headline", "tells"),
    [("Your Sunday briefing: 8 April", False), ("Bridge over the Quane opens", True), ("Das Wetter am Montag", False)],
)
def test_a_day_or_a_date_makes_no_headline_rare(headline, tells):
    """What is left of a running headline without its day stands over other news as well."""
    assert bool(item("a", headline, article(3)).sketch.headlines) == tells


def test_a_fingerprint_stands_for_its_window():
    """Counted one by one, the beginning of a long text would weigh more than all that follows."""
    hashes = shingles(tokens(article(1, 600), 1500))
    found = fingerprints(hashes)
    marks = hashes.astype(np.uint16)
    windows = spans(found, marks)
    beginning = [one for one in found if one in hashes[:BEGINNING].tolist()]
    assert len(beginning) > len(found) / 4
    assert sum(windows[one] for one in beginning) < sum(windows.values()) / 5
    short = shingles(tokens(article(2, 60), 1500))
    assert set(spans(fingerprints(short), short.astype(np.uint16)).values()) == {WINDOW}
