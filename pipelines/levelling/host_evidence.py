"""What is known of a page beside the page: what its host says in files, and what lists of pages say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from tesuki.common.hosts import host_of
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.host_files import AI, ROBOTS, TDM, HostFiles
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.page_lists import (
    ListKind,
    PageList,
    PageListError,
    parse_page_list,
    signals_page_list,
    text_hash,
)
from tesuki.release_levels.robots_groups import RobotsFile, read_robots_file
from tesuki.release_levels.signals_ai_txt import signals_ai_txt
from tesuki.release_levels.signals_robots_txt import signals_robots_txt
from tesuki.release_levels.signals_tdmrep import TdmRule, read_tdmrep, signals_tdmrep


@dataclass(frozen=True, slots=True)
class HostEvidence:
    """Files of hosts (None where there are none) and lists of pages, ready to be asked about any page. Picklable."""

    files: HostFiles | None
    lists: tuple[PageList, ...]

    def evidence(self, url: str, text: str) -> tuple[Evidence, ...]:
        """What the files of the URL's host and the lists say of the page, sorted."""
        hashes = (text_hash(text),) if text and any(pages.texts for pages in self.lists) else ()
        return tuple(sorted({*self._of_host(url), *self._of_lists(url, hashes)}))

    def _of_host(self, url: str) -> Iterator[Evidence]:
        host = host_of(url)
        files = self.files.of_host(host) if self.files and host else {}
        if ROBOTS in files:
            yield from signals_robots_txt(_robots_file(files[ROBOTS]), url)
        if AI in files:
            yield from signals_ai_txt(_robots_file(files[AI]), url)
        if TDM in files:
            yield from signals_tdmrep(_tdm_rules(files[TDM]), url)

    def _of_lists(self, url: str, hashes: tuple[str, ...]) -> Iterator[Evidence]:
        for pages in self.lists:
            yield from signals_page_list(pages, url, hashes)


NOTHING_KNOWN = HostEvidence(None, ())
"""Without files and lists: no evidence of any page."""


def load_page_list(path: Path, kind: ListKind) -> PageList:
    """Read one list of pages. Raises `RequestError` where it cannot be read or a line is no entry."""
    try:
        return parse_page_list(path.read_text(encoding="utf-8"), str(path), kind)
    except PageListError as failure:
        raise RequestError(str(failure)) from None
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({type(failure).__name__})") from None


def list_in_manifest(path: Path, kind: ListKind) -> dict[str, str]:
    """How a manifest names a list: its kind, its name without the folder, its hash."""
    return {"list": kind, "name": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}


@lru_cache(maxsize=1024)
def _robots_file(content: str) -> RobotsFile:
    return read_robots_file(content)


@lru_cache(maxsize=1024)
def _tdm_rules(content: str) -> tuple[TdmRule, ...]:
    return read_tdmrep(content)
