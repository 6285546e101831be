"""`token`: who may read a topic that is not public, and the operator's own pages."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import DEFAULT_CONFIG, ConfigOption, QuietOption, VerboseOption, clock, rfc3339, start
from aggregator.app.cli.work import unknown
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.domain.settings import Configuration

OPERATOR = "operator"
LONGEST_NAME = 100

TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="A topic's id, or `operator`.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="To whom it is given.")]

group = typer.Typer(no_args_is_help=True, help="Tokens for topics with `access: token`, and for the operator.")


def register(app: typer.Typer) -> None:
    """Add this verb to the command line."""
    app.add_typer(group, name="token")


@group.command()
def add(
    topic: TopicArgument,
    name: NameArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Make a token and print it, once: only its digest is stored."""
    configuration = start(config, verbose, quiet=quiet)
    _check_topic(configuration, topic)
    if not name.isprintable() or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise ConfigError(f"{name!r} is no name; write one line of at most {LONGEST_NAME} characters")
    from aggregator.app.web.tokens import digest, new_token
    from aggregator.wiring import open_store

    token = new_token()
    with closing(open_store(configuration)) as store, store.write() as rooms:
        added = rooms.tokens.add(topic, name, digest(token), clock(None).now())
    if not added:
        raise ConfigError(f"{name!r} has a token for {topic!r}; revoke it first, or choose another name")
    typer.echo(token)


@group.command("list")
def list_tokens(
    topic: Annotated[str | None, typer.Argument(metavar="[TOPIC]", help="Of this one only.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Say who has a token for what, and since when. The tokens themselves are not stored."""
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.wiring import open_store

    with closing(open_store(configuration)) as store, store.read() as rooms:
        found = rooms.tokens.named()
    for opens, name, created, used in found:
        if topic not in {None, opens}:
            continue
        last = f"last used {used:%Y-%m-%d}" if used else "never used"
        typer.echo(f"{opens}\t{name}\t{rfc3339(created.replace(microsecond=0))}\t{last}")


@group.command()
def revoke(
    topic: TopicArgument,
    name: NameArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Make a token useless from the next request on."""
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.wiring import open_store

    with closing(open_store(configuration)) as store, store.write() as rooms:
        revoked = rooms.tokens.revoke(topic, name)
    if not revoked:
        raise ConfigError(f"{name!r} has no token for {topic!r}; see `aggregator token list`")
    if not quiet:
        typer.echo(f"{name} reads {topic} no more")


def _check_topic(configuration: Configuration, name: str) -> None:
    from aggregator.domain.topic import Access

    if name == OPERATOR:
        return
    found = next((topic for topic in configuration.topics if topic.id == name), None)
    if found is None:
        raise ConfigError(unknown("topic", name, [OPERATOR, *(topic.id for topic in configuration.topics)]))
    if found.access is not Access.TOKEN:
        raise ConfigError(f"the topic {name!r} is public; write `access: token` into feeds.yaml first")
