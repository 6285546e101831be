"""The terms of a query: each token checked for what it can mean, in the field it stands in."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

import re2

from aggregator.domain.query import Age, Field, Has, Regex, Term, Thing, Words
from aggregator.steps.select.errors import QueryError
from aggregator.text.terms import needle

if TYPE_CHECKING:
    from lark import Token

    from aggregator.domain.query import Query

FIELDS = tuple(field.value for field in Field if field is not Field.ANY)
THINGS = tuple(thing.value for thing in Thing)
EXACT = frozenset({Field.SOURCE, Field.TAG, Field.LANG, Field.SITE})  # compared as a whole, not word by word

_OTHER_NAMES = {
    "url": "link", "domain": "site", "host": "site", "language": "lang", "body": "text", "content": "text",
    "summary": "text", "description": "text", "feed": "source", "label": "category", "tags": "tag", "by": "author",
    "headline": "title", "intitle": "title", "in": "title", "is": "has", "filetype": "has", "language_code": "lang",
    # What people whose language is another one write first.
    "titel": "title", "überschrift": "title", "quelle": "source", "sprache": "lang", "schlagwort": "category",
    "kategorie": "category", "verfasser": "author", "seite": "site", "inhalt": "text", "titre": "title",
    "texte": "text", "auteur": "author", "langue": "lang", "título": "title", "titulo": "title", "texto": "text",
    "idioma": "lang", "fuente": "source", "标题": "title", "標題": "title", "正文": "text", "内容": "text",
    "內容": "text", "作者": "author", "分类": "category", "分類": "category", "来源": "source", "來源": "source",
    "标签": "tag", "標籤": "tag", "语言": "lang", "語言": "lang", "链接": "link", "連結": "link", "网站": "site",
    "網站": "site", "タイトル": "title", "本文": "text", "著者": "author", "제목": "title", "본문": "text",
    "언어": "lang",
}  # fmt: skip
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COMPARISON = re.compile(r"(words|age)\s*([<>=≤≥]+)\s*(.*)", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"\.?[^\W_](?:[\w.-]*[^\W_])?")
_LANGUAGES = {
    "english": "en", "englisch": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "französisch": "fr", "spanish": "es", "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt",
    "russian": "ru", "русский": "ru", "chinese": "zh", "chinesisch": "zh", "mandarin": "zh", "中文": "zh",
    "汉语": "zh", "简体": "zh-Hans", "繁體": "zh-Hant", "繁体": "zh-Hant", "english_us": "en", "英文": "en",
    "英语": "en", "japanese": "ja", "日本語": "ja", "日文": "ja", "korean": "ko", "한국어": "ko", "arabic": "ar",
    "turkish": "tr", "hebrew": "he", "hindi": "hi", "thai": "th", "greek": "el", "persian": "fa", "farsi": "fa",
    "vietnamese": "vi", "dutch": "nl", "polish": "pl", "ukrainian": "uk",
}  # fmt: skip
_CODE = re.compile(r"[A-Za-z]{1,3}(?:[-_][A-Za-z0-9]+)*[-_]?")
_LISTED = re.compile(r"[^\W\d_]\s*[,，、;；]\s*[^\W\d_]")
_OPERATORS = {"&": "AND", "&&": "AND", "|": "OR", "||": "OR", "!": "NOT", "+": "AND"}


def field_of(name: Token) -> Field:
    """The field that a token like `title:` names."""
    word = name[:-1].casefold()
    if word in FIELDS:
        return Field(word)
    column = _column(name)
    if word == "has":
        raise QueryError(f"'has:' takes one of {', '.join(THINGS)}; write (has:image OR has:video)", column)
    if word in {"words", "age"}:
        example = {"words": "words>300", "age": "age<2d"}[word]
        raise QueryError(f"{word!r} is compared, not looked for; write {example}", column)
    near = _OTHER_NAMES.get(word) or next(iter(get_close_matches(word, (*FIELDS, "has"), n=1, cutoff=0.6)), None)
    cure = f"did you mean '{near}:'?" if near else f"the fields are {' '.join(f'{field}:' for field in FIELDS)} has:."
    raise QueryError(f"unknown field {name[:-1]!r}; {cure} To look for the text itself, put it in quotes", column)


def fielded(name: Token, value: Token) -> Query:
    """A term with its own field, or `has:image`."""
    if name[:-1].casefold() == "has":
        return _has(name, value)
    return atom(value, field_of(name))


def atom(token: Token, field: Field, *, age: bool = False) -> Query:
    """One term, in the field of the parentheses it stands in."""
    match token.type:
        case "COMPARE":
            return _comparison(token, age=age)
        case "REGEX":
            return _regex(token, field)
        case "PHRASE":
            return _phrase(token, field)
    return _word(token, field)


def _has(name: Token, value: Token) -> Has:
    """`has:image`."""
    word = value.casefold()
    if value.type == "WORD" and word in THINGS:
        return Has(thing=Thing(word))
    near = get_close_matches(word.rstrip("s"), THINGS, n=1, cutoff=0.6)
    cure = f"did you mean 'has:{near[0]}'?" if near else f"write one of {', '.join(f'has:{thing}' for thing in THINGS)}"
    raise QueryError(f"'has:' knows nothing called {str(value)!r}; {cure}", _column(name))


def _phrase(token: Token, field: Field) -> Term:
    text = re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL) if token[0] == '"' else token[1:-1]
    _searchable(token, text, field)
    return Term(text=text, field=field, phrase=True)


def _word(token: Token, field: Field) -> Term:
    text = str(token)
    if text in _OPERATORS:
        raise QueryError(f"{text!r} is no operator; write {_OPERATORS[text]}", _column(token))
    if text[0] == "!" and len(text) > 1:
        raise QueryError(f"'!' does not exclude; write -{text[1:]}", _column(token))
    _joined(token, text, field)
    if text[0] in "<>=≤≥":
        raise QueryError(
            f"{text!r} has nothing to compare; write title:{text.lstrip('<>=≤≥') or 'word'} for a field, words>300 "
            "for a number, or put it in quotes",
            _column(token),
        )
    if re.fullmatch(r"[a-z]+(?:<=|>=|<|>|≤|≥)\d\S*", text, re.IGNORECASE):
        raise QueryError(f"{text!r} compares nothing known; write words>300, or put it in quotes", _column(token))
    if text == "*":
        raise QueryError("a lone '*' begins no word; to take everything, leave the query out", _column(token))
    prefix = text.endswith("*")
    text = text.removesuffix("*")
    if "*" in text:
        raise QueryError(
            f"in {str(token)!r} a '*' stands elsewhere than at the end; write the beginning of a word, then *",
            _column(token) + text.index("*"),
        )
    _searchable(token, text, field)
    if prefix and field is Field.SITE:
        raise QueryError(
            f"'site:' takes a whole domain and all below it; write site:{text.rstrip('.')} without *", _column(token)
        )
    return Term(text=text, field=field, prefix=prefix)


def _joined(token: Token, text: str, field: Field) -> None:
    """Refuse what other tools read as operators, where a word can hardly be meant."""
    if joint := re.search(r"\w(\|+|&&)\w", text):
        written = re.sub(r"\|+", " OR ", text).replace("&&", " AND ")
        raise QueryError(f"{joint[1]!r} joins nothing; write {written}, or put it in quotes", _column(token))
    if listed := _LISTED.search(text):
        comma = listed[0][1:-1].strip()
        written = " OR ".join(part for part in re.split(r"[,，、;；]", text) if part)
        raise QueryError(f"{comma!r} joins nothing; write {written}, or put it in quotes", _column(token))
    named = re.match(r"([^\W\d_]+)=+(?=.)", text)
    if named and (named[1].casefold() in FIELDS or named[1].casefold() in _OTHER_NAMES):
        name = _OTHER_NAMES.get(named[1].casefold(), named[1].casefold())
        raise QueryError(
            f"a field is followed by a colon; write {name}:{text[named.end() :]}, or put it in quotes", _column(token)
        )
    if re.fullmatch(r"\w+[~^]\d*(?:\.\d+)?", text):
        cure = re.split(r"[~^]", text)[0]
        raise QueryError(f"{text[len(cure)]!r} means nothing here; write {cure}, or {cure}*", _column(token))
    if field is Field.LANG and not _CODE.fullmatch(text.removesuffix("*")):
        code = _LANGUAGES.get(text.casefold())
        cure = f"did you mean 'lang:{code}'?" if code else "write a code such as lang:de or lang:zh-Hant"
        raise QueryError(f"'lang:' takes a language's code, not {text!r}; {cure}", _column(token))


def _searchable(token: Token, text: str, field: Field) -> None:
    """Refuse what could never match."""
    if field is Field.SITE:
        if not _DOMAIN.fullmatch(text):
            host = re.sub(r"^\w+://|[/:?#].*$", "", text).strip() or "example.org"
            raise QueryError(f"'site:' takes a domain, not {text!r}; write site:{host}", _column(token))
    elif field in EXACT:
        if not text.strip():
            raise QueryError(f"'{field}:' has nothing to look for", _column(token))
    elif needle(text) is None:
        raise QueryError(f"{token!s} holds no letter or digit, so it can match nothing; leave it out", _column(token))


def _regex(token: Token, field: Field) -> Regex:
    pattern = str(token[1:-1]).replace(r"\/", "/")
    try:
        compiled(pattern)
    except ValueError as error:
        raise QueryError(f"the regular expression is not one re2 reads: {error}", _column(token)) from None
    return Regex(pattern=pattern, field=field)


@lru_cache(maxsize=1000)  # asked again for each hit that is shown
def compiled(pattern: str) -> re2._Regexp:
    """A google-re2 expression: linear in the text, whatever is written.

    Raises:
        ValueError: with re2's own words.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        words = error.args[0] if error.args else "unknown mistake"
        raise ValueError(words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)) from None


