"""The real command in a process of its own, over a folder with a feeds.yaml."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import feedparser

FETCH = """\
fetch:
  every: 1h
  min_interval: 1s
  per_host: 32
  host_gap: 0s
  timeout: 20s
  allow_hosts: ["{host}"]
"""
EVERYTHING = "topics:\n  - id: everything\n    limit: 1000\n"


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self):
        """The lines on standard error that are not of the log."""
        return [line for line in self.err.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT", line)]


class Project:
    """A folder with feeds.yaml and the commands over it."""

    def __init__(self, folder, newsroom):
        self.folder = Path(folder)
        self.newsroom = newsroom
        self.config = self.folder / "feeds.yaml"
        self.running = []

    def write(self, sources, *, topics=EVERYTHING, site="", fetch="", more=""):
        """Write feeds.yaml. `sources` maps ids to URLs or to whole mappings in flow style."""
        lines = [f"site:\n  url: http://news.example.org\n{site}", FETCH.format(host=self.newsroom.host), fetch]
        lines.append("sources:\n")
        for name, source in sources.items():
            rest = source if isinstance(source, dict) else {"url": source}
            lines.append(f"  - {json.dumps({'id': name, **rest}, ensure_ascii=False)}\n")
        self.config.write_text("".join([*lines, topics, more]), encoding="utf-8")

    def run(self, *args, cwd=None, config=True, timeout=60, **environment):
        """Run a command to its end."""
        done = subprocess.run(
            self._words(args, config=config),
            cwd=cwd or self.folder,
            env=self._environment(environment),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def ok(self, *args, **options):
        """Run a command that must succeed; its output."""
        done = self.run(*args, **options)
        assert done.code == 0, f"{args}: exit {done.code}\n{done.out}\n{done.err}"
        return done.out

    def start(self, *args, log="started.log", config=True, **environment):
        """Start a command in a process group of its own, its output in a file of the folder."""
        with (self.folder / log).open("ab") as out:
            process = subprocess.Popen(
                self._words(args, config=config),
                cwd=self.folder,
                env=self._environment(environment),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def daemon(self, *args, port=0, log="daemon.log"):
        """Start `run`, on a free port unless one is given, and wait until it serves."""
        return self.address(self.start("run", "--port", port, *args, log=log), log, r"(http://127\.0\.0\.1:\d+)")

    def address(self, process, log, pattern):
        """Wait until a started command tells the address it serves."""
        end = time.monotonic() + 30
        while True:
            text = (self.folder / log).read_text(encoding="utf-8")
            found = re.search(pattern, text)
            if found:
                return Daemon(self, process, found[1], self.folder / log)
            assert process.poll() is None, f"the daemon ended with {process.returncode}:\n{text}"
            assert time.monotonic() < end, f"the daemon told no address within 30 s:\n{text}"
            time.sleep(0.05)

    def items(self):
        """Everything stored, as `export` tells it."""
        return [json.loads(line) for line in self.ok("export", "--format", "jsonl").splitlines()]

    def files(self):
        """Every published file and its bytes."""
        root = self.folder / "var" / "public"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def entries(self, topic="everything"):
        """The entries of a topic's published Atom feed."""
        return feedparser.parse(self.files()[f"topics/{topic}.atom"]).entries

    def close(self):
        """End what is still running, by its own group."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def _words(self, args, *, config):
        given = ["--config", str(self.config)] if config else []
        return [sys.executable, "-m", "aggregator", args[0], *given, *map(str, args[1:])]

    def _environment(self, more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")}
        return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **more}


@dataclass(frozen=True)
class Daemon:
    """A running daemon."""

    project: Project
    process: subprocess.Popen
    url: str
    log: Path

    def get(self, path):
        """Status and text of an address; 0 where nobody listens."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (urllib.error.URLError, ConnectionError) as error:
            return 0, str(error)

    def until(self, path, wanted, timeout=30):
        """Ask until `wanted(status, text)` holds; the text."""
        end = time.monotonic() + timeout
        while True:
            status, text = self.get(path)
            if wanted(status, text):
                return text
            told = self.log.read_text(encoding="utf-8")
            assert time.monotonic() < end, f"{path} after {timeout} s: {status}\n{text[:3000]}\n{told[-3000:]}"
            time.sleep(0.1)

    def shows(self, path, text, timeout=30):
        """Until an address shows a text."""
        return self.until(path, lambda status, found: status == 200 and text in found, timeout)

    def told(self):
        """Its log so far."""
        return self.log.read_text(encoding="utf-8")

    def end(self, number=signal.SIGTERM, timeout=10):
        """Ask it to end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout)
