"""Build the sample archives from the readable pages in ``samples/pages``.

    python samples/make_warc.py OUT_DIR

One archive for each subset and crawl month, ``<subset>-<month>.warc.gz``, its records in the order of
``samples/pages/pages.tsv``, one gzip member a record, as Common Crawl writes them. The same table and pages
give the same bytes: dates come from the table, record ids are UUIDs derived from what the record holds, the
gzip headers carry no time. An archive that already has the right bytes is left untouched.

Columns of the table (tab-separated, ``-`` for nothing):

``record``    the capture's own name; ``fates.tsv`` speaks of it
``source``    the page in ``samples/pages``, UTF-8 whatever the capture's encoding is
``subset``    which source of the corpus the archive belongs to
``date``      capture time, UTC
``url``       address captured
``type``      WARC record type: response, request, metadata or revisit
``status``    HTTP status line without the protocol
``headers``   HTTP headers, `` | `` between them
``encoding``  a Python codec or one of `ENCODERS`; U+FFFD in a source becomes the broken byte 0xFF
``body``      how the server sent the bytes: one of `BODIES`
``damage``    what is done to the finished gzip member: one of `DAMAGES`, or ``-``
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGES = Path(__file__).resolve().parent / "pages"
SOFTWARE = "samples/make_warc.py"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://tesuki.example/samples")
SWOLLEN_BYTES = 96 * 1024 * 1024
"""What the swelling body opens up to; it is sent as about 100 kB."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One row of ``pages.tsv``: one record of one archive."""

    record: str
    source: str
    subset: str
    date: str
    url: str
    type: str
    status: str
    headers: str
    encoding: str
    body: str
    damage: str

    @property
    def archive(self) -> str:
        """Name of the archive that holds the record."""
        return f"{self.subset}-{self.date[:7]}.warc.gz"


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member of an archive, damaged or not; ``record`` is ``""`` for the archive's own warcinfo."""

    record: str
    data: bytes


def captures(table: Path = PAGES / "pages.tsv") -> list[Capture]:
    """The rows of the table, in order. Raises ValueError naming the line with the wrong number of columns."""
    names = [field.name for field in fields(Capture)]
    rows = []
    with table.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if (header := next(reader)) != names:
            raise ValueError(f"{table}: columns are {header}, expected {names}")
        for row in reader:
            if len(row) != len(names):
                raise ValueError(f"{table}:{reader.line_num}: {len(row)} columns, expected {len(names)}")
            rows.append(Capture(*("" if cell == "-" else cell for cell in row)))
    return rows


def twice_encoded(text: str) -> bytes:
    """UTF-8 that somebody took for Latin-1 and saved as UTF-8 again: the commonest mojibake."""
    return text.encode("utf-8").decode("latin-1").encode("utf-8")


def character_references(text: str) -> bytes:
    """ASCII, every other character written as ``&#12354;``."""
    return text.encode("ascii", errors="xmlcharrefreplace")


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "utf-8-twice": twice_encoded,
    "character-references": character_references,
}


def encoded(text: str, encoding: str) -> bytes:
    """The text in the named encoding. Raises UnicodeEncodeError for characters the encoding lacks."""
    parts = text.split("\N{REPLACEMENT CHARACTER}")
    if encoding in ENCODERS:
        return b"\xff".join(ENCODERS[encoding](part) for part in parts)
    return b"\xff".join(part.encode(encoding) for part in parts)


def compressed(payload: bytes) -> bytes:
    """One gzip member without a time in its header (RFC 1952 section 2.3.1: MTIME 0)."""
    return gzip.compress(payload, compresslevel=9, mtime=0)


