"""Every document here beside what is expected of it: a new bug is a new pair, NAME.xml and NAME.expected.json.

Only what an expectation names is compared; entries must be as many.
"""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.steps.parse import parse

HERE = Path(__file__).parent
PAIRS = sorted(HERE.glob("*.expected.json"))


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def named(value, expected):
    """The value with only what the expectation names."""
    if isinstance(expected, dict) and isinstance(value, dict):
        return {name: named(value.get(name), part) for name, part in expected.items()}
    if isinstance(expected, list) and isinstance(value, list) and len(value) == len(expected):
        return [named(v, e) for v, e in zip(value, expected, strict=True)]
    return value


@pytest.mark.parametrize("expectation", PAIRS, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_a_document_is_read_as_expected(expectation):
    stem = expectation.name.removesuffix(".expected.json")
    document = next(path for path in HERE.glob(f"{stem}.*") if path != expectation)
    context = ReadContext(source_id="pair", language=None, timezone=None, encoding=None, max_entries=500)
    response = Response(
        source_id="pair",
        url=f"https://example.org/feed{document.suffix}",
        body=document.read_bytes(),
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    parsed = plain(dataclasses.asdict(parse(response, context)))
    expected = json.loads(expectation.read_text("utf-8"))
    assert named(parsed, expected) == expected
