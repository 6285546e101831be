"""README and docs tell the truth: what they name is there, and what is there they name."""

import ast
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from aggregator.app.cli import app
from aggregator.config.schema import json_schema
from aggregator.errors import Code

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
DOCS = sorted((ROOT / "docs").glob("*.md"))
FIVE_MINUTES = 1_500  # words


def rows(header, text=REFERENCE):
    """The cells of the table under that header row."""
    table = text.split(header, 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def test_it_begins_with_the_two_commands():
    assert README.splitlines()[:2] == ["    make run", "    make test"]
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test", "demo", "check"} <= targets


@pytest.mark.parametrize("row", rows("| from → to |", README), ids=lambda row: row[0])
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
    """Each by its name, and with what to do about it."""
    codes = {code.value for code in Code}
    text = REFERENCE.split("Error codes of a source: `", 1)[1].split("`", 1)[0]
    assert set(text.split()) == codes
    assert {
        code for row in rows("| code | what happened |", OPERATING) for code in re.findall(r"`(\w+)`", row[0])
    } == codes


@pytest.mark.parametrize("name", ["ask", "explained", "search", "told", "work"])
def test_every_key_of_a_json_answer_is_documented(name):
    """A script's author need not run a command to learn what it answers."""
    named = set(re.findall(r"`(\w+)(?:\[\])?`", REFERENCE.split("## JSON answers", 1)[1].split("\n## ", 1)[0]))
    code = ast.parse((ROOT / f"aggregator/app/cli/{name}.py").read_text(encoding="utf-8"))
    functions = [part for part in code.body if isinstance(part, ast.FunctionDef)]
    tables = [part for function in functions for part in ast.walk(function) if isinstance(part, ast.Dict)]
    keys = {key.value for table in tables for key in table.keys if key is not None}
    assert keys - named == set()


def test_every_command_that_readme_shows_exists():
    shown = set(re.findall(r"`aggregator (\w+)", README + OPERATING))
    assert shown <= set(get_command(app).commands)
    assert len(README.split()) < FIVE_MINUTES


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{p.name}" for p in DOCS)])
def test_every_link_between_the_documents_leads_somewhere(path):
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / path).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / path).parent.joinpath(link).exists()] == []


def test_every_file_that_contributing_names_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:aggregator|storage|tests|docs|benchmarks)/[\w./]+)`", text))
    assert len(named) > 15 and [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_as_it_is_written(tmp_path):
    """Copied from the document, but for the paths, which are those of another machine."""
    unit = tmp_path / "aggregator.service"
    text = OPERATING.split("```ini\n", 1)[1].split("```", 1)[0]
    unit.write_text(text.replace("/opt/aggregator/.venv/bin/aggregator", "/bin/true").replace("User=news\n", ""))
    told = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if "aggregator.service" in line] == []


def test_the_changelog_has_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in changes or f"## {version}" in changes


def test_pinned_files_name_no_index():
    """The locks say what, never from where, and agree with one another."""
    pins = {}
    for file in ROOT.glob("requirements*.txt"):
        text = file.read_text(encoding="utf-8")
        assert "://" not in text
        pins[file.stem] = dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))
    run, extras, dev = (pins[name] for name in ("requirements", "requirements-extras", "requirements-dev"))
    assert run.items() <= extras.items() <= dev.items() | extras.items()
    assert {name for name in extras if name in dev and dev[name] != extras[name]} == set()
