"""The contract on where a document begins and ends in the token stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from .token_width import TokenArray

DocumentForm = Literal["bos text eos", "bos text", "text eos", "text"]
"""What a document looks like in ids. LLM-jp's corpora are ``bos text eos`` (Llama tokenizer with
--append-eod)."""


@dataclass(frozen=True, slots=True)
class DocumentContract:
    """The form of every document and the ids it uses; written into each shard, checked by the reader.

    ``bos`` and ``eos`` are the ids that stand before and after the text, None where the form has none.
    """

    form: DocumentForm
    bos: int | None
    eos: int | None

    def __post_init__(self) -> None:
        if self.form not in get_args(DocumentForm):
            raise ValueError(f"document form {self.form!r}; expected one of {', '.join(get_args(DocumentForm))}")
        words = self.form.split()
        for word, token in (("bos", self.bos), ("eos", self.eos)):
            if (word in words) != (token is not None):
                raise ValueError(
                    f"document form {self.form!r} with {word} id {token}: the form asks for {word} "
                    "exactly where an id is given; choose a form the vocabulary can serve"
                )

    def frame(self, text_ids: TokenArray) -> TokenArray:
        """The ids of a whole document, from the ids of its text."""
        before = 0 if self.bos is None else 1
        after = 0 if self.eos is None else 1
        framed = np.empty(text_ids.size + before + after, dtype=text_ids.dtype)
        framed[before : before + text_ids.size] = text_ids
        if self.bos is not None:
            framed[0] = self.bos
        if self.eos is not None:
            framed[-1] = self.eos
        return framed

    def is_kept_by(self, document_ids: TokenArray) -> bool:
        """Whether a whole document's ids begin and end as the contract says."""
        before = 0 if self.bos is None else 1
        after = 0 if self.eos is None else 1
        return (
            document_ids.size >= before + after
            and (self.bos is None or int(document_ids[0]) == self.bos)
            and (self.eos is None or int(document_ids[-1]) == self.eos)
        )


def document_form(name: str) -> DocumentForm:
    """The form called ``name``. Raises ValueError where there is none."""
    for form in get_args(DocumentForm):
        if form == name:
            return cast(DocumentForm, form)
    raise ValueError(f"document form {name!r}; expected one of {', '.join(get_args(DocumentForm))}")


class NoBoundaryError(ValueError):
    """A vocabulary lacks the BOS or EOS that a document form needs."""


def contract_for(form: DocumentForm, bos: int | None, eos: int | None, vocabulary: str) -> DocumentContract:
    """The contract of ``form`` over a vocabulary that offers ``bos`` and ``eos`` (None where it has none).

    ``vocabulary`` names the tokenizer file in the message. Raises `NoBoundaryError` where the form
    needs an id the vocabulary lacks.
    """
    words = form.split()
    for word, token in (("bos", bos), ("eos", eos)):
        if word in words and token is None:
            raise NoBoundaryError(
                f"{vocabulary}: has no {word.upper()} token, which the document form {form!r} needs; "
                f"use one of: {', '.join(f for f in get_args(DocumentForm) if word not in f.split())}"
            )
    return DocumentContract(form, bos if "bos" in words else None, eos if "eos" in words else None)
