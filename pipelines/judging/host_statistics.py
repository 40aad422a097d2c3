"""Host statistics across the corpus: counted where the pages lie, summed in Beam, judged once.

Counted are the pages that passed the quality rules and are no duplicates, as in the Swallow paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow.parquet as pq

from tesuki.filters.host_statistics import HostCounts, add_counts, count_hosts, rejected_hosts
from tesuki.pipelines.engine.numbers import Numbers
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.judged_part import JudgedPart

GROUPS = 64
"""Hosts are summed in this many groups, so that none has to fit all of a corpus' hosts."""

NG_MEASURES = ("num_ng_letters", "ng_characters")
"""What the presets call the characters of a text that lie in NG words."""


def count_hosts_of(pipeline: beam.Pipeline, parts: Sequence[JudgedPart], folder: Path, hit: str) -> None:
    """Add to ``pipeline`` what writes the rejected hosts of each group below ``folder``.

    ``hit`` is the measure that is above 0 for a page that counts as hit.
    """
    _ = (
        pipeline
        | "parts counted" >> Numbers(len(parts))
        | "count hosts" >> beam.FlatMap(partial(_counts_of_part, hit, parts))
        | "sum hosts" >> beam.CombinePerKey(add_counts)
        | "judge hosts" >> beam.MapTuple(partial(_write_rejected, folder))
    )


def _counts_of_part(hit: str, parts: Sequence[JudgedPart], number: int) -> Iterator[tuple[int, HostCounts]]:
    part = parts[number]
    dropped = set(pq.read_table(part.drops, columns=["row"])["row"].to_pylist())
    rows = pq.read_table(part.judged, columns=["host", "characters", "measures", "keep"]).to_pylist()
    counted = [row for number, row in enumerate(rows) if row["keep"] and number not in dropped and row["host"]]
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for row in counted:
        groups.setdefault(_group(row["host"]), []).append({**row, "measures": dict(row["measures"])})
    for group in sorted(groups):
        yield group, _counted(hit, groups[group])


def _counted(hit: str, rows: Sequence[Mapping[str, Any]]) -> HostCounts:
    measures = [row["measures"] for row in rows]
    return count_hosts(
        [row["host"] for row in rows],
        np.array([measure.get(hit, 0) > 0 for measure in measures]),
        np.array([row["characters"] for row in rows], dtype=np.int64),
        np.array([_ng_characters(measure) for measure in measures], dtype=np.int64),
    )


def _ng_characters(measures: Mapping[str, float]) -> int:
    return int(next((measures[name] for name in NG_MEASURES if name in measures), 0))


def _group(host: str) -> int:
    return blake2b(host.encode(), digest_size=1).digest()[0] % GROUPS


def _write_rejected(folder: Path, group: int, counts: HostCounts) -> Path:
    path = folder / f"{group:02d}.json"
    rejected = {host: asdict(verdict) for host, verdict in rejected_hosts(counts).items()}
    write_bytes(path, json.dumps(rejected, sort_keys=True).encode())
    return path
