# ruff: noqa: E501 - tables of scripts
"""Which language a text is in: what was declared where the script allows it, else what the script alone says.

Scripts decide what they can without a model: Han with kana is Japanese, Hangul is Korean, Han alone is Chinese and
its characters say which of the two scripts. Latin script says nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol, cast

import opencc

from aggregator.text.normalise import HAN, HANGUL, KANA, simplified

_TAG = re.compile(r"([A-Za-z]{2,3}|[A-Za-z]{5,8})((?:[-_][A-Za-z0-9]{1,8}){0,4})")
_NOT_SAID = frozenset({"und", "mul", "zxx", "none", "null", "xx"})
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
_SIMPLIFIED = frozenset({"hans", "cn", "sg", "my"})
_SAMPLE = 2_000  # characters looked at

_SCRIPTS = {
    "Han": HAN, "Kana": KANA, "Hangul": HANGUL, "Cyrillic": "\u0400-\u052f", "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Arabic": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc", "Hebrew": "\u05d0-\u05ea", "Thai": "\u0e00-\u0e7f",
    "Devanagari": "\u0900-\u097f", "Bengali": "\u0980-\u09ff", "Gurmukhi": "\u0a00-\u0a7f", "Gujarati": "\u0a80-\u0aff",
    "Tamil": "\u0b80-\u0bff", "Telugu": "\u0c00-\u0c7f", "Kannada": "\u0c80-\u0cff", "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff", "Lao": "\u0e80-\u0eff", "Tibetan": "\u0f00-\u0fff", "Burmese": "\u1000-\u109f",
    "Georgian": "\u10a0-\u10ff", "Armenian": "\u0530-\u058f", "Ethiopic": "\u1200-\u137f", "Khmer": "\u1780-\u17ff",
    "Mongolian": "\u1800-\u18af", "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}  # fmt: skip
_FIND = {name: re.compile(f"[{ranges}]") for name, ranges in _SCRIPTS.items()}
_ALONE = {
    "Greek": "el", "Hebrew": "he", "Thai": "th", "Devanagari": "hi", "Bengali": "bn", "Gurmukhi": "pa", "Gujarati": "gu",
    "Tamil": "ta", "Telugu": "te", "Kannada": "kn", "Malayalam": "ml", "Sinhala": "si", "Lao": "lo", "Tibetan": "bo",
    "Burmese": "my", "Georgian": "ka", "Armenian": "hy", "Ethiopic": "am", "Khmer": "km", "Mongolian": "mn", "Hangul": "ko",
}  # fmt: skip
_WRITTEN_IN = {
    "zh": {"Han"}, "yue": {"Han"}, "wuu": {"Han"}, "ja": {"Han", "Kana"}, "ko": {"Hangul", "Han"},
    **{language: {"Cyrillic"} for language in ("ru", "uk", "be", "bg", "mk", "ky", "tg")},
    **{language: {"Cyrillic", "Latin", "Arabic"} for language in ("kk", "sr", "uz", "az", "mn", "tt")},
    **{language: {"Arabic"} for language in ("ar", "fa", "ur", "ps", "ckb", "sd", "ug")},
    **{language: {script} for script, language in _ALONE.items() if language not in {"ko", "mn"}},
    "mr": {"Devanagari"}, "ne": {"Devanagari"}, "sa": {"Devanagari"}, "yi": {"Hebrew"}, "ti": {"Ethiopic"}, "as": {"Bengali"},
}  # fmt: skip
_KANA_SHARE = 0.05  # of the CJK characters: an English name in kana makes no Japanese text
_FOREIGN_SHARE = 0.5  # of the letters: a script that rules a text decides against its declaration


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _traditional() -> _Converter:
    return cast("_Converter", opencc.OpenCC("s2t"))


def tag(written: str | None) -> str | None:
    """A language as a feed wrote it, as a BCP 47 tag: `EN_us` → `en-US`, `zh-hant` → `zh-Hant`; None if it is none."""
    found = _TAG.fullmatch((written or "").strip())
    if found is None or found[1].lower() in _NOT_SAID:
        return None
    parts = [part for part in re.split("[-_]", found[2]) if part]
    # RFC 5646 §2.1.1: scripts in title case, regions in capitals, all else in small letters.
    cased = [p.title() if len(p) == 4 and p.isalpha() else p.upper() if len(p) == 2 else p.lower() for p in parts]  # noqa: PLR2004
    return "-".join([found[1].lower(), *cased])


def language_of(text: str, *declared: str | None) -> str | None:
    """The language of a text.

    Args:
        text: plain text, the title with the body.
        declared: tags by descending authority (entry, feed, source); the first that is one counts.

    Returns:
        The declared tag where the script allows it; `zh-Hans` or `zh-Hant` for Chinese wherever its characters or
        the declaration tell; else what the script says; None where neither says anything.
    """
    said = next((t for t in map(tag, declared) if t), None)
    sample = text[:_SAMPLE]
    counts = {name: len(found) for name, find in _FIND.items() if (found := find.findall(sample))}
    if said is None:
        return _by_script(sample, counts)
    primary = said.partition("-")[0]
    scripts = _WRITTEN_IN.get(primary, {"Latin"})
    total = sum(counts.values())
    ruling = max(counts, key=lambda name: counts[name], default="Latin")
    if counts and ruling not in scripts and ruling != "Latin" and counts[ruling] > _FOREIGN_SHARE * total:
        return _by_script(sample, counts) or said
    if primary == "ja" and "Han" in counts and "Kana" not in counts and counts["Han"] > 30:  # noqa: PLR2004
        return _by_script(sample, counts) or said  # no Japanese sentence does without kana for so long
    return _chinese(sample, said) if primary == "zh" else said


def _by_script(text: str, counts: dict[str, int]) -> str | None:
    """What the scripts alone say."""
    if not counts:
        return None
    cjk = sum(counts.get(name, 0) for name in ("Han", "Kana", "Hangul"))
    # A Chinese or Japanese character is a word, a letter is a fifth of one.
    weights = {name: n * (3 if name in {"Han", "Kana", "Hangul"} else 1) for name, n in counts.items()}
    ruling = max(weights, key=lambda name: weights[name])
    if ruling in {"Han", "Kana"}:
        return "ja" if counts.get("Kana", 0) > _KANA_SHARE * cjk else _chinese(text, "zh")
    if ruling == "Cyrillic":
        return _cyrillic(text.lower())
    if ruling == "Arabic":
        if any(c in text for c in "ٹڈڑےں"):
            return "ur"
        return "fa" if any(c in text for c in "پچژگ") else "ar"
    return _ALONE.get(ruling)


def _chinese(text: str, said: str) -> str:
    """`zh-Hans` or `zh-Hant`, by the characters, else by the declared script or region; `zh` if nothing tells."""
    han = "".join(_FIND["Han"].findall(text))
    to_traditional = _traditional().convert(han) if han else ""
    only_simplified = sum(a != b for a, b in zip(han, to_traditional, strict=False))
    only_traditional = sum(a != b for a, b in zip(han, simplified(han), strict=False))
    if only_traditional != only_simplified:
        return "zh-Hant" if only_traditional > only_simplified else "zh-Hans"
    parts = set(said.lower().split("-")[1:])
    if parts & _TRADITIONAL:
        return "zh-Hant"
    return "zh-Hans" if parts & _SIMPLIFIED else said


def _cyrillic(text: str) -> str:
    """By the letters that only one of the languages has."""
    for letters, language in (
        ("ў", "be"),
        ("іїєґ", "uk"),
        ("ђћљњџј", "sr"),
        ("ѓќѕ", "mk"),
        ("әғқңөұү", "kk"),
        ("ыэё", "ru"),
    ):
        if any(letter in text for letter in letters):
            return "mk" if language == "sr" and any(letter in text for letter in "ѓќѕ") else language
    return "bg" if "ъ" in text and len(text) > 60 else "ru"  # noqa: PLR2004 - ы or э would have come by then
