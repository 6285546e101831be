"""Random queries, as hypothesis makes them."""

from datetime import timedelta

from hypothesis import strategies as st

from aggregator.domain.query import Age, And, Field, Has, Not, Or, Regex, Term, Thing, Words

WORDS = ("a", "ab", "abc", "5g", "业", "工业", "互联网", "手机", "5g手机", "é", "c++", "co-op", "かな", "ไทย", "don't")
PATTERNS = ("a+", "a/b", "业|b", r"\d", r"a\\", "^ab c$")
RUNNING = (Field.ANY, Field.TITLE, Field.TEXT, Field.AUTHOR, Field.CATEGORY, Field.LINK)
NAMES = (Field.SOURCE, Field.TAG, Field.LANG)


def terms():
    word = st.sampled_from(WORDS)
    running = st.sampled_from(RUNNING)
    phrase = st.lists(st.sampled_from((*WORDS, '"', "\\", "，", "AND", "(")), min_size=1, max_size=4).map(" ".join)
    return st.one_of(
        st.builds(Term, text=word, field=running, prefix=st.booleans()),
        st.builds(Term, text=phrase.map(lambda text: f"{text} a"), field=running, phrase=st.just(True)),
        st.builds(Term, text=st.sampled_from(("a", "zh", "zh-hant", "b")), field=st.sampled_from(NAMES)),
        st.builds(Term, text=st.sampled_from(("a.example", "example", "b")), field=st.just(Field.SITE)),
    )


def others():
    return st.one_of(
        st.builds(Regex, pattern=st.sampled_from(PATTERNS), field=st.sampled_from(RUNNING)),
        st.builds(Has, thing=st.sampled_from(Thing)),
        st.builds(Words, op=st.sampled_from(("<", "<=", ">", ">=", "=")), number=st.integers(0, 20)),
    )


def ages():
    seconds = st.integers(1, 90) | st.sampled_from((90 * 60, 7200, 172_800, 604_800))
    return st.builds(Age, op=st.sampled_from(("<", "<=", ">", ">=")), age=seconds.map(lambda n: timedelta(seconds=n)))


def queries(*, age=False):
    leaves = st.one_of(terms(), others(), *([ages()] if age else []))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, part=inner),
            st.builds(And, parts=st.lists(inner, min_size=2, max_size=3).map(tuple)),
            st.builds(Or, parts=st.lists(inner, min_size=2, max_size=3).map(tuple)),
        ),
        max_leaves=8,
    )
