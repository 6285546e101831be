"""A log line is one line, tells no secret, and says as much as was asked for."""

import io
import json
import logging
import re

import pytest
import structlog

from aggregator.app import logs

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning|error) \S+")


@pytest.fixture(autouse=True)
def restored():
    """Logging is global: every test leaves it as it was."""
    root, ours = logging.getLogger(), logging.getLogger("aggregator")
    before = (root.handlers[:], root.level, ours.level)
    yield
    root.handlers[:], level, own = before
    root.setLevel(level)
    ours.setLevel(own)
    for name in logs.CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def written(verbosity=1, *, use=lambda log: None, as_json=False):
    out = io.StringIO()
    logs.configure(verbosity, json=as_json, stream=out)
    use(structlog.get_logger())
    return out.getvalue()


def test_an_event_is_its_name_and_its_fields():
    """Scripts can rely on `event key=value`, people can read it."""
    out = written(use=lambda log: log.warning("source_failed", code="http_status", source="lwn", status=503))
    assert LINE.match(out)
    assert out.split("Z ", 1)[1] == "warning source_failed source=lwn code=http_status status=503\n"


def test_json_lines_carry_the_same_event(monkeypatch):
    """AGGREGATOR_LOG=json turns every line into an object, times in UTC."""
    monkeypatch.setenv("AGGREGATOR_LOG", "json")
    out = io.StringIO()
    logs.configure(1, stream=out)
    structlog.get_logger().info("source_visited", source="桥", items=3, moved=None, ok=True)
    record = json.loads(out.getvalue())
    assert record.pop("timestamp").endswith("Z")
    assert record == {
        "level": "info",
        "event": "source_visited",
        "source": "桥",
        "items": 3,
        "moved": None,
        "ok": True,
    }


@pytest.mark.parametrize(
    "hostile",
    [
        "x\n2026-01-01T00:00:00Z error forged",
        "x\r\n2026-01-01T00:00:00Z error forged",
        "x\u2028forged",
        "x\x85forged",
        "x\x0bforged\x0cforged\x1cforged",
        "x\x1b[2J\x1b]0;owned\x07",
        "x\x9b31m",
        "x\u202eexe.gpj",
        "x\udcff",
        "x\x00y",
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_hostile_value_stays_in_its_line_and_shows_itself(hostile, as_json):
    """Neither newline nor escape sequence of another's text reaches the terminal, wherever it was put."""

    def use(log):
        log.info("entry_left_out", title=hostile, parts=[hostile, {"deep": hostile, hostile: 1}])
        log.info(hostile)
        logging.getLogger("library").warning("said %s", hostile)

    out = written(use=use, as_json=as_json)
    lines = out.splitlines()
    assert len(lines) == 3
    assert all(json.loads(line) if as_json else LINE.match(line) for line in lines)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff]", out)


def test_a_value_cannot_pretend_to_be_another_field():
    """A value with spaces, quotes or equals signs stands in quotes, its own quotes escaped."""
    out = written(use=lambda log: log.info("entry", title='x" code=ok status=200', empty="", n=None, b=False))
    assert out.endswith('entry title="x\\" code=ok status=200" empty="" n=- b=no\n')


def test_a_traceback_cannot_forge_a_line():
    """An exception's message may hold newlines of others; each stands behind the margin."""

    def fail():
        raise ValueError("bad\n2026-01-01T00:00:00Z error forged\x1b[0m https://me:pw@host/")

    def use(log):
        try:
            fail()
        except ValueError:
            log.exception("source_failed", source="x")

    lines = written(use=use).splitlines()
    assert LINE.match(lines[0])
    assert len(lines) > 3
    assert all(line.startswith("    | ") for line in lines[1:])
    assert "pw" not in "\n".join(lines) and "\x1b" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://me:hunter2@host.example/a?b=c", "https://[cut]@host.example/a?b=c"),
        ("https://hunter2@host.example/", "https://[cut]@host.example/"),
        ("https://me:p@hunter2@host.example/", "https://[cut]@host.example/"),
        ("see postgresql+psycopg://u:hunter2@db/x now", "see postgresql+psycopg://[cut]@db/x now"),
        ("/topics/a.atom?token=hunter2&x=1", "/topics/a.atom?token=[cut]&x=1"),
        ("https://h/?access_token=hunter2#f", "https://h/?access_token=[cut]#f"),
        ("https://h/?TOKEN%3Dhunter2", "https://h/?TOKEN%3D[cut]"),
        ("Authorization: Bearer hunter2", "Authorization: Bearer [cut]"),
        ("https://host.example/@me/feed?at=a@b", "https://host.example/@me/feed?at=a@b"),
    ],
)
def test_a_credential_is_cut_from_any_field(value, shown):
    """User-info and token values go, the rest of the address stays for whoever reads the log."""

    class Foreign:
        def __str__(self):
            return value

    out = written(
        use=lambda log: log.info("e", a=value, b=[value], c={"d": (value,)}, e=Foreign(), f=OSError(value)),
        as_json=True,
    )
    record = json.loads(out)
    assert (record["a"], record["b"], record["c"], record["e"]) == (shown, [shown], {"d": [shown]}, shown)
    assert record["f"] == shown
    assert "hunter2" not in out


