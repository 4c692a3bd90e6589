"""How near our titles are to the headings that people wrote, given where the topics are.

    python benchmarks/titles.py FOLDER [--files NAME ...] [--split dev|test|all]

FOLDER holds gzipped JSON lines, one document a line:
{id, lang, split?, units: [{t}], levels: [{name, starts, titles}]}.
A title is compared with a heading by ROUGE-1: the F measure of the sets of their stems (Snowball; function words
count), averaged over the headings of a document and then over documents. Of all definitions tried this is the one
that gives the first twenty words of a segment the figures .130/.085/.113 (BTC, TinyRec coarse and fine, all
documents). Beside it: "prefix" takes the first five letters of a word for its stem; "content" leaves out function
words on both sides.

In the same run: the segment's first twenty words; the five words of a segment with the highest log-odds against the
rest of the document (class-based TF-IDF); and the two best phrases of YAKE. CIs are of the difference to ours, from
a paired bootstrap over documents.

Development documents are those with split "dev" or "val", and where there is no split those with crc32(id) % 3 = 0;
the sets of CONTROLS are written text in two languages, few documents, and belong to every split.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import snowballstemmer
import yake
from markdown import share, table

from lecture_outline.evaluation.comparing import difference
from lecture_outline.languages import function_words
from lecture_outline.outline import Span
from lecture_outline.sentences import Sentence
from lecture_outline.titling import title_topics

CONTROLS = ("progit",)
FIRST_WORDS = 20
LOG_ODDS_WORDS = 5
PREFIX_LETTERS = 5
STEMMERS = {"en": "english", "pl": "polish", "cs": "czech"}
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Document = dict[str, Any]


class Segmented(NamedTuple):
    """One document at one level: its text cut where people cut it, and what they called the pieces."""

    language: str
    sentences: list[Sentence]
    spans: list[Span]
    headings: list[str | None]

    def texts(self) -> list[str]:
        return [" ".join(s.text for s in self.sentences[span.first : span.end]) for span in self.spans]


def first_words(document: Segmented) -> list[str]:
    return [" ".join(text.split()[:FIRST_WORDS]) for text in document.texts()]


def log_odds(document: Segmented) -> list[str]:
    idle = function_words(document.language)
    counts = [Counter(w for w in map(str.casefold, WORD.findall(t)) if w not in idle) for t in document.texts()]
    whole = Counter[str]()
    for counted in counts:
        whole.update(counted)
    return [" ".join(_most_telling(counted, whole)) for counted in counts]


def _most_telling(here: Counter[str], whole: Counter[str]) -> list[str]:
    """Words by their log-odds against the rest, shrunk towards the whole document, in standard deviations."""

    def score(word: str) -> float:
        prior, elsewhere = whole[word], whole[word] - here[word]
        in_here = math.log((here[word] + prior) / (here.total() + whole.total() - here[word] - prior + 1))
        rest = math.log((elsewhere + prior) / (2 * whole.total() - here.total() - elsewhere - prior + 1))
        return (in_here - rest) / math.sqrt(1 / (here[word] + prior) + 1 / (elsewhere + prior))

    return sorted(here, key=lambda word: (-score(word), word))[:LOG_ODDS_WORDS]


def yake_phrases(document: Segmented) -> list[str]:
    extractor = yake.KeywordExtractor(lan=document.language, n=3, top=2)
    return [", ".join(phrase for phrase, _ in extractor.extract_keywords(text)) for text in document.texts()]


def ours(document: Segmented) -> list[str]:
    return [title.text for title in title_topics(document.sentences, document.spans, document.language)]


METHODS: dict[str, Callable[[Segmented], list[str]]] = {
    "ours": ours,
    f"first {FIRST_WORDS} words": first_words,
    "log-odds words": log_odds,
    "YAKE top 2": yake_phrases,
}


@cache
def _snowball(word: str, language: str) -> str:
    return str(snowballstemmer.stemmer(STEMMERS[language]).stemWord(word))


def snowball(word: str, language: str) -> str:
    return _snowball(word, language) if language in STEMMERS else prefix(word, language)


def prefix(word: str, language: str) -> str:
    return word[:PREFIX_LETTERS]


def content(word: str, language: str) -> str:
    return "" if word in function_words(language) else snowball(word, language)


def rouge(title: str, heading: str, language: str, stem: Callable[[str, str], str]) -> float:
    """The F measure of the stems that both have."""
    one, other = ({stem(w.casefold(), language) for w in WORD.findall(text)} - {""} for text in (title, heading))
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def scores(documents: Sequence[Segmented], titles: Sequence[list[str]], stem: Callable[[str, str], str]) -> list[float]:
    """One figure a document: the mean over its headings."""
    return [
        fmean(
            rouge(title, heading, document.language, stem)
            for title, heading in zip(given, document.headings, strict=True)
            if heading
        )
        for document, given in zip(documents, titles, strict=True)
    ]


def collections(folder: Path, names: Sequence[str], split: str) -> Iterator[tuple[str, list[Segmented]]]:
    """Every collection with headings, at each of its levels and for each language."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        if names and name not in names:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            documents = [document for document in map(json.loads, lines) if wanted(document, name, split)]
        for language in sorted({document["lang"] for document in documents}):
            spoken = [document for document in documents if document["lang"] == language]
            for level in range(max(len(document["levels"]) for document in spoken)):
                deep = [document for document in spoken if len(document["levels"]) > level]
                cut = [segmented(document, level) for document in deep]
                if headed := [document for document in cut if any(document.headings)]:
                    yield f"{name} {language} {deep[0]['levels'][level]['name']}", headed


