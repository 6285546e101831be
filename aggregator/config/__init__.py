"""feeds.yaml → `Configuration`: the owner's file read, checked, explained and edited.

`load.load(path)` gives the configuration or a `ConfigError` with every mistake at once; `check.check(path)` adds
warnings; `edit.add_source` writes a source into the file and leaves the rest of it byte for byte;
`schema.json_schema()` and `schema.starter()` are what `aggregator schema` and `aggregator init` print.

Inside, in order: `reading` (file → text) → `nodes` (text → tree with places) → `variables` (`${NAME}`) →
`shapes` (pydantic models) → `problems` (what is wrong, where, what to write) → `build` (domain types).
"""
