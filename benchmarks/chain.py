"""Pages a second of the whole chain to the quality verdict, ours beside a plain restatement of Swallow's.

Run with ``python benchmarks/chain.py [DATA]``: the folder of the real pages beside the project. Two archives are made
of them for the run: Japanese pages alone, and a mix with five percent of Japanese pages, as in Common Crawl. Times are
processor time of one process, the sides in turn within each of `TURNS` rounds, and the best of each stands.

Swallow's side is stated from its paper and code: warcio, the rapid check on ``<html lang>`` and title, Trafilatura's
``extract`` on the bytes, kana counted one by one, the quality measures with a Counter for each n. Its n-gram language
model, its NG words and its list of hosts could not be built here: it is faster here than where it ran. Ours are the
steps of the pipeline, in this process (the guard's pipe costs about two percent of extraction), with every measure
taken, as recipes have it unless they say ``rules.measure: verdict``, which is a row of its own; neither side
deduplicates.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import trafilatura
from quality_measures import plain_measures
from warcio.archiveiterator import ArchiveIterator

from tesuki.filters.language import is_japanese
from tesuki.filters.presets import Preset, measure_until_rejected, preset
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.decoding.detect import RULES
from tesuki.pipelines.extraction.main_text import Profile, extract_main_text
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TURNS = 3
TESUKI = preset("tesuki")
JAPANESE = 100
"""Japanese pages of the archive that has no others."""


def main(data: Path) -> None:
    """Make the archives, run both sides over each, print one table."""
    if not data.is_dir():
        print(f"{data} is not there: give the folder of real pages")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, archive in _archives(data, Path(folder)):
            pages = sum(isinstance(item, Page) for item in _read(archive))
            best = dict.fromkeys(SIDES, float("inf"))
            found = dict.fromkeys(SIDES, (0, 0))
            for _ in range(TURNS):
                for side, run in SIDES.items():
                    start = time.process_time()
                    found[side] = run(archive)
                    best[side] = min(best[side], time.process_time() - start)
            print(f"\n{name}: {pages} pages")
            print(f"{'chain':<22}{'candidates':>12}{'with text':>11}{'pages/s/core':>14}{'to Swallow':>12}")
            for side, seconds in best.items():
                candidates, texts = found[side]
                ratio = best["Swallow, restated"] / seconds
                print(f"{side:<22}{candidates:>12}{texts:>11}{pages / seconds:>14.0f}{ratio:>11.2f}x")


def _archives(data: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    source = data / "web-ja-dev.warc.gz"
    labels = {row["record_id"]: row["lang"] for row in map(json.loads, (data / "labels.jsonl").open(encoding="utf-8"))}
    pages = [item for item in _read(source) if isinstance(item, Page)]
    japanese = [page for page in pages if labels[page.record_id] == "ja"]
    others = [page for page in pages if labels[page.record_id] not in ("ja", None)]
    few = len(others) * 5 // 95
    for name, some in (
        ("5 % Japanese", [*others, *japanese[:: len(japanese) // few][:few]]),
        ("Japanese", japanese[:: len(japanese) // JAPANESE][:JAPANESE]),
    ):
        path = folder / f"{name.replace(' ', '-')}.warc.gz"
        with source.open("rb") as read, path.open("wb") as written:
            for page in some:
                read.seek(page.offset)
                written.write(read.read(page.length))
        yield name, path


def _read(archive: Path) -> Iterator[object]:
    return (item for part in plan_ranges(archive, "web") for item in read_range(part))


def _ours(profile: Profile, rules: Preset = TESUKI) -> Callable[[Path], tuple[int, int]]:
    is_candidate = RULES["kana-bytes"]

    def run(archive: Path) -> tuple[int, int]:
        candidates = texts = 0
        for page in _read(archive):
            if not isinstance(page, Page) or not is_candidate(page):
                continue
            candidates += 1
            decoded = decode(page)
            if not isinstance(decoded, Page):
                continue
            text = extract_main_text(decoded.html, page.url, captured=page.date, profile=profile).text
            if text and is_japanese(text).keep:
                texts += 1
                rules.examine(text)
        return candidates, texts

    return run


def _swallow(archive: Path) -> tuple[int, int]:
    candidates = texts = 0
    is_candidate = RULES["swallow"]
    with archive.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type != "response":
                continue
            body = record.content_stream().read()
            if not is_candidate(
                Page("", "", 0, 0, "", record.rec_headers.get_header("WARC-Target-URI"), "", body=body)
            ):
                continue
            candidates += 1
            text = trafilatura.extract(body, include_comments=False, include_tables=False) or ""
            if text and sum("ぁ" <= character <= "ヾ" for character in text) > 0.05 * len(text):
                texts += 1
                plain_measures(text)
    return candidates, texts


SIDES: dict[str, Callable[[Path], tuple[int, int]]] = {
    "tesuki": _ours("tesuki"),
    "measure: verdict": _ours("tesuki", replace(TESUKI, examining=measure_until_rejected)),
    "trafilatura": _ours("trafilatura"),
    "speed": _ours("speed"),
    "Swallow, restated": _swallow,
}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
