# ruff: noqa: E501 - a language a line reads as the table it is
"""Names of months and weekdays in the languages of feeds. Data for dates.py."""

from __future__ import annotations

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
    "uk": "січня/січень/січ лютого/лютий/лют березня/березень/бер/берез квітня/квітень/кві/квіт травня/травень/тра/трав червня/червень/чер/черв "
    "липня/липень/лип серпня/серпень/сер/серп вересня/вересень/вер/верес жовтня/жовтень/жов/жовт листопада/листопад/лис/лист/листоп грудня/грудень/гру/груд",
    "el": "ιανουαριου/ιανουαριος/ιαν φεβρουαριου/φεβρουαριος/φεβ μαρτιου/μαρτιος/μαρ απριλιου/απριλιος/απρ μαιου/μαιος/μαι "
    "ιουνιου/ιουνιος/ιουν ιουλιου/ιουλιος/ιουλ αυγουστου/αυγουστος/αυγ σεπτεμβριου/σεπτεμβριος/σεπ οκτωβριου/οκτωβριος/οκτ "
    "νοεμβριου/νοεμβριος/νοε δεκεμβριου/δεκεμβριος/δεκ",
    "ar": "يناير/كانونالثاني/جانفي فبراير/شباط/فيفري مارس/اذار ابريل/نيسان/افريل مايو/ايار/ماي يونيو/حزيران/جوان يوليو/تموز/يوليوز/جويلية "
    "اغسطس/اب/غشت/اوت سبتمبر/ايلول/شتنبر اكتوبر/تشرينالاول نوفمبر/تشرينالثاني/نونبر ديسمبر/كانونالاول/دجنبر",
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
    "bg": "януари/ян/яну февруари/фев март/мар април/апр маи юни юли август/авг септември/сеп октомври/окт ноември/ное "
    "декември/дек",
    "be": "студзеня/студзень/сту лютага/люты/лют сакавіка/сакавік/сак красавіка/красавік/кра мая/травеня/маи/траўня чэрвеня/чэрвень/чэр "
    "ліпеня/ліпень/ліп жніўня/жнівень/жні верасня/верасень/вер кастрычніка/кастрычнік/кас лістапада/лістапад/ліс снежня/снежань/сне",
    "et": "jaanuar/jaan veebruar/veebr marts aprill/apr mai juuni juuli august/aug september/sept oktoober/okt "
    "november/nov detsember/dets",
    "lv": "janvaris/janvari/janv februaris/februari/febr marts/marta aprilis/aprili/apr maijs/maija junijs/junija/jun "
    "julijs/julija/jul augusts/augusta/aug septembris/septembri/sept oktobris/oktobri/okt novembris/novembri/nov decembris/decembri/dec",
    "lt": "sausio/sausis/saus vasario/vasaris/vas kovo/kovas/kov balandzio/balandis/bal geguzes/geguze/geg birzelio/birzelis/birz "
    "liepos/liepa/liep rugpjucio/rugpjutis/rugp rugsejo/rugsejis/rugs spalio/spalis/spal lapkricio/lapkritis/lapkr gruodzio/gruodis/gruod",
    "he": "ינואר/בינואר/ינו/בינו פברואר/בפברואר/פבר/בפבר מרץ/במרץ אפריל/באפריל/אפר/באפר מאי/במאי יוני/ביוני/יונ יולי/ביולי/יול אוגוסט/באוגוסט/אוג/באוג "
    "ספטמבר/בספטמבר/ספט/בספט אוקטובר/באוקטובר/אוק/באוק נובמבר/בנובמבר/נוב/בנוב דצמבר/בדצמבר/דצמ/בדצמ",
    "fa": "ژانویه فوریه مارس اوریل/آوریل مه/می ژوین/ژویین/ژوئن ژوییه/ژوئیه/جولای اوت سپتامبر اکتبر نوامبر دسامبر",
    "ka": "იანვარი/იანვ/იან თებერვალი/თებ მარტი/მარ აპრილი/აპრ მაისი/მაი ივნისი/ივნ ივლისი/ივლ აგვისტო/აგვ სექტემბერი/სექ "
    "ოქტომბერი/ოქტ ნოემბერი/ნოე დეკემბერი/დეკ",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu september/sep oktober/okt "
    "november/nov desember/des",
}  # fmt: skip

_SAME_LETTER = str.maketrans("أإآıłςي", "اااilσی", " ")


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
    "monday/mon/montag/mo/lundi/lun/lunes/lunedi/segunda/maandag/ma/mandag/mandag/poniedzialek/pon/понедельник/пн/понеділок/понеделник/pazartesi/hetfo/δευτερα/pondeli/luni/pirmadienis/pirmdiena/esmaspaev/maanantai",
    "tuesday/tue/tues/dienstag/di/mardi/mar/martes/martedi/terca/ter/dinsdag/tirsdag/tisdag/wtorek/вторник/вт/вівторок/sali/kedd/τριτη/utery/marti/antradienis/otrdiena/teisipaev/tiistai",
    "wednesday/wed/mittwoch/mi/mercredi/mer/miercoles/mie/mercoledi/quarta/qua/woensdag/wo/onsdag/sroda/среда/ср/середа/сряда/carsamba/szerda/τεταρτη/streda/miercuri/treciadienis/tresdiena/kolmapaev/keskiviikko",
    "thursday/thu/thur/thurs/donnerstag/do/jeudi/jeu/jueves/jue/giovedi/gio/quinta/qui/donderdag/torsdag/czwartek/четверг/чт/четвер/четвъртък/persembe/csutortok/πεμπτη/ctvrtek/joi/ketvirtadienis/ceturtdiena/neljapaev/torstai",
    "friday/fri/freitag/fr/vendredi/ven/viernes/vie/venerdi/sexta/sex/vrijdag/vr/fredag/piatek/пятница/пт/петък/cuma/pentek/παρασκευη/patek/vineri/penktadienis/piektdiena/reede/perjantai",
    "saturday/sat/samstag/sonnabend/sa/samedi/sam/sabado/sab/sabato/zaterdag/za/lordag/lordag/sobota/sob/суббота/сб/субота/събота/cumartesi/szombat/σαββατο/sambata/sestadienis/sestdiena/laupaev/lauantai",
    "sunday/sun/sonntag/so/dimanche/dim/domingo/dom/domenica/zondag/zo/sondag/sondag/niedziela/воскресенье/вс/неділя/неделя/pazar/vasarnap/κυριακη/nedele/duminica/sekmadienis/svetdiena/puhapaev/sunnuntai",
)
_WEEKDAY = {fold_month(form): day for day, forms in enumerate(_WEEKDAYS) for form in forms.split("/")}


def weekday(word: str) -> int | None:
    """The day of the week a word names, 0 for Monday; None for any other word."""
    return _WEEKDAY.get(fold_month(word))
