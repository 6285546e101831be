"""`add` writes a source into feeds.yaml and touches nothing else."""

import stat
import threading

import pytest

from aggregator.config.edit import add_source
from aggregator.config.load import load
from aggregator.errors import ConfigError

URL = "https://new.example/feed.xml"
OLD = "https://old.example/rss"


def added(tmp_path, text, **more):
    path = tmp_path / "feeds.yaml"
    path.write_bytes(text.encode())
    found = add_source(path, **{"url": URL, "id": "new", "tags": ["a", "b"], **more})
    return found, path.read_bytes().decode(), load(path, {})


NEW = "- id: new\n    url: https://new.example/feed.xml\n    tags: [a, b]"

FORMS = {
    "empty file": ("", "sources:\n  " + NEW + "\n"),
    "only comments": ("# mine\n", "# mine\n\nsources:\n  " + NEW + "\n"),
    "no sources": ("site: {title: X}\n", "site: {title: X}\n\nsources:\n  " + NEW + "\n"),
    "no sources, no last line end": ("site: {title: X}", "site: {title: X}\n\nsources:\n  " + NEW),
    "sources without a value": ("sources:\ntopics: []\n", "sources:\n  " + NEW + "\ntopics: []\n"),
    "a comment behind the key": ("sources: # mine\n# x\n", "sources: # mine\n  " + NEW + "\n# x\n"),
    "null": ("sources: null # mine\n", "sources: # mine\n  " + NEW + "\n"),
    "tilde": ("sources: ~", "sources:\n  " + NEW),
    "empty list": ("sources: []\ntopics: []\n", "sources:\n  " + NEW + "\ntopics: []\n"),
    "empty list, comment": ("sources: []  # none yet\n", "sources:  # none yet\n  " + NEW + "\n"),
    "one source": (
        f"sources:\n  - url: {OLD}\n\n# topics\ntopics: []\n",
        f"sources:\n  - url: {OLD}\n  {NEW}\n\n# topics\ntopics: []\n",
    ),
    "no last line end": (f"sources:\n  - url: {OLD}", f"sources:\n  - url: {OLD}\n  {NEW}"),
    "comment behind the value": (f"sources:\n  - url: {OLD} # x\n", f"sources:\n  - url: {OLD} # x\n  {NEW}\n"),
    "its own commented keys": (
        f"sources:\n  - url: {OLD}\n    # rank: 5\n  # not its own\ntopics: []\n",
        f"sources:\n  - url: {OLD}\n    # rank: 5\n  {NEW}\n  # not its own\ntopics: []\n",
    ),
    "dashes at the margin": (
        f"sources:\n- url: {OLD}\n\n- url: {OLD}2\n\ntopics: []\n",
        f"sources:\n- url: {OLD}\n\n- url: {OLD}2\n\n- id: new\n  url: {URL}\n  tags: [a, b]\n\ntopics: []\n",
    ),
    "wide indentation": (
        f"sources:\n    -   url: {OLD}\n",
        f"sources:\n    -   url: {OLD}\n    -   id: new\n        url: {URL}\n        tags: [a, b]\n",
    ),
    "entries in braces": (
        f"sources:\n  - {{url: '{OLD}'}}\n",
        f"sources:\n  - {{url: '{OLD}'}}\n  - {{id: new, url: https://new.example/feed.xml, tags: [a, b]}}\n",
    ),
    "flow": (
        f"sources: [{{url: '{OLD}'}}] # x\n",
        f"sources: [{{url: '{OLD}'}}, {{id: new, url: https://new.example/feed.xml, tags: [a, b]}}] # x\n",
    ),
    "flow over lines, last comma": (
        f"sources: [\n  {{url: '{OLD}'}},\n]\n",
        f"sources: [\n  {{url: '{OLD}'}}, {{id: new, url: https://new.example/feed.xml, tags: [a, b]}}\n]\n",
    ),
    "all in braces": (
        "{site: {title: X}}",
        "{site: {title: X}, sources: [{id: new, url: https://new.example/feed.xml, tags: [a, b]}]}",
    ),
    "a block scalar last": (
        f"sources:\n  - url: {OLD}\n    title: |\n      Old\n\ntopics: []\n",
        f"sources:\n  - url: {OLD}\n    title: |\n      Old\n  {NEW}\n\ntopics: []\n",
    ),
    "an alias last": (
        f"sources:\n  - url: {OLD}\n    tags: &t [x]\n  - url: {OLD}2\n    tags: *t\ntopics: []\n",
        f"sources:\n  - url: {OLD}\n    tags: &t [x]\n  - url: {OLD}2\n    tags: *t\n  {NEW}\ntopics: []\n",
    ),
    "aliases in a list last": (
        f"sources:\n  - url: {OLD}\n    tags: [&t x]\n  - url: {OLD}2\n    tags:\n      - *t\ntopics: []\n",
        f"sources:\n  - url: {OLD}\n    tags: [&t x]\n  - url: {OLD}2\n    tags:\n      - *t\n  {NEW}\ntopics: []\n",
    ),
    "indented root": (
        f"  sources:\n    - url: {OLD}\n",
        f"  sources:\n    - url: {OLD}\n    - id: new\n      url: {URL}\n      tags: [a, b]\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_file(form, tmp_path):
    """The source is spliced in by the file's own habits, the rest stays byte for byte."""
    before, after = FORMS[form]
    found, text, configuration = added(tmp_path, before)
    assert text == after
    assert found == "new"
    assert configuration.sources[-1].id == "new"
    assert configuration.sources[-1].tags == ("a", "b")


@pytest.mark.parametrize("form", FORMS)
def test_windows_line_ends(form, tmp_path):
    """A file with CRLF keeps it, in the new lines too."""
    before, after = (text.replace("\n", "\r\n") for text in FORMS[form])
    _, text, _ = added(tmp_path, before)
    if "\n" in before:
        assert text == after


def test_byte_order_mark_stays(tmp_path):
    """Notepad's mark is kept where it stands."""
    _, text, _ = added(tmp_path, f"\ufeffsources:\n  - url: {OLD}\n")
    assert text == f"\ufeffsources:\n  - url: {OLD}\n  {NEW}\n"


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Plain words", "title: Plain words"),
        ("It's: a title # really", "title: 'It''s: a title # really'"),
        ("010", "title: '010'"),
        ("null", "title: 'null'"),
        ("off", "title: 'off'"),
        ("2024-01-01", "title: '2024-01-01'"),
        ("@home", "title: '@home'"),
        ("-x", "title: '-x'"),
        ("新闻", "title: '新闻'"),
    ],
)
def test_texts_are_quoted_where_needed(title, line, tmp_path):
    """What another YAML reader could read otherwise stands in quotes, and comes back the same."""
    _, text, configuration = added(tmp_path, "", title=title)
    assert line in text
    assert configuration.sources[0].title == title


