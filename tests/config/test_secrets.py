"""`${NAME}`: where it may stand, and that what it stands for is never shown."""

# ruff: noqa: E501  # a mistake and its whole message stand side by side

import pytest

from aggregator.config.check import check
from aggregator.config.load import load
from aggregator.errors import ConfigError
from aggregator.steps import extract

SECRET = "hunter2/@:#%zz"
ENVIRON = {
    "TOKEN": "hunter2",
    "USER_PW": "hunter%32",
    "SITE": "https://news.example",
    "EMPTY": "",
    "BAD": "hunter2\nX: y",
    "WILD": SECRET,
}


def loaded(tmp_path, text):
    path = tmp_path / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, ENVIRON)


def refused(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    error = caught.value
    for shown in (str(error), repr(error), repr(error.problems), repr(error.__cause__)):
        assert "hunter" not in shown
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in error.problems]


RIGHT = """
site: {url: "${SITE}/desk"}
storage: {url: "postgresql+psycopg://me:${USER_PW}@db/news"}
publish: {hub: "https://hub.example/?key=${TOKEN}", hub_allow_hosts: [hub.example]}
sources:
  - id: a
    url: https://me:${USER_PW}@a.example/${TOKEN}/feed?key=${TOKEN}
    headers: {X-Key: "k ${TOKEN}"}
  - id: b
    url: https://b.example/$${x}/$y
    auth: {user: "${TOKEN}", password: "${WILD}"}
  - {id: c, url: "${SITE}"}
topics:
  - {id: t, title: "costs $${x} and $5"}
"""


def test_expanded_where_it_may_stand(tmp_path):
    """In the four places and a source's three keys; `$${` is the characters themselves, everywhere."""
    found = loaded(tmp_path, RIGHT)
    a, b, c = found.sources
    assert found.site.url == "https://news.example/desk"
    assert found.storage.url == "postgresql+psycopg://me:hunter%32@db/news"
    assert found.publish.hub == "https://hub.example/?key=hunter2"
    assert a.url == "https://a.example/hunter2/feed?key=hunter2"
    assert (a.auth.user, a.auth.password) == ("me", "hunter2")
    assert a.headers == (("X-Key", "k hunter2"),)
    assert (b.auth.user, b.auth.password) == ("hunter2", SECRET)
    assert c.url == "https://news.example"
    assert found.topics[0].title == "costs ${x} and $5"


def test_shown_as_written(tmp_path):
    """Addresses are shown as in the file, the user cut; representations hold no secret."""
    found = loaded(tmp_path, RIGHT)
    assert [source.shown_url for source in found.sources] == [
        "https://a.example/${TOKEN}/feed?key=${TOKEN}",
        "https://b.example/${x}/$y",
        "${SITE}",
    ]
    assert found.publish.hub_shown == "https://hub.example/"
    assert "hunter" not in repr(found)
    assert "hunter" not in str(found.sources)


def test_default_ids_hold_no_secret(tmp_path):
    """An id is made of what is written, variables and user left out; of nothing but a variable none can be made."""
    found = loaded(tmp_path, "sources:\n  - url: https://me:${USER_PW}@a.example/${TOKEN}/rss\n")
    assert found.sources[0].id == "a-example-rss"
    (problem,) = refused(tmp_path, "sources:\n  - url: ${SITE}\n")
    assert "no id can be made of this address" in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site:\n  title: ${TOKEN}\n", "2:10: site.title: ${TOKEN} is not expanded here"),
        ("fetch:\n  contact: ${TOKEN}\n", "2:12: fetch.contact: ${TOKEN} is not expanded here"),
        ("topics:\n  - id: t\n    query: ${TOKEN}\n", "3:12: topics[0].query: ${TOKEN} is not expanded here"),
        ("sources:\n  - url: https://a/\n    tags: ['${TOKEN}']\n", "3:12: sources[0].tags[0]: ${TOKEN} is not expanded"),
        ("site:\n  url: https://${NOPE}/\n", "2:8: site.url: the environment variable NOPE is not set; set it"),
        ("site:\n  url: https://${EMPTY}/\n", "2:8: site.url: the environment variable EMPTY is empty; set it"),
        ("site:\n  url: https://${TOKEN\n", "2:8: site.url: `${` begins the name of a variable"),
        ("site:\n  url: https://${a-b}/\n", "2:8: site.url: `${` begins the name of a variable"),
        ("site:\n  url: ${TOKEN}\n", "2:8: site.url: is no address"),
        ("site:\n  url: https://x${WILD}/\n", "2:8: site.url: "),
        ("storage:\n  url: ${TOKEN}\n", "2:8: storage.url: write sqlite:///var/aggregator.db or"),
        ("storage:\n  url: postgresql://me:${WILD}@h/db\n", "2:8: storage.url: the value of WILD holds characters that"),
        ("storage:\n  url: postgresql://me@h:${TOKEN}/db\n", "2:8: storage.url: the port is no number"),
        ("publish:\n  hub: ${TOKEN}\n", "2:8: publish.hub: write built-in, none or a hub's address"),
        ("sources:\n  - url: https://me:${WILD}@a/\n", "2:10: sources[0].url: the value of WILD holds characters that"),
        ("sources:\n  - url: https://me:${BAD}@a/\n", "2:10: sources[0].url: the value of BAD holds characters that"),
        ("sources:\n  - url: ${BAD}\n    id: a\n", "2:10: sources[0].url: holds a character that no address has"),
        ("sources:\n  - url: https://a/\n    headers: {A: '${BAD}'}\n", "3:18: sources[0].headers.A: the value holds a line"),
        ("sources:\n  - url: https://a/\n    headers: {'${TOKEN}': x}\n", "3:15: sources[0].headers[${TOKEN}]: is no header"),
        ("sources:\n  - url: https://a/\n    auth: {user: a, password: 010}\n", "3:31: sources[0].auth.password: is read as a number; quote it"),
        ("sources:\n  - url: https://hunter:2@a/\n    auth: {user: a}\n", "2:10: sources[0].url: there is a user before @ and an `auth`"),
        ("sources:\n  - url: https://hunter:h/x@a/\n", "2:10: sources[0].url: the port is no number"),
        ("sources:\n  - url: ftp://me:hunter2@a/\n", "2:10: sources[0].url: only http and https"),
    ],
)  # fmt: skip
def test_refused_without_the_value(text, expected, tmp_path):
    """Elsewhere it is an error; a missing or unfit one names the variable and the place, never the value."""
    (found,) = refused(tmp_path, text)
    assert found.startswith(f"feeds.yaml:{expected}"), found


