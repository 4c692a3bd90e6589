"""A model of chance numbers, held to a grammar, says nothing that its schema does not allow."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ollama_double import reasonable_reply
from ollama_double.brains import Message
from ollama_double.schemas import Schema, choices, kind, resolve

if TYPE_CHECKING:
    from ollama_double.real_brain import RealBrain

QUESTION: list[Message] = [{"role": "user", "content": "kawa mela soto"}]
NAMES = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=6)


def allows(schema: Schema, value: Any, root: Schema) -> bool:
    """Whether the schema allows this value; written apart from the grammar."""
    if "anyOf" in schema:
        return any(allows(part, value, root) for part in schema["anyOf"])
    schema = resolve(schema, root)
    match kind(schema), value:
        case "enum", _:
            return value in choices(schema)
        case "object", dict():
            parts = schema["properties"]
            return set(parts) == set(value) and all(allows(parts[key], value[key], root) for key in parts)
        case "array", list():
            fits = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
            return fits and all(allows(schema["items"], item, root) for item in value)
        case "integer", int():
            return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        case "string", str():
            return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)))
        case "boolean", bool():
            return True
        case "number", int() | float():
            return True
        case named, _:
            return bool(named == "null" and value is None)


@st.composite
def integers(draw: st.DrawFn) -> Schema:
    """An integer within any bounds, or without one of them."""
    lowest, highest = sorted(draw(st.tuples(*[st.integers(-2000, 20_000)] * 2)))
    return draw(st.sampled_from([{}, {"minimum": lowest}, {"maximum": highest}])) | draw(
        st.sampled_from([{"type": "integer"}, {"type": "integer", "minimum": lowest, "maximum": highest}])
    )


@st.composite
def lists(draw: st.DrawFn, items: st.SearchStrategy[Schema]) -> Schema:
    """A list of a few items."""
    least = draw(st.integers(0, 3))
    return {"type": "array", "items": draw(items), "minItems": least, "maxItems": least + draw(st.integers(0, 2))}


LEAVES = st.one_of(
    integers(),
    st.builds(
        lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
        st.integers(0, 5),
        st.integers(0, 30),
    ),
    st.lists(st.one_of(NAMES, st.integers(), st.none(), st.booleans()), min_size=1, max_size=4).map(
        lambda values: {"enum": values}
    ),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": "number"}]),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        lists(inner),
        st.dictionaries(NAMES, inner, min_size=1, max_size=4).map(
            lambda parts: {"type": "object", "properties": parts, "required": [*parts]}
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=SCHEMAS, seed=st.integers(0, 1000))
def test_a_real_model_obeys_any_schema(real_brain: RealBrain, schema: Schema, seed: int) -> None:
    """Whatever the schema, the sampled answer is JSON that it allows."""
    text = "".join(real_brain.answer(QUESTION, schema, {"num_predict": 3000, "seed": seed, "temperature": 1.0}))
    assert allows(schema, json.loads(text), schema), text


@settings(max_examples=300, deadline=None)
@given(schema=SCHEMAS)
def test_a_script_obeys_any_schema(schema: Schema) -> None:
    """The reasonable reader fills whatever is asked of it."""
    assert allows(schema, json.loads(reasonable_reply(QUESTION, schema)), schema)


def test_a_schema_may_contain_itself(real_brain: RealBrain) -> None:
    """A reference becomes a rule of its own."""
    node = {
        "type": "object",
        "properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 1}},
    }
    schema = {"$defs": {"node": node}, "$ref": "#/$defs/node"}
    text = "".join(real_brain.answer(QUESTION, schema, {"num_predict": 2000, "seed": 3}))
    assert list(json.loads(text)) == ["parts"]


def test_an_answer_is_sampled_anew_with_another_seed(real_brain: RealBrain) -> None:
    """The same seed gives the same text, another one another."""
    texts = ["".join(real_brain.answer(QUESTION, None, {"num_predict": 50, "seed": seed})) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_tokens_are_counted_by_the_tokenizer(real_brain: RealBrain) -> None:
    """A known syllable is one token, a letter that it does not know as many as it has bytes."""
    assert real_brain.count_tokens(" ka") == 2
    assert real_brain.count_tokens("学" * 10) >= 30


def test_it_is_quick(real_brain: RealBrain) -> None:
    """A thousand tokens take a moment, so that whole lectures can be tried."""
    began = time.monotonic()
    assert len(list(real_brain.answer(QUESTION, {"type": "string", "minLength": 1900, "maxLength": 1900}, {}))) > 500
    assert time.monotonic() - began < 20
