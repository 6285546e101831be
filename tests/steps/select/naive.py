"""The query language told a second time, as plainly as it can be: what the matcher is compared with."""

import re
import unicodedata

import opencc
import re2

from aggregator.domain.query import And, Everything, Field, Has, Not, Or, Regex, Term, Thing, Words

T2S = opencc.OpenCC("t2s")


def plain(text):
    text = T2S.convert(unicodedata.normalize("NFKC", text).casefold())
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not 0x300 <= ord(c) <= 0x36F)
    text = unicodedata.normalize("NFC", text)
    return "".join(chr(ord(c) - 0x60) if 0x30A1 <= ord(c) <= 0x30F6 else c for c in text)


def unspaced(c):
    return (
        0x3041 <= ord(c) <= 0x30FF or 0x4E00 <= ord(c) <= 0x9FFF or 0xAC00 <= ord(c) <= 0xD7A3 or 0xE00 < ord(c) < 0xE4F
    )


def tokens(text):
    """Pairs of a word or an unspaced character, and whether it follows the one before without anything between."""
    found, end = [], None
    for match in re.finditer(r"[a-z](?:\+\+|#)(?![0-9a-z])|[0-9a-z]+|.", plain(text), re.DOTALL):
        word = match.group()
        if unspaced(word[0]) or word[0].isalnum():
            found.append((word, end == match.start()))
            end = match.end()
    return found


def contains(text, term):
    wanted, given = tokens(term.text), tokens(text)
    return any(starts(given[i:], wanted, prefix=term.prefix) for i in range(len(given)))


def starts(given, wanted, *, prefix):
    if len(given) < len(wanted):
        return False
    for place, ((have, have_joined), (want, want_joined)) in enumerate(zip(given, wanted, strict=False)):
        last = place == len(wanted) - 1
        if have != want and not (prefix and last and not unspaced(want[0]) and have.startswith(want)):
            return False
        apart = place and unspaced(have[0]) and unspaced(wanted[place - 1][0][0]) and want_joined and not have_joined
        if apart:
            return False
    return True


def takes(query, item, source):
    return RULES[type(query)](query, item, source)


def has(query, item, source):
    kinds = {(one.type or "").partition("/")[0] for one in item.enclosures}
    return bool(item.enclosures) if query.thing is Thing.ENCLOSURE else query.thing.value in kinds


def counts(query, item, source):
    return eval(f"{item.words} {'==' if query.op == '=' else query.op} {query.number}")


def values(field, item, source):
    return {
        Field.ANY: [item.title, item.text],
        Field.TITLE: [item.title],
        Field.TEXT: [item.text],
        Field.AUTHOR: [author.name for author in item.authors],
        Field.CATEGORY: [category.term for category in item.categories],
        Field.LINK: [item.link],
        Field.SOURCE: [item.source_id],
        Field.TAG: list(source.tags),
        Field.LANG: [item.language],
        Field.SITE: [item.link.split("/")[2]],
    }[field]


def says(query, item, source):
    for value in values(query.field, item, source):
        if query.field in {Field.SOURCE, Field.TAG}:
            hit = value.lower() == query.text
        elif query.field is Field.LANG:
            hit = f"{value.lower()}-".startswith(f"{query.text}-")
        elif query.field is Field.SITE:
            hit = f".{value}".endswith(f".{query.text}")
        else:
            hit = contains(value, query)
        if hit:
            return True
    return False


RULES = {
    Everything: lambda query, item, source: True,
    Not: lambda query, item, source: not takes(query.part, item, source),
    And: lambda query, item, source: all(takes(part, item, source) for part in query.parts),
    Or: lambda query, item, source: any(takes(part, item, source) for part in query.parts),
    Has: has,
    Words: counts,
    Regex: lambda query, item, source: any(re2.search(query.pattern, one) for one in values(query.field, item, source)),
    Term: says,
}
