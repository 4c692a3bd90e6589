"""Topics are found where the words change, in any language, and the spans keep their shape whatever they are given."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_outline import segmenting
from lecture_outline.grams import grams, spoken_words
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.segmenting import find_topics, split_into_segments
from lecture_outline.sentences import Sentence

ENGLISH = (
    "river water flood bank valley stream bridge current",
    "molecule atom electron bond crystal charge energy nucleus",
    "parliament vote election senator party law budget minister",
    "violin orchestra melody concert rhythm singer opera chord",
)
CZECH = (
    "řeka řeky řece řekou povodeň povodně povodní povodněmi",
    "molekula molekuly molekule molekulou částice částic částicím částicemi",
    "volby volbami volbách voleb poslanec poslance poslanci poslancem",
    "housle houslemi houslí houslích skladba skladby skladbě skladbou",
)
CHINESE = (
    "河流洪水河岸山谷溪流桥梁",
    "分子原子电子晶体电荷能量",
    "议会选举参议员政党法律预算",
    "小提琴管弦乐旋律音乐会歌手",
)
COMMON = "and then this would also have been"

SENTENCES_A_TOPIC = 40

texts = st.lists(st.text(max_size=40) | st.sampled_from([*ENGLISH, *CHINESE, "", "…", "12 34"]), max_size=60)


def plain(said: Sequence[str]) -> list[Sentence]:
    """Sentences without times."""
    return [Sentence(text, number, number, None, None, None) for number, text in enumerate(said, start=1)]


def timed(said: Sequence[str], seconds: int) -> list[Sentence]:
    """Sentences that take equally long, one after the other."""
    step = seconds * 1_000
    return [
        Sentence(text, number + 1, number + 1, number * step, (number + 1) * step, None)
        for number, text in enumerate(said)
    ]


def lecture(topics: Sequence[str], *, common: str = "", spaced: bool = True) -> list[str]:
    """A lecture that spends as many sentences on each topic, each of six of its words."""
    chance = random.Random(7)
    said = []
    for topic in topics:
        words = topic.split() if spaced else [topic[at : at + 2] for at in range(0, len(topic), 2)]
        for _ in range(SENTENCES_A_TOPIC):
            chosen = [*chance.choices(words, k=6), *common.split()]
            chance.shuffle(chosen)
            said.append((" " if spaced else "").join(chosen))
    return said


def every(spans: Sequence[Span]) -> Iterator[Span]:
    """The spans and all within them."""
    for span in spans:
        yield span
        yield from every(span.parts)


def depth(spans: Sequence[Span]) -> int:
    """How many levels there are."""
    return 1 + max(depth(span.parts) for span in spans) if spans else 0


def random_words(sentences: int, seed: int, *, zipf: bool) -> list[str]:
    """Sentences that tell nothing about topics: each of twelve words drawn from the same two thousand."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(2_000)]
    weights = [1 / rank if zipf else 1 for rank in range(1, len(words) + 1)]
    return [" ".join(chance.choices(words, weights, k=12)) for _ in range(sentences)]


def assert_covers(spans: Sequence[Span], first: int, end: int) -> None:
    """The spans follow each other without a gap from `first` to `end`, and so do the parts of each."""
    edges = [first, *(span.end for span in spans)]
    assert [(span.first, span.end) for span in spans] == list(pairwise(edges))
    assert edges[-1] == end
    assert all(before < after for before, after in pairwise(edges))
    for span in spans:
        if span.parts:
            assert_covers(span.parts, span.first, span.end)


@given(texts, st.integers(1, 90))
def test_any_text_is_covered_by_one_to_ten_topics_at_every_level(said: list[str], seconds: int) -> None:
    """Whatever was said, every sentence is in exactly one leaf and no level has more than ten items or just one."""
    for sentences in (plain(said), timed(said, seconds)):
        topics = find_topics(sentences)
        assert len(topics) <= MOST_ITEMS
        assert bool(topics) == bool(sentences)
        if topics:
            assert_covers(topics, 0, len(sentences))
        assert all(not span.parts or 2 <= len(span.parts) <= MOST_ITEMS for span in every(topics))


