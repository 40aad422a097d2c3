"""Reading a corpus: one pass of the mixture, from any step, with nothing but pyarrow and numpy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa

from .listed_shards import ListedMixture, ListedShard, listed_mixture
from .packing import BEGINNING, PackedSequence, Position, pack
from .pass_order import PassOrder, pass_order, readings_from
from .shard_metadata import read_metadata
from .splits import Split
from .token_width import TokenArray


@dataclass(frozen=True, slots=True, eq=False)
class ReadDocument:
    """The document at ``step`` of a pass: ``row`` of the shard at ``shard`` (relative path), for the
    ``repetition``-th time, counted from 0. ``input_ids`` is a view into the mapped file."""

    step: int
    shard: str
    row: int
    repetition: int
    document_id: str
    input_ids: TokenArray


class MixtureReader:
    """One rank's pass over one split of the corpus in ``folder``.

    The order is a pure function of the manifest, ``seed``, ``rank`` and ``world_size``; a second pass wants another
    seed. Ranks share no document. Rows are read in random order from memory-mapped files, so shards want to lie on a
    local disk. Pickles as its arguments. Raises ValueError for a split there is none of, and where the manifest
    or a shard is not what it should be.
    """

    def __init__(
        self, folder: Path | str, *, split: Split = "train", seed: int = 0, rank: int = 0, world_size: int = 1
    ) -> None:
        if split not in get_args(Split):
            raise ValueError(f"split {split!r}; expected one of {', '.join(get_args(Split))}")
        self.folder = Path(folder)
        self.split: Split = split
        self.seed = seed
        self.rank = rank
        self.world_size = world_size
        self._open: dict[int, _OpenShard] = {}

    def __getstate__(self) -> dict[str, object]:
        kept = ("folder", "split", "seed", "rank", "world_size")
        return {**{name: getattr(self, name) for name in kept}, "_open": {}}

    @cached_property
    def mixture(self) -> ListedMixture:
        """The shards of the split, from the manifest."""
        manifest = json.loads((self.folder / "manifest.json").read_bytes())
        return listed_mixture(manifest, self.split)

    @cached_property
    def order(self) -> PassOrder:
        """The rank's order of reading."""
        return pass_order(self.mixture.shards, self.seed, self.rank, self.world_size)

    def __len__(self) -> int:
        """Documents the rank reads in a pass, repetitions counted."""
        return self.order.steps

    def documents(self, start: int = 0) -> Iterator[ReadDocument]:
        """The documents of the pass from step ``start`` on."""
        for readings in readings_from(self.order, start):
            steps = zip(readings.shards.tolist(), readings.rows.tolist(), readings.repetitions.tolist(), strict=True)
            for step, (number, row, repetition) in enumerate(steps, readings.first_step):
                path = self.mixture.shards[number].path
                document_id, ids = self._shard(number).document(row)
                yield ReadDocument(step, path, row, repetition, document_id, ids)

    def sequences(self, length: int, start: Position = BEGINNING) -> Iterator[PackedSequence]:
        """The pass as sequences of ``length`` tokens from ``start`` on; only the last may be shorter.

        Begun at the ``after`` of a sequence, it gives exactly the sequences that would have followed.
        """
        documents = ((document.step, document.input_ids) for document in self.documents(start.step))
        return pack(documents, length, self.mixture.tokenizer.dtype, start.token)

    def _shard(self, number: int) -> _OpenShard:
        if number not in self._open:
            self._open[number] = _OpenShard(self.folder, self.mixture, self.mixture.shards[number])
        return self._open[number]


class _OpenShard:
    """A shard mapped into memory. Opening checks that it is the one the manifest means."""

    def __init__(self, folder: Path, mixture: ListedMixture, listed: ListedShard) -> None:
        self._path = listed.path
        self._contract = mixture.tokenizer.contract
        stream = pa.ipc.open_stream(pa.memory_map(str(folder / listed.path)))
        metadata = read_metadata(stream.schema, listed.path)
        if metadata.tokenizer != mixture.tokenizer:
            raise ValueError(
                f"{listed.path}: made with {metadata.tokenizer}, but the manifest says {mixture.tokenizer}; "
                "its ids would mean other text"
            )
        if (metadata.subset, metadata.split) != (listed.subset, mixture.split):
            raise ValueError(
                f"{listed.path}: holds {metadata.split} of {metadata.subset!r}, but the manifest says "
                f"{mixture.split} of {listed.subset!r}"
            )
        self._batches = list(stream)
        self._starts = np.cumsum([0, *(batch.num_rows for batch in self._batches)])
        if self._starts[-1] != listed.rows:
            raise ValueError(
                f"{listed.path}: holds {self._starts[-1]} rows, but the manifest says {listed.rows}; run tesuki verify"
            )

    def document(self, row: int) -> tuple[str, TokenArray]:
        """Id and tokens of a row, checked against the contract on BOS and EOS."""
        number = int(np.searchsorted(self._starts, row, side="right")) - 1
        batch = self._batches[number]
        within = row - int(self._starts[number])
        document_id = batch.column(0)[within].as_py()
        ids: TokenArray = batch.column(1)[within].values.to_numpy()
        if not self._contract.is_kept_by(ids):
            raise ValueError(
                f"{self._path}: row {row} ({document_id}) does not keep the contract {self._contract.form!r} "
                f"(bos {self._contract.bos}, eos {self._contract.eos}); run tesuki verify"
            )
        return document_id, ids
