"""The reader as a `torch.utils.data.IterableDataset`. Importing this module needs no torch; calling it does."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .packing import BEGINNING, Position
from .reader import MixtureReader
from .splits import Split


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

    An item is a dictionary: ``input_ids`` (int64), ``boundaries`` (int32, see `PackedSequence`), and ``worker``,
    ``step`` and ``token``, the position after it in its loader worker's share. The workers of a rank share its
    documents out among themselves as ranks do, so each worker keeps a position of its own: to resume, give back the
    last seen for each as ``resume``, with the same number of workers. Raises ImportError without torch.
    """
    torch = importlib.import_module("torch")
    data = importlib.import_module("torch.utils.data")

    class PackedSequences(data.IterableDataset):  # type: ignore[misc, name-defined]
        def __iter__(self) -> Iterator[dict[str, Any]]:
            info = data.get_worker_info()
            worker, workers = (info.id, info.num_workers) if info else (0, 1)
            reader = MixtureReader(
                folder, split=split, seed=seed, rank=rank * workers + worker, world_size=world_size * workers
            )
            for sequence in reader.sequences(length, (resume or {}).get(worker, BEGINNING)):
                yield {
                    "input_ids": torch.from_numpy(sequence.input_ids.astype(np.int64)),
                    "boundaries": torch.from_numpy(sequence.boundaries),
                    "worker": worker,
                    "step": sequence.after.step,
                    "token": sequence.after.token,
                }

    return PackedSequences()
