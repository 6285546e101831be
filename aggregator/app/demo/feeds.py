"""A feeds.yaml over the news world, with comments a newcomer learns from. Entry points: `feeds_yaml`, `demo_files`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.app.demo.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.app.demo.outlets import Outlet

HEAD = """\
# The news world of Merrow: invented outlets on this machine's loopback address.
# Edit this file while the demo runs: it is read again within two seconds.

site:
  url: http://127.0.0.1:{port}
  title: Merrow news desk
  author: {{name: Merrow desk}}

fetch:
  # Far faster than any real server would like. A short rhythm is possible only for hosts in allow_hosts,
  # which is also what lets the program visit a loopback address at all.
  every: 5s
  min_interval: 3s
  max_interval: 8s
  allow_hosts: ["{host}"]
  per_host: 8
  host_gap: 0s
  timeout: 5s

sources:
"""

TOPICS = """
topics:
  # No query and no sources: every story, once, however many outlets print it.
  - id: everything
    title: Everything from Merrow
    description: Every story of every outlet, newest first
    limit: 100

  # Words beside each other mean AND. Capitals, accents, and Traditional or Simplified script make no difference.
  - id: industrial-internet
    title: 工业互联网 · Industrial internet
    description: Cranes, yards and mills that talk to each other
    query: '工业互联网 OR "industrial internet"'

  # One subject in five languages.
  - id: sea
    title: The sea · 海 · البحر
    description: Ferries, tides and those who live in them
    query: 'ferry OR herring OR seal OR tide* OR 渡轮 OR 潮汐 OR 海豹 OR フェリー OR 満潮 OR العبّارة OR المد'

  # By language; zh takes zh-Hans and zh-Hant.
  - id: chinese
    title: 中文新闻
    description: 简体与繁体中文媒体
    query: 'lang:zh'
    sources: [tag:chinese]
    limit: 40

  # By what is attached.
  - id: listen
    title: To listen to
    description: Every entry with a sound
    query: 'has:audio'
    sources: [tag:podcast]
"""


def feeds_yaml(base_url: str, *, port: int) -> str:
    """The text of feeds.yaml for a world served at `base_url`, published at `port` of this machine."""
    world = World(base_url=base_url)
    head = HEAD.format(port=port, host=urlsplit(base_url).netloc)
    return head + "".join(_source(world, outlet) for outlet in world.outlets.values()) + TOPICS


def demo_files(folder: Path, base_url: str, port: int) -> Path:
    """Write feeds.yaml into a folder and return its path; the database will lie beside it."""
    path = folder / "feeds.yaml"
    path.write_text(feeds_yaml(base_url, port=port), encoding="utf-8")
    return path


def _source(world: World, outlet: Outlet) -> str:
    note = ""
    if outlet.moved:
        note = "  # this address has moved for good; status shows where to"
    if outlet.fails:
        note = "  # this server needs a rest now and then; status shows it"
    return (
        f"  - id: {outlet.id}\n"
        f"    url: {world.base_url}{world.advertised(outlet)}{note}\n"
        f"    title: {outlet.title}\n"
        f"    language: {outlet.language}\n"
        f"    tags: [{', '.join(outlet.tags)}]\n"
        f"    rank: {outlet.rank}\n"
    )
