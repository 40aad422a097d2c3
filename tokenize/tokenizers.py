"""Tokenizers by path: one shape for SentencePiece and Hugging Face files."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from .document_contract import DocumentContract, DocumentForm
from .huggingface_tokenizer import open_huggingface
from .sentencepiece_tokenizer import open_sentencepiece
from .token_width import TokenArray, TokenDtype


class Tokenizer(Protocol):
    """Text to ids and back, with everything a shard must say about its ids."""

    @property
    def path(self) -> Path:
        """The file it was opened from."""

    @property
    def fingerprint(self) -> str:
        """What its files hash to; see `tesuki.tokenize.tokenizer_files.fingerprint_of`."""

    @property
    def vocabulary_size(self) -> int:
        """One more than the largest id."""

    @property
    def dtype(self) -> TokenDtype:
        """The width ids are stored in."""

    @property
    def contract(self) -> DocumentContract:
        """How a document begins and ends."""

    def encode(self, text: str) -> TokenArray:
        """The ids of the text alone, never a control token whatever the text says."""

    def encode_document(self, text: str) -> TokenArray:
        """The ids of a document: its text framed by the contract."""

    def decode(self, ids: TokenArray) -> str:
        """The text of ids; control tokens (BOS, EOS) give no text."""


def open_tokenizer(path: Path | str, form: DocumentForm = "bos text eos") -> Tokenizer:
    """Open a SentencePiece ``.model`` or a Hugging Face ``tokenizer.json``.

    Open it where it is used (a worker's ``setup``): it is cheap, and pickles as its path and form. Raises
    ValueError for a file that is neither or cannot serve ``form``, FileNotFoundError for a missing one.
    """
    path = Path(path)
    if path.suffix == ".model":
        return open_sentencepiece(path, form)
    if path.suffix == ".json":
        return open_huggingface(path, form)
    raise ValueError(
        f"{path}: expected a SentencePiece model (name.model) or a Hugging Face tokenizer (tokenizer.json)"
    )
