"""A JSON schema as a grammar (GBNF) that lets a model say nothing else."""

from __future__ import annotations

import json
from typing import Any

from ollama_double.schemas import Schema, choices, keys, kind, resolve

ANY_NUMBER = 999_999  # how far an integer without bounds goes
COMMON_RULES = {
    "space": '" "?',
    "char": r'[^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4})',
    "number": r'"-"? ("0" | [1-9] [0-9]{0,8}) ("." [0-9]{1,6})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
}


def grammar_of(schema: Schema) -> str:
    """The grammar whose texts are exactly values of this schema, all properties given, in their order."""
    writer = _Writer(schema)
    root = writer.expression(schema)
    rules = {"root": root, **writer.rules, **COMMON_RULES}
    return "\n".join(f"{name} ::= {body}" for name, body in rules.items())


class _Writer:
    """Collects a rule for each `$ref`, so that a schema may contain itself."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self.rules: dict[str, str] = {}

    def expression(self, schema: Schema) -> str:
        """What the grammar says for this schema."""
        if "$ref" in schema:
            return self._reference(schema["$ref"])
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return _either([self.expression(part) for part in schema[union]])
        match kind(schema):
            case "enum":
                return _either([_literal(value) for value in choices(schema)])
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "integer":
                return _integer(schema.get("minimum"), schema.get("maximum"))
            case "string":
                return rf'"\"" char{_times(schema.get("minLength", 0), schema.get("maxLength"))} "\""'
            case plain:
                return plain

    def _reference(self, reference: str) -> str:
        name = "ref-" + "".join(one if one.isalnum() else "-" for one in reference)
        if name not in self.rules:
            self.rules[name] = ""
            self.rules[name] = self.expression(resolve({"$ref": reference}, self._root))
        return name

    def _rule(self, body: str) -> str:
        """A name for this expression: only what is short may be repeated often."""
        name = f"item-{len(self.rules)}"
        self.rules[name] = body
        return name

    def _object(self, schema: Schema) -> str:
        parts = [f'{_literal(key)} ":" space {self.expression(schema["properties"][key])}' for key in keys(schema)]
        return '"{" ' + ' "," space '.join(parts) + ' "}"'

    def _array(self, schema: Schema) -> str:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if most == 0:
            return '"[" "]"'
        item = self._rule(self.expression(schema.get("items", {"type": "string"})))
        more = _times(max(0, least - 1), None if most is None else most - 1)
        another = self._rule(f'"," space {item}')
        items = f"({item} {another}{more})"
        return f'"[" {items}{"" if least else "?"} "]"'


def _either(options: list[str]) -> str:
    return "(" + " | ".join(dict.fromkeys(options)) + ")"


def _literal(value: Any) -> str:
    """A text of the grammar that stands for the JSON of this value."""
    return json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False)


def _times(least: int, most: int | None) -> str:
    return f"{{{least},{'' if most is None else most}}}"


def _integer(minimum: int | None, maximum: int | None) -> str:
    """Whole numbers; without a bound up to a length that no one needs."""
    if maximum is None:
        maximum = max(ANY_NUMBER, 10 * abs(minimum or 0))
    if minimum is None:
        minimum = min(-ANY_NUMBER, -10 * abs(maximum))
    options = []
    if minimum < 0:
        options.append(f'"-" {_between(max(1, -maximum), -minimum)}')
    if maximum >= 0:
        options.append(_between(max(0, minimum), maximum))
    return _either(options)


def _between(lowest: int, highest: int) -> str:
    """The numbers from one to the other, neither below zero."""
    options = []
    for length in range(len(str(lowest)), len(str(highest)) + 1):
        first = max(lowest, 10 ** (length - 1) if length > 1 else 0)
        options.append(_digits(str(first), str(min(highest, 10**length - 1))))
    return _either(options)


def _digits(first: str, last: str) -> str:
    """The numbers between two of the same length, which is not nothing."""
    if set(first) == {"0"} and set(last) == {"9"}:
        return f"[0-9]{{{len(first)}}}"
    if len(first) == 1:
        return f"[{first}-{last}]"
    if first[0] == last[0]:
        return f'"{first[0]}" {_digits(first[1:], last[1:])}'
    lowest, highest = "0" * (len(first) - 1), "9" * (len(first) - 1)
    options = [f'"{first[0]}" {_digits(first[1:], highest)}', f'"{last[0]}" {_digits(lowest, last[1:])}']
    between = range(int(first[0]) + 1, int(last[0]))
    if between:
        options.append(f"[{between[0]}-{between[-1]}] {_digits(lowest, highest)}")
    return _either(options)
