"""Tree → query text, such that reading it again gives the same tree."""

from __future__ import annotations

from aggregator.domain.query import Age, And, Everything, Field, Has, Not, Or, Query, Regex, Term, Words

_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def print_query(query: Query) -> str:  # noqa: PLR0911 - one case a node
    """The query as text, in one spelling: `parse_query(print_query(q), age=True) == q`."""
    match query:
        case Everything():
            return ""
        case Term():
            return _field(query.field) + _term(query)
        case Regex():
            return f"{_field(query.field)}/{_slashes(query.pattern)}/"
        case Has():
            return f"has:{query.thing}"
        case Words():
            return f"words{query.op}{query.number}"
        case Age():
            seconds = int(query.age.total_seconds())
            unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
            return f"age{query.op}{seconds // size}{unit}"
        case Not():
            return f"-{_grouped(query.part)}"
        case And():
            return " ".join(map(_grouped, query.parts))
        case Or():
            return " OR ".join(
                f"({print_query(part)})" if isinstance(part, Or) else print_query(part) for part in query.parts
            )


def _grouped(query: Query) -> str:
    return f"({print_query(query)})" if isinstance(query, And | Or) else print_query(query)


def _field(field: Field) -> str:
    return f"{field}:" if field is not Field.ANY else ""


def _term(term: Term) -> str:
    if not term.phrase:
        return term.text + "*" * term.prefix
    text = term.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _slashes(pattern: str) -> str:
    """A slash inside is escaped, unless it is already."""
    out, escaped = [], False
    for character in pattern:
        out.append("\\/" if character == "/" and not escaped else character)
        escaped = character == "\\" and not escaped
    return "".join(out)
