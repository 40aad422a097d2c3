"""What hosts and people say beyond the page: robots.txt, ai.txt, tdmrep.json, and lists of pages.

The user supplies the files; nothing is fetched. Host files come as archives, Common Crawl's robotstxt WARC files among
them, or as a folder that mirrors hosts (``FOLDER/www.example.jp/robots.txt``, as ``wget -x`` leaves it). Of a file
captured several times the newest counts. Common Crawl's archives hold tens of millions of hosts: `load_host_evidence`
keeps only the ``hosts`` it is told, and each distinct content once, about 5 kilobytes a host.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.warc import read_records
from tesuki.pipelines.warc_dates import normalised_date
from tesuki.pipelines.warc_formats import archive_format
from tesuki.pipelines.warc_http import parse_response
from tesuki.pipelines.warc_payload import TooLargeError, undo_encodings
from tesuki.pipelines.warc_records import Damage, Record
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.hosts import ascii_host, host_of
from tesuki.release_levels.page_lists import (
    ListKind,
    PageList,
    PageListError,
    parse_page_list,
    signals_page_list,
    text_hash,
)
from tesuki.release_levels.robots_groups import SIZE_LIMIT, RobotsFile, read_robots_file
from tesuki.release_levels.signals_ai_txt import signals_ai_txt
from tesuki.release_levels.signals_robots_txt import signals_robots_txt
from tesuki.release_levels.signals_tdmrep import TdmRule, read_tdmrep, signals_tdmrep

ROBOTS, AI, TDM = "/robots.txt", "/ai.txt", "/.well-known/tdmrep.json"
PATHS = (ROBOTS, AI, TDM)
"""Where a host keeps its files."""

Contents = Mapping[tuple[str, str], str]
"""(host, path) → content of the file there."""


@dataclass(frozen=True, slots=True)
class HostEvidence:
    """Files of hosts and lists of pages, ready to be asked about any page. Picklable; asking it changes nothing."""

    files: Contents
    lists: tuple[PageList, ...]

    def evidence(self, url: str, text: str) -> tuple[Evidence, ...]:
        """What the files of the URL's host and the lists say of the page, sorted."""
        hashes = (text_hash(text),) if text and any(pages.texts for pages in self.lists) else ()
        return tuple(sorted({*self._of_host(url), *self._of_lists(url, hashes)}))

    def _of_host(self, url: str) -> Iterator[Evidence]:
        host = host_of(url)
        if (host, ROBOTS) in self.files:
            yield from signals_robots_txt(_robots_file(self.files[host, ROBOTS]), url)
        if (host, AI) in self.files:
            yield from signals_ai_txt(_robots_file(self.files[host, AI]), url)
        if (host, TDM) in self.files:
            yield from signals_tdmrep(_tdm_rules(self.files[host, TDM]), url)

    def _of_lists(self, url: str, hashes: tuple[str, ...]) -> Iterator[Evidence]:
        for pages in self.lists:
            yield from signals_page_list(pages, url, hashes)


NOTHING_KNOWN = HostEvidence({}, ())
"""Without files and lists: no evidence of any page."""


def load_host_evidence(
    sources: Sequence[Path], lists: Sequence[tuple[ListKind, Path]], hosts: Container[str] | None = None
) -> HostEvidence:
    """Read host files from ``sources``, archives or folders, and ``lists`` of a kind each.

    ``hosts`` (in lower-case ASCII) are those whose files are kept; None keeps all. Raises `RequestError` for a path
    that cannot be read, an archive that is not WARC, and a line of a list that is no entry.
    """
    newest: dict[tuple[str, str], tuple[str, str]] = {}
    distinct: dict[str, str] = {}
    for source in sources:
        try:
            for host, path, date, content in _mirrored(source) if source.is_dir() else _archived(source):
                if (hosts is None or host in hosts) and date >= newest.get((host, path), ("", ""))[0]:
                    newest[host, path] = (date, distinct.setdefault(content, content))
        except OSError as failure:
            raise RequestError(f"{source}: cannot be read ({failure.strerror or type(failure).__name__})") from None
    files = {key: newest[key][1] for key in sorted(newest)}
    return HostEvidence(files, tuple(load_page_list(path, kind) for kind, path in lists))


def load_page_list(path: Path, kind: ListKind) -> PageList:
    """Read one list of pages. Raises `RequestError` where it cannot be read or a line is no entry."""
    try:
        return parse_page_list(path.read_text(encoding="utf-8"), str(path), kind)
    except PageListError as failure:
        raise RequestError(str(failure)) from None
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({type(failure).__name__})") from None


def list_in_manifest(path: Path, kind: ListKind) -> Mapping[str, str]:
    """How a manifest names a list: its kind, its name without the folder, its hash."""
    return {"list": kind, "name": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}


def _mirrored(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """(host, path, date, content) of the files in a folder that mirrors hosts; undated, they count as the newest."""
    for host in sorted(child for child in folder.iterdir() if child.is_dir()):
        for path in PATHS:
            file = host / path.lstrip("/")
            if file.is_file():
                with file.open("rb") as stream:
                    yield ascii_host(host.name), path, "9999", stream.read(SIZE_LIMIT).decode("utf-8", "replace")


def _archived(archive: Path) -> Iterator[tuple[str, str, str, str]]:
    """(host, path, date, content) of the files that were answered with status 200 in an archive."""
    form = archive_format(archive)
    if form.unsupported:
        raise RequestError(f"{archive}: found {form.unsupported}, expected a WARC file or a folder of hosts")
    for record in read_records(archive, form.packing, 0, archive.stat().st_size):
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


@lru_cache(maxsize=1024)
def _robots_file(content: str) -> RobotsFile:
    return read_robots_file(content)


@lru_cache(maxsize=1024)
def _tdm_rules(content: str) -> tuple[TdmRule, ...]:
    return read_tdmrep(content)
