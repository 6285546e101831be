"""`aggregator demo`: the news world, a daemon over it in a temporary folder, and the address to open."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aggregator.app.daemon import Daemon
from aggregator.app.demo.feeds import demo_files
from aggregator.app.demo.server import DemoServer
from aggregator.config.load import load

if TYPE_CHECKING:
    from collections.abc import Callable


def show(port: int, announce: Callable[[str], None]) -> None:
    """Run until Ctrl-C; nothing is left behind."""
    port = _free(port)
    server = DemoServer()
    server.start()
    try:
        with TemporaryDirectory(prefix="aggregator-demo-") as folder:
            path = demo_files(Path(folder), server.base_url, port)
            announce(f"A news world plays at {server.base_url}; its feeds are read by {path}.")
            ready = f"Open http://127.0.0.1:{port}/ and watch stories arrive; Ctrl-C ends it and removes everything."
            shown = load(path)
            shown = replace(shown, site=replace(shown.site, pictures_from=f"{server.base_url}/"))
            Daemon(shown, host="127.0.0.1", port=port, announce=lambda _: announce(ready)).run()
    finally:
        server.stop()
    announce("The demo has ended; nothing is left behind.")


def _free(port: int) -> int:
    """The port, or any free one where it is busy: a demo should not fail for that."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.close()
            with closing(socket.socket()) as other:
                other.bind(("127.0.0.1", 0))
                return int(other.getsockname()[1])
        return int(probe.getsockname()[1])
