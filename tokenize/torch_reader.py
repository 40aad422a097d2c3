"""The reader as a `torch.utils.data.IterableDataset`. Importing this module needs no torch; calling it does."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .packing import BEGINNING, PackedSequence, Position
from .reader import MixtureReader
from .splits import Split

IGNORED: Final = -100
"""The label of a token that is not learnt: what `torch.nn.functional.cross_entropy` leaves out by default."""


def torch_dataset(
    folder: Path | str,
    length: int,
    *,
    split: Split = "train",
    seed: int = 0,
    rank: int = 0,
    world_size: int = 1,
    resume: Mapping[int, Position] | None = None,
) -> Any:
    """An IterableDataset of packed sequences of ``length`` tokens: one rank's pass.

    An item is a dictionary: ``input_ids``, ``labels`` (see `labels_of`) and ``position_ids`` (see `position_ids_of`),
    all int64; ``boundaries`` (int32, see `PackedSequence`); and ``worker``, ``step`` and ``token``, the position after
    it in its loader worker's share. The workers of a rank share its documents out among themselves as ranks do, so
    each worker keeps a position of its own: to resume, give back the last seen for each as ``resume``, with the same
    number of workers; or leave that to torchdata's StatefulDataLoader, which asks for ``state_dict`` and gives it back
    by ``load_state_dict`` in each worker. Raises ImportError without torch.
    """
    torch = importlib.import_module("torch")
    data = importlib.import_module("torch.utils.data")

    def item(sequence: PackedSequence) -> dict[str, Any]:
        info = data.get_worker_info()
        return {
            "input_ids": torch.from_numpy(sequence.input_ids.astype(np.int64)),
            "labels": torch.from_numpy(labels_of(sequence)),
            "position_ids": torch.from_numpy(position_ids_of(sequence)),
            "boundaries": torch.from_numpy(sequence.boundaries),
            "worker": info.id if info else 0,
            "step": sequence.after.step,
            "token": sequence.after.token,
        }

    class PackedSequences(data.IterableDataset):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self._share = Share(split, seed, rank, world_size)
            self._positions = dict(resume or {})

        def __iter__(self) -> Iterator[dict[str, Any]]:
            info = data.get_worker_info()
            worker, workers = (info.id, info.num_workers) if info else (0, 1)
            # Entered now and not when the first item is asked for: a loader asks for the state before that.
            self._share.enter(worker, workers, self._positions.get(worker, BEGINNING))
            return map(item, self._share.sequences(folder, length))

        def state_dict(self) -> dict[str, Any]:
            return self._share.state_dict()

        def load_state_dict(self, state: Mapping[str, Any]) -> None:
            self._share.load_state_dict(state)

    return PackedSequences()


def labels_of(sequence: PackedSequence) -> npt.NDArray[np.int64]:
    """The tokens again, `IGNORED` where a piece of a document begins: nothing before it foretells that token.

    Not shifted: models of Hugging Face do that themselves.
    """
    labels = sequence.input_ids.astype(np.int64)
    labels[sequence.boundaries[:-1]] = IGNORED
    return labels


def position_ids_of(sequence: PackedSequence) -> npt.NDArray[np.int64]:
    """Positions that begin at 0 with each piece of a document.

    Attention by pieces (FlashAttention's variable length, which transformers infers from them) then crosses none.
    """
    lengths = np.diff(sequence.boundaries)
    starts = np.repeat(sequence.boundaries[:-1], lengths)
    return np.arange(sequence.input_ids.size, dtype=np.int64) - starts


class Share:
    """What one loader worker reads, and how far it is."""

    def __init__(self, split: Split, seed: int, rank: int, world_size: int) -> None:
        self._made_of: dict[str, Any] = {"split": split, "seed": seed, "rank": rank, "world_size": world_size}

        self._worker, self._workers = 0, 1
        self._start = self._after = BEGINNING
        self._loaded: dict[str, Any] | None = None

    def enter(self, worker: int, workers: int, start: Position) -> None:
        """Begin a pass at ``start``, or where a state was loaded of. Raises ValueError for one of other workers."""
        self._worker, self._workers = worker, workers
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            if (loaded["worker"], loaded["workers"]) != (worker, workers):
                raise ValueError(
                    f"the state is of worker {loaded['worker']} of {loaded['workers']}, this is worker {worker} of "
                    f"{workers}; resume with as many workers"
                )
            start = Position(loaded["step"], loaded["token"])
        self._start = self._after = start

    def sequences(self, folder: Path | str, length: int) -> Iterator[PackedSequence]:
        """The sequences of the share, from where it was entered."""
        reader = MixtureReader(
            folder,
            split=self._made_of["split"],
            seed=self._made_of["seed"],
            rank=self._made_of["rank"] * self._workers + self._worker,
            world_size=self._made_of["world_size"] * self._workers,
        )
        for sequence in reader.sequences(length, self._start):
            # Before it is given away: the state that is asked for while a sequence is in use stands behind it.
            self._after = sequence.after
            yield sequence

    def state_dict(self) -> dict[str, Any]:
        """Plain values that say whose state it is and where the next sequence begins."""
        if self._loaded is not None:
            return dict(self._loaded)
        place = {"worker": self._worker, "workers": self._workers}
        return {**self._made_of, **place, "step": self._after.step, "token": self._after.token}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Begin the next pass where ``state`` was taken. Raises ValueError for that of another reading."""
        for name, value in self._made_of.items():
            if state[name] != value:
                raise ValueError(f"the state is of {name} {state[name]!r}, this dataset of {value!r}")
        self._loaded = dict(state)
