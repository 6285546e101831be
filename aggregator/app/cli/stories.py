"""The verbs about stories: how well copies are recognised, measured on anybody's labelled entries."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import JsonOption, QuietOption, VerboseOption, start_log
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.item import StoredItem
    from aggregator.pipeline.labelled import Labelled
    from aggregator.pipeline.score import Kind, Score

stories = typer.Typer(help="How well copies of a story are recognised.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(stories, name="stories")


@stories.callback()
def _group() -> None:
    """How well copies of a story are recognised."""


@stories.command()
def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Entries in order of arrival, with `story`.")],
    errors: Annotated[int, typer.Option(help="Show so many missed copies and false merges, with the reason.")] = 0,
    as_json: JsonOption = False,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Measure on labelled entries: the real decision over an empty database, one pass in order of arrival."""
    from aggregator.domain.settings import Configuration, StorageSettings
    from aggregator.pipeline.evaluate import evaluate as place_all
    from aggregator.pipeline.labelled import labelled
    from aggregator.pipeline.score import score
    from aggregator.wiring import open_store

    start_log(verbose, quiet=quiet)
    try:
        with file.open(encoding="utf-8") as lines:
            rows = labelled(lines, str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read ({error}); name a file of JSON Lines in UTF-8") from None
    with TemporaryDirectory(prefix="aggregator-") as folder:
        storage = StorageSettings(url=f"sqlite:///{Path(folder).resolve() / 'stories.db'}")
        configuration = Configuration(path=Path(folder) / "feeds.yaml", storage=storage)
        store = open_store(configuration)
        try:
            placed = place_all(store, rows, configuration)
        finally:
            store.close()
    result = score(rows, [one.story for one in placed])
    if as_json:
        typer.echo(json.dumps(_plain(result), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(_table(result)))
        typer.echo("".join(_errors(rows, placed, errors)), nl=False)


def _plain(result: Score) -> dict[str, object]:
    told = asdict(result)
    for name, rates in (("pairs", result.pairs), ("bcubed", result.bcubed)):
        told[name]["f1"] = rates.f1
    return told


def _table(result: Score) -> list[str]:
    lines = [f"{result.entries} entries, {result.stories} stories labelled, {result.found} found"]
    for name, rates in (("pairwise", result.pairs), ("B-cubed", result.bcubed)):
        lines.append(f"{name:9} precision {rates.precision:.4f}  recall {rates.recall:.4f}  F1 {rates.f1:.4f}")
    for title, kinds in (("variant", result.variants), ("language", result.languages)):
        lines += ["", f"{title:22} copies  with the first", *(_kind(name, kind) for name, kind in kinds.items())]
    lines += ["", f"{'family':22} stories  falsely merged  false pairs"]
    lines += [
        f"{name:22} {family.stories:7}  {family.merged:14}  {family.false_pairs:11}"
        for name, family in result.families.items()
    ]
    return lines


def _kind(name: str, kind: Kind) -> str:
    return f"{name:22} {kind.entries:6}  {kind.recall:14.3f}"


def _errors(rows: Sequence[Labelled], placed: Sequence[StoredItem], most: int) -> list[str]:
    from aggregator.pipeline.score import missed_and_merged

    told: list[str] = []
    wrong = missed_and_merged(rows, [one.story for one in placed])
    for title, pairs in zip(("missed", "merged"), wrong, strict=True):
        for first, place in pairs[:most]:
            what = ", ".join(rows[place].variants) or rows[place].family
            told.append(f"\n{title} ({what})\n")
            both = (placed[first].item, placed[place].item)
            told += [f"  {item.title} | {' '.join(item.text.split())[:160]}\n" for item in both]
            told.append(f"  {placed[place].story_reason}\n")
    return told