def _comparison(token: Token, *, age: bool) -> Words | Age:
    text = unicodedata.normalize("NFKC", token)
    name, sign, value = _COMPARISON.split(text)[1:4]  # the terminal COMPARE has this shape
    name, sign = name.casefold(), sign.replace("≤", "<=").replace("≥", ">=").replace("==", "=")
    if name == "words":
        if sign not in {"<", "<=", ">", ">=", "="}:
            raise QueryError(f"'words' is compared with < <= > >= or =, not {sign!r}; write words>300", _column(token))
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise QueryError(f"'words{sign}' needs a whole number, not {value!r}; write words{sign}300", _column(token))
        return Words(op=sign, number=int(value))
    if not age:
        raise QueryError("'age' can be asked in search and preview only; a topic has max_age for it", _column(token))
    if sign not in {"<", "<=", ">", ">="}:
        raise QueryError(f"'age' is compared with < <= > or >=, not {sign!r}; write age<2d", _column(token))
    span = re.fullmatch(r"([0-9]{1,6})([smhdw])", value, re.IGNORECASE)
    if not span:
        raise QueryError(f"'age{sign}' needs a duration such as 90m, 12h, 2d or 1w, not {value!r}", _column(token))
    return Age(op=sign, age=timedelta(seconds=int(span[1]) * _UNITS[span[2].casefold()]))


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1
