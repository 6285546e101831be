"""`aggregator token`: made, shown once, listed without, revoked."""

import pytest
from typer.testing import CliRunner

from aggregator.app.cli import app
from aggregator.app.web.tokens import digest
from aggregator.config.load import load
from aggregator.errors import ConfigError
from aggregator.wiring import open_store

CONFIG = """
topics:
  - id: open
  - id: closed
    access: token
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(CONFIG)
    return path


def call(config, *words):
    return CliRunner().invoke(app, ["token", *words, "--config", str(config)])


def digests(config, topic):
    store = open_store(load(config))
    try:
        with store.read() as rooms:
            return rooms.tokens.digests(topic)
    finally:
        store.close()


@pytest.mark.parametrize("topic", ["closed", "operator"])
def test_a_token_is_printed_once_and_stored_hashed(config, topic):
    told = call(config, "add", topic, "Ann B.")
    token = told.stdout.strip()
    assert told.exit_code == 0 and len(token) >= 32
    assert digests(config, topic) == [digest(token)]
    listed = call(config, "list").stdout
    assert listed.startswith(f"{topic}\tAnn B.\t20") and token not in listed
    assert token.encode() not in (config.parent / "var" / "aggregator.db").read_bytes()


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("add", "open", "ann"), "is public; write `access: token`"),
        (("add", "clsed", "ann"), "did you mean 'closed'"),
        (("add", "closed", " "), "is no name"),
        (("add", "closed", "a\nb"), "is no name"),
        (("revoke", "closed", "bob"), "has no token"),
    ],
)
def test_a_wrong_call_is_told_what_to_do(config, words, cure):
    told = call(config, *words)
    assert isinstance(told.exception, ConfigError) and cure in str(told.exception)


def test_a_name_has_one_token_for_a_topic(config):
    assert call(config, "add", "closed", "ann").exit_code == 0
    assert "revoke it first" in str(call(config, "add", "closed", "ann").exception)
    assert call(config, "add", "operator", "ann").exit_code == 0
    assert call(config, "revoke", "closed", "ann").exit_code == 0
    assert digests(config, "closed") == []
    assert call(config, "add", "closed", "ann").exit_code == 0
