"""What editors and newcomers get: the JSON Schema of feeds.yaml, and the first feeds.yaml itself."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from aggregator.config.shapes import EXPANDABLE, FileShape
from aggregator.config.values import Size, show_duration, show_size

if TYPE_CHECKING:
    from pydantic_core.core_schema import CoreSchema, WithDefaultSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "feeds.yaml"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of feeds.yaml, derived from the shapes that the program itself checks with."""
    schema = FileShape.model_json_schema(schema_generator=_Generator)
    return {"$schema": DIALECT, **_without_names(schema), "title": TITLE}


def starter() -> str:
    """The text of the first feeds.yaml, as `init` writes it."""
    return resources.files("aggregator.config").joinpath("starter.yaml").read_text(encoding="utf-8")


class _Generator(GenerateJsonSchema):
    """Defaults as they are written in the file: `1h`, `15MB`; no null, for a key is there or it is not."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        return super().generate(schema, mode)

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return show_duration(dft)
        if isinstance(dft, Size):
            return show_size(dft)
        return super().encode_default(dft)

    def default_schema(self, schema: WithDefaultSchema) -> dict[str, Any]:
        found = super().default_schema(schema)
        if found.get("default", 0) is None:
            del found["default"]
        return found

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def _without_names(part: Any) -> Any:
    """Pydantic names every part after its class; readers of the schema know the keys instead."""
    if isinstance(part, dict):
        return {
            key: _without_names(value)
            for key, value in part.items()
            if not (key == "title" and isinstance(value, str)) or "type" not in part
        }
    return [_without_names(value) for value in part] if isinstance(part, list) else part


__all__ = ["EXPANDABLE", "json_schema", "starter"]
