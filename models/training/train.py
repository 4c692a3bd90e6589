"""Train the tiny Whisper of the sample and the tests on speech from espeak-ng: python -m models.training.train

Everything is made here: sentences, speech, vocabulary and weights. The same seed makes the same sentences and sound;
the weights come out the same only up to the order in which the processor adds.
"""

import argparse
import pickle
import random
import time
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from models.training.batches import IGNORED, Batch, BatchMaker
from models.training.export import write_model
from models.training.network import Answers, Whisper
from models.training.sentences import training_sentences
from models.training.vocabulary import LANGUAGES, all_tokens, learn_vocabulary
from models.training.windows import PAUSE, Studio, Utterance

SENTENCES = {"en": 3_600, "pl": 1_500, "cs": 1_500}
PHONEME_WEIGHT, GUIDE_WEIGHT, SMOOTHING = 0.5, 0.3, 0.02
MATRIX_RATE, OTHER_RATE = 2e-3, 2e-3
COOLING = 0.4  # the share of the steps, at the end, over which the learning rate falls to nothing
WARMING = 100  # steps
SAVE_EVERY = 250  # steps


def _speak_all(job: tuple[int, list[tuple[str, str]]]) -> list[tuple[Utterance, tuple[str, ...]]]:
    seed, sentences = job
    studio = Studio(seed)
    return [studio.speak(language, text) for language, text in sentences]


def make_speech(sentences: list[tuple[str, str]], *, processes: int, seed: int) -> tuple[list[Utterance], list[str]]:
    """Every sentence spoken once, and the phonemes that occur ('' first: nobody speaks)."""
    parts = [
        (seed + i, sentences[i::8]) for i in range(8)
    ]  # always eight, so that the voices do not depend on the machine
    with get_context("spawn").Pool(processes) as pool:
        spoken = [pair for part in pool.map(_speak_all, parts, chunksize=1) for pair in part]
    phonemes = ["", *sorted({name for _, names in spoken for name in names} - {""})]
    numbers = {name: number for number, name in enumerate(phonemes)}
    assert numbers[""] == PAUSE
    return [
        replace(utterance, phonemes=torch.tensor([numbers[name] for name in names]).numpy())
        for utterance, names in spoken
    ], phonemes


def prepare(folder: Path, *, processes: int, seed: int) -> tuple[Tokenizer, dict[str, list[Utterance]], list[str]]:
    """Sentences, vocabulary and speech; kept in the folder, so that a second run begins at once."""
    kept = folder / "speech.pickle"
    if not kept.exists():
        chance = random.Random(seed)
        texts = [(lang, text) for lang, count in SENTENCES.items() for text in training_sentences(lang, count, chance)]
        utterances, phonemes = make_speech(texts, processes=processes, seed=seed)
        folder.mkdir(parents=True, exist_ok=True)
        learn_vocabulary([text for _, text in texts]).save(str(folder / "tokenizer.json"))
        kept.write_bytes(pickle.dumps((utterances, phonemes)))
    utterances, phonemes = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file, written above
    by_language = {name: [said for said in utterances if said.language == name] for name in LANGUAGES}
    return Tokenizer.from_file(str(folder / "tokenizer.json")), by_language, phonemes


def loss_of(answers: Answers, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """What is wrong with the tokens, with the phonemes of each position, and with where the guided head looks."""
    tokens = F.cross_entropy(
        answers.tokens.float().flatten(0, 1), batch.answers.flatten(), ignore_index=IGNORED, label_smoothing=SMOOTHING
    )
    phonemes = F.cross_entropy(answers.phonemes.float().flatten(0, 1), batch.phonemes.flatten())
    position = torch.arange(answers.looked_at.shape[-1])
    first, last = batch.places[..., :1], batch.places[..., 1:]
    inside = (position >= first) & (position <= last)
    guided = inside.any(-1)
    looked = answers.looked_at.masked_fill(~inside, -1e4)[guided].logsumexp(-1)
    return tokens, phonemes, -looked.mean() if len(looked) else tokens * 0


def make_optimizers(network: Whisper) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the rest."""
    layers = [*network.encoder.parameters(), *network.decoder.parameters()]
    matrices = [parameter for parameter in layers if parameter.ndim == 2]
    chosen = {id(parameter) for parameter in matrices}
    others = [parameter for parameter in network.parameters() if id(parameter) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=MATRIX_RATE, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.01),
    ]


def rate_at(step: int, steps: int) -> float:
    """The share of the full learning rate: rising, level, then falling to nothing at the last step."""
    return min(1.0, (step + 1) / WARMING, (steps - step) / (COOLING * steps))


def train(network: Whisper, maker: BatchMaker, folder: Path, steps: int) -> None:
    """Train up to this many steps, going on from a saved state if there is one."""
    optimizers = make_optimizers(network)
    saved, first = folder / "state.pt", 0
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        network.load_state_dict(state["network"])
        for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        first = state["step"]
        maker.begin_at(first)
    began = time.monotonic()
    for step in range(first, steps):
        for optimizer, full in zip(optimizers, (MATRIX_RATE, OTHER_RATE), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = full * rate_at(step, steps)
        batch = maker.make()
        with torch.autocast("cpu", torch.bfloat16):
            answers = network(batch.mel, batch.offsets, batch.tokens, batch.rows)
        tokens, phonemes, guide = loss_of(answers, batch)
        (tokens + PHONEME_WEIGHT * phonemes + GUIDE_WEIGHT * guide).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if (step + 1) % 25 == 0:
            each = (time.monotonic() - began) / (step + 1 - first)
            print(f"{step + 1} {each:.2f}s {tokens:.3f} {phonemes:.3f} {guide:.3f} {batch.mel.shape[1]}", flush=True)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            kept = [optimizer.state_dict() for optimizer in optimizers]
            torch.save({"network": network.state_dict(), "optimizers": kept, "step": step + 1}, saved)


def main() -> None:
    """Read the command line and make the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("models/tiny-espeak"), help="folder for the model")
    parser.add_argument("--work", type=Path, default=Path("build/tiny-espeak"), help="folder for speech and state")
    parser.add_argument("--steps", type=int, default=4_600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only-export", action="store_true", help="write the saved state as it is")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    began = time.monotonic()
    tokenizer, utterances, phonemes = prepare(options.work, processes=options.threads, seed=options.seed)
    print(f"speech ready after {time.monotonic() - began:.0f} s, {len(phonemes)} phonemes", flush=True)
    network = Whisper(tokens=len(all_tokens(tokenizer)), phonemes=len(phonemes))
    if options.only_export:
        network.load_state_dict(torch.load(options.work / "state.pt", weights_only=True)["network"])
    else:
        train(network, BatchMaker(tokenizer, utterances, options.seed), options.work, options.steps)
    write_model(network, tokenizer, options.out)


if __name__ == "__main__":
    main()
