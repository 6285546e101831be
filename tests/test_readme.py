"""README tells the truth: what it names is there, and what is there it names."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from aggregator.app.cli import app
from aggregator.config.schema import json_schema
from aggregator.errors import Code

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(header):
    """The cells of the table under that header row."""
    table = README.split(header, 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def test_it_begins_with_the_two_commands():
    assert README.splitlines()[:2] == ["    make run", "    make test"]
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test", "demo", "check"} <= targets


@pytest.mark.parametrize("row", rows("| from → to |"), ids=lambda row: row[0])
def test_every_station_of_the_trace_is_where_the_table_says(row):
    """A newcomer finds each station at the file the table names."""
    path, name = re.fullmatch(r"`([\w/.]+)` `(\w+)`", row[2]).groups()
    code = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"\bdef {name}\b|import .*\b{name}\b", code), f"{path} has no {name}"


def test_every_command_is_documented_and_every_documented_one_exists():
    documented = {re.match(r"`aggregator (\w+)", row[0])[1] for row in rows("| command | does |")}
    assert documented == set(get_command(app).commands)


def test_every_option_of_a_command_is_documented():
    lines = {re.match(r"`aggregator (\w+)", row[0])[1]: row[0] for row in rows("| command | does |")}
    common = {"--config", "--verbose", "--quiet", "--help"}
    missing = [
        (name, option)
        for name, command in get_command(app).commands.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option not in common and option not in lines[name]
    ]
    assert missing == []


def leaves(schema, root, prefix=""):
    """Every key path a feeds.yaml may have, as the schema says."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    for option in schema.get("anyOf", []):
        yield from leaves(option, root, prefix)
    if schema.get("type") == "array" and "items" in schema:
        yield from leaves(schema["items"], root, f"{prefix}[]")
    for name, part in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        below = list(leaves(part, root, path))
        yield from below or [path]


def test_every_key_is_documented():
    """A key that README does not name does not exist for its reader."""
    table = " ".join(row[0] for row in rows("| key | default |"))
    named = set(re.findall(r"`([^`]+)`", table))
    schema = json_schema()
    missing = [
        key for key in leaves(schema, schema) if not any(key == n or key.startswith((f"{n}.", f"{n}[")) for n in named)
    ]
    assert missing == []


def test_every_error_code_is_documented():
    text = README.split("Error codes of a source: `", 1)[1].split("`", 1)[0]
    assert set(text.split()) == {code.value for code in Code}


def test_the_changelog_has_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in changes or f"## {version}" in changes


def test_pinned_files_name_no_index():
    """The locks say what, never from where."""
    for file in ROOT.glob("requirements*.txt"):
        assert "://" not in file.read_text(encoding="utf-8")
