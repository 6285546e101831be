"""The query language in the languages of its users, asked of the text and of the search index."""

from dataclasses import replace

import pytest
from material import copy, topic
from query_pairs import PAIRS
from test_search_index import SOURCES, item, store

from aggregator.domain.filling import Span
from aggregator.steps.select import Matcher, decided, needed, parse_query

QUERIES = sorted({query for query, _, _ in PAIRS})


@pytest.mark.parametrize(("query", "text", "takes"), PAIRS, ids=[f"{query} in {text}" for query, text, _ in PAIRS])
def test_a_query_takes_what_a_person_expects(query, text, takes):
    """In a headline and in a text alike, and it is told where."""
    one = Matcher([topic("t", query)], {})
    for given in (copy(title=text), copy(title="", text=f"x {text} y")):
        assert bool(one.match(given)) is takes
        assert one.judge("t", given).matched is takes


def test_the_databases_decide_as_the_matcher_does(database):
    """Every query of the list asked of every text of it: by reading, through the index, and decided in SQL."""
    texts = sorted({text for _, text, _ in PAIRS})
    store(database, *(item(number, title="", text=text) for number, text in enumerate(texts)))
    with database.read() as rooms:
        everything = rooms.filling.candidates(Span(), frozenset({"title", "text"}))
        for text in QUERIES:
            query = parse_query(text)
            one = Matcher([replace(topic("t"), query=query)], SOURCES)
            wanted = {copy.stored.id for copy in everything if one.match(copy)}
            condition, exact = decided(query)
            assert exact
            for words in (None, needed(query)):
                span = Span(needed=words, condition=condition)
                assert {copy.stored.id for copy in rooms.filling.candidates(span, frozenset())} == wanted, text