@given(texts, st.integers(1, 30))
def test_as_many_segments_as_asked_for(said: list[str], count: int) -> None:
    """There are `count` segments in order, the first starting at 0, or as many as there are sentences."""
    starts = split_into_segments(plain(said), count)
    assert len(starts) == min(count, len(said))
    assert starts == sorted(set(starts))
    assert starts[:1] == [0][: len(said)]


@given(texts)
@settings(max_examples=20)
def test_the_same_text_gives_the_same_topics(said: list[str]) -> None:
    """Nothing is left to chance."""
    assert find_topics(timed(said, 30)) == find_topics(timed(said, 30))


def test_nothing_said_has_no_topics() -> None:
    """Without a sentence there is no topic and no segment."""
    assert find_topics([]) == ()
    assert split_into_segments([], 3) == []


def test_one_sentence_is_one_topic() -> None:
    """A single sentence, however long, cannot be cut."""
    assert find_topics(timed(["A whole hour in one sentence."], 3_600)) == (Span(0, 1),)
    assert split_into_segments(plain(["Only this."]), 5) == [0]


@pytest.mark.parametrize("said", ["", "…", "42", "the very same words again"])
def test_a_text_that_tells_nothing_is_cut_evenly(said: str) -> None:
    """With no words, or none but the same, lengths alone decide and no topic is more than twice another."""
    topics = find_topics(timed([said] * 300, 10))
    assert_covers(topics, 0, 300)
    lengths = [span.end - span.first for span in topics]
    assert len(topics) >= 2
    assert max(lengths) <= 2 * min(lengths)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(lecture(ENGLISH, common=COMMON), id="english"),
        pytest.param(lecture(CZECH, common="a také by to bylo"), id="czech"),
        pytest.param(lecture(CHINESE, spaced=False), id="chinese"),
    ],
)
def test_a_clear_change_of_words_is_found_exactly(said: list[str]) -> None:
    """Where four topics share no words but the common ones, each is cut out to the sentence, asked for or not."""
    borders = [0, 40, 80, 120]
    assert split_into_segments(plain(said), 4) == borders
    assert [span.first for span in find_topics(timed(said, 15))] == borders


def test_a_returning_topic_is_cut_out_again() -> None:
    """A topic that comes back later is a segment of its own each time."""
    said = lecture([ENGLISH[0], ENGLISH[1], ENGLISH[0]], common=COMMON)
    assert split_into_segments(plain(said), 3) == [0, 40, 80]


def turns(said: Sequence[str], opening: Sequence[int], *, named_throughout: bool) -> list[Sentence]:
    """Sentences without times; another person speaks from each of `opening` on."""
    speakers = [f"Speaker {sum(start <= at for start in opening)}" for at in range(len(said))]
    named = [named_throughout or at == 0 or at in opening for at in range(len(said))]
    shown = [speaker if name else None for speaker, name in zip(speakers, named, strict=True)]
    return [one._replace(speaker=speaker) for one, speaker in zip(plain(said), shown, strict=True)]


@pytest.mark.parametrize("named_throughout", [True, False])
def test_a_topic_rather_begins_where_another_person_begins_to_speak(*, named_throughout: bool) -> None:
    """Where the words leave open which sentence begins a topic, it is the one that opens a turn."""
    said = lecture(ENGLISH[:2], common=COMMON)
    said[38:42] = ["yes"] * 4
    found = {split_into_segments(turns(said, [start], named_throughout=named_throughout), 2)[1] for start in (39, 41)}
    assert found == {39, 41}


def test_where_all_or_nobody_is_named_the_words_alone_decide() -> None:
    """Speakers that change with every sentence tell as little as none."""
    said = [f"{ENGLISH[number // 25 % 4]} {CZECH[number // 60 % 4]}" for number in range(200)]
    everybody = turns(said, range(1, 200), named_throughout=True)
    assert find_topics(everybody) == find_topics(plain(said))


def test_words_that_change_clearly_outweigh_a_turn() -> None:
    """A question in the middle of a topic is not where it ends."""
    said = lecture(ENGLISH[:2], common=COMMON)
    assert split_into_segments(turns(said, [20, 21], named_throughout=True), 2) == [0, 40]


