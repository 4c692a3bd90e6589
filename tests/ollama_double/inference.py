"""One chat or generate request: from the body to the lines of the reply, as Ollama's own handlers go about it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from ollama_double.brains import Brain, Message
from ollama_double.catalog import Refused
from ollama_double.faults import ON_VALUES, SPOILS_TEXT, Fault, spoil
from ollama_double.memory import Runner
from ollama_double.overflow import as_nested, fitted_prompt, kept_messages, render
from ollama_double.question import Question
from ollama_double.schemas import Schema, complaint
from ollama_double.wire import Line

MOST_WINDOWS = 10  # an answer without num_predict ends after this many context windows
THOUGHT = "Let me think about what the lecturer says."


def answer(question: Question, runner: Runner, brain: Brain, fault: Fault | None, began: float) -> Iterator[Line]:
    """The lines of the reply; what is refused is refused before the first of them."""
    loaded = time.monotonic()
    schema = question.schema
    against = complaint(schema or {})
    if against:
        raise Refused(400, as_nested(against, "invalid_request_error"))
    if question.body.get("_debug_render_only"):
        rendered = {"rendered_template": render(kept_messages(question, runner, brain))}
        yield question.line("", _debug_info=rendered)
        return
    messages, prompt_tokens = fitted_prompt(question, runner, brain)
    evaluated = time.monotonic()
    if fault is Fault.THINKING:
        yield question.line("", thinking=THOUGHT)
    limit = None if fault in ON_VALUES else _limit(question, runner, prompt_tokens)
    said, reason = 0, "stop"
    for piece in _pieces(question, messages, schema, brain, fault):
        if said == limit:
            reason = "length"
            break
        said += 1
        if piece:
            yield question.line(piece)
    ended = time.monotonic()
    counters = {
        "total_duration": ended - began,
        "load_duration": loaded - began,
        "prompt_eval_count": prompt_tokens,
        "prompt_eval_duration": evaluated - loaded,
        "eval_count": said,
        "eval_duration": ended - evaluated,
    }
    yield _last_line(question, "length" if fault is Fault.CUT_OFF else reason, counters)


def _last_line(question: Question, reason: str, counters: dict[str, float]) -> Line:
    """Done: counters that are zero are left out, durations are nanoseconds."""
    tokens = int(counters["prompt_eval_count"] + counters["eval_count"])
    context = {} if question.is_chat or question.body.get("raw") else {"context": [*range(1, tokens + 1)]}
    counted = {name: int(value * (1e9 if name.endswith("duration") else 1)) for name, value in counters.items()}
    told = {name: value for name, value in counted.items() if value}
    return question.line("", done=True, done_reason=reason, **context, **told)


def _pieces(
    question: Question, messages: list[Message], schema: Schema | None, brain: Brain, fault: Fault | None
) -> Iterator[str]:
    if fault not in SPOILS_TEXT:
        return brain.answer(messages, schema, question.options)
    text = "".join(brain.answer(messages, schema, question.options))
    spoiled = spoil(fault, text, messages[-1]["content"], schema)
    return itertools.chain.from_iterable(_in_tokens(part) for part in spoiled)


def _in_tokens(text: str) -> Iterator[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))


def _limit(question: Question, runner: Runner, prompt_tokens: int) -> int:
    """How many tokens the answer may have."""
    wanted = question.options.get("num_predict", -1)
    most = MOST_WINDOWS * runner.num_ctx
    if wanted == 0:  # on its way to llama-server it is dropped, or taken for the least there can be
        wanted = 1 if question.is_chat and question.settings.sorts_chat_schemas else most
    wanted = most if wanted < 0 else min(wanted, most)
    return wanted if runner.shift else max(0, min(wanted, runner.window - prompt_tokens))
