"""What a finished corpus knows of itself: counts by subset, level, host and day. No text, nothing withheld."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.release_levels.levels import Level

TRAINABLE = frozenset(level.name for level in Level if level.allows("train"))
"""Levels whose texts may be trained on."""

TOP_SHARE = 0.1
"""The largest tenth of all domains is to be listed (EU template, section 2.3; for small providers a twentieth or 1,000,
whichever is smaller)."""


@dataclass(frozen=True, slots=True)
class Held:
    """Documents and characters of them."""

    documents: int
    characters: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts over the documents that may be trained on, and over all by level.

    ``hosts`` are characters by host, the largest first, ties by name; ``captured`` the first and last day of capture,
    ``""`` where no capture has one. ``rules`` are pages that left by rule, as in the manifest's balance.
    """

    manifest: Mapping[str, Any]
    by_subset: Mapping[str, Held]
    by_level: Mapping[str, Held]
    hosts: tuple[tuple[str, int], ...]
    captured: tuple[str, str]
    evidence: Mapping[str, int]

    @property
    def largest_hosts(self) -> tuple[tuple[str, int], ...]:
        """The largest tenth of hosts, at least one."""
        return self.hosts[: max(1, -(-len(self.hosts) * 10 // 100))]

    @property
    def rules(self) -> Mapping[str, int]:
        """Pages that left, by rule."""
        return {row["rule"]: row["pages"] for row in self.manifest["balance"]["rules"]}

    @property
    def training_tokens(self) -> int:
        """Tokens of one pass over what trains, repeats counted."""
        return sum(row["training_tokens"] for row in self.manifest["mixture"] if row["split"] == "train")

    @property
    def unique_tokens(self) -> int:
        """Tokens of what trains, each document counted once."""
        return sum(row["tokens"] for row in self.manifest["mixture"] if row["split"] == "train")


def facts_of(output: Path, manifest: Mapping[str, Any]) -> Facts:
    """What the corpus at ``output`` knows of itself. Reads addresses, days and counts; a table at a time."""
    documents: Counter[tuple[str, str]] = Counter()
    characters: Counter[tuple[str, str]] = Counter()
    hosts: Counter[str] = Counter()
    evidence: Counter[str] = Counter()
    first, last = "", ""
    for file in CorpusFolder(output).documents():
        subset, level = file.subset, file.level
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=5_000, columns=["url", "date", "characters", "evidence"]):
                for row in batch.to_pylist():
                    documents[subset, level] += 1
                    characters[subset, level] += row["characters"]
                    evidence.update({item["signal"] for item in row["evidence"]})
                    if level in TRAINABLE:
                        hosts[host_of(row["url"]) or "(no host)"] += row["characters"]
                        day = row["date"][:10]
                        first = min(first or day, day) if day else first
                        last = max(last, day)
    return Facts(
        manifest,
        _held(documents, characters, 0, TRAINABLE),
        _held(documents, characters, 1, frozenset(Level.__members__)),
        tuple(sorted(hosts.items(), key=lambda item: (-item[1], item[0]))),
        (first, last),
        dict(sorted(evidence.items())),
    )


def _held(
    documents: Counter[tuple[str, str]], characters: Counter[tuple[str, str]], by: int, levels: frozenset[str]
) -> dict[str, Held]:
    found: dict[str, Held] = {}
    for key in sorted(documents):
        if key[1] in levels:
            held = found.get(key[by], Held(0, 0))
            found[key[by]] = Held(held.documents + documents[key], held.characters + characters[key])
    return found
