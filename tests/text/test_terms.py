"""Words as matching sees them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.terms import canonical, needle, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", " "),
        ("—!?", " "),
        ("Trump’s Industrial‑Internet", " trump s industrial internet "),
        ("推出5G手机，今天", " 推出 5g 手机 今天 "),
        ("C++, C# and C+ or 1++", " c++ c# and c or 1 "),
        ("snake_case", " snake case "),
        ("ジョン・スミス", " じょん すみす "),
        ("ประเทศ ไทย", " ประเทศ ไทย "),
        ("go🚀go", " go 🚀 go "),
    ],
)
def test_the_canonical_form(text, expected):
    """Spaced words stand alone, unspaced script in runs, punctuation nowhere."""
    assert canonical(text) == expected


LETTERS = st.characters(exclude_categories=("Cs", "Mn", "Me", "Mc")) | st.sampled_from("\u0301\u0308\u093f\u05b8\u3099")


@settings(deadline=None)  # the machine may be busy
@given(st.text(LETTERS, max_size=60))
def test_the_canonical_form_of_any_text_is_clean_and_final(text):
    """Single spaces between and around words, and nothing changes the second time."""
    once = canonical(text)
    assert once == (" " + " ".join(once.split()) + " " if once.split() else " ")
    assert canonical(once) == once


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_a_text_contains_its_own_words(text, start, length):
    """Whole words of a text, taken as a phrase, are found in it."""
    words = canonical(text).split()[start : start + length + 1]
    if words:
        found = needle(" ".join(words))
        assert found is not None and found.within(canonical(text))


def test_nothing_to_look_for_is_no_needle():
    """A term without letter, digit or emoji can match nothing."""
    assert needle("--") is None
    assert needle("") is None


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("The (Industrial‑Internet), now", "industrial internet", "Industrial‑Internet"),
        ("我们發展工業互聯網。", "工业互联网", "工業互聯網"),
        ("“Trump’s” plan", "trump", "Trump’s"),
        ("in C++.", "c++", "C++"),
        ("新5G 手机壳", "5g手机", "5G 手机"),
        ("Cafe\u0301 au lait", "cafe au", "Cafe\u0301 au"),
        ("go🚀", "🚀", "🚀"),
        ("工业、互联网", "工业 互联网", "工业、互联网"),
        ("at the end", "end", "end"),
        ("beginning", "beginning", "beginning"),
        ("Größe, Maße, Straßen, Spaß. dpa", "dpa", "dpa"),
        ("Spaß in der Straße", "strasse", "Straße"),
        ("Neues aus İstanbul", "istanbul", "İstanbul"),
        ("nothing", "other", None),
    ],
)
def test_a_hit_is_shown_as_the_text_writes_it(text, term, expected):
    """`explain` quotes the item, not our folded form."""
    assert written(text, needle(term)) == expected


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=60), st.text(max_size=6))
def test_showing_a_hit_never_fails(text, term):
    """Any text and any term give a piece of the text, or nothing."""
    wanted = needle(term)
    if wanted is not None:
        hit = written(text, wanted)
        assert hit is None or hit in text
