"""Text that can be stored and shown, and the form in which spellings are equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.normalise import fold, line, shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("ＡＢＣ１２３", "abc123"),
        ("工業互聯網", "工业互联网"),
        ("state‑of–the—art", "state-of-the-art"),
        ("it’s", "it's"),
        ("it`s", "it's"),
        ("it´s", "it's"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("Ødegård", "odegard"),
        ("ΑΘΗΝΑ", "Αθήνα"),
        ("ещё", "еще"),
        ("ｶﾞｽ", "ガス"),
        ("co\u00adop\u200beration", "cooperation"),
        ("مُحَمَّد", "محمد"),
        ("“quoted”", '"quoted"'),
    ],
)
def test_spellings_of_one_text_fold_to_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("йод", "иод"), ("が", "か"), ("มา", "ม่า"), ("resume", "resumed")])
def test_different_letters_stay_different(one, other):
    """Marks that make another letter are not accents."""
    assert fold(one) != fold(other)


@given(st.text(alphabet=st.characters(codec=None)))
def test_folding_never_fails_and_settles(text):
    """Any text folds, lone surrogates too, and folding what is folded changes nothing that could be stored."""
    once = fold(text)
    once.encode("utf-8")
    assert fold(once) == fold(fold(once))


@given(st.text(alphabet=st.characters(codec=None)))
def test_shown_text_fits_xml_and_databases(text):
    """No NUL, no control but tab and line ends, no surrogate, whatever comes in."""
    kept = shown(text)
    kept.encode("utf-8")
    assert not any(ord(c) < 32 and c not in "\t\n\r" for c in kept)
    assert shown(kept) == kept


def test_joiners_stay_where_they_mean_something():
    """Emoji families and Persian words keep their joiners; Latin and Chinese text has no use for them."""
    assert shown("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"
    assert shown("می\u200cخواهم") == "می\u200cخواهم"
    assert shown("工\u200d业 a\u200cb") == "工业 ab"


def test_a_line_is_one_line():
    assert line("  one\n\ttwo\u2003three\x00 ") == "one two three"
