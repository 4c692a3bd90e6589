"""Prompts that are longer than the context: cut in silence or refused, as each version and path does it."""

from __future__ import annotations

import json

from ollama_double.brains import Brain, Message
from ollama_double.catalog import Refused
from ollama_double.memory import Runner
from ollama_double.question import Question

KEPT_BY_DEFAULT = 4
TOO_LONG = (
    "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the "
    "context length in settings, or use a model with a longer context length"
)


def render(messages: list[Message]) -> str:
    """The prompt that the chat template makes of a conversation."""
    told = "".join(f"<|im_start|>{one.get('role')}\n{one.get('content', '')}<|im_end|>\n" for one in messages)
    return f"{told}<|im_start|>assistant\n"


def fitted_prompt(question: Question, runner: Runner, brain: Brain) -> tuple[list[Message], int]:
    """The conversation that the model sees, and how many tokens it is."""
    messages = kept_messages(question, runner, brain)
    extra = 1 if runner.model.adds_bos else 0
    prompt = render(messages)
    tokens = brain.count_tokens(prompt) + extra
    cuts = question.flag("truncate") and not (question.is_chat and question.settings.template == "native")
    if tokens < (runner.num_ctx if cuts else runner.window):
        return messages, tokens
    if not cuts:
        raise _overflow(question, tokens, runner.window)
    if not runner.shift and question.settings.at_least(0, 30, 9):
        raise Refused(400, TOO_LONG)
    keep = min(question.options.get("num_keep", KEPT_BY_DEFAULT) + extra, runner.num_ctx - 1)
    left = runner.num_ctx
    if question.settings.at_least(0, 30, 11):
        left -= max((runner.num_ctx - keep) // 2, 1)
    return [{"role": "user", "content": _tail(prompt, left - keep, brain)}], left


def kept_messages(question: Question, runner: Runner, brain: Brain) -> list[Message]:
    """What is left of the conversation where it is too long and may be cut."""
    if not question.flag("truncate"):
        return question.messages
    return _without_oldest(question.messages, runner.num_ctx - (1 if runner.model.adds_bos else 0), brain)


def _overflow(question: Question, tokens: int, num_ctx: int) -> Refused:
    if not question.settings.at_least(0, 30):
        return Refused(400, "the input length exceeds the context length")
    words = f"request ({tokens} tokens) exceeds the available context size ({num_ctx} tokens), try increasing it"
    return Refused(400, as_nested(words, "exceed_context_size_error", n_prompt_tokens=tokens, n_ctx=num_ctx))


def as_nested(message: str, kind: str, **numbers: int) -> str:
    """An error of llama-server, which is JSON within the text of Ollama's error."""
    error = {"code": 400, "message": message, "type": kind, **numbers}
    return json.dumps({"error": error}, separators=(",", ":"))


def _without_oldest(messages: list[Message], num_ctx: int, brain: Brain) -> list[Message]:
    """Drop the oldest messages until the rest fits; what the system says and the last message stay."""
    for start in range(len(messages)):
        kept = [one for one in messages[:start] if one.get("role") == "system"] + messages[start:]
        if start == len(messages) - 1 or brain.count_tokens(render(kept)) <= num_ctx:
            return kept
    return messages


def _tail(prompt: str, tokens: int, brain: Brain) -> str:
    """The end of the prompt, of about this many tokens."""
    first, last = 0, len(prompt)
    while first < last:
        middle = (first + last) // 2
        first, last = (middle + 1, last) if brain.count_tokens(prompt[middle:]) > tokens else (first, middle)
    return prompt[first:]
