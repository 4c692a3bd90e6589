"""The trained network as a folder that faster-whisper loads: CTranslate2 weights, tokenizer and feature settings."""

import json
from pathlib import Path

import numpy as np
from ctranslate2.specs import whisper_spec
from tokenizers import Tokenizer
from torch import nn

from models.training.network import (
    DECODER_LAYERS,
    ENCODER_LAYERS,
    GUIDED_HEAD,
    GUIDED_LAYER,
    HEADS,
    MELS,
    Attention,
    FeedForward,
    Whisper,
)
from models.training.vocabulary import LANGUAGES, all_tokens

WINDOW_SECONDS = 15  # faster-whisper reads this from the folder and works in windows of this length


def write_model(network: Whisper, tokenizer: Tokenizer, folder: Path) -> None:
    """Write all that faster-whisper needs into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = whisper_spec.WhisperSpec(ENCODER_LAYERS, HEADS, DECODER_LAYERS, HEADS)
    _set_encoder(spec.encoder, network)
    _set_decoder(spec.decoder, network)
    spec.register_vocabulary(all_tokens(tokenizer))
    number = tokenizer.token_to_id
    spec.config.lang_ids = sorted(number(f"<|{language}|>") for language in LANGUAGES)
    spec.config.alignment_heads = [[GUIDED_LAYER, GUIDED_HEAD]]
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [number("Ġ"), number("<|endoftext|>")]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    features = {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": MELS,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": WINDOW_SECONDS,
        "n_fft": 400,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(features, indent=2) + "\n", encoding="utf-8")


def _array(parameter: object) -> np.ndarray:
    return parameter.detach().float().numpy().copy()  # type: ignore[attr-defined]


def _set_plain(spec: object, module: nn.Module) -> None:
    spec.weight, spec.bias = _array(module.weight), _array(module.bias)  # type: ignore[attr-defined]


def _set_norm(spec: object, module: nn.LayerNorm) -> None:
    spec.gamma, spec.beta = _array(module.weight), _array(module.bias)  # type: ignore[attr-defined]


def _set_attention(spec: object, attention: Attention) -> None:
    _set_norm(spec.layer_norm, attention.norm)  # type: ignore[attr-defined]
    inner = [attention.fused] if attention.query is None else [attention.query, attention.fused]
    for linear_spec, linear in zip(spec.linear, [*inner, attention.out], strict=True):  # type: ignore[attr-defined]
        _set_plain(linear_spec, linear)


def _set_feed_forward(spec: object, feed_forward: FeedForward) -> None:
    _set_norm(spec.layer_norm, feed_forward.norm)  # type: ignore[attr-defined]
    _set_plain(spec.linear_0, feed_forward.wide)  # type: ignore[attr-defined]
    _set_plain(spec.linear_1, feed_forward.narrow)  # type: ignore[attr-defined]


def _set_encoder(spec: whisper_spec.WhisperEncoderSpec, network: Whisper) -> None:
    _set_plain(spec.conv1, network.conv1)
    _set_plain(spec.conv2, network.conv2)
    spec.position_encodings.encodings = _array(network.positions)
    _set_norm(spec.layer_norm, network.encoder_norm)
    for layer_spec, layer in zip(spec.layer, network.encoder, strict=True):
        _set_attention(layer_spec.self_attention, layer.attention)
        _set_feed_forward(layer_spec.ffn, layer.feed_forward)


def _set_decoder(spec: object, network: Whisper) -> None:
    spec.embeddings.weight = _array(network.embedding.weight)  # type: ignore[attr-defined]
    spec.projection.weight = _array(network.embedding.weight)  # type: ignore[attr-defined]
    spec.position_encodings.encodings = _array(network.text_positions)  # type: ignore[attr-defined]
    _set_norm(spec.layer_norm, network.decoder_norm)  # type: ignore[attr-defined]
    for layer_spec, layer in zip(spec.layer, network.decoder, strict=True):  # type: ignore[attr-defined]
        _set_attention(layer_spec.self_attention, layer.attention)
        _set_attention(layer_spec.attention, layer.cross)
        _set_feed_forward(layer_spec.ffn, layer.feed_forward)
