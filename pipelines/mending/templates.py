"""Finding what the pages of a host have in common, in memory that does not grow with the host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from tesuki.dedup.templates import template_keys, template_of_host
from tesuki.pipelines.storage.files import atomic_file
from tesuki.pipelines.storage.key_ranges import key_ranges, runs

PAGES_COUNTED = 200
"""Pages of a host that are compared, chosen by the hash of their text: enough to see what stands on one in twenty."""

RANGE_BITS = 6
"""Leading bits of a key by which what was found is spread over files."""

Counted = list[tuple[int, NDArray[np.uint64]]]
"""Pages of a host by the hash of their text, ascending, and their keys."""


class FindTemplates(beam.PTransform):
    """(host, text) of each document to the files, below ``folder``, of the keys that are template on their host.

    Hosts of fewer than ``least`` pages have none. No text travels, and of a host no more than `PAGES_COUNTED` pages.
    """

    def __init__(self, folder: Path, least: int) -> None:
        super().__init__()
        self._folder = folder
        self._least = least

    def expand(self, texts: beam.PCollection) -> beam.PCollection:
        """Take keys where the texts are, choose pages of each host, keep what they share."""
        return (
            texts
            | "keys of pages" >> beam.FlatMapTuple(_keyed)
            | "pages of hosts" >> beam.CombinePerKey(fewest)
            | "templates of hosts" >> beam.FlatMapTuple(partial(_templates, self._least))
            | "ranges of templates" >> beam.GroupByKey()
            | "write templates" >> beam.MapTuple(partial(_write, self._folder))
        )


def fewest(counted: Iterable[Counted]) -> Counted:
    """The `PAGES_COUNTED` pages of the smallest hashes. Associative and commutative."""
    pages = {number: keys for each in counted for number, keys in each}
    return sorted(pages.items(), key=lambda page: page[0])[:PAGES_COUNTED]


def _keyed(host: str, text: str) -> Iterator[tuple[str, Counted]]:
    if host:
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        yield host, [(int.from_bytes(digest, "big"), np.unique(template_keys(text, host)))]


def _templates(least: int, _: str, counted: Counted) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    keys = template_of_host([page for _, page in counted], least)
    for number, start, stop in runs(key_ranges(keys, RANGE_BITS)):
        yield number, keys[start:stop]


def _write(folder: Path, key_range: int, blocks: Iterable[NDArray[np.uint64]]) -> Path:
    path = folder / f"{key_range:05d}.npy"
    with atomic_file(path) as sink:
        np.save(sink, np.unique(np.concatenate(list(blocks))), allow_pickle=False)
    return path
