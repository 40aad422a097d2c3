"""The page: what travels from station to station, and the fate of a page that leaves the road.

A station is a function ``Page -> Page | Fate``: either the page goes on, with more known of it, or it leaves with
the one row the ledger will keep of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tesuki.release_levels.evidence import Evidence

FateKind = Literal["rejected", "duplicate", "withheld", "dead", "skipped"]
"""How a page can leave; ``kept`` is the sixth fate and has no row in the ledger but one in ``documents/``."""


@dataclass(frozen=True, slots=True)
class Page:
    """One captured page. Fields below a comment are filled by the station it names.

    ``date`` is the capture time as ISO 8601 in UTC with seconds (``2026-11-21T09:57:00Z``), or ``""`` where the
    archive gives none that can be read. ``offset`` and ``length`` are bytes in the archive file as it lies on disk
    (compressed, where it is). ``archive`` is the file's name without its folder: ids and outputs must not depend on
    where a machine keeps its inputs.
    """

    subset: str
    archive: str
    offset: int
    length: int
    record_id: str
    url: str
    date: str
    # read
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    # decode (which empties body)
    html: str = ""
    encoding: str = ""
    encoding_evidence: str = ""
    replacements: int = 0
    # extract (which empties html)
    text: str = ""
    title: str = ""
    published: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """Why and where one page left: a row of the ledger.

    ``rule`` is a dotted name (``language.rapid``, ``quality.longest_sentence``, ``extract.timeout``); ``value`` and
    ``threshold`` are the measured figure and the bound it was held against, where the rule has them; ``detail`` is a
    short sentence free of page text, machine paths and tracebacks. ``characters`` counts the text lost, 0 before
    extraction.
    """

    subset: str
    archive: str
    offset: int
    length: int
    record_id: str
    url: str
    fate: FateKind
    station: str
    rule: str
    value: float | None = None
    threshold: float | None = None
    duplicate_of: str | None = None
    detail: str = ""
    encoding: str = ""
    characters: int = 0


def leave(
    page: Page,
    fate: FateKind,
    station: str,
    rule: str,
    *,
    value: float | None = None,
    threshold: float | None = None,
    detail: str = "",
) -> Fate:
    """The fate of ``page`` leaving at ``station`` by ``rule``."""
    return Fate(
        subset=page.subset,
        archive=page.archive,
        offset=page.offset,
        length=page.length,
        record_id=page.record_id,
        url=page.url,
        fate=fate,
        station=station,
        rule=rule,
        value=value,
        threshold=threshold,
        detail=detail,
        encoding=page.encoding,
        characters=len(page.text),
    )
