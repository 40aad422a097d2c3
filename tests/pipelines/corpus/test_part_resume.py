"""What a run that ends in the middle leaves behind: every part it had read, sealed, and none that it had not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tesuki.pipelines.corpus.extract_pipeline import page_tables
from tesuki.pipelines.journey.chunk import Chunk, chunks
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.storage.part_writer import WriteParts, read_seal

PARTS = ("one", "two", "three", "four")


def read_part(part: str) -> Sequence[Chunk]:
    """A part of 300 pages, as `extract` reads one from an archive: more than two chunks, in order."""
    pages = [Page("web", "a.warc.gz", n, 1, f"<urn:{n}>", f"https://{n}.example/", "", text=part) for n in range(300)]
    return list(chunks(part, pages, "read"))


def tables_until_the_third_part(chunk: Chunk) -> Mapping[str, pa.Table]:
    """Stands for a worker that dies while it writes the second chunk of the third part."""
    if (chunk.part, chunk.number) == ("three", 1):
        raise OSError("no space left on device")
    return page_tables(chunk)


def test_a_run_that_ends_in_the_middle_keeps_the_parts_it_has_read(tmp_path: Path) -> None:
    with (
        pytest.raises(Exception, match="no space left on device"),
        beam.Pipeline(runner=FnApiRunner()) as pipeline,
    ):
        _ = (
            pipeline
            | beam.Create(PARTS, reshuffle=False)
            | beam.FlatMap(read_part)
            | WriteParts("write", tmp_path, tables_until_the_third_part)
        )
    assert all(read_seal(tmp_path, part) for part in ("one", "two"))
    assert {path.parent.name for path in (tmp_path / "chunks").rglob("*.arrow")} == {"three"}
    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == [
        f"{part}.{table}.parquet" for part in ("one", "two") for table in ("fates", "pages")
    ]
