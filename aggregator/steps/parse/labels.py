"""Names of encodings as documents write them → Python codecs, by the supersets browsers use.

WHATWG Encoding Standard §4.2: a label means the encoding that pages under it are really written in ('gb2312' is
GB18030, 'iso-8859-1' is windows-1252, 'shift_jis' is cp932). Only what is listed is ever decoded: codecs such as
unicode_escape, utf-7 or idna are no answer to a document from outside.
"""

from __future__ import annotations

_LABELS = {
    "utf-8": "utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf-8-sig utf8mb4 us-utf-8",
    "gb18030": "gb2312 gb_2312 gb_2312-80 gbk x-gbk cp936 ms936 windows-936 chinese csgb2312 csiso58gb231280 euc-cn "
    "iso-ir-58 gb18030-2000 gb18030-2005 gb18030-2022",
    "hz": "hz-gb-2312",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950 ms950 windows-950 big5-eten",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j csshiftjis cp943",
    "euc_jp": "euc-jp eucjp x-euc-jp cseucpkdfmtjapanese ujis",
    "iso2022_jp_ext": "iso-2022-jp csiso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-ms",
    "cp949": "euc-kr euckr cseuckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949 ms949 uhc "
    "iso-ir-149 csksc56011987",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "cp1252": "iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 latin1 latin-1 l1 ascii us-ascii "
    "ansi_x3.4-1968 windows-1252 x-cp1252 cp819 ibm819 iso-ir-100 csisolatin1 ansi",
    "cp1250": "windows-1250 x-cp1250",
    "iso8859_2": "iso-8859-2 iso8859-2 iso88592 iso_8859-2 latin2 l2 csisolatin2 iso-ir-101",
    "iso8859_3": "iso-8859-3 iso8859-3 latin3 l3",
    "iso8859_4": "iso-8859-4 iso8859-4 latin4 l4",
    "cp1251": "windows-1251 x-cp1251 win-1251 win1251",
    "iso8859_5": "iso-8859-5 iso8859-5 iso88595 cyrillic csisolatincyrillic",
    "koi8_r": "koi8-r koi8 koi cskoi8r",
    "koi8_u": "koi8-u koi8-ru",
    "cp866": "ibm866 866 csibm866",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp1256": "windows-1256 x-cp1256",
    "iso8859_6": "iso-8859-6 iso8859-6 arabic csisolatinarabic ecma-114 asmo-708",
    "cp1253": "windows-1253 x-cp1253",
    "iso8859_7": "iso-8859-7 iso8859-7 greek greek8 csisolatingreek elot_928 ecma-118",
    "cp1255": "windows-1255 x-cp1255",
    "iso8859_8": "iso-8859-8 iso8859-8 iso-8859-8-i hebrew visual logical csisolatinhebrew",
    "cp1254": "windows-1254 x-cp1254 iso-8859-9 iso8859-9 iso88599 latin5 l5 csisolatin5 iso-ir-148",
    "iso8859_10": "iso-8859-10 iso8859-10 latin6 l6",
    "cp874": "windows-874 dos-874 iso-8859-11 iso8859-11 tis-620 tis620",
    "cp1257": "windows-1257 x-cp1257",
    "iso8859_13": "iso-8859-13 iso8859-13",
    "iso8859_14": "iso-8859-14 iso8859-14",
    "iso8859_15": "iso-8859-15 iso8859-15 iso885915 latin9 l9",
    "iso8859_16": "iso-8859-16 iso8859-16",
    "cp1258": "windows-1258 x-cp1258",
    "mac_roman": "macintosh mac x-mac-roman csmacintosh",
    "utf-16-le": "utf-16 utf16 utf-16le utf-16-le unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff",
    "utf-16-be": "utf-16be utf-16-be unicodefffe",
    "utf-32-le": "utf-32 utf32 utf-32le ucs-4",
    "utf-32-be": "utf-32be",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in (codec, *labels.split())}

# Encodings that read a wider set, tried where the first refuses.
WIDER = {"big5hkscs": ("cp950",), "euc_jp": ("euc_jis_2004",), "cp949": ("johab",), "cp1252": ("latin-1",)}

# What undeclared text in a language is usually written in, likeliest first.
OF_LANGUAGE = {
    "zh-hant": ("big5hkscs", "gb18030"), "zh-tw": ("big5hkscs", "gb18030"), "zh-hk": ("big5hkscs", "gb18030"),
    "zh": ("gb18030", "big5hkscs"), "ja": ("cp932", "euc_jp"), "ko": ("cp949",),
    "ru": ("cp1251", "koi8_r", "cp866"), "uk": ("cp1251", "koi8_u"), "be": ("cp1251",), "bg": ("cp1251",),
    "sr": ("cp1251", "cp1250"), "mk": ("cp1251",), "el": ("cp1253",), "tr": ("cp1254",), "he": ("cp1255",),
    "ar": ("cp1256",), "fa": ("cp1256",), "ur": ("cp1256",), "th": ("cp874",), "vi": ("cp1258",),
    "pl": ("iso8859_2", "cp1250"), "cs": ("cp1250", "iso8859_2"), "sk": ("cp1250", "iso8859_2"),
    "hu": ("cp1250", "iso8859_2"), "hr": ("cp1250",), "sl": ("cp1250",), "ro": ("cp1250", "iso8859_2"),
    "lt": ("cp1257", "iso8859_13"), "lv": ("cp1257", "iso8859_13"), "et": ("cp1257",),
}  # fmt: skip

# What the domain of a country says of the language.
OF_COUNTRY = {
    "pl": "pl", "cz": "cs", "sk": "sk", "hu": "hu", "hr": "hr", "ba": "hr", "si": "sl", "ro": "ro", "md": "ro",
    "lt": "lt", "lv": "lv", "ee": "et", "tr": "tr", "ru": "ru", "su": "ru", "xn--p1ai": "ru", "ua": "uk", "by": "be",
    "bg": "bg", "rs": "sr", "mk": "mk", "gr": "el", "cy": "el", "il": "he", "sa": "ar", "eg": "ar", "ae": "ar",
    "ma": "ar", "dz": "ar", "iq": "ar", "sy": "ar", "ir": "fa", "th": "th", "vn": "vi", "jp": "ja", "kr": "ko",
    "cn": "zh", "tw": "zh-tw", "hk": "zh-hk", "de": "de", "at": "de", "fr": "fr", "es": "es", "mx": "es", "ar": "es",
    "pt": "pt", "br": "pt", "it": "it", "se": "sv", "dk": "da", "no": "nb", "fi": "fi", "is": "is", "nl": "nl",
}  # fmt: skip


def codec(label: str) -> str | None:
    """The Python codec for a label, or None where no document may be read by it."""
    return _CODECS.get(label.strip().strip("\"'").lower())
