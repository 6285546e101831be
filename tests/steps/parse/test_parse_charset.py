"""The right text, or U+FFFD; never other letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.steps.parse.charset import decode

TEXTS = {
    "hans": "<rss><title>北京工业互联网底层技术信创工作组成立大会在中关村举行，近年来我国高速发展。</title></rss>",
    "hant": "<rss><title>臺北市政府今日舉行記者會，說明交通建設進度與經濟發展。</title></rss>",
    "ja": "<rss><title>東京都は２０日、新しい交通システムの導入について①発表した。</title></rss>",
    "ko": "<rss><title>서울시는 오늘 새로운 교통 정책을 발표했다. 대통령은 회의에 참석했다.</title></rss>",
    "ru": "<rss><title>Москва: Президент России провёл совещание по вопросам экономики</title></rss>",
    "fr": "<rss><title>Économie : les élèves français étaient très déçus, où êtes-vous ?</title></rss>",
    "de": "<rss><title>Größere Änderungen für Städte und Länder – „heute“</title></rss>",
}
LEGACY = [("hans", "gb18030"), ("hant", "big5hkscs"), ("hant", "gb18030"), ("ja", "cp932"), ("ja", "euc_jis_2004"),
          ("ko", "cp949"), ("ru", "cp1251"), ("ru", "koi8_r"), ("fr", "cp1252"), ("de", "cp1252")]  # fmt: skip
LABELS = {"gb18030": "gb2312", "big5hkscs": "big5", "cp932": "Shift_JIS", "euc_jis_2004": "euc-jp", "cp949": "euc-kr",
          "cp1251": "windows-1251", "koi8_r": "KOI8-R", "cp1252": "iso-8859-1"}  # fmt: skip


@pytest.mark.parametrize("said", ["", "text/xml; charset=utf-8", "text/xml; charset=iso-8859-1"])
@pytest.mark.parametrize(("name", "encoding"), LEGACY)
def test_legacy_encodings_are_found_whatever_http_says(name, encoding, said):
    assert decode(TEXTS[name].encode(encoding), said).text == TEXTS[name]


@pytest.mark.parametrize(("name", "encoding"), LEGACY)
def test_a_declared_label_means_the_superset_browsers_use(name, encoding):
    """Big5 that says gb2312 over HTTP is still Big5; gb2312 holds GB18030, Shift_JIS holds ①."""
    document = f'<?xml version="1.0" encoding="{LABELS[encoding]}"?>{TEXTS[name]}'
    assert decode(document.encode(encoding), "text/xml; charset=gb2312").text == document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize(
    "said", ["", "text/xml; charset=gbk", "text/xml; charset=iso-8859-1", "text/xml; charset=utf-16"]
)
@pytest.mark.parametrize("name", TEXTS)
def test_unicode_is_unicode_whatever_is_declared(name, said, encoding):
    assert decode(TEXTS[name].encode(encoding), said).text == TEXTS[name]


FURTHER = {
    "windows-1250": "Prezydent spotkał się z premierem. Żółte łąki i gęsi.",
    "windows-1253": "Ο πρωθυπουργός ανακοίνωσε",
    "windows-1254": "Cumhurbaşkanı bugün İstanbul’da konuştu", "windows-1255": "ראש הממשלה הודיע היום על צעדים חדשים",
    "windows-1256": "أعلن رئيس الوزراء اليوم عن إجراءات", "windows-1257": "Vyriausybė patvirtino naują įstatymą",
    "iso-8859-2": "Vláda schválila nový zákon, žluťoučký kůň", "iso-8859-5": "Президент провёл совещание в Москве",
    "iso-8859-7": "Ο πρωθυπουργός ανακοίνωσε", "iso-8859-8": "ראש הממשלה הודיע היום",
    "iso-8859-15": "Coût : 5 € à la gare",
    "koi8-u": "Президент України підписав закон", "ibm866": "Президент провёл совещание в Москве",
    "tis-620": "นายกรัฐมนตรีประกาศมาตรการใหม่", "gbk": "北京工业互联网", "big5-hkscs": "香港嘅新聞係噉樣",
}  # fmt: skip


@pytest.mark.parametrize("label", FURTHER)
@pytest.mark.parametrize("said", ["", "text/xml; charset=utf-8", "text/xml; charset=iso-8859-1"])
def test_what_a_document_says_is_believed_before_what_servers_say_of_everything(label, said):
    text = f'<?xml version="1.0" encoding="{label}"?><rss><title>{FURTHER[label]}</title></rss>'
    assert decode(text.encode(label), said).text == text
    default = text.replace(label, "iso-8859-1")
    assert decode(default.encode(label), f"text/xml; charset={label}").text == default


@pytest.mark.parametrize("label", ["windows-1253", "windows-1255", "windows-1256", "ibm866", "tis-620", "koi8-u"])
def test_an_alphabet_is_known_by_its_frequent_letters(label):
    """Nothing is declared: read as another alphabet, its seldom letters would be the frequent ones."""
    text = f"<rss><title>{FURTHER[label]} {FURTHER[label]}</title></rss>"
    assert decode(text.encode(label)).text == text


NEWS = {
    "pl": ("Rząd przyjął projekt budżetu, a związki zapowiadają strajk w środę", "cp1250 iso8859_2"),
    "cs": ("Povodně zasáhly severní Čechy, hasiči evakuovali dvě stě lidí", "cp1250 iso8859_2"),
    "sk": ("Opozícia žiada odvolanie ministra, hlasovať sa bude v utorok večer", "cp1250 iso8859_2"),
    "hu": ("A kormány új családtámogatási rendszert fogadott el, jövőre jön az első kifizetés", "cp1250 iso8859_2"),
    "hr": ("Vlada će od siječnja smanjiti porez, a očekuju se i više plaće učitelja", "cp1250 iso8859_2"),
    "sl": ("Poplave so poškodovale več cest, župan prosi za pomoč države", "cp1250 iso8859_2"),
    "ro": ("Autorităţile au închis şcolile după ninsorile căzute în ultima săptămână", "cp1250 iso8859_2"),
    "lt": ("Vyriausybė pritarė įstatymo pataisoms, kurios įsigalios sausio mėnesį", "cp1257 iso8859_13"),
    "lv": ("Saeima apstiprināja nākamā gada budžetu, opozīcija balsoja pret", "cp1257 iso8859_13"),
    "et": ("Riigikogu võttis vastu seaduse, mille järgi tõuseb õpetajate töötasu", "cp1257 cp1252"),
    "tr": ("Bakanlık yarın için fırtına uyarısı yaptı, okullar tatil edilebilir", "cp1254"),
    "is": ("Eldgosið hófst í nótt og þúsundir íbúa þurftu að yfirgefa heimili sín", "cp1252"),
    "da": ("Regeringen foreslår højere løn til sygeplejersker fra næste år", "cp1252"),
    "pt": ("O Congresso aprovou as alterações à Constituição após longa discussão", "cp1252"),
    "ru": ("Мороз ударил ночью", "cp1251 koi8_r cp866 iso8859_5"),
    "uk": ("Снігопад зупинив рух поїздів", "cp1251 koi8_u"),
    "bg": ("Снегът затвори пътищата", "cp1251"),
    "el": ("Ισχυροί άνεμοι στο Αιγαίο", "cp1253 iso8859_7"),
    "he": ("סופה חזקה צפויה הלילה בצפון", "cp1255 iso8859_8"),
    "ar": ("عاصفة قوية تضرب الساحل الليلة", "cp1256 iso8859_6"),
}  # fmt: skip
UNSAID = [(text, encoding) for text, encodings in NEWS.values() for encoding in encodings.split()]


@pytest.mark.parametrize(("text", "encoding"), UNSAID)
@pytest.mark.parametrize(("head", "http"), [("", ""), ("", "iso-8859-1"), (' encoding="iso-8859-1"', "utf-8")])
def test_a_language_is_known_by_its_letters(text, encoding, head, http):
    """One headline is enough to tell windows-1250 from ISO 8859-2; and to see through the default of all programs."""
    document = f'<?xml version="1.0"{head}?><rss><title>{text}</title><title>{text}</title></rss>'
    assert decode(document.encode(encoding), f"text/xml; charset={http}" if http else "").text == document


@pytest.mark.parametrize(
    ("words", "encodings"),
    [("Źródła Wołów Łąki Ćmy", "cp1250 iso8859_2"), ("Říčany Zlín Třeboň Jičín", "cp1250 iso8859_2"),
     ("Ņujorka Ķemeri Ģertrūde", "cp1257 iso8859_13"), ("Метель Щука Гроза", "cp1251 koi8_r cp866 iso8859_5"),
     ("שלג ברד רוח", "cp1255"), ("ثلج برد", "cp1256 iso8859_6"), ("大雪 暴風 濃霧", "gb18030 big5hkscs cp932"),
     ("눈 비", "cp949")],
)  # fmt: skip
def test_one_word_is_right_or_lost_never_other_letters(words, encodings):
    for word in words.split():
        for encoding in encodings.split():
            found = decode(f"<rss><title>{word}</title></rss>".encode(encoding)).text
            assert word in found or "\ufffd" in found, (word, encoding, found)


@pytest.mark.parametrize(
    "said", ["language", "url", "element", "attribute"], ids=["the owner", "its country", "the feed", "xml:lang"]
)
def test_what_speaks_for_a_language_decides_between_its_encodings_and_others(said):
    """One word that Lithuanian and Western letters make alike."""
    head = {"element": "<language>lt-LT</language>", "attribute": '<x xml:lang="lt"/>'}.get(said, "")
    document = f"<rss>{head}<title>Kaunų Mongolų</title></rss>"
    found = decode(
        document.encode("cp1257"),
        language="lt" if said == "language" else None,
        url="https://naujienos.example.lt/rss" if said == "url" else "",
    )
    assert found.text == document


@pytest.mark.parametrize("name", TEXTS)
def test_one_bad_byte_costs_one_character(name):
    raw = TEXTS[name].encode()
    for declared in ("", "text/xml; charset=utf-8", "text/xml; charset=iso-8859-1"):
        text = decode(raw[:12] + b"\xff" + raw[12:], declared).text
        assert text == TEXTS[name][:12] + "\ufffd" + TEXTS[name][12:]


def test_seven_bit_encodings_do_not_pass_as_ascii():
    assert decode(TEXTS["ja"].replace("①", "").encode("iso2022_jp")).text == TEXTS["ja"].replace("①", "")
    text = "<title>工业</title>"
    assert decode(text.encode("hz"), "text/xml; charset=hz-gb-2312").text == text
    assert decode(TEXTS["hans"].replace("<", "\n<").encode("hz")).text == TEXTS["hans"].replace("<", "\n<")
    for text in ("a ~{b", "~{abcdef~} and ~{xyzw~}", "<t>${x~{1}~}</t>"):
        assert decode(text.encode()).text == text


def test_the_owners_word_wins():
    """`encoding:` in feeds.yaml overrides marks, declarations and guesses."""
    assert decode("工业".encode("gb18030"), "text/xml; charset=big5", "gb18030").text == "工业"


def test_a_short_text_may_be_utf8_by_chance():
    """一 in GBK is һ in UTF-8: what the document declares decides."""
    document = '<?xml version="1.0" encoding="gbk"?><title>一</title>'
    assert decode(document.encode("gbk")).text == document


@pytest.mark.parametrize("label", ["windows-1251", "koi8-r", "euc-kr", "gb2312", "windows-1250", "ibm866"])
def test_little_utf8_is_read_as_such_whatever_it_declares(label):
    """A few accented letters are no two-byte characters of another encoding, and never those of a third."""
    text = "Żółć Łódź Übergröße"
    document = f'<?xml version="1.0" encoding="{label}"?><title>{text}</title>'
    assert decode(document.encode()).text == document


@pytest.mark.parametrize(
    ("text", "label"),
    [("快讯", "gb2312"), ("小米", "gbk"), ("颱風來襲", "big5"), ("快訊", "big5"), ("속보", "euc-kr"),
     ("速報", "euc-jp"), ("首相が会見", "shift_jis"), ("Путин", "ibm866"), ("Київ", "koi8-u")],
)  # fmt: skip
@pytest.mark.parametrize("template", ['<?xml version="1.0" encoding="{}"?>', '<?xml version="1.0" encoding="utf-8"?>'])
def test_utf8_said_beside_another_encoding_costs_no_short_document_its_text(text, label, template):
    """Servers say UTF-8 of every file, and programs write it into every head."""
    document = f"{template.format(label)}<rss><title>{text}</title></rss>"
    http = "utf-8" if label in document else label
    assert decode(document.encode(label), f"text/xml; charset={http}").text == document


@pytest.mark.parametrize(("text", "label"), [("股市大跌", "gb2312"), ("שלום", "cp1255"), ("快讯", "gb2312")])
def test_too_little_text_to_tell_is_lost_rather_than_wrong(text, label):
    """Nothing says what it is, and several encodings read it equally well."""
    document = f'<?xml version="1.0"?><rss><title>{text}</title></rss>'
    found = decode(document.encode(label)).text
    assert text in found or "\ufffd" in found


@pytest.mark.parametrize("label", ["utf-7", "unicode_escape", "idna", "rot13", "undefined", "x-user-defined"])
def test_no_other_codec_is_ever_used(label):
    """A document cannot choose a codec that means something else than text."""
    raw = b'<?xml version="1.0" encoding="%s"?><t>+ADw- \\x41 caf\xc3\xa9</t>' % label.encode()
    assert decode(raw, f"text/xml; charset={label}").text == raw.decode()


@given(st.binary(max_size=400), st.sampled_from(["", "text/xml; charset=big5", "text/xml; charset=euc-jp"]))
def test_any_bytes_decode(raw, said):
    assert isinstance(decode(raw, said, None, "ja").text, str)
