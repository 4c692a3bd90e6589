"""One question to the model, one answer that was checked, or a trouble with a name.

Every request of a run has the same options, because a change makes the server load the model again. A question that
does not fit is refused by the server (`truncate` and `shift` are false) instead of being read in part; servers that
are too old for that are found out at the start, and every count of tokens is held against what was sent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from lecture_outline.errors import AnswerTrouble
from lecture_outline.language_model.schema import Schema, checked_schema
from lecture_outline.language_model.server import LanguageServer, Loaded
from lecture_outline.language_model.wire import Json
from lecture_outline.privacy import refuse_cloud_name
from lecture_outline.troubles import Trouble
from lecture_outline.values import Value

Answer = TypeVar("Answer", bound=Value)

FIRST_SEED = 7
"""Any number: the same run must give the same outline. Each further attempt takes the next one."""

TEMPERATURE = 0.1
"""Nearly always the likeliest word; at zero a model that has begun to repeat itself does so with every seed."""

TOP_P = 0.9
REPEAT_PENALTY = 1.0
"""Off: a higher one punishes the quotes and keys that JSON is made of."""

KEEP_LOADED = "10m"
"""Longer than any pause between two questions of a run."""

KEPT_AT_THE_START = (4, 5)
"""Tokens that a server which cuts a question keeps of its beginning (`num_keep`; one more with a mark of its own)."""

MOST_CHARACTERS_A_TOKEN = 8.0
"""No tokenizer of a language model packs ordinary text tighter; half of it is common in English."""

LEAST_SHARE_READ = 0.5
"""Of the tokens expected of the words said. Fewer were read only if a part was cut off: an English chapter of a Czech
lecture has six tenths."""

LONGEST_ANSWER = 10
"""Times the patience with silence: a server that says a word now and then must not go on for days."""

FENCED = re.compile(r"```\w*\s*(\{.*\})\s*```", re.DOTALL)
"""What servers let through that do not hold the model to the shape asked for: JSON as part of a chat."""

NANOSECONDS = 1_000_000_000
"""In a second: Ollama's unit of time."""

REFUSAL = re.compile(
    r"\b(i'?m sorry|i am sorry|i can(no|')t|as an ai|as a (large )?language model|unable to (help|comply)"
    r"|omlouvám se|nemohu (pomoci|odpovědět)|przykro mi|nie mogę (pomóc|odpowiedzieć))\b",
    re.IGNORECASE,
)
"""A lecture may be about language models; only one that speaks of itself refuses."""


class Choice(Value):
    """A model and how it is used: part of what an outline is made from."""

    model: str
    digest: str
    window: int
    """Tokens of question and answer together."""
    answer_tokens: int

    @property
    def options(self) -> dict[str, int | float]:
        """What the server is told, the seed aside."""
        return {
            "num_ctx": self.window,
            "num_predict": self.answer_tokens,
            "temperature": TEMPERATURE,
            "top_p": TOP_P,
            "repeat_penalty": REPEAT_PENALTY,
        }


class Question(NamedTuple, Generic[Answer]):
    """The rules, which come first and are the same in question after question, the text, and the answer's shape."""

    rules: str
    text: str
    shape: Schema
    kind: type[Answer]
    speech: int = 0
    """How many characters of the text are the lecture's own words. The rest is in another language, mostly English,
    and may have half as many tokens."""


class Usage(Value):
    """What one request cost, by the server's own count and clock. None where it does not tell."""

    prompt_tokens: int | None
    answer_tokens: int | None
    prompt_seconds: float | None
    answer_seconds: float | None


class Reply(NamedTuple, Generic[Answer]):
    """An answer of the right shape, and what it cost."""

    answer: Answer
    usage: Usage


