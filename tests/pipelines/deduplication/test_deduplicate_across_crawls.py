"""A new crawl against the band indexes of former ones: both directions, refusals, merging, size."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tesuki.dedup.band_keys import band_keys, sketch
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import fingerprint
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.dedup.signature import signature
from tesuki.pipelines.deduplication.index.band_index import open_band_index
from tesuki.pipelines.deduplication.index.merge import merge_band_indexes
from tesuki.pipelines.deduplication.index.writer import IndexSettings, finish_band_index, write_band_index
from tesuki.pipelines.deduplication.pipeline import DedupSettings, deduplicate
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.schemas import JUDGED

PARAMETERS = DedupParameters(b=2, r=6, n=3)
Row = dict[str, object]


def row(identity: str, text: str, date: str, parameters: DedupParameters = PARAMETERS) -> Row:
    values = signature(comparison_form(text), parameters)
    return {
        "id": identity,
        "url": f"http://site.example/{identity}",
        "date": date,
        "characters": len(text),
        "measures": [],
        "keep": True,
        "fingerprint": fingerprint(text),
        "band_keys": None if values is None else band_keys(values, parameters).tolist(),
        "sketch": None if values is None else sketch(values),
    }


def crawl(seed: int, count: int, year: int, texts: list[str]) -> list[Row]:
    """Documents of one crawl: some new, some like those of ``texts``, which grows."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        text = "".join(rng.choices("あいうえおかきくけこ", k=rng.choice((2, 25, 40))))
        if texts and rng.random() < 0.6:
            text = rng.choice(texts)
            place = rng.randrange(len(text))
            text = text[:place] + rng.choice(("さ", text[place])) + text[place + 1 :]
        texts.append(text)
        rows.append(row(f"{year}-{number:04d}", text, f"{year}-01-01T00:00:00Z"))
    return rows


def write_parts(folder: Path, rows: Sequence[Row], parts: int = 3) -> list[Path]:
    folder.mkdir(parents=True)
    paths = [folder / f"part-{number}.judged.parquet" for number in range(parts)]
    for number, path in enumerate(paths):
        pq.write_table(pa.Table.from_pylist(list(rows[number::parts]), schema=JUDGED), path)
    return paths


def run_dedup(judged: Sequence[Path], folder: Path, **settings: object) -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        given = {"order": KeepOrder(), "group_claims": 100} | settings
        deduplicate(pipeline, judged, folder, DedupSettings(PARAMETERS, **given))  # type: ignore[arg-type]


def index_of(
    judged: Sequence[Path],
    drops: Path,
    folder: Path,
    parameters: DedupParameters = PARAMETERS,
    level: str = "L2",
) -> Path:
    """The index of the kept documents of parts, all of one ``level``; LX is that of a test set."""
    parts = [
        JudgedPart(path.name.removesuffix(".judged.parquet"), level, path, path, path, drops_of(path, drops))
        for path in judged
    ]
    settings = IndexSettings(folder, parameters, KeepOrder(), frozenset({"LX"}), range_entries=50)
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        write_band_index(pipeline, parts, levels_without_drops, settings)
    finish_band_index(parts, settings)
    return folder


def drops_of(judged: Path, drops: Path) -> Path:
    return drops / judged.name.replace("judged", "drops")


def levels_without_drops(part: JudgedPart) -> list[str | None]:
    gone = set(pq.read_table(part.drops)["row"].to_pylist())
    return [None if number in gone else part.subset for number in range(pq.read_metadata(part.judged).num_rows)]


def dropped(judged: Sequence[Path], folder: Path) -> dict[str, str]:
    """id -> the id it duplicates, of all parts."""
    found = {}
    for path in judged:
        ids = pq.read_table(path)["id"].to_pylist()
        drops = pq.read_table(folder / path.name.replace("judged", "drops"))
        found |= {ids[line["row"]]: line["duplicate_of"] for line in drops.to_pylist()}
    return found


