"""Every format of a subset: any bytes give pages and fates that can be written, and the same ones twice."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.gathered import GATHERED
from tesuki.pipelines.reading.sources import FORMATS, Source, ranges_of

FILES = sorted(name for name, form in FORMATS.items() if not form.by_index)
"""Formats of files that strangers write; lists of a crawl's rows are our own."""

FOLDER = tempfile.TemporaryDirectory()


def seeds() -> Iterator[bytes]:
    """A small file of each kind behind the number of its format."""
    lines = json.dumps({"text": "文章", "url": "https://a.jp/", "date": 1714521600, "id": 7}).encode() + b"\n"
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["文章", None], "date": pa.array([0, 1], pa.timestamp("ns"))}), table)
    record = b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 6\r\n\r\n\xe6\x96\x87\xe7\xab\xa0\r\n\r\n"
    wiki = "<mediawiki><page><title>t</title><ns>0</ns><id>1</id><text>'''文'''[[章|節]]{{x}}</text></page></mediawiki>"
    search = b'{"index":{"_id":"1"}}\n{"title":"t","text":"\xe6\x96\x87","wiki":"jawiki","namespace":0}\n'
    for number, form in enumerate(FILES):
        kinds = {"jsonl": lines, "parquet": table.getvalue(), "wikipedia": wiki.encode(), "cirrussearch": search}
        seed = kinds.get(form, record)
        yield bytes([number]) + seed
        yield bytes([number]) + gzip.compress(seed)


def attack(data: bytes) -> None:
    """The first byte chooses the format."""
    if not data:
        return
    form = FILES[data[0] % len(FILES)]
    path = Path(FOLDER.name) / "a"
    path.write_bytes(data[1:])
    found = read(path, form, 1 << 30)
    assert found, "a file without a row"
    assert named(read(path, form, 700)) == named(found), "ranges differ from the whole"
    for item in found:
        written = [item.record_id, item.url, item.archive]
        written += [item.detail, item.rule] if isinstance(item, Fate) else [item.text, item.title, item.date, item.id]
        "".join(written).encode()


def named(items: list[Page | Fate]) -> list[Page | Fate]:
    """Without the rows that stand for several records, of which each range has its own."""
    return [item for item in items if not (isinstance(item, Fate) and item.rule in GATHERED)]


def read(path: Path, form: str, step: int) -> list[Page | Fate]:
    """All items of the file, read in ranges of ``step`` bytes."""
    source = Source(form, {}, {path.name: str(path)})
    return [item for part in ranges_of(str(path), "s", form, step) for item in source.read(part)]