class Asker:
    """Asks one model one thing after the other."""

    def __init__(
        self,
        server: LanguageServer,
        choice: Choice,
        note: Callable[[str], None],
        on_load: Callable[[Loaded], None],
    ) -> None:
        refuse_cloud_name(choice.model)
        self.server = server
        self.choice = choice
        self.note = note
        self.on_load = on_load
        """Hears what became of the model in memory."""
        self.window = choice.window
        """What is really there: a server caps it in silence at what the model was trained with."""
        self._is_loaded = False
        self.characters_a_token: float | None = None
        """Learned from the server's own count; None until it has counted."""

    def load(self) -> None:
        """Have the model in memory before the first question, with the very options of all that follows."""
        if self._is_loaded:
            return
        ends = [line.get("done") for line in self.server.wire.lines("/api/generate", self._request("", "", attempt=0))]
        if ends[-1:] != [True]:
            raise AnswerTrouble(Trouble.UNFINISHED, "while the model was loaded")
        for model in self.server.loaded():
            if model.name == self.choice.model:
                self._notice_the_window(model)
                self.on_load(model)
        self._is_loaded = True

    def _notice_the_window(self, found: Loaded) -> None:
        """A window above what the model was trained with is made smaller in silence."""
        if found.window and found.window < self.window:
            self.note(f"{found.name} has a window of {found.window} tokens, not {self.window}; parts are made smaller.")
            self.window = found.window

    def refuses_what_is_too_long(self, rules: str, text: str) -> bool:
        """Whether an overlong question is refused, as it must be. A refusal also tells how many tokens a text has."""
        self.load()
        longer = text * (int(MOST_CHARACTERS_A_TOKEN * self.choice.window / max(1, len(text))) + 1)
        body = self._request(rules, longer, attempt=0)
        body["options"] = {**self.choice.options, "num_predict": 1}  # the one option that differs reloads nothing
        try:
            for line in self.server.wire.lines("/api/generate", body):
                if line.get("done"):
                    return False
        except AnswerTrouble as error:
            if error.trouble is not Trouble.TOO_LONG:
                raise
            if error.prompt_tokens:
                self.characters_a_token = (len(rules) + len(longer)) / error.prompt_tokens
            return True
        raise AnswerTrouble(Trouble.UNFINISHED)

    def ask(
        self, question: Question[Answer], *, attempt: int, on_piece: Callable[[int], None] | None = None
    ) -> Reply[Answer]:
        """One request. `on_piece` hears how many characters of the answer are there."""
        checked_schema(question.shape)
        self.load()
        body = {**self._request(question.rules, question.text, attempt=attempt), "format": question.shape}
        said, last = self._listen(body, on_piece)
        usage = Usage(
            prompt_tokens=_count(last, "prompt_eval_count"),
            answer_tokens=_count(last, "eval_count"),
            prompt_seconds=_seconds(last, "prompt_eval_duration"),
            answer_seconds=_seconds(last, "eval_duration"),
        )
        self._check_that_all_was_read(question, usage.prompt_tokens)
        reason = last.get("done_reason")
        if reason == "length":
            raise AnswerTrouble(Trouble.CUT_OFF, prompt_tokens=usage.prompt_tokens)
        if reason != "stop":
            raise AnswerTrouble(Trouble.UNFINISHED, f"it ends with {reason!r}")
        return Reply(_validated(said, question.kind), usage)

    def _request(self, rules: str, text: str, *, attempt: int) -> Json:
        return {
            "model": self.choice.model,
            "system": rules,
            "prompt": text,
            "stream": True,
            "truncate": False,
            "shift": False,
            "think": False,
            "keep_alive": KEEP_LOADED,
            "options": {**self.choice.options, "seed": FIRST_SEED + attempt},
        }

    def _listen(self, body: Json, on_piece: Callable[[int], None] | None) -> tuple[str, Json]:
        """The whole answer and the line that ends it."""
        said: list[str] = []
        length = 0
        latest = time.monotonic() + LONGEST_ANSWER * self.server.patience_seconds
        for line in self.server.wire.lines("/api/generate", body):
            piece = line.get("response")
            if isinstance(piece, str):
                said.append(piece)
                length += len(piece)
            if length > self.choice.answer_tokens * MOST_CHARACTERS_A_TOKEN * 2:
                raise AnswerTrouble(Trouble.LOOP, "and passed the length that was allowed")
            if line.get("done") is True:
                return "".join(said), line
            if time.monotonic() > latest:
                raise AnswerTrouble(Trouble.STALLED, "a word now and then")
            if on_piece:
                on_piece(length)
        raise AnswerTrouble(Trouble.UNFINISHED)

    def _check_that_all_was_read(self, question: Question[Answer], tokens: int | None) -> None:
        """A question of which a part was cut off is answered as if nothing had happened; the counts tell."""
        if tokens is None:
            return
        window = self.window
        halves = {window - max((window - kept) // 2, 1) for kept in KEPT_AT_THE_START}
        characters = len(question.rules) + len(question.text)
        rate = (self.characters_a_token or MOST_CHARACTERS_A_TOKEN * LEAST_SHARE_READ) / LEAST_SHARE_READ
        expected = question.speech / rate + (characters - question.speech) / MOST_CHARACTERS_A_TOKEN
        if tokens in halves or tokens >= window or tokens < expected:
            raise AnswerTrouble(Trouble.TRUNCATED, f"{tokens} tokens of {characters} characters", prompt_tokens=tokens)


def _count(line: Mapping[str, object], name: str) -> int | None:
    value = line.get(name)
    return value if isinstance(value, int) and value > 0 else None


def _seconds(line: Mapping[str, object], name: str) -> float | None:
    nanoseconds = _count(line, name)
    return None if nanoseconds is None else nanoseconds / NANOSECONDS


def _validated(said: str, kind: type[Answer]) -> Answer:
    fenced = FENCED.search(said)
    text = fenced[1] if fenced else said.strip()
    if not text.startswith("{"):
        raise AnswerTrouble(Trouble.REFUSAL if REFUSAL.search(text) else Trouble.NOT_JSON)
    try:
        return kind.model_validate_json(text, strict=True)
    except ValidationError as error:
        broken = any(problem["type"] == "json_invalid" for problem in error.errors(include_input=False))
        raise AnswerTrouble(Trouble.NOT_JSON if broken else Trouble.WRONG_SHAPE) from None
