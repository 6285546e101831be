"""Every mistake has a place, the key's path, and words that say what to write instead."""

# ruff: noqa: E501  # a mistake and its whole message stand side by side

import pytest

from aggregator.config.check import check
from aggregator.config.load import load
from aggregator.errors import ConfigError

SOURCE = "sources:\n  - url: https://a.example/feed\n    "
TOPIC = "topics:\n  - id: t\n    "


def problems(tmp_path, text, environ=None):
    path = tmp_path / "feeds.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


YAML_TRAPS = {
    "not UTF-8": (b"sources:\n  - url: https://a.example/\xe9\n", "feeds.yaml:2:28: ", "not UTF-8"),
    "UTF-16": ("a: b\n".encode("utf-16"), "feeds.yaml:1:1: ", "save it as UTF-8"),
    "tab": ("sources:\n\t- url: x\n", "feeds.yaml:2:1: ", "a tab cannot indent YAML; use spaces"),
    "tab deeper": ("site:\n  title: x\n\turl: y\n", "feeds.yaml:3:", "use spaces"),
    "control character": ("site:\n  title: a\x01b\n", "feeds.yaml:2:11: ", "U+0001"),
    "escaped NUL": ('site:\n  title: "a\\0b"\n', "feeds.yaml:2:10: site.title: ", "U+0000"),
    "escaped surrogate": ('site:\n  title: "a\\uD800b"\n', "feeds.yaml:2:10: site.title: ", "U+D800"),
    "impossible escape": ('site:\n  title: "\\UFFFFFFFF"\n', "feeds.yaml:", "YAML"),
    "phrase then more": (TOPIC + 'query: "a b" OR c\n', "feeds.yaml:3:", """single quotes, such as query: '"a phrase" OR"""),
    "alias": (TOPIC + "query: *x\n", "feeds.yaml:3:12: topics[0].query: ", "beginning with *"),
    "alias then more": (TOPIC + "query: *x OR b\n", "feeds.yaml:3:", "single quotes"),
    "tag": (TOPIC + "query: !x\n", "feeds.yaml:3:12: topics[0].query: ", "beginning with ! is a YAML tag"),
    "tag then more": (TOPIC + "query: !x y\n", "feeds.yaml:3:12: topics[0].query: ", "'!x y'"),
    "at": (TOPIC + "query: @x\n", "feeds.yaml:3:12: ", "cannot begin with @"),
    "backtick": (TOPIC + "query: `x\n", "feeds.yaml:3:12: ", "cannot begin with `"),
    "percent": (TOPIC + "query: %x\n", "feeds.yaml:3:12: ", "cannot begin with %"),
    "python": (
        "site:\n  title: !!python/object/apply:os.system [ls]\n",
        "feeds.yaml:2:10: site.title: ",
        "!!python/object/apply:os.system is not allowed",
    ),
    "binary": ("site:\n  title: !!binary aGk=\n", "feeds.yaml:2:10: site.title: ", "!!binary is not allowed"),
    "hash": (TOPIC + "query: #ai\n", "feeds.yaml:3:5: topics[0].query: ", "followed by nothing, for # begins a comment; quote it: query: '#ai'"),
    "nothing": (TOPIC + "query:\n", "feeds.yaml:3:5: topics[0].query: ", "followed by nothing"),
    "null": (TOPIC + "query: null\n", "feeds.yaml:3:12: topics[0].query: ", "followed by nothing"),
    "nothing in a list": (SOURCE + "tags:\n      - a\n      -\n", "feeds.yaml:5:", "the entry is empty"),
    "colon inside": ("site:\n  title: News: today\n", "feeds.yaml:2:", "must be quoted"),
    "list as text": (TOPIC + "query: [a OR b]\n", "feeds.yaml:3:12: topics[0].query: ", "quote"),
    "mapping as text": (TOPIC + "query: {a: b}\n", "feeds.yaml:3:12: topics[0].query: ", "quote"),
    "open quote": ("site:\n  title: 'abc\n", "feeds.yaml:2:", "never closed"),
    "octal id": ("sources:\n  - id: 010\n    url: https://a.example/\n", "feeds.yaml:2:9: sources[0].id: ", "is read as a number; quote it: '010'"),
    "grouped id": ("sources:\n  - id: 1_000\n    url: https://a.example/\n", "feeds.yaml:2:9: sources[0].id: ", "quote it: '1_000'"),
    "exponent id": ("sources:\n  - id: 5e3\n    url: https://a.example/\n", "feeds.yaml:2:9: sources[0].id: ", "quote it: '5e3'"),
    "date id": ("topics:\n  - id: 2024-01-01\n", "feeds.yaml:2:9: topics[0].id: ", "is read as a date; quote it"),
    "boolean id": ("topics:\n  - id: true\n", "feeds.yaml:2:9: topics[0].id: ", "quote it: 'true'"),
    "huge number": (TOPIC + f"limit: {'9' * 5000}\n", "feeds.yaml:3:12: topics[0].limit: ", "plain digits"),
    "octal number": (TOPIC + "limit: 010\n", "feeds.yaml:3:12: topics[0].limit: ", "plain digits: 10"),
    "grouped number": (TOPIC + "limit: 1_000\n", "feeds.yaml:3:12: topics[0].limit: ", "plain digits: 1000"),
    "quoted number": (TOPIC + "limit: '50'\n", "feeds.yaml:3:12: topics[0].limit: ", "plain digits: 50"),
    "yes": (SOURCE + "enabled: yes\n", "feeds.yaml:3:14: sources[0].enabled: ", "'yes' is a text; write true"),
    "off": (SOURCE + "enabled: off\n", "feeds.yaml:3:14: sources[0].enabled: ", "'off' is a text; write false"),
    "true for a word": ("site:\n  images: true\n", "feeds.yaml:2:11: site.images: ", "write direct or off"),
    "duplicate key": ("site:\n  title: a\n  url: http://x.example\n  title: b\n", "feeds.yaml:4:3: site.title: ", "written twice, first on line 2"),
    "duplicate section": ("site: {}\ntopics: []\nsite: {}\n", "feeds.yaml:3:1: site: ", "first on line 1"),
    "cycle": ("site: &a\n  author: *a\n", "feeds.yaml:2:11: site.author: ", "stands inside the very value"),
    "list in itself": ("sources: &x [*x]\n", "feeds.yaml:1:14: ", "stands inside"),
    "list as a key": ("site:\n  ? [a, b]\n  : c\n", "feeds.yaml:2:5: ", "a key must be a word"),
    "deep": ("[" * 100_000, "feeds.yaml:1:41: ", "nested deeper"),
    "two documents": ("site: {}\n---\nsite: {}\n", "feeds.yaml:2:1: ", "second YAML document"),
    "YAML 1.1": ("%YAML 1.1\n---\nsite: {}\n", "feeds.yaml:", "%YAML"),
    "wrong directive": ("%YAML x.y\n---\nsite: {}\n", "feeds.yaml:", "YAML"),
    "a list": ("- a\n- b\n", "feeds.yaml:1:1: ", "must be a mapping"),
    "a word": ("hello\n", "feeds.yaml:1:1: ", "must be a mapping"),
    "no colon": ("site:\n  title\n  url: x\n", "feeds.yaml:", "colon"),
    "apostrophe": ("site:\n  title: 'it's'\n", "feeds.yaml:2:", "an apostrophe in single quotes is written ''"),
    "open bracket": (SOURCE + "tags: [a, b\n    rank: 1\n", "feeds.yaml:", "this [ is not closed by ]"),
    "open brace": ("site: {title: x\n", "feeds.yaml:1:", "this { is not closed by }"),
    "indented deeper": (SOURCE + "  id: a\n", "feeds.yaml:3:", "indentation does not fit"),
    "indented less": ("sources:\n  - id: a\n   url: x\n", "feeds.yaml:3:4: ", "indentation does not fit"),
    "list behind its key": (TOPIC + "query: - foo\n", "feeds.yaml:3:12: ", "begins with a hyphen"),
    "no space after the colon": ("sources:\n  - url:https://a.example/\n", "feeds.yaml:2:5: sources[0]: ", "a space is missing after `url:`"),
    "fullwidth colon": ("site:\n  title：x\n", "feeds.yaml:2:3: site: ", "`：` is a fullwidth colon; write `title: …`"),
    "merge of a word": ("site:\n  <<: a\n", "feeds.yaml:2:7: ", "takes a mapping"),
}  # fmt: skip


