"""`tesuki tokenizer train` and `tesuki tokenizer show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.errors import RequestError, WorkError, in_field
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.tokens.training_texts import training_texts
from tesuki.tokenize.fertility import Fertility, fertility_of
from tesuki.tokenize.segmentation import WordsBy, require_words
from tesuki.tokenize.tokenizers import Tokenizer, open_tokenizer
from tesuki.tokenize.training import DEFAULT_MAXIMUM_CHARACTERS, train_sentencepiece

SHOW_HEADER = ("subset", "documents", "characters", "tokens", "tokens_a_character", "bytes_a_character", "ratio")
"""Columns of `show`: fertility beside the byte-level baseline, and how many times fewer tokens that is."""


def train_tokenizer(
    corpus: Path,
    output: Path,
    *,
    vocabulary_size: int,
    words_by: WordsBy = "dictionary",
    seed: int = 0,
    maximum_characters: int = DEFAULT_MAXIMUM_CHARACTERS,
) -> Tokenizer:
    """Learn a SentencePiece model from the documents of a finished corpus that may be trained on; write it.

    Raises `RequestError` for a wrong file name or no corpus, `WorkError` where the text does not fit the vocabulary.
    """
    with in_field("--words"):
        require_words(words_by)
    if output.suffix != ".model":
        raise RequestError(f"--output {output}: expected a name that ends in .model")
    read_manifest(corpus)
    texts = training_texts(corpus / "documents")
    try:
        model = train_sentencepiece(
            texts,
            vocabulary_size=vocabulary_size,
            words_by=words_by,
            seed=seed,
            maximum_characters=maximum_characters,
        )
    except ValueError as failure:
        raise WorkError(f"{corpus}: {failure}") from None
    write_bytes(output, model)
    return open_tokenizer(output)


def show_tokenizer(tokenizer: Tokenizer, corpus: Path | None) -> Iterator[str]:
    """What a tokenizer is, and, where a corpus is given, its fertility by subset; tab-separated lines."""
    yield f"path\t{tokenizer.path}"
    yield f"sha256\t{tokenizer.fingerprint}"
    yield f"vocabulary_size\t{tokenizer.vocabulary_size}"
    yield f"dtype\t{tokenizer.dtype}"
    contract = tokenizer.contract
    yield f"document\t{contract.form} (bos {contract.bos}, eos {contract.eos})"
    if corpus is not None:
        read_manifest(corpus)
        yield ""
        rows = [
            (name, fertility_of(tokenizer, training_texts(corpus / "documents", name))) for name in subsets_of(corpus)
        ]
        yield from fertility_lines(rows)


def fertility_lines(rows: Sequence[tuple[str, Fertility]]) -> Iterator[str]:
    """A table of fertility by subset, ending with the sum."""
    yield "\t".join(SHOW_HEADER)
    total = sum((fertility for _, fertility in rows), Fertility())
    for name, fertility in (*rows, ("total", total)):
        ratio = fertility.bytes / fertility.tokens if fertility.tokens else 0.0
        yield "\t".join(
            (
                name,
                str(fertility.documents),
                str(fertility.characters),
                str(fertility.tokens),
                f"{float(fertility.tokens_a_character):.4f}",
                f"{float(fertility.bytes_a_character):.4f}",
                f"{ratio:.2f}",
            )
        )


def subsets_of(corpus: Path) -> list[str]:
    """The subsets whose documents lie in a corpus, sorted."""
    return sorted(path.name for path in (corpus / "documents").iterdir() if path.is_dir())
