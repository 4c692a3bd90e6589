"""Windows made into arrays: tokens to read, tokens to answer, and where in the sound each of them is."""

import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.training.vocabulary import LANGUAGES
from models.training.windows import POSITIONS_PER_SECOND, Utterance, Window, compose

IGNORED = -100  # no answer is asked for here
# seconds of a window, and how many of them make one step; 15 s is the model's own window, shorter ones teach quicker
LENGTHS = ((5, 24), (5, 24), (10, 12), (10, 12), (10, 12), (15, 8), (15, 8), (15, 8), (15, 8))
LONGEST_WINDOW = 15  # seconds
SILENCE_SHARE, PROMPT_SHARE = 0.03, 0.08
LONGEST_PROMPT = 60  # tokens


@dataclass(frozen=True)
class Batch:
    """One step's windows; each has two rows of tokens, with and without timestamps."""

    mel: Tensor
    phonemes: Tensor
    offsets: Tensor
    rows: Tensor
    tokens: Tensor
    answers: Tensor
    places: Tensor  # first and last position in the sound for each answer, -1 where it has none


@dataclass
class _Row:
    tokens: list[int]
    asked: list[bool]  # whether the model has to know this token
    places: list[tuple[int, int]]

    def add(self, token: int, *, asked: bool = True, place: tuple[int, int] = (-1, -1)) -> None:
        self.tokens.append(token)
        self.asked.append(asked)
        self.places.append(place)


class BatchMaker:
    """Makes steps for ever, from utterances sorted by language."""

    def __init__(self, tokenizer: Tokenizer, utterances: dict[str, list[Utterance]], seed: int) -> None:
        self._tokenizer = tokenizer
        self._utterances = utterances
        self._seed = seed
        self.begin_at(0)

    def begin_at(self, step: int) -> None:
        """Choose by chance anew, so that a training that goes on does not hear its first windows again."""
        self._chance, self._noise = random.Random(f"{self._seed} {step}"), np.random.default_rng((self._seed, step))

    @cached_property
    def _special(self) -> dict[str, int]:
        return {token: number for token, number in self._tokenizer.get_vocab().items() if token.startswith("<|")}

    def make(self) -> Batch:
        """The next step."""
        seconds, count = self._chance.choice(LENGTHS)
        windows = [self._window(seconds) for _ in range(count)]
        latest = LONGEST_WINDOW - seconds
        offsets = [self._chance.choice((0, self._chance.randint(0, latest * POSITIONS_PER_SECOND))) for _ in windows]
        rows: list[_Row] = []
        owners: list[int] = []
        for number, (window, offset) in enumerate(zip(windows, offsets, strict=True)):
            for timed in (True, False):
                if timed or window.cut_off is None:
                    rows.append(self._row(window, offset, timed=timed))
                    owners.append(number)
        return Batch(
            torch.from_numpy(np.stack([window.mel for window in windows])),
            torch.from_numpy(np.stack([window.phonemes for window in windows])),
            torch.tensor(offsets),
            torch.tensor(owners),
            *_padded(rows),
        )

    def _window(self, seconds: int) -> Window:
        language = self._chance.choices(LANGUAGES, (0.5, 0.25, 0.25))[0]
        window = compose(self._utterances[language], seconds, self._chance, self._noise)
        if self._chance.random() < SILENCE_SHARE:
            hiss = 0.1 * self._noise.standard_normal(window.mel.shape, np.float32) - self._chance.uniform(0, 1)
            return Window(language, hiss, np.zeros_like(window.phonemes), (), None)
        return window

    def _row(self, window: Window, offset: int, *, timed: bool) -> _Row:
        row = _Row([], [], [])
        if self._chance.random() < PROMPT_SHARE:
            row.add(self._special["<|startofprev|>"], asked=False)
            said = " " + self._chance.choice(self._utterances[window.language]).text
            for token in self._tokenizer.encode(said).ids[:LONGEST_PROMPT]:
                row.add(token, asked=False)
        row.add(self._special["<|startoftranscript|>"], asked=False)
        if not window.heard and window.cut_off is None:
            row.add(self._special["<|nospeech|>"])
            return row
        row.add(self._special[f"<|{window.language}|>"])
        row.add(self._special["<|transcribe|>"], asked=False)
        if not timed:
            row.add(self._special["<|notimestamps|>"], asked=False)
        for begin, utterance in window.heard:
            self._add_sentence(row, begin, utterance, offset, timed=timed)
        if window.cut_off is not None:
            self._add_time(row, window.cut_off, offset)
        row.add(self._special["<|endoftext|>"])
        return row

    def _add_time(self, row: _Row, seconds: float, offset: int) -> None:
        position = round(seconds * POSITIONS_PER_SECOND)
        row.add(self._special[f"<|{(position + offset) * 0.02:.2f}|>"], place=(position - 3, position + 3))

    def _add_sentence(self, row: _Row, begin: float, utterance: Utterance, offset: int, *, timed: bool) -> None:
        if timed:
            self._add_time(row, begin + utterance.begin, offset)
        encoded = self._tokenizer.encode(" " + utterance.text)
        for token, (_, last) in zip(encoded.ids, encoded.offsets, strict=True):
            row.add(token, place=_place(begin, utterance, last - 2))  # the space before the text moves it by one
        if timed:
            self._add_time(row, begin + utterance.end, offset)


def _place(begin: float, utterance: Utterance, character: int) -> tuple[int, int]:
    """The positions at which the word with this character is spoken."""
    starts = [word for word in utterance.words if word[1] <= max(character, 0)]
    following = utterance.words[len(starts)][0] if len(starts) < len(utterance.words) else utterance.end
    first = starts[-1][0] if starts else 0.0
    return int((begin + first) * POSITIONS_PER_SECOND), int((begin + following) * POSITIONS_PER_SECOND) + 1


def _padded(rows: list[_Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens read, tokens answered (one further), and the answers' places."""
    longest = max(len(row.tokens) for row in rows) - 1
    tokens = torch.zeros(len(rows), longest, dtype=torch.long)
    answers = torch.full((len(rows), longest), IGNORED)
    places = torch.full((len(rows), longest, 2), -1)
    for number, row in enumerate(rows):
        length = len(row.tokens) - 1
        tokens[number, :length] = torch.tensor(row.tokens[:-1])
        asked = torch.tensor(row.asked[1:])
        answers[number, :length] = torch.where(asked, torch.tensor(row.tokens[1:]), IGNORED)
        places[number, :length] = torch.tensor(row.places[1:])
    return tokens, answers, places