ANNOUNCEMENTS = {
    "en": "So now let's look at the parliament",
    "cs": "Tak teď se podíváme na parlament",
    "pl": "Teraz przejdźmy do parlamentu",
}


@pytest.mark.parametrize("language", ["en", "cs", "pl"])
@pytest.mark.parametrize("at", [38, 39, 40, 41])
def test_a_topic_rather_begins_where_it_is_announced(language: str, at: int) -> None:
    """Where the words leave open which sentence begins a topic, it is the one that says so."""
    said = lecture([ENGLISH[0], ENGLISH[2]], common=COMMON)
    said[38:42] = ["yes"] * 4
    said[at] = ANNOUNCEMENTS[language]
    assert split_into_segments(plain(said), 2, language) == [0, at]
    assert find_topics(timed(said, 15), language)[1].first == at


def test_of_announcements_in_a_row_the_first_begins_the_topic() -> None:
    """ "The last part, what goes wrong." "And let me begin with the famous case." """
    said = lecture([ENGLISH[0], ENGLISH[2]], common=COMMON)
    said[38:43] = ["yes", "yes", "We'll discuss the parliament", "And let me begin with the vote", "yes"]
    assert split_into_segments(plain(said), 2, "en") == [0, 40]


def test_a_language_that_nobody_names_is_detected() -> None:
    """And in another one than it is said in nothing is announced."""
    said = lecture([ENGLISH[0], ENGLISH[2]], common=COMMON)
    said[38:42] = ["yes"] * 4
    found = defaultdict(list)
    for at in (38, 41):
        announced = [*said[:at], "so now let's look at the cheese", *said[at + 1 :]]
        for language in (None, "de"):
            found[language].append(split_into_segments(plain(announced), 2, language)[1])
    assert found[None] == [38, 41] and found["de"] != [38, 41]


def test_an_hour_has_a_readable_outline() -> None:
    """An hour of speech without times has some main topics, and leaves of two to seven minutes on average."""
    said = [f"{ENGLISH[number // 30 % 4]} {CZECH[number // 60 % 4]}" for number in range(560)]
    topics = find_topics(plain(said))
    leaves = [span for span in every(topics) if not span.parts]
    assert 3 <= len(topics) <= MOST_ITEMS
    assert 60 / 7 <= len(leaves) <= 60 / 2


def test_a_short_recording_is_not_chopped() -> None:
    """Two minutes are at most two topics without parts."""
    topics = find_topics(timed(lecture(ENGLISH)[:24], 5))
    assert len(topics) <= 2
    assert all(not span.parts for span in topics)


def test_a_lecture_longer_than_the_places_considered_is_cut_to_the_sentence() -> None:
    """With more sentences than blocks a cut is moved from the border of its block to the change of words."""
    said = [text for text in lecture(ENGLISH, common=COMMON) for _ in range(17)]
    assert split_into_segments(plain(said), 4) == [0, 680, 1360, 2040]


