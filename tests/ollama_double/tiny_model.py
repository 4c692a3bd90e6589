"""A real model of less than a megabyte, made of chance numbers: it says nothing sensible, quickly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np

WIDTH, LAYERS, HIDDEN, CONTEXT = 64, 2, 128, 32_768
ONE_HEAD = 1  # several make long prompts slow
BYTE_TOKENS = range(3, 259)
UNLIKELY = -40.0
CARRIER = 8.0  # dimension 0 is the same for all tokens, so that its output weights are a bias for each token
LETTERS = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽ–—„”…"
SYLLABLES = [first + second for first in "bcdfghjklmnprstwzłżčřš" for second in "aeiouyąęóáěí"]
WORDS = ["nie", "prze", "przy", "ość", "ego", "ach", "the", "ing", "and", "tion", "▁the", "▁nie", "▁na", "▁do", "▁je"]


def write_tiny_model(path: Path, seed: int = 7) -> None:
    """A Llama of two layers with a SentencePiece vocabulary of bytes, letters and syllables."""
    chance = np.random.default_rng(seed)
    texts, types = _vocabulary()
    writer = gguf.GGUFWriter(str(path), "llama")
    _write_shape(writer, texts, types)
    _write_layers(writer, chance)
    embedding = chance.standard_normal((len(texts), WIDTH)).astype(np.float32)
    embedding[:, 0] = CARRIER
    output = _weights(chance, len(texts), WIDTH, scale=0.25)
    output[:, 0] = _bias(len(texts))
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", output)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary() -> tuple[list[bytes], list[int]]:
    normal = [f"▁{syllable}" for syllable in SYLLABLES] + SYLLABLES + WORDS
    normal += ["▁", *map(chr, range(33, 127)), *LETTERS]
    texts = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{byte:02X}>".encode() for byte in range(256)]
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL] + [gguf.TokenType.BYTE] * 256
    words = list(dict.fromkeys(normal))
    return texts + [word.encode() for word in words], [*types, *[gguf.TokenType.NORMAL] * len(words)]


def _write_shape(writer: Any, texts: list[bytes], types: list[int]) -> None:
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(ONE_HEAD)
    writer.add_rope_dimension_count(WIDTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(texts))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(texts)
    writer.add_token_scores([-float(number) for number in range(len(texts))])
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


def _write_layers(writer: Any, chance: np.random.Generator) -> None:
    shapes = {"attn_q": (WIDTH, WIDTH), "attn_k": (WIDTH, WIDTH), "attn_v": (WIDTH, WIDTH)}
    shapes |= {"ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH)}
    into_stream = {"attn_output": (WIDTH, WIDTH), "ffn_down": (WIDTH, HIDDEN)}
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", _weights(chance, *shape, scale=0.3))
        for name, shape in into_stream.items():
            weights = _weights(chance, *shape, scale=0.1)
            weights[0] = 0  # the carrier stays as it is
            writer.add_tensor(f"blk.{layer}.{name}.weight", weights)


def _weights(chance: np.random.Generator, *shape: int, scale: float) -> np.ndarray:
    return (chance.standard_normal(shape) * scale).astype(np.float32)


def _bias(tokens: int) -> np.ndarray:
    """Single bytes and control tokens are not said, the end of the text rarely."""
    bias = np.zeros(tokens, np.float32)
    bias[: BYTE_TOKENS.stop] = UNLIKELY
    bias[2] = -1.0
    return bias / 4.0
