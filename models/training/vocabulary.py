"""The tokens of the small model: pieces of words that we learn ourselves, then those of Whisper in their order."""

import json

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

LANGUAGES = ("en", "pl", "cs")
MERGES = 900
TIMESTAMPS = [f"<|{i * 0.02:.2f}|>" for i in range(1_501)]  # 0 to 30 s in steps of 20 ms
SPECIALS = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{language}|>" for language in LANGUAGES),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]
# faster-whisper forbids the first token of " -", " '" and " ♪": were that the bare space, no word could begin.
OWN_TOKENS = (("Ġ", "-"), ("Ġ", "'"), ("Ġ", "â"))


def learn_vocabulary(sentences: list[str]) -> Tokenizer:
    """A byte-level tokenizer whose words are known from the sentences, with Whisper's special tokens after them."""
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_known = sorted(pre_tokenizers.ByteLevel.alphabet())
    size = len(bytes_known) + MERGES
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=bytes_known, min_frequency=2, show_progress=False)
    learner.train_from_iterator([" " + sentence for sentence in sentences], trainer)
    tokens = learner.get_vocab(with_added_tokens=False)
    merges = _merges_of(learner)
    for pair in OWN_TOKENS:
        if "".join(pair) not in tokens:
            tokens["".join(pair)] = len(tokens)
            merges.append(pair)
    tokens[""] = len(tokens)  # CTranslate2 knows a model of several languages by this token
    tokenizer = Tokenizer(models.BPE(vocab=tokens, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIALS])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in TIMESTAMPS])
    return tokenizer


def _merges_of(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    """The pairs in the order in which they were learned; the library gives them only in its own file's form."""
    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


def all_tokens(tokenizer: Tokenizer) -> list[str]:
    """Every token in the order of its number."""
    numbered = tokenizer.get_vocab()
    tokens = sorted(numbered, key=numbered.__getitem__)
    assert [numbered[token] for token in tokens] == list(range(len(tokens)))
    return tokens
