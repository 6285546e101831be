"""The verbs around feeds.yaml: check, init, schema, add."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    number,
    start,
    start_log,
)
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aggregator.app.cli.online import Tried
    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.discover import Found, ListPage, NoFeedError

DOUBT_SECONDS = 5.0  # what `check` spends on asking the stored items


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(check)
    app.command()(init)
    app.command()(schema)
    app.command()(add)
    app.command()(remove)
    app.command("import")(take_in)


def check(
    online: Annotated[bool, typer.Option("--online", help="Also visit every source once; nothing is stored.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Validate feeds.yaml: every mistake with its place and its cure."""
    import os

    from aggregator.app.cli.told import check_json
    from aggregator.config.check import check as check_file

    start_log(verbose, quiet=quiet)
    configuration, problems = check_file(config, os.environ, _doubts)
    if as_json:
        visited = _visited(configuration, quiet=True) if online and configuration is not None else None
        answer = check_json(config, configuration, problems, None if visited is None else list(visited))
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        if configuration is None:
            raise typer.Exit(2)
        return
    for problem in problems:
        if not (quiet and problem.warning):
            typer.echo(str(problem), err=not problem.warning)
    if configuration is None:
        raise typer.Exit(2)
    if not quiet:
        counts = f"{number(len(configuration.sources), 'source')}, {number(len(configuration.topics), 'topic')}"
        typer.echo(f"{config}: good; {counts}")
    if online:
        for one in _visited(configuration, quiet=quiet):
            typer.echo(str(one))


def _visited(configuration: Configuration, *, quiet: bool) -> Iterator[Tried]:
    from aggregator.app.cli.online import tried

    start_log(-1, quiet=True)  # what failed is told with the sources
    return tried(configuration, quiet=quiet)


def _doubts(configuration: Configuration) -> list[tuple[int, str]]:
    """What the stored items say of the queries; nothing where there are none yet."""
    import time
    from contextlib import closing

    from aggregator.errors import StorageError
    from aggregator.pipeline.doubts import doubts
    from aggregator.wiring import SystemClock, look_into_store

    try:
        with closing(look_into_store(configuration)) as store:
            now = SystemClock().now()
            return list(doubts(store, configuration, now, clock=time.monotonic, seconds=DOUBT_SECONDS))
    except StorageError:
        return []


def init(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Write a first feeds.yaml to edit."""
    from aggregator.config.schema import starter

    try:
        with config.open("x", encoding="utf-8") as file:
            file.write(starter())
    except FileExistsError:
        raise ConfigError(f"{config} is there already and stays as it is; choose another with --config") from None
    except OSError as error:
        raise ConfigError(f"cannot write {config}: {error.strerror}") from error
    typer.echo(f"wrote {config}; edit it, then: aggregator run")


def schema() -> None:
    """Print the JSON Schema of feeds.yaml, for editors."""
    from aggregator.config.schema import json_schema

    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed's address, or that of a page that announces one.")],
    name: Annotated[str | None, typer.Option("--id", metavar="ID", help="The new source's id.")] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be repeated.")] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Where there is no feed, read the page by its selectors.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Add a source to feeds.yaml.

    Everything else in the file stays as it is, byte for byte.
    """
    from aggregator.config.edit import add_source, as_source, may_be_added
    from aggregator.domain.source import SourceKind
    from aggregator.pipeline.discover import NoFeedError

    configuration = start(config, verbose, quiet=quiet)
    may_be_added(config, url=url, id=name)
    # An address with a secret in it is the feed's own; it is not sent anywhere before its secret is filled in.
    address, note, listed, kind = url, "", None, SourceKind.FEED
    if "${" not in url:
        try:
            found = _feed_behind(configuration, url)
            address, note, kind = found.url, f"; {found.note}" if found.note else "", found.kind
        except NoFeedError as error:
            listed = error.page
            if listed is None or not page:
                raise ConfigError(_without_feed(error, as_source, url, name, tags or [])) from None
    selectors = listed.selectors if listed else None
    added = add_source(config, url=address, id=name, tags=tags or [], page=selectors, kind=kind)
    if not quiet:
        typer.echo(f"added source {added!r} to {config}{note}")
        if listed is not None:
            typer.echo(_preview(listed))


def _without_feed(
    error: NoFeedError, as_source: Callable[..., str], url: str, name: str | None, tags: list[str]
) -> str:
    """What came instead of a feed, and what may be written of the page itself."""
    if error.page is None:
        return str(error)
    entry = as_source(url, tags, error.page.selectors, id=name)
    return (
        f"{error}\nthe page itself can be read; `aggregator add URL --page` writes this, or paste it under sources:\n"
        f"{entry}\n{_preview(error.page)}"
    )


def _preview(page: ListPage) -> str:
    """The first items that selectors find, for a look at them."""
    dates = [f"{item.published:%Y-%m-%d}" if item.published else "no date   " for item in page.first]
    rows = [f"  {date}  {item.title}  {item.link}" for date, item in zip(dates, page.first, strict=True)]
    return "\n".join(["which finds:", *reversed(rows)])


def _feed_behind(configuration: Configuration, url: str) -> Found:
    """The address to write, and what is to be said of it."""
    from contextlib import ExitStack, closing

    from aggregator.app.workers import WorkerPool
    from aggregator.config.addresses import shown
    from aggregator.domain.source import SourceKind
    from aggregator.pipeline.discover import discover
    from aggregator.wiring import SystemClock, open_fetchers

    clock = SystemClock()
    with ExitStack() as stack:
        fetchers = open_fetchers(configuration, clock)
        for fetcher in fetchers.values():
            stack.enter_context(closing(fetcher))
        reader = stack.enter_context(closing(WorkerPool(1)))
        return discover(url, fetchers[SourceKind.FEED], reader, clock.now(), shown)


def remove(
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of a source.")],
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Take a source out of feeds.yaml.

    Everything else in the file stays as it is, byte for byte.
    """
    from aggregator.config.remove import remove_source

    start_log(verbose, quiet=quiet)
    remove_source(config, name)
    if not quiet:
        typer.echo(f"removed source {name!r} from {config}; its items stay until storage.keep_for is over")


def take_in(
    file: Annotated[str, typer.Argument(metavar="FILE.opml", help="Subscriptions from another reader.")],
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Add every feed of an OPML file to feeds.yaml.

    Its folders become tags; what is there already is passed over.
    """
    from pathlib import Path

    from aggregator.config.edit import add_sources
    from aggregator.config.opml import read_opml

    start_log(verbose, quiet=quiet)
    added, passed = add_sources(config, read_opml(Path(file)))
    for url, why in passed:
        shown = re.sub(r"//[^/?#]*@", "//", url)  # another reader's list may hold passwords
        typer.echo(f"passed over {shown}: {why}", err=True)
    if not quiet:
        typer.echo(f"added {number(len(added), 'source')} to {config}, passed over {len(passed)}")