def chunked(payload: bytes, size: int = 1500) -> bytes:
    """The chunked transfer coding (RFC 9112 section 7.1)."""
    pieces = (payload[start : start + size] for start in range(0, len(payload), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def swollen(payload: bytes) -> bytes:
    """A small gzip body that opens up to `SWOLLEN_BYTES` of spaces after the page."""
    return compressed(payload + b" " * (SWOLLEN_BYTES - len(payload)))


def with_broken_chunk(payload: bytes) -> bytes:
    """Chunks whose second size line is no number."""
    return chunked(payload).replace(b"\r\n5dc\r\n", b"\r\nzzz\r\n", 1)


@dataclass(frozen=True, slots=True)
class Body:
    """How a server sends a page: the bytes it makes of it and the header lines that say so."""

    send: Callable[[bytes], bytes]
    headers: tuple[tuple[str, str], ...] = ()


GZIPPED = ("Content-Encoding", "gzip")
CHUNKED = ("Transfer-Encoding", "chunked")
BODIES = {
    "plain": Body(bytes),
    "gzip": Body(compressed, (GZIPPED,)),
    "chunked": Body(chunked, (CHUNKED,)),
    "chunked gzip": Body(lambda payload: chunked(compressed(payload)), (GZIPPED, CHUNKED)),
    "swollen gzip": Body(swollen, (GZIPPED,)),
    "broken chunks": Body(with_broken_chunk, (CHUNKED,)),
}


def cut(member: bytes) -> bytes:
    """A member whose second half was never written."""
    return member[: len(member) // 2]


def shifted_length(member: bytes, by: int) -> bytes:
    """A member whose WARC ``Content-Length`` is off by so many bytes."""
    head, separator, rest = gzip.decompress(member).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(b"Content-Length:"))
    lines[at] = b"Content-Length: %d" % (int(lines[at].split(b":")[1]) + by)
    return compressed(b"\r\n".join(lines) + separator + rest)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "cut": cut,
    "length too long": lambda member: shifted_length(member, 5000),
    "length too short": lambda member: shifted_length(member, -700),
    "overwritten": lambda member: member[:40] + b"\0" * (len(member) - 40),
}


def record_id(*content: bytes | str) -> str:
    """A WARC-Record-ID that depends on the content and on nothing else."""
    digest = hashlib.sha256()
    for piece in content:
        data = piece.encode("utf-8") if isinstance(piece, str) else piece
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"<urn:uuid:{uuid.uuid5(NAMESPACE, digest.hexdigest())}>"


def payload_of(capture: Capture, pages: Path = PAGES) -> bytes:
    """The bytes as the server sent them. Raises ValueError naming the page that cannot be written so."""
    if not capture.source:
        return b""
    path = pages / capture.source
    if path.suffix == ".hex":
        return BODIES[capture.body].send(bytes.fromhex(path.read_text(encoding="ascii")))
    try:
        return BODIES[capture.body].send(encoded(path.read_text(encoding="utf-8"), capture.encoding))
    except UnicodeEncodeError as problem:
        raise ValueError(
            f"{path}: {problem.object[problem.start : problem.end]!r} does not exist in {capture.encoding}; "
            "use another character or another encoding in pages.tsv"
        ) from problem


def http_head(capture: Capture, payload: bytes) -> StatusAndHeaders | None:
    """Status line and headers of an HTTP record, None for a record that is not HTTP."""
    if capture.type == "metadata":
        return None
    headers = [tuple(line.split(": ", 1)) for line in capture.headers.split(" | ") if line]
    if capture.type == "request":
        return StatusAndHeaders(capture.status, headers, is_http_request=True)
    headers.extend(BODIES[capture.body].headers)
    if CHUNKED not in headers and capture.type == "response":
        headers.append(("Content-Length", str(len(payload))))
    return StatusAndHeaders(capture.status, headers, protocol="HTTP/1.1")


def member(
    uri: str, kind: str, warc_headers: dict[str, str], payload: bytes, http: StatusAndHeaders | None
) -> bytes:
    """One record as warcio writes it: one gzip member."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.0")
    stream = io.BytesIO(payload)
    record = writer.create_warc_record(
        uri, kind, payload=stream, length=len(payload), warc_headers_dict=warc_headers, http_headers=http
    )
    writer.write_record(record)
    return out.getvalue()


def captured(capture: Capture) -> Member:
    """The record of one capture, with its damage done."""
    payload = payload_of(capture)
    identity = record_id(capture.url, capture.date, capture.type, capture.status, capture.headers, payload)
    warc_headers = {"WARC-Record-ID": identity, "WARC-Date": capture.date}
    if capture.type == "revisit":
        digest = base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode("ascii")
        warc_headers["WARC-Payload-Digest"] = f"sha1:{digest}"
        warc_headers["WARC-Profile"] = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
        payload = b""
    data = member(capture.url, capture.type, warc_headers, payload, http_head(capture, payload))
    return Member(capture.record, DAMAGES[capture.damage](data))


def warcinfo(archive: str, date: str) -> Member:
    """The archive's opening record."""
    payload = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.0\r\nisPartOf: {archive}\r\n".encode()
    warc_headers = {
        "WARC-Record-ID": record_id(archive, payload),
        "WARC-Date": date,
        "WARC-Filename": archive,
    }
    return Member("", member("", "warcinfo", warc_headers, payload, None))


def archives(rows: list[Capture]) -> dict[str, list[Member]]:
    """The members of every archive, by the archive's name; dated by its first capture."""
    made: dict[str, list[Member]] = {}
    for row in rows:
        members = made.setdefault(row.archive, [])
        if not members:
            members.append(warcinfo(row.archive, row.date))
        members.append(captured(row))
    return made


def write(folder: Path) -> list[Path]:
    """Write every archive into ``folder`` (made if missing), whole or not at all; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, members in sorted(archives(captures()).items()):
        data = b"".join(one.data for one in members)
        path = folder / name
        if not path.exists() or path.read_bytes() != data:
            unfinished = path.with_name(f".{name}.unfinished")
            unfinished.write_bytes(data)
            unfinished.replace(path)
        paths.append(path)
    return paths


def main(arguments: list[str]) -> int:
    """Exit code 0, or 2 for a wrong call."""
    if len(arguments) != 1:
        print("usage: python samples/make_warc.py OUT_DIR", file=sys.stderr)
        return 2
    for path in write(Path(arguments[0])):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
