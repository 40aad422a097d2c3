"""What hosts say in files of their own: robots.txt, ai.txt and tdmrep.json, gathered once for the hosts of a corpus.

The user supplies the files; nothing is fetched. They come as archives, Common Crawl's robotstxt WARC files among them,
or as a folder that mirrors hosts (``FOLDER/www.example.jp/robots.txt``, as ``wget -x`` leaves it). Of a file captured
several times the newest counts. Common Crawl's archives hold tens of millions of hosts: what is kept lies in an SQLite
file that every worker asks, not in anybody's memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.common.hosts import canonical_host, host_of
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.dates import normalised_date
from tesuki.pipelines.reading.warc.archive import read_records
from tesuki.pipelines.reading.warc.http import parse_response
from tesuki.pipelines.reading.warc.packing import archive_format
from tesuki.pipelines.reading.warc.payload import TooLargeError, undo_encodings
from tesuki.pipelines.reading.warc.records import Damage, Record
from tesuki.release_levels.robots_groups import SIZE_LIMIT

ROBOTS, AI, TDM = "/robots.txt", "/ai.txt", "/.well-known/tdmrep.json"
PATHS = (ROBOTS, AI, TDM)
"""Where a host keeps its files."""

UNDATED = "9999"
"""The date of a file in a folder: it counts as newer than any capture."""

CREATE = """
CREATE TEMP TABLE hosts (host TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE files (host TEXT, path TEXT, date TEXT, content TEXT, PRIMARY KEY (host, path)) WITHOUT ROWID;
"""
PUT = """
INSERT INTO files SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM hosts WHERE host = ?1)
ON CONFLICT DO UPDATE SET date = excluded.date, content = excluded.content WHERE excluded.date >= date
"""


@dataclass(frozen=True, slots=True)
class HostFiles:
    """The files of hosts that `store_host_files` put at ``path``. Picklable; a process opens it when first asked."""

    path: Path

    def of_host(self, host: str) -> Mapping[str, str]:
        """The content of each file of ``host`` (in lower-case ASCII), by one of `PATHS`."""
        return dict(_opened(self.path).execute("SELECT path, content FROM files WHERE host = ?", (host,)))


def check_host_sources(sources: Iterable[Path]) -> None:
    """Raise `RequestError` for a source that is neither a folder nor an archive that can be read."""
    for source in sources:
        try:
            unsupported = "" if source.is_dir() else archive_format(source).unsupported
        except OSError as failure:
            raise RequestError(f"{source}: cannot be read ({failure.strerror or type(failure).__name__})") from None
        if unsupported:
            raise RequestError(f"{source}: found {unsupported}, expected a WARC file or a folder of hosts")


def hosts_of_parts(judged: Iterable[Path]) -> Iterator[str]:
    """The hosts of the pages in judged parts, each once a part."""
    for path in judged:
        yield from pc.unique(pq.read_table(path, columns=["host"])["host"]).to_pylist()


def store_host_files(path: Path, sources: Sequence[Path], hosts: Iterable[str]) -> HostFiles:
    """Gather at ``path`` the files that ``sources``, archives or folders, hold of ``hosts`` (in lower-case ASCII)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as store:
        store.executescript(CREATE)
        store.executemany("INSERT OR IGNORE INTO hosts VALUES (?)", ((host,) for host in hosts))
        for source in sources:
            store.executemany(PUT, _mirrored(source) if source.is_dir() else _archived(source))
        store.commit()
    unfinished.replace(path)
    return HostFiles(path)


@lru_cache(maxsize=4)
def _opened(path: Path) -> sqlite3.Connection:
    # Immutable: nobody writes it any more, so no locks are asked of a network file system.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _mirrored(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """(host, path, date, content) of the files in a folder that mirrors hosts."""
    for child in sorted(child for child in folder.iterdir() if child.is_dir()):
        host = canonical_host(child.name)
        if host is None:
            continue
        for path in PATHS:
            file = child / path.lstrip("/")
            if file.is_file():
                with file.open("rb") as stream:
                    yield host, path, UNDATED, stream.read(SIZE_LIMIT).decode("utf-8", "replace")


def _archived(archive: Path) -> Iterator[tuple[str, str, str, str]]:
    """(host, path, date, content) of the files that were answered with status 200 in an archive."""
    for record in read_records(archive, archive_format(archive).packing, 0, archive.stat().st_size):
        if isinstance(record, Damage) or record.header("WARC-Type").lower() != "response":
            continue
        url = record.header("WARC-Target-URI").strip("<> ")
        host = host_of(url)
        if host and urlsplit(url).path in PATHS:
            content = _content(record)
            if content is not None:
                yield host, urlsplit(url).path, normalised_date(record.header("WARC-Date")), content


def _content(record: Record) -> str | None:
    response = parse_response(record.content)
    if response is None or response.status != 200:
        return None
    try:
        body = undo_encodings(response.body, response.headers, SIZE_LIMIT * 4)
    except (TooLargeError, ValueError):
        return None
    return body[:SIZE_LIMIT].decode("utf-8", "replace")
