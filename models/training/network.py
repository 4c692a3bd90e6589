"""Whisper itself, small, in the order in which CTranslate2 wants its weights."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, HEADS, HIDDEN = 128, 2, 512  # two heads cost half of what four do on a processor
ENCODER_LAYERS, DECODER_LAYERS = 3, 2
MELS, AUDIO_POSITIONS, TEXT_POSITIONS = 80, 1_500, 448
TIME_SCALE = 0.08  # of the timestamps' embeddings at the beginning
GUIDED_LAYER, GUIDED_HEAD = 1, 0  # this cross-attention head learns where each word is: the head for word times


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's fixed encoding of the positions in the sound."""
    step = math.log(10_000) / (width // 2 - 1)
    scaled = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(width // 2))[None]
    return torch.cat([scaled.sin(), scaled.cos()], 1)


class Attention(nn.Module):
    """Attention of a sequence to itself, or to the sound when there is a source."""

    def __init__(self, *, to_source: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH) if to_source else None
        self.fused = nn.Linear(WIDTH, (2 if to_source else 3) * WIDTH)  # keys and values, queries before them if own
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(
        self, x: Tensor, source: Tensor | None = None, *, causal: bool = False
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The sum with what was attended to, and the queries and keys by head."""
        normed = self.norm(x)
        if self.query is None or source is None:
            query, key, value = self.fused(normed).chunk(3, -1)
        else:
            query = self.query(normed)
            key, value = self.fused(source).chunk(2, -1)
        query, key, value = (_by_head(part) for part in (query, key, value))
        if causal:
            attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:  # written out: on a processor faster than PyTorch's own at this size
            scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
            attended = scores.softmax(-1, dtype=scores.dtype) @ value
        return x + self.out(attended.transpose(1, 2).flatten(2)), query, key


def _by_head(x: Tensor) -> Tensor:
    return x.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)


class FeedForward(nn.Module):
    """The two linear layers after each attention."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.wide = nn.Linear(WIDTH, HIDDEN)
        self.narrow = nn.Linear(HIDDEN, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.narrow(F.gelu(self.wide(self.norm(x))))


class EncoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.feed_forward = Attention(to_source=False), FeedForward()

    def forward(self, x: Tensor) -> Tensor:
        return self.feed_forward(self.attention(x)[0])


class DecoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.cross, self.feed_forward = (
            Attention(to_source=False),
            Attention(to_source=True),
            FeedForward(),
        )

    def forward(self, x: Tensor, sound: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, query, key = self.cross(self.attention(x, causal=True)[0], sound)
        return self.feed_forward(x), query, key


@dataclass(frozen=True)
class Answers:
    """What one pass gives: token scores, phoneme scores of each position, and where the guided head looked (log)."""

    tokens: Tensor
    phonemes: Tensor
    looked_at: Tensor


class Whisper(nn.Module):
    """The whole network, with a head for phonemes that is only used while it learns."""

    positions: Tensor

    def __init__(self, *, tokens: int, phonemes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("positions", sinusoids(AUDIO_POSITIONS, WIDTH))
        self.encoder = nn.ModuleList(EncoderLayer() for _ in range(ENCODER_LAYERS))
        self.encoder_norm = nn.LayerNorm(WIDTH)
        self.phoneme_head = nn.Linear(WIDTH, phonemes)
        self.embedding = nn.Embedding(tokens, WIDTH)
        self.text_positions = nn.Parameter(torch.randn(TEXT_POSITIONS, WIDTH) * 0.01)
        self.decoder = nn.ModuleList(DecoderLayer() for _ in range(DECODER_LAYERS))
        self.decoder_norm = nn.LayerNorm(WIDTH)
        nn.init.normal_(self.embedding.weight, std=0.02)
        with torch.no_grad():  # times begin like the positions that they name: neighbours look alike from the start
            times = AUDIO_POSITIONS + 1
            self.embedding.weight[-times:] = TIME_SCALE * sinusoids(times, WIDTH)

    def encode(self, mel: Tensor, offsets: Tensor) -> Tensor:
        """Listen; each window may stand anywhere among the 1,500 positions, so that short ones teach late times too."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel.transpose(1, 2))))).transpose(1, 2)
        x = x + self.positions[offsets[:, None] + torch.arange(x.shape[1])[None]]
        for layer in self.encoder:
            x = layer(x)
        return self.encoder_norm(x)

    def forward(self, mel: Tensor, offsets: Tensor, tokens: Tensor, rows: Tensor) -> Answers:
        """Answer; rows says which window each row of tokens belongs to."""
        sound = self.encode(mel, offsets)
        source = sound[rows]
        x = self.embedding(tokens) + self.text_positions[: tokens.shape[1]]
        for number, layer in enumerate(self.decoder):
            x, query, key = layer(x, source)
            if number == GUIDED_LAYER:
                scores = query[:, GUIDED_HEAD] @ key[:, GUIDED_HEAD].transpose(1, 2) / math.sqrt(WIDTH // HEADS)
        logits = self.decoder_norm(x) @ self.embedding.weight.T
        return Answers(logits, self.phoneme_head(sound), scores.float().log_softmax(-1))
