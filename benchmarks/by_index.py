"""What asking for records by a crawl's index costs beside reading the whole archive, and whether it gives the same.

Usage: python benchmarks/by_index.py ARCHIVE LABELS [FOLDER]

ARCHIVE is a WARC file, LABELS its JSON Lines of ``record_id`` and ``lang``. It is served on loopback by another
process that answers one request in ten with 503; the index says ``jpn`` of what is labelled Japanese. FOLDER keeps what
is made, for ``tesuki fetch FOLDER/index.parquet --audit 1``.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
from base64 import b32encode
from collections import deque
from collections.abc import Iterator
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import process_time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.remote import fetch
from tesuki.pipelines.reading.remote.index_plan import plan_rows, row_ranges
from tesuki.pipelines.reading.remote.index_rows import Where
from tesuki.pipelines.reading.remote.manners import Manners, pace_of
from tesuki.pipelines.reading.sources import Source
from tesuki.pipelines.reading.warc.archive import read_records
from tesuki.pipelines.reading.warc.records import Record

NAME = "crawl-data/a.warc.gz"


def main(archive: Path, labels: Path, folder: Path) -> None:
    """Print a line for each filter: rows, whether they are those of the whole archive, bytes, requests, CPU."""
    fetch.FIRST_PAUSE = 0.001
    said = {row["record_id"]: row["lang"] for row in map(json.loads, labels.read_text().splitlines())}
    rows = list(_rows(archive, said))
    index = folder / "index.parquet"
    pq.write_table(pa.Table.from_pylist(rows), index)
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(archive, sender), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{receiver.recv()}"
    size = archive.stat().st_size
    before = process_time()
    whole = Source("warc", {}, {archive.name: str(archive)})
    items = list(whole.read(Range("web", str(archive), "a.warc.gz", 0, size)))
    spent = process_time() - before
    print(f"whole archive from disk: {len(items):,} items, {size / 1e6:.1f} MB, {spent:.2f} s of CPU")
    known = {(item.offset, item.record_id): item for item in items}
    for name, where in (("jpn", Where(statuses=())), ("every row", Where(languages=(), statuses=()))):
        manners = Manners("tesuki-benchmark", 1e6, str(folder / f"{name}.pace"))
        before = process_time()
        (rows_list,) = plan_rows([index], where, folder / name, manners)
        source = Source("common-crawl", {}, {rows_list.name: str(rows_list)}, manners, base)
        found: deque[Page | Fate] = deque()
        for part in row_ranges(rows_list, "web", 64 << 20):
            found.extend(source.read(part))
        spent = process_time() - before
        equal = sum(known.get((item.offset, item.record_id)) == item for item in found)
        pace = pace_of(manners)
        print(
            f"{name}: {len(found):,} rows, {equal:,} equal, {pace.bytes / 1e6:.1f} MB ({pace.bytes / size:.0%}) in "
            f"{pace.requests:,} requests, {spent:.2f} s of CPU"
        )
    server.terminate()


def _rows(archive: Path, said: dict[str, str]) -> Iterator[dict[str, Any]]:
    for record in read_records(archive, "gzip", 0, archive.stat().st_size):
        if not isinstance(record, Record) or record.header("warc-type") != "response":
            continue
        payload = record.content.partition(b"\r\n\r\n")[2]
        url = record.header("warc-target-uri")
        yield {
            "url": url,
            "url_host_name": host_of(url) or "",
            "url_host_tld": (host_of(url) or "").rpartition(".")[2],
            "content_languages": {"ja": "jpn"}.get(said.get(record.header("warc-record-id"), ""), "eng"),
            "content_mime_detected": "text/html",
            "content_digest": b32encode(sha1(payload, usedforsecurity=False).digest()).decode(),
            "fetch_status": 200,
            "warc_filename": NAME,
            "warc_record_offset": record.offset,
            "warc_record_length": record.length,
        }


def _serve(archive: Path, sender: Any) -> None:
    content, asked = archive.read_bytes(), 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words: object) -> None:
            pass

        def do_GET(self) -> None:
            nonlocal asked
            asked += 1
            first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
            piece = b"" if asked % 10 == 0 else content[first : last + 1]
            self.send_response(206 if piece else 503)
            self.send_header("Content-Range", f"bytes {first}-{first + len(piece) - 1}/{len(content)}")
            self.send_header("ETag", '"a"')
            self.send_header("Content-Length", str(len(piece)))
            self.end_headers()
            self.wfile.write(piece)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sender.send(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) > 3:
        main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(sys.argv[1]), Path(sys.argv[2]), Path(made))
