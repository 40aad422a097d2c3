"""Learning a tokenizer from the corpus' own documents."""

from __future__ import annotations

import hashlib
import heapq
import io
import re
import tempfile
from collections.abc import Iterable
from typing import Any

import sentencepiece

from .model_bytes import without_seed_path
from .seed_pieces import MAXIMUM_PIECE, seed_file, seed_pieces
from .segmentation import WORDS_BY, WordsBy, count_words

DEFAULT_MAXIMUM_CHARACTERS = 50_000_000
"""Characters a tokenizer is learnt from: 0.15 GB of Japanese. LLM-jp samples 1 GB from each of five
sources."""

TRAINER_SETTINGS: dict[str, Any] = {
    "model_type": "unigram",
    "byte_fallback": True,
    "split_digits": True,
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "allow_whitespace_only_pieces": True,
    "add_dummy_prefix": False,
    "max_sentencepiece_length": MAXIMUM_PIECE,
    "max_sentence_length": 65_536,
    "user_defined_symbols": ["\n"],
    "required_chars": "▁",
    "unk_id": 0,
    "bos_id": 1,
    "eos_id": 2,
    "pad_id": -1,
    "num_threads": 4,
    "minloglevel": 2,
}
"""How LLM-jp trains its SentencePiece models (llm-jp-tokenizer, scripts/howToCreateModel_ver2.md): unigram,
byte fallback, single digits, no normalisation, white space kept, newline a piece of its own. One model
serves all languages here, no prefix is added, and the space (U+2581 to SentencePiece) is a piece however rare it is,
so that text → ids → text is the identity. The thread
count is fixed because it is stored in the model: the bytes must not depend on the machine."""

_TOO_HIGH = re.compile(r"Vocabulary size too high \(\d+\)\. Please set it to a value <= (\d+)")
_TOO_LOW = re.compile(r"Vocabulary size is smaller than required_chars\. \d+ vs (\d+)")


class VocabularyTooLargeError(ValueError):
    """The text has fewer pieces than the vocabulary asked for; ``largest`` is what it can fill."""

    def __init__(self, asked: int, largest: int) -> None:
        super().__init__(
            f"vocabulary size {asked} is too large for this text, which has pieces for at most {largest}; "
            "ask for no more than that, or train on more text"
        )
        self.largest = largest


def train_sentencepiece(
    texts: Iterable[str],
    *,
    vocabulary_size: int,
    words_by: WordsBy = "dictionary",
    seed: int = 0,
    maximum_characters: int = DEFAULT_MAXIMUM_CHARACTERS,
) -> bytes:
    """The bytes of a SentencePiece model with exactly ``vocabulary_size`` entries, learnt from ``texts``.

    No piece crosses a word: of the dictionary (UniDic) or a run of one script for Japanese, between spaces elsewhere.
    The model itself encodes plain text and knows nothing of words.

    Where there are more than ``maximum_characters``, a sample of whole texts chosen by ``seed`` stands for
    them; memory is bounded by it. The same texts and seed give the same bytes, in whatever order the texts
    come. Raises ValueError where the texts cannot fill or do not fit the vocabulary, naming the size that
    would do.
    """
    sample = sample_texts(texts, seed=seed, maximum_characters=maximum_characters)
    if not any(text.strip() for text in sample):
        raise ValueError("no text to learn a tokenizer from; check the inputs and the use they may be put to")
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as seeds:
        seeds.write(seed_file(seed_pieces(count_words(sample, WORDS_BY[words_by]))))
        seeds.flush()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=(line for text in sample for line in text.splitlines()),
                seed_sentencepieces_file=seeds.name,
                model_writer=model,
                vocab_size=vocabulary_size,
                **TRAINER_SETTINGS,
            )
        except RuntimeError as error:
            if too_high := _TOO_HIGH.search(str(error)):
                raise VocabularyTooLargeError(vocabulary_size, int(too_high[1])) from error
            raise ValueError(_explained(str(error), vocabulary_size)) from error
    return without_seed_path(model.getvalue())


def sample_texts(texts: Iterable[str], *, seed: int, maximum_characters: int) -> list[str]:
    """The fewest texts, smallest seeded hash first, that together hold ``maximum_characters`` (all, if they
    don't).

    Independent of the order of ``texts``; holds at most the sample and one text in memory.
    """
    kept: list[tuple[int, str]] = []  # largest hash on top
    characters = 0
    for text in texts:
        digest = hashlib.blake2b(text.encode(), digest_size=8, key=seed.to_bytes(8, "big", signed=True)).digest()
        heapq.heappush(kept, (-int.from_bytes(digest, "big"), text))
        characters += len(text)
        while characters - len(kept[0][1]) >= maximum_characters:
            characters -= len(heapq.heappop(kept)[1])
    return [text for _, text in sorted(kept, reverse=True)]


def _explained(message: str, vocabulary_size: int) -> str:
    """SentencePiece's message on a vocabulary that does not suit the text, in the reader's terms."""
    if too_low := _TOO_LOW.search(message):
        return (
            f"vocabulary size {vocabulary_size} is too small: the text's characters and the byte pieces "
            f"already need {too_low[1]}; ask for more than that"
        )
    return f"SentencePiece could not learn a vocabulary of {vocabulary_size}: {message}"
