"""Reading a JSON schema: enough to answer it, and to name what an Ollama server refuses in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
HIGHEST_REPETITION = 2000
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
ANY_LENGTH = 10_000


def resolve(schema: Schema, root: Schema) -> Schema:
    """Follow `$ref`, and take the first of `anyOf` or `oneOf`."""
    if "$ref" in schema:
        found: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolve(found, root)
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            return resolve(schema[union][0], root)
    return schema


def kind(schema: Schema) -> str:
    """The type a value of this schema has: a JSON type, or `enum`."""
    if "enum" in schema or "const" in schema:
        return "enum"
    named = schema.get("type")
    if isinstance(named, list):
        return str(named[0])
    if isinstance(named, str):
        return named
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def choices(schema: Schema) -> list[Any]:
    """The values an `enum` or `const` allows."""
    return list(schema["enum"]) if "enum" in schema else [schema["const"]]


def keys(schema: Schema) -> list[str]:
    """The keys of an object in the order in which the grammar asks for them: required ones first."""
    required = set(schema.get("required", ()))
    return sorted(schema.get("properties", {}), key=lambda key: key not in required)


def sorted_as_go_does(schema: Schema) -> Schema:
    """The schema after a way through a Go map: the keys of every object in alphabetical order."""
    return {
        key: sorted_as_go_does(value) if isinstance(value, dict) else value for key, value in sorted(schema.items())
    }


def kills_the_runner(schema: Schema) -> bool:
    """Whether the request may hang for good: llama-server dies where the least allowed is more than the most."""
    pairs = (("minItems", "maxItems"), ("minLength", "maxLength"))
    return any(part.get(least, 0) > part.get(most, float("inf")) for part in _parts(schema) for least, most in pairs)


def complaint(schema: Schema) -> str | None:
    """What llama-server has against this schema."""
    for part in _parts(schema):
        if part.get("enum") == []:
            return "JSON schema conversion failed:\nJSON schema error: enum must be a non-empty array"
        if part.get("type", "string") not in TYPES and isinstance(part["type"], str):
            return f"JSON schema conversion failed:\nJSON schema error: unrecognized type {part['type']}"
        if part.get("maxItems") == HIGHEST_REPETITION:
            return "Failed to initialize samplers: failed to parse grammar"
    return None


def _parts(schema: Any) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield schema
        yield from itertools.chain.from_iterable(_parts(value) for value in schema.values())
    elif isinstance(schema, list):
        yield from itertools.chain.from_iterable(_parts(value) for value in schema)