@pytest.mark.parametrize("trap", YAML_TRAPS)
def test_yaml_traps(trap, tmp_path):
    """What YAML makes of innocent typing is told in the owner's words."""
    text, place, cure = YAML_TRAPS[trap]
    found = problems(tmp_path, text)
    assert any(problem.startswith(place) and cure in problem for problem in found), found


def test_alias_bomb_ends_at_once(tmp_path):
    """Nine levels of nine aliases are a billion values: refused where they pass the cap."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    assert any("aliases multiply" in problem for problem in problems(tmp_path, text))


def test_anchors_and_merge_keys_work(tmp_path):
    """Repetition may be saved with anchors; own keys win over merged ones."""
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "sources:\n  - &base {url: https://a.example/1, tags: &t [x], rank: 3}\n"
        "  - <<: *base\n    url: https://a.example/2\n  - {url: https://a.example/3, tags: *t}\n"
    )
    one, two, three = load(path, {}).sources
    assert (one.rank, two.rank, three.rank) == (3, 3, 0)
    assert one.tags == two.tags == three.tags == ("x",)
    assert two.url == "https://a.example/2"


def test_byte_order_mark_is_no_mistake(tmp_path):
    """Notepad writes one; places count without it."""
    path = tmp_path / "feeds.yaml"
    path.write_bytes(b"\xef\xbb\xbfsite: {title: X}\n")
    assert load(path, {}).site.title == "X"
    assert problems(tmp_path, "\ufeffsiet: {}\n") == [
        "feeds.yaml:1:1: siet: there is no key 'siet' here; did you mean 'site'?"
    ]


KEYS = {
    "unknown key": (SOURCE + "tittle: x\n", "3:5: sources[0].tittle: there is no key 'tittle' here; did you mean 'title'?"),
    "synonym": (SOURCE + "name: x\n", "3:5: sources[0].name: there is no key 'name' here; did you mean 'title'?"),
    "elsewhere": ("timeout: 30s\n", "1:1: timeout: there is no key 'timeout' here; it belongs under `fetch:`"),
    "indented section": ("site:\n  topics: []\n", "2:3: site.topics: `topics:` begins at the left margin, not inside another key"),
    "missing url": ("sources:\n  - id: a\n", "2:5: sources[0].url: `url` is missing; every source needs one"),
    "missing id": ("topics:\n  - title: a\n", "2:5: topics[0].id: `id` is missing; every topic needs one"),
    "bare url": ("sources:\n  - https://a.example/\n", "2:5: sources[0]: is one value; write `- url: https://…`, further keys below it"),
    "source map": ("sources:\n  a: b\n", "2:3: sources: must be a list: each entry begins with `- ` below `sources:`"),
    "no unit": ("fetch:\n  timeout: 30\n", "2:12: fetch.timeout: needs a unit; write 30s for seconds, or m, h, d"),
    "no size unit": ("fetch:\n  max_body: 15000\n", "2:13: fetch.max_body: needs a unit; write 500KB or 15MB (powers of ten)"),
    "powers of two": ("fetch:\n  max_body: 15MiB\n", "2:13: fetch.max_body: '15MiB' is no size; write 500KB or 15MB (powers of ten)"),
    "two units": ("fetch:\n  every: 1h30m\n", "2:10: fetch.every: '1h30m' is no duration; write 90s, 15m, 1h or 7d"),
    "too long": ("fetch:\n  every: 999999d\n", "2:10: fetch.every: '999999d' is too long; at most 3650d"),
    "zero timeout": ("fetch:\n  timeout: 0s\n", "2:12: fetch.timeout: must be longer than 0"),
    "crossed bounds": ("fetch:\n  min_interval: 2d\n", "2:17: fetch.min_interval: min_interval (2d) is longer than max_interval (1d); raise the one or lower the other"),
    "every outside": ("fetch:\n  every: 1m\n", "2:10: fetch.every: must lie between min_interval (10m) and max_interval (1d); change it or the bounds"),
    "source too often": (SOURCE + "every: 1m\n", "3:12: sources[0].every: is shorter than fetch.min_interval (10m); write at least that, or lower the bound"),
    "host key": ("fetch:\n  hosts:\n    https://a.example/: {}\n", "3:5: fetch.hosts[https://a.example/]: is no host; write big.example or big.example:8080, without scheme and path"),
    "host twice": ("fetch:\n  hosts: {a.example: {}, A.example: {}}\n", "2:37: fetch.hosts[A.example]: is the same host as 'a.example'; keep one"),
    "host bits": ("fetch:\n  allow_hosts: [10.0.0.5/8]\n", "2:17: fetch.allow_hosts[0]: is a host inside a network; write 10.0.0.0/8"),
    "one value": ("fetch:\n  allow_hosts: localhost\n", "2:16: fetch.allow_hosts: is one value; write a list: [localhost]"),
    "id": ("topics:\n  - id: Neue Welt\n", "2:9: topics[0].id: 'Neue Welt' is no id: small letters, digits and hyphens only; write neue-welt"),
    "id as a path": ("topics:\n  - id: ../x\n", "2:9: topics[0].id: '../x' is no id: small letters, digits and hyphens only; write x"),
    "reserved id": ("topics:\n  - id: operator\n", "2:9: topics[0].id: 'operator' is reserved; write another id"),
    "language": (SOURCE + "language: zh_CN\n", "3:15: sources[0].language: 'zh_CN' is no language tag; write zh-CN"),
    "language name": (SOURCE + "language: english\n", "3:15: sources[0].language: 'english' is no language tag; write en, pt-BR or zh-Hant"),
    "zone": (SOURCE + "timezone: Europe/Lodnon\n", "3:15: sources[0].timezone: 'Europe/Lodnon' is no time zone; did you mean 'Europe/London'?"),
    "city": (SOURCE + "timezone: Shanghai\n", "3:15: sources[0].timezone: 'Shanghai' is no time zone; did you mean 'Asia/Shanghai'?"),
    "zone folder": (SOURCE + "timezone: Europe\n", "3:15: sources[0].timezone: 'Europe' is no time zone"),
    "this machine's zone": (SOURCE + "timezone: localtime\n", "3:15: sources[0].timezone: 'localtime' is no time zone"),
    "encoding": (SOURCE + "encoding: gb18O30\n", "3:15: sources[0].encoding: 'gb18O30' is no text encoding; did you mean 'gb18030'?"),
    "no charset": (SOURCE + "encoding: rot13\n", "3:15: sources[0].encoding: 'rot13' is no text encoding"),
    "cookie": (SOURCE + "cookies: {'a b': x}\n", "3:15: sources[0].cookies[a b]: is no cookie's name: letters, digits and hyphens only"),
    "two cookies in one": (SOURCE + "cookies: {a: 'x; b=y'}\n", "3:18: sources[0].cookies.a: the value holds a character that no cookie can carry; write one cookie a line, without `;`"),
    "socks": (SOURCE + "proxy: socks4://127.0.0.1:1080\n", "3:12: sources[0].proxy: of SOCKS proxies those of version 5 are spoken to: write socks5:// or socks5h://"),
    "no proxy": (SOURCE + "proxy: 127.0.0.1:8080\n", "3:12: sources[0].proxy: write a proxy as http://host:port, https://host:port or socks5h://host:port"),
    "long socks": (SOURCE + f"proxy: socks5h://{'u' * 256}@127.0.0.1:1080\n", "3:12: sources[0].proxy: user and password of a SOCKS proxy have at most 255 bytes"),
    "proxy with a path": (SOURCE + "proxy: http://proxy.example/x\n", "3:12: sources[0].proxy: a proxy is a host and a port; remove what stands behind them"),
    "certificate without a file": (SOURCE + "client_certificate: {key: a}\n", "3:25: sources[0].client_certificate.certificate: `certificate` is missing"),
    "certificate that is not there": (SOURCE + "client_certificate: {certificate: gone.pem}\n", "3:39: sources[0].client_certificate.certificate: there is no such file; write its path relative to the folder of feeds.yaml"),
    "verify": (SOURCE + "verify_tls: 'no'\n", "3:17: sources[0].verify_tls: "),
    "page without selectors": (SOURCE + "kind: page\n", "3:11: sources[0].kind: needs selectors; write page: {entry: article, link: a@href, title: h2}"),
    "selectors without a page": (SOURCE + "page: {entry: article}\n", "3:11: sources[0].page: is for web pages; write `kind: page`, or remove it"),
    "no selector": (SOURCE + "kind: page\n    page: {entry: 'a['}\n", "4:19: sources[0].page.entry: 'a[' is no CSS selector; write one such as article.card or h2 > a"),
    "no attribute": (SOURCE + "kind: page\n    page: {entry: p, link: 'a@ hr ef'}\n", "4:28: sources[0].page.link: after @ stands the name of an attribute, such as a@href, not 'hr ef'"),
    "page without entry": (SOURCE + "kind: page\n    page: {link: a}\n", "4:11: sources[0].page.entry: `entry` is missing"),
    "topic was itself": ("topics:\n  - id: x\n    was: x\n", "3:10: topics[0].was: is the id it has now; `was` is for the former one"),
    "topic was another": ("topics:\n  - id: x\n    was: y\n  - id: y\n", "3:10: topics[0].was: the id 'y' belongs to another topic now; its history stays there"),
    "wrong digest": (TOPIC + "digest: hourly\n", "3:13: topics[0].digest: 'hourly' is not known; write none, daily or weekly"),
    "wrong access": (TOPIC + "access: tokens\n", "3:13: topics[0].access: 'tokens' is not known; did you mean 'token'?; write public or token"),
    "wrong word": (TOPIC + "content: ful\n", "3:14: topics[0].content: 'ful' is not known; did you mean 'full'?; write full, summary or link"),
    "formats": (TOPIC + "formats: [rss, atm]\n", "3:20: topics[0].formats[1]: 'atm' is not known; did you mean 'atom'?; write rss, atom, json or html"),
    "no formats": (TOPIC + "formats: []\n", "3:14: topics[0].formats: is empty; write a value or remove the key"),
    "limit": (TOPIC + "limit: 0\n", "3:12: topics[0].limit: must be at least 1"),
    "tag": (SOURCE + "tags: [world]\n" + TOPIC + "sources: [tag:wrold]\n", "6:15: topics[0].sources[0]: no source has the tag 'wrold'; did you mean 'world'?"),
    "tag without tag:": (SOURCE + "tags: [world]\n" + TOPIC + "sources: [world]\n", "6:15: topics[0].sources[0]: there is no source with the id 'world'; for the tag write tag:world"),
    "source id": (SOURCE + "id: bbc-world\n" + TOPIC + "sources: [bbc-wrld]\n", "6:15: topics[0].sources[0]: there is no source with the id 'bbc-wrld'; did you mean 'bbc-world'?"),
    "no sources": (TOPIC + "sources: []\n", "3:14: topics[0].sources: is empty; write a value or remove the key"),
    "same id": ("topics:\n  - id: a\n  - id: a\n", "3:9: topics[1].id: the topic id 'a' is taken by topics[0] on line 2; write another `id`"),
    "same default id": ("sources:\n  - url: https://a.example/x?1\n  - url: https://a.example/x?2\n", "3:10: sources[1].id: the source id 'a-example-x' is taken by sources[0] on line 2; write another `id`"),
    "its own past": (SOURCE + "id: a\n    was: a\n", "4:10: sources[0].was: is the id it has now; `was` is for the former one"),
    "another's past": (SOURCE + "was: b\n  - {id: b, url: https://b.example/}\n", "3:10: sources[0].was: the id 'b' belongs to another source now; its history stays there"),
    "site query": ("site:\n  url: https://a.example/?x\n", "2:8: site.url: must not have a ? or # part: links are built by adding to it"),
    "site user": ("site:\n  url: https://u:p@a.example/\n", "2:8: site.url: this address is published; remove the user and password before @"),
    "hub": ("publish:\n  hub: yes\n", "2:8: publish.hub: write built-in, none or a hub's address (is no address; write one such as https://example.org/feed.xml)"),
    "directory": ("publish:\n  directory: .\n", "2:14: publish.directory: must be a folder of its own, for files in it are replaced; write var/public"),
    "home": ("publish:\n  directory: ~/x\n", "2:14: publish.directory: ~ is not expanded; write the whole path"),
    "contact": ("fetch:\n  contact: 'a (b)'\n", "2:12: fetch.contact: is sent in the User-Agent: a page's address or a mail address in ASCII, without brackets"),
    "mail": ("site:\n  author: {email: x}\n", "2:19: site.author.email: 'x' is no mail address; write desk@example.org"),
}  # fmt: skip


@pytest.mark.parametrize("case", KEYS)
def test_keys_and_values(case, tmp_path):
    """The one mistake of the text is reported alone, at its place, with its cure."""
    text, expected = KEYS[case]
    found = problems(tmp_path, text)
    assert len(found) == 1, found
    assert found[0].startswith(f"feeds.yaml:{expected}")


QUERIES = {
    "plain": ("query: title:foo AND (x", "("),
    "single quotes": ("query: 'it''s OR foo:x'", "foo"),
    "double quotes": ('query: "a \\"b\\" OR foo:x"', "foo"),
    "unicode escape": ('query: "\\u4e2d\\u6587 foo:x"', "foo"),
    "behind an anchor": ("query: &q 'a foo:x'", "foo"),
    "age": ("query: a age<2d", "age"),
}


@pytest.mark.parametrize("case", QUERIES)
def test_a_mistake_in_a_query_points_at_its_character(case, tmp_path):
    """Through quotes and escapes, as long as the query is on one line."""
    line, culprit = QUERIES[case]
    (found,) = problems(tmp_path, f"{TOPIC}{line}\n")
    assert found.startswith(f"feeds.yaml:3:{4 + line.index(culprit) + 1}: topics[0].query: "), found


@pytest.mark.parametrize(
    "text", ["query: >-\n      a\n      foo:x\n", "query: 'a\n      foo:x'\n", "query: |\n      a foo:x\n"]
)
def test_a_query_over_lines_names_its_column(text, tmp_path):
    """Where the place cannot be told, the query's start and its own column are."""
    (found,) = problems(tmp_path, TOPIC + text)
    assert found.startswith("feeds.yaml:3:12: topics[0].query: column 3 of the query: "), found


