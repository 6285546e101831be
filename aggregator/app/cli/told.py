"""What `plan`, `preview` and `check` answer as JSON: docs/reference.md names every key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.app.cli.common import rfc3339
from aggregator.domain.digest import Rhythm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aggregator.app.cli.online import Tried
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Selected, Topic
    from aggregator.errors import Problem
    from aggregator.pipeline.plan import Plan, SourceChange, TopicChange
    from aggregator.pipeline.preview import Preview

# What a message quotes of the file may hold a semicolon too; behind the first one outside quotes stands the cure.
_QUOTED_OR_SEMICOLON = re.compile(r"'(?:[^'\\]|\\.)*'(?!\w)|; ")


def plan_json(found: Plan, wanted: Configuration) -> dict[str, object]:
    """All that an edited configuration would change, every story of it."""
    urls = {source.id: source.shown_url for source in wanted.sources}
    topics = {topic.id: topic for topic in wanted.topics}
    return {
        "since": rfc3339(found.since),
        "sources": [_source_change(change, urls.get(change.id)) for change in found.sources],
        "topics": [_topic_change(change, topics.get(change.id)) for change in found.topics],
    }


def _source_change(change: SourceChange, url: str | None) -> dict[str, object]:
    keys = list(change.keys)
    return {"id": change.id, "change": change.change, "was": change.was, "keys": keys, "url": url}


def _topic_change(change: TopicChange, topic: Topic | None) -> dict[str, object]:
    return {
        "id": change.id,
        "change": change.change,
        "was": change.was,
        "keys": list(change.keys),
        "digest": Rhythm.NONE.value if topic is None else topic.digest.value,
        "enters": [_entry(entry) for entry in change.enters],
        "leaves": [_entry(entry) for entry in change.leaves],
    }


def preview_json(found: Preview, *, named: bool) -> dict[str, object]:
    """What a topic or a query would hold; `named` is false for a bare query."""
    topic = found.topic
    return {
        "topic": topic.id if named else None,
        "query": topic.query_text or None,
        "since": rfc3339(found.since),
        "items": found.items,
        "stories": found.stories,
        "limit": topic.limit,
        "digest": topic.digest.value,
        "per_day": [{"day": day.isoformat(), "stories": count} for day, count in found.per_day.items()],
        "per_source": [{"source": name, "stories": count} for name, count in found.per_source.items()],
        "clauses": [
            {"clause": effect.clause, "adds": effect.adds, "removes": effect.removes, "alone": effect.alone}
            for effect in found.effects
        ],
        "shown": [_shown(entry, found) for entry in found.selection.entries],
    }


def _shown(entry: Selected, found: Preview) -> dict[str, object]:
    hit = found.hits[entry.shown.stored.public_id]
    words, reason = list(hit.words), hit.verdict.reason.text
    return _entry(entry) | {"words": words, "reason": reason}


def _entry(entry: Selected) -> dict[str, object]:
    """One story as a topic shows it."""
    item = entry.shown.stored.item
    return {
        "id": entry.id,
        "source": item.source_id,
        "title": item.title,
        "link": item.link,
        "published": rfc3339(item.published),
        "first_seen": rfc3339(entry.first_seen),
        "others": [copy.stored.item.source_id for copy in entry.others],
    }


def check_json(
    path: Path, configuration: Configuration | None, problems: Sequence[Problem], tried: Sequence[Tried] | None
) -> dict[str, object]:
    """What is wrong with a file, and with `--online` what its sources hold."""
    answer: dict[str, object] = {
        "file": str(path),
        "good": configuration is not None,
        "sources": None if configuration is None else len(configuration.sources),
        "topics": None if configuration is None else len(configuration.topics),
        "problems": [problem_json(problem) for problem in problems],
    }
    if tried is not None:
        answer["online"] = [_tried(one) for one in tried]
    return answer


def problem_json(problem: Problem) -> dict[str, object]:
    """One mistake or doubt: where it stands, what is wrong, and what to write instead."""
    message, cure = _parted(problem.message)
    return {
        "path": problem.path or None,
        "line": problem.line or None,
        "column": problem.column or None,
        "key": problem.key or None,
        "message": message,
        "cure": cure,
        "warning": problem.warning,
    }


def _parted(message: str) -> tuple[str, str | None]:
    """What is wrong, and what to write instead where it says so."""
    for found in _QUOTED_OR_SEMICOLON.finditer(message):
        if found[0] == "; ":
            return message[: found.start()], message[found.end() :]
    return message, None


def _tried(one: Tried) -> dict[str, object]:
    failure = one.failure
    return {
        "source": one.source_id,
        "asked": one.asked,
        "entries": one.entries,
        "error": None if failure is None else {"code": failure.code.value, "message": failure.message},
    }