def removed(folder: Path) -> dict[str, str]:
    tables = [pq.read_table(path) for path in sorted(folder.glob("removals/*/*.parquet"))]
    return {line["id"]: line["duplicate_of"] for table in tables for line in table.to_pylist()}


@dataclass(frozen=True)
class Crawls:
    """The index of a deduplicated crawl of 2024, the documents it kept, the parts of a crawl of 2025, and the index
    of what that one kept when the old stayed."""

    folder: Path
    index: Path
    kept: list[Row]
    new: list[Path]
    recent: Path

    def together(self, name: str) -> list[Path]:
        """Parts of what the old crawl kept and all of the new one, as if they were one corpus."""
        return write_parts(self.folder / name, self.kept + rows_of(self.new))


def rows_of(judged: Sequence[Path]) -> list[Row]:
    return [line for path in judged for line in pq.read_table(path).to_pylist()]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Crawls:
    folder = tmp_path_factory.mktemp("crawls")
    texts: list[str] = []
    old = write_parts(folder / "2024", crawl(1, 150, 2024, texts))
    new = write_parts(folder / "2025", crawl(2, 150, 2025, texts))
    run_dedup(old, folder / "drops-2024")
    gone = dropped(old, folder / "drops-2024")
    index = index_of(old, folder / "drops-2024", folder / "old")
    run_dedup(new, folder / "drops-2025", earlier=(index,))
    recent = index_of(new, folder / "drops-2025", folder / "recent")
    return Crawls(folder, index, [line for line in rows_of(old) if line["id"] not in gone], new, recent)


def test_newest_keeps_as_if_both_crawls_were_one(crawls: Crawls, tmp_path: Path) -> None:
    run_dedup(crawls.new, tmp_path, earlier=(crawls.index,), earlier_stay=False)
    together = crawls.together("newest")
    run_dedup(together, tmp_path / "together")
    gone = removed(tmp_path)
    assert gone
    assert dropped(crawls.new, tmp_path) | gone == dropped(together, tmp_path / "together")


def test_old_keeps_as_if_both_crawls_were_one_with_the_oldest_first(crawls: Crawls, tmp_path: Path) -> None:
    run_dedup(crawls.new, tmp_path, earlier=(crawls.index,))
    together = crawls.together("oldest")
    run_dedup(together, tmp_path / "together", order=KeepOrder("oldest"))
    found = dropped(crawls.new, tmp_path)
    assert not removed(tmp_path)
    assert any(kept.startswith("2024") for kept in found.values())
    assert found == dropped(together, tmp_path / "together")


def test_a_drop_says_where_in_the_older_corpus_the_kept_document_lies(crawls: Crawls, tmp_path: Path) -> None:
    run_dedup(crawls.new, tmp_path, earlier=(crawls.index,))
    drops = pa.concat_tables([pq.read_table(path) for path in sorted(tmp_path.glob("*.drops.parquet"))])
    by_id = {line["id"]: line for line in rows_of(crawls.new)} | {line["id"]: line for line in crawls.kept}
    for drop in drops.to_pylist():
        if drop["duplicate_of"].startswith("2024"):
            index, _, part = drop["kept_part"].partition("/")
            assert index == "old"
            table = pq.read_table(crawls.index / "documents" / f"{part}.parquet")
            assert table["id"][drop["kept_row"]].as_py() == drop["duplicate_of"]
            assert table["sketch"][drop["kept_row"]].as_py() == by_id[drop["duplicate_of"]]["sketch"]


def test_merged_indexes_answer_as_all_of_them(crawls: Crawls, tmp_path: Path) -> None:
    merged = tmp_path / "merged"
    merge_band_indexes([crawls.recent, crawls.index], merged, PARAMETERS, KeepOrder(), range_entries=30)
    third = crawl(3, 100, 2026, [])
    again = [line | {"id": f"again-{line['id']}"} for line in (*crawls.kept[::3], *rows_of(crawls.new)[::3])]
    judged = write_parts(tmp_path / "2026", third + again)
    run_dedup(judged, tmp_path / "by-two", earlier=(crawls.index, crawls.recent))
    run_dedup(judged, tmp_path / "by-one", earlier=(merged,))
    found = dropped(judged, tmp_path / "by-one")
    assert found == dropped(judged, tmp_path / "by-two")
    assert {line["id"] for line in again} <= set(found)


