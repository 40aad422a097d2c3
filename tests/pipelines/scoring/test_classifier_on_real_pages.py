"""A classifier learnt from real pages by their kind, tested on hosts it has not seen; prints what it reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tesuki.pipelines.commands.classifier import train
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
MANUALS = frozenset({"software-manual", "software-docs"})

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.exists(), reason="needs the real pages beside the project"),
]


def texts() -> Iterator[tuple[str, str, str]]:
    """(genre, url, text) of every second Japanese page."""
    labels = {each["record_id"]: each for each in map(json.loads, (DATA / "labels.jsonl").read_text().splitlines())}
    items = (item for part in plan_ranges(DATA / "web-ja-dev.warc.gz", "web") for item in read_range(part))
    japanese = [item for item in items if isinstance(item, Page) and labels[item.record_id]["lang"] == "ja"]
    with open_extraction("tesuki") as extract:
        for page in japanese[::2]:
            decoded = decode(page)
            found = extract(decoded) if isinstance(decoded, Page) else decoded
            if isinstance(found, Page):
                yield labels[page.record_id]["genre"], page.url, found.text


@pytest.mark.slow
def test_manuals_are_told_from_other_pages_on_other_hosts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kinds are given by host, and there are 14 hosts of manuals: chance by host is large, so the bound is modest."""
    lines: dict[bool, list[str]] = {True: [], False: []}
    for genre, url, text in texts():
        lines[genre in MANUALS].append(json.dumps({"url": url, "text": text}, ensure_ascii=False))
    for kind, name in ((True, "good"), (False, "bad")):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines[kind]), encoding="utf-8")
    areas = []
    for seed in range(3):
        told = train(
            [str(tmp_path / "good.jsonl")],
            [str(tmp_path / "bad.jsonl")],
            tmp_path / "model",
            kind="linear",
            given="text",
            licence="not stated",
            seed=seed,
            epochs=5,
            most=1_000,
            held_out=Fraction(1, 3),
        )
        areas += [float(line.split("\t")[5]) for line in told if "AUC" in line]
    with capsys.disabled():
        print(f"\nmanuals or not, on unseen hosts: AUC {', '.join(f'{area:.3f}' for area in areas)}")
    assert len(areas) == 3
    assert min(areas) > 0.6
    assert sum(areas) / 3 > 0.75
