"""A Hugging Face ``tokenizer.json`` as a tokenizer. Needs the optional dependency `tokenizers`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .document_contract import DocumentContract, DocumentForm, contract_for
from .token_width import TokenArray, token_dtype
from .tokenizer_files import CONFIG, fingerprint_of

BOUNDARY_NAMES = {
    "bos_token": ("<s>", "<|begin_of_text|>", "<|startoftext|>", "<bos>", "[CLS]"),
    "eos_token": ("</s>", "<|end_of_text|>", "<|endoftext|>", "<|eod|>", "<eos>", "[SEP]"),
}
"""Names of the boundary tokens of Llama, Llama 3, LLM-jp, Gemma, GPT-2 and BERT vocabularies, in the order
they are tried where no ``tokenizer_config.json`` beside the file names them (``tokenizer.json`` itself has
no such field)."""


class HuggingFaceTokenizer:
    """See `tesuki.tokenize.tokenizers.Tokenizer`."""

    def __init__(self, path: Path, form: DocumentForm) -> None:
        try:
            import tokenizers
        except ImportError as error:
            raise ValueError(
                f"{path}: Hugging Face tokenizers need the package `tokenizers`; install tesuki[huggingface]"
            ) from error
        content = path.read_bytes()
        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(content)
        except Exception as error:  # the binding raises bare Exception on a file it cannot read
            raise ValueError(f"{path}: not a Hugging Face tokenizer.json ({error})") from error
        # A saved tokenizer may carry a model's truncation and padding; a corpus wants the whole text.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        # Without this, a page that writes "</s>" would end its own document.
        self._tokenizer.encode_special_tokens = True
        self.path = path
        self.fingerprint = fingerprint_of(path)
        self.vocabulary_size = 1 + max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
        self.dtype = token_dtype(self.vocabulary_size)
        names = _boundary_names(path)
        bos, eos = (
            next((i for i in map(self._tokenizer.token_to_id, names[kind]) if i is not None), None)
            for kind in ("bos_token", "eos_token")
        )
        self.contract: DocumentContract = contract_for(form, bos, eos, str(path))

    def __reduce__(self) -> tuple[Callable[..., HuggingFaceTokenizer], tuple[Path, DocumentForm]]:
        return open_huggingface, (self.path, self.contract.form)

    def encode(self, text: str) -> TokenArray:
        return np.array(self._tokenizer.encode(text, add_special_tokens=False).ids, dtype=self.dtype)

    def encode_document(self, text: str) -> TokenArray:
        return self.contract.frame(self.encode(text))

    def decode(self, ids: TokenArray) -> str:
        return str(self._tokenizer.decode(ids.tolist(), skip_special_tokens=True))


def _boundary_names(path: Path) -> dict[str, tuple[str, ...]]:
    """The names to look up for BOS and EOS: those of ``tokenizer_config.json`` beside the file, else the
    usual."""
    config = path.with_name(CONFIG)
    if not config.is_file():
        return BOUNDARY_NAMES
    try:
        settings: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
        return {kind: _named(settings.get(kind)) for kind in BOUNDARY_NAMES}
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{config}: expected a JSON object with bos_token and eos_token ({error})") from error


def _named(token: object) -> tuple[str, ...]:
    """A token as the config writes it: a string, an object with its ``content``, or null."""
    content = token.get("content") if isinstance(token, dict) else token
    if content is not None and not isinstance(content, str):
        raise ValueError(f"found the boundary token {token!r}")
    return () if content is None else (content,)


def open_huggingface(path: Path, form: DocumentForm) -> HuggingFaceTokenizer:
    """Open a ``tokenizer.json``; ValueError where it is not one or lacks what ``form`` needs."""
    return HuggingFaceTokenizer(path, form)
