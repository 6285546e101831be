"""Language tags as feeds write them, and what scripts tell."""

import pytest

from aggregator.text.language import language_of, tag


@pytest.mark.parametrize(
    ("written", "expected"),
    [("EN_us", "en-US"), ("zh-hant-tw", "zh-Hant-TW"), ("de", "de"), ("x", None), ("und", None), ("", None),
     (None, None), ("English please", None), ("en-US,de", None), ("sr-latn", "sr-Latn")],
)  # fmt: skip
def test_a_tag_is_bcp47_or_none(written, expected):
    assert tag(written) == expected


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("Київ оголосив про зміни", None, "uk"),
        ("Президентът заяви, че ще има нови избори през пролетта на годината ъ", None, "bg"),
        ("שלום עולם", None, "he"),
        ("Καλημέρα κόσμε", None, "el"),
        ("สวัสดีชาวโลก", None, "th"),
        ("現在の状況", "ja", "ja"),
        ("中文", "zh", "zh"),
        ("An English headline", "zh-CN", "zh-Hans"),
        ("Windows 11 更新", "en", "en"),
        ("Windows 更新带来了很多新的功能和修复", "en", "zh-Hans"),
    ],
)
def test_scripts_tell_what_they_can(text, declared, expected):
    assert language_of(text, declared) == expected