def test_more_segments_than_places_considered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for more segments than there are blocks, the blocks get smaller."""
    monkeypatch.setattr(segmenting, "MOST_BLOCKS", 50)
    starts = split_into_segments(plain(lecture(ENGLISH)), 70)
    assert len(starts) == len(set(starts)) == 70


def test_times_that_say_nothing_are_not_believed() -> None:
    """Where every sentence ends as it starts, the words tell how long it took."""
    said = lecture(ENGLISH, common=COMMON)
    assert find_topics([one._replace(start_ms=0, end_ms=0) for one in plain(said)]) == find_topics(plain(said))


def test_twenty_hours_need_three_levels() -> None:
    """Four hundred leaves do not fit into two levels of ten, and three hold them."""
    said = [f"{ENGLISH[number // 10 % 4]} topic{number // 50}" for number in range(2_000)]
    topics = find_topics(timed(said, 36))
    assert_covers(topics, 0, 2_000)
    assert depth(topics) == 3


@given(texts, st.integers(1, 90))
def test_no_text_of_an_hour_and_a_half_has_more_than_two_levels(said: list[str], seconds: int) -> None:
    """Main topics and their leaves are enough for ninety minutes, whatever was said."""
    assert depth(find_topics(timed(said, seconds))) <= 2


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("zipf", [False, True])
@pytest.mark.parametrize(
    ("sentences", "seconds", "most_levels"),
    [
        pytest.param(720, 5, 2, id="60-minutes"),
        pytest.param(1_080, 5, 2, id="90-minutes"),
        pytest.param(1_200, 5, 2, id="100-minutes"),
        pytest.param(2_160, 5, 3, id="180-minutes"),
        pytest.param(2_000, 36, 3, id="20-hours"),
    ],
)
def test_words_without_a_clear_boundary_do_not_deepen_the_outline(
    sentences: int, seconds: int, most_levels: int, zipf: bool, seed: int
) -> None:
    """Where a word is as likely anywhere, sentences are not peeled off one by one, a level deeper each time."""
    topics = find_topics(timed(random_words(sentences, seed, zipf=zipf), seconds))
    assert_covers(topics, 0, sentences)
    assert depth(topics) <= most_levels
    assert all(len(span.parts) <= MOST_ITEMS for span in every(topics))


@pytest.mark.parametrize(("sentences", "seconds", "most_levels"), [(1_200, 5, 2), (2_000, 36, 3), (14_400, 6, 3)])
def test_the_same_sentence_for_hours_has_few_levels(
    monkeypatch: pytest.MonkeyPatch, sentences: int, seconds: int, most_levels: int
) -> None:
    """A hundred minutes have two levels and a day has three, also where all sentences are alike."""
    monkeypatch.setattr(segmenting, "MOST_BLOCKS", 200)
    topics = find_topics(timed(["the very same words again"] * sentences, seconds))
    assert_covers(topics, 0, sentences)
    assert depth(topics) <= most_levels


@pytest.mark.parametrize("said", ["", "mm"])
def test_no_outline_has_more_than_four_levels(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Twenty thousand sentences have four levels at most, and longer leaves where even these cannot hold them."""
    monkeypatch.setattr(segmenting, "MOST_BLOCKS", 200)
    topics = find_topics(timed([said] * 20_000, 210))
    assert_covers(topics, 0, 20_000)
    assert depth(topics) == 4
    assert max(span.end - span.first for span in every(topics) if not span.parts) <= 10


def test_a_few_endless_sentences_have_two_levels() -> None:
    """Sentences of half an hour, too long for any leaf, are as many leaves and no more."""
    topics = find_topics(timed(lecture(ENGLISH)[::8], 1_800))
    assert_covers(topics, 0, 20)
    assert depth(topics) == 2
    assert sum(not span.parts for span in every(topics)) == 20


def test_the_work_grows_no_faster_than_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the text costs at most six times the pairs of occurrences looked at."""

    def pairs_for(repeats: int) -> int:
        seen = 0
        original = segmenting._pairs

        def counted(gram: segmenting.Indices, prior: segmenting.Numbers) -> Iterator[tuple[object, ...]]:
            nonlocal seen
            for pair in original(gram, prior):
                seen += len(pair[0])
                yield pair

        with monkeypatch.context() as patch:
            patch.setattr(segmenting, "_pairs", counted)
            find_topics(plain(lecture(ENGLISH, common=COMMON) * repeats))
        return seen

    assert pairs_for(32) <= 6 * pairs_for(8)


def test_forms_of_one_word_share_grams_and_common_letters_do_not() -> None:
    """The stem of an inflected word meets its other forms; single letters and numbers are no grams."""
    assert set(grams("povodněmi")) & set(grams("Povodeň"))
    assert list(grams("a 1984 b")) == []
    assert list(grams("of word")) == ["^of$", "^wor", "word", "ord$"]
    assert list(grams("河流洪水")) == ["河流", "流洪", "洪水"]
    assert list(grams("नमस्ते")) == ["^नमस", "नमस्", "मस्त", "स्ते", "्ते$"]


def test_speech_is_measured_alike_with_and_without_spaces() -> None:
    """Characters stand for words where a script puts no space between them."""
    assert spoken_words("three spoken words") == 3
    assert spoken_words("河流洪水") == 2
    assert spoken_words("") == 0
