"""A SentencePiece model as a tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sentencepiece

from .document_contract import DocumentContract, DocumentForm, contract_for
from .token_width import TokenArray, token_dtype


class SentencePieceTokenizer:
    """See `tesuki.tokenize.tokenizers.Tokenizer`. Encoding releases the interpreter lock."""

    def __init__(self, path: Path, form: DocumentForm) -> None:
        model = path.read_bytes()
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        except RuntimeError as error:
            raise ValueError(f"{path}: not a SentencePiece model ({error})") from error
        self.path = path
        self.fingerprint = hashlib.sha256(model).hexdigest()
        self.vocabulary_size = int(self._processor.vocab_size())
        self.dtype = token_dtype(self.vocabulary_size)
        # SentencePiece says -1 for a control token the model does not have.
        bos, eos = (token if token >= 0 else None for token in (self._processor.bos_id(), self._processor.eos_id()))
        self.contract: DocumentContract = contract_for(form, bos, eos, str(path))

    def __reduce__(self) -> tuple[Callable[..., SentencePieceTokenizer], tuple[Path, DocumentForm]]:
        return open_sentencepiece, (self.path, self.contract.form)

    def encode(self, text: str) -> TokenArray:
        return np.asarray(self._processor.encode_as_numpy(text)).astype(self.dtype)

    def encode_document(self, text: str) -> TokenArray:
        return self.contract.frame(self.encode(text))

    def decode(self, ids: TokenArray) -> str:
        return str(self._processor.decode(ids.tolist()))


def open_sentencepiece(path: Path, form: DocumentForm) -> SentencePieceTokenizer:
    """Open a ``.model`` file; ValueError where it is not one or lacks what ``form`` needs."""
    return SentencePieceTokenizer(path, form)
