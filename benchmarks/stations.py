"""What a page costs at stations 1 to 5, each beside a baseline measured in the same run.

Run with ``python benchmarks/stations.py [WARC]``; without an argument, on the real pages kept beside the project.
Figures are processor time, that of the guarded child included, so that other work on the machine hardly counts; for
the same reason each is taken several times and the best one stands.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import trafilatura
from resiliparse.parse.encoding import detect_encoding
from warcio.archiveiterator import ArchiveIterator

from tesuki.filters.language import is_japanese
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.decoding.detect import RULES
from tesuki.pipelines.extraction.choosing import choose
from tesuki.pipelines.extraction.main_text import Profile, extract_main_text
from tesuki.pipelines.extraction.nesting import deepest_nesting
from tesuki.pipelines.extraction.reading import parse, read_page
from tesuki.pipelines.extraction.step import DEPTH, open_extraction
from tesuki.pipelines.extraction.tidy import tidy_text
from tesuki.pipelines.extraction.trafilatura_steps import title_and_date
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TURNS = 3
EXTRACTED = 200
"""Pages extracted, spread over the archive."""

SIGNALS = ("tesuki.release_levels.signals:read_signals_of",)


def main(archive: Path) -> None:
    """Measure station by station and print one line each."""
    if not archive.exists():
        print(f"{archive} is not there: give an archive to measure on")
        return
    items = list(_read(archive))
    pages = [item for item in items if isinstance(item, Page)]
    candidates = [page for page in pages if RULES["kana-bytes"](page)]
    decoded = [page for page in map(decode, candidates) if isinstance(page, Page)]
    some = decoded[:: max(1, len(decoded) // EXTRACTED)]
    texts = [extract_main_text(page.html, page.url, captured=page.date).text for page in some]
    print(
        f"{len(items)} records, {len(pages)} HTML pages, {len(candidates)} Japanese candidates, {len(some)} extracted"
    )
    del items

    print(f"\n{'station':<40}{'us a page':>10}{'pages/s/core':>14}{'ratio':>7}  to the baseline")
    read = _each(len(pages), lambda: deque(_read(archive), 0))
    _line("1 read", read, _each(len(pages), lambda: deque(_warcio(archive), 0)), "warcio reads the same file")
    detect = {name: _each(len(pages), lambda rule=rule: [rule(page) for page in pages]) for name, rule in RULES.items()}
    _line("2 detect", detect["kana-bytes"], detect["swallow"], "the rule of the Swallow paper")
    by_detector = _each(len(candidates), lambda: [_by_detector(page.body) for page in candidates])
    ladder = _each(len(candidates), lambda: [decode(page) for page in candidates])
    _line("3 decode", ladder, by_detector, "Resiliparse detects, Python decodes")
    direct = _each(len(some), lambda: [_trafilatura(page) for page in some])
    guarded = _guarded(some, "tesuki", ())
    _line("4 extract under guard", guarded, direct, "Trafilatura (fast) called directly")
    _line("4 the same, with release signals", _guarded(some, "tesuki", SIGNALS), direct, "the same")
    _line("4 the trafilatura profile under guard", _guarded(some, "trafilatura", ()), direct, "the same")
    _line("4 the speed profile under guard", _guarded(some, "speed", ()), direct, "the same")
    counted = _each(len(texts), lambda: [sum("ぁ" <= character <= "ヾ" for character in text) for text in texts])
    _line(
        "5 identify",
        _each(len(texts), lambda: [is_japanese(text) for text in texts]),
        counted,
        "kana counted one by one",
    )

    print(f"\n{'of station 4':<32}{'us a page':>10}{'share':>14}")
    trees = [parse(page.html) for page in some]
    readings = [read_page(tree) for tree in trees]
    dated = list(zip(trees, some, strict=True))
    _share("parsing", _each(len(some), lambda: [parse(page.html) for page in some]), guarded)
    _share("reading", _each(len(some), lambda: [read_page(tree) for tree in trees]), guarded)
    _share("choosing", _each(len(some), lambda: [choose(page, tables=True) for page in readings]), guarded)
    found = _each(len(some), lambda: [title_and_date(tree, page.url, page.date[:10]) for tree, page in dated])
    _share("title and date", found, guarded)
    _share("text tidied after", _each(len(some), lambda: [tidy_text(text) for text in texts]), guarded)
    _share("depth", _each(len(some), lambda: [deepest_nesting(page.html, DEPTH) for page in some]), guarded)


def _line(name: str, ours: float, baseline: float, what: str) -> None:
    print(f"{name:<40}{ours * 1e6:>10.0f}{1 / ours:>14,.0f}{ours / baseline:>7.2f}  {what}, {baseline * 1e6:.0f} us")


def _share(name: str, part: float, whole: float) -> None:
    print(f"{name:<32}{part * 1e6:>10.0f}{part / whole:>14.1%}")


def _each(pages: int, work: Callable[[], object]) -> float:
    """Seconds a page of the quickest of some turns of ``work``."""
    return min(_seconds(work) for _ in range(TURNS)) / pages


def _seconds(work: Callable[[], object]) -> float:
    start = _processor_time()
    work()
    return _processor_time() - start


def _processor_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _guarded(pages: list[Page], profile: Profile, readers: tuple[str, ...]) -> float:
    """Seconds a page behind the guard, without the start of the child, which is paid once a worker."""

    def extract(some: list[Page]) -> None:
        with open_extraction(profile, readers) as step:
            for page in some:
                step(page)

    start = replace(pages[0], html="<html><body><p>あ</p></body></html>")
    whole = min(_seconds(lambda: extract([start, *pages])) for _ in range(TURNS))
    return (whole - min(_seconds(lambda: extract([start])) for _ in range(TURNS))) / len(pages)


def _read(archive: Path) -> Iterator[Page | Fate]:
    return (item for part in plan_ranges(archive, "web") for item in read_range(part))


def _warcio(archive: Path) -> Iterator[bytes]:
    with archive.open("rb") as file:
        for record in ArchiveIterator(file):
            yield record.content_stream().read()


def _by_detector(body: bytes) -> str:
    return body.decode(detect_encoding(body) or "utf-8", "replace")


def _trafilatura(page: Page) -> object:
    dates = {"original_date": True, "extensive_search": False, "max_date": page.date[:10]}
    return trafilatura.bare_extraction(
        page.html,
        url=page.url,
        fast=True,
        include_comments=False,
        include_tables=False,
        with_metadata=True,
        date_extraction_params=dates,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "web-ja-dev.warc.gz")
