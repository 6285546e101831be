"""A right feeds.yaml in the domain's words."""

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.domain.query import Everything, Term
from aggregator.domain.settings import Format, HostLimit, SameStory
from aggregator.domain.source import Credentials, SourceKind
from aggregator.domain.topic import Content
from aggregator.errors import ConfigError


def loaded(tmp_path, text, environ=None):
    path = tmp_path / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ or {})


FULL = """
site:
  url: https://news.example.org/desk/
  title: Desk
  author: {name: Example desk, email: desk@example.org}
  language: EN-gb
  timezone: Europe/London
  images: off
storage: {url: sqlite:///data/a b.db, keep_for: 30d}
fetch:
  every: 30m
  min_interval: 5m
  max_interval: 12h
  concurrency: 8
  per_host: 2
  host_gap: 0s
  hosts: {Big.example: {per_host: 4, host_gap: 0s}, "[::1]:8000": {}}
  timeout: 10s
  max_body: 500KB
  max_entries: 100
  contact: https://example.org/bot
  allow_hosts: [localhost, 127.0.0.1:8000, 10.0.0.0/8, "[::1]:8000", "fd00::/8", 10.1.0.0/16:8080]
publish: {directory: out, formats: [atom, atom, rss], hub: none}
stories: {same_story: within-source, window: 3d}
sources:
  - id: one
    was: uno
    url: https://one.example/feed.xml?x=1#top
    title: " One "
    tags: [world, uk, world]
    rank: -3
    every: 1h
    language: zh-hant-tw
    timezone: Asia/Taipei
    encoding: big5
    enabled: false
    headers: {Accept: text/xml, Authorization: "Bearer ${TOKEN}"}
  - url: https://me:p%40ss@Two.example:8443/a/b.xml
  - {id: three, url: feeds/three.xml, kind: file, auth: {user: me, password: "${TOKEN}"}}
topics:
  - id: all
  - id: some
    title: 工业互联网
    description: |
      What happens
    icon: https://example.org/icon.png
    query: 工业互联网
    sources: [tag:uk, three]
    limit: 5
    max_age: 30d
    order: newest
    content: summary
    same_story: off
    formats: [json]
    access: public
"""


def test_everything_written(tmp_path):
    """Every key of the interface arrives where the domain keeps it."""
    found = loaded(tmp_path, FULL, {"TOKEN": "s3cret"})
    site, fetch = found.site, found.fetch
    assert (site.url, site.title, site.language, site.timezone) == (
        "https://news.example.org/desk",
        "Desk",
        "en-GB",
        "Europe/London",
    )
    assert (site.author_name, site.author_email, site.images) == ("Example desk", "desk@example.org", False)
    assert found.path == tmp_path / "feeds.yaml"
    assert found.storage.url == f"sqlite:///{tmp_path}/data/a b.db"
    assert found.storage.keep_for == timedelta(days=30)
    assert (fetch.every, fetch.min_interval, fetch.max_interval) == (
        timedelta(minutes=30),
        timedelta(minutes=5),
        timedelta(hours=12),
    )
    assert (fetch.concurrency, fetch.per_host, fetch.host_gap, fetch.timeout) == (
        8,
        2,
        timedelta(0),
        timedelta(seconds=10),
    )
    assert fetch.hosts == {"big.example": HostLimit(per_host=4, host_gap=timedelta(0)), "[::1]:8000": HostLimit()}
    assert (fetch.max_body, fetch.max_entries, fetch.contact) == (500_000, 100, "https://example.org/bot")
    assert type(fetch.max_body) is int
    assert fetch.allow_hosts == (
        "localhost",
        "127.0.0.1:8000",
        "10.0.0.0/8",
        "[::1]:8000",
        "fd00::/8",
        "10.1.0.0/16:8080",
    )
    assert found.publish.directory == tmp_path / "out"
    assert (found.publish.formats, found.publish.hub) == ((Format.ATOM, Format.RSS), None)
    assert (found.stories.same_story, found.stories.window) == (SameStory.WITHIN_SOURCE, timedelta(days=3))

    one, two, three = found.sources
    assert (one.id, one.was, one.title, one.tags, one.rank, one.every) == (
        "one",
        "uno",
        "One",
        ("world", "uk"),
        -3,
        timedelta(hours=1),
    )
    assert (one.language, one.timezone, one.encoding, one.enabled) == ("zh-Hant-TW", "Asia/Taipei", "big5", False)
    assert one.headers == (("Accept", "text/xml"), ("Authorization", "Bearer s3cret"))
    assert (two.id, two.url, two.shown_url) == (
        "two-example-8443-a-b-xml",
        "https://Two.example:8443/a/b.xml",
        "https://Two.example:8443/a/b.xml",
    )
    assert two.auth == Credentials(user="me", password="p@ss")
    assert (three.kind, three.path, three.url) == (SourceKind.FILE, tmp_path / "feeds/three.xml", "feeds/three.xml")

    everything, some = found.topics
    assert (everything.title, everything.query, everything.source_ids, everything.limit) == (
        "all",
        Everything(),
        None,
        50,
    )
    assert (everything.formats, everything.same_story) == ((Format.ATOM, Format.RSS), SameStory.WITHIN_SOURCE)
    assert (some.title, some.description, some.icon) == ("工业互联网", "What happens", "https://example.org/icon.png")
    assert (some.query, some.query_text) == (Term(text="工业互联网"), "工业互联网")
    assert some.source_ids == {"one", "three"}
    assert (some.limit, some.max_age, some.content) == (5, timedelta(days=30), Content.SUMMARY)
    assert (some.same_story, some.formats) == (SameStory.OFF, (Format.JSON,))


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}", "sources:\ntopics:\nsite:\n", "sources: []\n"])
def test_nothing_written_means_the_defaults(text, tmp_path):
    """An empty file is a configuration with no sources; a section may be emptied by commenting it out."""
    found = loaded(tmp_path, text)
    assert (found.sources, found.topics, found.site.url) == ((), (), "http://127.0.0.1:8000")
    assert found.storage.url == f"sqlite:///{tmp_path}/var/aggregator.db"
    assert found.publish.directory == tmp_path / "var/public"


