"""The drop lists of `deduplicate`, held against a plain restatement of the rule in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from tesuki.dedup.band_keys import band_keys, sketch
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import fingerprint
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.dedup.signature import signature
from tesuki.pipelines.deduplicate import deduplicate
from tesuki.pipelines.parts import DROPS, JUDGED

PARAMETERS = DedupParameters(b=2, r=6, n=3)
"""Loose on purpose: short texts then share buckets often, in chains."""


@dataclass(frozen=True)
class Document:
    id: str
    text: str
    url: str = ""
    date: str = ""
    keep: bool = True
    quality: float = 0.0


def judged_row(document: Document) -> dict[str, object]:
    values = signature(comparison_form(document.text), PARAMETERS)
    return {
        "id": document.id,
        "url": document.url,
        "host": "",
        "date": document.date,
        "characters": len(document.text),
        "measures": [("quality", document.quality)],
        "keep": document.keep,
        "fingerprint": fingerprint(document.text),
        "band_keys": None if values is None else band_keys(values, PARAMETERS).tolist(),
        "sketch": None if values is None else sketch(values),
    }


def write_parts(folder: Path, parts: Sequence[Sequence[Document]]) -> list[Path]:
    paths = []
    for number, part in enumerate(parts):
        path = folder / f"part-{number:03d}.judged.parquet"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist([judged_row(document) for document in part], schema=JUDGED), path)
        paths.append(path)
    return paths


def run(judged: Sequence[Path], folder: Path, **settings: object) -> dict[str, pa.Table]:
    settings = {"parameters": PARAMETERS, "order": KeepOrder()} | settings
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        deduplicate(pipeline, judged, folder, **settings)  # type: ignore[arg-type]
    return {path.name.split(".")[0]: pq.read_table(path) for path in sorted(folder.glob("*.drops.parquet"))}


def test_the_newest_stays_and_the_drop_says_which(tmp_path: Path) -> None:
    same = "吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。"
    parts = [
        [
            Document("old", same, "http://a.example/", "2024-01-01T00:00:00Z"),
            Document("alone", "全く別の文章がここにある。"),
        ],
        [Document("new", same.replace("。", "．"), "http://b.example/", "2025-01-01T00:00:00Z")],
    ]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out")
    assert drops["part-000"].to_pylist() == [
        {
            "row": 0,
            "duplicate_of": "new",
            "kept_part": "part-001",
            "kept_row": 0,
            "band": -1,
            "similarity": 1.0,
        }
    ]
    assert drops["part-001"].num_rows == 0
    assert drops["part-001"].schema.equals(DROPS)
