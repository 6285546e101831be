"""What lark could not read, in words for the person who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lark.exceptions import UnexpectedToken

from aggregator.steps.select.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token
    from lark.exceptions import UnexpectedInput

_MISTAKES = frozenset({"FIELD_ALONE", "LONE_MINUS", "DASH", "OPEN_QUOTE", "SINGLE", "BAD_REGEX"})
_FLAGS = frozenset("gimsuxy")  # of other languages' regular expressions
_JOINING = {"_OR": "OR", "_AND": "AND", "_NOT": "NOT", "_MINUS": "-"}


def mistaken(token: Token) -> QueryError:
    """The cure for a token that is a mistake wherever it stands."""
    text, column = str(token), _column(token)
    match token.type:
        case "FIELD_ALONE":
            message = f'nothing stands directly after {text!r}; write {text}word without a blank, or {text}"a phrase"'
        case "LONE_MINUS":
            message = "a lone '-' excludes nothing; put it directly before a word, or the text in quotes"
        case "DASH":
            message = f"a word begins with {text!r}, which is a dash; to exclude it write '-'"
        case "OPEN_QUOTE":
            message = f"the quotation mark {text} has no partner; write one at either end of the phrase, or none"
        case "SINGLE":
            message = f'a phrase stands in double quotation marks; write "{text[1:-1].strip()}"'
        case _:
            message = _bad_regex(text)
    return QueryError(message, column)


def _bad_regex(text: str) -> str:
    inside, slash, after = text[1:].rpartition("/")
    if slash and inside and after and set(after) <= _FLAGS:
        known = "".join(flag for flag in "ims" if flag in after)
        cure = f"/(?{known})…/" if known else "/…/"
        return f"flags cannot follow a regular expression; write them inside: {cure.replace('…', inside)}"
    if text.endswith("/") and len(inside) > 1:
        escaped = inside.replace("/", r"\/")
        return f'a / inside a regular expression is written \\/; write /{escaped}/, or "{text}" to look for the words'
    return (
        f"{text} begins like a regular expression but does not end with / and a blank; write /…/, "
        f'or "{text}" to look for the words'
    )


def diagnosis(  # noqa: PLR0911 - one line a mistake, most telling first
    error: UnexpectedInput, tokens: Sequence[Token], length: int
) -> QueryError:
    """The mistake behind a syntax error: a token that is always one, else a field's, a parenthesis, an operator."""
    stop = length
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        stop = error.token.start_pos or 0
    before = [token for token in tokens if (token.start_pos or 0) < stop]
    here = next((token for token in tokens if token.start_pos == stop), None)
    last = before[-1] if before else None
    if here is not None and here.type in _MISTAKES:
        return mistaken(here)
    if last is not None and last.type == "FIELD":
        return _after_field(last, here)
    if last is not None and last.type in _JOINING:
        return _joins_nothing(last, "right")
    if here is not None and here.type in _JOINING:
        return _joins_nothing(here, "left")
    if here is not None and last is not None and last.type == "_LPAR":
        return QueryError("these parentheses are empty; write a word between them, or remove them", _column(last))
    if here is not None and here.type == "_RPAR":
        return QueryError("this ) closes nothing; remove it, or open a ( before", _column(here))
    unclosed = _unclosed(before)
    if unclosed is not None:
        return QueryError("this ( is never closed; add ) where it ends", _column(unclosed))
    return QueryError("this cannot be read; put it in quotes", stop + 1)


def _after_field(field: Token, here: Token | None) -> QueryError:
    text = "" if here is None else str(here)
    if here is not None and here.type in {"_MINUS", "_NOT"}:
        return QueryError(f"{text!r} stands before the field, not after it; write -{field}word", _column(here))
    if here is not None and here.type == "FIELD":
        return QueryError(f"two fields, {str(field)!r} and {text!r}, for one word; keep one of them", _column(here))
    if here is not None and here.type == "COMPARE":
        return QueryError(f"{text!r} takes no field; write it without {field}", _column(here))
    return QueryError(
        f'{text!r} after {str(field)!r} is an operator; write {field}"{text}" for the word', _column(field)
    )


def _joins_nothing(operator: Token, side: str) -> QueryError:
    name = _JOINING[operator.type]
    place = {"right": "after", "left": "before"}[side]
    return QueryError(
        f'{name} has nothing to join on its {side}; write a word {place} it, or "{name}" for the word itself',
        _column(operator),
    )


def _unclosed(tokens: Sequence[Token]) -> Token | None:
    """The innermost parenthesis that is still open."""
    open_: list[Token] = []
    for token in tokens:
        if token.type == "_LPAR":
            open_.append(token)
        elif token.type == "_RPAR" and open_:
            open_.pop()
    return open_[-1] if open_ else None


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1
