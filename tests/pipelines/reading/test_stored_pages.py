"""Scrubbed pages come back from where they were read, whatever their format, and a file is not read once for each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.corpus.scrub import scrub_pages
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.sources import FORMATS, Format, Source, ranges_of
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.storage.rows import page_rows


@contextmanager
def no_extraction() -> Iterator[Step]:
    yield lambda page: page


def test_scrubbed_lines_come_back_in_one_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = tmp_path / "documents.jsonl"
    documents = [
        {"text": f"文章その{number}。無断転載禁止。", "url": f"https://a.jp/{number}"} for number in range(300)
    ]
    lines.write_text("".join(json.dumps(each) + "\n" for each in documents), encoding="utf-8")
    (whole,) = ranges_of(str(lines), "web", "jsonl", 1 << 20)
    source = Source("jsonl", {}, {lines.name: str(lines)})
    before = [page for page in source.read(whole) if isinstance(page, Page)]
    assert len(before) == len(documents)
    assert before[0].evidence
    table = tmp_path / "p.pages.parquet"
    pq.write_table(page_rows(before), table)
    scrubbed = set(range(0, 300, 2))
    scrub_pages(tmp_path, table, scrubbed)

    read: list[int] = []
    read_lines = FORMATS["jsonl"].read

    def counted(part: Range, columns: Mapping[str, str]) -> Iterator[Page | Fate]:
        for item in read_lines(part, columns):
            read.append(item.offset)
            yield item

    monkeypatch.setitem(FORMATS, "jsonl", Format(counted))  # type: ignore[arg-type]
    assert list(PageStore({"web": source}, decode, no_extraction).pages(table, "web")) == before
    assert len(read) <= len(documents)


def test_a_source_that_has_changed_is_named(tmp_path: Path) -> None:
    lines = tmp_path / "documents.jsonl"
    lines.write_text('{"text": "一つ目"}\n{"text": "二つ目"}\n', encoding="utf-8")
    (whole,) = ranges_of(str(lines), "web", "jsonl", 1 << 20)
    source = Source("jsonl", {}, {lines.name: str(lines)})
    table = tmp_path / "p.pages.parquet"
    pq.write_table(page_rows([page for page in source.read(whole) if isinstance(page, Page)]), table)
    scrub_pages(tmp_path, table, {1})
    lines.write_text('{"text": "一つ目"}\n', encoding="utf-8")
    with pytest.raises(
        WorkError, match=r"documents\.jsonl at byte \d+: the page documents\.jsonl#\d+ could not be read"
    ):
        list(PageStore({"web": source}, decode, no_extraction).pages(table, "web"))
