"""Tokens per second and peak memory: SentencePiece beside the Hugging Face engine, one vocabulary, one text.

Run with ``python benchmarks/tokenizer_speed.py [--model NAME.model] [--text FILE]``. Without a model one is learnt
from the text; without a text a made-up one is used, so that the figures can be had anywhere. Each engine runs in a
process of its own; the ids of both must be equal, or the run fails.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from tesuki.tokenize.tokenizers import open_tokenizer
from tesuki.tokenize.training import train_sentencepiece

CHARACTERS = 1_000_000
"""Characters encoded by each engine, in documents of `DOCUMENT` characters."""

DOCUMENT = 2_000
"""About the mean length of a Japanese page that passes the quality rules (Swallow v1: 1,804 characters)."""

VOCABULARY = 1_500
"""Entries of a model learnt here."""

ROUNDS = 3
"""The fastest round counts: the others had company on the machine."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did. ``memory`` is the growth of peak resident memory in MB from before it was opened."""

    tokens: int
    seconds: float
    memory: float
    ids: str


def made_up_text(characters: int) -> str:
    """Japanese-looking prose: words of kana and kanji that follow Zipf's law, the same on any machine."""
    chance = random.Random(20_260)
    kana, kanji = (
        "のにはをたがでてとしれさるいもかなこまりあそらく",
        "".join(map(chr, range(0x4E00, 0x5000))),
    )
    words = [
        "".join(chance.choices(kanji, k=chance.randint(1, 3))) + "".join(chance.choices(kana, k=chance.randint(0, 3)))
        for _ in range(5_000)
    ]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    text = "".join(chance.choices([*words, "、", "。\n"], [*weights, 0.6, 0.4], k=characters // 3 + 1))
    return text[:characters]


def rebuilt_for_hugging_face(model: Path, target: Path) -> None:
    """The vocabulary of a SentencePiece model as a ``tokenizer.json``."""
    import tokenizers

    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    pieces = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.vocab_size())]
    rebuilt = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, unk_id=0, byte_fallback=True))
    prefix = [tokenizers.normalizers.Prepend("▁")] if processor.encode("あ", out_type=str)[0][0] == "▁" else []
    rebuilt.normalizer = tokenizers.normalizers.Sequence([*prefix, tokenizers.normalizers.Replace(" ", "▁")])
    # SentencePiece cuts user-defined pieces out before it looks at the rest, as the other engine does added tokens.
    rebuilt.add_tokens([piece for i, (piece, _) in enumerate(pieces) if piece == "\n" and not processor.is_byte(i)])
    rebuilt.add_special_tokens(["<s>", "</s>"])
    rebuilt.save(str(target))


def peak_memory() -> float:
    """The most resident memory this process has had, in MB (Linux; getrusage would count the parent's too)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(path: Path, documents: list[str]) -> Measured:
    """Encode ``documents`` with the tokenizer at ``path``."""
    before = peak_memory()
    tokenizer = open_tokenizer(path)
    fastest = float("inf")
    for _ in range(ROUNDS):
        digest, tokens, started = hashlib.sha256(), 0, time.process_time()
        for document in documents:
            ids = tokenizer.encode_document(document)
            tokens += ids.size
            digest.update(ids.tobytes())
        fastest = min(fastest, time.process_time() - started)
    return Measured(tokens, fastest, peak_memory() - before, digest.hexdigest())


def main() -> int:
    """Print the two engines beside each other; 1 where their ids differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a SentencePiece model; else a small one is learnt")
    parser.add_argument("--text", type=Path, help="a UTF-8 text; else one is made up")
    options = parser.parse_args()
    text = options.text.read_text(encoding="utf-8")[:CHARACTERS] if options.text else made_up_text(CHARACTERS)
    documents = [text[start : start + DOCUMENT] for start in range(0, len(text), DOCUMENT)]
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or Path(folder) / "learnt.model"
        if options.model is None:
            model.write_bytes(train_sentencepiece(documents, vocabulary_size=VOCABULARY))
        rebuilt_for_hugging_face(model, Path(folder) / "tokenizer.json")
        measured = {}
        for engine, path in (("sentencepiece", model), ("hugging face", Path(folder) / "tokenizer.json")):
            with multiprocessing.get_context("spawn").Pool(1) as process:
                measured[engine] = process.apply(measure, (path, documents))
    size = len(text.encode()) / 1e6
    print(
        f"{len(documents)} documents, {len(text):,} characters, {size:.1f} MB; fastest of {ROUNDS}, CPU time, one core"
    )
    print("engine\ttokens\ttokens/s\tMB/s\tpeak MB")
    for engine, result in measured.items():
        rate = f"{result.tokens / result.seconds:,.0f}\t{size / result.seconds:.1f}\t{result.memory:.0f}"
        print(f"{engine}\t{result.tokens:,}\t{rate}")
    ours, theirs = measured.values()
    print(f"ratio\t\t{theirs.seconds / ours.seconds:.1f}x\t\t{ours.memory / theirs.memory:.2f}x")
    if ours.ids != theirs.ids:
        print("the engines' ids differ: the comparison is void", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