def test_default_ids_are_free(tmp_path):
    """Without an id the address gives one; a taken one is counted up."""
    path = tmp_path / "feeds.yaml"
    path.write_text("")
    ids = [add_source(path, url=f"https://a.example/feed?n={n}", id=None, tags=[]) for n in range(3)]
    assert ids == ["a-example-feed", "a-example-feed-2", "a-example-feed-3"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"url": "https://OLD.example/rss", "id": "x"}, "this address is there already, as source 'old'"),
        ({"id": "old"}, "there is a source 'old' already"),
        ({"id": "Not An Id"}, "write not-an-id"),
        ({"url": "ftp://x.example/"}, "only http and https"),
        ({"url": ""}, "no id can be made"),
        ({"url": "file:///etc/passwd", "id": "x"}, "file: addresses are refused"),
        ({"title": "a\nb"}, "must be one line"),
        ({"tags": ["a,b"]}, "no tag"),
    ],
)
def test_refusals_change_nothing(more, message, tmp_path):
    """A duplicate or a wrong value is refused in words about the call, and the file stays."""
    path = tmp_path / "feeds.yaml"
    text = f"sources:\n  - id: old\n    url: {OLD}\n"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        add_source(path, **{"url": URL, "id": None, "tags": [], **more})
    assert message in str(caught.value)
    assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_broken_file_is_not_edited(tmp_path):
    """A file in error is told so, not made worse."""
    path = tmp_path / "feeds.yaml"
    path.write_text("sources:\n  - idd: x\n")
    with pytest.raises(ConfigError) as caught:
        add_source(path, url=URL, id=None, tags=[])
    assert caught.value.problems[0].line == 2


def test_secrets_may_be_missing(tmp_path, monkeypatch):
    """The daemon has the variables; the shell that adds a source need not."""
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    path = tmp_path / "feeds.yaml"
    path.write_text("sources:\n  - id: a\n    url: https://a.example/${NOT_SET_HERE}\n")
    assert add_source(path, url=URL, id=None, tags=[]) == "new-example-feed-xml"
    assert add_source(path, url="https://b.example/${NOT_SET_HERE}", id=None, tags=[]) == "b-example"


def test_documents_end_marker_is_refused(tmp_path):
    """Where a splice would change the meaning, the owner is asked to write it."""
    path = tmp_path / "feeds.yaml"
    path.write_text("site: {title: X}\n...\n")
    with pytest.raises(ConfigError, match="by hand"):
        add_source(path, url=URL, id=None, tags=[])


def test_mode_and_symbolic_link_stay(tmp_path):
    """The file behind the link is replaced, with the mode it had."""
    real = tmp_path / "real.yaml"
    real.write_text("sources: []\n")
    real.chmod(0o640)
    link = tmp_path / "feeds.yaml"
    link.symlink_to("real.yaml")
    add_source(link, url=URL, id="new", tags=[])
    assert link.is_symlink()
    assert str(link.readlink()) == "real.yaml"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "new.example" in real.read_text()


def test_two_edits_at_once_lose_nothing(tmp_path):
    """Each edit is in the file, or was refused because another came between: none is overwritten."""
    path = tmp_path / "feeds.yaml"
    path.write_text("sources: []\n")
    done, refused = [], []

    def add(number):
        try:
            done.append(add_source(path, url=f"https://h{number}.example/", id=None, tags=[]))
        except ConfigError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) + len(refused) == 8
    assert all("meanwhile" in message for message in refused)
    assert {source.id for source in load(path, {}).sources} == set(done)


def test_missing_file(tmp_path):
    """There is nothing to add to: `init` is named."""
    with pytest.raises(ConfigError, match="init"):
        add_source(tmp_path / "feeds.yaml", url=URL, id=None, tags=[])
