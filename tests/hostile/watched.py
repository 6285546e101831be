"""The real program under watch: what it costs in memory, whom its processes call, what it leaves behind."""

import contextlib
import os
import threading
import time
from pathlib import Path

HOOK = '''\
"""Every process of the program writes down whom it calls and which local file it opens that is not its own.

The name server of `.hangs.example` never answers.
"""
import os, sys, time
_log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _hook(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        os.write(_log, f"{arguments[1][0]} {arguments[1][1]}\\n".encode())
    elif event == "socket.getaddrinfo" and str(arguments[0]).endswith(".hangs.example"):
        time.sleep(600)
    elif event == "open" and arguments[0] in ("/etc/passwd", b"/etc/passwd"):
        os.write(_log, b"/etc/passwd opened\\n")
sys.addaudithook(_hook)
'''


def hooked(folder):
    """The environment that puts the hook into every process of the program, workers included."""
    place = folder / "hook"
    place.mkdir()
    (place / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    return {"PYTHONPATH": str(place), "WATCH_LOG": str(folder / "calls.log")}


def calls(folder):
    """Whom it called: a set of 'address port'."""
    log = folder / "calls.log"
    return set(log.read_text(encoding="utf-8").splitlines()) if log.exists() else set()


class Watch:
    """A process group while it runs, sampled.

    `peak` is the greatest proportional set size summed over its processes, in bytes; `computing` the seconds of
    processor time they took together.
    """

    def __init__(self, group):
        self.peak = 0
        self._spent = {}
        self._group = group
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def computing(self):
        return sum(self._spent.values())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(10)

    def _watch(self):
        while not self._ended.wait(0.1):
            running = members(self._group)
            self.peak = max(self.peak, sum(map(_pss, running)))
            for pid in running:
                self._spent[pid] = max(self._spent.get(pid, 0), _seconds(pid))


def members(group):
    """The processes of a group that run (not those that are dead and unburied)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                if int(fields[2]) == group and fields[0] != "Z":
                    found.append(int(entry.name))
    return found


def _seconds(pid):
    """Processor time of a process; 0 for one that is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0


def _pss(pid):
    """Bytes; 0 for a process that is gone."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024
    return 0


def nothing_left(group, patience=5):
    """Whether every process of the group has ended; they get a moment."""
    end = time.monotonic() + patience
    while members(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