def test_one_source_and_one_topic(tmp_path):
    """Only a source's url and a topic's id have no default."""
    found = loaded(tmp_path, "sources:\n- url: https://a.example/rss\ntopics:\n- id: news\n")
    assert found.sources[0].id == "a-example-rss"
    assert found.topics[0].title == "news"


def test_the_same_database_from_anywhere(tmp_path, monkeypatch):
    """Paths start at the file's folder, not where the program is started."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
    (home / "feeds.yaml").write_text("")
    monkeypatch.chdir(home)
    here = load(Path("feeds.yaml"), {})
    monkeypatch.chdir(elsewhere)
    there = load(Path("../home/feeds.yaml"), {})
    assert here == there
    assert here.path.is_absolute()
    assert here.base == home


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////data/x.db", "sqlite:////data/x.db"),
        ("sqlite:///x.db", "sqlite:///{base}/x.db"),
        ("postgresql://me@db.example/news", "postgresql+psycopg://me@db.example/news"),
        (
            "postgresql+psycopg://me:${PW}@db.example:5433/news?sslmode=require",
            "postgresql+psycopg://me:p%40w@db.example:5433/news?sslmode=require",
        ),
        ("${WHOLE}", "postgresql+psycopg://me:x@h/db"),
    ],
)
def test_stores(url, expected, tmp_path):
    """Both databases, and SQLAlchemy reads the address as we mean it."""
    from sqlalchemy import make_url

    found = loaded(tmp_path, f"storage: {{url: '{url}'}}\n", {"PW": "p%40w", "WHOLE": "postgresql://me:x@h/db"})
    assert found.storage.url == expected.format(base=tmp_path)
    if url.startswith("sqlite"):
        assert Path(make_url(found.storage.url).database) == Path(found.storage.url.removeprefix("sqlite:///"))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://h/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///var/",
        "sqlite:///a.db?mode=ro",
        "postgres://h/db",
        "postgresql://h",
        "var/x.db",
    ],
)
def test_other_stores_are_refused(url, tmp_path):
    """In memory, elsewhere or half written: told at its place."""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, f"storage:\n  url: '{url}'\n")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.key) == (2, 8, "storage.url")


def test_rhythms_not_written_adapt_to_bounds_that_are(tmp_path):
    """`max_interval: 30m` alone is no contradiction to a default nobody wrote."""
    assert loaded(tmp_path, "fetch: {max_interval: 30m}\n").fetch.every == timedelta(minutes=30)
    assert loaded(tmp_path, "fetch: {min_interval: 2h}\n").fetch.every == timedelta(hours=2)


def test_no_floor_for_hosts_in_allow_hosts(tmp_path):
    """A source of one's own may be visited every second; a name may be inside an allowed network."""
    for host, allowed in (
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("127.0.0.1:8000", "127.0.0.0/8"),
        ("[::1]:8000", "[::1]:8000"),
        ("[::1]:8000", "::1/128"),
        ("intranet.example", "10.0.0.0/8"),
        ("intranet.example", "intranet.example:80"),
    ):
        text = f"fetch: {{allow_hosts: ['{allowed}']}}\nsources:\n  - {{url: 'http://{host}/', every: 1s}}\n"
        assert loaded(tmp_path, text).sources[0].every == timedelta(seconds=1)
    with pytest.raises(ConfigError, match="min_interval"):
        loaded(
            tmp_path, "fetch: {allow_hosts: ['127.0.0.1:1']}\nsources:\n  - {url: 'http://127.0.0.1:2/', every: 1s}\n"
        )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Feeds.Example", "feeds.example"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/8:8080", "10.0.0.0/8:8080"),
        ("fd00::/8", "fd00::/8"),
        ("[fd00::/8]:8080", "[fd00::/8]:8080"),
        ("[fd00::]/8:8080", "[fd00::/8]:8080"),
        ("::1", "::1"),
        ("[::1]", "[::1]"),
        ("fd00::/8:8080", None),
        ("[::1", None),
        ("[::1]80", None),
        ("::1]", None),
        ("10.0.0.0/33", None),
        ("host:0", None),
        ("host:65536", None),
        ("a b", None),
        ("", None),
        ("host/path", None),
    ],
)
def test_allowed_hosts_in_one_spelling(written, kept, tmp_path):
    """What the guard would read as nothing is refused here, so that no entry is silently without effect."""
    text = f"fetch: {{allow_hosts: ['{written}']}}\n"
    if kept is None:
        with pytest.raises(ConfigError, match=r"allow_hosts\[0\]"):
            loaded(tmp_path, text)
    else:
        assert loaded(tmp_path, text).fetch.allow_hosts == (kept,)


