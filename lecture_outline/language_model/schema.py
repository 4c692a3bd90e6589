"""Schemas that llama.cpp's grammar engine really enforces.

It ignores some keywords without a word, and others end its process. Facts and versions: docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Mapping

Schema = dict[str, object]

MOST_REPETITIONS = 1_000
"""From 2 000 on the engine refuses a limit, or drops it in silence; nothing here needs half of that."""

ENFORCED = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems", "maxItems"},
    "string": {"type", "minLength", "maxLength"},
    "integer": {"type", "minimum", "maximum"},
}
"""Everything that our schemas may say, by type: bounds of whole numbers and lengths, never a pattern."""

LIMITS = (("minItems", "maxItems"), ("minLength", "maxLength"), ("minimum", "maximum"))


def text(most: int) -> Schema:
    """A string that says something, of so many characters at most."""
    return {"type": "string", "minLength": 1, "maxLength": most}


def whole_number(least: int, most: int) -> Schema:
    """A whole number within bounds, both inclusive."""
    return {"type": "integer", "minimum": least, "maximum": most}


def array(items: Schema, least: int, most: int) -> Schema:
    """A list with bounds on its length, both inclusive."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def record(**properties: Schema) -> Schema:
    """An object with these keys, all of them, in this order."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def checked_schema(schema: Mapping[str, object]) -> None:
    """Refuse what would be ignored, or would end the model's process: that is a defect of ours, not of an answer."""
    kind = schema.get("type")
    allowed = ENFORCED.get(str(kind))
    if allowed is None or not schema.keys() <= allowed:
        raise ValueError(f"a schema says what the grammar engine does not enforce: {sorted(schema)}")
    for low, high in LIMITS:
        least, most = schema.get(low, 0), schema.get(high, 0)
        if high in schema and not (isinstance(least, int) and isinstance(most, int) and least <= most):
            raise ValueError(f"{low} is above {high}: {least}, {most}")
        if high in ("maxItems", "maxLength") and isinstance(most, int) and most > MOST_REPETITIONS:
            raise ValueError(f"{high} is more than is enforced: {most}")
    inner = [schema.get("items"), *_properties(schema).values()]
    for part in inner:
        if isinstance(part, Mapping):
            checked_schema(part)
    if kind == "object" and schema.get("required") != list(_properties(schema)):
        raise ValueError("every key must be required, in order: the engine writes required keys first")


def _properties(schema: Mapping[str, object]) -> Mapping[str, object]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}
