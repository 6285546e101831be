"""The sentences of `explain`, one by one: each makes sense when it is read aloud, and stays as it is."""

import pytest
from material import ITEMS, SOURCES, copy, source, topic

from aggregator.steps.select import Matcher

GIVEN = {**ITEMS, "many tags": copy(9, source_id="many"), "bare": copy(10, source_id="none", words=1)}
NAMED = {**SOURCES, "many": source("many", tags=("world", "China"))}


@pytest.mark.parametrize(
    ("item", "query", "taken", "sentence"),
    [
        ("chip", "chips", True, "chips: “Chips” in the title"),
        ("chip", "harbour", False, "harbour: neither in the title nor in the text"),
        ("chip", "title:tsmc", False, "title:tsmc: not in the title"),
        ("chip", "text:chips -sponsored", False, "text:chips: not in the text"),
        ("chip", "chips OR harbour", True, "chips: “Chips” in the title"),
        (
            "chip",
            "harbour OR ship",
            False,
            "harbour: neither in the title nor in the text; ship: neither in the title nor in the text",
        ),
        ("chip", "chips -tsmc", False, "-tsmc: excludes it: “TSMC” in the text"),
        ("chip", "-(chips OR x)", False, "-(chips OR x): excludes it: “Chips” in the title"),
        ("chip", "-(harbour tsmc)", True, "-(harbour tsmc): not so, as wanted"),
        ("chip", "semicond*", True, "semicond*: “semiconductor” in the text"),
        ("chip", '"what next"', True, '"what next": “what next” in the title'),
        ("chip", "author:jane", True, "author:jane: “Jane” among the authors"),
        ("chip", "author:anna", False, "author:anna: not among the authors (Jane Doe)"),
        ("port", "author:anna", False, "author:anna: it names no author"),
        ("chip", "category:technology", True, "category:technology: “Technology” among the categories"),
        ("port", "category:technology", False, "category:technology: it has no categories"),
        ("chip", "source:bbc-world", True, "source:bbc-world: the source is bbc-world"),
        ("chip", "source:ads", False, "source:ads: the source is bbc-world"),
        ("chip", "tag:world", True, "tag:world: the source has the tag world"),
        ("many tags", "tag:china", True, "tag:china: the source has the tag China"),
        ("many tags", "tag:x", False, "tag:x: the source's tags are world, China"),
        ("port", "tag:x", False, "tag:x: the source has no tags"),
        ("chip", "lang:en", True, "lang:en: the language is en-GB"),
        ("chip", "lang:de", False, "lang:de: the language is en-GB"),
        ("bare", "lang:de", False, "lang:de: the language is not known"),
        ("chip", "link:technology", True, "link:technology: “https://www.bbc.co.uk/news/technology-1234” in the link"),
        ("bare", "link:a", False, "link:a: it has no link"),
        ("chip", "site:bbc.co.uk", True, "site:bbc.co.uk: the link leads to www.bbc.co.uk"),
        ("port", "site:bbc.co.uk", False, "site:bbc.co.uk: the link leads to notbbc.co.uk"),
        ("chip", "has:image -has:video", True, "has:image: there is one; -has:video: not there, as wanted"),
        ("chip", "has:audio", False, "has:audio: there is none"),
        ("chip", "words>300", True, "words>300: the text has 350 words"),
        ("chip", "words>400 x", False, "words>400: the text has 350 words"),
        ("chip", "-words>400", True, "-words>400: not so, as wanted"),
        ("chip", "/TS[A-Z]+/", True, "/TS[A-Z]+/: “TSMC” in the text"),
        ("chip", "/nothing/", False, "/nothing/: neither in the title nor in the text"),
        ("5g", "工业互联网", True, "工业互联网: “工業互聯網” in the title"),
        ("5g", "5G手机", True, "5G手机: “5G 手机” in the text"),
        ("chip", "", True, "the topic has no query: it takes everything from its sources"),
        ("bare", "words>9", False, "words>9: the text has one word"),
    ],
)
def test_every_clause_says_why(item, query, taken, sentence):
    """What was found as the item writes it, or what is there instead."""
    verdict = Matcher([topic("t", query)], NAMED).judge("t", GIVEN[item])
    assert (verdict.matched, verdict.reason.text) == (taken, sentence)
