"""What is told of a query before anything is stored."""

import random

import pytest
from hypothesis import given, settings
from material import SOURCES, copy, source
from query_strategies import WORDS, queries

from aggregator.domain.entry import Author, Category, Enclosure
from aggregator.domain.topic import Topic
from aggregator.steps.select import Matcher, parse_query, sense

NAMED = {"a": source("a", tags=("b", "zh")), "b": source("b", tags=("a",)), "c": source("c")}


def text(chance):
    return " ".join(chance.choice((*WORDS, "x", '"', "，")) for _ in range(chance.randrange(6)))


def some(chance, number):
    source_id = chance.choice("abc")
    return copy(
        number,
        source_id=source_id,
        title=text(chance),
        text=text(chance),
        link=f"https://{chance.choice(('a.example', 'b', 'x.b', 'c.example'))}/{text(chance)}".replace(" ", "-"),
        words=chance.randrange(25),
        language=chance.choice(("a", "b", "zh", "zh-Hant", "en")),
        authors=(Author(name=text(chance)),),
        categories=(Category(term=text(chance)),),
        enclosures=tuple(
            Enclosure(url="https://x.example/1", type=f"{kind}/x")
            for kind in ("image", "audio")
            if chance.random() < 0.3
        ),
    )


COPIES = [some(random.Random(number), number) for number in range(150)]


@settings(deadline=None, max_examples=150)
@given(query=queries())
def test_nothing_that_is_said_is_wrong(query):
    """What is said to take nothing or everything does, of any items."""
    said = " ".join(sense(query, list(NAMED.values())))
    matcher = Matcher([Topic(id="t", title="t", query=query)], NAMED)
    taken = sum(matcher.judge("t", one).matched for one in COPIES)
    if "takes nothing" in said:
        assert taken == 0
    if "takes everything" in said:
        assert taken == len(COPIES)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("a -a", "takes nothing"),
        ("words>500 words<100", "takes nothing"),
        ("lang:de lang:zh-Hant", "takes nothing"),
        ("site:example.com site:example.org", "takes nothing"),
        ("source:ads tag:china", "takes nothing"),
        ('Ausstieg -("Kohle Ausstieg" OR ausstieg)', "takes nothing"),
        ("words<0", "takes nothing"),
        ("/x*/", "takes everything, whatever is published (/x*/ matches where nothing stands, too)"),
        ("a OR -a", "takes everything"),
        ("words>=0", "takes everything"),
        ("a OR a", "a changes nothing"),
        ("Straße OR STRASSE", "Straße changes nothing"),
        ("lang:zh lang:zh-Hant", "lang:zh changes nothing"),
        ("Kohle* OR Kohle", "Kohle changes nothing"),
        ("a (a OR b)", "(a OR b) changes nothing"),
        ("title:芯片 芯片", "芯片 changes nothing"),
        ("rock and roll", "'and' is looked for as a word; the operator is AND"),
        ("Kohle oder Gas", "the operator is OR"),
        ("芯片 或 晶片", "the operator is OR"),
        ("a NEAR b", "nothing asks for nearness"),
        ("chips, taiwan", "the ',' after 'chips' joins nothing"),
        *(
            (query, None)
            for query in (
                "", "and", "x OR y",
                '"rock and roll"', "a b OR a c", "source:ads OR tag:china", "has:enclosure has:audio", "-a",
                'chips -"fish and chips"', "title:a OR text:a", "lang:de OR lang:zh", "words>100 words<500", "-b",
            )
        ),
    ],
)  # fmt: skip
def test_what_is_said(query, says):
    """The kinds of doubt; nothing where there is none."""
    found = list(sense(parse_query(query), list(SOURCES.values())))
    assert found == [] if says is None else len(found) == 1 and says in found[0], found


def test_many_clauses_are_not_weighed():
    """A list of hundreds of words costs nothing."""
    assert list(sense(parse_query(" OR ".join(f"w{n}" for n in range(500)) + " -w1"), [])) == []
