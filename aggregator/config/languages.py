"""Language tags that are well-formed, yet hardly what was meant."""

from __future__ import annotations

# ISO 639-1; three-letter codes are not doubted
_CODES = frozenset(
    """aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd
    ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr
    ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu""".split()  # noqa: SIM905  # 190 lines otherwise
)
_COUNTRIES = {
    "cn": "zh", "jp": "ja", "gb": "en", "us": "en", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "hk": "zh-Hant",
    "at": "de", "ir": "fa", "il": "he", "rs": "sr", "vn": "vi", "mx": "es",
}  # fmt: skip


def doubt(tag: str) -> str:
    """What is odd about a language tag and what to write instead, or ''."""
    primary = tag.split("-", maxsplit=1)[0].lower()
    if len(primary) != 2 or primary in _CODES:  # noqa: PLR2004  # ISO 639-1 codes have two letters
        return ""
    meant = _COUNTRIES.get(primary)
    return (
        f"{primary!r} is a country; its language is {meant!r}"
        if meant
        else f"{primary!r} is no language code of ISO 639"
    )
