"""The command line: a file for each group of verbs; heavy imports stay inside the verb that needs them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from aggregator.app.cli import ask, edit, planned, search, serve, stories, token, work
from aggregator.errors import AggregatorError, ConfigError

app = typer.Typer(
    name="aggregator",
    help="News sources in, a few feeds worth reading out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (serve, work, ask, search, planned, edit, stories, token):
    group.register(app)


def _version(wanted: bool) -> None:  # typer's callbacks get the option's value
    if wanted:
        from importlib.metadata import version

        typer.echo(f"aggregator {version('aggregator')}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
    config: Annotated[
        str | None, typer.Option("--config", metavar="FILE", help="The feeds.yaml to use, as behind the command.")
    ] = None,
) -> None:
    """News sources in, a few feeds worth reading out."""
    if config is not None:
        os.environ["AGGREGATOR_CONFIG"] = config


def run() -> None:
    """Run the command line. Exit codes: 0 done, 1 a bug or the store failed, 2 configuration or call is wrong."""
    try:
        app()
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the answer to the call, not a log line
        sys.exit(2)
    except AggregatorError as error:
        print(f"aggregator: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong. Python would complain while flushing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
