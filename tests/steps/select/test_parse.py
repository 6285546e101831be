"""Query text and its tree: structure, mistakes, and the way back to text."""

import json
import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from query_strategies import queries

from aggregator.domain.query import Age, And, Everything, Field, Has, Not, Or, Regex, Term, Thing, Words
from aggregator.errors import AggregatorError
from aggregator.steps.select import QueryError, parse_query, print_query

HERE = Path(__file__).parent
MISTAKES = json.loads((HERE / "mistakes.json").read_text(encoding="utf-8"))
A, B, C, D = (Term(text=letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Everything()),
        (" \n\t", Everything()),
        ("a", A),
        ("a b OR c -d", Or(parts=(And(parts=(A, B)), And(parts=(C, Not(part=D)))))),
        ("a OR b AND NOT c", Or(parts=(A, And(parts=(B, Not(part=C)))))),
        ("a AND b c", And(parts=(A, B, C))),
        ("(a OR b) c", And(parts=(Or(parts=(A, B)), C))),
        ("((a))", A),
        ("-(a b)", Not(part=And(parts=(A, B)))),
        ("NOT NOT a", Not(part=Not(part=A))),
        ("a and or not", And(parts=tuple(Term(text=word) for word in ("a", "and", "or", "not")))),
        ("ORANGE ANDES NOTE", And(parts=tuple(Term(text=word) for word in ("ORANGE", "ANDES", "NOTE")))),
        ("(a)OR(b)", Or(parts=(A, B))),
        ('a"b c"', And(parts=(A, Term(text="b c", phrase=True)))),
        (r'"say \"it\" \\ so"', Term(text=r'say "it" \ so', phrase=True)),
        ("pre*", Term(text="pre", prefix=True)),
        ("co-operate", Term(text="co-operate")),
        ("10:30", Term(text="10:30")),
        ("AT&T", Term(text="AT&T")),
        ("https://example.org/a", Term(text="https://example.org/a")),
        ("link:https://example.org/a", Term(text="https://example.org/a", field=Field.LINK)),
        ("words", Term(text="words")),
        ("TITLE:a", Term(text="a", field=Field.TITLE)),
        ('title:"a b"', Term(text="a b", field=Field.TITLE, phrase=True)),
        (
            "title:(a -b author:c has:image)",
            And(
                parts=(
                    Term(text="a", field=Field.TITLE),
                    Not(part=Term(text="b", field=Field.TITLE)),
                    Term(text="c", field=Field.AUTHOR),
                    Has(thing=Thing.IMAGE),
                )
            ),
        ),
        ("title:(a text:(b c))", parse_query("title:a (text:b text:c)")),
        ("words>300", Words(op=">", number=300)),
        ("words <= 5", Words(op="<=", number=5)),
        ("-words=5", Not(part=Words(op="=", number=5))),
        ("/a b/", Regex(pattern="a b")),
        (r"/a\/b/", Regex(pattern="a/b")),
        (r"text:/\d+/ a", And(parts=(Regex(pattern=r"\d+", field=Field.TEXT), A))),
        ("has:Image", Has(thing=Thing.IMAGE)),
        # What an input method leaves behind: full-width parentheses and colon, curly quotes.
        ("（a OR b） “c d” title：e", parse_query('(a OR b) "c d" title:e')),
        ("a　ＯＲ　b －c", parse_query("a OR b -c")),
        ("words＞３００ „a b“ «c d» 「e f」 ”g h”", parse_query('words>300 "a b" "c d" "e f" "g h"')),
        ('צה"ל', Term(text='צה"ל')),
    ],
)
def test_the_structure_of_a_query(text, query):
    """Precedence, fields, phrases and comparisons read as documented."""
    assert parse_query(text) == query


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake["query"] for mistake in MISTAKES])
def test_a_mistake_names_its_column_and_the_cure(mistake):
    """Each mistake of mistakes.json is refused at its column with the words that help."""
    with pytest.raises(QueryError) as caught:
        parse_query(mistake["query"])
    assert caught.value.column == mistake["column"]
    for words in mistake["says"]:
        assert words in caught.value.message


def test_age_is_for_search_and_preview():
    """`age` is a comparison there, with its own mistakes."""
    assert parse_query("age<2d", age=True) == Age(op="<", age=timedelta(days=2))
    assert parse_query("a -age>=90m", age=True) == And(parts=(A, Not(part=Age(op=">=", age=timedelta(minutes=90)))))
    for text, words in (("age<2", "duration"), ("age<2y", "duration"), ("age=2d", "compared"), ("age:2d", "age<2d")):
        with pytest.raises(QueryError, match=words):
            parse_query(text, age=True)


def test_what_is_too_long_or_too_deep_is_refused():
    """No text a user can type exhausts the stack or the clock."""
    with pytest.raises(QueryError, match="longer than"):
        parse_query("a " * 6000)
    with pytest.raises(QueryError, match="flatter"):
        parse_query("-(" * 2000 + "a" + ")" * 2000)
    assert parse_query("(" * 4000 + "a" + ")" * 4000) == A


def test_a_query_error_survives_pickling_and_is_ours():
    """It is an AggregatorError whose text names the column, also after a trip between processes."""
    error = pickle.loads(pickle.dumps(QueryError("wrong; write right", 7)))
    assert isinstance(error, AggregatorError)
    assert (error.message, error.column, str(error)) == ("wrong; write right", 7, "column 7: wrong; write right")


@settings(deadline=None)  # the machine may be busy
@given(queries(age=True))
def test_reading_what_was_printed_gives_the_same_query(query):
    """parse(print(q)) == q for every query that can be written."""
    assert parse_query(print_query(query), age=True) == query


@settings(deadline=None)  # the machine may be busy
@given(st.text(alphabet='ab业 ()"-/\\*:<>=|&!.，（“”–\nORANDT', max_size=30) | st.text(max_size=20))
@example("words>title:")
@example("a words >5")
@example("title:/")
@example("has:/x/")
@example("has:https://a")
def test_any_text_is_read_or_refused_with_a_column(text):
    """Nothing a user types gives a traceback; what is read prints and reads again."""
    try:
        query, column = parse_query(text, age=True), 1
    except QueryError as error:
        query, column = Everything(), error.column
    assert 1 <= column <= len(text) + 1
    assert parse_query(print_query(query), age=True) == query
