# ruff: noqa: E501 - a language a line reads as the table it is
"""Names of months and weekdays in the languages of feeds. Data for dates.py."""

from __future__ import annotations

import re
import unicodedata

from aggregator.steps.parse.zones import primary

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
    "ca": "gener/gen febrer/febr marc abril/abr maig juny juliol/jul agost/ag setembre/set octubre/oct novembre/nov "
    "desembre/des",
    "ro": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sep/sept "
    "octombrie/oct/oc noiembrie/noi/nov decembrie/dec",
    "hu": "januar/jan februar/feb/febr marcius/mar/marc aprilis/apr majus/maj junius/jun julius/jul augusztus/aug "
    "szeptember/szep/szept oktober/okt november/nov december/dec",
    "fi": "tammikuuta/tammikuu/tammi helmikuuta/helmikuu/helmi maaliskuuta/maaliskuu/maalis huhtikuuta/huhtikuu/huhti "
    "toukokuuta/toukokuu/touko kesakuuta/kesakuu/kesa heinakuuta/heinakuu/heina elokuuta/elokuu/elo syyskuuta/syyskuu/syys "
    "lokakuuta/lokakuu/loka marraskuuta/marraskuu/marras joulukuuta/joulukuu/joulu",
    "sk": "januara/januar/jan februara/februar/feb marca/marec/mar aprila/april/apr maja/maj juna/jun jula/jul "
    "augusta/august/aug septembra/september/sep oktobra/oktober/okt novembra/november/nov decembra/december/dec",
    "sl": "januarja/januar/jan februarja/februar/feb marca/marec/mar aprila/april/apr maja/maj junija/junij/jun "
    "julija/julij/jul avgusta/avgust/avg septembra/september/sep oktobra/oktober/okt novembra/november/nov "
    "decembra/december/dec",
    "hr": "sijecnja/sijecanj/sij veljace/veljaca/velj ozujka/ozujak/ozu travnja/travanj/tra svibnja/svibanj/svi "
    "lipnja/lipanj/lip srpnja/srpanj/srp kolovoza/kolovoz/kol rujna/rujan/ruj listopada/listopad/lis "
    "studenoga/studenog/studeni/studenom/stu prosinca/prosinac/pro",
    "sr": "januar/jan/јануар/јан februar/feb/фебруар/феб mart/mar/март/мар april/apr/април/апр maj/мај jun/juni/јун/јуни "
    "jul/juli/јул/јули avgust/avg/август/авг septembar/sep/септембар/сеп oktobar/okt/октобар/окт novembar/nov/новембар/нов "
    "decembar/dec/децембар/дец",
    "bg": "януари/ян февруари/фев март/мар април/апр маи юни юли август/авг септември/сеп октомври/окт ноември/ное "
    "декември/дек",
    "be": "студзеня/студзень лютага/люты сакавіка/сакавік красавіка/красавік мая/травеня/маи/траўня чэрвеня/чэрвень "
    "ліпеня/ліпень жніўня/жнівень верасня/верасень кастрычніка/кастрычнік лістапада/лістапад снежня/снежань",
    "et": "jaanuar/jaan veebruar/veebr marts aprill/apr mai juuni juuli august/aug september/sept oktoober/okt "
    "november/nov detsember/dets",
    "lv": "janvaris/janvari februaris/februari marts/marta aprilis/aprili maijs/maija junijs/junija julijs/julija "
    "augusts/augusta septembris/septembri oktobris/oktobri novembris/novembri decembris/decembri",
    "lt": "sausio/sausis vasario/vasaris kovo/kovas balandzio/balandis geguzes/geguze birzelio/birzelis liepos/liepa "
    "rugpjucio/rugpjutis rugsejo/rugsejis spalio/spalis lapkricio/lapkritis gruodzio/gruodis",
    "he": "ינואר/בינואר פברואר/בפברואר מרץ/במרץ אפריל/באפריל מאי/במאי יוני/ביוני יולי/ביולי אוגוסט/באוגוסט ספטמבר/בספטמבר "
    "אוקטובר/באוקטובר נובמבר/בנובמבר דצמבר/בדצמבר",
    "fa": "ژانویه فوریه مارس اوریل مه ژوین/ژویین ژوییه اوت سپتامبر اکتبر نوامبر دسامبر",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu september/sep oktober/okt "
    "november/nov desember/des",
}  # fmt: skip

_SAME_LETTER = str.maketrans("أإآıłς", "اااilσ", " ")


