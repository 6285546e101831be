"""`remove` cuts a source out of feeds.yaml and touches nothing else."""

# ruff: noqa: E501  # a file before and after stand side by side

import pytest

from aggregator.config.edit import add_source
from aggregator.config.load import load
from aggregator.config.remove import remove_source
from aggregator.errors import ConfigError

A, B, C = (f"https://{name}.example/" for name in "abc")

FORMS = {
    "the first": (f"sources:\n  - id: x\n    url: {A}\n  - url: {B}\n", f"sources:\n  - url: {B}\n"),
    "the last": (f"sources:\n  - url: {B}\n  - id: x\n    url: {A}\n", f"sources:\n  - url: {B}\n"),
    "no last line end": (f"sources:\n  - url: {B}\n  - id: x\n    url: {A}", f"sources:\n  - url: {B}"),
    "the only one": (f"sources:\n  - id: x\n    url: {A}\ntopics: []\n", "sources: []\ntopics: []\n"),
    "the only one, comment": (
        f"sources: # mine\n  - id: x\n    url: {A}\ntopics: []\n", "sources: [] # mine\ntopics: []\n"
    ),
    "comments stay with their owners": (
        f"sources:\n  # of b\n  - url: {B}\n    # of b too\n  - id: x # gone\n    url: {A}\n    # gone\n  # of c\n  - url: {C}\n",
        f"sources:\n  # of b\n  - url: {B}\n    # of b too\n  # of c\n  - url: {C}\n",
    ),
    "blank lines between": (
        f"sources:\n  - url: {B}\n\n  - id: x\n    url: {A}\n\n  - url: {C}\n\ntopics: []\n",
        f"sources:\n  - url: {B}\n\n  - url: {C}\n\ntopics: []\n",
    ),
    "Windows": (
        f"sources:\r\n- url: {B}\r\n\r\n- id: x\r\n  url: {A}\r\n\r\n- url: {C}\r\n",
        f"sources:\r\n- url: {B}\r\n\r\n- url: {C}\r\n",
    ),
    "in braces": (
        f"sources:\n  - {{url: '{B}'}}\n  - {{id: x, url: '{A}'}} # gone\n  - {{url: '{C}'}}\n",
        f"sources:\n  - {{url: '{B}'}}\n  - {{url: '{C}'}}\n",
    ),
    "flow, first": (f"sources: [{{id: x, url: '{A}'}}, {{url: '{B}'}}] # y\n", f"sources: [{{url: '{B}'}}] # y\n"),
    "flow, last": (f"sources: [{{url: '{B}'}}, {{id: x, url: '{A}'}}] # y\n", f"sources: [{{url: '{B}'}}] # y\n"),
    "flow, only": (f"sources: [{{id: x, url: '{A}'}}]\n", "sources: []\n"),
    "dash on its own line": (f"sources:\n  -\n    id: x\n    url: {A}\n  - url: {B}\n", f"sources:\n  - url: {B}\n"),
    "a block scalar": (
        f"sources:\n  - id: x\n    title: |\n      Old\n    url: {A}\n  - url: {B}\n", f"sources:\n  - url: {B}\n"
    ),
    "by its address": (f"sources:\n  - url: https://x/\n  - url: {B}\n", f"sources:\n  - url: {B}\n"),
    "a byte order mark": (f"\ufeffsources:\n  - id: x\n    url: {A}\n  - url: {B}\n", f"\ufeffsources:\n  - url: {B}\n"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_rest_stays_byte_for_byte(form, tmp_path):
    before, after = FORMS[form]
    path = tmp_path / "feeds.yaml"
    path.write_bytes(before.encode())
    remove_source(path, "x")
    assert path.read_bytes().decode() == after
    assert "x" not in [source.id for source in load(path, {}).sources]


REFUSED = {
    "an unknown id": (f"sources:\n  - id: y\n    url: {A}\n", "there is no source with the id 'x'"),
    "a topic's source": (
        f"sources:\n  - id: x\n    url: {A}\n  - url: {B}\ntopics:\n  - id: t\n    sources: [x]\n",
        "without source 'x' the file would be wrong; change that first: ",
    ),
    "an anchor others use": (
        f"sources:\n  - id: x\n    url: {A}\n    tags: &t [a]\n  - url: {B}\n    tags: *t\n", "by hand"
    ),
    "a file in error": ("sources:\n  - id: x\n", "url"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_cut_is_left_alone(case, tmp_path):
    text, says = REFUSED[case]
    path = tmp_path / "feeds.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        remove_source(path, "x")
    assert says in str(error.value)
    assert path.read_text() == text


@pytest.mark.parametrize("form", [form for form in FORMS if "only" not in form])
def test_what_was_added_can_be_removed_again(form, tmp_path):
    """The file is then what it was."""
    path = tmp_path / "feeds.yaml"
    path.write_bytes(FORMS[form][0].encode())
    add_source(path, url="https://new.example/feed", id="new", tags=["a"])
    remove_source(path, "new")
    assert path.read_bytes().decode() == FORMS[form][0]