def test_merging_is_the_same_in_any_order(crawls: Crawls, tmp_path: Path) -> None:
    for name, folders in (("a", [crawls.recent, crawls.index]), ("b", [crawls.index, crawls.recent])):
        merge_band_indexes(folders, tmp_path / name, PARAMETERS, KeepOrder(), range_entries=30)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_what_newer_crawls_displaced_leaves_the_merged_index(crawls: Crawls, tmp_path: Path) -> None:
    run_dedup(crawls.new, tmp_path / "new", earlier=(crawls.index,), earlier_stay=False)
    recent = index_of(crawls.new, tmp_path / "new", tmp_path / "recent")
    gone = removed(tmp_path / "new")
    merge_band_indexes(
        [crawls.index, recent], tmp_path / "all", PARAMETERS, KeepOrder(), removals=tmp_path / "new" / "removals"
    )
    index = open_band_index(tmp_path / "all", PARAMETERS, KeepOrder())
    kept = [i for path in index.document_files for i in pq.read_table(path)["id"].to_pylist()]
    new_kept = {line["id"] for line in rows_of(crawls.new)} - set(dropped(crawls.new, tmp_path / "new"))
    assert sorted(kept) == sorted(({line["id"] for line in crawls.kept} - set(gone)) | new_kept)
    by_id = {line["id"]: line for line in [*crawls.kept, *rows_of(crawls.new)]}
    ids = [pq.read_table(path)["id"].to_pylist() for path in index.document_files]
    for band in range(PARAMETERS.r):
        for entries in index.entries(band, 0, 2**64 - 1):
            for key, document in zip(entries["key"][:, 0].tolist(), entries["document"].tolist(), strict=True):
                assert by_id[ids[document >> 32][document & 0xFFFFFFFF]]["band_keys"][band] == key  # type: ignore[index]


@pytest.mark.parametrize(
    ("parameters", "order", "named"),
    [
        (DedupParameters(b=2, r=5, n=3), KeepOrder(), "parameters"),
        (DedupParameters(b=2, r=6, n=3, seed=2), KeepOrder(), "parameters"),
        (PARAMETERS, KeepOrder("longest"), "keep"),
    ],
)
def test_an_index_made_otherwise_is_refused(
    crawls: Crawls, parameters: DedupParameters, order: KeepOrder, named: str
) -> None:
    with pytest.raises(RequestError, match=rf"index\.json: {named}: found .*, expected "):
        open_band_index(crawls.index, parameters, order)


def test_a_folder_without_a_finished_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"found no index\.json"):
        open_band_index(tmp_path, PARAMETERS, KeepOrder())


def test_an_index_costs_at_most_a_kilobyte_a_document(tmp_path: Path) -> None:
    paper = PRESETS["swallow-paper"]
    rng = np.random.default_rng(5)
    rows = [
        row(f"{i:032x}", "", "2025-06-01T00:00:00Z")
        | {
            "url": f"https://host-{rng.integers(10**6)}.example/{rng.bytes(20).hex()}/{rng.bytes(8).hex()}.html",
            "fingerprint": rng.bytes(16),
            "band_keys": rng.integers(0, 2**63, paper.r).tolist(),
            "sketch": rng.bytes(paper.permutations),
        }
        for i in range(2_000)
    ]
    judged = write_parts(tmp_path / "in", rows)
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        deduplicate(pipeline, judged, tmp_path / "drops", DedupSettings(paper, KeepOrder()))
    index = index_of(judged, tmp_path / "drops", tmp_path / "index", paper)
    assert sum(path.stat().st_size for path in index.rglob("*") if path.is_file()) / len(rows) <= 1_000


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