def fold_month(word: str) -> str:
    """Lower case, no accents, Arabic alefs and spaces unified."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    return plain.strip(".،,").translate(_SAME_LETTER)


def _table(row: str) -> dict[str, int]:
    return {fold_month(form): number for number, forms in enumerate(row.split(), 1) for form in forms.split("/")}


MONTHS = {language: _table(row) for language, row in _MONTHS.items()}
_ALIASES = {"nb": "no", "nn": "no", "ms": "id", "at": "de", "gl": "es", "bs": "sr", "me": "sr"}


def months_of(language: str | None) -> tuple[dict[str, int], ...]:
    """The month tables to try: English, then the language's own."""
    tag = primary(language)
    own = MONTHS.get(_ALIASES.get(tag, tag))
    return (MONTHS["en"],) if own is None else (own, MONTHS["en"])


def _unambiguous() -> dict[str, int]:
    """Names of three letters or more that mean one month in every language that has them."""
    found: dict[str, set[int]] = {}
    for table in MONTHS.values():
        for form, number in table.items():
            found.setdefault(form, set()).add(number)
    return {form: min(numbers) for form, numbers in found.items() if len(numbers) == 1 and len(form) > 2}  # noqa: PLR2004


ANY_LANGUAGE = _unambiguous()

# Forms of one day joined by '/', Monday first; of the languages above as far as no form means two days.
_WEEKDAYS = (
    "monday/mon/montag/mo/lundi/lun/lunes/lunedi/segunda/maandag/ma/mandag/mandag/poniedzialek/pon/понедельник/пн",
    "tuesday/tue/tues/dienstag/di/mardi/mar/martes/martedi/terca/ter/dinsdag/tirsdag/tisdag/wtorek/вторник/вт",
    "wednesday/wed/mittwoch/mi/mercredi/mer/miercoles/mie/mercoledi/quarta/qua/woensdag/wo/onsdag/sroda/среда/ср",
    "thursday/thu/thur/thurs/donnerstag/do/jeudi/jeu/jueves/jue/giovedi/gio/quinta/qui/donderdag/torsdag/czwartek/четверг/чт",
    "friday/fri/freitag/fr/vendredi/ven/viernes/vie/venerdi/sexta/sex/vrijdag/vr/fredag/piatek/пятница/пт",
    "saturday/sat/samstag/sonnabend/sa/samedi/sam/sabado/sab/sabato/zaterdag/za/lordag/lordag/sobota/sob/суббота/сб",
    "sunday/sun/sonntag/so/dimanche/dim/domingo/dom/domenica/zondag/zo/sondag/sondag/niedziela/воскресенье/вс",
)
_WEEKDAY = {fold_month(form): day for day, forms in enumerate(_WEEKDAYS) for form in forms.split("/")}


def weekday(word: str) -> int | None:
    """The day of the week a word names, 0 for Monday; None for any other word."""
    return _WEEKDAY.get(fold_month(word))


# Names written with marks that are no letters to a pattern: put into English before anything is read.
_RESPELLED = {
    "th": "มกราคม/ม.ค. กุมภาพันธ์/ก.พ. มีนาคม/มี.ค. เมษายน/เม.ย. พฤษภาคม/พ.ค. มิถุนายน/มิ.ย. กรกฎาคม/ก.ค. สิงหาคม/ส.ค. กันยายน/ก.ย. "
    "ตุลาคม/ต.ค. พฤศจิกายน/พ.ย. ธันวาคม/ธ.ค.",
    "hi": "जनवरी फ़रवरी/फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर नवंबर/नवम्बर दिसंबर/दिसम्बर",
}  # fmt: skip
_UNREAD = {"th": re.compile("เวลา|น\\.|พ\\.ศ\\.|เดือน|วัน[\u0e00-\u0e7f]+(?:ที่)?")}
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def respelled(text: str, language: str | None) -> str:
    """A Thai or Hindi date with the English name of its month."""
    spoken = primary(language)
    if spoken not in _RESPELLED or text.isascii():
        return text
    names = {
        form: english
        for forms, english in zip(_RESPELLED[spoken].split(), _ENGLISH, strict=True)
        for form in forms.split("/")
    }
    for name in sorted(names, key=len, reverse=True):  # มี.ค. before ค.
        if name in text:
            text = text.replace(name, f" {names[name]} ")
            break
    return " ".join(_UNREAD[spoken].sub(" ", text).split()) if spoken in _UNREAD else " ".join(text.split())
