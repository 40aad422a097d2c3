"""The drop lists of `deduplicate`, held against a plain restatement of the rule in Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
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


def restated(documents: Sequence[Document], newest_first: bool = True) -> dict[str, tuple[str, int]]:
    """The rule in plain Python: id of each duplicate -> (id of the kept document, band of its own match)."""
    ranked = sorted((d for d in documents if d.keep), key=lambda d: (d.url, d.id))
    ranked.sort(key=lambda d: d.date, reverse=newest_first)
    first_with: dict[tuple[int, object], str] = {}
    parent: dict[str, tuple[str, int]] = {}
    for document in ranked:
        row = judged_row(document)
        keys = [(-1, row["fingerprint"]), *enumerate(row["band_keys"] or ())]
        matches = [(first_with[key], key[0]) for key in keys if key in first_with]
        for key in keys:
            first_with.setdefault(key, document.id)
        if matches:
            parent[document.id] = min(matches, key=lambda match: match[1])
    kept = {}
    for loser, (first, band) in parent.items():
        while first in parent:
            first = parent[first][0]
        kept[loser] = (first, band)
    return kept


def as_stated(drops: dict[str, pa.Table], parts: Sequence[Sequence[Document]]) -> dict[str, tuple[str, int]]:
    return {
        parts[number][row["row"]].id: (row["duplicate_of"], row["band"])
        for number, table in enumerate(drops.values())
        for row in table.to_pylist()
    }


def some_documents(seed: int, count: int) -> list[Document]:
    """Families of short texts that share buckets in long chains; many dates tie, some URLs too."""
    rng = random.Random(seed)
    documents: list[Document] = []
    for number in range(count):
        text = "".join(rng.choices("あいうえおかきくけこ", k=rng.choice((2, 12, 30))))
        if documents and rng.random() < 0.7:
            text = rng.choice(documents).text
            for _ in range(rng.randrange(3)):
                place = rng.randrange(len(text))
                text = text[:place] + rng.choice("さしすせそ") + text[place + 1 :]
        date = rng.choice(("", "2024-01-01T00:00:00Z", "2025-06-01T12:00:00Z", "2025-06-01T12:00:01Z"))
        url = f"http://{rng.choice('abc')}.example/{rng.randrange(count // 3)}"
        documents.append(Document(f"id-{number:05d}", text, url, date, keep=rng.random() < 0.9))
    return documents


@pytest.mark.parametrize("group_claims", [1 << 20, 7])
@pytest.mark.parametrize("seed", [1, 2])
def test_drops_are_those_of_the_rule_restated(tmp_path: Path, seed: int, group_claims: int) -> None:
    documents = some_documents(seed, 300)
    expected = restated(documents)
    parts = [documents[start::4] for start in range(4)]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out", group_claims=group_claims)
    assert as_stated(drops, parts) == expected
    assert len({first for first, _ in expected.values()}) > 10
    assert not {first for first, _ in expected.values()} & set(expected)
