"""What every shard says of itself, in its Arrow schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

import pyarrow as pa

from .document_contract import DocumentContract, DocumentForm
from .repeats import parse_repeats
from .splits import Split
from .token_width import TokenDtype, token_dtype
from .tokenizers import Tokenizer

FORMAT = "tesuki-shard/1"
_PREFIX = "tesuki."


@dataclass(frozen=True, slots=True)
class TokenizerStamp:
    """Which tokenizer made the ids, and by which contract: the same for every shard of a corpus."""

    fingerprint: str
    vocabulary_size: int
    contract: DocumentContract

    @property
    def dtype(self) -> TokenDtype:
        """The width the vocabulary asks for."""
        return token_dtype(self.vocabulary_size)


@dataclass(frozen=True, slots=True)
class ShardMetadata:
    """A shard's place in the corpus. ``repeats`` is the subset's ratio as the recipe writes it, exact."""

    tokenizer: TokenizerStamp
    subset: str
    split: Split
    repeats: str

    def __post_init__(self) -> None:
        parse_repeats(self.repeats)
        if self.split not in get_args(Split):
            raise ValueError(f"split {self.split!r}; expected one of {', '.join(get_args(Split))}")


def stamp_of(tokenizer: Tokenizer) -> TokenizerStamp:
    """The stamp of an open tokenizer."""
    return TokenizerStamp(tokenizer.fingerprint, tokenizer.vocabulary_size, tokenizer.contract)


def shard_schema(metadata: ShardMetadata) -> pa.Schema:
    """Columns ``id`` (string), ``input_ids`` (list of uint16 or uint32), ``length`` (uint32), and the metadata."""
    stamp = metadata.tokenizer
    written = {
        "format": FORMAT,
        "tokenizer": stamp.fingerprint,
        "vocabulary_size": str(stamp.vocabulary_size),
        "dtype": str(stamp.dtype),
        "contract": stamp.contract.form,
        "bos": _written(stamp.contract.bos),
        "eos": _written(stamp.contract.eos),
        "subset": metadata.subset,
        "split": metadata.split,
        "repeats": metadata.repeats,
    }
    return pa.schema(
        [
            ("id", pa.string()),
            ("input_ids", pa.list_(pa.from_numpy_dtype(stamp.dtype))),
            ("length", pa.uint32()),
        ],
        metadata={_PREFIX + key: value for key, value in written.items()},
    )


def read_metadata(schema: pa.Schema, name: str) -> ShardMetadata:
    """What a shard says of itself. ``name`` is the file's, for the message.

    Raises ValueError where it is no shard of this format, or its columns contradict its metadata.
    """
    written = {
        key.decode().removeprefix(_PREFIX): value.decode()
        for key, value in (schema.metadata or {}).items()
        if key.startswith(_PREFIX.encode())
    }
    if written.get("format") != FORMAT:
        raise ValueError(f"{name}: format is {written.get('format')!r}; expected {FORMAT!r} (a shard of this program)")
    try:
        metadata = _parsed(written)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{name}: shard metadata cannot be read ({error!r}); write the shard again") from error
    expected = shard_schema(metadata)
    if not schema.equals(expected, check_metadata=True):
        raise ValueError(
            f"{name}: columns {schema.names} of types {list(map(str, schema.types))} contradict its metadata; "
            f"expected types {list(map(str, expected.types))}; write the shard again"
        )
    return metadata


def _parsed(written: Mapping[str, str]) -> ShardMetadata:
    contract = DocumentContract(
        cast(DocumentForm, written["contract"]), _id_or_none(written["bos"]), _id_or_none(written["eos"])
    )
    return ShardMetadata(
        TokenizerStamp(written["tokenizer"], int(written["vocabulary_size"]), contract),
        written["subset"],
        cast(Split, written["split"]),
        written["repeats"],
    )


def _written(token: int | None) -> str:
    return "" if token is None else str(token)


def _id_or_none(written: str) -> int | None:
    return int(written) if written else None
