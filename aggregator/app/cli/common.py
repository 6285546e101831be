"""What every verb takes: the file, the amount of log, and a moment to pretend."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.domain.settings import Configuration
    from aggregator.ports import Clock

ConfigOption = Annotated[
    Path, typer.Option("--config", envvar="AGGREGATOR_CONFIG", help="The feeds.yaml to use.", show_default=True)
]
VerboseOption = Annotated[int, typer.Option("-v", "--verbose", count=True, help="Tell more; twice for everything.")]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Tell only what went wrong.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]
NowOption = Annotated[
    str | None, typer.Option("--now", metavar="TIME", help="Run as if at that time (ISO 8601, with a zone).")
]
DEFAULT_CONFIG = Path("feeds.yaml")
FIRST_YEAR, LAST_YEAR = 1990, 2100  # as the dates of entries are believed


def start(config: Path, verbose: int, *, quiet: bool) -> Configuration:
    """Set up the log and load the configuration."""
    from aggregator.app.memory import give_back
    from aggregator.config.load import load

    give_back()
    start_log(verbose, quiet=quiet)
    return load(config)


def start_log(verbose: int, *, quiet: bool) -> None:
    """Set up the log: warnings, with -v what happens, with -vv everything, with -q errors only."""
    from aggregator.app.logs import configure

    configure(-1 if quiet else verbose)


def clock(now: str | None) -> Clock:
    """The machine's clock, or one that stands at `--now`."""
    from aggregator.wiring import FixedClock, SystemClock

    if now is None:
        return SystemClock()
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        raise ConfigError(f"--now {now!r} is no time; write it like 2026-11-22T08:00:00Z") from None
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise ConfigError(f"--now {now!r}: write a year from {FIRST_YEAR} to {LAST_YEAR - 1}")
    return FixedClock((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))


def number(count: int, noun: str) -> str:
    """`1 source`, `2 sources`; for nouns that end so."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def rfc3339(moment: datetime | None) -> str | None:
    """`2026-11-22T08:00:00Z`, or None."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
