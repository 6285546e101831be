"""What came instead of a feed, looked through where it can do no harm: in the worker that could not read it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.domain.outcome import PageSurvey
from aggregator.domain.source import SourceKind
from aggregator.errors import Code
from aggregator.steps.parse.announce import announced_feeds
from aggregator.steps.parse.propose import propose
from aggregator.steps.parse.refresh import sent_on

if TYPE_CHECKING:
    from aggregator.domain.outcome import Failure, ReadContext
    from aggregator.domain.response import Response

NOT_WHAT_WAS_MEANT = frozenset({Code.NOT_A_FEED, Code.EMPTY})


def surveyed(failure: Failure, context: ReadContext, response: Response) -> Failure:
    """The failure, with where its page leads: what it sends on to, and for `add` its feeds and its list."""
    if context.item is not None or context.kind is SourceKind.FILE or failure.code not in NOT_WHAT_WAS_MEANT:
        return failure
    survey = PageSurvey(
        sent_on=sent_on(response),
        announced=tuple(announced_feeds(response)) if context.explore else (),
        selectors=propose(response) if context.explore else None,
    )
    return failure if survey == PageSurvey() else replace(failure, survey=survey)
