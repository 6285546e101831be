"""Thousands of damaged feeds.yaml, not collected by the suite: `python tests/config/fuzz_edits.py [COUNT [FIRST]]`.

Each file is the starter, or one in which every key stands and another file is included, after a few strokes of a
careless hand. Whatever it says, there is a configuration or problems with places; and what can be loaded is carried
through everything that a daemon, `check`, `plan`, `add` and `remove` make of it. A traceback ends the run with its seed.
"""

# ruff: noqa: E501  # feeds.yaml stands as it is

from __future__ import annotations

import contextlib
import json
import random
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from test_mutations import STARTER, damaged, survives

from aggregator.config.check import check
from aggregator.config.edit import add_source
from aggregator.config.load import load
from aggregator.config.remove import remove_source
from aggregator.errors import ConfigError
from aggregator.pipeline.applied import packed, unpacked_topic
from aggregator.steps.select import Matcher, digest, needed, parse_query, print_query

WHOLE = """\
site: {url: "https://desk.example/news", title: Desk, author: {name: A, email: a@b.example}, language: zh-Hant,
  timezone: Asia/Shanghai, images: off}
storage: {url: "sqlite:///var/a.db", keep_for: 30d}
fetch:
  every: 1h
  min_interval: 10m
  max_interval: 1d
  concurrency: 8
  per_host: 1
  host_gap: 1s
  hosts: {"big.example": {per_host: 4, host_gap: 0s}, "h.example:8080": {per_host: 2}}
  timeout: 30s
  max_body: 15MB
  max_entries: 500
  contact: https://example.org/bot
  allow_hosts: [127.0.0.1, "10.0.0.0/8", "[::1]:80"]
publish: {directory: var/public, formats: [rss, atom, json, html], hub: built-in}
stories: {same_story: within-source, window: 7d}
sources:
  - id: one
    was: uno
    url: https://one.example/feed?key=${X}
    title: "One: the \\"first\\""
    tags: [world, uk]
    rank: 10
    every: 30m
    language: en
    timezone: Europe/London
    encoding: gb18030
    only: 'lang:en -title:"sponsored post"'
    drop: title:/ad(s|vert)/
    headers: {Authorization: "Bearer ${X}"}
    auth: {user: me, password: "${X}"}
    cookies: {a: b}
    user_agent: Reader/1.0
    verify_tls: false
  - {id: two, url: "https://two.example/", kind: page, page: {entry: article.card, link: a@href, date: time@datetime}}
  - {id: three, url: "https://three.example/sitemap.xml", kind: sitemap, enabled: false}
topics:
  - id: all
  - id: industry
    was: iiot
    title: 工业互联网 · Industry
    description: |
      Several lines
      of it
    icon: https://one.example/icon.png
    query: >-
      (工业互联网 OR "industrial internet") -title:(ad OR sponsored) lang:zh words>30
      has:image OR /Industr(y|ie) 4\\.0/ OR site:one.example OR author:smith*
    sources: [tag:world, two]
    limit: 20
    max_age: 30d
    order: most-covered
    min_sources: 2
    per_source: 3
    settle: 10m
    digest: weekly
    content: summary
    also_reported_by: false
    same_story: off
    formats: [atom, html]
    access: token
include: [more.yaml]
"""
MORE = "sources:\n  - {id: four, url: 'https://four.example/feed'}\ntopics:\n  - {id: more, query: 'four OR 四', sources: [four]}\n"


def one(folder: Path, seed: int) -> str:
    """Damage a file and make everything of it. Returns what it was in one word."""
    chance = random.Random(seed)
    text, more = chance.choice([(STARTER, MORE), (WHOLE, MORE)])
    if chance.random() < 0.2:
        more = damaged(more, chance)
    else:
        text = damaged(text, chance)
    path = folder / "feeds.yaml"
    data = text.encode("utf-8", "surrogatepass")
    (folder / "more.yaml").write_bytes(more.encode("utf-8", "surrogatepass"))
    path.write_bytes(data)
    check(path, {"X": "x"})
    try:
        configuration = load(path, {"X": "x"})
    except ConfigError as error:
        if all(problem.path == str(path) for problem in error.problems):
            survives(folder, data)
        with contextlib.suppress(ConfigError):
            add_source(path, url="https://new.example/feed", id=None, tags=["a"])
        return "refused"
    used(configuration)
    ids = [source.id for source in configuration.sources]
    with contextlib.suppress(ConfigError):
        new = add_source(path, url="https://new.example/feed", id=None, tags=["a b"], title="It's: #1")
        assert [source.id for source in load(path, {"X": "x"}).sources if source.id not in ids] == [new]
        remove_source(path, new)
        kept = [line for line in path.read_bytes().splitlines() if line.strip()]
        assert kept == [line for line in data.splitlines() if line.strip()], "add and remove together change something"
    return "loaded"


def used(configuration) -> None:
    """What a daemon and `plan` make of it."""
    sources = {source.id: source for source in configuration.sources}
    kept = json.loads(json.dumps(packed(configuration)))
    for topic in configuration.topics:
        digest(topic, sources)
        needed(topic.query)
        assert parse_query(print_query(topic.query)) == topic.query
        unpacked_topic(topic.id, kept["topics"][topic.id])
    Matcher(configuration.topics, sources)


def main() -> int:
    """Run through the seeds; how many files were loaded and how many refused."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    told: Counter[str] = Counter()
    failed: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            try:
                told[one(Path(folder), seed)] += 1
            except Exception:  # noqa: BLE001 - what breaks is what is looked for
                failed.append(seed)
                if len(failed) <= 5:
                    print(f"seed {seed}:")
                    traceback.print_exc(file=sys.stdout)
    print(
        f"{count} files: {told['loaded']} loaded, {told['refused']} refused, {len(failed)} broke something {failed[:20]}"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
