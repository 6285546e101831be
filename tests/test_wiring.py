"""Whose leases are given back at the start: those of the dead, and of nobody else."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.domain.source import Source
from aggregator.wiring import machine, release_dead

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = machine()


@pytest.fixture
def sleeper():
    """A process that can be killed, and whose exit code nobody asks for meanwhile."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def left(database, owner):
    """Who still holds a lease after the dead were looked for."""
    source = Source(id="one", url="https://one.example/", shown_url="https://one.example/")
    with database.write() as rooms:
        rooms.sources.sync([source], NOW)
        assert rooms.sources.claim_due(NOW, owner=owner, lease=timedelta(hours=1), limit=1)
    release_dead(database)
    with database.read() as rooms:
        return rooms.sources.owners()


def test_the_living_keep_their_leases(database, sleeper):
    owner = f"{HERE}/{sleeper.pid}/a"
    assert left(database, owner) == {owner}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_killed_process_is_dead_before_its_parent_has_noticed(database, sleeper):
    """In a container without an init a process killed by force stays a zombie: no source waits for it."""
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert left(database, f"{HERE}/{sleeper.pid}/a") == set()


def test_a_process_that_is_no_more_is_dead(database, sleeper):
    sleeper.kill()
    sleeper.wait()
    assert left(database, f"{HERE}/{sleeper.pid}/a") == set()


def test_who_had_our_number_before_us_is_dead(database):
    assert left(database, f"{HERE}/{os.getpid()}/another-token") == set()


@pytest.mark.parametrize("where", ["elsewhere.example", f"{socket.gethostname()}.1"])
def test_other_machines_are_not_judged(database, where, sleeper):
    """Nor are containers that share the host's name: what has ended here may be alive there."""
    sleeper.kill()
    sleeper.wait()
    owner = f"{where}/{sleeper.pid}/a"
    assert left(database, owner) == {owner}
