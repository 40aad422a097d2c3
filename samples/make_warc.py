"""Build the sample archives from the readable pages in ``samples/pages``.

    python samples/make_warc.py OUT_DIR

One archive for each subset and crawl month, ``<subset>-<month>.warc.gz``, its records in the order of
``samples/pages/pages.tsv``, one gzip member a record, as Common Crawl writes them. The same table and pages
give the same bytes: dates come from the table, record ids are UUIDs derived from what the record holds, the
gzip headers carry no time. An archive that already has the right bytes is left untouched; one that an earlier
state of the table made and this one does not is removed.

``samples/pages/README.md`` explains the columns of the table.
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import importlib.util
import io
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGES = Path(__file__).resolve().parent / "pages"
SOFTWARE = "samples/make_warc.py"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://tesuki.example/samples")
SWOLLEN_BYTES = 40 * 1024 * 1024
"""What the swollen body opens up to; it is sent as 40 kB."""


def _beside(name: str) -> ModuleType:
    """The script of that name in this folder, which need not be where Python looks for modules."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).resolve().with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"no script {name} beside {__file__}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


make_pdf = _beside("make_pdf")


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


Member = tuple[str, bytes]
"""(record, gzip member of the archive, damaged or not); the record of an archive's own warcinfo is ``""``."""


def compressed(payload: bytes) -> bytes:
    """One gzip member without a time in its header (RFC 1952 section 2.3.1: MTIME 0)."""
    return gzip.compress(payload, compresslevel=9, mtime=0)


def chunked(payload: bytes) -> bytes:
    """The chunked transfer coding (RFC 9112 section 7.1) in chunks of 1,500 bytes."""
    pieces = (payload[start : start + 1500] for start in range(0, len(payload), 1500))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def shifted_length(by: int) -> Callable[[bytes], bytes]:
    """What makes the WARC ``Content-Length`` of a member wrong by so many bytes."""

    def damage(member: bytes) -> bytes:
        before, name, rest = gzip.decompress(member).partition(b"Content-Length: ")
        length, newline, after = rest.partition(b"\r\n")
        return compressed(before + name + b"%d" % (int(length) + by) + newline + after)

    return damage


ENCODERS: dict[str, Callable[[str], bytes]] = {
    # The commonest mojibake: UTF-8 that somebody took for Latin-1 and saved as UTF-8 again.
    "utf-8-twice": lambda text: text.encode("utf-8").decode("latin-1").encode("utf-8"),
    "character-references": lambda text: text.encode("ascii", errors="xmlcharrefreplace"),
    "pdf": make_pdf.set_text,
    "pdf-scan": make_pdf.scan_text,
}

