"""Query text → tree: lark reads the structure, atoms.py the terms; every mistake becomes a column and a cure.

Twenty queries with what they find stand in tests/steps/select/queries.json.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from aggregator.domain.query import And, Everything, Field, Not, Or, Query
from aggregator.steps.select.atoms import atom, field_of, fielded
from aggregator.steps.select.errors import QueryError
from aggregator.steps.select.mistakes import diagnosis, mistaken

LONGEST = 10_000  # characters
DEEPEST = 50  # parentheses and negations inside each other: whoever walks the tree may recurse


def parse_query(text: str, *, age: bool = False) -> Query:
    """Read a query; an empty one is `Everything`.

    Args:
        text: the query as written.
        age: whether `age<2d` may stand in it: in search and preview, never in a topic.

    Raises:
        QueryError: with the column, what is wrong there, and what to write instead.
    """
    if not text.strip():
        return Everything()
    if len(text) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST} characters; make several topics of it", LONGEST + 1)
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise diagnosis(error, list(_grammar().lex(text)), len(text)) from None
    return _query(tree.children[0], Field.ANY, 0, age=age)


@cache
def _grammar() -> Lark:
    """LALR: linear in the text, and its lexer knows a mistake wherever it stands ('basic')."""
    return Lark(Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"), parser="lalr", lexer="basic")


def _query(node: Token | Tree[Token], field: Field, depth: int, *, age: bool) -> Query:
    """A node of lark's tree as a query; `field` is that of the parentheses it stands in."""
    if isinstance(node, Token):
        return atom(node, field, age=age)
    if depth > DEEPEST:
        raise QueryError(
            f"more than {DEEPEST} parentheses and negations inside each other; write it flatter", _column(node)
        )
    match node.data:
        case "negation":
            return Not(part=_query(node.children[0], field, depth + 1, age=age))
        case "scoped":
            return _query(node.children[1], field_of(_token(node)), depth + 1, age=age)
        case "fielded":
            return fielded(_token(node), _token(node, 1))
        case "mistake":
            raise mistaken(_token(node))
    parts = tuple(_query(child, field, depth + 1, age=age) for child in node.children)
    return And(parts=parts) if node.data == "and" else Or(parts=parts)


def _token(node: Tree[Token], place: int = 0) -> Token:
    return cast("Token", node.children[place])  # the grammar puts nothing else there


def _column(node: Token | Tree[Token]) -> int:
    """Of the node's first token. Not recursive: this is asked where the tree is too deep."""
    while isinstance(node, Tree):
        node = node.children[0]
    return (node.start_pos or 0) + 1