def test_files_stay_under_the_folder(tmp_path):
    """No `..`, no absolute path, no file: address, no symbolic link out; a link inside is followed."""
    home = tmp_path / "home"
    (home / "feeds").mkdir(parents=True)
    (home / "feeds/real.xml").write_text("x")
    (tmp_path / "secret.xml").write_text("x")
    (home / "out.xml").symlink_to(tmp_path / "secret.xml")
    (home / "outside").symlink_to(tmp_path)
    (home / "in.xml").symlink_to("feeds/real.xml")
    (home / "loop.xml").symlink_to("loop.xml")
    text = "sources:\n  - {{id: a, kind: file, url: '{}'}}\n"
    assert loaded(home, text.format("feeds/real.xml")).sources[0].path == home / "feeds/real.xml"
    assert loaded(home, text.format("in.xml")).sources[0].path == home / "feeds/real.xml"
    assert loaded(home, text.format("not-yet.xml")).sources[0].path == home / "not-yet.xml"
    for bad in (
        "../secret.xml",
        "/etc/passwd",
        "file:feeds/real.xml",
        "file:///etc/passwd",
        "out.xml",
        "outside/secret.xml",
        "loop.xml",
        "feeds/../../secret.xml",
        "~/x",
        ".",
        "https://a.example/",
    ):
        with pytest.raises(ConfigError) as caught:
            loaded(home, text.format(bad))
        assert caught.value.problems[0].key == "sources[0].url", bad
    with pytest.raises(ConfigError, match="kind: file"):
        loaded(home, "sources:\n  - url: file:///etc/passwd\n")


def test_ten_thousand_sources(tmp_path):
    """A large file loads whole (about half a millisecond a source, nearly all of it YAML's)."""
    sources = (f"  - {{id: s{n}, url: 'https://h{n}.example/rss', tags: [t]}}\n" for n in range(10_000))
    text = "sources:\n" + "".join(sources)
    found = loaded(tmp_path, text + "topics:\n  - {id: all, sources: [tag:t]}\n")
    assert len(found.sources) == len(found.topics[0].source_ids or ()) == 10_000
