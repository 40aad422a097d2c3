"""Parts on disk: the same bytes whatever the order and however often a chunk is written; no seal for half a part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.pipelines.corpus.extract_pipeline import page_tables
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.page import Page, leave
from tesuki.pipelines.storage import part_writer
from tesuki.pipelines.storage.part_writer import WriteParts, read_seal
from tesuki.pipelines.storage.work_files import WORK, read_work

PAGES = 300
"""More than two chunks of them."""


def page(number: int) -> Page:
    return Page("web", "a.warc.gz", number, 1, f"<urn:{number}>", f"https://{number}.example/", "", text=f"頁{number}")


def chunks_of(*parts: str) -> list[Chunk]:
    items = [page(n) if n % 7 else leave(page(n), "dead", "read", "read.damaged") for n in range(PAGES)]
    return [chunk for part in parts for chunk in chunks(part, items, "read")]


def write(folder: Path, given: Sequence[Chunk]) -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = pipeline | beam.Create(given, reshuffle=False) | WriteParts("write", folder, page_tables)


def content(folder: Path) -> Mapping[str, bytes]:
    """All files but those that say how long it took."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != WORK)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_part_holds_its_rows_in_order_and_its_seal_tells_the_truth(tmp_path: Path) -> None:
    write(tmp_path, chunks_of("one"))
    pages = pq.read_table(tmp_path / "one.pages.parquet")
    assert pages["offset"].to_pylist() == [n for n in range(PAGES) if n % 7]
    assert pq.read_table(tmp_path / "one.fates.parquet")["offset"].to_pylist() == list(range(0, PAGES, 7))
    seal = read_seal(tmp_path, "one")
    assert seal is not None
    assert [(file.path, file.rows) for file in seal.files] == [
        ("one.fates.parquet", len(range(0, PAGES, 7))),
        ("one.pages.parquet", pages.num_rows),
    ]
    for file in seal.files:
        assert file.bytes == (tmp_path / file.path).stat().st_size
    (count,) = seal.counts
    assert (count.station, count.arrived, count.passed) == ("read", PAGES, pages.num_rows)
    assert not list((tmp_path / "chunks").rglob("*.arrow"))
    (work,) = read_work(tmp_path, ["one", "another"])
    assert work.station == "read"
    assert work.seconds > 0
    assert work.memory > 1 << 20


def test_what_a_part_cost_is_not_asked_of_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / WORK).mkdir()
    (tmp_path / WORK / "one.json").write_text('[{"station": "read"')
    (tmp_path / WORK / "two.json").write_text('[{"another": "field"}]')
    assert list(read_work(tmp_path, ["one", "two", "three"])) == []


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Two parts written from chunks that came once each, in order."""
    folder = tmp_path_factory.mktemp("in-order")
    write(folder, chunks_of("one", "two"))
    return content(folder)


@settings(max_examples=5, deadline=None)
@given(shuffled=st.permutations(chunks_of("one", "two") * 2))
def test_any_order_and_every_chunk_twice_gives_the_same_bytes(
    in_order: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory, shuffled: list[Chunk]
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    write(folder, shuffled)
    assert content(folder) == in_order


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_lost_chunk_fails_the_run_and_seals_nothing(tmp_path: Path, missing: int) -> None:
    given_chunks = chunks_of("one")
    assert len(given_chunks) == 3
    with pytest.raises(Exception, match="part one: chunks are missing"):
        write(tmp_path, [chunk for chunk in given_chunks if chunk.number != missing])
    assert read_seal(tmp_path, "one") is None
    assert not list(tmp_path.glob("seals/*"))
    assert not list(tmp_path.glob("*.parquet"))


def test_a_sealed_part_is_not_written_again(tmp_path: Path) -> None:
    write(tmp_path, chunks_of("one"))
    before = {path: path.stat().st_mtime_ns for path in (*tmp_path.glob("*.parquet"), *tmp_path.glob("seals/*"))}
    write(tmp_path, chunks_of("one"))
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_seal_whose_file_is_gone_is_not_believed(tmp_path: Path) -> None:
    """A run that was killed while its tables were being moved away leaves the seals behind."""
    write(tmp_path, chunks_of("one"))
    whole = content(tmp_path)
    (tmp_path / "one.pages.parquet").unlink()
    write(tmp_path, chunks_of("one"))
    assert content(tmp_path) == whole


def test_a_part_without_records_is_a_part(tmp_path: Path) -> None:
    write(tmp_path, list(chunks("none", [], "read")))
    assert pq.read_metadata(tmp_path / "none.pages.parquet").num_rows == 0
    assert read_seal(tmp_path, "none") is not None


def test_row_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_writer, "ROWS_A_GROUP", 100)
    write(tmp_path, chunks_of("one"))
    metadata = pq.read_metadata(tmp_path / "one.pages.parquet")
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [100, 100, 57]


def test_seals_read_back_what_was_written(tmp_path: Path) -> None:
    write(tmp_path, chunks_of("two", "one"))
    first, second = (read_seal(tmp_path, path.stem) for path in sorted(tmp_path.glob("seals/*.json")))
    assert first
    assert second
    assert (first.part, second.part) == ("one", "two")
    assert replace(first, part="two", files=()) == replace(second, files=())
    assert json.loads((tmp_path / "seals" / "one.json").read_bytes())["part"] == "one"


def test_tables_of_a_part_keep_their_schema(tmp_path: Path) -> None:
    write(tmp_path, chunks_of("one"))
    assert pq.read_schema(tmp_path / "one.pages.parquet").field("text").type == pa.large_string()
