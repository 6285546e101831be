"""Conditions as the databases decide them, by the folded texts of items (see tables_texts.py)."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, not_, or_, true

from aggregator.domain.search import Counts, Every, Holds, Lacks
from storage.tables import items
from storage.tables_texts import item_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement

    from aggregator.domain.search import Condition
    from storage.session import Session

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip


def met(session: Session, condition: Condition) -> ColumnElement[bool]:
    """Whether a row of `items` with its row of `item_texts` meets the condition."""
    match condition:
        case Holds():
            place = func.strpos if session.postgres else func.instr
            columns = [item_texts.c[name] for name in ("title", "text") if name in condition.fields]
            return or_(*(place(column, condition.literal) > 0 for column in columns))
        case Counts():
            compared: ColumnElement[bool] = _COMPARE[condition.op](items.c.words, condition.number)
            return compared
        case Lacks():
            return not_(met(session, condition.part))
        case Every():
            return and_(true(), *(met(session, part) for part in condition.parts))
    return or_(false(), *(met(session, part) for part in condition.parts))