def test_a_quoted_password_is_not_repeated(tmp_path):
    """The cure `quote it: '010'` is not given for what may be secret."""
    (found,) = refused(tmp_path, "sources:\n  - url: https://a/\n    auth: {user: a, password: 0123}\n")
    assert "0123" not in found


@pytest.mark.parametrize(
    "name",
    ["Host", "if-none-match", "If-Modified-Since", "Connection", "Transfer-Encoding", "User-Agent", "a b", "", "X:"],
)
def test_headers_that_are_the_programs_own(name, tmp_path):
    """What would break politeness, framing or the address guard cannot be set."""
    (found,) = refused(tmp_path, f"sources:\n  - url: https://a.example/\n    headers: {{'{name}': x}}\n")
    assert found.startswith("feeds.yaml:3:15: sources[0].headers")


def test_two_credentials_are_one_too_many(tmp_path):
    """Which of them would be sent is not guessed."""
    text = (
        "sources:\n  - url: https://a.example/\n    auth: {user: a}\n    headers: {authorization: x, X-A: a, x-a: b}\n"
    )
    first, second = refused(tmp_path, text)
    assert "credentials in `auth`" in first
    assert "is the same header as X-A" in second


def test_check_shows_none_either(tmp_path):
    """Warnings are as silent as errors."""
    path = tmp_path / "feeds.yaml"
    path.write_text("sources:\n  - {id: a, url: '${SITE}/${TOKEN}'}\n  - {id: b, url: '${SITE}/${TOKEN}'}\n")
    configuration, found = check(path, ENVIRON)
    assert configuration
    assert any("visited twice" in problem.message for problem in found)
    assert "hunter" not in "".join(map(str, found))


def test_the_environment_is_the_default(tmp_path, monkeypatch):
    """Without a mapping the process's own environment counts."""
    monkeypatch.setenv("AGGREGATOR_TEST_SITE", "https://x.example")
    path = tmp_path / "feeds.yaml"
    path.write_text("site: {url: '${AGGREGATOR_TEST_SITE}'}\n")
    assert load(path).site.url == "https://x.example"


@pytest.mark.parametrize("hub", ["https://hub.example/${TOKEN}?x=1", "${SITE}/hub"])
def test_a_hub_hides_no_secret_in_what_feeds_announce(tmp_path, hub):
    """Subscribers need the hub's address: what may not be shown can stand only where feeds cut it off."""
    (said,) = refused(tmp_path, f'publish: {{hub: "{hub}"}}\n')
    assert said.startswith("feeds.yaml:1:16: publish.hub: feeds announce the hub's address: a variable may stand only")


def test_full_text_without_its_extra_is_a_mistake_that_names_the_cure(tmp_path, monkeypatch):
    """The line to type, not a crash at the first article."""
    monkeypatch.setattr(extract, "installed", lambda: False)
    (message,) = refused(tmp_path, "sources:\n  - url: https://a.example/\n    full_text: true\n")
    assert message.startswith("feeds.yaml:3:16: sources[0].full_text: ")
    assert "`make extras`" in message


def test_proxy_and_client_certificate_take_secrets_and_show_none(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "own.pem").touch()
    (tmp_path / "keys" / "own.key").touch()
    text = (
        'sources:\n  - url: https://a.example/\n    proxy: "http://me:${USER_PW}@proxy.example:3128"\n'
        '    client_certificate: {certificate: own.pem, key: keys/own.key, password: "${TOKEN}"}\n'
    )
    (source,) = loaded(tmp_path, text).sources
    assert source.proxy == f"http://me:{ENVIRON['USER_PW']}@proxy.example:3128"
    own = source.client_certificate
    assert (own.certificate, own.key, own.password) == (
        tmp_path / "own.pem",
        tmp_path / "keys" / "own.key",
        ENVIRON["TOKEN"],
    )
    assert "hunter" not in repr(source)
