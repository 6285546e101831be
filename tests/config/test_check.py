"""`check` warns about what is allowed but hardly meant."""

# ruff: noqa: E501  # a mistake and its whole message stand side by side

import pytest

from aggregator.config.check import check

SITE = "site: {url: 'https://news.example'}\n"
A = "sources:\n  - {id: a, url: 'https://a.example/', tags: [world], title: Alpha, "
T = "topics:\n  - id: t\n"


def warnings(tmp_path, text):
    path = tmp_path / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    configuration, found = check(path, {})
    assert configuration is not None, found
    assert all(problem.warning and problem.line for problem in found)
    return [str(problem).removeprefix(f"{path}:") for problem in found]


def test_nothing_to_say(tmp_path):
    """A sound file is silent."""
    assert warnings(tmp_path, SITE + A + "}\n" + T) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site:\n  url: http://localhost:8000\n" + A + "}\n" + T, "2:8: warning: site.url: is reachable from this machine"),
        (A + "}\n" + T, "1:1: warning: site.url: http://127.0.0.1:8000 is reachable from this machine only"),
        (SITE + T, "1:1: warning: sources: there is none; `aggregator add URL` writes one"),
        (SITE + A + "}\n", "1:1: warning: topics: there is none, so nothing is published"),
        (SITE + A + "language: cn}\n" + T, "3:79: warning: sources[0].language: 'cn' is a country; its language is 'zh'"),
        (SITE + A + "language: qq}\n" + T, "3:79: warning: sources[0].language: 'qq' is no language code of ISO 639"),
        (SITE + A + "enabled: false}\n" + T, "5:5: warning: topics[0].sources: all of its sources are disabled"),
        (SITE + A + "}\n  - {id: b, url: 'https://a.example/'}\n" + T, "4:18: warning: sources[1].url: is the address of source 'a' too"),
        (SITE + A + "}\n  - {id: b, url: x.xml, kind: file}\n" + T, "4:18: warning: sources[1].url: there is no such file yet"),
        (SITE + A + "}\n" + T + "    max_age: 91d\n", "6:14: warning: topics[0].max_age: is longer than storage.keep_for (90d)"),
        (SITE + A + "}\n" + T + "    query: tag:wrold\n", "6:12: warning: topics[0].query: no source has the tag 'wrold'; did you mean 'world'?"),
        (SITE + A + "}\n" + T + "    query: x OR -source:beta\n", "6:12: warning: topics[0].query: none of the topic's sources is called 'beta'"),
        (SITE + A + "}\n" + T + "    query: x -x\n", "6:12: warning: topics[0].query: takes nothing, whatever is published"),
        (SITE + A + "}\n" + T + "    query: x or y\n", "6:12: warning: topics[0].query: 'or' is looked for as a word; the operator is OR"),
        (SITE + A + "}\n" + T + "    query: x OR y\n  - {id: u, query: x OR y, title: U}\n", "7:10: warning: topics[1].id: shows what topic 't' shows"),
        (SITE + A + "}\n" + T + "    query: lang:jp\n", "6:12: warning: topics[0].query: lang:jp: 'jp' is a country"),
        (SITE + "fetch:\n  min_interval: 5s\n" + A + "}\n" + T, "3:17: warning: fetch.min_interval: visits public hosts more often"),
        (SITE + "fetch:\n  allow_hosts: [0.0.0.0/0]\n" + A + "}\n" + T, "3:17: warning: fetch.allow_hosts[0]: opens every private"),
    ],
)  # fmt: skip
def test_doubts(text, expected, tmp_path):
    """Each with its place and what was probably meant."""
    (found,) = warnings(tmp_path, text)
    assert found.startswith(expected), found


@pytest.mark.parametrize(
    "query", ["tag:WORLD", "tag:wor*", "source:a", "source:ALPHA", "lang:zh-Hant", "tag:world lang:en"]
)
def test_no_doubt_without_reason(query, tmp_path):
    """What can match is not warned of."""
    assert warnings(tmp_path, SITE + A + "}\n" + T + f"    query: '{query}'\n") == []


def test_errors_come_without_a_configuration(tmp_path):
    """Either a configuration with warnings, or errors."""
    for text in ("siet: {}\n", "a: [\n"):
        path = tmp_path / "feeds.yaml"
        path.write_text(text)
        configuration, found = check(path, {})
        assert configuration is None
        assert found
        assert not any(problem.warning for problem in found)
    assert check(tmp_path / "none.yaml", {})[0] is None
