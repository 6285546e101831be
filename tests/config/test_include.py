"""`include`: sources and topics in further files."""

# ruff: noqa: E501  # a mistake and its message stand side by side

import pytest

from aggregator.app.watch import ConfigWatch
from aggregator.config.check import check
from aggregator.config.edit import add_source
from aggregator.config.load import load
from aggregator.config.remove import remove_source
from aggregator.errors import ConfigError

MAIN = "include: [more.yaml, sub/last.yaml]\nsources:\n  - {id: a, url: 'https://a.example/'}\ntopics:\n  - {id: t, sources: [b, 'tag:x']}\n"
MORE = "sources:\n  - {id: b, url: 'https://b.example/', tags: [x]}\n"
LAST = "# nothing but a topic\ntopics:\n  - id: u\n    query: 'flood OR storm'\n"


def write(tmp_path, main=MAIN, more=MORE, last=LAST):
    (tmp_path / "sub").mkdir(exist_ok=True)
    path = tmp_path / "feeds.yaml"
    path.write_text(main)
    (tmp_path / "more.yaml").write_text(more)
    (tmp_path / "sub" / "last.yaml").write_text(last)
    return path


def problems(path):
    with pytest.raises(ConfigError) as error:
        load(path, {})
    return [str(problem).replace(f"{path.parent}/", "") for problem in error.value.problems]


def test_all_files_are_one_configuration(tmp_path):
    """The file's own entries first; a topic may name a source of another file."""
    found = load(write(tmp_path), {})
    assert [source.id for source in found.sources] == ["a", "b"]
    assert [(topic.id, topic.source_ids) for topic in found.topics] == [("t", frozenset({"b"})), ("u", None)]
    assert found.included == (tmp_path / "more.yaml", tmp_path / "sub" / "last.yaml")


CASES = {
    "a mistake in an included file": (
        {"more": "sources:\n  - {id: b, url: 'https://b.example/', rnak: 1}\n"},
        "more.yaml:2:40: sources[0].rnak: ",
    ),
    "a mistake in an included query": (
        {"last": "topics:\n  - id: u\n    query: 'flood OR'\n"},
        "sub/last.yaml:3:19: topics[0].query: ",
    ),
    "an id of the main file": (
        {"more": "sources:\n  - {id: b, url: 'https://b.example/', tags: [x]}\n  - {id: a, url: 'https://c.example/'}\n"},
        "more.yaml:3:10: sources[1].id: the source id 'a' is taken by sources[0] on line 3",
    ),
    "another section": ({"last": "site: {title: X}\n"}, "sub/last.yaml:1:1: site: an included file holds sources and topics"),
    "an include of its own": ({"last": "include: [more.yaml]\n"}, "sub/last.yaml:1:1: include: an included file holds"),
    "no YAML": ({"last": "topics: [\n"}, "sub/last.yaml:"),
    "a list": ({"last": "- x\n"}, "sub/last.yaml:1:1: the file must be a mapping"),
    "no file": (
        {"main": MAIN.replace("sub/last.yaml", "nowhere.yaml")},
        "feeds.yaml:1:22: include[1]: there is no file 'nowhere.yaml' here",
    ),
    "outside": ({"main": MAIN.replace("sub/last.yaml", "../x.yaml")}, "feeds.yaml:1:22: include[1]: must be a path under"),
    "an address": ({"main": MAIN.replace("sub/last.yaml", "https://x/")}, "feeds.yaml:1:22: include[1]: write a path"),
    "itself": ({"main": MAIN.replace("sub/last.yaml", "feeds.yaml")}, "feeds.yaml:1:1: include: an included file holds"),
    "twice": ({"main": MAIN.replace("sub/last.yaml", "more.yaml")}, "feeds.yaml:1:22: include[1]: is included twice"),
    "no list": ({"main": MAIN.replace("[more.yaml, sub/last.yaml]", "more.yaml")}, "feeds.yaml:1:10: include: must be a list"),
    "a mapping": ({"main": MAIN.replace("sub/last.yaml", "{a: b}")}, "feeds.yaml:1:22: include[1]: must be a file's name"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_names_the_file_it_is_in(case, tmp_path):
    texts, expected = CASES[case]
    assert any(found.startswith(expected) for found in problems(write(tmp_path, **texts))), problems(
        write(tmp_path, **texts)
    )


def test_doubts_name_the_file_too(tmp_path):
    path = write(tmp_path, last="topics:\n  - {id: u, query: 'tag:wrold'}\n")
    _, found = check(path, {})
    assert any(str(problem).startswith(f"{tmp_path}/sub/last.yaml:2:20: warning: topics[0].query") for problem in found)


def test_editing_knows_the_other_files(tmp_path):
    """What is there already is not added again; what stands elsewhere is not cut here."""
    path = write(tmp_path)
    with pytest.raises(ConfigError, match="there already, as source 'b'"):
        add_source(path, url="https://b.example/", id=None, tags=[])
    with pytest.raises(ConfigError, match=r"stands in .*more.yaml, line 2; take it out there"):
        remove_source(path, "b")
    add_source(path, url="https://new.example/", id="new", tags=[])
    assert [source.id for source in load(path, {}).sources] == ["a", "new", "b"]
    remove_source(path, "new")
    assert path.read_text() == MAIN


def test_an_edit_of_an_included_file_is_seen(tmp_path):
    """By looking, as for feeds.yaml itself; a file that is included later is looked at from then on."""
    path = write(tmp_path)
    watch = ConfigWatch(path, load(path, {}).included)
    (tmp_path / "more.yaml").write_text(MORE + "# edited\n")
    assert [watch.changed(), watch.changed(), watch.changed()] == [False, True, False]
    watch.follow([tmp_path / "more.yaml"])
    (tmp_path / "sub" / "last.yaml").write_text(LAST + "# edited\n")
    assert [watch.changed(), watch.changed()] == [False, False]
    (tmp_path / "more.yaml").unlink()
    assert [watch.changed(), watch.changed()] == [False, True]
