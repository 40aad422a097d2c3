"""What a score costs beside the extraction of the same pages.

Run with ``python benchmarks/scores.py [WARC]``; without an argument, on the real pages kept beside the project. Figures
are processor time in one process and its children, the best of some turns. What the models say does
not matter here, only their size does, which is that of ``tesuki classifier train``.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tesuki.filters.linear_classifier import BITS, LinearClassifier
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.decoding.detect import RULES
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range
from tesuki.pipelines.scoring.fasttext_model import is_installed, open_fasttext, train_fasttext
from tesuki.pipelines.scoring.models import Scorer

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TURNS = 3
PAGES = 300
"""Japanese pages extracted, spread over the archive."""

SIGNALS = ("tesuki.release_levels.signals:read_signals_of",)


def main(archive: Path) -> None:
    """Extract once, score by each kind of model, print the shares."""
    if not archive.exists():
        print(f"{archive} is not there: give an archive to measure on")
        return
    items = (item for part in plan_ranges(archive, "web") for item in read_range(part))
    found = [item for item in items if isinstance(item, Page) and RULES["kana-bytes"](item)]
    some = found[:: max(1, len(found) // PAGES)]
    pages: list[Page] = []
    extraction = _seconds(lambda: pages.extend(_extracted(some)))
    texts = [page.text for page in pages]
    print(f"{len(some)} pages extracted, {len(texts)} texts of {sum(map(len, texts)) / len(texts):,.0f} characters")
    print(f"{'decode and extract':<28}{extraction / len(some) * 1e6:>9,.0f} us a page")
    weights = np.random.default_rng(0).normal(0, 1, 1 << BITS).astype(np.float32)
    _line("linear", LinearClassifier(weights, 0.0), texts, extraction)
    if not is_installed():
        print("fastText: the extra is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        for given in ("text", "characters", "words"):
            path = Path(folder) / given
            path.write_bytes(train_fasttext(texts[::2], texts[1::2], given, seed=0, epochs=1))
            _line(f"fastText on {given}", open_fasttext(path, given, {}), texts, extraction)


def _line(name: str, scorer: Scorer, texts: list[str], extraction: float) -> None:
    best = min(_seconds(lambda: [scorer.score(text) for text in texts]) for _ in range(TURNS))
    print(f"{name:<28}{best / len(texts) * 1e6:>9,.0f} us a text, {best / extraction:.1%} of extraction")


def _extracted(some: list[Page]) -> list[Page]:
    with open_extraction("tesuki", SIGNALS) as step:
        decoded = [page for page in map(decode, some) if isinstance(page, Page)]
        return [page for page in map(step, decoded) if isinstance(page, Page)]


def _seconds(work: Callable[[], object]) -> float:
    start = _processor_time()
    work()
    return _processor_time() - start


def _processor_time() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "web-ja-dev.warc.gz")