def test_fields_that_are_secrets_by_name_are_cut_whole():
    """Whoever logs a header or a token by mistake tells nothing."""
    out = written(use=lambda log: log.info("e", password="hunter2", headers={"Cookie": "a=hunter2"}))
    assert "hunter2" not in out


def test_credentials_in_a_librarys_sentence_are_cut():
    """Lines of uvicorn, httpx and others go through the same redactor."""
    out = written(use=lambda log: logging.getLogger("httpx").error("GET %s", "http://u:hunter2@h/?token=hunter2"))
    assert "library name=httpx" in out and "hunter2" not in out


def test_a_long_value_is_cut():
    """One entry's megabyte does not fill the log, and redacting it takes no time."""
    out = written(use=lambda log: log.info("e", title="a" * 1_000_000, url="://" * 200_000))
    assert len(out) < 3 * logs.LONGEST


@pytest.mark.parametrize(
    ("verbosity", "levels"),
    [
        (-2, {"error"}),
        (-1, {"error"}),
        (0, {"error", "warning"}),
        (1, {"error", "warning", "info"}),
        (2, {"error", "warning", "info", "debug"}),
        (5, {"error", "warning", "info", "debug"}),
    ],
)
def test_verbosity_chooses_the_levels(verbosity, levels):
    """-q says less, -v says more."""

    def use(log):
        for level in ("debug", "info", "warning", "error"):
            getattr(log, level)("event_here")

    assert {line.split()[1] for line in written(verbosity, use=use).splitlines()} == levels


@pytest.mark.parametrize("name", ["uvicorn.access", "apscheduler.scheduler", "httpx", "alembic.runtime.migration"])
def test_libraries_are_heard_from_warnings_on(name):
    """A daemon's log is about sources and topics, not about its libraries."""

    def use(log):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")

    out = written(2, use=use)
    assert "chatter" not in out and "trouble" in out


def test_colours_are_for_terminals_only(monkeypatch):
    """A file or a pipe never gets escape sequences; a terminal does unless NO_COLOR is set."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    logs.configure(1, json=False, stream=terminal)
    structlog.get_logger().info("started", port=8000)
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b[" not in written(use=lambda log: log.info("started", port=8000))
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    logs.configure(1, json=False, stream=plain)
    structlog.get_logger().info("started", port=8000)
    assert "\x1b[" not in plain.getvalue()


def test_configuring_twice_writes_each_line_once():
    """The last call wins; nothing is written twice or to the older stream."""
    old, new = io.StringIO(), io.StringIO()
    logs.configure(1, stream=old)
    logs.configure(1, stream=new)
    structlog.get_logger().info("once")
    assert old.getvalue() == "" and new.getvalue().count("once") == 1