def test_every_mistake_at_once_in_the_order_of_the_file(tmp_path):
    """A wrong key hides neither the query of the same topic nor the next source."""
    text = (
        "site: {tilte: x}\nfetch: {timeout: 1}\nsources:\n  - {url: 'ftp://x/', rank: a}\n  - {url: 'https://b.example', x: 1}\n"
        "topics:\n  - {id: t, digest: never, query: 'foo:x', sources: [nobody]}\n"
    )
    found = problems(tmp_path, text)
    assert [problem.split(": ")[1] for problem in found] == [
        "site.tilte", "fetch.timeout", "sources[0].url", "sources[0].rank", "sources[1].x",
        "topics[0].digest", "topics[0].query", "topics[0].sources[0]",
    ]  # fmt: skip


def test_the_path_is_shown_as_given(tmp_path, monkeypatch):
    """Editors jump to `feeds.yaml:1:1`, not to a path the owner never typed."""
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    Path("feeds.yaml").write_text("siet: {}\n")
    _, found = check(Path("feeds.yaml"), {})
    assert str(found[0]).startswith("feeds.yaml:1:1: siet: ")


def test_files_that_are_none(tmp_path):
    """A missing file, a folder, a device and a huge file are one line each."""
    from pathlib import Path

    for path, message in (
        (tmp_path / "no.yaml", "aggregator init"),
        (tmp_path, "is a folder"),
        (Path("/dev/zero"), "not a regular file"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(path, {})
        assert message in str(caught.value)
        assert len(caught.value.problems) == 1
