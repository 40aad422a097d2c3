"""How many Japanese pages the checks of stations 2 and 5 find, by encoding and by genre, on labelled real pages.

Run with ``python benchmarks/detection.py [WARC LABELS]``; without arguments, on the real pages kept beside the project.
Asked of every page that station 1 lets on; pages whose label is undecided are left out. ``precise`` is the check of the
extracted text where there is one; in ``rapid, then precise`` a page without text counts as missed.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tesuki.filters.language import is_japanese
from tesuki.pipelines.decoding.decode import decode_html
from tesuki.pipelines.decoding.detect import RULES
from tesuki.pipelines.extraction.main_text import extract_main_text
from tesuki.pipelines.journey.headers import first_value
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled page: is it Japanese, and does each check say so (None: there is no text to ask about)?"""

    label: dict[str, Any]
    japanese: bool
    says: dict[str, bool | None]


def main(archive: Path, labels: Path) -> None:
    """Judge every labelled page and print the tables."""
    if not archive.exists():
        print(f"{archive} is not there: give an archive and its labels to measure detection on")
        return
    rows = {row["record_id"]: row for row in map(json.loads, labels.read_text(encoding="utf-8").splitlines())}
    judged = list(_judge(archive, rows))
    decided = [row for row in rows.values() if row["lang"] is not None]
    japanese = sum(page.japanese for page in judged)
    print(f"{len(decided)} pages with a label, {len(judged)} of them HTML; {japanese} of these Japanese\n")
    print(f"{'check':<24}{'found':>7}{'missed':>8}{'wrong':>7}{'recall':>9}{'precision':>11}{'F1':>8}")
    checks = list(judged[0].says)
    for check in checks:
        _print_row(judged, check)
    for field in ("encoding", "genre"):
        print(f"\nJapanese pages found, by {field}")
        print(f"{'':<20}{'pages':>6}" + "".join(f"{check:>21}" for check in checks))
        for value, group in sorted(_groups(judged, field).items(), key=lambda item: (-len(item[1]), item[0])):
            shares = [sum(page.says[check] is True for page in group) / len(group) for check in checks]
            print(f"{value:<20}{len(group):>6}" + "".join(f"{share:>21.1%}" for share in shares))


def _judge(archive: Path, labels: dict[str, dict[str, Any]]) -> Iterator[Judged]:
    for page in (item for part in plan_ranges(archive, "") for item in read_range(part)):
        label = labels.get(page.record_id)
        if not isinstance(page, Page) or not label or label["lang"] is None:
            continue
        rapid = {f"rapid {name}": rule(page) for name, rule in RULES.items()}
        html = decode_html(page.body, first_value(page.headers, "content-type")).text
        text = extract_main_text(html, page.url, captured=page.date).text
        precise = is_japanese(text).keep if text else None
        both = rapid["rapid kana-bytes"] and bool(precise)
        yield Judged(label, label["lang"] == "ja", {**rapid, "precise": precise, "rapid, then precise": both})


def _print_row(judged: list[Judged], check: str) -> None:
    asked = [page for page in judged if page.says[check] is not None]
    found = sum(page.japanese and bool(page.says[check]) for page in asked)
    missed = sum(page.japanese and not page.says[check] for page in asked)
    wrong = sum(not page.japanese and bool(page.says[check]) for page in asked)
    recall, precision = found / (found + missed), found / (found + wrong)
    f1 = 2 * recall * precision / (recall + precision)
    print(f"{check:<24}{found:>7}{missed:>8}{wrong:>7}{recall:>9.4f}{precision:>11.4f}{f1:>8.4f}")


def _groups(judged: list[Judged], field: str) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for page in judged:
        if page.japanese:
            groups[str(page.label[field])].append(page)
    return groups


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:3]]
    main(*(paths if len(paths) == 2 else (DATA / "web-ja-dev.warc.gz", DATA / "labels.jsonl")))
