"""The verbs that stay: run, serve, demo."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.app.cli.common import DEFAULT_CONFIG, ConfigOption, QuietOption, VerboseOption, start, start_log

HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 for any.")]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(run)
    app.command()(serve)
    app.command()(demo)


def run(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Fetch on schedule, publish, serve, reload feeds.yaml. Ctrl-C ends it."""
    from aggregator.app.daemon import Daemon

    configuration = start(config, verbose + 1, quiet=quiet)
    Daemon(configuration, host=host, port=port, announce=None if quiet else typer.echo).run()


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Serve what is published, without fetching."""
    from aggregator.app.daemon import serve_only

    configuration = start(config, verbose, quiet=quiet)
    serve_only(configuration, host=host, port=port, announce=None if quiet else typer.echo)


def demo(
    port: PortOption = 8000,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Show a news world on this machine: no network needed. Ctrl-C ends it."""
    from aggregator.app.demo.show import show

    start_log(verbose, quiet=quiet)
    show(port, announce=typer.echo)
