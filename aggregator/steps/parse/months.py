# ruff: noqa: E501 - a language a line reads as the table it is
"""Names of months and zones in the languages of feeds. Data for dates.py."""

from __future__ import annotations

import unicodedata

# Twelve months a row, forms of one month joined by '/'. Compared folded: lower case, no accents, no full stop.
_MONTHS = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct "
    "november/nov december/dec",
    "de": "januar/jan/janner februar/feb/feber marz/mar/mrz/maerz april/apr mai juni/jun juli/jul august/aug "
    "september/sep/sept oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv/jan fevrier/fevr/fev mars/mar avril/avr mai juin/jun juillet/juil/jul aout/aou septembre/sept/sep "
    "octobre/oct novembre/nov decembre/dec",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
    "septiembre/setiembre/sep/sept/set octubre/oct noviembre/nov diciembre/dic",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett "
    "ottobre/ott novembre/nov dicembre/dic",
    "pt": "janeiro/jan fevereiro/fev marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out "
    "novembro/nov dezembro/dez",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep/sept oktober/okt "
    "november/nov december/dec",
    "sv": "januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept oktober/okt "
    "november/nov december/dec",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep/sept oktober/okt "
    "november/nov december/dec",
    "no": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep/sept oktober/okt "
    "november/nov desember/des",
    "pl": "stycznia/styczen/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecien/kwi maja/maj czerwca/czerwiec/cze "
    "lipca/lipiec/lip sierpnia/sierpien/sie wrzesnia/wrzesien/wrz pazdziernika/pazdziernik/paz listopada/listopad/lis "
    "grudnia/grudzien/gru",
    "cs": "ledna/leden/led unora/unor/uno brezna/brezen/bre dubna/duben/dub kvetna/kveten/kve cervna/cerven/cvn "
    "cervence/cervenec/cvc srpna/srpen/srp zari/zar rijna/rijen/rij listopadu/listopad/lis prosince/prosinec/pro",
    "tr": "ocak/oca subat/sub mart/mar nisan/nis mayis/may haziran/haz temmuz/tem agustos/agu eylul/eyl ekim/eki kasim/kas "
    "aralik/ara",
    "ru": "января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/маи июня/июнь/июн июля/июль/июл "
    "августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя/нояб декабря/декабрь/дек",
    "uk": "січня/січень/січ лютого/лютий/лют березня/березень/бер квітня/квітень/кві травня/травень/тра червня/червень/чер "
    "липня/липень/лип серпня/серпень/сер вересня/вересень/вер жовтня/жовтень/жов листопада/листопад/лис грудня/грудень/гру",
    "el": "ιανουαριου/ιανουαριος/ιαν φεβρουαριου/φεβρουαριος/φεβ μαρτιου/μαρτιος/μαρ απριλιου/απριλιος/απρ μαιου/μαιος/μαι "
    "ιουνιου/ιουνιος/ιουν ιουλιου/ιουλιος/ιουλ αυγουστου/αυγουστος/αυγ σεπτεμβριου/σεπτεμβριος/σεπ οκτωβριου/οκτωβριος/οκτ "
    "νοεμβριου/νοεμβριος/νοε δεκεμβριου/δεκεμβριος/δεκ",
    "ar": "يناير/كانونالثاني فبراير/شباط مارس/اذار ابريل/نيسان مايو/ايار يونيو/حزيران يوليو/تموز اغسطس/اب سبتمبر/ايلول "
    "اكتوبر/تشرينالاول نوفمبر/تشرينالثاني ديسمبر/كانونالاول",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu september/sep oktober/okt "
    "november/nov desember/des",
}  # fmt: skip

# RFC 822 §5.1 and the names in use, minutes east. Names that mean several zones (CST, IST, BST, AST) are not here
# unless one meaning rules in feeds; CST is settled by language.
ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "zulu": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "met": 60, "mest": 120, "eet": 120, "eest": 180, "msk": 180, "msd": 240, "trt": 180, "sast": 120,
    "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480,
    "hst": -600, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "acst": 570, "acdt": 630,
    "awst": 480, "nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "pkt": 300, "wib": 420, "ict": 420,
}  # fmt: skip

# Languages written in one zone of the clock: where a date has no zone, theirs is certain enough. Minutes east.
LANGUAGE_ZONE = {"zh": 480, "ja": 540, "ko": 540}
# What CST means where it is not the central zone of America.
CST = {"zh": 480}
CST_AMERICA = -360


_SAME_LETTER = str.maketrans("أإآıłς", "اااilσ", " ")


def fold_month(word: str) -> str:
    """Lower case, no accents, Arabic alefs and spaces unified."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    return plain.strip(".،,").translate(_SAME_LETTER)


def _table(row: str) -> dict[str, int]:
    return {fold_month(form): number for number, forms in enumerate(row.split(), 1) for form in forms.split("/")}


MONTHS = {language: _table(row) for language, row in _MONTHS.items()}
_ALIASES = {"nb": "no", "nn": "no", "sk": "cs", "ms": "id", "at": "de", "gl": "es"}


def months_of(language: str | None) -> tuple[dict[str, int], ...]:
    """The month tables to try: English, then the language's own."""
    tag = (language or "").lower().replace("_", "-").partition("-")[0]
    own = MONTHS.get(_ALIASES.get(tag, tag))
    return (MONTHS["en"],) if own is None else (own, MONTHS["en"])


def _unambiguous() -> dict[str, int]:
    """Full names (five letters or more) that mean one month in every language that has them."""
    found: dict[str, set[int]] = {}
    for table in MONTHS.values():
        for form, number in table.items():
            found.setdefault(form, set()).add(number)
    return {form: min(numbers) for form, numbers in found.items() if len(numbers) == 1 and len(form) > 4}  # noqa: PLR2004


ANY_LANGUAGE = _unambiguous()