def wanted(document: Document, collection: str, split: str) -> bool:
    if split == "all" or collection.startswith(CONTROLS):
        return True
    marked = document.get("split")
    development = marked in ("dev", "val") if marked else zlib.crc32(document["id"].encode()) % 3 == 0
    return development == (split == "dev")


def segmented(document: Document, level: int) -> Segmented:
    units, reference = document["units"], document["levels"][level]
    ends = [*reference["starts"][1:], len(units)]
    headings = reference.get("titles") or [None] * len(ends)
    kept = [
        (Span(start, end), heading)
        for start, end, heading in zip(reference["starts"], ends, headings, strict=True)
        if start < end
    ]
    return Segmented(
        document["lang"],
        [Sentence(unit["t"], number, number, None, None, None) for number, unit in enumerate(units, start=1)],
        [span for span, _ in kept],
        [heading for _, heading in kept],
    )


def report(name: str, documents: Sequence[Segmented]) -> list[str]:
    """Print how each method does on one collection; return its row of the table."""
    headings = sum(bool(heading) for document in documents for heading in document.headings)
    print(f"\n{name}: {len(documents)} documents, {headings} headings")
    print(f"  {'':16} ROUGE-1  prefix  content  ours − this, ROUGE-1 [95 % CI]")
    our_scores: list[float] = []
    row = [f"{name} ({len(documents)})"]
    for method, entitle in METHODS.items():
        titles = [entitle(document) for document in documents]
        by_stem, by_prefix, by_content = (scores(documents, titles, stem) for stem in (snowball, prefix, content))
        our_scores = our_scores or by_stem
        lead = "" if method == "ours" else _lead(our_scores, by_stem)
        figures = "   ".join(f"{fmean(figure):.3f}" for figure in (by_stem, by_prefix, by_content))
        print(f"  {method:16}  {figures}    {lead}", flush=True)
        row.append(share(fmean(by_stem)))
    return [row[0], f"**{row[1]}**", *row[2:], lead]


def _lead(ours: Sequence[float], theirs: Sequence[float]) -> str:
    found = difference([one - other for one, other in zip(ours, theirs, strict=True)])
    return f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--files", nargs="+", default=[], metavar="NAME", help="only these collections")
    arguments = parser.parse_args()
    found = collections(arguments.folder, arguments.files, arguments.split)
    rows = [report(name, documents) for name, documents in found]
    print(f"\n{table(['headings', *METHODS, 'ours − YAKE, 95 %'], rows)}")


if __name__ == "__main__":
    main()
