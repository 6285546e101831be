"""The house rules that a program can check."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 400


def python_files():
    return [p for folder in ("aggregator", "storage", "tests", "benchmarks") for p in (ROOT / folder).rglob("*.py")]


def test_no_file_passes_the_limit():
    """A file is one step or one noun: at 400 lines it is split."""
    sizes = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in python_files()}
    assert {name: size for name, size in sizes.items() if size > LIMIT} == {}
