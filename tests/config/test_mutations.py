"""Nothing that can be typed into feeds.yaml makes a traceback."""

# ruff: noqa: E501  # strokes stand side by side

import random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.config.load import load
from aggregator.config.schema import starter
from aggregator.domain.settings import Configuration
from aggregator.errors import ConfigError

STARTER = starter()
PIECES = [
    "'", '"', ":", ": ", "- ", "#", " #", "{", "}", "[", "]", ",", "*", "&a ", "*a", "!", "!!", "!!int ", "@", "`", "%", "|", ">", "?", "? ",
    "\t", "\n", "\r", "\r\n", "  ", "\0", "\x07", "\x85", "\u2028", "\ufeff", "\ufffe", "\U0001f600", "e\u0301", "~", "null", "true", "no",
    "010", "1_000", "5e3", "-1", "9" * 30, "2024-01-01", "12:30:00", "<<: *a", "<<", "---", "...", "%YAML 1.1\n", "%TAG ! x\n", "${X}", "${", "$${",
    "\\", "\\x", '"\\ud800"', '"\\UFFFFFFFF"', "id: bbc-world", "url: https://[::1", "url: https://u:p@h:x/", "url: file:///etc/passwd", "kind: file",
    "query: /(a+)+$/", "query: /(/", "query: ((((", "query: -", "query: age<2d", "query: has:x", "query: words>", "every: 0s", "title:", "tags: x",
    "include: x", "hosts: {a: b}", "allow_hosts: [::/0]", "timezone: Europe", "encoding: idna", "headers: {Host: a}", "auth: {}", "was: dw", "\u0130", "ß",
]  # fmt: skip


def damaged(text, chance):
    """A few strokes: pieces put in, taken out, lines moved, doubled, indented, values replaced."""
    originals = text.splitlines(keepends=True)
    lines = list(originals)
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        at = chance.randrange(len(lines))
        line = lines[at]
        column = chance.randrange(len(line) + 1)
        match chance.randrange(9):
            case 0:
                lines[at] = line[:column] + chance.choice(PIECES) + line[column:]
            case 1:
                lines[at] = line[:column] + line[column + chance.randrange(1, 6) :]
            case 2:
                lines[at] = chance.choice(originals)
            case 3:
                lines.insert(at, chance.choice(originals))
            case 4:
                lines[at] = " " * chance.randrange(6) + line.lstrip(" ")
            case 5:
                key, colon, _ = line.partition(":")
                lines[at] = key + colon + " " + chance.choice(PIECES) + "\n"
            case 6:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 7:
                lines[at] = (
                    line[:column]
                    + chr(chance.choice([chance.randrange(0x80), chance.randrange(0xD800)]))
                    + line[column:]
                )
            case _:
                del lines[at : at + chance.randrange(1, 4)]
                lines = lines or ["\n"]
    return "".join(lines)


def mutated(seed):
    """The starter file after a few strokes of a careless hand; the same for the same seed."""
    return damaged(STARTER, random.Random(seed))


def survives(tmp_path, data):
    """Either a configuration, or problems that each have a place inside the file."""
    path = tmp_path / "feeds.yaml"
    path.write_bytes(data)
    try:
        found = load(path, {"X": "x"})
    except ConfigError as error:
        found = error
    if isinstance(found, Configuration):
        return ()
    shown = data.decode("utf-8", "replace")
    rows = shown.count("\n") + shown.count("\r") + 2
    assert found.problems
    for problem in found.problems:
        assert 1 <= problem.line <= rows, problem
        assert problem.column >= 1, problem
        assert problem.message, problem
        assert str(problem).isprintable(), problem
    return found.problems


def test_a_careless_hand(tmp_path):
    """Three hundred damaged starter files: a configuration or problems with places, never anything else."""
    refused = sum(bool(survives(tmp_path, mutated(seed).encode("utf-8", "surrogatepass"))) for seed in range(300))
    assert 100 < refused < 300  # the hand is careless enough to be a test, and not so that nothing gets through


SLOW = settings(
    max_examples=100, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW
@given(data=st.binary(max_size=200))
@example(data=b"\xff\xfe")
@example(data=b"%YAML 9999999999999999999999.1\n---\n")
@example(data=b"a: !<tag:yaml.org,2002:> b")
@example(data=b"? [")
@example(data=b'"\\')
def test_any_bytes(tmp_path, data):
    """A file that is no configuration at all."""
    survives(tmp_path, data)


@SLOW
@given(text=st.text(st.sampled_from("ab:-#'\"[]{}*&!|>%@` \n\t,?\\0~<$"), max_size=60))
def test_yaml_characters(tmp_path, text):
    """Characters that mean something to YAML, in any order, as a file and as a value."""
    survives(tmp_path, text.encode())
    survives(tmp_path, f"topics:\n  - id: a\n    query: {text}\n".encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(PIECES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.sampled_from(["url", "id", "hosts"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@SLOW
@given(values=st.lists(VALUES, min_size=40, max_size=40))
def test_any_value_under_any_key(tmp_path, values):
    """Well-formed YAML whose values are of every wrong type."""
    import json

    from aggregator.config.shapes import LISTS, SECTIONS

    rest = iter(values)
    rows = []
    for section, shape in (SECTIONS | LISTS).items():
        rows.append(f"{section}:")
        dash = "  - " if section in LISTS else "    "
        for key in shape.model_fields:
            rows.append(f"{dash}{key}: {json.dumps(next(rest, 'x'))}")
            dash = "    "
    survives(tmp_path, "\n".join(rows).encode("utf-8", "surrogatepass"))
