"""A speech model for the tests, written without training: it says words of a small vocabulary that depend on the sound.

It is a real Whisper for CTranslate2, with time marks, languages and all the files; only what it says means nothing.
What it says is set by place: the weights that a trained model has learned are ours to choose.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperSpec
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

WIDTH = 128
PLACES = 64
"""The first half of the width says at which place in the answer we are, the second half what is heard."""

SPOKEN = """
glacier moraine iceberg crevasse meltwater firn sonata counterpoint fugue cadence violin orchestra enzyme protein
membrane ribosome substrate tariff inflation currency exports interest compiler parser grammar register bytecode
"""
WORDS = tuple(SPOKEN.split())
SPECIAL_NAMES = """
endoftext startoftranscript en pl cs translate transcribe startoflm startofprev nospeech notimestamps
"""
SPECIALS = [f"<|{name}|>" for name in SPECIAL_NAMES.split()]
TIMES = [f"<|{number * 0.02:.2f}|>" for number in range(1501)]

PROMPT = 3
"""Tokens before the answer: its start, the language, the task."""

ANSWER = [
    "<|0.00|>",
    *"wwwww",
    ".",
    "<|2.00|>",
    "<|2.00|>",
    *"wwww",
    ",",
    "<|3.50|>",
    "<|3.50|>",
    *"www",
    ".",
    "<|5.00|>",
]
"""`w` is a word that depends on the sound."""


def write_babbler(folder: Path, *, mels: int = 80, language: str = "en", endless: bool = False) -> Path:
    """All the files of the model; `language` is what it believes to hear, and an endless one never stops repeating."""
    folder.mkdir(parents=True)
    byte_letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*byte_letters, *(f"Ġ{word}" for word in WORDS), "", *SPECIALS]
    spec = _spec([*tokens, *TIMES], mels, language, endless)
    spec.register_vocabulary([*tokens, *TIMES])
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIALS)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": mels, "chunk_length": 30}))
    return folder


def _spec(tokens: list[str], mels: int, language: str, endless: bool) -> WhisperSpec:
    spec = WhisperSpec(1, 2, 1, 2)
    number = {token: place for place, token in enumerate(tokens)}
    chance = np.random.default_rng(0)
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [number[f"<|{code}|>"] for code in ("en", "pl", "cs")]
    spec.config.alignment_heads = [[0, 0]]
    _encoder(spec.encoder, mels, chance)
    _decoder(spec.decoder, len(tokens), endless)
    spec.decoder.projection.weight = _choices(number, language, chance)
    return spec


def _choices(number: dict[str, int], language: str, chance: np.random.Generator) -> np.ndarray:
    weight = np.zeros((len(number), WIDTH), np.float32)
    for code, liking in zip(["en", "pl", "cs"], [1.0, 1.0, 1.0], strict=True):
        weight[number[f"<|{code}|>"], 0] = liking + (2.0 if code == language else 0)
    words = [number[f"Ġ{word}"] for word in WORDS]
    for place, said in enumerate([*ANSWER, "<|endoftext|>"], start=PROMPT - 1):
        if said == "w":
            weight[words, place] = 3 + chance.normal(0, 0.2, len(words))
        else:
            weight[number[said], place] = 5
    weight[np.ix_(words, range(PLACES, WIDTH))] = chance.normal(0, 0.6, (len(words), WIDTH - PLACES))
    return weight


def _encoder(spec: object, mels: int, chance: np.random.Generator) -> None:
    spec.conv1.weight = chance.normal(0, 0.3, (WIDTH, mels, 3)).astype(np.float32)
    spec.conv2.weight = chance.normal(0, 0.2, (WIDTH, WIDTH, 3)).astype(np.float32)
    for part in (spec.conv1, spec.conv2):
        part.bias = np.zeros(WIDTH, np.float32)
    spec.position_encodings.encodings = np.zeros((1500, WIDTH), np.float32)
    _norm(spec.layer_norm)
    for layer in spec.layer:
        _attention(layer.self_attention, cross=False)
        _feed_forward(layer.ffn)


def _decoder(spec: object, tokens: int, endless: bool) -> None:
    places = np.zeros((448, WIDTH), np.float32)
    for place in range(448):
        turn = place if not endless else PROMPT + (place - PROMPT) % 2 if place > PROMPT else place
        places[place, min(turn, PLACES - 1)] = 10
    spec.position_encodings.encodings = places
    spec.embeddings.weight = np.zeros((tokens, WIDTH), np.float32)
    _norm(spec.layer_norm)
    for layer in spec.layer:
        _attention(layer.self_attention, cross=False)
        _attention(layer.attention, cross=True)
        _feed_forward(layer.ffn)


def _norm(spec: object) -> None:
    spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _linear(spec: object, rows: int, columns: int, weight: np.ndarray | None = None) -> None:
    spec.weight = np.zeros((rows, columns), np.float32) if weight is None else weight
    spec.bias = np.zeros(rows, np.float32)


def _attention(spec: object, *, cross: bool) -> None:
    """Without weights it looks at everything alike; across, it hands on the mean of what was heard."""
    _norm(spec.layer_norm)
    heard = np.zeros((WIDTH, WIDTH), np.float32)
    heard[PLACES:, PLACES:] = np.eye(WIDTH - PLACES)
    if cross:
        _linear(spec.linear[0], WIDTH, WIDTH)
        _linear(spec.linear[1], 2 * WIDTH, WIDTH, np.concatenate([np.zeros_like(heard), heard]))
        _linear(spec.linear[2], WIDTH, WIDTH, 4 * heard)
    else:
        _linear(spec.linear[0], 3 * WIDTH, WIDTH)
        _linear(spec.linear[1], WIDTH, WIDTH)


def _feed_forward(spec: object) -> None:
    _norm(spec.layer_norm)
    _linear(spec.linear_0, WIDTH, WIDTH)
    _linear(spec.linear_1, WIDTH, WIDTH)
