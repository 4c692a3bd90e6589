"""Sentences that show a topic: which words said in a span of cues may stand as its evidence."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from lecture_outline.lecture import Lecture
from lecture_outline.outline import LEAST_QUOTE
from lecture_outline.placing import quote_of
from lecture_outline.sentences import latest_end_ms, split_into_sentences, spoken_cues


class Said:
    """What was said in a lecture, by cues and by sentences."""

    def __init__(self, lecture: Lecture) -> None:
        self.cues = lecture.cues
        self.spoken = spoken_cues(lecture.transcript, lecture.receipt.set_aside)
        self.end_ms = latest_end_ms(self.spoken)
        self._numbers = [number for number, _ in self.spoken]
        self._sentences = split_into_sentences(self.spoken)
        self._beginnings = [sentence.first_cue for sentence in self._sentences]

    def quotes(self, first: int, last: int) -> Iterator[str]:
        """Each sentence that begins in these cues; of one that goes on behind them the words before that, if enough."""
        begin, end = bisect_left(self._beginnings, first), bisect_right(self._beginnings, last)
        for sentence in self._sentences[begin:end]:
            if sentence.last_cue <= last:
                yield quote_of(sentence.text)
                continue
            upto = bisect_right(self._numbers, last)
            words = " ".join(cue.words for _, cue in self.spoken[bisect_left(self._numbers, sentence.first_cue) : upto])
            if len(words) >= LEAST_QUOTE:
                yield quote_of(words)

    def sentence_start(self, cue: int) -> int:
        """The first cue of the sentence that is being said in a cue."""
        at = bisect_right(self._beginnings, cue) - 1
        return self._beginnings[max(at, 0)]
