"""The verb that tells what an edit would do: plan."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    NowOption,
    QuietOption,
    VerboseOption,
    clock,
    start,
)
from aggregator.domain.digest import Rhythm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Selected
    from aggregator.pipeline.plan import Plan, SourceChange, TopicChange

LISTED = 10  # stories of each kind for a topic
_SIGNS = {"added": "+", "removed": "-", "renamed": "~", "changed": "~", "stories": "~"}


def register(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.command()(plan)


def plan(
    edited: Annotated[
        str | None, typer.Argument(metavar="EDITED.yaml", help="The edited file; default: the one of --config.")
    ] = None,
    as_json: JsonOption = False,
    now: NowOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """What an edited feeds.yaml would change. Nothing is applied."""
    from pathlib import Path

    from aggregator.app.cli.told import plan_json
    from aggregator.config.load import load
    from aggregator.pipeline.plan import plan as compare
    from aggregator.wiring import look_into_store

    configuration = start(config, verbose, quiet=quiet)
    wanted = configuration if edited is None else load(Path(edited))
    with closing(look_into_store(configuration)) as store:
        found = compare(store, wanted, clock(now).now())
    if as_json:
        typer.echo(json.dumps(plan_json(found, wanted), ensure_ascii=False, indent=1))
        return
    for line in told(found, wanted):
        typer.echo(line)


def told(found: Plan, wanted: Configuration) -> Iterator[str]:
    """The plan, a line each."""
    if found.since is None:
        yield "nothing was applied yet: everything is new"
    elif not (found.sources or found.topics):
        yield f"nothing would change against what was applied {found.since:%Y-%m-%d %H:%M} UTC"
    urls = {source.id: source.shown_url for source in wanted.sources}
    if found.sources:
        yield "sources"
        yield from (_source(change, urls) for change in found.sources)
    if found.topics:
        yield "topics"
        digests = {topic.id: topic.digest.value for topic in wanted.topics if topic.digest is not Rhythm.NONE}
        for change in found.topics:
            yield from _topic(change, digests.get(change.id))


def _source(change: SourceChange, urls: dict[str, str]) -> str:
    line = f"  {_SIGNS[change.change]} {change.id}"
    if change.change == "added":
        return f"{line}  {urls[change.id]}"
    if change.change == "removed":
        return f"{line}  its items stay, out of the topics; they are not announced again should it return"
    said = ([f"was {change.was}"] if change.was else []) + list(change.keys)
    return f"{line}  {', '.join(said)}"


def _topic(change: TopicChange, digest: str | None) -> Iterator[str]:
    counts = f"{len(change.enters)} would enter, {len(change.leaves)} would leave"
    if digest is not None:
        counts += f"; the {digest} digests of their dates list them, when those are over"
    said = ([f"was {change.was}"] if change.was else []) + list(change.keys)
    keys = f"{', '.join(said)}: " if said else ""
    yield f"  {_SIGNS[change.change]} {change.id}  {keys}{counts}"
    for sign, entries in (("+", change.enters), ("-", change.leaves)):
        yield from (f"      {sign} {_entry(entry)}" for entry in entries[:LISTED])
        if len(entries) > LISTED:
            yield f"      {sign} and {len(entries) - LISTED} more"


def _entry(entry: Selected) -> str:
    item = entry.shown.stored.item
    return f"{entry.order_at:%Y-%m-%d %H:%M}  {item.source_id}  {item.title}"
