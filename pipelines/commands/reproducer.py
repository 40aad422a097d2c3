"""The smallest archive that shows what happened to one page: a WARC file with its record alone."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tesuki.pipelines.journey.page import Fate
from tesuki.pipelines.reading.warc.archive import records_at
from tesuki.pipelines.reading.warc.pages import item_of
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Damage, Record


def write_reproducer(archive: Path, fate: Fate, folder: Path) -> Path:
    """Copy the record of ``fate`` out of ``archive`` into a file of its own in ``folder``; read, it has its fate again.

    The record is written anew as WARC/1.0 with its fields and its block unchanged (and its id, where it bore none).
    Damage is copied byte for byte, as it is the bytes that are at fault. Raises LookupError where the archive holds no
    such record, ValueError for one longer than `tesuki.pipelines.reading.warc.records.CONTENT_BYTES`.
    """
    for found in records_at(archive, fate.offset):
        record_id = item_of(found, fate.subset, fate.archive).record_id
        if record_id == fate.record_id:
            path = folder / _name(record_id, archive.name if isinstance(found, Damage) else "warc.gz")
            return _copy(archive, found, path) if isinstance(found, Damage) else _write(found, record_id, path)
    raise LookupError(f"{archive.name} at byte {fate.offset}: no record {fate.record_id} is there")


def _write(record: Record, record_id: str, path: Path) -> Path:
    if record.content_length > CONTENT_BYTES:
        raise ValueError(f"record {record_id} has {record.content_length} bytes, more than {CONTENT_BYTES}")
    fields = [field for field in record.headers if field[0].lower() not in ("content-length", "warc-record-id")]
    headers = StatusAndHeaders("", [("WARC-Record-ID", record_id), *fields], "WARC/1.0")
    # For warcio every record is a response here: of a revisit it would leave the block out.
    block = ArcWarcRecord("warc", "response", headers, BytesIO(record.content), None, None, len(record.content))
    with path.open("wb") as file:
        WARCWriter(file, gzip=True).write_record(block)
    return path


def _copy(archive: Path, damage: Damage, path: Path) -> Path:
    with archive.open("rb") as file:
        file.seek(damage.offset)
        path.write_bytes(file.read(damage.length))
    return path


def _name(record_id: str, ending: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", record_id).strip("-")[-64:] + "." + ending
