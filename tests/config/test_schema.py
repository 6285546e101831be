"""The JSON Schema, the starter file, and that neither drifts from what the program reads."""

from pathlib import Path

import pytest

from aggregator.config.check import check
from aggregator.config.load import load
from aggregator.config.schema import json_schema, starter
from aggregator.config.shapes import LISTS, SECTIONS, FileShape

ROOT = Path(__file__).parents[2]


def test_the_root_file_is_the_starter():
    """`init` and a fresh clone give the same file."""
    assert (ROOT / "feeds.yaml").read_bytes() == starter().encode()


def test_the_starter_is_right(tmp_path):
    """All thirteen sources, a bilingual topic, and one warning: the address is still this machine's."""
    path = tmp_path / "feeds.yaml"
    path.write_text(starter(), encoding="utf-8")
    configuration, found = check(path, {})
    assert configuration
    assert [(problem.warning, problem.key) for problem in found] == [(True, "site.url")]
    assert {source.url for source in configuration.sources} == {
        "https://feeds.bbci.co.uk/news/world/rss.xml",
        "https://www.theguardian.com/world/rss",
        "https://rss.dw.com/xml/rss-en-all",
        "https://www.aljazeera.com/xml/rss/all.xml",
        "https://www.lemonde.fr/rss/une.xml",
        "https://www.tagesschau.de/index~rss2.xml",
        "https://www3.nhk.or.jp/rss/news/cat0.xml",
        "https://feeds.bbci.co.uk/zhongwen/simp/rss.xml",
        "https://feeds.bbci.co.uk/zhongwen/trad/rss.xml",
        "https://news.un.org/feed/subscribe/zh/news/all/rss.xml",
        "https://www.solidot.org/index.rss",
        "https://www.theregister.com/headlines.atom",
        "https://lwn.net/headlines/rss",
    }
    assert all(source.title and source.tags and source.language for source in configuration.sources)
    assert 3 <= len(configuration.topics) <= 4
    assert any("人工智能" in topic.query_text and "artificial" in topic.query_text for topic in configuration.topics)


def documented(shape, name):
    """A property of the schema, references followed."""
    schema = json_schema()
    part = schema["properties"][name]
    part = part.get("items", part)
    return schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part


@pytest.mark.parametrize("section", [*SECTIONS, *LISTS])
def test_every_key_is_described(section):
    """No setting without a line of documentation; required are url and id alone."""
    shape = (SECTIONS | LISTS)[section]
    part = documented(shape, section)
    assert set(part["properties"]) == set(shape.model_fields)
    for each in part["properties"].values():
        referred = json_schema()["$defs"].get(each.get("$ref", "").rsplit("/", 1)[-1], {})
        assert len(each.get("description") or referred["description"]) > 10
    assert part["additionalProperties"] is False
    assert part.get("required", []) == {"sources": ["url"], "topics": ["id"]}.get(section, [])


def test_the_schema_speaks_as_the_file_does():
    """Draft 2020-12, defaults as one writes them, no null, no later keys."""
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    lists = {"sources", "topics", "include"}
    assert set(schema["properties"]) == {"site", "storage", "fetch", "publish", "stories", *lists}
    fetch = documented(FileShape, "fetch")["properties"]
    assert (fetch["every"]["default"], fetch["max_body"]["default"], fetch["concurrency"]["default"]) == (
        "1h",
        "15MB",
        64,
    )
    assert "null" not in repr(schema)
    assert "None" not in repr(schema)
    assert documented(FileShape, "stories")["properties"]["window"]["default"] == "7d"


def test_the_defaults_of_the_schema_are_the_programs(tmp_path):
    """Writing every documented default changes nothing: no default is documented that is not the real one."""
    import json

    path = tmp_path / "feeds.yaml"
    path.write_text("")
    nothing = load(path, {})
    written = {
        section: {
            name: part["default"] for name, part in documented(None, section)["properties"].items() if "default" in part
        }
        for section in SECTIONS
    }
    path.write_text(json.dumps(written))
    assert load(path, {}) == nothing
    assert sum(map(len, written.values())) >= 20


def test_the_interface_example_loads(tmp_path):
    """INTERFACE.md's own example, without the keys it marks for later, is a right file."""
    import re

    from aggregator.config.load import examine

    source = ROOT.parent / "shared/design/INTERFACE.md"
    if not source.exists():
        pytest.skip("the design documents are not beside this checkout")
    text = source.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    kept = [line for line in text.splitlines() if not re.search(r"# \(\d\)(?! \|)(?! or)", line)]
    path = tmp_path / "feeds.yaml"
    text = "\n".join(kept).replace("tag:china", "tag:uk")
    environ = {"DB_PASSWORD": "x", "TOKEN": "x", "PASSWORD": "x"}
    problems = examine(text, path, environ).problems
    assert [problem.message for problem in problems] == ["there are credentials in `auth` or before @ too; keep one"]