GZIPPED = ("Content-Encoding", "gzip")
CHUNKED = ("Transfer-Encoding", "chunked")
BODIES: dict[str, tuple[Callable[[bytes], bytes], tuple[tuple[str, str], ...]]] = {
    "plain": (bytes, ()),
    "gzip": (compressed, (GZIPPED,)),
    "chunked": (chunked, (CHUNKED,)),
    "chunked gzip": (lambda payload: chunked(compressed(payload)), (GZIPPED, CHUNKED)),
    "swollen gzip": (lambda payload: compressed(payload.ljust(SWOLLEN_BYTES)), (GZIPPED,)),
    "cut off": (lambda payload: payload[: 2 * len(payload) // 5], ()),
    "broken chunks": (lambda payload: chunked(payload).replace(b"\r\n5dc\r\n", b"\r\nzzz\r\n", 1), (CHUNKED,)),
}
"""How a server sends a page: the bytes it makes of it, and the header lines that say so."""

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "cut": lambda member: member[: len(member) // 2],
    "length too long": shifted_length(5000),
    "length too short": shifted_length(-700),
    "overwritten": lambda member: member[:40].ljust(len(member), b"\0"),
}


def captures(table: Path = PAGES / "pages.tsv") -> list[Capture]:
    """The rows of the table, in order. Raises ValueError naming the line that is not a row of it."""
    names = [field.name for field in fields(Capture)]
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    if rows[0] != names:
        raise ValueError(f"{table}: columns are {rows[0]}, expected {names}")
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise ValueError(f"{table}:{number}: {len(row)} columns, expected {len(names)}")
    return [Capture(*("" if cell == "-" else cell for cell in row)) for row in rows[1:]]


def encoded(text: str, encoding: str) -> bytes:
    """The text in the named encoding. Raises UnicodeEncodeError for characters the encoding lacks."""
    parts = text.split("\N{REPLACEMENT CHARACTER}")
    if encoding in ENCODERS:
        return b"\xff".join(ENCODERS[encoding](part) for part in parts)
    return b"\xff".join(part.encode(encoding) for part in parts)


def payload_of(capture: Capture) -> bytes:
    """The bytes as the server sent them. Raises ValueError naming the page that cannot be written so."""
    if not capture.source:
        return b""
    path = PAGES / capture.source
    text = path.read_text(encoding="utf-8")
    send, _ = BODIES[capture.body]
    try:
        return send(bytes.fromhex(text) if path.suffix == ".hex" else encoded(text, capture.encoding))
    except UnicodeEncodeError as problem:
        raise ValueError(
            f"{path}: {problem.object[problem.start : problem.end]!r} does not exist in {capture.encoding}; "
            "use another character or another encoding in pages.tsv"
        ) from problem


def record_id(*content: bytes) -> str:
    """A WARC-Record-ID that depends on the content and on nothing else."""
    return f"<urn:uuid:{uuid.uuid5(NAMESPACE, hashlib.sha256(bytes(1).join(content)).hexdigest())}>"


def written(url: str, kind: str, warc: dict[str, str], payload: bytes, http: StatusAndHeaders | None = None) -> bytes:
    """One record as warcio writes it: one gzip member."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.0")
    size = len(payload)
    record = writer.create_warc_record(url, kind, io.BytesIO(payload), size, warc_headers_dict=warc, http_headers=http)
    writer.write_record(record)
    return out.getvalue()


def captured(capture: Capture) -> Member:
    """The record of one capture, with its damage done."""
    payload = payload_of(capture)
    said = (capture.url, capture.date, capture.type, capture.status, capture.headers)
    identity = record_id(*(each.encode() for each in said), payload)
    warc = {"WARC-Record-ID": identity, "WARC-Date": capture.date}
    lines = [tuple(line.split(": ", 1)) for line in capture.headers.split(" | ") if line]
    http: StatusAndHeaders | None = None
    if capture.type == "request":
        http = StatusAndHeaders(capture.status, lines, is_http_request=True)
    elif capture.type in ("response", "revisit"):
        _, coding = BODIES[capture.body]
        size = () if CHUNKED in coding else (("Content-Length", str(len(payload))),)
        http = StatusAndHeaders(capture.status, [*lines, *coding, *size], protocol="HTTP/1.1")
    if capture.type == "revisit":
        digest = base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
        warc["WARC-Payload-Digest"] = f"sha1:{digest}"
        warc["WARC-Profile"] = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
        payload = b""
    return capture.record, DAMAGES[capture.damage](written(capture.url, capture.type, warc, payload, http))


def warcinfo(archive: str, date: str) -> Member:
    """The archive's opening record."""
    payload = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.0\r\n".encode()
    identity = record_id(archive.encode(), date.encode(), payload)
    warc = {"WARC-Record-ID": identity, "WARC-Date": date, "WARC-Filename": archive}
    return "", written("", "warcinfo", warc, payload)


def archives(rows: list[Capture]) -> dict[str, list[Member]]:
    """The members of every archive, by the archive's name; each archive is dated by its first capture."""
    made: dict[str, list[Member]] = {}
    for row in rows:
        made.setdefault(row.archive, [warcinfo(row.archive, row.date)]).append(captured(row))
    return made


def places(members: list[Member]) -> Iterator[tuple[str, int, int]]:
    """(record, offset, length) of each member in its archive, in bytes of the file."""
    offset = 0
    for record, data in members:
        yield record, offset, len(data)
        offset += len(data)


def write(folder: Path) -> list[Path]:
    """Write every archive into ``folder`` (made if missing), whole or not at all; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, members in sorted(archives(captures()).items()):
        data = b"".join(member for _, member in members)
        path = folder / name
        if not path.exists() or path.read_bytes() != data:
            unfinished = path.with_name(f".{name}.unfinished")
            unfinished.write_bytes(data)
            unfinished.replace(path)
        paths.append(path)
    for path in set(folder.glob("*.warc.gz")) - set(paths):
        if made_here(path):
            path.unlink()
    return paths


def made_here(path: Path) -> bool:
    """Whether this script made the archive, by its warcinfo record."""
    try:
        with gzip.open(path) as archive:
            return f"software: {SOFTWARE}\r\n".encode() in archive.read(1000)
    except (OSError, EOFError):
        return False


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 for pages that cannot be written as the table says; 2 for a wrong call."""
    if len(arguments) != 1:
        print("usage: python samples/make_warc.py OUT_DIR", file=sys.stderr)
        return 2
    try:
        write(Path(arguments[0]))
    except (OSError, ValueError, KeyError) as problem:
        print(f"samples/make_warc.py: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
