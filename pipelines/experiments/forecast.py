"""What a corpus will come to, from a sample of its inputs: small spans of them, drawn by a seed, really run.

Totals are ratio estimates (figure a byte × bytes of all inputs), for spans differ in size. Their intervals are the
percentiles of a bootstrap over spans (Efron 1979), so they speak of the draw alone: not of near-duplicates, which a
sample cannot show, nor of a machine that is busier later.
"""

from __future__ import annotations

import os
import random
import resource
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from io import BytesIO
from itertools import accumulate, takewhile
from pathlib import Path
from time import process_time
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.corpus.page_store import source_of
from tesuki.pipelines.deduplication.step import add_keys
from tesuki.pipelines.engine.ending import descendants
from tesuki.pipelines.experiments.replay import Judges, open_stations, replay
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.judging.step import COMPARED, measure
from tesuki.pipelines.reading.sources import FORMATS
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.rows import judged_rows, page_rows

SPAN: Final = 4 << 20
"""Bytes of a span where a format can be entered in the middle: hundreds of pages of a crawl. Else a file."""

RESAMPLES: Final = 1000
"""Resamples of the bootstrap; its percentiles then move by less than the interval's tenth."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one span came to. ``documents`` and ``characters`` are what the rules keep, before deduplication; ``parts``
    and ``texts`` are compressed bytes on disk of ``parts/`` and of the texts kept; ``cpu`` is in seconds."""

    bytes: float = 0
    pages: float = 0
    documents: float = 0
    characters: float = 0
    tokens: float = 0
    parts: float = 0
    texts: float = 0
    cpu: float = 0


FIGURES: Final = tuple(field.name for field in fields(Figures) if field.name != "bytes")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A total, and the interval of 95 percent around it: None where nothing can be said of it."""

    total: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Files:
    """The files of all subsets: (subset, path, size in bytes), and how many spans each has."""

    files: tuple[tuple[str, Path, int], ...]
    spans: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """Size of all."""
        return sum(size for _, _, size in self.files)

    def span(self, recipe: Recipe, number: int) -> Range:
        """The span of this number, counted over all files."""
        ends = list(accumulate(self.spans))
        place = bisect_right(ends, number)
        subset, path, size = self.files[place]
        within = number - (ends[place] - self.spans[place])
        step = _step(recipe, subset, size)
        return Range(subset, str(path), path.name, within * step, min((within + 1) * step, size))


def files_of(recipe: Recipe, paths: Mapping[str, Sequence[Path]]) -> Files:
    """The files at ``paths``, by subset, and how they are cut."""
    files = tuple((subset, path, path.stat().st_size) for subset, group in paths.items() for path in group)
    return Files(files, tuple(max(-(-size // _step(recipe, subset, size)), 1) for subset, _, size in files))


def sample(
    recipe: Recipe,
    judges: Judges,
    dedup: DedupParameters,
    files: Files,
    count: int,
    seed: int,
    tokens_of: Callable[[str], float],
) -> list[Figures]:
    """Run ``count`` spans, or all where there are no more, through stations 1 to 6. The same seed draws the same."""
    numbers = sorted(random.Random(seed).sample(range(sum(files.spans)), min(count, sum(files.spans))))
    found: list[Figures] = []
    spans = [files.span(recipe, number) for number in numbers]
    for subset in sorted({span.subset for span in spans}):
        unjudged = frozenset() if recipe.subsets[subset].judge else frozenset({subset})
        judging: tuple[str, Step] = ("measure", partial(measure, judges.preset, unjudged))
        keys: tuple[str, Step] = ("fingerprint", partial(add_keys, dedup, COMPARED[recipe.rules.order]))
        with open_stations(recipe, judges, subset) as stations:
            # The verdict is only marked, as in a run: rejected pages lie in parts/, too.
            steps: list[tuple[str, Step]] = [
                *takewhile(lambda station: station[0] != "measure", stations),
                judging,
                keys,
            ]
            source = source_of(recipe.subsets[subset], {path.name: str(path) for _, path, _ in files.files})
            for span in (span for span in spans if span.subset == subset):
                before = cpu_seconds()
                records = [list(replay(steps, record))[-1].item for record in source.read(span)]
                figures = _figures(records, tokens_of)
                found.append(replace(figures, bytes=span.end - span.start, cpu=cpu_seconds() - before))
    return found


def estimate(sampled: Sequence[Figures], figure: str, all_bytes: float, seed: int, *, whole: bool) -> Estimate:
    """The total of ``figure`` over inputs of ``all_bytes``; exact where the ``whole`` was read."""
    values = np.array([getattr(each, figure) for each in sampled], dtype=float)
    sizes = np.array([each.bytes for each in sampled], dtype=float)
    total = float(values.sum() / max(sizes.sum(), 1.0) * all_bytes)
    if whole or len(sampled) < 2:
        return Estimate(total, None)
    draws = np.random.default_rng(seed).integers(0, len(sampled), (RESAMPLES, len(sampled)))
    ratios = values[draws].sum(axis=1) / np.maximum(sizes[draws].sum(axis=1), 1.0)
    low, high = np.percentile(ratios, [2.5, 97.5]) * all_bytes
    return Estimate(total, (float(low), float(high)))


def cpu_seconds() -> float:
    """CPU time of this process and all that it has started and that still runs."""
    ticks = 0
    for process in descendants(os.getpid()):
        try:
            numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(numbers[11]) + int(numbers[12])
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def peak_memory() -> int:
    """The most memory this process ever held, in bytes."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held << 10


def _step(recipe: Recipe, subset: str, size: int) -> int:
    return SPAN if FORMATS[recipe.subsets[subset].format].splits else max(size, 1)


def _figures(records: Sequence[Page | Fate], tokens_of: Callable[[str], float]) -> Figures:
    pages = [item for item in records if isinstance(item, Page)]
    kept = [page for page in pages if page.verdict.keep]
    return Figures(
        pages=sum(1 if isinstance(item, Page) else item.records for item in records),
        documents=len(kept),
        characters=sum(len(page.text) for page in kept),
        tokens=sum(tokens_of(page.text) for page in kept),
        parts=_packed(page_rows(pages)) + _packed(judged_rows(pages)),
        texts=_packed(page_rows(kept)),
    )


def _packed(table: pa.Table) -> int:
    """Bytes of a table as Parquet writes it, without what an empty one takes: a part is many spans."""
    sizes = []
    for each in (table, table.slice(0, 0)):
        sink = BytesIO()
        pq.write_table(each, sink, compression="zstd")
        sizes.append(sink.tell())
    return sizes[0] - sizes[1]
